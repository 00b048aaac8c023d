import { isLocal, type NetworkRef } from '../network.ts';

/** What the pause before the next look at a chain depends on. */
export interface Pace {
  readonly network: Pick<NetworkRef, 'chainId'>;
  /** The usual time between blocks; undefined while it is not known. */
  readonly blockMs: number | undefined;
  /** Since a transaction was last handed over. */
  readonly handedOverMs: number;
  /** How many looks there were since then. */
  readonly looks: number;
}

const slowBlockMs = 10_000;
const firstLookMs = 15_000;
const laterLooksMs = 30_000;

/**
 * How long to wait before the next look. Slow chains: first after 15 s, then every 30 s. Fast ones: each block, which
 * means four times a block, and quickly at first on a local node, which may mine at once.
 */
export function pauseBeforeLook({ network, blockMs, handedOverMs, looks }: Pace): number {
  const local = isLocal(network);
  if (!local && blockMs !== undefined && blockMs >= slowBlockMs) {
    return looks === 0 ? Math.max(0, firstLookMs - handedOverMs) : laterLooksMs;
  }
  const [first, shortest, longest] = local ? [25, 100, 1_000] : [250, 250, 2_500];
  const quarter = Math.min(Math.max((blockMs ?? shortest) / 4, shortest), longest);
  return Math.min(first * 2 ** Math.min(looks, 10), quarter);
}

/** The usual time between blocks in milliseconds, from two of them; undefined where they tell nothing. */
export function blockTime(
  older: { readonly number: number; readonly timestamp: number },
  newer: { readonly number: number; readonly timestamp: number },
): number | undefined {
  const blocks = newer.number - older.number;
  return blocks <= 0 ? undefined : Math.max(0, ((newer.timestamp - older.timestamp) * 1000) / blocks);
}
