import { loupeOf, readLoupe, type ObservedFacet } from './loupe.ts';
import { planCut, type CutContext, type CutPlan } from './plan-cut.ts';
import { cutProblem, sortProblems, type CutProblem } from './problem.ts';
import { namesByAddress, wantedOf } from './wanted.ts';

/** A facet as it once was: from a recorded loupe or a named set. */
export interface RecordedFacet extends ObservedFacet {
  readonly name?: string | undefined;
}

/** Back to an earlier loupe: a cut like any other, with what was recorded as what is wanted. */
export function planRollback(
  recorded: readonly RecordedFacet[],
  observed: readonly ObservedFacet[],
  context: Omit<CutContext, 'unwanted'>,
): CutPlan {
  const earlier = readRecord(recorded);
  if (earlier.kind === 'refused') return earlier;
  const facetNames = withNames(recorded, context.facetNames);
  const wanted = wantedOf(earlier.facets, context.diamond, namesByAddress(facetNames));
  return planCut(wanted, observed, { ...context, facetNames, unwanted: 'remove' });
}

/**
 * One facet back to its former address and selectors. Functions that only the current version has are removed; those
 * that went to another facet since come back. All other facets stay as they are.
 */
export function planFacetRollback(
  former: RecordedFacet,
  current: { readonly address: string },
  observed: readonly ObservedFacet[],
  context: Omit<CutContext, 'unwanted'>,
): CutPlan {
  const earlier = readRecord([former]);
  if (earlier.kind === 'refused') return earlier;
  const now = readLoupe(observed);
  if (now.kind === 'malformed') return planCut([], observed, { ...context, unwanted: 'keep' });
  const after = new Map(now.routing);
  for (const [selector, address] of now.routing) {
    if (address.toLowerCase() === current.address.toLowerCase()) after.delete(selector);
  }
  for (const { address, selectors } of earlier.facets) {
    for (const selector of selectors) after.set(selector, address);
  }
  return planRollback(loupeOf(after), observed, {
    ...context,
    facetNames: withNames([former], context.facetNames),
  });
}

type Reading =
  | { readonly kind: 'read'; readonly facets: readonly ObservedFacet[] }
  | { readonly kind: 'refused'; readonly problems: readonly CutProblem[] };

/** A record is read as a loupe is; what is wrong with it is not the chain's fault. */
function readRecord(recorded: readonly RecordedFacet[]): Reading {
  const reading = readLoupe(recorded);
  if (reading.kind === 'read') return { kind: 'read', facets: loupeOf(reading.routing) };
  const problems = reading.problems.map((words) => cutProblem('malformed', `in what was recorded: ${words}`));
  return { kind: 'refused', problems: sortProblems(problems) };
}

function withNames(
  recorded: readonly RecordedFacet[],
  known: CutContext['facetNames'],
): Readonly<Record<string, string>> {
  const names = recorded.flatMap(({ name, address }) =>
    name === undefined ? [] : [[address, name] as const],
  );
  return { ...known, ...Object.fromEntries(names) };
}
