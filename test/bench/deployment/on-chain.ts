import { id } from 'ethers/hash';
import { AbiCoder } from 'ethers/abi';
import { deploymentProxy } from '@cutover/chain/plan/address.ts';
import type { LocalNode } from '../../chain/local-node.ts';

/** What a run left on the chain. */
export interface OnChain {
  readonly transactions: number;
  readonly reverted: number;
  readonly contracts: number;
  readonly gasUsed: bigint;
  /** The first and the last block that hold a transaction, and the newest there is. */
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly head: number;
  /** How many facets the diamond serves that was cut last; 0 when there is none. */
  readonly facets: number;
}

interface Block {
  readonly number: string;
  readonly transactions: readonly { readonly hash: string; readonly to: string | null }[];
}

interface Receipt {
  readonly status: string;
  readonly gasUsed: string;
}

/** Reads the blocks after one. SIDE EFFECTS: asks the node, not through the proxy. */
export async function readChain({ provider }: LocalNode, after = 0): Promise<OnChain> {
  const head = await provider.getBlockNumber();
  let [transactions, reverted, contracts, gasUsed, firstBlock, lastBlock] = [0, 0, 0, 0n, 0, 0];
  for (let number = after + 1; number <= head; number++) {
    const block = (await provider.send('eth_getBlockByNumber', [`0x${number.toString(16)}`, true])) as Block;
    for (const { hash, to } of block.transactions) {
      const { status, gasUsed: gas } = (await provider.send('eth_getTransactionReceipt', [hash])) as Receipt;
      transactions++;
      gasUsed += BigInt(gas);
      if (firstBlock === 0) firstBlock = number;
      lastBlock = number;
      if (status !== '0x1') reverted++;
      else if (to === null || to.toLowerCase() === deploymentProxy.address.toLowerCase()) contracts++;
    }
  }
  return {
    transactions,
    reverted,
    contracts,
    gasUsed,
    firstBlock,
    lastBlock,
    head,
    facets: await facetsOf(provider),
  };
}

const cutEvent = id('DiamondCut((address,uint8,bytes4[])[],address,bytes)');

async function facetsOf(provider: LocalNode['provider']): Promise<number> {
  const logs = (await provider.send('eth_getLogs', [{ fromBlock: '0x0', topics: [cutEvent] }])) as {
    readonly address: string;
  }[];
  const diamond = logs.at(-1)?.address;
  if (diamond === undefined) return 0;
  const data = id('facetAddresses()').slice(0, 10);
  const answer = (await provider.send('eth_call', [{ to: diamond, data }, 'latest'])) as string;
  const [addresses] = AbiCoder.defaultAbiCoder().decode(['address[]'], answer) as unknown as [
    readonly string[],
  ];
  return addresses.length;
}
