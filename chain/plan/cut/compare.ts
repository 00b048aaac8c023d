import type { FacetPlace, FunctionChange } from './change.ts';
import type { Routing } from './loupe.ts';
import type { CutContext } from './plan-cut.ts';
import { cutProblem, type CutProblem } from './problem.ts';
import { compareText, labelOf } from './selector.ts';
import { facetTitle, namesByAddress, type Wanted } from './wanted.ts';

/** What was found by comparing: a change for each selector, wanted or on the chain, and what stands against it. */
export interface Compared {
  readonly changes: readonly FunctionChange[];
  readonly problems: readonly CutProblem[];
}

/** Goes through every selector that is wanted or on the chain. */
export function compareFacets(
  wanted: Wanted,
  routing: Routing,
  diamond: string | undefined,
  untouched: ReadonlySet<string>,
  context: CutContext,
): Compared {
  const known = context.signatures ?? {};
  const placeOf = facetPlaces(wanted, diamond, namesByAddress(context.facetNames));
  const changes: FunctionChange[] = [];
  const problems: CutProblem[] = [];
  for (const [selector, { facet: to, signature: given }] of wanted.places) {
    const signature = given ?? labelOf(selector, known[selector]);
    const at = routing.get(selector);
    if (at !== undefined && given !== undefined && known[selector]?.includes(given) === false) {
      problems.push(otherFunction(selector, labelOf(selector, known[selector]), given, to));
    }
    if (at === to.address) {
      changes.push({ kind: 'unchanged', selector, signature, at: to, because: 'wanted' });
    } else if ((at !== undefined && at === diamond) || untouched.has(selector)) {
      problems.push(immutable(selector, signature, to));
      if (at !== undefined) changes.push(untouchedFunction(selector, signature, placeOf(at)));
    } else if (at === undefined) {
      changes.push({ kind: 'add', selector, signature, to });
    } else {
      changes.push({ kind: 'replace', selector, signature, from: placeOf(at), to });
    }
  }
  const refused: { readonly selector: string; readonly signature: string; readonly at: FacetPlace }[] = [];
  for (const [selector, address] of routing) {
    if (wanted.places.has(selector)) continue;
    const signature = labelOf(selector, known[selector]);
    const at = placeOf(address);
    if (address === diamond || untouched.has(selector)) {
      changes.push(untouchedFunction(selector, signature, at));
    } else if (context.unwanted === 'remove') {
      changes.push({ kind: 'remove', selector, signature, from: at });
    } else {
      changes.push({ kind: 'unchanged', selector, signature, at, because: 'kept' });
      if (context.unwanted === 'refuse') refused.push({ selector, signature, at });
    }
  }
  for (const [facet, functions] of Map.groupBy(refused, ({ at }) => facetTitle(at))) {
    problems.push(unwanted(facet, functions));
  }
  return { changes, problems };
}

/** Names for addresses: those of the wanted facets, then those that are known from before. One object for each. */
function facetPlaces(
  wanted: Wanted,
  diamond: string | undefined,
  nameOf: (address: string) => string | undefined,
): (address: string) => FacetPlace {
  const places = new Map<string, FacetPlace>();
  for (const { facet } of wanted.places.values()) places.set(facet.address, facet);
  if (diamond !== undefined) places.set(diamond, { name: 'the diamond', address: diamond });
  return (address) => {
    const place = places.get(address) ?? { name: nameOf(address), address };
    places.set(address, place);
    return place;
  };
}

function untouchedFunction(selector: string, signature: string, at: FacetPlace): FunctionChange {
  return { kind: 'unchanged', selector, signature, at, because: 'untouched' };
}

function immutable(selector: string, signature: string, to: FacetPlace): CutProblem {
  const words =
    `${signature} (${selector}) is part of the diamond itself, or named as untouched, and ${facetTitle(to)} ` +
    'wants to serve it: exclude it from that facet';
  return cutProblem('immutable', words, [selector]);
}

function otherFunction(selector: string, known: string, given: string, to: FacetPlace): CutProblem {
  const words =
    `${known} on the chain and ${given} of ${facetTitle(to)} have the same selector ${selector}, and a diamond can ` +
    'route only one of them: exclude one, or rename it';
  return cutProblem('clash', words, [selector]);
}

function unwanted(
  facet: string,
  functions: readonly { readonly selector: string; readonly signature: string }[],
): CutProblem {
  const signatures = functions.map(({ signature }) => signature).toSorted(compareText);
  const words =
    `${facet} serves what no facet here wants: ${signatures.join(', ')}. ` +
    "Want them, or set unwanted: 'remove' or 'keep'";
  return cutProblem('unwanted', words, functions.map(({ selector }) => selector).toSorted(compareText));
}
