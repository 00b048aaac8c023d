import type { FacetCut } from './change.ts';
import { facetCutAction } from './change.ts';
import { planCut, type CutContext, type CutPlan } from './plan-cut.ts';
import { cutProblem, sortProblems, type CutProblem } from './problem.ts';
import { checkAddress, compareText, signatureTable } from './selector.ts';
import { readWanted, type WantedFacet } from './wanted.ts';

/** Facets under a name, as a DiamondFactory keeps them: diamonds are created from a set and moved to another. */
export interface FacetSet {
  readonly name: string;
  readonly facets: readonly WantedFacet[];
}

const namePattern = /^[A-Za-z][A-Za-z0-9._-]{0,62}$/;

/** What is wrong with sets, together: names, names used twice, and facets of each. */
export function checkFacetSets(sets: readonly FacetSet[]): readonly CutProblem[] {
  const problems = sets.flatMap(({ name, facets }) => {
    const own = readWanted(facets, undefined).problems.map((problem) => ({
      ...problem,
      words: `set ${name}: ${problem.words}`,
    }));
    return [...nameProblems(name), ...own, ...doubled(facets, (words) => `set ${name}: ${words}`)];
  });
  const names = Map.groupBy(sets, ({ name }) => name);
  for (const [name, same] of names) {
    if (same.length > 1)
      problems.push(cutProblem('malformed', `there are ${same.length} sets named ${name}`));
  }
  return sortProblems(problems);
}

/** What a factory is given to keep and to create diamonds from: every function as an addition. */
export function facetSetCuts({ facets }: FacetSet): readonly FacetCut[] {
  return facets
    .map(({ address, functions }) => ({
      facetAddress: checkAddress(address) ?? address,
      action: facetCutAction.add,
      functionSelectors: functions.map(({ selector }) => selector).toSorted(compareText),
    }))
    .toSorted((a, b) => compareText(a.facetAddress.toLowerCase(), b.facetAddress.toLowerCase()));
}

/** What moving a diamond that was created from one set to another set comes to. Back is the same with sets exchanged. */
export function planSetChange(
  from: FacetSet,
  to: FacetSet,
  context: Omit<CutContext, 'unwanted' | 'signatures' | 'facetNames'> = {},
): CutPlan {
  // One after the other: a set may be changed under its own name.
  const problems = sortProblems([...checkFacetSets([from]), ...checkFacetSets([to])]);
  if (problems.length > 0) return { kind: 'refused', problems };
  const functions = from.facets.flatMap((facet) => facet.functions);
  const observed = from.facets.map((facet) => ({
    address: facet.address,
    selectors: facet.functions.map(({ selector }) => selector),
  }));
  return planCut(to.facets, observed, {
    ...context,
    unwanted: 'remove',
    signatures: signatureTable(
      functions.flatMap(({ selector, signature }) =>
        signature === undefined ? [] : [{ selector, signature }],
      ),
    ),
    facetNames: Object.fromEntries(
      from.facets.flatMap(({ name, address }) => (name === undefined ? [] : [[address, name]])),
    ),
  });
}

function nameProblems(name: string): CutProblem[] {
  return namePattern.test(name)
    ? []
    : [
        cutProblem(
          'malformed',
          `set ${JSON.stringify(name)}: a name is a letter and up to 62 letters, digits, dots, dashes or underscores`,
        ),
      ];
}

/** Two facets of one name cannot be told apart in a plan. */
function doubled(facets: readonly WantedFacet[], say: (words: string) => string): CutProblem[] {
  const names = Map.groupBy(facets, ({ name }) => name);
  return [...names].flatMap(([name, same]) =>
    name === undefined || same.length === 1
      ? []
      : [cutProblem('malformed', say(`there are ${same.length} facets named ${name}`))],
  );
}
