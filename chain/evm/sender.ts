import { keccak256 } from 'ethers/crypto';
import { formatEther } from 'ethers/utils';
import { CutoverError } from '@cutover/base/errors.ts';
import { feesFor, highestPrice } from '../plan/fees.ts';
import { describeNetwork, isLocal } from '../plan/network.ts';
import type { Account } from './account.ts';
import { poll } from './poll.ts';
import type { Rpc } from './rpc.ts';

/** A transaction as its author thinks of it: who pays, nonces and fees are the sender's business. */
export interface Submission {
  readonly to: string;
  readonly data: string;
  readonly value?: bigint;
  readonly gasLimit: bigint;
  /** For errors and progress: what this transaction does. */
  readonly purpose: string;
}

export interface Receipt {
  readonly transactionHash: string;
  readonly blockNumber: number;
  readonly succeeded: boolean;
}

/** Told what goes on, one line at a time. */
export type Log = (line: string) => void;

interface AccountQueue {
  /** Resolves when the one before has been handed to the node. */
  last: Promise<unknown>;
  nextNonce: number;
  /** Handed to the node and not yet seen in a block. */
  readonly inFlight: Set<string>;
}

const queues = new Map<string, AccountQueue>();

/**
 * Signs a transaction and hands it to the chain; answers with its hash at once. Transactions of one account are handed
 * over one after the other, so that resources that are created at the same time do not take each other's nonces.
 * SIDE EFFECTS: sends a transaction.
 */
export async function submit(rpc: Rpc, account: Account, submission: Submission): Promise<string> {
  const queue = queueOf(rpc, account.address);
  const turn = queue.last.then(() => submitNow(rpc, account, submission, queue));
  queue.last = turn.catch(() => undefined);
  return turn;
}

/** How many of an account's pending transactions are not ours: of a run that was killed, or of somebody else. */
export async function strangersInFlight(rpc: Rpc, address: string): Promise<number> {
  const [mined, pending] = await Promise.all([
    nonceOf(rpc, address, 'latest'),
    nonceOf(rpc, address, 'pending'),
  ]);
  return Math.max(0, pending - mined - queueOf(rpc, address).inFlight.size);
}

/** Waits until a transaction is in a block. SIDE EFFECTS: asks the node. */
export async function waitForReceipt(
  rpc: Rpc,
  account: Pick<Account, 'address'>,
  hash: string,
  log: Log,
  timeoutMs = 600_000,
): Promise<Receipt> {
  const receipt = await poll(() => receiptOf(rpc, hash), {
    timeoutMs,
    pauseMs: pauseFor(rpc),
    progress: (seconds) => log(`waiting for ${hash} to be mined, ${seconds} s`),
  }).finally(() => queueOf(rpc, account.address).inFlight.delete(hash));
  if (receipt !== undefined) return receipt;
  throw new CutoverError('CUT-2054', {
    hash,
    network: describeNetwork(rpc.network),
    seconds: Math.round(timeoutMs / 1000),
  });
}

/** How long to pause between questions: local blocks come at once, others every second or slower. */
export function pauseFor(rpc: Rpc): number {
  return isLocal(rpc.network) ? 100 : 1_000;
}

async function submitNow(
  rpc: Rpc,
  account: Account,
  submission: Submission,
  queue: AccountQueue,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const [pending, block, gasPrice, balance] = await Promise.all([
      nonceOf(rpc, account.address, 'pending'),
      rpc.send<{ baseFeePerGas?: string }>('eth_getBlockByNumber', ['latest', false]),
      rpc.send<string>('eth_gasPrice', []),
      rpc.send<string>('eth_getBalance', [account.address, 'pending']),
    ]);
    const baseFee = block.baseFeePerGas === undefined ? undefined : BigInt(block.baseFeePerGas);
    const fees = feesFor({ baseFee, gasPrice: BigInt(gasPrice) });
    const value = submission.value ?? 0n;
    requireFunds(rpc, account, submission, BigInt(balance), submission.gasLimit * highestPrice(fees) + value);

    // With some of ours on their way, nodes behind one address may not all have heard of them yet. With none, the
    // node is right: it may have been started anew.
    const nonce = queue.inFlight.size > 0 ? Math.max(pending, queue.nextNonce) : pending;
    const signed = await account.sign({
      ...fees,
      chainId: rpc.network.chainId,
      nonce,
      to: submission.to,
      data: submission.data,
      value,
      gasLimit: submission.gasLimit,
    });
    const hash = keccak256(signed);
    queue.inFlight.add(hash);
    const answer = await rpc.ask('eth_sendRawTransaction', [signed]);
    if (answer.kind === 'value' || (await isKnown(rpc, hash))) {
      queue.nextNonce = nonce + 1;
      return hash;
    }
    queue.inFlight.delete(hash);
    // Another process used the nonce in the meantime; nothing of ours was taken.
    if (attempt < 5 && /nonce too low|underpriced|nonce.*(used|expired)/i.test(answer.message)) continue;
    throw new CutoverError('CUT-2032', {
      endpoint: describeNetwork(rpc.network),
      method: `the transaction (${submission.purpose})`,
      message: answer.message,
    });
  }
}

/** An endpoint may have taken a transaction without answering; the next one then refuses it as known or used. */
async function isKnown(rpc: Rpc, hash: string): Promise<boolean> {
  return (await rpc.send<unknown>('eth_getTransactionByHash', [hash])) !== null;
}

function requireFunds(
  rpc: Rpc,
  account: Account,
  submission: Submission,
  balance: bigint,
  needed: bigint,
): void {
  if (balance >= needed) return;
  throw new CutoverError('CUT-2053', {
    account: account.address,
    contract: submission.purpose,
    network: describeNetwork(rpc.network),
    balance: formatEther(balance),
    needed: formatEther(needed),
    missing: formatEther(needed - balance),
  });
}

async function receiptOf(rpc: Rpc, hash: string): Promise<Receipt | undefined> {
  const receipt = await rpc.send<{ blockNumber: string; status: string } | null>(
    'eth_getTransactionReceipt',
    [hash],
  );
  if (receipt === null) return undefined;
  return {
    transactionHash: hash,
    blockNumber: Number(receipt.blockNumber),
    succeeded: BigInt(receipt.status) === 1n,
  };
}

async function nonceOf(rpc: Rpc, address: string, block: 'latest' | 'pending'): Promise<number> {
  return Number(await rpc.send<string>('eth_getTransactionCount', [address, block]));
}

function queueOf(rpc: Rpc, address: string): AccountQueue {
  const key = `${rpc.network.chainId}:${address}`;
  const known = queues.get(key) ?? { last: Promise.resolve(), nextNonce: 0, inFlight: new Set() };
  queues.set(key, known);
  return known;
}
