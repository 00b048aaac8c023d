import { finalityOf } from '../../plan/transaction/finality.ts';
import type { Vote } from '../../plan/quorum.ts';
import type { JournalTransaction } from '../journal/records.ts';
import { agreedOn, asksSeveral, disagreement } from './agreement.ts';
import { observeMined, undo } from './examine.ts';
import type { Lane } from './lane.ts';
import { notify } from './notify.ts';

/** After this part of a network's patience an operator hears that its endpoints differ: most only lag for a moment. */
const tellAfter = 0.1;

/**
 * Settles what is as deep in the chain as the network wants. Where several endpoints are to agree, what one of them
 * shows is not enough. SIDE EFFECTS: may ask nodes; writes the journal, tells.
 */
export async function settleDeep(lane: Lane, head: number): Promise<void> {
  const { journal, terms, watch, disputes } = lane;
  // Where endpoints differ, the head of the one that is asked anyway says nothing.
  const deep = journal
    .unsettled()
    .filter(
      ({ id, inclusion }) =>
        inclusion !== undefined &&
        (disputes.has(id) || head - inclusion.blockNumber + 1 >= terms.confirmations),
    );
  if (deep.length === 0) return;
  if (asksSeveral(watch.rpc())) await Promise.all(deep.map((each) => settleByQuorum(lane, each)));
  else for (const each of deep) settleOne(lane, each);
}

function settleOne({ journal }: Lane, { id, inclusion }: JournalTransaction): void {
  if (inclusion !== undefined) journal.observe(id, { kind: 'deep', blockHash: inclusion.blockHash });
}

async function settleByQuorum(lane: Lane, transaction: JournalTransaction): Promise<void> {
  const { inclusion, id } = transaction;
  if (inclusion === undefined) return;
  const rpc = lane.watch.rpc();
  const depth = `0x${(inclusion.blockNumber + lane.terms.confirmations - 1).toString(16)}`;
  const finality = finalityOf(
    inclusion,
    ...(await Promise.all([
      agreedOn(rpc, 'eth_getTransactionReceipt', [inclusion.hash]),
      agreedOn(rpc, 'eth_getBlockByNumber', [depth, false]),
    ])),
  );
  if (finality.kind === 'open') return wait(lane, transaction, finality.votes);
  lane.disputes.delete(id);
  switch (finality.kind) {
    case 'nowhere':
      return undo(lane, transaction);
    case 'elsewhere':
      undo(lane, transaction);
      lane.disputes.set(id, { since: performance.now(), told: false });
      return observeMined(lane, lane.journal.get(id), finality.inclusion);
    case 'deep':
      // Whether it did its work is for the endpoints to agree on as well.
      if (finality.inclusion.succeeded !== inclusion.succeeded) {
        observeMined(lane, transaction, finality.inclusion);
      }
      lane.journal.observe(id, { kind: 'deep', blockHash: inclusion.blockHash });
  }
}

/** Endpoints that differ are given time; then an operator is told, and at last whoever waits. */
function wait(lane: Lane, { id, purpose, inclusion }: JournalTransaction, votes: readonly Vote[]): void {
  const { terms, watch, disputes, failures, address } = lane;
  const now = performance.now();
  const dispute = disputes.get(id) ?? { since: now, told: false };
  const waitedMs = now - dispute.since;
  const hash = inclusion?.hash ?? '';
  const error = disagreement(watch, `the transaction ${hash} (${purpose})`, votes, waitedMs);
  const tells = !dispute.told && waitedMs > terms.patienceMs * tellAfter;
  disputes.set(id, { ...dispute, told: dispute.told || tells });
  if (tells) {
    const text = `${purpose}: the endpoints do not agree about ${hash}; it does not count as done yet`;
    notify(watch.network, { kind: 'disagreed', account: address, purpose, hash, text });
  }
  if (waitedMs > terms.patienceMs) {
    disputes.delete(id);
    failures.set(id, error);
  }
}
