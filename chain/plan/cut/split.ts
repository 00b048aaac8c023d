import { transactionGasCap } from '../fees.ts';
import { facetCutsOf, isMoved, type Cut, type FacetCut, type MovedFunction } from './change.ts';
import { emptyLoad, estimateCutGas, isEmpty, loadUpTo, noLimit, withInitializer, type Load } from './gas.ts';
import type { Initializer } from './initializer.ts';
import { compareText, diamondFunctions } from './selector.ts';

const { diamondCut } = diamondFunctions;

/** One transaction of a cut. */
export interface CutStep {
  readonly facetCuts: readonly FacetCut[];
  readonly initializer: Initializer | undefined;
  /** What it needs at most by the model of gas.ts. */
  readonly gas: bigint;
}

export interface SplitArgs {
  readonly initializer?: Initializer | undefined;
  /** Which transaction runs it. @default last: all functions are there by then */
  readonly initializerWith?: 'first' | 'last';
  /** The most that a transaction may use. @default 16,777,216 (EIP-7825) */
  readonly cap?: bigint;
  /** The share of it that the model may fill. @default 0.8, so that the usual fifth on top still fits */
  readonly safety?: number;
}

export type Split =
  | { readonly kind: 'steps'; readonly steps: readonly CutStep[] }
  /** The initialiser, or a single function, needs more than one transaction may use. */
  | { readonly kind: 'too large'; readonly gas: bigint; readonly limit: bigint };

/**
 * Splits a cut into transactions. Facets arrive before functions are removed, and a facet that fits into one transaction
 * is not torn. What replaces or removes diamondCut comes last of all: the one that is known to work does the rest. Every
 * function changes once, in one entry, so one that the diamond has before and after is served all the time.
 */
export function splitCut(cut: Cut, args: SplitArgs = {}): Split {
  const { initializer, initializerWith = 'last', cap = transactionGasCap, safety = 0.8 } = args;
  const limit = (cap * BigInt(Math.round(safety * 1000))) / 1000n;
  const moved = cut.changes.filter(isMoved);
  const ending = moved.filter(({ selector, kind }) => selector === diamondCut.selector && kind !== 'add');
  const rest = moved.filter((change) => !ending.includes(change));

  const full: Load[] = [];
  let open = emptyLoad(initializerWith === 'first' ? initializer : undefined);
  if (open.gas > limit) return { kind: 'too large', gas: open.gas, limit };
  for (const unit of unitsOf(rest)) {
    let left = unit;
    while (left.length > 0) {
      const loaded = loadUpTo(open, left, limit);
      const taken = loaded.changes.length - open.changes.length;
      if (taken === left.length || (taken > 0 && open.changes.length === 0)) {
        open = loaded;
        left = left.slice(taken);
      } else if (isEmpty(open)) {
        return { kind: 'too large', gas: estimateCutGas(left.slice(0, 1)), limit };
      }
      if (left.length > 0) {
        full.push(open);
        open = emptyLoad();
      }
    }
  }
  const last = initializerWith === 'last' ? initializer : undefined;
  const ended = withInitializer(loadUpTo(open, ending, noLimit), last);
  if (ended.gas <= limit) open = ended;
  else {
    full.push(open);
    open = loadUpTo(emptyLoad(last), ending, noLimit);
    if (open.gas > limit) return { kind: 'too large', gas: open.gas, limit };
  }
  const steps = [...full, open].filter((load) => !isEmpty(load));
  return {
    kind: 'steps',
    steps: steps.map(({ changes, gas, initializer }) => ({
      facetCuts: facetCutsOf(changes),
      initializer,
      gas,
    })),
  };
}

/** What should stay together: all that one facet gets, then all that one facet loses. A new diamondCut comes first. */
function unitsOf(moved: readonly MovedFunction[]): readonly (readonly MovedFunction[])[] {
  const isCut = ({ selector }: MovedFunction): boolean => selector === diamondCut.selector;
  const units = Map.groupBy(
    moved.toSorted((a, b) => Number(isCut(b)) - Number(isCut(a))),
    (change) => (change.kind === 'remove' ? `2 ${change.from.address}` : `1 ${change.to.address}`),
  );
  return [...units]
    .map(([key, changes]) => ({ rank: changes.some(isCut) ? '0' : key, changes }))
    .toSorted((a, b) => compareText(a.rank, b.rank))
    .map(({ changes }) => changes);
}
