import type { MovedFunction } from './change.ts';
import type { Initializer } from './initializer.ts';

/**
 * What a cut costs at most, without refunds (they are paid back after a transaction and do not lower its limit).
 * Calldata, storage and the event are in the figures. They lie 1 to 60 % above what two diamonds used on anvil, compiled
 * without the optimizer: one that keeps selectors by facet (diamond-3, hardhat-deploy 1.0.4), the dearest of the usual
 * layouts, and one that packs eight into a slot (diamond-2, @solidstate/contracts 0.0.59). Both tables are in the test.
 * A diamond of another layout may cost more: that is what the margin of a split is for.
 */
export const cutGas = {
  /** A transaction, and once for all: the way into `diamondCut`, the event's head. */
  transaction: 41_000n,
  /** A new mapping entry (22,100), an eighth of a slot in a list of selectors, its share of the event. */
  add: 29_000n,
  /** An entry rewritten, and the last selector of the old facet's list moved into the gap. */
  replace: 19_000n,
  remove: 17_000n,
  /** The first function that a facet gets: it goes into the list of facets, its own list gets a length. */
  facetTo: 100_000n,
  /** The first function that a facet loses: it may be its last, and the facet leaves the list. */
  facetFrom: 20_000n,
  /** A byte of the initialiser's calldata: 16, or 40 where calldata prevails (EIP-7623), beside copies of it. */
  calldataByte: 50n,
} as const;

/** What goes into one transaction, with its gas so far. */
export interface Load {
  readonly changes: readonly MovedFunction[];
  readonly initializer: Initializer | undefined;
  readonly gas: bigint;
  /** Facets whose lists are paid for, each once. */
  readonly to: ReadonlySet<string>;
  readonly from: ReadonlySet<string>;
}

/** More than any transaction may use. */
export const noLimit = 2n ** 64n;

/** A transaction without changes. */
export function emptyLoad(initializer?: Initializer): Load {
  const load = {
    changes: [],
    initializer: undefined,
    gas: cutGas.transaction,
    to: new Set<string>(),
    from: new Set<string>(),
  };
  return withInitializer(load, initializer);
}

export function isEmpty(load: Load): boolean {
  return load.changes.length === 0 && load.initializer === undefined;
}

/** The same transaction with an initialiser at its end. */
export function withInitializer(load: Load, initializer: Initializer | undefined): Load {
  if (initializer === undefined) return load;
  const calldata = BigInt((initializer.calldata.length - 2) / 2) * cutGas.calldataByte;
  return { ...load, initializer, gas: load.gas + initializer.gas + calldata };
}

/** The same transaction with as many of the changes, in their order, as stay within a limit. */
export function loadUpTo(load: Load, changes: readonly MovedFunction[], limit: bigint): Load {
  const [to, from] = [new Set(load.to), new Set(load.from)];
  let gas = load.gas;
  let taken = 0;
  for (const change of changes) {
    const target = change.kind === 'remove' ? undefined : change.to.address;
    const source = change.kind === 'add' ? undefined : change.from.address;
    let more: bigint = cutGas[change.kind];
    if (target !== undefined && !to.has(target)) more += cutGas.facetTo;
    if (source !== undefined && !from.has(source)) more += cutGas.facetFrom;
    if (gas + more > limit) break;
    if (target !== undefined) to.add(target);
    if (source !== undefined) from.add(source);
    gas += more;
    taken++;
  }
  return { ...load, changes: [...load.changes, ...changes.slice(0, taken)], gas, to, from };
}

/** What changes need at most when they are one transaction. */
export function estimateCutGas(changes: readonly MovedFunction[], initializer?: Initializer): bigint {
  return loadUpTo(emptyLoad(initializer), changes, noLimit).gas;
}
