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

/** How urgent a transaction is: what may wait, the ordinary one, what should not wait, a pause or a rollback. */
export type FeeLevel = 'low' | 'medium' | 'high' | 'urgent';

/** A price in gwei by urgency, as stack files have it. */
export type GweiByLevel = Readonly<Record<FeeLevel, number>>;

/** What a stack file says about the fees of a chain. Plain numbers, fit for state. */
export interface FeePolicy {
  /** The price where the node gives none. @default `defaultFallbackGwei` of the chain */
  readonly fallbackGwei?: GweiByLevel;
  /** Nothing is sent at a price above this. @default no ceiling */
  readonly ceilingGwei?: number;
}

/** What the rules of a chain say about fees. */
export interface FeeRules {
  /** Whether transactions have the fields of EIP-1559. A base fee in the head block says so by itself. */
  readonly eip1559?: boolean;
  /** In wei: validators of some chains pass over what tips less. */
  readonly minimumTip?: bigint | undefined;
}

/** What a node says about prices; undefined where it says nothing. */
export interface FeeObservation {
  readonly baseFee: bigint | undefined;
  readonly gasPrice: bigint | undefined;
}

/** All that decides about the fees of one transaction. */
export interface FeeQuestion extends FeeObservation {
  readonly level: FeeLevel;
  readonly fallbackGwei: GweiByLevel;
  readonly ceilingGwei?: number | undefined;
  readonly forks?: FeeRules | undefined;
}

/**
 * The fees, or that it is better to wait: `have` is what a block takes now, `limit` the ceiling, both in wei.
 * `capped` fees have less headroom than they should, because the ceiling cuts it off.
 */
export type FeeDecision =
  | { readonly kind: 'fees'; readonly fees: Fees; readonly capped: boolean }
  | { readonly kind: 'wait'; readonly have: bigint; readonly limit: bigint };

const gwei = 1_000_000_000n;

/** In tenths, so that no fraction is needed. */
const tipTenths: Readonly<Record<FeeLevel, bigint>> = { low: 10n, medium: 15n, high: 20n, urgent: 30n };
const legacyTenths: Readonly<Record<FeeLevel, bigint>> = { low: 8n, medium: 10n, high: 15n, urgent: 20n };

/** Twice the base fee outlives six full blocks in a row; the tip is what makes a block's builder take it. */
export function feesFor(market: FeeMarket): Fees {
  if (market.baseFee === undefined) return { type: 0, gasPrice: market.gasPrice };
  return { type: 2, maxFeePerGas: 2n * market.baseFee + gwei, maxPriorityFeePerGas: gwei };
}

/** The price by urgency for when no node gives one. */
export function defaultFallbackGwei(chainId: number): GweiByLevel {
  switch (chainId) {
    case 1:
      return { low: 20, medium: 30, high: 50, urgent: 80 };
    case 84532:
      return { low: 1, medium: 1.5, high: 2, urgent: 3 };
    default:
      return { low: 10, medium: 10, high: 10, urgent: 10 };
  }
}

/**
 * The fees for a transaction of this urgency. With EIP-1559 the maximum is twice the base fee and the tip; without, a
 * multiple of the gas price. The ceiling cuts off headroom; where even the price of this moment is above it, one waits.
 */
export function feesForLevel(question: FeeQuestion): FeeDecision {
  const wanted = wantedFees(question);
  const limit = question.ceilingGwei === undefined ? undefined : weiOf(question.ceilingGwei);
  if (limit === undefined) return { kind: 'fees', fees: wanted, capped: false };
  const have = priceNow(question, wanted);
  if (have > limit) return { kind: 'wait', have, limit };
  return { kind: 'fees', fees: cappedAt(wanted, limit), capped: highestPrice(wanted) > limit };
}

/**
 * The fees of a transaction that takes the place of an earlier one: an eighth above it (nodes ask for a tenth), or
 * what the market asks now where that is more. Of the same kind as the earlier one's, and never above the ceiling.
 */
export function bumpedFees(
  previous: Fees,
  market: FeeObservation,
  policy: Omit<FeeQuestion, keyof FeeObservation>,
): FeeDecision {
  const now = feesForLevel({ ...policy, ...market });
  if (now.kind === 'wait') return now;
  const limit = policy.ceilingGwei === undefined ? undefined : weiOf(policy.ceilingGwei);
  const least = anEighthMore(previous);
  const have = highestPrice(least);
  if (limit !== undefined && have > limit) return { kind: 'wait', have, limit };
  return { kind: 'fees', fees: atLeast(least, now.fees), capped: now.capped };
}

/** The most that one unit of gas can cost. */
export function highestPrice(fees: Fees): bigint {
  return fees.type === 2 ? fees.maxFeePerGas : fees.gasPrice;
}

/** Gwei as stack files have them, in wei. Below a wei there is nothing. */
export function weiOf(amount: number): bigint {
  return BigInt(amount.toFixed(9).replace('.', ''));
}

/** EIP-7825: no transaction may use more. */
export const transactionGasCap = 16_777_216n;

/**
 * The gas limit of a transaction: the estimate and a fifth, since state may change until it is mined, but never above
 * what a transaction or a block may use. Undefined when the estimate itself is above. `cap` is what the chain's rules
 * allow a transaction, `rulesAt(…).transactionGasCap`.
 */
export function gasLimitFor(
  estimate: bigint,
  blockGasLimit: bigint,
  cap: bigint = transactionGasCap,
): bigint | undefined {
  const most = smaller(blockGasLimit, cap);
  if (estimate > most) return undefined;
  return smaller((estimate * 120n + 99n) / 100n, most);
}

function wantedFees(question: FeeQuestion): Fees {
  const { baseFee, gasPrice, level, fallbackGwei, forks } = question;
  const minimumTip = forks?.minimumTip ?? 0n;
  const asked = gasPrice === undefined ? weiOf(fallbackGwei[level]) : tenths(gasPrice, legacyTenths[level]);
  const price = larger(asked, minimumTip);
  if (baseFee === undefined && forks?.eip1559 !== true) return { type: 0, gasPrice: price };
  const tip = larger(tenths(gwei, tipTenths[level]), minimumTip);
  const maxFeePerGas = baseFee === undefined ? price : 2n * baseFee + tip;
  return { type: 2, maxFeePerGas, maxPriorityFeePerGas: smaller(tip, maxFeePerGas) };
}

/** What a block takes at this moment: without the headroom for the blocks to come. */
function priceNow({ baseFee, gasPrice, forks }: FeeQuestion, wanted: Fees): bigint {
  if (wanted.type === 2 && baseFee !== undefined) return baseFee + wanted.maxPriorityFeePerGas;
  const highest = highestPrice(wanted);
  return gasPrice === undefined ? highest : smaller(highest, larger(gasPrice, forks?.minimumTip ?? 0n));
}

function cappedAt(fees: Fees, limit: bigint): Fees {
  if (fees.type === 0) return { type: 0, gasPrice: smaller(fees.gasPrice, limit) };
  return {
    type: 2,
    maxFeePerGas: smaller(fees.maxFeePerGas, limit),
    maxPriorityFeePerGas: smaller(fees.maxPriorityFeePerGas, limit),
  };
}

function anEighthMore(fees: Fees): Fees {
  const more = (price: bigint): bigint => larger((price * 9n + 7n) / 8n, 1n);
  if (fees.type === 0) return { type: 0, gasPrice: more(fees.gasPrice) };
  return {
    type: 2,
    maxFeePerGas: more(fees.maxFeePerGas),
    maxPriorityFeePerGas: more(fees.maxPriorityFeePerGas),
  };
}

/** Fees of the kind of the first, each field the larger of both. */
function atLeast(least: Fees, other: Fees): Fees {
  const maxFeePerGas = larger(highestPrice(least), highestPrice(other));
  if (least.type === 0) return { type: 0, gasPrice: maxFeePerGas };
  const tip = other.type === 2 ? other.maxPriorityFeePerGas : 0n;
  return { type: 2, maxFeePerGas, maxPriorityFeePerGas: larger(least.maxPriorityFeePerGas, tip) };
}

function tenths(price: bigint, factor: bigint): bigint {
  return (price * factor + 9n) / 10n;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
