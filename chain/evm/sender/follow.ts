import type { JournalTransaction } from '../journal/records.ts';
import { examine, examineUnsettled, observeMined, undoAgreed } from './examine.ts';
import { handOver, raise } from './hand-over.ts';
import { askOwners, endLane, factsOf, inGrace, isStillThere, type Lane } from './lane.ts';
import { notify } from './notify.ts';
import { settleDeep } from './settle-deep.ts';
import { fillGap } from './submit.ts';
import { inclusionsIn } from './traces.ts';
import type { News } from './watch.ts';

/** Local chains that mine at once tell nothing by the time between their blocks. */
const mostBlockMs = 15_000;
/** Without a new block for so long, the node is asked too: a chain that mines at once waits for what it lost. */
const quietMs = 1_000;

/**
 * Brings the journal up to date after a look at the chain, and does what has to be done: puts back what a node or a
 * reorganisation dropped, raises the price of what has stalled. SIDE EFFECTS: asks the node, writes the journal, sends.
 */
export async function follow(lane: Lane, news: News): Promise<void> {
  if (lane.ended) return;
  try {
    if (lane.turns !== lane.watch.turns() && !(await isStillThere(lane))) return endLane(lane);
    const everything = news.apart || lane.recheck;
    lane.recheck = false;
    if (everything) {
      await examineUnsettled(lane);
      await examine(lane, lane.journal.live());
    }
    const undone = ({ inclusion }: JournalTransaction): boolean =>
      news.undone.has(inclusion?.blockHash ?? '');
    await undoAgreed(lane, lane.journal.unsettled().filter(undone));
    const seen = await noticeMined(lane, news);
    if (news.added.length > 0) {
      lane.quietSince = performance.now();
      if (!seen) await lookForDropped(lane);
    } else if (performance.now() - lane.quietSince > Math.max(quietMs, usualBlockMs(lane))) {
      lane.quietSince = performance.now();
      // What is known of the account is as old as the last block.
      lane.facts = undefined;
      await lookForDropped(lane);
    }
    await settleDeep(lane, news.head.number);
    putBack(lane);
    raiseStalled(lane);
  } catch (error) {
    lane.recheck = true;
    throw error;
  }
}

/** Finds ours among what the new blocks hold. True when there was any. */
async function noticeMined(lane: Lane, { added }: News): Promise<boolean> {
  const { journal, expected } = lane;
  const waited = journal.live().filter(({ id }) => expected.has(id));
  await examine(lane, waited);
  const live = added.length === 0 ? [] : journal.live();
  const byHash = new Map(live.flatMap((each) => each.attempts.map(({ hash }) => [hash, each] as const)));
  let seen = false;
  for (const block of added) {
    const hashes = block.transactions.filter((hash) => byHash.has(hash));
    if (hashes.length === 0) continue;
    seen = true;
    for (const hash of hashes) expected.add(byHash.get(hash)?.id ?? 0);
    for (const inclusion of await inclusionsIn(lane.watch.rpc(), block.hash, hashes)) {
      const transaction = byHash.get(inclusion.hash);
      if (transaction !== undefined) observeMined(lane, transaction, inclusion);
    }
  }
  return seen;
}

function usualBlockMs({ watch }: Lane): number {
  return Math.min(watch.blockMs() ?? 0, mostBlockMs);
}

/**
 * No new block, or one without any of ours, though they had time to get into one: are they still in the node's pool?
 * Its count of pending transactions ends at the first that it does not have.
 */
async function lookForDropped(lane: Lane): Promise<void> {
  const patienceMs = usualBlockMs(lane);
  const due = lane.journal
    .live()
    .filter(({ inFlightSinceMs }) => Date.now() - (inFlightSinceMs ?? 0) > patienceMs);
  const [lowest, highest] = [due[0], due.at(-1)];
  if (lowest === undefined || highest === undefined) return;
  const { facts } = await factsOf(lane);
  if (facts.pendingCount > highest.nonce && facts.minedCount <= lowest.nonce) return;
  await askOwners(lane);
  const doubtful = due.filter(({ nonce }) => nonce < facts.minedCount || nonce >= facts.pendingCount);
  await examine(
    lane,
    doubtful.filter(({ id }) => !lane.underWay.has(id)),
  );
  const next = Math.max(facts.minedCount, facts.pendingCount);
  const holder = lane.journal.live().find(({ nonce, yielded }) => nonce === next && !yielded);
  const unwanted = holder !== undefined && lane.missing.has(holder.id) && ownerOf(lane, holder) === 'dead';
  // Whoever waits for a nonce takes this one.
  if (highest.nonce > next && (holder === undefined || unwanted) && lane.admitting === 0 && !inGrace(lane)) {
    fillGap(lane, next);
  }
}

/** Hands over again what the node does not have: ours, and whatever had been in a block before. */
function putBack(lane: Lane): void {
  for (const each of lane.journal.live()) {
    const { id, state, purpose, attempts, yielded } = each;
    const lost = lane.missing.has(id) && ownerOf(lane, each) === 'us';
    if (!(lost || state === 'orphaned') || yielded || attempts.length === 0 || lane.underWay.has(id))
      continue;
    lane.missing.delete(id);
    const hash = attempts.at(-1)?.hash ?? '';
    notify(lane.watch.network, {
      ...{ kind: 'put-back', account: lane.address, purpose, hash },
      text: `${purpose}: the node does not have ${hash} any more; handed over again`,
    });
    detach(lane, id, () => handOver(lane, id));
  }
}

function raiseStalled(lane: Lane): void {
  const { terms, journal, considered, watch, address } = lane;
  const now = Date.now();
  for (const each of journal.live()) {
    const { id, purpose, inFlightSinceMs, attempts, state, yielded } = each;
    const since = Math.max(inFlightSinceMs ?? now, considered.get(id) ?? 0);
    if (now - since < terms.stalledMs || yielded || lane.underWay.has(id)) continue;
    if (ownerOf(lane, each) === 'alive') continue;
    considered.set(id, now);
    const hash = attempts.at(-1)?.hash ?? '';
    const about = { account: address, purpose, hash };
    const minutes = Math.round((now - each.createdMs) / 60_000);
    if (state === 'pending') {
      journal.observe(id, { kind: 'silent' });
      const text = `${purpose}: ${hash} is not in a block after ${minutes} min`;
      notify(watch.network, { kind: 'stalled', ...about, text });
    }
    const bumps = attempts.filter(({ kind }) => kind !== 'first').length;
    const cancel = `./cutover tx cancel ${hash} would free its nonce`;
    if (bumps >= terms.bumps) {
      const text = `${purpose}: ${hash} was bumped ${bumps} times and is still in no block; ${cancel}`;
      notify(watch.network, { kind: 'stuck', ...about, text });
      continue;
    }
    detach(lane, id, async () => {
      const raised = await raise(lane, id, 'bump');
      if (raised.kind === 'raised') {
        const text = `${purpose}: ${hash} has stalled; sent again at a higher price as ${raised.hash}`;
        notify(watch.network, { kind: 'bumped', ...about, hash: raised.hash, text });
      } else if (raised.kind === 'not') {
        const text = `${purpose}: ${hash} has stalled and is not bumped: ${raised.reason}; ${cancel}`;
        notify(watch.network, { kind: 'stuck', ...about, text });
      }
    });
  }
}

function ownerOf(lane: Lane, { owner }: JournalTransaction): 'us' | 'alive' | 'dead' {
  if (owner === lane.me) return 'us';
  return lane.running.has(owner) ? 'alive' : 'dead';
}

/** A look must not wait for what it sets going: that may itself wait for a look. */
function detach(lane: Lane, id: number, work: () => Promise<unknown>): void {
  const running = work()
    .catch((error: unknown) => lane.failures.set(id, error))
    .finally(() => lane.underWay.delete(id));
  lane.underWay.set(id, running);
}
