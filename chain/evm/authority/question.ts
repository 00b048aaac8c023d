import type { Interface } from 'ethers/abi';
import type { Rpc } from '../rpc.ts';

/**
 * Asks a view of a contract; undefined when the contract refuses or answers something else.
 * SIDE EFFECTS: asks the node.
 */
export async function question(
  rpc: Rpc,
  to: string,
  contract: Interface,
  view: string,
  args: readonly unknown[] = [],
): Promise<readonly unknown[] | undefined> {
  const data = contract.encodeFunctionData(view, args);
  const answer = await rpc.ask('eth_call', [{ to, data }, 'latest']);
  if (answer.kind === 'refused') return undefined;
  try {
    return contract.decodeFunctionResult(view, answer.value as string).toArray() as readonly unknown[];
  } catch {
    return undefined;
  }
}

/** The latest block's number. SIDE EFFECTS: asks the node. */
export async function blockNumber(rpc: Rpc): Promise<number> {
  return Number(await rpc.send<string>('eth_blockNumber', []));
}
