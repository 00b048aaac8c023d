import { inclusionFrom, type RawReceipt } from '../../plan/transaction/finality.ts';
import type { Inclusion } from '../../plan/transaction/state.ts';
import type { Rpc } from '../rpc.ts';

/** Where a transaction is in the chain; undefined where it is not, or not yet. SIDE EFFECTS: asks the node. */
export async function inclusionOf(rpc: Rpc, hash: string): Promise<Inclusion | undefined> {
  const receipt = await rpc.send<RawReceipt | null>('eth_getTransactionReceipt', [hash]);
  return receipt === null ? undefined : inclusionFrom(receipt);
}

/**
 * Where those of a block's transactions are: one question for many of them, where the node knows that one. Receipts
 * that a node has not got yet are left out. SIDE EFFECTS: asks the node.
 */
export async function inclusionsIn(
  rpc: Rpc,
  block: string,
  hashes: readonly string[],
): Promise<readonly Inclusion[]> {
  if (hashes.length > 1) {
    const answer = await rpc.ask('eth_getBlockReceipts', [block]);
    if (answer.kind === 'value' && Array.isArray(answer.value)) {
      const wanted = new Set(hashes);
      return (answer.value as RawReceipt[])
        .filter(({ transactionHash }) => wanted.has(transactionHash))
        .map(inclusionFrom);
    }
  }
  const each = await Promise.all(hashes.map((hash) => inclusionOf(rpc, hash)));
  return each.filter((inclusion) => inclusion !== undefined);
}

/** Whether the node has a transaction, in a block or in its pool. SIDE EFFECTS: asks the node. */
export async function isKnown(rpc: Rpc, hash: string): Promise<boolean> {
  return (await rpc.send<unknown>('eth_getTransactionByHash', [hash])) !== null;
}

/** How many transactions of an account are in blocks, or in the pool too. SIDE EFFECTS: asks the node. */
export async function countOf(rpc: Rpc, address: string, block: string): Promise<number> {
  return Number(await rpc.send<string>('eth_getTransactionCount', [address, block]));
}

/**
 * The hash of the transaction that used a nonce of an account. A missing receipt proves nothing, since nodes forget
 * them and lag behind; a block that holds another transaction with the nonce does. Undefined where the node does not
 * keep enough history to tell. SIDE EFFECTS: asks the node, about log2 of the blocks times.
 */
export async function spenderOf(
  rpc: Rpc,
  address: string,
  nonce: number,
  between: { readonly fromBlock: number; readonly toBlock: number },
): Promise<string | undefined> {
  const isPast = async (number: number): Promise<boolean | undefined> => {
    const answer = await rpc.ask('eth_getTransactionCount', [address, hex(number)]);
    return answer.kind === 'value' ? Number(answer.value) > nonce : undefined;
  };
  let [low, high] = [Math.max(0, between.fromBlock), between.toBlock];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const past = await isPast(middle);
    if (past === undefined) return undefined;
    if (past) high = middle;
    else low = middle + 1;
  }
  interface Block {
    readonly transactions: readonly {
      readonly hash: string;
      readonly from: string;
      readonly nonce: string;
    }[];
  }
  const answer = await rpc.ask('eth_getBlockByNumber', [hex(low), true]);
  const block = answer.kind === 'value' ? (answer.value as Block | null) : null;
  return block?.transactions.find(
    (each) => each.from.toLowerCase() === address.toLowerCase() && Number(each.nonce) === nonce,
  )?.hash;
}

function hex(number: number): string {
  return `0x${number.toString(16)}`;
}
