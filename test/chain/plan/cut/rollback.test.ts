import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyCut } from '@cutover/chain/plan/cut/diamond-model.ts';
import { loupeOf } from '@cutover/chain/plan/cut/loupe.ts';
import { planCut } from '@cutover/chain/plan/cut/plan-cut.ts';
import { planFacetRollback, planRollback } from '@cutover/chain/plan/cut/rollback.ts';
import {
  address,
  burn,
  core,
  cuttable,
  cutOf,
  diamond,
  facet,
  kinds,
  mint,
  owner,
  plain,
  problemsOf,
  serving,
  transfer,
} from './kit.ts';

const own = { ...facet('', '1', owner), address: diamond };
const context = { diamond, mayLack: ['diamondCut', 'loupe'] } as const;

describe('a rollback', () => {
  it('to a recorded loupe is a cut like any other, and the inverse of the way there', () => {
    fc.assert(
      fc.property(cuttable, cuttable, (earlier, now) => {
        const plan = planRollback(loupeOf(earlier), loupeOf(now), context);
        if (plan.kind === 'nothing') {
          expect(plain(now)).toEqual(plain(earlier));
          return;
        }
        const { cut } = cutOf(plan);
        const applied = applyCut(now, cut.facetCuts);
        expect(applied.kind === 'applied' && plain(applied.routing)).toEqual(plain(earlier));
        const there = cutOf(planRollback(loupeOf(now), loupeOf(earlier), context));
        expect(there.inverse.facetCuts).toEqual(cut.facetCuts);
      }),
    );
  });

  it('to a named set is planCut with the facets of that set', () => {
    const set = [core, facet('MinterFacet', '1', mint)];
    const observed = serving(core, facet('', '2', mint, burn));
    const bySet = cutOf(planCut(set, observed, { diamond, unwanted: 'remove' }));
    const byRecord = cutOf(planRollback(serving(...set), observed, { diamond }));
    expect(byRecord.cut.facetCuts).toEqual(bySet.cut.facetCuts);
  });

  it('leaves the diamond’s own functions out of what was recorded', () => {
    const plan = planRollback(serving(core, own), serving(core, own, facet('', '2', mint)), context);
    expect(kinds(plan)).toMatchObject({ [mint.selector]: 'remove', [owner.selector]: 'unchanged' });
  });

  it('is refused where the record contradicts itself', () => {
    const recorded = serving(core, facet('', '1', mint), facet('', '2', mint));
    expect(problemsOf(planRollback(recorded, serving(core), context))).toMatchObject([
      {
        kind: 'malformed',
        words: expect.stringContaining('in what was recorded: the loupe lists') as string,
      },
    ]);
  });
});

describe('a rollback of one facet', () => {
  const former = { name: 'MinterFacet', address: address('1'), selectors: [mint.selector, burn.selector] };
  const others = [core, own, facet('', '7', owner)].slice(0, 2);

  it('brings back its address and selectors and leaves all others alone', () => {
    const observed = serving(...others, facet('', '2', mint, transfer), facet('', '3', burn));
    const plan = planFacetRollback(former, { address: address('2').toLowerCase() }, observed, {
      diamond,
      facetNames: { [address('2')]: 'MinterFacet' },
    });
    const { cut } = cutOf(plan);
    const place = (digit: string, name?: string): unknown => ({ name, address: address(digit) });
    expect(cut.changes.filter(({ kind }) => kind !== 'unchanged')).toEqual([
      {
        kind: 'replace',
        selector: mint.selector,
        signature: mint.selector,
        from: place('2', 'MinterFacet'),
        to: place('1', 'MinterFacet'),
      },
      // It went to another facet since: that shows in the plan.
      {
        kind: 'replace',
        selector: burn.selector,
        signature: burn.selector,
        from: place('3'),
        to: place('1', 'MinterFacet'),
      },
      {
        kind: 'remove',
        selector: transfer.selector,
        signature: transfer.selector,
        from: place('2', 'MinterFacet'),
      },
    ]);
    expect(cut.changes.filter(({ kind }) => kind === 'unchanged')).toHaveLength(6);
  });

  it('is nothing where it already is as it was', () => {
    const observed = serving(...others, facet('', '1', burn, mint));
    expect(planFacetRollback(former, { address: address('2') }, observed, { diamond }).kind).toBe('nothing');
    expect(planFacetRollback(former, { address: address('1') }, observed, { diamond }).kind).toBe('nothing');
  });

  it('undoes the change of a facet in any diamond', () => {
    fc.assert(
      fc.property(cuttable, (now) => {
        const [facetNow] = loupeOf(now);
        if (facetNow === undefined) return;
        const upgraded = new Map(
          [...now].map(([selector, at]) => [selector, at === facetNow.address ? address('e') : at] as const),
        );
        upgraded.set('0xffffffff', address('e'));
        const plan = planFacetRollback(facetNow, { address: address('e') }, loupeOf(upgraded), context);
        const applied = applyCut(upgraded, cutOf(plan).cut.facetCuts);
        expect(applied.kind === 'applied' && plain(applied.routing)).toEqual(plain(now));
      }),
    );
  });

  it('is refused where the chain or the record cannot be read', () => {
    const torn = serving(core, facet('', '1', mint), facet('', '2', mint));
    const current = { address: address('2') };
    expect(problemsOf(planFacetRollback(former, current, torn, { diamond }))[0]?.kind).toBe(
      'loupe malformed',
    );
    const broken = { ...former, selectors: ['0x1'] };
    expect(problemsOf(planFacetRollback(broken, current, serving(core), { diamond }))[0]?.words).toContain(
      'in what was recorded: 0x1 of the facet',
    );
  });
});
