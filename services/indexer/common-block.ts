import type { ChainNode } from './node.ts';
import type { Writer } from './writer.ts';

export interface CommonBlockOptions {
  readonly node: Pick<ChainNode, 'at'>;
  readonly writer: Pick<Writer, 'highestEventBlock'>;
  /** A block up to which there is nothing that could be wrong. */
  readonly lowest: number;
  /** The last block that may be right. */
  readonly highest: number;
}

/**
 * The highest block up to which every event that is kept is still on the chain. Of final blocks only the hashes in
 * their events are kept. Whatever is above a lost block is lost too, so halving finds it: some 25 questions for all of
 * Ethereum.
 */
export async function lastCommonBlock({
  node,
  writer,
  lowest,
  highest,
}: CommonBlockOptions): Promise<number> {
  let good = lowest;
  let bad = Math.max(lowest, highest) + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    const event = await writer.highestEventBlock(good, middle);
    if (event === undefined || (await node.at(event.number))?.hash === event.hash) good = middle;
    else bad = event.number;
  }
  return good;
}
