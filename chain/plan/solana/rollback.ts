import { CutoverError } from '@cutover/base/errors.ts';
import type { Missing } from '../authority/progress.ts';

/** The steps of a rollback, in the order in which they must be confirmed. */
export const rollbackSteps = ['pause', 'close positions', 'return funds', 'old program', 'resume'] as const;

export type RollbackStep = (typeof rollbackSteps)[number];

/** A build that ran, or is to run again. */
export interface RollbackBuild {
  /** What people call it: v1.4.0. */
  readonly version: string;
  readonly hash: string;
  /** Layouts of accounts that it reads, by their kinds: `user 2`. */
  readonly layouts: readonly string[];
}

/** From which build to which. */
export interface RollbackWish {
  readonly title: string;
  readonly from: RollbackBuild;
  readonly to: RollbackBuild;
}

/** What the chain says, read in one go. */
export interface RollbackFacts {
  readonly paused: boolean;
  /** Positions that are open. */
  readonly positions: number;
  /** Accounts that funds are still owed to. */
  readonly owed: number;
  /** Hash of what the program runs. */
  readonly hash: string;
  /** How many accounts there are of each layout that stay when positions are closed and funds returned. */
  readonly layouts: ReadonlyMap<string, number>;
  /** What the old program waits for where it is proposed already: approvals, or the time lock. */
  readonly waiting?: readonly Missing[] | undefined;
}

/** Steps that the chain confirms, and those that are left. */
interface Way {
  readonly confirmed: readonly RollbackStep[];
  readonly left: readonly RollbackStep[];
}

/** What a rollback does next. Asked again after each step, it goes on wherever an earlier run stopped. */
export type RollbackPlan =
  | (Way & { readonly kind: 'step'; readonly step: RollbackStep })
  /** The old program is proposed; others or the clock have to act. Everything stays paused. */
  | (Way & { readonly kind: 'wait'; readonly missing: readonly Missing[] })
  | { readonly kind: 'done' }
  | { readonly kind: 'refuse'; readonly error: CutoverError };

/**
 * The next step: pause, close positions at the mark price, return funds, put the old program back, resume. Each waits
 * for the chain to confirm those before it.
 */
export function planRollback(wish: RollbackWish, facts: RollbackFacts): RollbackPlan {
  const { title, from, to } = wish;
  const isBack = facts.hash === to.hash;
  if (!isBack && facts.hash !== from.hash) {
    const error = new CutoverError('CUT-2431', { title, found: facts.hash, from: from.hash, to: to.hash });
    return { kind: 'refuse', error };
  }
  if (isBack && !facts.paused) return { kind: 'done' };
  const unknown = unknownLayouts(to, facts);
  if (unknown.length > 0) {
    const list = `${to.version} reads accounts of layout ${to.layouts.join(', ') || 'none'}, and there are ${unknown.join(' and ')}.`;
    return { kind: 'refuse', error: new CutoverError('CUT-2430', { title, list, version: to.version }) };
  }
  const next = nextStep(facts, isBack);
  const at = rollbackSteps.indexOf(next);
  const way = { confirmed: rollbackSteps.slice(0, at), left: rollbackSteps.slice(at) };
  return next === 'old program' && facts.waiting !== undefined && facts.waiting.length > 0
    ? { kind: 'wait', missing: facts.waiting, ...way }
    : { kind: 'step', step: next, ...way };
}

/** The plan in words. */
export function describeRollback(plan: RollbackPlan, { title, from, to }: RollbackWish): readonly string[] {
  const change = `${title} from ${from.version} (${from.hash}) back to ${to.version} (${to.hash})`;
  switch (plan.kind) {
    case 'done':
      return [`${title} runs ${to.version} (${to.hash}) and is not paused: the rollback is done`];
    case 'refuse':
      return plan.error.message.split('\n');
    case 'step':
    case 'wait': {
      const state = plan.kind === 'step' ? 'next' : 'waits';
      const waits = plan.kind === 'wait' ? plan.missing.map(({ what }) => `waits for ${what}`) : [];
      return [
        change,
        ...plan.confirmed.map((step) => `  done   ${step}`),
        ...plan.left.map((step, index) => `  ${index === 0 ? state.padEnd(6) : 'then  '} ${step}`),
        ...waits,
      ];
    }
  }
}

/** The first step that the chain does not confirm. */
function nextStep({ paused, positions, owed }: RollbackFacts, isBack: boolean): RollbackStep {
  if (!paused) return 'pause';
  // The old program came last in this order: what it finds open was opened before, and it knows it.
  if (isBack) return 'resume';
  if (positions > 0) return 'close positions';
  if (owed > 0) return 'return funds';
  return 'old program';
}

function unknownLayouts({ layouts }: RollbackBuild, facts: RollbackFacts): readonly string[] {
  return [...facts.layouts]
    .filter(([version, count]) => count > 0 && !layouts.includes(version))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([version, count]) => `${count} of layout ${version}`);
}
