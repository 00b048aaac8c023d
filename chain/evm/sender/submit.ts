import { setTimeout as sleep } from 'node:timers/promises';
import { CutoverError } from '@cutover/base/errors.ts';
import { describeNetwork, isLocal } from '../../plan/network.ts';
import { isLive } from '../../plan/transaction/state.ts';
import type { Account } from '../account.ts';
import type { JournalTransaction } from '../journal/records.ts';
import { affordableFees } from './fees.ts';
import { costOf, handOver, poor, sign } from './hand-over.ts';
import { askOwners, factsOf, inGrace, type Lane } from './lane.ts';
import { notify } from './notify.ts';
import type { Log, Submission } from './submission.ts';

/** How often one wish may lose its nonce to a stranger. */
const mostNumbers = 5;

/**
 * Sends what is wished for, or joins what was sent for the same wish before. Answers with a hash as soon as a node has
 * taken it. SIDE EFFECTS: writes the journal, sends a transaction.
 */
export async function submitOn(lane: Lane, account: Account, wish: Submission, log: Log): Promise<string> {
  lane.account = account;
  for (let numbers = 0; numbers < mostNumbers; numbers++) {
    const id = await admitted(lane, account, wish, log);
    const hash = await underWay(lane, id, () => bringOn(lane, account, id, log));
    if (hash !== undefined) return hash;
  }
  throw new CutoverError('CUT-2214', {
    purpose: wish.purpose,
    account: account.address,
    network: describeNetwork(lane.watch.network),
    attempts: mostNumbers,
  });
}

/** Uses up a nonce that nothing holds, so that those behind it can be mined. SIDE EFFECTS: sends a transaction. */
export function fillGap(lane: Lane, nonce: number): void {
  const { account, address, watch } = lane;
  const key = `gap:${nonce}`;
  if (account === undefined || lane.filling.has(nonce)) return;
  lane.filling.add(nonce);
  const purpose = `filling the gap at nonce ${nonce}`;
  submitOn(lane, account, { key, purpose, to: address, data: '0x', gasLimit: 21_000n }, () => undefined).then(
    (hash) => {
      const text = `nobody has nonce ${nonce} of ${address}, and others wait behind it: filled by ${hash}`;
      notify(watch.network, { kind: 'gap-filled', account: address, purpose, hash, text });
    },
    // Whoever waits behind the gap says what is wrong; the next look tries again.
    () => lane.filling.delete(nonce),
  );
}

/** Waits until the journal gives a nonce, or knows the wish already; answers with the transaction's id. */
async function admitted(lane: Lane, account: Account, wish: Submission, log: Log): Promise<number> {
  const { to, data, purpose, key } = wish;
  const [value, level] = [wish.value ?? 0n, wish.level ?? 'medium'];
  const company = { me: lane.me, missing: lane.missing, lives: (owner: string) => lane.running.has(owner) };
  await askOwners(lane);
  const known = lane.journal.earlier({ key, to, data, value }, company);
  if (known?.kind === 'join') return known.id;
  const needed = typeof wish.gasLimit === 'bigint' ? wish.gasLimit : await wish.gasLimit();
  const began = performance.now();
  let wasPoor = false;
  let told = 0;
  lane.admitting++;
  try {
    for (;;) {
      const fees = await affordableFees(lane, { level, purpose }, log);
      const [{ head, facts }] = await Promise.all([factsOf(lane), askOwners(lane)]);
      const gasLimit = notBelowOthers(lane, needed);
      const cost = costOf(gasLimit, value, fees);
      const { admission, id } = lane.journal.admit(
        { key, purpose, to, data, value, gasLimit, level, cost, signer: account.signer },
        {
          ...{ ...company, facts, headNumber: head.number },
          terms: { inFlight: lane.terms.inFlight, grace: inGrace(lane) },
        },
      );
      const waitedMs = performance.now() - began;
      switch (admission.kind) {
        case 'join':
        case 'send':
          return id;
        case 'conflict':
          throw new CutoverError('CUT-2210', { purpose, key, hash: hashOf(lane.journal.get(admission.id)) });
        case 'poor':
          // Some of what is counted as in flight may be mined and paid for.
          if (wasPoor) throw await poor(lane, purpose, admission.needed);
          wasPoor = true;
          lane.facts = undefined;
          if (admission.inFlight > 0) await lane.watch.look();
          continue;
        case 'wait':
          if (admission.why !== 'gap' && waitedMs > lane.terms.patienceMs)
            throw noTurn(lane, purpose, waitedMs);
          if (waitedMs - told >= 10_000) {
            told = waitedMs;
            log(`${purpose}: waiting for its turn; ${lane.journal.live().length} others are on their way`);
          }
          await (admission.why === 'gap' ? sleep(50) : lane.watch.look());
      }
    }
  } finally {
    lane.admitting--;
  }
}

/**
 * On local chains no transaction has a lower gas limit than those before it. When one does not fit into a block any
 * more, anvil 1.7.1 tries the account's next one, finds its nonce too high and drops it for good; public nodes wait.
 */
function notBelowOthers(lane: Lane, gasLimit: bigint): bigint {
  if (!isLocal(lane.watch.network)) return gasLimit;
  return lane.journal.live().reduce((most, each) => (each.gasLimit > most ? each.gasLimit : most), gasLimit);
}

/** Brings a transaction of the journal on its way, whatever has been done for it before; undefined: its nonce is lost. */
async function bringOn(lane: Lane, account: Account, id: number, log: Log): Promise<string | undefined> {
  const { journal, me } = lane;
  for (;;) {
    const transaction = journal.get(id);
    if (transaction.inclusion !== undefined) return transaction.inclusion.hash;
    if (!isLive(transaction)) return undefined;
    if (transaction.owner !== me && lane.running.has(transaction.owner)) {
      // Another process is at it; its hash comes in a moment, or the process ends.
      if (transaction.attempts.length > 0) return hashOf(transaction);
      await sleep(50);
      await askOwners(lane);
      continue;
    }
    const taken = transaction.attempts.some(({ state }) => state === 'sent') && transaction.owner === me;
    if (taken) return hashOf(transaction);
    if (transaction.owner !== me) journal.claim(id, me);
    if (transaction.attempts.length === 0) await signFirst(lane, account, transaction, log);
    if ((await handOver(lane, id)) === 'renumber') return undefined;
    return hashOf(journal.get(id));
  }
}

/** Signs for the first time; what else has this nonce, and is wanted by nobody any more, is outbid. */
async function signFirst(
  lane: Lane,
  account: Account,
  transaction: JournalTransaction,
  log: Log,
): Promise<void> {
  const { id, nonce, level, purpose } = transaction;
  const outbid = lane.journal.live().filter((each) => each.nonce === nonce && each.yielded);
  const earlier = outbid.flatMap(({ attempts }) => attempts.map(({ fees }) => fees));
  try {
    await sign(
      lane,
      account,
      transaction,
      'first',
      await affordableFees(lane, { level, purpose, earlier }, log),
    );
  } catch (error) {
    // Nothing was signed, so its nonce is free again.
    lane.journal.observe(id, { kind: 'refused' }, 'it could not be signed');
    throw error;
  }
}

/** One and the same transaction is brought on by one caller; others wait for that. */
async function underWay<T>(lane: Lane, id: number, work: () => Promise<T>): Promise<T> {
  const running = lane.underWay.get(id) as Promise<T> | undefined;
  if (running !== undefined) {
    await running.catch(() => undefined);
    return work();
  }
  const own = work().finally(() => lane.underWay.delete(id));
  lane.underWay.set(id, own);
  return own;
}

function noTurn(lane: Lane, purpose: string, waitedMs: number): CutoverError {
  return new CutoverError('CUT-2215', {
    purpose,
    count: lane.journal.live().length,
    account: lane.address,
    network: describeNetwork(lane.watch.network),
    seconds: Math.round(waitedMs / 1000),
    inFlight: lane.terms.inFlight,
  });
}

function hashOf({ inclusion, attempts }: JournalTransaction): string {
  return inclusion?.hash ?? attempts.findLast(({ state }) => state !== 'refused')?.hash ?? '';
}
