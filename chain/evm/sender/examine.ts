import type { JournalTransaction } from '../journal/records.ts';
import { provesSpent } from '../../plan/transaction/finality.ts';
import type { Inclusion } from '../../plan/transaction/state.ts';
import type { Lane } from './lane.ts';
import { agreedBlockHash, agreedInclusion, agreedOn, asksSeveral } from './agreement.ts';
import { notify } from './notify.ts';
import { countOf, inclusionOf, isKnown, spenderOf } from './traces.ts';

/**
 * Asks the chain what became of transactions: in a block, in the node's pool, their nonce taken by another, or nowhere.
 * SIDE EFFECTS: asks the node, writes the journal.
 */
export async function examine(lane: Lane, transactions: readonly JournalTransaction[]): Promise<void> {
  if (transactions.length === 0) return;
  const minedCount = await countOf(lane.watch.rpc(), lane.address, 'latest');
  await Promise.all(transactions.map((each) => examineOne(lane, each, minedCount)));
}

/** What is in a block, but was not deep enough when last looked at: is that block still there? */
export async function examineUnsettled(lane: Lane): Promise<void> {
  const transactions = lane.journal.unsettled();
  const numbers = [...new Set(transactions.map(({ inclusion }) => inclusion?.blockNumber ?? 0))];
  const hashes = new Map(
    await Promise.all(numbers.map(async (number) => [number, await lane.watch.blockHash(number)] as const)),
  );
  const gone = transactions.filter(
    ({ inclusion }) => inclusion !== undefined && hashes.get(inclusion.blockNumber) !== inclusion.blockHash,
  );
  await undoAgreed(lane, gone);
}

/**
 * Writes that blocks are gone which one endpoint does not have any more, as far as the others say so too; where they
 * differ, the next look asks again. SIDE EFFECTS: may ask nodes; writes the journal, tells.
 */
export async function undoAgreed(lane: Lane, transactions: readonly JournalTransaction[]): Promise<void> {
  const rpc = lane.watch.rpc();
  const several = transactions.length > 0 && asksSeveral(rpc);
  await Promise.all(
    transactions.map(async (each) => {
      const { inclusion } = each;
      if (inclusion === undefined) return;
      const agreed = several ? await agreedBlockHash(rpc, inclusion.blockNumber) : undefined;
      if (agreed === undefined || (agreed.kind === 'agreed' && agreed.value !== inclusion.blockHash)) {
        undo(lane, each);
      } else lane.recheck = true;
    }),
  );
}

/** Writes that a transaction is in a block. Whatever else had its nonce never will be. SIDE EFFECTS: writes the journal. */
export function observeMined(lane: Lane, transaction: JournalTransaction, inclusion: Inclusion): void {
  const { journal } = lane;
  const { id, nonce, attempts } = transaction;
  const cancels = attempts.find(({ hash }) => hash === inclusion.hash)?.kind === 'cancel';
  journal.observe(
    id,
    { kind: 'mined', inclusion, cancels },
    `${inclusion.hash} in block ${inclusion.blockNumber}`,
  );
  for (const set of [lane.missing, lane.expected, lane.doubts]) set.delete(id);
  for (const other of journal.live()) {
    if (other.nonce === nonce) journal.observe(other.id, { kind: 'nonce-taken' }, `by ${inclusion.hash}`);
  }
}

/** Writes that a transaction's block is not part of the chain any more. SIDE EFFECTS: writes the journal, tells. */
export function undo(lane: Lane, { id, purpose, inclusion }: JournalTransaction): void {
  if (inclusion === undefined) return;
  const { hash, blockHash, blockNumber } = inclusion;
  lane.journal.observe(id, { kind: 'undone', blockHash }, `block ${blockNumber} was undone`);
  notify(lane.watch.network, {
    ...{ kind: 'orphaned', account: lane.address, purpose, hash },
    text: `${purpose}: block ${blockNumber} with ${hash} was undone by a reorganisation`,
  });
}

async function examineOne(lane: Lane, transaction: JournalTransaction, minedCount: number): Promise<void> {
  const { watch, journal, missing } = lane;
  const rpc = watch.rpc();
  const { id, nonce, attempts } = transaction;
  const hashes = attempts.filter(({ state }) => state !== 'refused').map(({ hash }) => hash);
  const [shown] = (await Promise.all(hashes.map((hash) => inclusionOf(rpc, hash)))).filter(
    (found) => found !== undefined,
  );
  if (shown !== undefined) return observeMined(lane, transaction, shown);
  // What one endpoint does not know, the others may.
  const agreed = asksSeveral(rpc) ? await agreedInclusion(rpc, hashes) : undefined;
  if (agreed?.kind === 'found') return observeMined(lane, transaction, agreed.inclusion);
  if (minedCount > nonce) {
    // As long as one of them may show ours, it was nobody else.
    const spender = agreed?.kind === 'open' ? 'unknown' : await whoSpent(lane, transaction);
    if (spender === 'ours') lane.expected.add(id);
    else if (spender !== 'unknown') journal.observe(id, { kind: 'nonce-taken' }, `by ${spender.hash}`);
    return;
  }
  const known = await Promise.all(hashes.map((hash) => isKnown(rpc, hash)));
  if (known.includes(true)) missing.delete(id);
  else missing.add(id);
}

type Spender = 'ours' | 'unknown' | { readonly hash: string };

/** Who used a transaction's nonce. Without evidence, three blocks must agree that it is not one of its attempts. */
async function whoSpent(lane: Lane, transaction: JournalTransaction): Promise<Spender> {
  const { id, nonce, fromBlock, attempts } = transaction;
  const rpc = lane.watch.rpc();
  const head = await lane.watch.head();
  const hash = await spenderOf(rpc, lane.address, nonce, { fromBlock, toBlock: head.number });
  if (attempts.some((each) => each.hash === hash)) return 'ours';
  if (hash !== undefined) {
    // What is wanted would go on under another nonce: one endpoint's word is not enough for that.
    const several = asksSeveral(rpc);
    const proven = !several || provesSpent(await agreedOn(rpc, ...transactionBy(hash)), lane.address, nonce);
    return proven ? { hash } : 'unknown';
  }
  const heads = lane.doubts.get(id) ?? new Set();
  lane.doubts.set(id, heads.add(head.hash));
  if (heads.size < 3 || (asksSeveral(rpc) && !(await isSpent(lane, nonce)))) return 'unknown';
  return { hash: 'a transaction that is not known here' };
}

function transactionBy(hash: string): [method: string, params: readonly unknown[]] {
  return ['eth_getTransactionByHash', [hash]];
}

/** Whether the endpoints agree that a nonce is used. That ours is in no block, they have agreed on before. */
async function isSpent({ watch, address }: Lane, nonce: number): Promise<boolean> {
  const count = await agreedOn(watch.rpc(), 'eth_getTransactionCount', [address, 'latest']);
  return count.kind === 'agreed' && Number(count.value) > nonce;
}
