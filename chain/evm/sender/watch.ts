import { CutoverError } from '@cutover/base/errors.ts';
import { forkWarnings, headOf, rulesAt } from '../../plan/forks.ts';
import { isLocal, type NetworkRef } from '../../plan/network.ts';
import { link, type Head, type KnownBlocks } from '../../plan/transaction/heads.ts';
import { blockTime, pauseBeforeLook } from '../../plan/transaction/looks.ts';
import type { Rpc } from '../rpc.ts';
import { agreedSoon, asksSeveral } from './agreement.ts';

/** What happened on a chain since the last look. */
export interface News {
  readonly head: Head;
  /** New blocks, the oldest first. */
  readonly added: readonly Head[];
  /** Hashes of blocks that are not part of the chain any more. */
  readonly undone: ReadonlySet<string>;
  /** Nothing connects the chain with what was known of it: too much happened, or it was started anew. */
  readonly apart: boolean;
}

/** Somebody who wants to know what happens on a chain. */
export type Listener = (news: News) => Promise<void>;

/** One chain as this process sees it: whoever waits for it shares its looks. */
export interface ChainWatch {
  readonly network: NetworkRef;
  /** The connection that was used last. */
  rpc(): Rpc;
  /** The newest block that is known, asked for at most once in a moment. */
  head(): Promise<Head>;
  /** The hash of block 0. */
  genesis(): Promise<string>;
  /** The hash of the block with a number; undefined where there is none. */
  blockHash(number: number): Promise<string | undefined>;
  /** Waits for the next look, and for all who listen to have dealt with it. */
  look(): Promise<void>;
  /** The usual time between blocks; undefined while it is not known. */
  blockMs(): number | undefined;
  /** How often blocks were undone, or another chain was found. */
  turns(): number;
  /** A transaction was handed over: the next looks come sooner. */
  quicken(): void;
  listen(listener: Listener): void;
}

const watches = new Map<string, { watch: ChainWatch; use: (rpc: Rpc) => void }>();

/** The watch of a chain. SIDE EFFECTS: none before it is asked something. */
export function watchOf(rpc: Rpc): ChainWatch {
  const key = networkKey(rpc.network);
  const known = watches.get(key) ?? startWatch(rpc);
  watches.set(key, known);
  known.use(rpc);
  return known.watch;
}

/** The same chain by the same endpoints. */
export function networkKey({ chainId, endpoints }: NetworkRef): string {
  return JSON.stringify([chainId, endpoints]);
}

function startWatch(first: Rpc): { watch: ChainWatch; use: (rpc: Rpc) => void } {
  const { network } = first;
  const listeners: Listener[] = [];
  let rpc = first;
  let known: KnownBlocks = new Map();
  let head: Head | undefined;
  let askedAt = 0;
  let unheard: News | undefined;
  let blockMs: number | undefined;
  let handedOverAt = performance.now();
  let looks = 0;
  let turns = 0;
  let asking: Promise<Head> | undefined;
  let looking: Promise<void> | undefined;
  let genesis: Promise<string> | undefined;
  let oldest: Head | undefined;

  const askHead = async (): Promise<Head> => {
    const top = await blockAt(rpc, 'latest');
    const blocks = [top];
    for (;;) {
      const joined = link(known, blocks, !isLocal(network));
      if (joined.kind === 'missing') {
        const parent = await block(rpc, 'eth_getBlockByHash', joined.hash);
        // A reorganisation while we ask: the next look sees its end.
        if (parent === undefined) return head ?? top;
        blocks.unshift(parent);
        continue;
      }
      askedAt = performance.now();
      if (joined.kind === 'nothing') return (head ??= top);
      const apart = joined.kind === 'apart';
      if (apart || joined.undone.length > 0) turns++;
      const isFirst = known.size === 0;
      if (head === undefined) sayForks(network, top);
      if (apart) {
        known = new Map([[top.number, top.hash]]);
        genesis = undefined;
        oldest = top;
      } else known = joined.known;
      oldest ??= isFirst && !isLocal(network) ? await earlier(rpc, top) : top;
      head = top;
      blockMs = blockTime(oldest, top) ?? blockMs;
      unheard = {
        head: top,
        added: [...(unheard?.added ?? []), ...(isFirst || apart ? [] : blocks)],
        undone: new Set([...(unheard?.undone ?? []), ...(apart ? [] : joined.undone)]),
        apart: apart || (unheard?.apart ?? false),
      };
      return top;
    }
  };
  const askOnce = (): Promise<Head> => (asking ??= askHead().finally(() => (asking = undefined)));

  const lookNow = async (): Promise<void> => {
    const pause = pauseBeforeLook({
      network,
      blockMs,
      handedOverMs: performance.now() - handedOverAt,
      looks,
    });
    await new Promise((resolve) => setTimeout(resolve, pause));
    looks++;
    try {
      const latest = await askOnce();
      const news = unheard ?? { head: latest, added: [], undone: new Set(), apart: false };
      unheard = undefined;
      await Promise.all(listeners.map((listener) => listener(news)));
    } catch (error) {
      // An endpoint that does not answer may do so at the next look; whoever waits decides for how long.
      if (!(error instanceof CutoverError && ['CUT-2030', 'CUT-2032'].includes(error.code))) throw error;
    }
  };

  const watch: ChainWatch = {
    network,
    rpc: () => rpc,
    head: async () => {
      const fresh = Math.min(Math.max((blockMs ?? 0) / 2, 100), isLocal(network) ? 500 : 2_000);
      return head !== undefined && performance.now() - askedAt < fresh ? head : askOnce();
    },
    genesis: () => {
      genesis ??= asksSeveral(rpc)
        ? agreedGenesis(rpc)
        : blockAt(rpc, '0x0').then((zero) => {
            if (isLocal(network)) oldest ??= zero;
            return zero.hash;
          });
      genesis.catch(() => (genesis = undefined));
      return genesis;
    },
    blockHash: async (number) => (await block(rpc, 'eth_getBlockByNumber', `0x${number.toString(16)}`))?.hash,
    look: () => (looking ??= lookNow().finally(() => (looking = undefined))),
    blockMs: () => blockMs,
    turns: () => turns,
    quicken: () => {
      handedOverAt = performance.now();
      looks = 0;
    },
    listen: (listener) => void listeners.push(listener),
  };
  return { watch, use: (latest) => (rpc = latest) };
}

const warned = new Set<string>();

/** Says once in this process, which is once in an update, which forks of a chain are near. */
function sayForks(network: NetworkRef, { number, timestamp }: Head): void {
  for (const line of forkWarnings(network, { number, time: timestamp })) {
    if (warned.has(line)) continue;
    warned.add(line);
    console.warn(`warning: ${line}`);
  }
}

/** It names the journal: on the word of one endpoint another one would be opened, or this one be forgotten. */
async function agreedGenesis(rpc: Rpc): Promise<string> {
  return (
    await agreedSoon<{ readonly hash: string }>(
      rpc,
      'eth_getBlockByNumber',
      ['0x0', false],
      'its first block',
    )
  ).hash;
}

/** A block some way back, for the time between two. */
async function earlier(rpc: Rpc, top: Head): Promise<Head> {
  const number = Math.max(0, top.number - 20);
  return (await block(rpc, 'eth_getBlockByNumber', `0x${number.toString(16)}`)) ?? top;
}

async function blockAt(rpc: Rpc, tag: string): Promise<Head> {
  const found = await block(rpc, 'eth_getBlockByNumber', tag);
  if (found !== undefined) return found;
  throw new CutoverError('CUT-2032', {
    endpoint: rpc.network.name,
    method: 'eth_getBlockByNumber',
    message: `it has no block ${tag}`,
  });
}

async function block(rpc: Rpc, method: string, which: string): Promise<Head | undefined> {
  interface Block {
    readonly number: string;
    readonly hash: string;
    readonly parentHash: string;
    readonly timestamp: string;
    readonly baseFeePerGas?: string;
    readonly gasLimit: string;
    readonly transactions: readonly string[];
  }
  const found = await rpc.send<Block | null>(method, [which, false]);
  if (found === null) return undefined;
  const shown = headOf(found);
  return {
    number: Number(found.number),
    hash: found.hash,
    parentHash: found.parentHash,
    timestamp: Number(found.timestamp),
    baseFee: found.baseFeePerGas === undefined ? undefined : BigInt(found.baseFeePerGas),
    gasLimit: BigInt(found.gasLimit),
    rules: shown === undefined ? {} : rulesAt(rpc.network.chainId, shown),
    transactions: found.transactions,
  };
}
