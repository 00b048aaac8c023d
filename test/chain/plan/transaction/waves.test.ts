import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planWaves, type PlannedTransaction } from '@cutover/chain/plan/transaction/waves.ts';

const limits = { blockGasLimit: 30_000_000n, transactionGasCap: 16_777_216n };
const contract = (name: string, gas: bigint, needs: readonly string[] = []): PlannedTransaction => ({
  ...{ name, gas, creates: `0x${name}`, needs },
});

describe('transactions', () => {
  it('that need each other share a block, in order', () => {
    const plan = planWaves(
      [
        { name: 'cut', gas: 1_000_000n, needs: ['0xDIAMOND', '0xfacet'] },
        contract('diamond', 2_000_000n),
        contract('facet', 3_000_000n, ['0xlibrary']),
        contract('library', 500_000n),
      ],
      limits,
    );
    expect(plan).toMatchObject({
      kind: 'waves',
      blocks: [['diamond', 'library', 'facet', 'cut']],
      floor: 1,
      gas: 6_500_000n,
    });
  });

  it('of 50.1 million gas need two blocks of 30 million', () => {
    const facets = Array.from({ length: 16 }, (_, index) => contract(`f${index}`, 3_000_000n));
    const cut = { name: 'cut', gas: 2_100_000n, needs: facets.map(({ creates }) => creates ?? '') };
    const plan = planWaves([...facets, cut], limits);
    expect(plan.kind === 'waves' && plan.blocks.map((block) => block.length)).toEqual([10, 7]);
    expect(plan.kind === 'waves' && plan.floor).toBe(2);
  });

  it('need the room that they may use, and leave what they do not', () => {
    const wasteful = (name: string): PlannedTransaction => ({ name, gas: 4_000_000n, gasLimit: 16_000_000n });
    const plan = planWaves(['a', 'b', 'c', 'd', 'e'].map(wasteful), limits);
    expect(plan.kind === 'waves' && plan.blocks).toEqual([['a', 'b', 'c', 'd'], ['e']]);
  });

  it('that need each other in a circle, or more than a block has, are told', () => {
    const circle = [contract('a', 1n, ['0xb']), contract('b', 1n, ['0xa'])];
    expect(planWaves(circle, limits)).toEqual({ kind: 'cycle', names: ['a', 'b'] });
    const large = contract('large', 17_000_000n);
    expect(planWaves([large], limits)).toMatchObject({ kind: 'too-large', limit: 16_777_216n });
  });

  it('come behind what they need, all of them once, in no fewer blocks than the floor', () => {
    const graph = fc.array(
      fc.record({ gas: fc.bigInt(21_000n, 16_000_000n), needs: fc.array(fc.nat(30), { maxLength: 4 }) }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(graph, (nodes) => {
        const transactions = nodes.map(({ gas, needs }, index) =>
          contract(
            `t${index}`,
            gas,
            needs.filter((other) => other < index).map((other) => `0xt${other}`),
          ),
        );
        const plan = planWaves(transactions.toReversed(), limits);
        if (plan.kind !== 'waves') throw new Error(plan.kind);
        expect(plan.blocks.flat()).toEqual(plan.order);
        expect(plan.order.toSorted()).toEqual(transactions.map(({ name }) => name).toSorted());
        expect(plan.blocks.length).toBeGreaterThanOrEqual(plan.floor);
        for (const { name, needs } of transactions) {
          for (const needed of needs ?? []) {
            expect(plan.order.indexOf(needed.slice(2))).toBeLessThan(plan.order.indexOf(name));
          }
        }
      }),
    );
  });
});
