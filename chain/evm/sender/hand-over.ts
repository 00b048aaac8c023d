import { keccak256 } from 'ethers/crypto';
import { formatEther } from 'ethers/utils';
import { setTimeout as sleep } from 'node:timers/promises';
import { CutoverError } from '@cutover/base/errors.ts';
import { highestPrice, type Fees } from '../../plan/fees.ts';
import { describeNetwork } from '../../plan/network.ts';
import { afterRefusal, classifyRefusal, type Refusal, type Traces } from '../../plan/transaction/refusal.ts';
import { isLive } from '../../plan/transaction/state.ts';
import type { Account } from '../account.ts';
import type { Attempt, JournalTransaction } from '../journal/records.ts';
import type { Rpc, RpcPool } from '../rpc.ts';
import type { Broadcast } from '../rpc/broadcast.ts';
import { examine } from './examine.ts';
import { feesAbove } from './fees.ts';
import { factsOf, type Lane } from './lane.ts';
import { notify } from './notify.ts';
import { isKnown } from './traces.ts';

/** How long a node that contradicts itself is asked again. */
const persistMs = 30_000;
/** How often a price is raised because a node asks for more, in one go. */
const mostRaises = 10;

/**
 * Signs a transaction under its nonce and keeps the payload; nothing is sent. False when another process did so first.
 * SIDE EFFECTS: has the key sign, writes the journal.
 */
export async function sign(
  lane: Lane,
  account: Account,
  transaction: JournalTransaction,
  kind: Attempt['kind'],
  fees: Fees,
): Promise<boolean> {
  const { id, nonce, to, value, gasLimit, attempts } = transaction;
  const wanted = { to, value, gasLimit, data: lane.journal.dataOf(id) };
  const nothing = { to: account.address, value: 0n, gasLimit: 21_000n, data: '0x' };
  const payload = await account.sign({
    ...fees,
    ...(kind === 'cancel' ? nothing : wanted),
    chainId: lane.watch.network.chainId,
    nonce,
  });
  return lane.journal.record(id, { kind, payload, hash: keccak256(payload), fees }, attempts.length);
}

/**
 * Hands the latest attempt of a transaction to the chain, as often as it takes; `renumber` when a stranger has its
 * nonce. SIDE EFFECTS: sends, writes the journal.
 */
export async function handOver(lane: Lane, id: number): Promise<'on-its-way' | 'renumber'> {
  const { journal, watch } = lane;
  const began = performance.now();
  for (let pause = 50; ; pause = Math.min(pause * 2, 2_000)) {
    const transaction = journal.get(id);
    const attempt = transaction.attempts.findLast(({ state }) => state !== 'refused');
    if (transaction.inclusion !== undefined) return 'on-its-way';
    if (!isLive(transaction)) return 'renumber';
    if (attempt === undefined) return 'on-its-way';

    const answer = await offer(lane, attempt.hash);
    if (answer.kind === 'taken') {
      journal.handedOver(id, attempt.hash);
      lane.missing.delete(id);
      watch.quicken();
      return 'on-its-way';
    }
    const waitedMs = performance.now() - began;
    const traces = await tracesOf(lane, transaction, answer.refusal);
    switch (afterRefusal(answer.refusal, traces)) {
      case 'watch':
        if (journal.get(id).inclusion === undefined) journal.handedOver(id, attempt.hash);
        watch.quicken();
        return 'on-its-way';
      case 'renumber':
        giveWay(lane, transaction, attempt);
        return 'renumber';
      case 'raise': {
        const raised = await raise(lane, id, 'bump', false);
        if (raised.kind !== 'not' && transaction.attempts.length < mostRaises) continue;
        // It stays in the journal: gas may get cheaper before somebody comes back for it.
        if (waitedMs > lane.terms.patienceMs || transaction.attempts.length >= mostRaises) {
          throw refusedBy(lane, transaction, raised.kind === 'not' ? raised.reason : answer.message);
        }
        await watch.look();
        continue;
      }
      case 'again':
      case 'look-again':
        if (waitedMs > (answer.refusal === 'busy' ? lane.terms.patienceMs : persistMs)) {
          throw answer.silence ?? refusedBy(lane, transaction, answer.message);
        }
        await sleep(pause);
        lane.facts = undefined;
        continue;
      case 'next-block':
        if (waitedMs > lane.terms.patienceMs) {
          throw refusedBy(lane, transaction, answer.message);
        }
        await watch.look();
        continue;
      case 'stop':
        return stop(lane, transaction, attempt, answer);
    }
  }
}

/** What became of an attempt to raise a price. */
export type Raised =
  | { readonly kind: 'raised'; readonly hash: string }
  /** Another process was first, or it is in a block by now. */
  | { readonly kind: 'moot' }
  | { readonly kind: 'not'; readonly reason: string };

/**
 * Signs a transaction anew under its nonce at a higher price and, if wished, hands it over.
 * SIDE EFFECTS: has the key sign, writes the journal, sends.
 */
export async function raise(lane: Lane, id: number, kind: 'bump' | 'cancel', send = true): Promise<Raised> {
  const { account, journal } = lane;
  if (account === undefined) return { kind: 'not', reason: 'nobody can sign here' };
  const transaction = journal.get(id);
  if (!isLive(transaction)) return { kind: 'moot' };
  const decision = await feesAbove(
    lane,
    transaction.level,
    transaction.attempts.map(({ fees }) => fees),
  );
  if (decision.kind === 'wait') {
    return { kind: 'not', reason: 'a higher price would be above the ceiling of this network' };
  }
  // What is being cancelled must not come back at a higher price.
  const cancels = transaction.attempts.some((each) => each.kind === 'cancel');
  const signed = await sign(lane, account, transaction, cancels ? 'cancel' : kind, decision.fees);
  if (!signed) return { kind: 'moot' };
  if (send) await handOver(lane, id);
  return { kind: 'raised', hash: journal.get(id).attempts.at(-1)?.hash ?? '' };
}

type Offer =
  | { readonly kind: 'taken' }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      readonly message: string;
      /** No endpoint answered at all. */
      readonly silence?: CutoverError;
    };

/** Offers a payload to all endpoints. The same payload again does no harm, so nothing is made of no answer. */
async function offer(lane: Lane, hash: string): Promise<Offer> {
  const payload = lane.journal.payloadOf(hash);
  const rpc: Rpc & Partial<Pick<RpcPool, 'broadcast'>> = lane.watch.rpc();
  try {
    const { taken, outcomes } = await (rpc.broadcast?.(payload) ?? offerToOne(rpc, payload));
    if (taken) return { kind: 'taken' };
    const refused = outcomes.find(({ kind }) => kind === 'refused');
    const message = refused?.message ?? 'no endpoint answered';
    const refusal = refused === undefined ? 'busy' : classifyRefusal(message);
    // An endpoint that did not answer may have taken it; what the others say counts when that one says so too.
    const all = outcomes.every(({ kind }) => kind === 'refused');
    return { kind: 'refused', message, refusal: all || refusal === 'nonce-used' ? refusal : 'busy' };
  } catch (error) {
    if (!(error instanceof CutoverError && error.code === 'CUT-2030')) throw error;
    return { kind: 'refused', refusal: 'busy', message: error.message, silence: error };
  }
}

async function offerToOne(rpc: Rpc, payload: string): Promise<Pick<Broadcast, 'taken' | 'outcomes'>> {
  const answer = await rpc.ask('eth_sendRawTransaction', [payload]);
  const endpoint = rpc.network.name;
  if (answer.kind === 'value') return { taken: true, outcomes: [] };
  return { taken: false, outcomes: [{ endpoint, kind: 'refused', message: answer.message }] };
}

/** What the chain knows of a transaction that a node refused because of its nonce. */
async function tracesOf(lane: Lane, transaction: JournalTransaction, refusal: Refusal): Promise<Traces> {
  if (refusal !== 'nonce-used' && refusal !== 'outbid') return nothingKnown;
  lane.facts = undefined;
  try {
    return await look(lane, transaction, refusal);
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'CUT-2030') return nothingKnown;
    throw error;
  }
}

const nothingKnown: Traces = { ours: false, stranger: false };

async function look(
  lane: Lane,
  transaction: JournalTransaction,
  refusal: 'nonce-used' | 'outbid',
): Promise<Traces> {
  await examine(lane, [transaction]);
  const { inclusion, state, settled } = lane.journal.get(transaction.id);
  const { id } = transaction;
  if (inclusion !== undefined || lane.expected.has(id)) return { ours: true, stranger: false };
  if (state === 'replaced' && settled) return { ours: false, stranger: true };
  const others = transaction.attempts.filter(({ state }) => state !== 'refused');
  const known = await Promise.all(others.map(({ hash }) => isKnown(lane.watch.rpc(), hash)));
  // What was ever sent may be in the pool of another node. One that this very answer refused is nowhere.
  const sent = others.some(({ state: sent }) => sent === 'sent') || others.length > 1;
  const ours = known.includes(true) || (refusal === 'outbid' && sent);
  return { ours, stranger: refusal === 'outbid' && !ours };
}

/** A stranger's transaction has the nonce, and no node has ours: what was wanted gets another one. */
function giveWay(lane: Lane, { id, purpose }: JournalTransaction, attempt: Attempt): void {
  lane.journal.observe(id, { kind: 'nonce-taken' }, 'by a transaction in the pool that is not known here');
  notify(lane.watch.network, {
    ...{ kind: 'nonce-taken', account: lane.address, purpose, hash: attempt.hash },
    text: `${purpose}: somebody else used its nonce; it gets another one`,
  });
}

/** Writes that no node takes a transaction, so that its nonce is free, and says why. */
async function stop(
  lane: Lane,
  transaction: JournalTransaction,
  attempt: Attempt,
  answer: Offer & { readonly kind: 'refused' },
): Promise<never> {
  const { id, purpose, attempts, cost } = transaction;
  const error =
    answer.refusal === 'poor'
      ? await poor(lane, purpose, cost)
      : refusedBy(lane, transaction, answer.message);
  if (
    attempts.every(({ state, hash }) => state === 'refused' || hash === attempt.hash) &&
    attempt.state === 'signed'
  ) {
    lane.journal.refused(id, attempt.hash);
    lane.journal.observe(id, { kind: 'refused' }, answer.message);
    lane.journal.tell([id]);
  }
  throw error;
}

/** The account cannot pay: what it has, what everything in flight may need, what is missing. */
export async function poor(lane: Lane, purpose: string, needed: bigint): Promise<CutoverError> {
  lane.facts = undefined;
  const { facts } = await factsOf(lane);
  const missing = needed > facts.balance ? needed - facts.balance : 0n;
  return new CutoverError('CUT-2053', {
    account: lane.address,
    contract: purpose,
    network: describeNetwork(lane.watch.network),
    balance: formatEther(facts.balance),
    needed: formatEther(needed),
    missing: formatEther(missing),
  });
}

function refusedBy(lane: Lane, { purpose }: JournalTransaction, message: string): CutoverError {
  return new CutoverError('CUT-2032', {
    endpoint: describeNetwork(lane.watch.network),
    method: `the transaction (${purpose})`,
    message,
  });
}

/** The most that a transaction can cost, in wei. */
export function costOf(gasLimit: bigint, value: bigint, fees: Fees): bigint {
  return gasLimit * highestPrice(fees) + value;
}
