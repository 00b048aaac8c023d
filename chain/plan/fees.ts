/** What the fees of a transaction are made of. */
export interface FeeMarket {
  /** Undefined on chains without EIP-1559. */
  readonly baseFee: bigint | undefined;
  readonly gasPrice: bigint;
}

/** The fee fields of a transaction, in wei. */
export type Fees =
  | { readonly type: 2; readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }
  | { readonly type: 0; readonly gasPrice: bigint };

const gwei = 1_000_000_000n;

/** Twice the base fee outlives six full blocks in a row; the tip is what makes a block's builder take it. */
export function feesFor(market: FeeMarket): Fees {
  if (market.baseFee === undefined) return { type: 0, gasPrice: market.gasPrice };
  return { type: 2, maxFeePerGas: 2n * market.baseFee + gwei, maxPriorityFeePerGas: gwei };
}

/** The most that one unit of gas can cost. */
export function highestPrice(fees: Fees): bigint {
  return fees.type === 2 ? fees.maxFeePerGas : fees.gasPrice;
}

/** EIP-7825: no transaction may use more. */
export const transactionGasCap = 16_777_216n;

/**
 * The gas limit of a transaction: the estimate and a fifth, since state may change until it is mined, but never above
 * what a transaction or a block may use. Undefined when the estimate itself is above.
 */
export function gasLimitFor(estimate: bigint, blockGasLimit: bigint): bigint | undefined {
  const cap = blockGasLimit < transactionGasCap ? blockGasLimit : transactionGasCap;
  if (estimate > cap) return undefined;
  const limit = (estimate * 120n + 99n) / 100n;
  return limit < cap ? limit : cap;
}
