/** What names a change on the chain: enough to find it again in another process, on another machine. */
export interface Ids {
  /** Hash of the Safe transaction that owners approve. */
  readonly safeTxHash?: string;
  readonly safeNonce?: number;
  /** Id of the operation in the time lock. */
  readonly operationId?: string;
  /** The chain's block when it was proposed: its events are looked for from there on. */
  readonly block?: number;
}

/** One thing that a proposed change waits for. */
export interface Missing {
  readonly what: string;
  /** Addresses that could bring it. */
  readonly who?: readonly string[];
  readonly seconds?: number;
  /** By the chain's clock, ISO 8601. */
  readonly readyAt?: string;
}

/**
 * Where a proposed change stands.
 * - `approvals`: owners of the Safe have to approve.
 * - `queue`: enough have approved; other transactions of the Safe come first.
 * - `scheduling`: the Safe has to schedule it in the time lock.
 * - `delay`: it is scheduled, and its delay runs.
 * - `predecessor`: the delay is over; another operation has to be done first.
 * - `cancelling`: the Safe has to cancel an operation that is no longer wanted.
 */
export type Stage = 'approvals' | 'queue' | 'scheduling' | 'delay' | 'predecessor' | 'cancelling';

interface Trail {
  readonly ids: Ids;
  /** Hashes of the transactions that were sent for this change so far. */
  readonly transactions: readonly string[];
}

/**
 * How far a change has come. Plain JSON: it is kept in the state of the resource that wants the change, and given back
 * with the next update.
 */
export type Progress =
  | (Trail & { readonly kind: 'done'; readonly transactionHash: string; readonly blockNumber: number })
  | (Trail & { readonly kind: 'proposed'; readonly stage: Stage; readonly missing: readonly Missing[] })
  /** What it should bring about holds, and it was not this proposal that did it, or nobody can say which transaction. */
  | (Trail & { readonly kind: 'executed elsewhere'; readonly reason: string })
  /** Somebody with the right to do so cancelled it. It is proposed again only when told to. */
  | (Trail & { readonly kind: 'cancelled'; readonly reason: string })
  /** Withdrawn by us, because it is no longer wanted. */
  | (Trail & { readonly kind: 'superseded'; readonly reason: string });

/** Whether nothing remains to be done. */
export function isSettled(progress: Progress): boolean {
  return progress.kind === 'done' || progress.kind === 'executed elsewhere';
}

/** The progress in one line for people. */
export function describeProgress(progress: Progress): string {
  switch (progress.kind) {
    case 'done':
      return `done in ${progress.transactionHash} (block ${progress.blockNumber})`;
    case 'proposed':
      return `proposed, ${titles[progress.stage]}: waits for ${progress.missing.map(describeMissing).join('; ')}`;
    case 'executed elsewhere':
    case 'cancelled':
    case 'superseded':
      return `${progress.kind}: ${progress.reason}`;
  }
}

const titles: Readonly<Record<Stage, string>> = {
  approvals: 'not yet approved',
  queue: 'approved and in the queue of the Safe',
  scheduling: 'not yet scheduled',
  delay: 'scheduled',
  predecessor: 'scheduled, and its delay is over',
  cancelling: 'an older one has to be cancelled first',
};

/** One thing that is waited for, in words. */
export function describeMissing({ what, who, readyAt }: Missing): string {
  const from = who === undefined || who.length === 0 ? '' : ` from any of ${who.join(', ')}`;
  return `${what}${from}${readyAt === undefined ? '' : `, until ${readyAt}`}`;
}
