import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLocalNode, type LocalNode } from '../../chain/local-node.ts';
import { readChain, type OnChain } from './on-chain.ts';
import { startProxy, type Proxy, type Traffic } from './proxy.ts';
import { startTool, type Ran } from './run-tool.ts';
import type { Tool } from './tools.ts';

/** The chain that a tool meets. */
export interface Setting {
  readonly facets: number;
  readonly blockSeconds: number;
  readonly blockGasLimit: number;
}

/** One run of one tool. */
export interface Measured {
  readonly ran: Ran;
  readonly traffic: Traffic;
  readonly chain: OnChain;
  /** Blocks from the first that holds a transaction to the one that holds the last, both counted. */
  readonly blocksMined: number;
  /** The same until the tool ended. */
  readonly blocksEnded: number;
  /** From the first transaction that was handed over to the last. */
  readonly sendingMs: number;
  readonly load: number;
}

/** A node behind a proxy; `stop` ends both. */
export interface Stand {
  readonly node: LocalNode;
  readonly proxy: Proxy;
  stop(): Promise<void>;
}

export async function openStand({ blockSeconds, blockGasLimit }: Omit<Setting, 'facets'>): Promise<Stand> {
  const node = await startLocalNode({ blockSeconds, flags: ['--gas-limit', String(blockGasLimit)] });
  const proxy = await startProxy(node);
  return {
    node,
    proxy,
    stop: async () => {
      await proxy.stop();
      await node.stop();
    },
  };
}

/**
 * Runs a tool once, on a node of its own that knows nothing. `phase`, from 0 to 1, is how much of a block's time has
 * passed when the tool starts: a tool that always began with the node would always meet the blocks at the same moment.
 * SIDE EFFECTS: starts processes.
 */
export async function measure(
  tool: Tool,
  setting: Setting,
  timeoutMs: number,
  phase: number,
): Promise<Measured> {
  tool.forget();
  const stand = await openStand(setting);
  try {
    const { facets, blockSeconds } = setting;
    await sleep(phase * blockSeconds * 1000);
    const ran = await startTool(tool.command({ facets, url: stand.proxy.url }), timeoutMs).ended;
    const chain = await readChain(stand.node);
    const traffic = stand.proxy.traffic();
    const { firstBlock, lastBlock, head } = chain;
    return {
      ran,
      traffic,
      chain,
      blocksMined: lastBlock - firstBlock + 1,
      blocksEnded: head - firstBlock + 1,
      sendingMs: (traffic.sends.at(-1)?.atMs ?? 0) - (traffic.sends[0]?.atMs ?? 0),
      load: loadavg()[0] ?? 0,
    };
  } finally {
    await stand.stop();
  }
}
