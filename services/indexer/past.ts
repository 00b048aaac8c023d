import type { BlockRef } from './blocks.ts';
import type { WatchedContract } from './contracts.ts';
import type { IndexedEvent } from './decode.ts';
import { NodeError } from './node-error.ts';
import type { ChainNode } from './node.ts';
import type { EventReader } from './reader.ts';
import type { Change, Writer } from './writer.ts';

export interface PastOptions {
  readonly node: ChainNode;
  readonly reader: EventReader;
  readonly writer: Writer;
  readonly window: readonly BlockRef[];
  /** Whose past is read, and from which block on. */
  readonly contract: WatchedContract;
  readonly nextBlock: number;
}

/**
 * A piece of the past of a contract that came later than the others, while these are followed on: final blocks by
 * range, and in the last piece the blocks that may still be undone, by their hash.
 */
export async function readPast(options: PastOptions): Promise<Pick<Change, 'events' | 'past'>> {
  const { node, reader, writer, window, contract, nextBlock } = options;
  const { name } = contract;
  const [anchor, ...rest] = window;
  if (anchor === undefined) return { events: [], past: { name, nextBlock: undefined } };
  if (nextBlock <= anchor.number) {
    const { last, events } = await reader.range(nextBlock, anchor.number, [contract]);
    const missing = await withoutPresent(writer, events, nextBlock, last.number);
    return { events: missing, past: { name, nextBlock: last.number + 1 } };
  }
  const blocks = await Promise.all(rest.map(({ hash }) => node.withHash(hash)));
  const there = blocks.filter((block) => block !== undefined);
  if (there.length < rest.length) throw new NodeError('behind', 'the node does not have a block of the past');
  const events = await reader.ofBlocks(there, [contract]);
  const missing = await withoutPresent(writer, events, anchor.number + 1, rest.at(-1)?.number ?? 0);
  return { events: missing, past: { name, nextBlock: undefined } };
}

/** What was read before, under another list of events or by who follows the head, is not written twice. */
async function withoutPresent(
  writer: Writer,
  events: readonly IndexedEvent[],
  from: number,
  to: number,
): Promise<readonly IndexedEvent[]> {
  const present = await writer.present(from, to);
  return events.filter(({ blockNumber, logIndex }) => !present.has(`${blockNumber}:${logIndex}`));
}
