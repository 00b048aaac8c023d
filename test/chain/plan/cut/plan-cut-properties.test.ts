import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { invertCut } from '@cutover/chain/plan/cut/change.ts';
import { describePlan } from '@cutover/chain/plan/cut/describe-cut.ts';
import { applyCut } from '@cutover/chain/plan/cut/diamond-model.ts';
import { loupeOf, type Routing } from '@cutover/chain/plan/cut/loupe.ts';
import { planCut, type CutContext, type CutPlan } from '@cutover/chain/plan/cut/plan-cut.ts';
import { verifyRouting } from '@cutover/chain/plan/cut/routing-check.ts';
import { address, cuttable, plain, routings, wantedFor } from './kit.ts';

const context: CutContext = {
  diamond: address('d'),
  unwanted: 'remove',
  mayLack: ['diamondCut', 'loupe'],
};
const codeSizes = Object.fromEntries(['1', '2', '3', 'a'].map((digit) => [address(digit), 1]));

function planned(from: Routing, to: Routing, changed: Partial<CutContext> = {}): CutPlan {
  return planCut(wantedFor(to), loupeOf(from), { ...context, ...changed });
}

function shuffled<T>(order: number, items: readonly T[]): T[] {
  return items
    .map((item, index) => ({ item, key: Math.sin(order + index) }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

describe('for any two diamonds a cut', () => {
  it('applied to the one gives the other, and its inverse leads back', () => {
    fc.assert(
      fc.property(cuttable, routings, (from, to) => {
        const plan = planned(from, to);
        if (plan.kind === 'nothing') {
          expect(plain(from)).toEqual(plain(to));
          return;
        }
        if (plan.kind === 'refused') throw new Error(plan.problems.map(({ words }) => words).join());
        const there = applyCut(from, plan.cut.facetCuts, { diamond: address('d'), codeSizes });
        if (there.kind === 'reverted') throw new Error(there.reason);
        expect(plain(there.routing)).toEqual(plain(to));
        const back = applyCut(there.routing, plan.inverse.facetCuts, { diamond: address('d'), codeSizes });
        if (back.kind === 'reverted') throw new Error(back.reason);
        expect(plain(back.routing)).toEqual(plain(from));
        expect(plan.inverse).not.toEqual(plan.cut);
        expect(invertCut(plan.inverse)).toEqual(plan.cut);
      }),
    );
  });

  it('leaves nothing to do: planning again, and verifying, find all as wanted', () => {
    fc.assert(
      fc.property(cuttable, (to) => {
        expect(planned(to, to).kind).toBe('nothing');
        expect(verifyRouting(wantedFor(to), { facets: loupeOf(to), codeSizes }, context)).toEqual([]);
      }),
    );
  });

  it('touches each selector once, and only those that differ', () => {
    fc.assert(
      fc.property(cuttable, routings, (from, to) => {
        const plan = planned(from, to);
        if (plan.kind !== 'cut') return;
        const sent = plan.cut.facetCuts.flatMap(({ functionSelectors }) => functionSelectors);
        const different = [...new Set([...from.keys(), ...to.keys()])].filter(
          (selector) => from.get(selector) !== to.get(selector),
        );
        expect(sent.toSorted()).toEqual(different.toSorted());
      }),
    );
  });

  it('is the same, to the letter, in whatever order things are given', () => {
    fc.assert(
      fc.property(cuttable, routings, fc.integer(), fc.boolean(), (from, to, order, refuse) => {
        const changed = refuse ? ({ unwanted: 'refuse', mayLack: [] } as const) : {};
        const one = planned(from, to, changed);
        const facets = shuffled(order, wantedFor(to)).map((each) => ({
          ...each,
          functions: shuffled(order, each.functions),
        }));
        const observed = shuffled(order, loupeOf(from)).map((each) => ({
          address: order % 2 === 0 ? each.address.toLowerCase() : each.address,
          selectors: shuffled(order, each.selectors),
        }));
        const other = planCut(facets, observed, { ...context, ...changed });
        expect(JSON.stringify(other)).toBe(JSON.stringify(one));
        expect(describePlan(other)).toEqual(describePlan(one));
      }),
    );
  });

  it('keeps what nobody wants when told so, and never touches what it may not', () => {
    fc.assert(
      fc.property(cuttable, routings, fc.boolean(), (from, to, own) => {
        const untouched = [...from.keys()].slice(0, 3);
        const wanted = new Map([...to].filter(([selector]) => !untouched.includes(selector)));
        // Half of the time they are untouched because they are routed to the diamond itself.
        const observed = own
          ? new Map([...from, ...untouched.map((selector) => [selector, address('d')] as const)])
          : from;
        const plan = planned(observed, wanted, { unwanted: 'keep', untouched: own ? [] : untouched });
        if (plan.kind === 'refused') throw new Error(plan.problems.map(({ words }) => words).join());
        const applied = applyCut(observed, plan.cut.facetCuts, { diamond: address('d') });
        if (applied.kind === 'reverted') throw new Error(applied.reason);
        expect(plain(applied.routing)).toEqual(plain(new Map([...observed, ...wanted])));
      }),
    );
  });

  it('is refused when it wants what it may not touch', () => {
    fc.assert(
      fc.property(cuttable, fc.constantFrom('0x40c10f19', '0x00000003'), (from, selector) => {
        const observed = new Map([...from, [selector, address('d')] as const]);
        const wanted = new Map([...from, [selector, address('1')] as const]);
        const plan = planned(observed, wanted);
        expect(plan).toMatchObject({
          kind: 'refused',
          problems: [{ kind: 'immutable', selectors: [selector] }],
        });
      }),
    );
  });
});
