import type { ChainRules } from '../forks.ts';

/** A block as the watcher of a chain needs it. */
export interface Head {
  readonly number: number;
  readonly hash: string;
  readonly parentHash: string;
  readonly timestamp: number;
  /** Undefined on chains without EIP-1559. */
  readonly baseFee: bigint | undefined;
  readonly gasLimit: bigint;
  /** What holds at this block, as far as it is known. */
  readonly rules: Partial<ChainRules>;
  /** Hashes of what is in it. */
  readonly transactions: readonly string[];
}

/** The chain as it was last seen: hashes of its latest blocks, by number, without a gap. */
export type KnownBlocks = ReadonlyMap<number, string>;

/** How new blocks join the chain that was known. */
export type Link =
  /** The node tells nothing new; one that lags behind may even tell an older block. */
  | { readonly kind: 'nothing' }
  /** The block of this hash has to be looked at first. */
  | { readonly kind: 'missing'; readonly hash: string }
  | { readonly kind: 'joined'; readonly known: KnownBlocks; readonly undone: readonly string[] }
  /** It shares no block that is known: too long ago, or a chain that was started anew. */
  | { readonly kind: 'apart' };

/** How many blocks back undone ones are noticed. Ethereum finalizes after 64. */
export const knownDepth = 128;

/**
 * Joins blocks, oldest first and each the parent of the next, with what is known. `lags`: whether an older block than
 * the newest may come from a node that is behind; a local node that tells one was set back.
 */
export function link(known: KnownBlocks, blocks: readonly Head[], lags = true): Link {
  const [first] = blocks;
  const top = blocks.at(-1);
  if (first === undefined || top === undefined) return { kind: 'nothing' };
  if (known.get(top.number) === top.hash) {
    const above = [...known].filter(([number]) => number > top.number).map(([, hash]) => hash);
    if (lags || above.length === 0) return { kind: 'nothing' };
    return { kind: 'joined', known: remember(known, [top]), undone: above };
  }
  if (known.size === 0) return { kind: 'joined', known: remember(known, blocks), undone: [] };
  const before = first.number - 1;
  if (known.get(before) !== first.parentHash) {
    const newest = Math.max(...known.keys());
    const outOfReach = !known.has(Math.min(before, newest)) || top.number - newest > knownDepth;
    return outOfReach || blocks.length > knownDepth
      ? { kind: 'apart' }
      : { kind: 'missing', hash: first.parentHash };
  }
  const undone = [...known].filter(([number]) => number >= first.number).map(([, hash]) => hash);
  return { kind: 'joined', known: remember(known, blocks), undone };
}

function remember(known: KnownBlocks, blocks: readonly Head[]): KnownBlocks {
  const first = blocks[0]?.number ?? 0;
  const last = blocks.at(-1)?.number ?? 0;
  const kept = [...known].filter(([number]) => number < first && number > last - knownDepth);
  return new Map([...kept, ...blocks.map(({ number, hash }) => [number, hash] as const)]);
}
