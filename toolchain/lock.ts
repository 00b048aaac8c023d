import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const lookAgain = 200;

/**
 * Does work that only one process may do at a time. The lock is a file that SQLite holds locked, so the kernel gives
 * it free when its holder ends, in whatever way: there is no stale lock to find and no clock to trust.
 * SIDE EFFECTS: writes the lock file and a note beside it of who holds it; waits.
 */
export async function alone<T>(
  file: string,
  onWait: (holder: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const { DatabaseSync } = await quietly(() => import('node:sqlite'));
  const lock = new DatabaseSync(file, { timeout: 0 });
  const note = `${file}.holder`;
  try {
    while (!take(lock)) {
      // Its holder may be done in a moment, or has yet to write the note.
      await sleep(lookAgain);
      if (take(lock)) break;
      onWait(await readFile(note, 'utf8').catch(() => 'another cutover'));
    }
    await writeFile(note, `cutover, pid ${process.pid}`);
    try {
      return await work();
    } finally {
      await rm(note, { force: true });
    }
  } finally {
    lock.close();
  }
}

function take(lock: { exec(sql: string): void }): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === busy) return false;
    throw error;
  }
}

const busy = 5; // SQLITE_BUSY

// Node announces on standard error that its SQLite is young; people who wait for a tool need not read that.
async function quietly<T>(load: () => Promise<T>): Promise<T> {
  const emit = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return await load();
  } finally {
    process.emitWarning = emit;
  }
}
