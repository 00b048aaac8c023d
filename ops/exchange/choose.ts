import { CutoverError } from '@cutover/base/errors.ts';
import type { RollbackRecord } from './record.ts';

/** What decides from which release to which a rollback goes. */
export interface RollbackChoice {
  readonly stack: string;
  readonly system: string;
  readonly what: string;
  /** What was asked for; undefined: what ran before. */
  readonly to: string | undefined;
  /** The rollback that is under way. */
  readonly record: Pick<RollbackRecord, 'from' | 'to'> | undefined;
  /** Hashes of what can run, by the releases' names. */
  readonly hashes: Readonly<Record<string, string>>;
  /** Hash of what runs. */
  readonly runs: string | undefined;
  /** Hash of what ran before the last upgrade. */
  readonly ranBefore: string | undefined;
  /** What the stack says now. */
  readonly current: string;
  /** Where the last rollback went. */
  readonly lastTo: string | undefined;
}

/** From which release to which. One that is under way goes on; another is refused until that is done or given up. */
export function chooseRollback(choice: RollbackChoice): { readonly from: string; readonly to: string } {
  const { stack, system, what, to, record, hashes, runs, ranBefore, current, lastTo } = choice;
  if (record !== undefined) {
    if (to === undefined || to === record.to) return { from: record.from, to: record.to };
    throw new CutoverError('CUT-5574', { stack, system, what, to, from: record.from, wanted: record.to });
  }
  const named = (hash: string | undefined): string | undefined =>
    Object.keys(hashes).find((release) => hashes[release] === hash);
  const running = named(runs);
  // An upgrade that is only proposed is given up by going back to what runs. The same command behind a rollback that is
  // done is no rollback of the rollback: nobody's positions are closed for a word that was typed twice.
  const earlier = running !== current ? running : lastTo === current ? current : named(ranBefore);
  const release = to ?? earlier;
  if (release !== undefined && Object.hasOwn(hashes, release)) {
    return { from: running === release ? current : (running ?? current), to: release };
  }
  const given = to === undefined ? 'Nothing is known of an earlier release' : `There is no release ${to}`;
  throw new CutoverError('CUT-5113', { given, what, choices: Object.keys(hashes).join(', '), current });
}
