import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feesFor, gasLimitFor, highestPrice, transactionGasCap } from '@cutover/chain/plan/fees.ts';

const gwei = 10n ** 9n;

describe('fees', () => {
  it('are twice the base fee and a tip of 1 gwei', () => {
    const fees = feesFor({ baseFee: 30n * gwei, gasPrice: 31n * gwei });
    expect(fees).toEqual({ type: 2, maxFeePerGas: 61n * gwei, maxPriorityFeePerGas: gwei });
    expect(highestPrice(fees)).toBe(61n * gwei);
  });

  it('are the gas price where a chain has no base fee', () => {
    expect(feesFor({ baseFee: undefined, gasPrice: 5n })).toEqual({ type: 0, gasPrice: 5n });
  });
});

describe('the gas limit', () => {
  it('is a fifth above the estimate', () => {
    expect(gasLimitFor(100_001n, 30_000_000n)).toBe(120_002n);
  });

  it('is between the estimate and what a transaction or a block may use, or there is none', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 40_000_000n), fc.bigInt(1n, 60_000_000n), (estimate, block) => {
        const cap = block < transactionGasCap ? block : transactionGasCap;
        const limit = gasLimitFor(estimate, block);
        if (limit === undefined) expect(estimate > cap).toBe(true);
        else expect(limit >= estimate && limit <= cap).toBe(true);
      }),
    );
  });
});
