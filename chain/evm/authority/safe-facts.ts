import { keccak256 } from 'ethers/crypto';
import { CutoverError } from '@cutover/base/errors.ts';
import type { Proposal } from '../../plan/authority/proposal.ts';
import type { Execution } from '../../plan/authority/safe.ts';
import {
  executionIn,
  executionTopics,
  hashQuestion,
  multiSends,
  safeInterface,
} from '../../plan/authority/safe-transaction.ts';
import { describeNetwork } from '../../plan/network.ts';
import { codeAt } from '../deploy.ts';
import type { Rpc } from '../rpc.ts';
import { logsOf, logsOfTransaction, type LogEntry } from './logs.ts';
import { question } from './question.ts';

/** A Safe as its chain tells right now. */
export interface ObservedSafe {
  readonly owners: readonly string[];
  readonly threshold: number;
  readonly nonce: number;
}

/** Reads a Safe; refuses what is none. SIDE EFFECTS: asks the node. */
export async function readSafe(rpc: Rpc, address: string): Promise<ObservedSafe> {
  const ask = async (view: string): Promise<unknown> =>
    (await question(rpc, address, safeInterface, view))?.[0];
  const [version, owners, threshold, nonce] = await Promise.all(
    ['VERSION', 'getOwners', 'getThreshold', 'nonce'].map(ask),
  );
  const refuse = (reason: string): CutoverError =>
    new CutoverError('CUT-2260', { address, network: describeNetwork(rpc.network), reason });
  if (typeof version !== 'string' || owners === undefined || threshold === undefined || nonce === undefined) {
    throw refuse(
      (await codeAt(rpc, address)) === '0x' ? 'no code is there' : 'what is there answers otherwise',
    );
  }
  // Before 1.3.0 the chain's id was not in what owners sign.
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 1 || (major === 1 && minor < 3)) throw refuse(`it is of release ${version}`);
  return {
    owners: [...(owners as readonly string[])],
    threshold: Number(threshold),
    nonce: Number(nonce),
  };
}

/** Has the Safe itself compute the hash that its owners are to sign. SIDE EFFECTS: asks the node. */
export async function requireSameHash(
  rpc: Rpc,
  { safe, safeTxHash, transaction }: Pick<Proposal, 'safe' | 'safeTxHash' | 'transaction'>,
): Promise<void> {
  const theirs = await rpc.send<string>('eth_call', [
    { to: safe, data: hashQuestion(transaction) },
    'latest',
  ]);
  if (theirs === safeTxHash) return;
  throw new CutoverError('CUT-2261', {
    ...{ address: safe, network: describeNetwork(rpc.network), theirs, ours: safeTxHash },
  });
}

/** The owners who approved a hash on the chain. SIDE EFFECTS: asks the node. */
export async function approvedOnChain(
  rpc: Rpc,
  safe: string,
  owners: readonly string[],
  hash: string,
): Promise<readonly string[]> {
  const answers = await Promise.all(
    owners.map((owner) => question(rpc, safe, safeInterface, 'approvedHashes', [owner, hash])),
  );
  return owners.filter((_, index) => typeof answers[index]?.[0] === 'bigint' && answers[index][0] > 0n);
}

/**
 * What became of a proposal: the events of transactions that we sent for it first, then those of the Safe since it was
 * proposed. SIDE EFFECTS: asks the node.
 */
export async function executionOf(
  rpc: Rpc,
  { safe, safeTxHash, block, transaction }: Proposal,
  observed: ObservedSafe,
  sent: readonly string[],
): Promise<Execution> {
  // Its nonce is not used yet: nothing can have happened.
  if (transaction.nonce >= observed.nonce) return { kind: 'none' };
  const ours = (await Promise.all(sent.map((hash) => logsOfTransaction(rpc, hash)))).flat();
  const found = executionAmong(ours, safeTxHash);
  if (found !== undefined) return found;
  const filter = { address: safe, topics: [executionTopics], fromBlock: block };
  const logs = await logsOf(rpc, filter);
  if (logs === undefined) return { kind: 'unknown' };
  return executionAmong(logs, safeTxHash) ?? { kind: 'none' };
}

function executionAmong(logs: readonly LogEntry[], safeTxHash: string): Execution | undefined {
  for (const log of logs) {
    const kind = executionIn(safeTxHash, log);
    const { transactionHash, blockNumber } = log;
    if (kind !== undefined) return { kind, transactionHash, blockNumber };
  }
  return undefined;
}

/** A MultiSendCallOnly as Safe publishes it, with just its code. SIDE EFFECTS: asks the node. */
export async function findMultiSend(rpc: Rpc): Promise<string> {
  for (const { address, codeHash } of multiSends) {
    if (keccak256(await codeAt(rpc, address)) === codeHash) return address;
  }
  const addresses = multiSends.map(({ address }) => address).join(', ');
  throw new CutoverError('CUT-2262', { network: describeNetwork(rpc.network), addresses });
}
