import { CutoverError } from '@cutover/base/errors.ts';
import { describeNetwork, isLocal } from '../plan/network.ts';
import { longestWaitMs, sendingTerms } from '../plan/transaction/policy.ts';
import { isLive, type Inclusion } from '../plan/transaction/state.ts';
import type { Account } from './account.ts';
import type { JournalTransaction } from './journal/records.ts';
import { poll } from './poll.ts';
import type { Rpc } from './rpc.ts';
import { raise } from './sender/hand-over.ts';
import { factsOf, laneOf, type Lane } from './sender/lane.ts';
import type { Log, Receipt, Submission } from './sender/submission.ts';
import { submitOn } from './sender/submit.ts';
import { inclusionOf } from './sender/traces.ts';
import { networkKey, watchOf } from './sender/watch.ts';

export { estimateGas, gasCaps, type GasEstimate, type GasQuestion } from './sender/estimate.ts';
export { describeKnownRevert, knownErrors } from './sender/known-errors.ts';
export { notifyTo, type Notify, type TransactionEvent } from './sender/notify.ts';
export type { Log, Receipt, Submission } from './sender/submission.ts';

/**
 * Signs a transaction and hands it to the chain; answers with its hash at once. It is in the journal before it is sent:
 * killed at any point, the next call for the same goes on where this one stopped.
 * SIDE EFFECTS: writes the journal, sends a transaction.
 */
export async function submit(
  rpc: Rpc,
  account: Account,
  submission: Submission,
  log: Log = () => undefined,
): Promise<string> {
  return submitOn(await laneOf(rpc, account.address), account, submission, log);
}

/**
 * Waits until a transaction, or what took its place, is in a block. By default as long as it may be bumped.
 * SIDE EFFECTS: asks the node; puts back and bumps what needs it.
 */
export async function waitForReceipt(
  rpc: Rpc,
  account: Pick<Account, 'address'> | Account,
  hash: string,
  log: Log,
  timeoutMs = longestWaitMs(sendingTerms(rpc.network)),
): Promise<Receipt> {
  const lane = await laneOf(rpc, account.address);
  // A chain that was started anew has a lane of its own, on which nobody has submitted anything yet.
  if ('sign' in account) lane.account ??= account;
  const { receipt } =
    lane.journal.find(hash) === undefined
      ? { receipt: await strangersReceipt(rpc, hash, log, timeoutMs) }
      : await outcomeOf(lane, hash, ({ inclusion }) => inclusion !== undefined, log, timeoutMs);
  return receipt;
}

/**
 * Waits until transactions are as deep in the chain as the network wants, those of a list or all that the account has
 * on their way. What a reorganisation undoes is put back and waited for again. SIDE EFFECTS: as `waitForReceipt`.
 */
export async function settle(
  rpc: Rpc,
  account: Pick<Account, 'address'>,
  log: Log,
  hashes?: readonly string[],
): Promise<readonly Receipt[]> {
  const lane = await laneOf(rpc, account.address);
  const { journal } = lane;
  const open = [...journal.live(), ...journal.unsettled()].filter(
    ({ owner, state }) => !lane.running.has(owner) && state !== 'replaced',
  );
  const wanted = hashes ?? open.flatMap(({ attempts }) => attempts.at(-1)?.hash ?? []);
  const timeoutMs = longestWaitMs(lane.terms);
  const isDeep = (each: JournalTransaction): boolean => each.inclusion !== undefined && each.settled;
  const settled = await Promise.all(
    [...new Set(wanted)].map((hash) => outcomeOf(lane, hash, isDeep, log, timeoutMs)),
  );
  return settled.map(({ receipt }) => receipt);
}

/** What the journal knows of the block that a transaction of ours is in; undefined while it knows of none. */
export async function knownInclusion(
  rpc: Rpc,
  account: Pick<Account, 'address'>,
  hash: string,
): Promise<Inclusion | undefined> {
  return (await laneOf(rpc, account.address)).journal.find(hash)?.inclusion;
}

/** Whether transactions of this account are on their way, of this process or another. SIDE EFFECTS: opens the journal. */
export async function hasInFlight(rpc: Rpc, address: string): Promise<boolean> {
  return (await laneOf(rpc, address)).journal.live().length > 0;
}

/** How many of an account's pending transactions are not in the journal: somebody else's, or the journal was lost. */
export async function strangersInFlight(rpc: Rpc, address: string): Promise<number> {
  const lane = await laneOf(rpc, address);
  const { facts } = await factsOf(lane);
  const { minedCount, pendingCount } = facts;
  return Math.max(0, pendingCount - minedCount - lane.journal.countBetween(minedCount, pendingCount));
}

/** Sends a transaction that is on its way once more, at a higher price. SIDE EFFECTS: signs, sends. */
export function bump(rpc: Rpc, account: Account, hash: string): Promise<string> {
  return replace(rpc, account, hash, 'bump');
}

/** Uses up the nonce of a transaction that is on its way with one that does nothing. SIDE EFFECTS: signs, sends. */
export function cancel(rpc: Rpc, account: Account, hash: string): Promise<string> {
  return replace(rpc, account, hash, 'cancel');
}

/** Tells one chain from another, a local one that was started anew from the one before. SIDE EFFECTS: may ask the node. */
export async function chainIdentity(rpc: Rpc): Promise<string> {
  const watch = watchOf(rpc);
  // Whether it was started anew shows in its newest block.
  await watch.head();
  return `${networkKey(rpc.network)}:${await watch.genesis()}`;
}

/** How long to pause between questions: local blocks come at once, others every second or slower. */
export function pauseFor(rpc: Rpc): number {
  return isLocal(rpc.network) ? 100 : 1_000;
}

async function replace(rpc: Rpc, account: Account, hash: string, kind: 'bump' | 'cancel'): Promise<string> {
  const lane = await laneOf(rpc, account.address);
  const transaction = lane.journal.find(hash);
  if (transaction === undefined) throw new CutoverError('CUT-2230', { hash, folder: lane.journal.path });
  if (!isLive(transaction)) throw new CutoverError('CUT-2231', { hash, state: transaction.state });
  lane.account = account;
  const raised = await raise(lane, transaction.id, kind);
  if (raised.kind === 'raised') return raised.hash;
  const reason =
    raised.kind === 'not' ? raised.reason : 'another process was first, or it was mined just now';
  throw new CutoverError('CUT-2234', { hash, reason });
}

interface Outcome {
  readonly lane: Lane;
  readonly receipt: Receipt;
}

/** Waits for a transaction of the journal, and for what goes on in its place when its nonce is lost. */
async function outcomeOf(
  first: Lane,
  firstHash: string,
  done: (transaction: JournalTransaction) => boolean,
  log: Log,
  timeoutMs: number,
): Promise<Outcome> {
  const began = performance.now();
  let [lane, hash, told] = [first, firstHash, 0];
  for (;;) {
    const transaction = lane.journal.find(hash);
    if (transaction === undefined) throw notMined(lane, hash, performance.now() - began);
    const { id, purpose, inclusion, state, settled } = transaction;
    if (inclusion !== undefined && done(transaction)) {
      lane.journal.tell([id]);
      if (state === 'replaced') throw cancelled(lane, purpose, hash);
      const { blockNumber, succeeded } = inclusion;
      return { lane, receipt: { transactionHash: inclusion.hash, blockNumber, succeeded } };
    }
    const failure = lane.failures.get(id);
    if (lane.failures.delete(id)) throw failure;
    if (settled) {
      ({ lane, hash } = await succeed(lane, transaction, log));
      continue;
    }
    const elapsed = performance.now() - began;
    if (elapsed >= timeoutMs) throw notMined(lane, hash, elapsed);
    if (elapsed - told >= 10_000) {
      told = elapsed;
      const what = inclusion === undefined ? 'to be mined' : `for ${lane.terms.confirmations} confirmations`;
      log(`waiting for ${hash} (${purpose}) ${what}, ${Math.round(elapsed / 1000)} s`);
    }
    await lane.watch.look();
  }
}

/** What was wanted goes on under another nonce: a stranger took the first, or the chain was started anew. */
async function succeed(
  lane: Lane,
  transaction: JournalTransaction,
  log: Log,
): Promise<{ readonly lane: Lane; readonly hash: string }> {
  const { id, key, purpose, to, value, gasLimit, level } = transaction;
  const { account, successors, journal } = lane;
  if (account === undefined) throw notMined(lane, transaction.attempts.at(-1)?.hash ?? '', 0);
  const known = successors.get(id);
  if (known !== undefined) return known;
  const next = laneOf(lane.watch.rpc(), lane.address).then(async (successor) => ({
    lane: successor,
    hash: await submitOn(
      successor,
      account,
      { to, value, gasLimit, level, purpose, data: journal.dataOf(id), key },
      log,
    ),
  }));
  successors.set(id, next);
  return next;
}

async function strangersReceipt(rpc: Rpc, hash: string, log: Log, timeoutMs: number): Promise<Receipt> {
  const inclusion = await poll(() => inclusionOf(rpc, hash), {
    timeoutMs,
    pauseMs: pauseFor(rpc),
    progress: (seconds) => log(`waiting for ${hash} to be mined, ${seconds} s`),
  });
  if (inclusion !== undefined) return { transactionHash: inclusion.hash, ...inclusion };
  throw new CutoverError('CUT-2054', {
    hash,
    network: describeNetwork(rpc.network),
    seconds: Math.round(timeoutMs / 1000),
  });
}

function notMined(lane: Lane, hash: string, elapsedMs: number): CutoverError {
  return new CutoverError('CUT-2054', {
    hash,
    network: describeNetwork(lane.watch.network),
    seconds: Math.round(elapsedMs / 1000),
  });
}

function cancelled(lane: Lane, purpose: string, hash: string): CutoverError {
  return new CutoverError('CUT-2213', { purpose, hash, network: describeNetwork(lane.watch.network) });
}
