import { compareText, zeroAddress } from './selector.ts';

/** A facet as a reader sees it; the name is unknown for what others put there. */
export interface FacetPlace {
  readonly name: string | undefined;
  readonly address: string;
}

/** The function that a change is about. */
interface ChangedFunction {
  readonly selector: string;
  /** The signature; the bare selector where it is unknown, followed by candidates where there are several. */
  readonly signature: string;
}

export type AddedFunction = ChangedFunction & { readonly kind: 'add'; readonly to: FacetPlace };
export type ReplacedFunction = ChangedFunction & {
  readonly kind: 'replace';
  readonly from: FacetPlace;
  readonly to: FacetPlace;
};
export type RemovedFunction = ChangedFunction & { readonly kind: 'remove'; readonly from: FacetPlace };

/** A function that a cut changes nothing about, and why. */
export type UnchangedFunction = ChangedFunction & {
  readonly kind: 'unchanged';
  readonly at: FacetPlace;
  /** It is as wanted; nobody wants it and it is kept; or it may not be touched. */
  readonly because: 'wanted' | 'kept' | 'untouched';
};

export type FunctionChange = AddedFunction | ReplacedFunction | RemovedFunction | UnchangedFunction;
/** A change that is sent to the diamond. */
export type MovedFunction = Exclude<FunctionChange, UnchangedFunction>;

/** The actions of EIP-2535 by their number. */
export const facetCutAction = { add: 0, replace: 1, remove: 2 } as const;
export type FacetCutAction = (typeof facetCutAction)[keyof typeof facetCutAction];

/** One entry of `diamondCut`, as EIP-2535 has it. For removals the address is zero. */
export interface FacetCut {
  readonly facetAddress: string;
  readonly action: FacetCutAction;
  readonly functionSelectors: readonly string[];
}

/** A change of a diamond's selectors. Plain data: the same cut, whatever the order of what it was made from. */
export interface Cut {
  /** Undefined for a diamond that has no address yet. */
  readonly diamond: string | undefined;
  /** Every function of the diamond before or after, by selector. */
  readonly changes: readonly FunctionChange[];
  /** What the diamond is sent, when it fits into one transaction. */
  readonly facetCuts: readonly FacetCut[];
}

/** Puts changes into canonical order and groups them for the diamond. */
export function makeCut(diamond: string | undefined, changes: readonly FunctionChange[]): Cut {
  const sorted = changes.toSorted((a, b) => compareText(a.selector, b.selector));
  return { diamond, changes: sorted, facetCuts: facetCutsOf(sorted.filter(isMoved)) };
}

/** The way back: what was added is removed, what was removed is added, what was replaced returns. */
export function invertCut(cut: Cut): Cut {
  return makeCut(cut.diamond, cut.changes.map(inverted));
}

/** Entries by facet, additions before replacements, removals last. */
export function facetCutsOf(moved: readonly MovedFunction[]): readonly FacetCut[] {
  const groups = Map.groupBy(
    moved,
    (change) => `${facetOf(change).toLowerCase()} ${facetCutAction[change.kind]}`,
  );
  const entries = [...groups].map(([key, changes]) => ({ key, changes }));
  return entries
    .toSorted((a, b) => Number(removes(a.changes)) - Number(removes(b.changes)) || compareText(a.key, b.key))
    .flatMap(({ changes }) => {
      const [first] = changes;
      if (first === undefined) return [];
      const functionSelectors = changes.map(({ selector }) => selector).toSorted(compareText);
      return [{ facetAddress: facetOf(first), action: facetCutAction[first.kind], functionSelectors }];
    });
}

export function isMoved(change: FunctionChange): change is MovedFunction {
  return change.kind !== 'unchanged';
}

/** The selectors that a diamond serves before and after a cut. */
export function selectorsAround(cut: Cut): {
  readonly before: ReadonlySet<string>;
  readonly after: ReadonlySet<string>;
} {
  const of = (left: 'add' | 'remove'): ReadonlySet<string> =>
    new Set(cut.changes.filter(({ kind }) => kind !== left).map(({ selector }) => selector));
  return { before: of('add'), after: of('remove') };
}

function inverted(change: FunctionChange): FunctionChange {
  const { selector, signature } = change;
  switch (change.kind) {
    case 'add':
      return { kind: 'remove', selector, signature, from: change.to };
    case 'replace':
      return { kind: 'replace', selector, signature, from: change.to, to: change.from };
    case 'remove':
      return { kind: 'add', selector, signature, to: change.from };
    case 'unchanged':
      return change;
  }
}

/** What EIP-2535 wants as the facet's address. */
function facetOf(change: MovedFunction): string {
  return change.kind === 'remove' ? zeroAddress : change.to.address;
}

function removes([first]: readonly MovedFunction[]): boolean {
  return first?.kind === 'remove';
}
