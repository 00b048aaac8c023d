import { id } from 'ethers/hash';
import type { Action } from './authority/action.ts';
import type { Progress } from './authority/progress.ts';

/** One call that brings a chain nearer to what is wanted. */
export interface ChangeStep {
  readonly action: Action;
  /** What it is expected to use where it cannot be tried yet. */
  readonly gas?: bigint;
}

/** What has to happen on a chain so that a resource is as wanted. The same data is previewed, executed and tested. */
export type ChangePlan =
  | { readonly kind: 'nothing' }
  /** To be done, in this order; the lines say it to a reviewer. */
  | { readonly kind: 'change'; readonly steps: readonly ChangeStep[]; readonly lines: readonly string[] }
  /** It differs, and the resource only watches. */
  | { readonly kind: 'watch'; readonly lines: readonly string[] };

/** What `diff` decides from. */
export interface ChangeQuestion {
  /** Names of inputs that make it another resource and that differ. */
  readonly moved: readonly string[];
  /** Undefined where nobody could look: no endpoint answers, or it is known only during the update. */
  readonly plan: ChangePlan | undefined;
  /** Whether the contract itself is not there: a chain that lost its state, or a deployment that is on its way. */
  readonly gone: boolean;
  readonly otherInputsDiffer: boolean;
  /** Whether an earlier change still waits for somebody or something. */
  readonly waiting: boolean;
  /** Whether the last look left sentences in the state. */
  readonly knownDrift: boolean;
}

export type ChangeDiff =
  | { readonly kind: 'same' }
  | { readonly kind: 'update' }
  | { readonly kind: 'replace'; readonly because: readonly string[] };

/** Whether an update has something to do: on the chain, in the state, or with a proposal that is under way. */
export function planChangeDiff(question: ChangeQuestion): ChangeDiff {
  const { moved, plan, gone, otherInputsDiffer, waiting, knownDrift } = question;
  if (moved.length > 0) return { kind: 'replace', because: moved };
  const acts = plan?.kind === 'change';
  // What differs and is only watched is told again and again, and never keeps an update from being empty.
  const stale = knownDrift && plan?.kind === 'nothing';
  return acts || gone || otherInputsDiffer || waiting || stale ? { kind: 'update' } : { kind: 'same' };
}

/** Names what a plan would do, to see whether it was shown before; undefined where it does nothing. */
export function planHash(plan: ChangePlan): string | undefined {
  return plan.kind === 'change' ? id(plan.lines.join('\n')) : undefined;
}

/** Whether operators have not heard yet that a change waits, or that it waits for something else now. */
export function isNews(reached: Progress, before: Progress | undefined): boolean {
  if (reached.kind !== 'proposed') return false;
  const { safeTxHash, operationId } = reached.ids;
  return !(
    before?.kind === 'proposed' &&
    before.stage === reached.stage &&
    before.ids.safeTxHash === safeTxHash &&
    before.ids.operationId === operationId
  );
}
