/** A transaction that is still to be sent. All of a plan come from one account. */
export interface PlannedTransaction {
  readonly name: string;
  /** What it will use. */
  readonly gas: bigint;
  /** What it may use: a block takes it only when that much is left. @default what it will use */
  readonly gasLimit?: bigint;
  /** Where it puts a contract. */
  readonly creates?: string;
  /** Addresses that must have code before it; those that no transaction creates are taken to be there. @default none */
  readonly needs?: readonly string[];
}

export interface BlockLimits {
  readonly blockGasLimit: bigint;
  /** EIP-7825: what one transaction may use. @default no cap */
  readonly transactionGasCap?: bigint;
}

/** Which transactions share a block. */
export type Waves =
  | {
      readonly kind: 'waves';
      /** Names in the order of their nonces. */
      readonly order: readonly string[];
      /** Names, block by block. */
      readonly blocks: readonly (readonly string[])[];
      /** No order can do with fewer blocks than this: it is what all the gas needs. */
      readonly floor: number;
      readonly gas: bigint;
    }
  | { readonly kind: 'cycle'; readonly names: readonly string[] }
  | { readonly kind: 'too-large'; readonly name: string; readonly gas: bigint; readonly limit: bigint };

/**
 * Sorts transactions into blocks. Addresses are known beforehand, so whatever needs another can be in the same block,
 * behind it: nonces keep the order, and only gas makes a second block necessary.
 */
export function planWaves(transactions: readonly PlannedTransaction[], limits: BlockLimits): Waves {
  const cap = limits.transactionGasCap ?? limits.blockGasLimit;
  const limit = cap < limits.blockGasLimit ? cap : limits.blockGasLimit;
  const large = transactions.find((each) => limitOf(each) > limit);
  if (large !== undefined) return { kind: 'too-large', name: large.name, gas: limitOf(large), limit };

  const ordered = inOrder(transactions);
  if (ordered.kind === 'cycle') return ordered;
  const blocks: string[][] = [];
  let left = 0n;
  for (const each of ordered.order) {
    // One account's transactions keep their order, so a small one cannot slip in before a large one.
    if (limitOf(each) > left) {
      blocks.push([]);
      left = limits.blockGasLimit;
    }
    blocks.at(-1)?.push(each.name);
    left -= each.gas;
  }
  const gas = transactions.reduce((sum, each) => sum + each.gas, 0n);
  const floor = Number((gas + limits.blockGasLimit - 1n) / limits.blockGasLimit);
  return { kind: 'waves', order: ordered.order.map(({ name }) => name), blocks, floor, gas };
}

type Order =
  | { readonly kind: 'order'; readonly order: readonly PlannedTransaction[] }
  | { readonly kind: 'cycle'; readonly names: readonly string[] };

/** As given, but each behind what it needs. */
function inOrder(transactions: readonly PlannedTransaction[]): Order {
  let waiting = [...transactions];
  const order: PlannedTransaction[] = [];
  while (waiting.length > 0) {
    const missing = new Set(waiting.map(({ creates }) => creates?.toLowerCase()));
    const next = waiting.find(({ needs, creates }) =>
      (needs ?? []).every((address) => !missing.has(address.toLowerCase()) || same(address, creates)),
    );
    if (next === undefined) return { kind: 'cycle', names: waiting.map(({ name }) => name) };
    order.push(next);
    waiting = waiting.filter((each) => each !== next);
  }
  return { kind: 'order', order };
}

function same(address: string, other: string | undefined): boolean {
  return address.toLowerCase() === other?.toLowerCase();
}

function limitOf({ gas, gasLimit }: PlannedTransaction): bigint {
  return gasLimit === undefined || gasLimit < gas ? gas : gasLimit;
}
