import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { facetSetCuts } from '@cutover/chain/plan/cut/facet-set.ts';
import type { WantedFacet } from '@cutover/chain/plan/cut/wanted.ts';
import { planSet, type ObservedSet } from '@cutover/chain/plan/facet-factory.ts';
import { burn, facet, mint, transfer } from './cut/kit.ts';

const first = [facet('MinterFacet', '1', mint, burn)];
const second = [facet('MinterFacet', '2', mint, transfer)];
const cuts = (facets: readonly WantedFacet[]) => facetSetCuts({ name: 'gemforce', facets });
const history = (current: number, ...versions: readonly (readonly WantedFacet[])[]): ObservedSet => ({
  current,
  versions: versions.map((facets, index) => ({ version: index + 1, facets })),
});

describe('a set of facets in a factory', () => {
  it.each([
    ['is written where there is none', first, history(0), { kind: 'write', version: 1 }],
    ['is left alone where it is current', first, history(1, first), { kind: 'nothing', version: 1 }],
    ['is written as the next version', second, history(1, first), { kind: 'write', version: 2 }],
    ['goes back to an earlier version', first, history(2, first, second), { kind: 'rollback', version: 1 }],
    ['is taken up again after it was removed', first, history(0, first), { kind: 'rollback', version: 1 }],
    [
      'goes back to the latest of several alike',
      first,
      history(2, first, second, first),
      { kind: 'rollback', version: 3 },
    ],
    [
      'stays where it is, though a later version is alike',
      first,
      history(1, first, second, first),
      { kind: 'nothing', version: 1 },
    ],
  ] as const)('%s', (_, wanted, observed, plan) => {
    expect(planSet(cuts(wanted), observed)).toEqual(plan);
  });

  it('counts on from versions that were too old to be looked at', () => {
    const observed = { current: 60, versions: [{ version: 60, facets: first }] };
    expect(planSet(cuts(second), observed)).toEqual({ kind: 'write', version: 61 });
  });

  it('is the same in whatever order facets and functions come', () => {
    const facets = [facet('MinterFacet', '1', mint, burn), facet('TransferFacet', '2', transfer)];
    const shuffled = fc
      .shuffledSubarray(facets, { minLength: 2 })
      .chain((some) =>
        fc.tuple(
          ...some.map((each) =>
            fc
              .shuffledSubarray([...each.functions], { minLength: each.functions.length })
              .map((functions): WantedFacet => ({ ...each, functions })),
          ),
        ),
      );
    fc.assert(
      fc.property(shuffled, (wanted) => {
        expect(planSet(cuts(wanted), history(1, facets)).kind).toBe('nothing');
      }),
    );
  });
});
