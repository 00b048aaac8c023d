import { setTimeout as sleep } from 'node:timers/promises';
import { CutoverError } from '@cutover/base/errors.ts';
import { isLocalCluster, type Commitment } from '../plan/solana/network.ts';
import type { SignatureStatus, TransactionError } from './answers.ts';
import type { SolanaPool } from './connection.ts';
import { checkpoint } from './journal/checkpoint.ts';
import type { JournalEntry } from './journal/journal.ts';

/** What became of a signed transaction. `expired`: it is in no block, and never will be. */
export type Followed =
  | { readonly kind: 'landed' | 'expired' | 'not yet' }
  | { readonly kind: 'failed'; readonly error: TransactionError };

export interface FollowArgs {
  /** Whether what it is for shows on the chain. @default its status is believed */
  readonly effect?: (() => Promise<boolean>) | undefined;
  readonly commitment: Commitment;
  /** Of this process's clock, in milliseconds. */
  readonly deadline: number;
  /** An earlier run signed it, and may have sent it. */
  readonly again: boolean;
}

const sendEveryMs = 2_000;
const longestPauseMs = 400;
/** A blockhash is taken for so many blocks. */
const blockhashLife = 150;
/** The node that tells the height may be ahead of the one that tells what landed: 13 s. */
const blocksApart = 32;

/**
 * Sends a signed transaction until it has landed, has failed, or can never land. An answer that it is confirmed only
 * counts when its effect is there too. SIDE EFFECTS: sends a transaction, more than once where it is lost.
 */
export async function follow(pool: SolanaPool, entry: JournalEntry, args: FollowArgs): Promise<Followed> {
  const { effect = (): Promise<true> => Promise.resolve(true), commitment, deadline } = args;
  let sentAt = -Infinity;
  let pause = 15;
  let known = args.again;
  for (;;) {
    const began = performance.now();
    if (!known && began - sentAt >= sendEveryMs) {
      await pool.send(entry.raw, 'all').catch(unlessUnreachable);
      if (sentAt === -Infinity) checkpoint('handed-over');
      sentAt = began;
    }
    known = false;
    const standing = await standingOf(pool, entry).catch(unlessUnreachable);
    if (standing !== undefined) {
      const { status, over } = standing;
      if (status?.error !== undefined) return { kind: 'failed', error: status.error };
      const there = (over || reached(status, commitment)) && (await effect());
      if (there && reached(status, commitment)) return { kind: 'landed' };
      if (over && (status === undefined || !there)) return { kind: 'expired' };
    }
    if (performance.now() >= deadline) return { kind: 'not yet' };
    await sleep(pause);
    pause = Math.min(pause * 1.5, longestPauseMs);
  }
}

/** Whether a transaction with this blockhash can never land any more. SIDE EFFECTS: asks nodes. */
export async function isOver(
  pool: SolanaPool,
  { blockhash, lastValidBlockHeight }: Pick<JournalEntry, 'blockhash' | 'lastValidBlockHeight'>,
): Promise<boolean> {
  const local = isLocalCluster(pool.network);
  const [height, valid] = await Promise.all([
    pool.getBlockHeight(),
    local ? pool.isBlockhashValid(blockhash) : true,
  ]);
  // A local chain that began anew is below the heights of the one before it.
  const another = height < lastValidBlockHeight - 2 * blockhashLife;
  const last = lastValidBlockHeight + (local ? 0 : blocksApart);
  return height > last || (local && !valid) || another;
}

async function standingOf(
  pool: SolanaPool,
  entry: JournalEntry,
): Promise<{ readonly status: SignatureStatus | undefined; readonly over: boolean }> {
  const [[status], over] = await Promise.all([
    pool.getSignatureStatuses([entry.signature]),
    isOver(pool, entry),
  ]);
  if (!over || status !== undefined) return { status, over };
  // It may have landed between the two answers.
  const [last] = await pool.getSignatureStatuses([entry.signature]);
  return { status: last, over };
}

function reached(status: SignatureStatus | undefined, commitment: Commitment): boolean {
  if (status === undefined) return false;
  return status.commitment === 'finalized' || status.commitment === commitment;
}

/** While no endpoint answers, nothing is known; it is asked again until the time is over. */
export function unlessUnreachable(error: unknown): undefined {
  if (error instanceof CutoverError && error.code === 'CUT-2440') return undefined;
  throw error;
}
