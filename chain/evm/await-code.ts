import { concat, dataLength, dataSlice, zeroPadValue } from 'ethers/utils';
import { CutoverError } from '@cutover/base/errors.ts';
import { describeNetwork } from '../plan/network.ts';
import { requireNotFailed } from './deploy.ts';
import { poll } from './poll.ts';
import type { Rpc } from './rpc.ts';
import type { Log } from './sender.ts';
import { watchOf } from './sender/watch.ts';

/** How long contracts that were sent a moment ago may take to get into a block. */
const patienceMs = 600_000;

/** A block in which all is there: the last one, or the one that is being made. */
export type ReadyBlock = 'latest' | 'pending';

/**
 * Waits until all addresses have code: in a block, or where that is enough in the one that is being made, since what is
 * sent next comes after it. Transactions of this process that the node drops meanwhile are handed over again.
 * SIDE EFFECTS: asks the node; may send what was dropped.
 */
export async function awaitCode(
  rpc: Rpc,
  addresses: readonly string[],
  enough: ReadyBlock,
  log: Log,
): Promise<ReadyBlock> {
  let missing = addresses;
  const ready = async (): Promise<ReadyBlock | undefined> => {
    missing = await withoutCode(rpc, missing, 'latest');
    if (missing.length === 0) return 'latest';
    if (enough === 'latest') return undefined;
    return (await withoutCode(rpc, missing, 'pending')).length === 0 ? 'pending' : undefined;
  };
  const watch = watchOf(rpc);
  let seen = '';
  const block =
    (await ready()) ??
    (await poll(
      async () => {
        await watch.look();
        const { hash } = await watch.head();
        if (hash === seen) return undefined;
        seen = hash;
        const block = await ready();
        if (block === undefined) await requireNotFailed(rpc, missing, log);
        return block;
      },
      {
        timeoutMs: patienceMs,
        pauseMs: 1,
        progress: (seconds) => log(`waiting for the code of ${missing.join(', ')}, ${seconds} s`),
      },
    ));
  if (block !== undefined) return block;
  const list = missing.map((address) => `  - ${address}`).join('\n');
  throw new CutoverError('CUT-2332', {
    list,
    network: describeNetwork(rpc.network),
    seconds: patienceMs / 1000,
  });
}

/**
 * Which of the addresses have no code. A node that does not know the pending block has none to tell. All are asked for
 * with one call, since a node may have to make the pending block anew for each.
 */
async function withoutCode(
  rpc: Rpc,
  addresses: readonly string[],
  block: ReadyBlock,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (let first = 0; first < addresses.length; first += mostAddresses) {
    const some = addresses.slice(first, first + mostAddresses);
    const sizes = await codeSizes(rpc, some, block);
    missing.push(...some.filter((_, index) => sizes[index] === 0n));
  }
  return missing;
}

async function codeSizes(
  rpc: Rpc,
  addresses: readonly string[],
  block: ReadyBlock,
): Promise<readonly bigint[]> {
  const data = concat([codeSizeReader, ...addresses.map((address) => zeroPadValue(address, 32))]);
  const answer = await rpc.ask('eth_call', [{ data }, block]);
  if (answer.kind === 'value' && dataLength(answer.value as string) === 32 * addresses.length) {
    const words = answer.value as string;
    return addresses.map((_, index) => BigInt(dataSlice(words, 32 * index, 32 * index + 32)));
  }
  // Not every node runs a call that creates nothing.
  const codes = await Promise.all(addresses.map((address) => rpc.ask('eth_getCode', [address, block])));
  return codes.map((code) => (code.kind === 'value' ? BigInt(dataLength(code.value as string)) : 0n));
}

/** What a call may return as code is limited (EIP-170): 24,576 bytes are 768 words. */
const mostAddresses = 700;

/**
 * Reads the addresses behind it as words, and returns the size of the code of each in their places:
 * `for (i = 0; i < length; i += 32) mstore(i, extcodesize(mload(i)))`.
 */
const codeSizeReader =
  '0x602438038060246000396000' + '5b81811015601f57' + '80513b8152602001600c56' + '5b506000f3';
