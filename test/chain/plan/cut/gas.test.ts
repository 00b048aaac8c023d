import { describe, expect, it } from 'vitest';
import type { MovedFunction } from '@cutover/chain/plan/cut/change.ts';
import { estimateCutGas } from '@cutover/chain/plan/cut/gas.ts';
import { address } from './kit.ts';

// What eth_estimateGas of anvil 1.7.1 said, refunds not taken off, for the LibDiamond of hardhat-deploy 1.0.4 (lists by
// facet) and DiamondWritableInternal of @solidstate/contracts 0.0.59 (eight selectors a slot) behind a bare proxy, solc
// 0.8.37 without the optimizer: kind, functions, facets, gas of the one and of the other.
const measured = [
  ['add', 1, 1, 159_793, 73_944],
  ['add', 10, 1, 410_328, 312_261],
  ['add', 200, 1, 5_743_332, 5_408_970],
  ['add', 600, 1, 17_007_843, 16_129_367],
  ['add', 16, 16, 2_013_487, 596_158],
  ['replace', 16, 16, 2_133_853, 266_174],
  ['replace', 10, 1, 293_821, 109_690],
  ['replace', 200, 1, 3_017_820, 1_358_558],
  ['replace', 400, 1, 7_149_605, 2_673_966],
  ['remove', 1, 1, 65_944, 61_735],
  ['remove', 16, 16, 516_919, 163_301],
  ['remove', 100, 1, 1_659_869, 1_424_170],
  ['remove', 200, 1, 1_883_680, 1_616_923],
  ['remove', 300, 1, 3_244_347, 3_163_245],
] as const;

function changes(kind: MovedFunction['kind'], functions: number, facets: number): MovedFunction[] {
  return Array.from({ length: functions }, (_, index): MovedFunction => {
    const selector = `0x${index.toString(16).padStart(8, '0')}`;
    const [from, to] = ['1', '2'].map((digit) => ({
      name: undefined,
      address: `0x${digit}${(index % facets).toString(16).padStart(39, '0')}`,
    })) as [{ name: undefined; address: string }, { name: undefined; address: string }];
    if (kind === 'add') return { kind, selector, signature: selector, to };
    if (kind === 'remove') return { kind, selector, signature: selector, from };
    return { kind, selector, signature: selector, from, to };
  });
}

describe('the gas of a cut', () => {
  it.each(measured)(
    'to %s %i function(s) of %i facet(s) is not underestimated',
    (kind, count, facets, ...gas) => {
      const estimate = Number(estimateCutGas(changes(kind, count, facets)));
      expect(estimate).toBeGreaterThanOrEqual(Math.max(...gas));
      // Nor so high that cuts are split for nothing. Single removals are small, so their share does not matter.
      expect(estimate).toBeLessThan(Math.max(...gas) * 1.9);
    },
  );

  it('counts what an initialiser may use, and its calldata', () => {
    const initializer = {
      address: address('5'),
      calldata: `0x${'ff'.repeat(100)}`,
      gas: 1_000_000n,
      words: '',
    };
    const one = changes('add', 1, 1);
    expect(estimateCutGas(one, initializer) - estimateCutGas(one)).toBe(1_005_000n);
  });
});
