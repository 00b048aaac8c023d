import { randomBytes } from 'node:crypto';
import { chmod, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { backup } from 'node:sqlite';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import type { Copy } from '../engine.ts';
import type { LoadedFile } from '../files.ts';
import { openFile, type RecordingDatabase } from './database.ts';
import { runSteps } from './run.ts';

/** What is needed to copy a file. */
export interface CopyRequest {
  readonly db: RecordingDatabase;
  readonly path: string;
  /** The database in words. */
  readonly label: string;
  readonly files: readonly LoadedFile[];
  readonly say: (line: string) => void;
}

// In one step, off the main thread: a copy of many steps starts anew whenever the application writes between two.
const ALL_PAGES = 2 ** 31 - 1;

/**
 * Copies the database beside itself, where there is room for it. Complete, and from one moment even while an
 * application writes. A damaged one is refused: pages that no migration reads would go on unseen.
 * SIDE EFFECTS: writes a file; deletes those that crashed runs left.
 */
export async function copySqlite({ db, path, label, files, say }: CopyRequest): Promise<Copy> {
  const prefix = `${basename(path)}.cutover-scratch-`;
  await deleteLeftovers(dirname(path), prefix, say);
  const file = join(dirname(path), `${prefix}${randomBytes(4).toString('hex')}`);
  try {
    await backup(db, file, { rate: ALL_PAGES });
    await chmod(file, (await stat(path)).mode & 0o777);
    refuseDamaged(file, label);
  } catch (error) {
    await remove(file);
    throw error;
  }
  return {
    how: 'a copy (complete, by the backup interface of SQLite)',
    run: async (steps) => {
      const copy = openFile(file);
      try {
        return await runSteps({ db: copy, files, steps, on: 'copy', waitSeconds: 0, say });
      } finally {
        copy.close();
      }
    },
    drop: () => remove(file),
  };
}

function refuseDamaged(file: string, database: string): void {
  const copy = openFile(file, true);
  try {
    const problem = problemIn(copy);
    if (problem !== 'ok') throw new CutoverError('CUT-4135', { database, problem });
  } finally {
    copy.close();
  }
}

/** The first thing that is wrong with the structure of a database, or `ok`. Takes as long as reading it. */
function problemIn(db: RecordingDatabase): string {
  try {
    const row = db.prepare('PRAGMA quick_check(1)').get();
    return String(row?.['quick_check'] ?? row?.['integrity_check'] ?? 'it cannot be checked');
  } catch (error) {
    return messageOf(error);
  }
}

/** Files of runs that were killed. Nobody else can be using them: this run holds the lock of their database. */
async function deleteLeftovers(folder: string, prefix: string, say: (line: string) => void): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  for (const name of left) {
    if (!/-(wal|shm|journal)$/.test(name)) say(`deleting ${name}, a copy that an earlier run left`);
    await rm(join(folder, name), { force: true });
  }
}

async function remove(file: string): Promise<void> {
  for (const end of ['', '-wal', '-shm', '-journal']) await rm(`${file}${end}`, { force: true });
}
