import fc from 'fast-check';
import { getAddress } from 'ethers';
import { loupeOf, type ObservedFacet, type Routing } from '@cutover/chain/plan/cut/loupe.ts';
import type { CutPlan } from '@cutover/chain/plan/cut/plan-cut.ts';
import type { CutProblem } from '@cutover/chain/plan/cut/problem.ts';
import { diamondFunctions, type FacetFunction } from '@cutover/chain/plan/cut/selector.ts';
import type { WantedFacet } from '@cutover/chain/plan/cut/wanted.ts';

/** An address for tests: a digit repeated, with its checksum. */
export function address(digit: string): string {
  return getAddress(`0x${digit.repeat(40)}`);
}

export const diamond = address('d');
export const mint = { selector: '0x40c10f19', signature: 'mint(address,uint256)' } as const;
export const burn = { selector: '0x42966c68', signature: 'burn(uint256)' } as const;
export const transfer = { selector: '0xa9059cbb', signature: 'transfer(address,uint256)' } as const;
export const owner = { selector: '0x8da5cb5b', signature: 'owner()' } as const;
/** Has burn's selector: the best known clash there is. */
export const burnTwin = { selector: '0x42966c68', signature: 'collate_propagate_storage(bytes16)' } as const;

/** The facet of EIP-2535's own functions. */
export const core = facet('DiamondFacet', 'c', ...Object.values(diamondFunctions));

export function facet(name: string, digit: string, ...functions: readonly FacetFunction[]): WantedFacet {
  return { name, address: address(digit), functions };
}

/** The loupe of a diamond that serves just these facets. */
export function serving(...facets: readonly WantedFacet[]): readonly ObservedFacet[] {
  return facets.map((each) => ({
    address: each.address,
    selectors: each.functions.map(({ selector }) => selector),
  }));
}

/** The cut of a plan that must be one. */
export function cutOf(plan: CutPlan): Extract<CutPlan, { kind: 'cut' }> {
  if (plan.kind === 'cut') return plan;
  throw new Error(
    plan.kind === 'nothing' ? 'nothing to cut' : plan.problems.map(({ words }) => words).join('\n'),
  );
}

/** The problems of a plan that must be refused. */
export function problemsOf(plan: CutPlan): readonly CutProblem[] {
  if (plan.kind === 'refused') return plan.problems;
  throw new Error(`not refused but ${plan.kind}`);
}

/** Which change each selector gets, for comparing. */
export function kinds(plan: CutPlan): Readonly<Record<string, string>> {
  if (plan.kind === 'refused') throw new Error(plan.problems.map(({ words }) => words).join('\n'));
  return Object.fromEntries(plan.cut.changes.map(({ signature, kind }) => [signature, kind]));
}

const pool: readonly FacetFunction[] = [
  diamondFunctions.diamondCut,
  diamondFunctions.facets,
  mint,
  burn,
  transfer,
  owner,
  ...Array.from({ length: 6 }, (_, index) => ({
    selector: `0x0000000${index}`,
    signature: `function${index}()`,
  })),
];
const facetDigits = ['1', '2', '3', 'a'];

/** Any small diamond: each function of a pool at one of four facets or at none. */
export const routings: fc.Arbitrary<Routing> = fc
  .array(fc.integer({ min: -1, max: facetDigits.length - 1 }), {
    minLength: pool.length,
    maxLength: pool.length,
  })
  .map((choices) => {
    const routed = choices.flatMap((choice, index): [string, string][] => {
      const [at, of] = [facetDigits[choice], pool[index]];
      return at === undefined || of === undefined ? [] : [[of.selector, address(at)]];
    });
    return new Map(routed);
  });

/** Any small diamond that can be cut: it has diamondCut. */
export const cuttable: fc.Arbitrary<Routing> = routings.map(
  (routing) => new Map([[diamondFunctions.diamondCut.selector, address('1')], ...routing]),
);

/** What would make a diamond out of just this routing. */
export function wantedFor(routing: Routing): readonly WantedFacet[] {
  return loupeOf(routing).map(({ address: at, selectors }) => ({
    name: `Facet${at.slice(2, 3)}`,
    address: at,
    functions: pool.filter(({ selector }) => selectors.includes(selector)),
  }));
}

/** A routing that compares by what it says, not by the order in which it was made. */
export function plain(routing: Routing): Readonly<Record<string, string>> {
  return Object.fromEntries([...routing].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
