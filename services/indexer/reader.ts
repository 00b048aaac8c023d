import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { Header, RawLog } from './blocks.ts';
import { mayHold } from './bloom.ts';
import { filterOf, type WatchedContract } from './contracts.ts';
import { eventsOf, type IndexedEvent } from './decode.ts';
import { NodeError } from './node-error.ts';
import type { ChainNode, LogRange } from './node.ts';
import { grown, halved, rangeSize } from './range.ts';

/** Events of some blocks. */
export interface EventRange extends Pick<LogRange, 'first' | 'last'> {
  readonly events: readonly IndexedEvent[];
}

/** Reads events from the node. */
export interface EventReader {
  /** Events from a block on, as many blocks as the node takes at once, at most up to `limit`. */
  range(from: number, limit: number, contracts: readonly WatchedContract[]): Promise<EventRange>;
  /** Events of blocks that may still be undone, each asked for by its hash. */
  ofBlocks(
    blocks: readonly Header[],
    contracts: readonly WatchedContract[],
  ): Promise<readonly IndexedEvent[]>;
}

export interface EventReaderOptions {
  readonly node: ChainNode;
  /** Most blocks in one question. */
  readonly mostBlocks: number;
  readonly signal: AbortSignal;
  /** Called when a block's filter says that there may be logs, and the node gave none. */
  readonly onDoubt: () => void;
}

// Filters of full blocks say "maybe" about everything, so after this many tries the node is believed.
const DOUBTS = 2;
const DOUBT_MS = 200;
// Some ten milliseconds.
const DECODED_AT_ONCE = 250;

export function eventReader({ node, mostBlocks, signal, onDoubt }: EventReaderOptions): EventReader {
  let size = rangeSize(mostBlocks);

  const doubted = (block: Header, logs: readonly RawLog[], contracts: readonly WatchedContract[]): boolean =>
    logs.length === 0 &&
    mayHold(
      block.logsBloom,
      contracts.map(({ bloom }) => bloom),
    );

  return {
    range: async (from, limit, contracts) => {
      for (;;) {
        const to = Math.min(limit, from + size.size - 1);
        try {
          const { first, last, logs } = await node.logsBetween(from, to, filterOf(contracts));
          size = grown(size, logs.length);
          return { first, last, events: await decoded(logs, contracts) };
        } catch (error) {
          const asked = to - from + 1;
          if (!(error instanceof NodeError && error.kind === 'too-much') || asked === 1) throw error;
          size = halved(size, asked);
        }
      }
    },
    ofBlocks: async (blocks, contracts) => {
      const filter = filterOf(contracts);
      const logs = new Map<string, readonly RawLog[]>();
      let asked = blocks;
      for (let attempt = 0; asked.length > 0; attempt++) {
        const answers = await node.logsOf(asked, filter);
        asked.forEach((block, index) => logs.set(block.hash, answers[index] ?? []));
        if (attempt === DOUBTS) break;
        asked = asked.filter((block) => doubted(block, logs.get(block.hash) ?? [], contracts));
        for (const _ of asked) onDoubt();
        if (asked.length > 0) await delay(DOUBT_MS, undefined, { signal });
      }
      return decoded(
        blocks.flatMap(({ hash }) => logs.get(hash) ?? []),
        contracts,
      );
    },
  };
}

/** Decodes logs, and lets subscribers have their turn between. */
async function decoded(
  logs: readonly RawLog[],
  contracts: readonly WatchedContract[],
): Promise<readonly IndexedEvent[]> {
  const byAddress = new Map(contracts.map((contract) => [contract.address, contract]));
  const events: IndexedEvent[] = [];
  for (let start = 0; start < logs.length; start += DECODED_AT_ONCE) {
    if (start > 0) await nextTurn();
    events.push(...eventsOf(logs.slice(start, start + DECODED_AT_ONCE), byAddress));
  }
  return events;
}
