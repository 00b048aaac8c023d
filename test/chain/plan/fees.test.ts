import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bumpedFees,
  defaultFallbackGwei,
  feesFor,
  feesForLevel,
  gasLimitFor,
  highestPrice,
  transactionGasCap,
  weiOf,
  type FeeDecision,
  type FeeLevel,
  type Fees,
} from '@cutover/chain/plan/fees.ts';

const gwei = 10n ** 9n;
const levels: readonly FeeLevel[] = ['low', 'medium', 'high', 'urgent'];
const fallbackGwei = defaultFallbackGwei(1);

/** The fees of a decision that is none to wait. */
function feesOf(decision: FeeDecision): Fees {
  if (decision.kind === 'wait') throw new Error('it waits');
  return decision.fees;
}

describe('fees', () => {
  it('are twice the base fee and a tip of 1 gwei', () => {
    const fees = feesFor({ baseFee: 30n * gwei, gasPrice: 31n * gwei });
    expect(fees).toEqual({ type: 2, maxFeePerGas: 61n * gwei, maxPriorityFeePerGas: gwei });
    expect(highestPrice(fees)).toBe(61n * gwei);
  });

  it('are the gas price where a chain has no base fee', () => {
    expect(feesFor({ baseFee: undefined, gasPrice: 5n })).toEqual({ type: 0, gasPrice: 5n });
  });

  it.each([
    ['low', 1_000_000_000n],
    ['medium', 1_500_000_000n],
    ['high', 2_000_000_000n],
    ['urgent', 3_000_000_000n],
  ] as const)('for what is %s tip %s wei', (level, tip) => {
    const decision = feesForLevel({ baseFee: 30n * gwei, gasPrice: 31n * gwei, level, fallbackGwei });
    expect(decision).toEqual({
      kind: 'fees',
      fees: { type: 2, maxFeePerGas: 60n * gwei + tip, maxPriorityFeePerGas: tip },
      capped: false,
    });
  });

  it.each([
    ['low', 8n],
    ['medium', 10n],
    ['high', 15n],
    ['urgent', 20n],
  ] as const)('for what is %s are %s tenths of the gas price without EIP-1559', (level, tenths) => {
    const decision = feesForLevel({ baseFee: undefined, gasPrice: 10n * gwei, level, fallbackGwei });
    expect(feesOf(decision)).toEqual({ type: 0, gasPrice: tenths * gwei });
  });

  it.each([
    [1, [20n, 30n, 50n, 80n].map((price) => price * gwei)],
    [84532, [1_000_000_000n, 1_500_000_000n, 2_000_000_000n, 3_000_000_000n]],
    [80002, [10n, 10n, 10n, 10n].map((price) => price * gwei)],
  ])('on chain %s fall back on the usual price when no node gives one', (chainId, prices) => {
    const found = levels.map((level) =>
      feesForLevel({
        baseFee: undefined,
        gasPrice: undefined,
        level,
        fallbackGwei: defaultFallbackGwei(chainId),
      }),
    );
    expect(found.map((decision) => highestPrice(feesOf(decision)))).toEqual(prices);
  });

  it('have the fields of EIP-1559 where the chain is known to have it, though no node says so', () => {
    const question = { baseFee: undefined, gasPrice: undefined, level: 'low', fallbackGwei } as const;
    expect(feesOf(feesForLevel({ ...question, forks: { eip1559: true } }))).toEqual({
      type: 2,
      maxFeePerGas: 20n * gwei,
      maxPriorityFeePerGas: gwei,
    });
  });

  it('tip what a chain asks for at least', () => {
    const forks = { eip1559: true, minimumTip: 25n * gwei };
    const question = { baseFee: gwei, gasPrice: gwei, level: 'low', fallbackGwei, forks } as const;
    expect(feesOf(feesForLevel(question))).toEqual({
      type: 2,
      maxFeePerGas: 27n * gwei,
      maxPriorityFeePerGas: 25n * gwei,
    });
    const unasked = feesForLevel({
      ...question,
      baseFee: undefined,
      gasPrice: undefined,
      fallbackGwei: defaultFallbackGwei(80002),
    });
    expect(highestPrice(feesOf(unasked))).toBe(25n * gwei);
  });

  it('lose headroom to the ceiling, and wait when the price of the moment is above it', () => {
    const question = { gasPrice: undefined, level: 'low', fallbackGwei, ceilingGwei: 200 } as const;
    expect(feesForLevel({ ...question, baseFee: 150n * gwei })).toEqual({
      kind: 'fees',
      fees: { type: 2, maxFeePerGas: 200n * gwei, maxPriorityFeePerGas: gwei },
      capped: true,
    });
    expect(feesForLevel({ ...question, baseFee: 199n * gwei }).kind).toBe('fees');
    expect(feesForLevel({ ...question, baseFee: 199n * gwei + 1n })).toEqual({
      kind: 'wait',
      have: 200n * gwei + 1n,
      limit: 200n * gwei,
    });
    expect(feesForLevel({ ...question, baseFee: undefined, gasPrice: 201n * gwei, level: 'high' })).toEqual({
      kind: 'wait',
      have: 201n * gwei,
      limit: 200n * gwei,
    });
  });

  it('read gwei of stack files to the wei', () => {
    expect([1.5, 0.000000001, 1e-9, 100_000, 0, 0.1].map(weiOf)).toEqual([
      1_500_000_000n,
      1n,
      1n,
      100_000n * gwei,
      0n,
      100_000_000n,
    ]);
  });
});

const price = fc.bigInt(0n, 2_000n * gwei);
const market = fc.record({
  baseFee: fc.option(price, { nil: undefined }),
  gasPrice: fc.option(price, { nil: undefined }),
});
const policy = fc.record({
  level: fc.constantFrom(...levels),
  fallbackGwei: fc.constantFrom(...[1, 84532, 5].map(defaultFallbackGwei)),
  ceilingGwei: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined }),
  forks: fc.option(
    fc.record({
      eip1559: fc.boolean(),
      minimumTip: fc.option(fc.bigInt(0n, 30n * gwei), { nil: undefined }),
    }),
    { nil: undefined },
  ),
});
const previous = fc.oneof(
  price.map((gasPrice): Fees => ({ type: 0, gasPrice })),
  fc.tuple(price, price).map(([a, b]): Fees => ({
    type: 2,
    maxFeePerGas: a > b ? a : b,
    maxPriorityFeePerGas: a > b ? b : a,
  })),
);

/** The two prices that nodes compare; without EIP-1559 both are the gas price. */
function pricesOf(fees: Fees): readonly [bigint, bigint] {
  return fees.type === 2 ? [fees.maxFeePerGas, fees.maxPriorityFeePerGas] : [fees.gasPrice, fees.gasPrice];
}

describe('whatever the market', () => {
  it('fees never fall with the urgency, and a tip is never above the maximum', () => {
    fc.assert(
      fc.property(market, policy, (now, { ceilingGwei: _, ...rest }) => {
        const all = levels.map((level) => pricesOf(feesOf(feesForLevel({ ...now, ...rest, level }))));
        for (const [at, [max, tip]] of all.entries()) {
          const [lowerMax, lowerTip] = all[at - 1] ?? [0n, 0n];
          expect(max >= lowerMax && tip >= lowerTip && tip <= max).toBe(true);
        }
      }),
    );
  });

  it('nothing is ever above the ceiling, and one only waits when it must', () => {
    fc.assert(
      fc.property(market, policy, (now, rest) => {
        const decision = feesForLevel({ ...now, ...rest });
        if (decision.kind === 'wait') expect(decision.have > decision.limit).toBe(true);
        else if (rest.ceilingGwei !== undefined) {
          expect(highestPrice(decision.fees) <= weiOf(rest.ceilingGwei)).toBe(true);
        }
      }),
    );
  });

  it('a replacement is taken by nodes that want a tenth more, stays below the ceiling and keeps its kind', () => {
    fc.assert(
      fc.property(previous, market, policy, (before, now, rest) => {
        const decision = bumpedFees(before, now, rest);
        if (decision.kind === 'wait') {
          expect(decision.have > decision.limit).toBe(true);
          return;
        }
        const [oldMax, oldTip] = pricesOf(before);
        const [max, tip] = pricesOf(decision.fees);
        expect(decision.fees.type).toBe(before.type);
        // As geth's txpool compares them.
        expect(max > oldMax && tip > oldTip).toBe(true);
        expect(max * 100n >= oldMax * 110n && tip * 100n >= oldTip * 110n).toBe(true);
        expect(tip <= max).toBe(true);
        if (rest.ceilingGwei !== undefined) expect(max <= weiOf(rest.ceilingGwei)).toBe(true);
      }),
    );
  });
});

describe('a replacement', () => {
  const policyOf = (ceilingGwei?: number) => ({ level: 'low', fallbackGwei, ceilingGwei }) as const;
  const before: Fees = { type: 2, maxFeePerGas: 80n * gwei, maxPriorityFeePerGas: 8n * gwei };

  it('pays an eighth more', () => {
    expect(feesOf(bumpedFees(before, { baseFee: gwei, gasPrice: gwei }, policyOf()))).toEqual({
      type: 2,
      maxFeePerGas: 90n * gwei,
      maxPriorityFeePerGas: 9n * gwei,
    });
  });

  it('pays what the market asks where that is more', () => {
    const now = { baseFee: 100n * gwei, gasPrice: undefined };
    expect(feesOf(bumpedFees(before, now, policyOf()))).toEqual({
      type: 2,
      maxFeePerGas: 201n * gwei,
      maxPriorityFeePerGas: 9n * gwei,
    });
  });

  it('waits where an eighth more is above the ceiling', () => {
    const calm = { baseFee: gwei, gasPrice: gwei };
    expect(bumpedFees(before, calm, policyOf(90)).kind).toBe('fees');
    expect(bumpedFees(before, calm, policyOf(89))).toEqual({
      kind: 'wait',
      have: 90n * gwei,
      limit: 89n * gwei,
    });
  });

  it('without EIP-1559 pays an eighth more too', () => {
    const now = { baseFee: undefined, gasPrice: gwei };
    expect(feesOf(bumpedFees({ type: 0, gasPrice: 8n * gwei }, now, policyOf()))).toEqual({
      type: 0,
      gasPrice: 9n * gwei,
    });
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

  it('goes by the cap of the chain where it has another one', () => {
    expect(gasLimitFor(20_000_000n, 60_000_000n)).toBeUndefined();
    expect(gasLimitFor(20_000_000n, 60_000_000n, 2n ** 32n - 1n)).toBe(24_000_000n);
    expect(gasLimitFor(20_000_000n, 22_000_000n, 2n ** 32n - 1n)).toBe(22_000_000n);
  });
});
