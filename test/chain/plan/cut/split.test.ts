import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { transactionGasCap } from '@cutover/chain/plan/fees.ts';
import { isMoved, type Cut, type FacetCut } from '@cutover/chain/plan/cut/change.ts';
import { applyCut } from '@cutover/chain/plan/cut/diamond-model.ts';
import { loupeOf, type Routing } from '@cutover/chain/plan/cut/loupe.ts';
import { planCut } from '@cutover/chain/plan/cut/plan-cut.ts';
import { splitCut, type CutStep, type SplitArgs } from '@cutover/chain/plan/cut/split.ts';
import type { WantedFacet } from '@cutover/chain/plan/cut/wanted.ts';
import { address, core, cuttable, cutOf, diamond, plain, routings, serving, wantedFor } from './kit.ts';

const cutSelector = '0x1f931c1c';
const initializer = { address: address('5'), calldata: '0xe1c7392a', gas: 300_000n, words: 'init()' };

function steps(cut: Cut, args: SplitArgs = {}): readonly CutStep[] {
  const split = splitCut(cut, args);
  if (split.kind === 'steps') return split.steps;
  throw new Error(`too large: ${split.gas} of ${split.limit}`);
}

function planned(from: Routing, to: Routing): Cut {
  const plan = planCut(wantedFor(to), loupeOf(from), {
    unwanted: 'remove',
    mayLack: ['diamondCut', 'loupe'],
  });
  if (plan.kind === 'refused') throw new Error(plan.problems.map(({ words }) => words).join());
  return plan.cut;
}

function selectorsOf(cuts: readonly FacetCut[], action: number): readonly string[] {
  return cuts.filter((each) => each.action === action).flatMap((each) => each.functionSelectors);
}

/** Facets of so many functions each, as a diamond of real size has. */
function large(facets: number, functions: number, from: string): WantedFacet[] {
  return Array.from({ length: facets }, (_, index) => ({
    name: `Facet${index}`,
    address: `0x${from}${index.toString(16).padStart(39, '0')}`,
    functions: Array.from({ length: functions }, (_each, at) => ({
      selector: `0x${(index * 1000 + at).toString(16).padStart(8, '0')}`,
      signature: `function${index * 1000 + at}()`,
    })),
  }));
}

describe('the parts of a cut', () => {
  const caps = fc.integer({ min: 180_000, max: 1_200_000 }).map(BigInt);

  it('end together where the whole ends, and never leave a function unserved that is there before and after', () => {
    fc.assert(
      fc.property(cuttable, routings, caps, (from, to, cap) => {
        const always = [...from.keys()].filter((selector) => to.has(selector));
        let routing = from;
        for (const step of steps(planned(from, to), { cap, safety: 1 })) {
          expect(step.gas <= cap).toBe(true);
          const outcome = applyCut(routing, step.facetCuts);
          if (outcome.kind === 'reverted') throw new Error(outcome.reason);
          routing = outcome.routing;
          expect(always.filter((selector) => !routing.has(selector))).toEqual([]);
          for (const selector of always)
            expect([from.get(selector), to.get(selector)]).toContain(routing.get(selector));
        }
        expect(plain(routing)).toEqual(plain(to));
      }),
    );
  });

  it('add and replace before they remove, and change diamondCut last of all', () => {
    fc.assert(
      fc.property(cuttable, routings, caps, (from, to, cap) => {
        const cut = planned(from, to);
        const parts = steps(cut, { cap, safety: 1 });
        const rest = cut.changes.filter(isMoved).filter(({ selector }) => selector !== cutSelector);
        const kindsInOrder = parts.flatMap(({ facetCuts }) =>
          [0, 1, 2].flatMap((action) =>
            selectorsOf(facetCuts, action).flatMap((selector) =>
              rest.some((each) => each.selector === selector) ? [action === 2] : [],
            ),
          ),
        );
        expect(kindsInOrder).toEqual(kindsInOrder.toSorted((a, b) => Number(a) - Number(b)));
        const touching = parts.findIndex(({ facetCuts }) =>
          facetCuts.some(({ functionSelectors }) => functionSelectors.includes(cutSelector)),
        );
        if (touching >= 0) expect(touching).toBe(parts.length - 1);
      }),
    );
  });

  it('of a new diamond begin with diamondCut: without it there would be no second part', () => {
    fc.assert(
      fc.property(cuttable, caps, (to, cap) => {
        const [first] = steps(planned(new Map(), to), { cap, safety: 1 });
        expect(selectorsOf(first?.facetCuts ?? [], 0)).toContain(cutSelector);
      }),
    );
  });

  it('run the initialiser once, in the last part or in the first', () => {
    fc.assert(
      fc.property(
        cuttable,
        routings,
        caps,
        fc.constantFrom('first', 'last'),
        (from, to, cap, initializerWith) => {
          const args = { initializer, initializerWith, cap: cap + 400_000n, safety: 1 } as const;
          const parts = steps(planned(from, to), args);
          const withIt = parts.flatMap((step, index) => (step.initializer === undefined ? [] : [index]));
          expect(withIt).toEqual([initializerWith === 'first' ? 0 : parts.length - 1]);
          expect(parts.every(({ gas }) => gas <= cap + 400_000n)).toBe(true);
        },
      ),
    );
  });
});

describe('a cut', () => {
  it('that fits is one transaction, with what the plan shows', () => {
    const { cut } = cutOf(planCut([core, ...large(10, 12, '1')], [], { diamond, unwanted: 'remove' }));
    const [only, ...others] = steps(cut);
    expect(others).toEqual([]);
    expect(only?.facetCuts).toEqual(cut.facetCuts);
  });

  it('of 64 facets is split below the cap of a transaction, and no facet is torn', () => {
    const before = [core, ...large(64, 12, '1')];
    const after = [core, ...large(64, 12, '2')];
    const { cut } = cutOf(planCut(after, serving(...before), { diamond, unwanted: 'remove' }));
    const parts = steps(cut);
    expect(parts.length).toBe(2);
    expect(parts.every(({ gas }) => gas <= (transactionGasCap * 8n) / 10n)).toBe(true);
    const facets = parts.flatMap(({ facetCuts }) => facetCuts.map(({ facetAddress }) => facetAddress));
    expect(new Set(facets).size).toBe(64);
    expect(facets).toHaveLength(64);
  });

  it('of one facet too large for a transaction is torn, having no other way', () => {
    const { cut } = cutOf(
      planCut([core, ...large(1, 900, '1')], serving(core), { diamond, unwanted: 'remove' }),
    );
    const parts = steps(cut);
    expect(parts.map(({ facetCuts }) => facetCuts[0]?.functionSelectors.length)).toEqual([457, 443]);
  });

  it('with nothing to do has no parts; an initialiser alone is one', () => {
    const plan = planCut([core], serving(core), { diamond, unwanted: 'remove' });
    if (plan.kind !== 'nothing') throw new Error(plan.kind);
    expect(steps(plan.cut)).toEqual([]);
    for (const initializerWith of ['first', 'last'] as const) {
      expect(steps(plan.cut, { initializer, initializerWith })).toMatchObject([
        { facetCuts: [], initializer },
      ]);
    }
  });

  it('that cannot be divided far enough is told as such', () => {
    const { cut } = cutOf(
      planCut([core, ...large(1, 1, '1')], serving(core), { diamond, unwanted: 'remove' }),
    );
    expect(splitCut(cut, { cap: 150_000n, safety: 1 })).toEqual({
      kind: 'too large',
      gas: 170_000n,
      limit: 150_000n,
    });
    const huge = { ...initializer, gas: 20_000_000n };
    for (const initializerWith of ['first', 'last'] as const) {
      expect(splitCut(cut, { initializer: huge, initializerWith }).kind).toBe('too large');
    }
  });

  it('gives an initialiser that nearly fills a transaction one of its own', () => {
    const { cut } = cutOf(
      planCut([core, ...large(2, 3, '1')], serving(core), { diamond, unwanted: 'remove' }),
    );
    const greedy = { ...initializer, gas: 13_300_000n };
    const counts = (args: SplitArgs): readonly number[] =>
      steps(cut, { initializer: greedy, ...args }).map(({ facetCuts }) => facetCuts.length);
    expect(counts({ initializerWith: 'first' })).toEqual([0, 2]);
    expect(counts({ initializerWith: 'last' })).toEqual([2, 0]);
  });
});
