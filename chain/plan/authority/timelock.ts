import type { TimelockRole } from './timelock-operation.ts';

/** How far an operation is. A time lock does no operation twice: a done one stays done. */
export type OperationState =
  | { readonly kind: 'unset' }
  | { readonly kind: 'waiting' | 'ready'; readonly readyAt: number; readonly delay: number | undefined }
  | { readonly kind: 'done' };

/** All that the next step of a time lock depends on. Times are seconds of the chain's clock. */
export interface TimelockFacts {
  readonly operation: OperationState;
  readonly now: number;
  readonly minDelay: number;
  /** The least delay that the configuration accepts. */
  readonly wantedDelay: number | undefined;
  readonly predecessorDone: boolean;
  /** Whether those who would act for us may. */
  readonly may: Readonly<Record<TimelockRole, boolean>>;
  /** Whether the operation was scheduled before and cancelled since. */
  readonly cancelled: boolean;
  /** Whether its scheduling is on its way at the proposer. */
  readonly underway: boolean;
  /** An operation of the same change that is no longer wanted and could still be executed. */
  readonly stale: string | undefined;
  readonly satisfied: boolean | undefined;
  /** Whether what was cancelled is to be proposed again. */
  readonly again: boolean;
}

/** What is done next about an action behind a time lock. */
export type TimelockStep =
  | { readonly kind: 'schedule'; readonly delay: number }
  | { readonly kind: 'wait'; readonly seconds: number; readonly readyAt: number }
  | { readonly kind: 'wait for predecessor' }
  | { readonly kind: 'execute' }
  | { readonly kind: 'done' }
  /** An operation that nobody should execute any more: an older one, or one whose aim was reached in another way. */
  | { readonly kind: 'cancel'; readonly which: 'stale' | 'this' }
  | { readonly kind: 'executed elsewhere' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'refuse'; readonly reason: 'role'; readonly role: TimelockRole }
  | { readonly kind: 'refuse'; readonly reason: 'delay'; readonly delay: number; readonly wanted: number };

/** Decides what is done next. */
export function planTimelock(facts: TimelockFacts): TimelockStep {
  const { operation, may } = facts;
  if (operation.kind === 'done') return { kind: 'done' };
  // First what is dangerous: with an open executor role anybody may execute it.
  if (facts.stale !== undefined && may.canceller) return { kind: 'cancel', which: 'stale' };
  if (facts.satisfied === true) {
    const pending = operation.kind !== 'unset';
    return pending && may.canceller ? { kind: 'cancel', which: 'this' } : { kind: 'executed elsewhere' };
  }
  switch (operation.kind) {
    case 'unset':
      if (facts.cancelled && !facts.underway && !facts.again) return { kind: 'cancelled' };
      if (!may.proposer) return { kind: 'refuse', reason: 'role', role: 'proposer' };
      // Said now, not after the delay.
      if (!may.executor) return { kind: 'refuse', reason: 'role', role: 'executor' };
      return { kind: 'schedule', delay: Math.max(facts.minDelay, facts.wantedDelay ?? 0) };
    case 'waiting':
    case 'ready':
      return whilePending(facts, operation);
  }
}

function whilePending(
  facts: TimelockFacts,
  { kind, readyAt, delay }: OperationState & { readonly kind: 'waiting' | 'ready' },
): TimelockStep {
  const { wantedDelay, now, may } = facts;
  // Somebody else scheduled it, or the configuration has become stricter since.
  if (wantedDelay !== undefined && delay !== undefined && delay < wantedDelay) {
    return { kind: 'refuse', reason: 'delay', delay, wanted: wantedDelay };
  }
  if (kind === 'waiting') return { kind: 'wait', seconds: Math.max(0, readyAt - now), readyAt };
  if (!facts.predecessorDone) return { kind: 'wait for predecessor' };
  return may.executor ? { kind: 'execute' } : { kind: 'refuse', reason: 'role', role: 'executor' };
}

/** What the operator should know about the delay, in words; undefined when it is just as asked. */
export function delayNote(minDelay: number, wantedDelay: number | undefined): string | undefined {
  if (wantedDelay === undefined || wantedDelay === minDelay) return undefined;
  return minDelay > wantedDelay
    ? `the time lock demands ${minDelay} s, more than the ${wantedDelay} s that were asked for`
    : `the time lock itself demands ${minDelay} s only; this is scheduled with the ${wantedDelay} s that are required`;
}
