/**
 * - `pending`: on its way to a block.
 * - `stalled`: on its way for so long that something must be done.
 * - `confirmed`, `failed`: in a block, where it did its work or reverted.
 * - `replaced`: something else used its nonce; it can never be in a block again.
 * - `orphaned`: its block was undone, or the whole chain was started anew.
 */
export type TransactionState = 'pending' | 'stalled' | 'confirmed' | 'failed' | 'replaced' | 'orphaned';

/** Where a transaction is in the chain. */
export interface Inclusion {
  readonly hash: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
}

/** How a transaction stands. */
export interface Standing {
  readonly state: TransactionState;
  readonly inclusion: Inclusion | undefined;
  /** Nothing that the chain does can change it any more. */
  readonly settled: boolean;
}

/** What was seen of a transaction. */
export type Observation =
  /** One of its attempts is in a block; `cancels` when it is the one that only uses the nonce up. */
  | { readonly kind: 'mined'; readonly inclusion: Inclusion; readonly cancels: boolean }
  /** That block is not part of the chain any more. */
  | { readonly kind: 'undone'; readonly blockHash: string }
  /** Its block is as deep as the network wants. */
  | { readonly kind: 'deep'; readonly blockHash: string }
  /** A node has taken it, for the first time or again. */
  | { readonly kind: 'handed-over' }
  /** It has been on its way for too long. */
  | { readonly kind: 'silent' }
  /** The account's nonce is past it, and none of its attempts did that. */
  | { readonly kind: 'nonce-taken' }
  /** Every endpoint refuses it, so no node has it. */
  | { readonly kind: 'refused' }
  /** The chain was started anew and knows nothing. */
  | { readonly kind: 'restarted' };

/** How every transaction begins. */
export const unseen: Standing = { state: 'pending', inclusion: undefined, settled: false };

/** Whether it may still get into a block, by itself or put back in flight. */
export function isLive({ state, settled }: Pick<Standing, 'state' | 'settled'>): boolean {
  return !settled && (state === 'pending' || state === 'stalled' || state === 'orphaned');
}

/** How a transaction stands after an observation. Settled ones change for one reason only: a chain started anew. */
export function advance(now: Standing, seen: Observation): Standing {
  if (seen.kind === 'restarted') return { state: 'orphaned', inclusion: undefined, settled: true };
  if (now.settled) return now;
  const mined = now.inclusion;
  switch (seen.kind) {
    case 'mined': {
      const outcome = seen.inclusion.succeeded ? 'confirmed' : 'failed';
      return { state: seen.cancels ? 'replaced' : outcome, inclusion: seen.inclusion, settled: false };
    }
    case 'undone':
      return mined?.blockHash === seen.blockHash ? { ...unseen, state: 'orphaned' } : now;
    case 'deep':
      return mined?.blockHash === seen.blockHash ? { ...now, settled: true } : now;
    case 'handed-over':
      return mined === undefined ? unseen : now;
    case 'silent':
      return now.state === 'pending' ? { ...now, state: 'stalled' } : now;
    case 'nonce-taken':
      // For good: what was wanted goes on under another nonce, and must not come twice.
      return mined === undefined ? { ...unseen, state: 'replaced', settled: true } : now;
    case 'refused':
      return mined === undefined ? { ...unseen, state: 'failed', settled: true } : now;
  }
}
