import type { FacetCut } from './change.ts';
import { followCut } from './diamond-model.ts';
import { loupeOf, readLoupe, type ObservedFacet } from './loupe.ts';
import { planCut, type CutContext, type CutPlan } from './plan-cut.ts';
import { cutProblem, sortProblems } from './problem.ts';
import { readAddress } from './selector.ts';
import { namesByAddress, wantedOf } from './wanted.ts';

/**
 * Holds a cut that was written elsewhere (a proposal of a multisig, a set of a factory) against the loupe: what it comes
 * to, or all reasons why it would revert. The chain may have moved on since it was written.
 */
export function planGivenCut(
  cuts: readonly FacetCut[],
  observed: readonly ObservedFacet[],
  context: Omit<CutContext, 'unwanted'>,
): CutPlan {
  const diamond = readAddress(context.diamond);
  const loupe = readLoupe(observed);
  if (loupe.kind === 'malformed') return planCut([], observed, { ...context, unwanted: 'keep' });
  const { routing, reasons } = followCut(loupe.routing, cuts, { diamond });
  const problems = reasons.map((words) => cutProblem('would revert', words));
  const ownFacet = cuts.some(({ facetAddress }) => readAddress(facetAddress) === diamond);
  if (ownFacet && diamond !== undefined) {
    problems.push(
      cutProblem('facet is the diamond', `${diamond} is the diamond itself and cannot be a facet`),
    );
  }
  if (problems.length > 0) return { kind: 'refused', problems: sortProblems(problems) };
  return planCut(wantedOf(loupeOf(routing), diamond, namesByAddress(context.facetNames)), observed, {
    ...context,
    unwanted: 'remove',
  });
}
