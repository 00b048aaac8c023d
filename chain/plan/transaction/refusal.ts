/**
 * Why a node does not take a transaction.
 * - `known`: it has it already.
 * - `nonce-used`: something with that nonce is in a block.
 * - `outbid`: something with that nonce is in its pool and pays as much or more.
 * - `cheap`: it pays less than the node or the next block asks for.
 * - `poor`: the account cannot pay for it, with all that it has in flight.
 * - `early`: transactions before it are missing, and this node keeps none for later.
 * - `full`: the pool, or the account's share of it, is full.
 * - `busy`: the node answers nobody at the moment.
 * - `never`: it is wrong in itself; asking again will not help.
 */
export type Refusal =
  'known' | 'nonce-used' | 'outbid' | 'cheap' | 'poor' | 'early' | 'full' | 'busy' | 'never';

// As geth, reth, erigon, nethermind, besu, anvil, Hardhat and ganache say it. Order matters: the narrower ones come
// first.
const phrases: readonly (readonly [RegExp, Refusal])[] = [
  [
    /already[ _]?known|known transaction|already imported|already in (the )?(mem)?pool|already exists|same hash/i,
    'known',
  ],
  [
    /replacement.*underpriced|replacement.*not ?allowed|replace.*fee too low|REPLACEMENT_UNDERPRICED|not replace existing/i,
    'outbid',
  ],
  [
    /nonce.*too ?(high|far|distant)|nonce ?gap|future (nonce|transaction)|NONCE_TOO_HIGH|lower nonce exists/i,
    'early',
  ],
  [
    /nonce.*(too low|already|used|expired)|(invalid|incorrect|correct) nonce|old ?nonce|NONCE_TOO_LOW/i,
    'nonce-used',
  ],
  [
    /insufficient (funds|balance)|insufficientfunds|enough funds|up-?front cost|exceeds (the )?balance/i,
    'poor',
  ],
  [
    /underpriced|less than (block )?base ?fee|(fee|gas ?price|fee ?cap|max fee).{0,40}(too low|below|less than)|feetoolow/i,
    'cheap',
  ],
  [
    /pool.{0,20}(full|overflow|limit)|overflow|in-flight transaction limit|gapped-nonce|limit.*account|account limit|too many pending/i,
    'full',
  ],
  [
    /rate limit|too many requests|limit exceeded|try again|timed? ?out|timeout|temporarily|internal error/i,
    'busy',
  ],
];

/** What a node means by its refusal of a transaction. */
export function classifyRefusal(message: string): Refusal {
  return phrases.find(([pattern]) => pattern.test(message))?.[1] ?? 'never';
}

/** What the chain knows of a transaction whose nonce is said to be used. */
export interface Traces {
  /** One of its attempts is in a block or may be in a pool. */
  readonly ours: boolean;
  /** It is certain that somebody else has the nonce. */
  readonly stranger: boolean;
}

/** What to do after a node's answer. */
export type AfterAnswer =
  /** It is on its way, or was mined in the meantime. */
  | 'watch'
  /** Sign it anew under the same nonce, at the price of the moment. */
  | 'raise'
  /** Somebody else has the nonce, and no node has this transaction: begin anew with another nonce. */
  | 'renumber'
  /** Offer the same payload again in a moment. */
  | 'again'
  /** Offer it again when a block has made room. */
  | 'next-block'
  /** Look again who used the nonce: nodes behind one address do not all know the same. */
  | 'look-again'
  /** Give up, keep everything. */
  | 'stop';

/** Decides what follows a refusal. */
export function afterRefusal(refusal: Refusal, traces: Traces): AfterAnswer {
  switch (refusal) {
    case 'known':
      return 'watch';
    case 'nonce-used':
    case 'outbid':
      if (traces.ours) return 'watch';
      return traces.stranger ? 'renumber' : 'look-again';
    case 'cheap':
      return 'raise';
    case 'early':
    case 'busy':
      return 'again';
    case 'full':
      return 'next-block';
    case 'poor':
    case 'never':
      return 'stop';
  }
}
