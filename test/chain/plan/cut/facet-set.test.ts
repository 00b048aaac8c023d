import { describe, expect, it } from 'vitest';
import { applyCut } from '@cutover/chain/plan/cut/diamond-model.ts';
import { checkFacetSets, facetSetCuts, planSetChange } from '@cutover/chain/plan/cut/facet-set.ts';
import { planCut } from '@cutover/chain/plan/cut/plan-cut.ts';
import { address, burn, core, cutOf, facet, kinds, mint, plain, problemsOf, transfer } from './kit.ts';

const first = { name: 'defaultFacetSet', facets: [core, facet('MinterFacet', '1', mint, burn)] };
const second = { name: 'newFacetSet', facets: [core, facet('MinterFacet', '2', mint, transfer)] };

describe('facet sets', () => {
  it('are what a diamond is created from', () => {
    const cuts = facetSetCuts(first);
    expect(cuts.map(({ action }) => action)).toEqual([0, 0]);
    const created = applyCut(new Map(), cuts);
    const planned = cutOf(planCut(first.facets, [], { unwanted: 'remove' })).cut;
    expect(cuts).toEqual(planned.facetCuts);
    expect(created.kind === 'applied' && created.routing.size).toBe(7);
  });

  it('lead from one to the other and back', () => {
    const there = planSetChange(first, second);
    expect(kinds(there)).toMatchObject({
      [mint.signature]: 'replace',
      [burn.signature]: 'remove',
      [transfer.signature]: 'add',
    });
    const back = planSetChange(second, first);
    expect(cutOf(back).cut.facetCuts).toEqual(cutOf(there).inverse.facetCuts);
    const created = applyCut(new Map(), facetSetCuts(first));
    if (created.kind === 'reverted') throw new Error(created.reason);
    const moved = applyCut(created.routing, cutOf(there).cut.facetCuts);
    const other = applyCut(new Map(), facetSetCuts(second));
    if (moved.kind === 'reverted' || other.kind === 'reverted') throw new Error('reverted');
    expect(plain(moved.routing)).toEqual(plain(other.routing));
  });

  it('may change under their own name', () => {
    expect(planSetChange(first, { ...second, name: first.name }).kind).toBe('cut');
    expect(planSetChange(first, first).kind).toBe('nothing');
    const broken = { ...second, name: first.name, facets: [core, facet('EmptyFacet', '3')] };
    expect(problemsOf(planSetChange(first, broken))).toMatchObject([
      { kind: 'no functions', words: expect.stringContaining('set defaultFacetSet: EmptyFacet') as string },
    ]);
  });

  it('are refused with all that is wrong with them', () => {
    const problems = checkFacetSets([
      first,
      { ...second, name: first.name },
      { name: 'v2 beta', facets: [facet('MinterFacet', '1', mint), facet('MinterFacet', '2', mint)] },
    ]);
    expect(problems.map(({ words }) => words)).toEqual([
      `set v2 beta: mint(address,uint256) (0x40c10f19) is wanted from MinterFacet ${address('1')} and MinterFacet ${address('2')}: exclude it from all but one`,
      'set "v2 beta": a name is a letter and up to 62 letters, digits, dots, dashes or underscores',
      'set v2 beta: there are 2 facets named MinterFacet',
      'there are 2 sets named defaultFacetSet',
    ]);
    for (const name of ['', '2nd', 'a'.repeat(64), 'sét', 'a/b']) {
      expect(checkFacetSets([{ name, facets: [] }])).toHaveLength(1);
    }
    for (const name of ['a', 'v2.1-beta_3', 'a'.repeat(63)]) {
      expect(checkFacetSets([{ name, facets: [] }])).toEqual([]);
    }
  });
});
