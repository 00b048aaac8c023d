import { isLive, type TransactionState } from './state.ts';

/** A transaction of the journal, as far as a new one must know it. */
export interface Held {
  readonly id: number;
  readonly key: string;
  /** Hash of where it goes, what it says and what it brings. */
  readonly content: string;
  readonly nonce: number;
  readonly state: TransactionState;
  readonly settled: boolean;
  /** Whether a payload was signed. One that was may be anywhere; one that was not is nowhere. */
  readonly signed: boolean;
  /** Who is responsible: this process, another one that lives, or one that has ended. */
  readonly owner: 'us' | 'alive' | 'dead';
  /** Whether the node was asked and has never heard of it. */
  readonly missing: boolean;
  /** Whether its nonce was given to another since nobody wanted it. Either of the two gets into a block. */
  readonly yielded: boolean;
  /** Whether one of its attempts is in a block. */
  readonly mined: boolean;
  /** Whether its outcome was handed to who wanted it. */
  readonly told: boolean;
  /** The most that it can cost, in wei. */
  readonly cost: bigint;
  readonly createdMs: number;
}

/** What somebody wants to send. */
export interface Wish {
  /** Undefined where the author gave none: then it is known by its content. */
  readonly key: string | undefined;
  readonly content: string;
}

/** What the chain says of the account. */
export interface AccountFacts {
  /** How many transactions of it are in blocks. */
  readonly minedCount: number;
  /** And in the node's pool, as far as they follow without a gap. */
  readonly pendingCount: number;
  readonly balance: bigint;
}

export interface Terms {
  /** How many may be on their way at once. */
  readonly inFlight: number;
  /** Whether owners of what an earlier run left may still come back for it. */
  readonly grace: boolean;
  readonly nowMs: number;
}

/** What becomes of a wish. */
export type Admission =
  /** It is on its way already, or was answered while nobody listened. */
  | { readonly kind: 'join'; readonly id: number }
  | {
      readonly kind: 'send';
      readonly nonce: number;
      /** What nobody wants any more and has that nonce; to be outbid where it was signed. */
      readonly instead: readonly Held[];
    }
  /** `turn`: enough are on their way. `gap`: its nonce may be claimed in a moment. `outbid`: its former self may still come. */
  | { readonly kind: 'wait'; readonly why: 'turn' | 'gap' | 'outbid' }
  | { readonly kind: 'poor'; readonly needed: bigint; readonly inFlight: number }
  /** The key names something else that is on its way. */
  | { readonly kind: 'conflict'; readonly id: number };

/** Without a key, an outcome that nobody fetched counts for this long; after that the same is wanted once more. */
const unfetchedMs = 3_600_000;

/** What the journal holds of a wish, so that it must not be sent once more; what is live before what is done. */
export function earlierOf(wish: Wish, held: readonly Held[], nowMs: number): Admission | undefined {
  const earlier = held.filter((each) => isEarlier(wish, each, nowMs));
  const [same] = earlier.toSorted((a, b) => Number(isLive(b)) - Number(isLive(a)) || b.id - a.id);
  if (same === undefined) return undefined;
  if (same.content !== wish.content) return { kind: 'conflict', id: same.id };
  return same.yielded ? { kind: 'wait', why: 'outbid' } : { kind: 'join', id: same.id };
}

/** Decides about a wish from what the journal holds and the chain says. Never gives out a nonce that is held. */
export function admit(
  wish: Wish & { readonly cost: bigint },
  held: readonly Held[],
  facts: AccountFacts,
  terms: Terms,
): Admission {
  const earlier = earlierOf(wish, held, terms.nowMs);
  if (earlier !== undefined) return earlier;
  const live = held.filter(isLive);
  const holders = live.filter(({ yielded }) => !yielded);
  const needed = holders.reduce((sum, { cost }) => sum + cost, wish.cost);
  if (needed > facts.balance) return { kind: 'poor', needed, inFlight: holders.length };
  if (holders.length >= terms.inFlight) return { kind: 'wait', why: 'turn' };
  return giveNonce(held, holders, facts, terms);
}

/** Whether a transaction of the journal is what is wished for. */
function isEarlier(wish: Wish, each: Held, nowMs: number): boolean {
  const unfetched = each.mined && !each.told && each.state !== 'replaced';
  if (!isLive(each) && !unfetched) return false;
  if (wish.key !== undefined) return each.key === wish.key;
  // Two wishes of one program may well be the same; what a program that has ended wished is this one's.
  return each.owner === 'dead' && each.content === wish.content && nowMs - each.createdMs < unfetchedMs;
}

/** The lowest nonce that nobody holds. */
function giveNonce(
  held: readonly Held[],
  holders: readonly Held[],
  facts: AccountFacts,
  terms: Terms,
): Admission {
  const byNonce = new Map(holders.map((each) => [each.nonce, each]));
  // A node that lags behind may not have heard of what the journal knows to be mined.
  const used = held.filter(({ mined }) => mined).map(({ nonce }) => nonce + 1);
  for (let nonce = Math.max(facts.pendingCount, facts.minedCount, ...used); ; nonce++) {
    const holder = byNonce.get(nonce);
    if (holder !== undefined && (holder.owner !== 'dead' || (holder.signed && !holder.missing))) continue;
    // One that was signed was meant to be sent as it is: its owner's next run may claim it in a moment.
    if (holder?.signed === true && terms.grace) return { kind: 'wait', why: 'gap' };
    return { kind: 'send', nonce, instead: held.filter((each) => isLive(each) && each.nonce === nonce) };
  }
}
