import { describe, expect, it } from 'vitest';
import { applyCut, followCut } from '@cutover/chain/plan/cut/diamond-model.ts';
import type { FacetCut } from '@cutover/chain/plan/cut/change.ts';
import { zeroAddress } from '@cutover/chain/plan/cut/selector.ts';
import { address, burn, diamond, mint, owner, plain, transfer } from './kit.ts';

const [a, b] = [address('a'), address('b')];
const before = new Map([
  [mint.selector, a],
  [owner.selector, diamond],
]);

function entry(action: 0 | 1 | 2, facetAddress: string, ...functionSelectors: string[]): FacetCut {
  return { action, facetAddress, functionSelectors };
}

describe('the model of a diamond', () => {
  it('adds, replaces and removes in the order given', () => {
    const outcome = applyCut(before, [
      entry(0, a.toLowerCase(), transfer.selector),
      entry(1, b, mint.selector, transfer.selector),
      entry(2, zeroAddress, mint.selector),
      entry(0, a, mint.selector),
    ]);
    if (outcome.kind === 'reverted') throw new Error(outcome.reason);
    expect(plain(outcome.routing)).toEqual(
      plain(new Map([...before, [mint.selector, a], [transfer.selector, b]])),
    );
    expect(before.size).toBe(2);
  });

  it.each([
    ['adding what is there', entry(0, b, mint.selector), `cannot be added: ${a} has it already`],
    [
      'replacing what is not there',
      entry(1, b, burn.selector),
      'cannot be replaced: the diamond does not have it',
    ],
    ['replacing by the same facet', entry(1, a, mint.selector), `cannot be replaced: ${a} has it already`],
    [
      'removing what is not there',
      entry(2, zeroAddress, burn.selector),
      'cannot be removed: the diamond does not',
    ],
    [
      'replacing an own function',
      entry(1, a, owner.selector),
      'cannot be replaced: it is part of the diamond',
    ],
    [
      'removing an own function',
      entry(2, zeroAddress, owner.selector),
      'cannot be removed: it is part of the',
    ],
    ['the same twice in one entry', entry(0, b, burn.selector, burn.selector), 'cannot be added'],
    ['no selectors', entry(0, b), 'has no selectors'],
    ['adding to the zero address', entry(0, zeroAddress, burn.selector), 'cannot go to the zero address'],
    ['replacing by the zero address', entry(1, zeroAddress, mint.selector), 'cannot go to the zero address'],
    ['removing with a facet', entry(2, a, mint.selector), 'removing goes with the zero address'],
    ['another action', entry(3 as 2, a, mint.selector), '3 is no action'],
    ['a broken selector', entry(0, b, '0x12'), '0x12 is no selector'],
    ['a broken address', entry(0, '0x12', burn.selector), '0x12 is no address'],
  ])('reverts on %s', (_, cut, reason) => {
    const outcome = applyCut(before, [cut], { diamond });
    expect(outcome).toEqual({ kind: 'reverted', reason: expect.stringContaining(reason) as string });
  });

  it('reverts for a facet without code, where sizes are known', () => {
    const cuts = [entry(0, b, burn.selector)];
    expect(applyCut(before, cuts, { codeSizes: { [b.toLowerCase()]: 0 } })).toEqual({
      kind: 'reverted',
      reason: `the facet ${b} has no code`,
    });
    expect(applyCut(before, cuts, { codeSizes: { [b.toLowerCase()]: 7 } }).kind).toBe('applied');
    expect(applyCut(before, [entry(2, zeroAddress, mint.selector)], { codeSizes: {} }).kind).toBe('applied');
  });

  it('can be followed beyond the first reason', () => {
    const followed = followCut(before, [
      entry(1, b, burn.selector),
      entry(0, b, mint.selector, transfer.selector),
    ]);
    expect(followed.reasons).toHaveLength(2);
    expect(followed.routing.get(transfer.selector)).toBe(b);
  });
});
