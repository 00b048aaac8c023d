import { toBeHex } from 'ethers';
import type { Account } from '@cutover/chain/evm/account.ts';
import { journalPath } from '@cutover/chain/evm/journal/place.ts';
import { openJournal, type Journal } from '@cutover/chain/evm/journal/journal.ts';
import { connect, type Rpc } from '@cutover/chain/evm/rpc.ts';
import { openAccount } from '@cutover/chain/evm/account.ts';
import type { Submission } from '@cutover/chain/evm/sender.ts';
import type { NetworkRef } from '@cutover/chain/plan/network.ts';
import { networkOf } from '../../kit.ts';
import type { LocalNode } from '../../local-node.ts';

/** Where the transactions of these tests go. Nobody lives there. */
export const nobody = '0x000000000000000000000000000000000000dEaD';

/** A transaction that is told from others by its data. */
export function note(number: number, more: Partial<Submission> = {}): Submission {
  return {
    ...{
      to: nobody,
      data: toBeHex(number, 4),
      gasLimit: 40_000n,
      purpose: `note ${number}`,
      key: `note:${number}`,
    },
    ...more,
  };
}

export interface Sending {
  readonly rpc: Rpc;
  readonly account: Account;
  readonly network: NetworkRef;
}

/** A connection and an account. Another object than before, as another resource would have. */
export async function sendingTo(
  node: Pick<LocalNode, 'url' | 'chainId'>,
  more: Partial<NetworkRef> = {},
  account = 0,
): Promise<Sending> {
  const network = { ...networkOf(node), ...more };
  return {
    network,
    rpc: await connect(network),
    account: await openAccount({ kind: 'local', account }, network),
  };
}

/** How often each note is in a block. */
export async function notesOn(node: LocalNode): Promise<ReadonlyMap<number, number>> {
  const found = new Map<number, number>();
  for (let number = 1; number <= (await node.provider.getBlockNumber()); number++) {
    const block = await node.provider.getBlock(number, true);
    for (const { to, data } of block?.prefetchedTransactions ?? []) {
      if (to !== nobody) continue;
      found.set(Number(data), (found.get(Number(data)) ?? 0) + 1);
    }
  }
  return found;
}

/** Each of these numbers once. */
export function onceEach(numbers: readonly number[]): ReadonlyMap<number, number> {
  return new Map(numbers.map((number) => [number, 1]));
}

/** The journal of an account as it is on the disk. */
export async function journalOf(node: LocalNode, network: NetworkRef, address: string): Promise<Journal> {
  const genesis = (await node.provider.getBlock(0))?.hash ?? '';
  return openJournal(journalPath(network, genesis, address), genesis);
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until something holds; fails after ten seconds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await holds()) return;
    await sleep(25);
  }
  throw new Error(`not within 10 s: ${what}`);
}
