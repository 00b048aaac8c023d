import { invertCut, isMoved, makeCut, type Cut } from './change.ts';
import { compareFacets } from './compare.ts';
import { guardProblems } from './guards.ts';
import { readLoupe, type ObservedFacet } from './loupe.ts';
import { cutProblem, sortProblems, type CutProblem } from './problem.ts';
import { checkAddress, readSelector, selectorOf, type Signatures } from './selector.ts';
import { readWanted, type WantedFacet } from './wanted.ts';

/** What a cut is planned with, beside what is wanted and what the loupe answered. */
export interface CutContext {
  /** The diamond's address; left out for one that does not exist yet. */
  readonly diamond?: string | undefined;
  /** What becomes of functions on the chain that no facet here wants. */
  readonly unwanted: 'remove' | 'keep' | 'refuse';
  /**
   * Functions that are never changed, by signature or selector. Those that the loupe routes to the diamond itself are
   * untouched anyway; name here what the diamond has and its loupe does not list.
   */
  readonly untouched?: readonly string[];
  /** What selectors on the chain stand for, from earlier cuts. Not from what is wanted: a clash would hide itself. */
  readonly signatures?: Signatures;
  /** Names of facets on the chain, by address. */
  readonly facetNames?: Readonly<Record<string, string>>;
  /** What the diamond may be left without: the power to be cut again, the loupe. */
  readonly mayLack?: readonly ('diamondCut' | 'loupe')[];
}

export type CutPlan =
  /** The chain is as wanted. */
  | { readonly kind: 'nothing'; readonly cut: Cut }
  /** What is to be sent, and the way back from there. */
  | { readonly kind: 'cut'; readonly cut: Cut; readonly inverse: Cut }
  /** Everything that is wrong, at once. */
  | { readonly kind: 'refused'; readonly problems: readonly CutProblem[] };

/**
 * Holds wanted facets against what the loupe answered. Whatever the order of the inputs, the plan is the same.
 * Selectors and signatures are taken as a pair and not hashed again: `facetFunctions` makes them, once per artefact.
 */
export function planCut(
  facets: readonly WantedFacet[],
  observed: readonly ObservedFacet[],
  context: CutContext,
): CutPlan {
  const diamond = context.diamond === undefined ? undefined : checkAddress(context.diamond);
  const wanted = readWanted(facets, diamond);
  const untouched = readUntouched(context.untouched ?? []);
  const problems = [...wanted.problems, ...untouched.problems];
  if (context.diamond !== undefined && diamond === undefined) {
    const words = `the diamond ${context.diamond}: that is no address, or its checksum is wrong`;
    problems.push(cutProblem('malformed', words));
  }
  const loupe = readLoupe(observed);
  if (loupe.kind === 'malformed') {
    problems.push(...loupe.problems.map((words) => cutProblem('loupe malformed', words)));
    return { kind: 'refused', problems: sortProblems(problems) };
  }
  const compared = compareFacets(wanted, loupe.routing, diamond, untouched.selectors, context);
  problems.push(...compared.problems);
  problems.push(
    ...guardProblems(compared.changes, loupe.routing, untouched.selectors, context.mayLack ?? []),
  );
  if (problems.length > 0) return { kind: 'refused', problems: sortProblems(problems) };
  const cut = makeCut(diamond, compared.changes);
  return cut.changes.some(isMoved) ? { kind: 'cut', cut, inverse: invertCut(cut) } : { kind: 'nothing', cut };
}

/** Functions given by selector or canonical signature. */
export function readUntouched(given: readonly string[]): {
  readonly selectors: ReadonlySet<string>;
  readonly problems: readonly CutProblem[];
} {
  const selectors = new Set<string>();
  const problems: CutProblem[] = [];
  for (const each of given) {
    const selector = readSelector(each) ?? (/^[\w$]+\([^ ]*\)$/.test(each) ? selectorOf(each) : undefined);
    if (selector !== undefined) {
      selectors.add(selector);
      continue;
    }
    const words = `untouched: ${each} is neither a selector nor a signature such as transfer(address,uint256)`;
    problems.push(cutProblem('malformed', words));
  }
  return { selectors, problems };
}
