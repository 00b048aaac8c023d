import { CutoverError } from '@cutover/base/errors.ts';
import { byName } from '@cutover/base/once.ts';
import { ownMark, runningAmong } from '../../journal/process-mark.ts';
import type { SolanaPool } from '../connection.ts';
import { openSolanaJournal, type SolanaJournal } from './journal.ts';
import { solanaJournalPath } from './place.ts';

const journals = byName(openSolanaJournal);
const known = new WeakMap<SolanaPool, Promise<SolanaJournal>>();
const ours = new Set<string>();

/** The journal of a cluster, one for all that this process does there. SIDE EFFECTS: asks for the genesis hash. */
export async function journalOf(pool: SolanaPool): Promise<SolanaJournal> {
  const opened =
    known.get(pool) ??
    pool.getGenesisHash().then((genesis) => journals(solanaJournalPath(pool.network, genesis)));
  known.set(pool, opened);
  // What failed is asked for again.
  return opened.catch((error: unknown) => {
    known.delete(pool);
    throw error;
  });
}

/**
 * Does a task that two must not do at once: whoever comes second is refused. What a process that is gone has claimed is
 * free. SIDE EFFECTS: writes the journal, and those of `work`.
 */
export async function claimed<T>(
  pool: SolanaPool,
  what: string,
  work: (journal: SolanaJournal) => Promise<T>,
): Promise<T> {
  const journal = await journalOf(pool);
  const task = `${journal.path} ${what}`;
  if (ours.has(task)) throw new CutoverError('CUT-2448', { what, owner: 'this process' });
  ours.add(task);
  try {
    const me = await ownMark();
    const alive = await runningAmong(journal.owners());
    const other = journal.claim(what, me, (owner) => alive.has(owner));
    if (other !== undefined)
      throw new CutoverError('CUT-2448', { what, owner: `process ${Number.parseInt(other, 10)}` });
    try {
      return await work(journal);
    } finally {
      journal.release(what, me);
    }
  } finally {
    ours.delete(task);
  }
}
