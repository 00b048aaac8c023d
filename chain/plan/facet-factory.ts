import { Interface } from 'ethers/abi';
import { makeCut, type FacetCut } from './cut/change.ts';
import { compareFacets } from './cut/compare.ts';
import { describeCut } from './cut/describe-cut.ts';
import type { CutProblem } from './cut/problem.ts';
import { signatureTable } from './cut/selector.ts';
import { readWanted, type WantedFacet } from './cut/wanted.ts';

const facetCut = '(address facetAddress, uint8 action, bytes4[] functionSelectors)[]';
const order = '(string name, uint256 version, address admin, bytes32 salt, address init, bytes data)';

/** What a DiamondFactory is asked and told. */
export const factoryInterface = new Interface([
  `function setFacets(string name, ${facetCut} cuts) returns (uint256)`,
  'function rollbackFacets(string name, uint256 version)',
  `function createFromSet(${order} order) returns (address)`,
  `function predict(${order} order) view returns (address)`,
  `function getFacetsAt(string name, uint256 version) view returns (${facetCut})`,
  'function currentVersion(string name) view returns (uint256)',
  'function versionCount(string name) view returns (uint256)',
]);

/** A version of a set in a factory. */
export interface SetVersion {
  readonly version: number;
  readonly facets: readonly WantedFacet[];
}

/** What a factory says of a set. */
export interface ObservedSet {
  /** 0 where the set has no current version. */
  readonly current: number;
  /** In their order; the first may be missing where there are many. */
  readonly versions: readonly SetVersion[];
}

/** What is to be done so that a set is as wanted. */
export type SetPlan =
  | { readonly kind: 'nothing'; readonly version: number }
  /** An earlier version is just what is wanted. */
  | { readonly kind: 'rollback'; readonly version: number }
  | { readonly kind: 'write'; readonly version: number };

/** An earlier version is taken up again where there is one; what was there before costs less, and has been tried. */
export function planSet(wanted: readonly FacetCut[], observed: ObservedSet): SetPlan {
  const content = contentOf(wanted);
  const fitting = observed.versions.filter(({ facets }) => contentOf(cutsOf(facets)) === content);
  const same = fitting.find(({ version }) => version === observed.current) ?? fitting.at(-1);
  if (same === undefined) return { kind: 'write', version: (observed.versions.at(-1)?.version ?? 0) + 1 };
  return { kind: same.version === observed.current ? 'nothing' : 'rollback', version: same.version };
}

/**
 * What differs between two versions, function by function. It is no cut of a diamond, so its guards do not count: a set
 * may well be without diamondCut.
 */
export function describeSetChange(
  from: readonly WantedFacet[],
  to: readonly WantedFacet[],
): { readonly lines: readonly string[]; readonly problems: readonly CutProblem[] } {
  const routing = new Map(
    from.flatMap(({ address, functions }) => functions.map(({ selector }) => [selector, address])),
  );
  const signed = from.flatMap(({ functions }) =>
    functions.flatMap(({ selector, signature }) =>
      signature === undefined ? [] : [{ selector, signature }],
    ),
  );
  const names = from.flatMap(({ name, address }) => (name === undefined ? [] : [[address, name]]));
  const { changes, problems } = compareFacets(readWanted(to, undefined), routing, undefined, new Set(), {
    unwanted: 'remove',
    signatures: signatureTable(signed),
    facetNames: Object.fromEntries(names) as Record<string, string>,
  });
  // Without the counts: they speak of a cut. What a transaction of a diamond would cost says nothing here.
  const lines = describeCut(makeCut(undefined, changes), { split: { kind: 'steps', steps: [] } }).slice(1);
  return { lines, problems };
}

function cutsOf(facets: readonly WantedFacet[]): readonly FacetCut[] {
  return facets.map(({ address, functions }) => ({
    facetAddress: address,
    action: 0,
    functionSelectors: functions.map(({ selector }) => selector),
  }));
}

/** The same text for the same routes, however they are grouped and ordered. */
function contentOf(cuts: readonly FacetCut[]): string {
  const routes = cuts.flatMap(({ facetAddress, functionSelectors }) =>
    functionSelectors.map((selector) => `${selector} ${facetAddress}`.toLowerCase()),
  );
  return routes.toSorted().join('\n');
}
