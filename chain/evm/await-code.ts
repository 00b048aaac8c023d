import { CutoverError } from '@cutover/base/errors.ts';
import { describeNetwork } from '../plan/network.ts';
import { poll } from './poll.ts';
import type { Rpc } from './rpc.ts';
import { pauseFor, type Log } from './sender.ts';

/** How long contracts that were sent a moment ago may take to get into a block. */
const patienceMs = 600_000;

/** A block in which all is there: the last one, or the one that is being made. */
export type ReadyBlock = 'latest' | 'pending';

/**
 * Waits until all addresses have code: in a block, or where that is enough in the one that is being made, since what is
 * sent next comes after it.
 * SIDE EFFECTS: asks the node.
 */
export async function awaitCode(
  rpc: Rpc,
  addresses: readonly string[],
  enough: ReadyBlock,
  log: Log,
): Promise<ReadyBlock> {
  let missing = await withoutCode(rpc, addresses, 'latest');
  if (missing.length === 0) return 'latest';
  if (enough === 'pending' && (await withoutCode(rpc, missing, 'pending')).length === 0) return 'pending';
  const arrived = await poll(
    async () => {
      missing = await withoutCode(rpc, missing, 'latest');
      return missing.length === 0 || undefined;
    },
    {
      timeoutMs: patienceMs,
      pauseMs: pauseFor(rpc),
      progress: (seconds) => log(`waiting for the code of ${missing.join(', ')}, ${seconds} s`),
    },
  );
  if (arrived === true) return 'latest';
  const list = missing.map((address) => `  - ${address}`).join('\n');
  throw new CutoverError('CUT-2332', {
    list,
    network: describeNetwork(rpc.network),
    seconds: patienceMs / 1000,
  });
}

/** Which of the addresses have no code. A node that does not know the pending block has none to tell. */
export async function withoutCode(
  rpc: Rpc,
  addresses: readonly string[],
  block: ReadyBlock,
): Promise<readonly string[]> {
  const answers = await Promise.all(addresses.map((address) => rpc.ask('eth_getCode', [address, block])));
  return addresses.filter((_, index) => {
    const answer = answers[index];
    return answer?.kind !== 'value' || answer.value === '0x';
  });
}
