import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { CutoverError } from '@cutover/base/errors.ts';
import type { ProcessFolder } from './folder.ts';

const waitSeconds = 90;

/**
 * Runs work while nobody else changes this process.
 * The lock is SQLite's own on an empty file: the kernel lets go of it when its holder dies, however it dies, so there
 * is no stale lock to tell from a live one. SIDE EFFECTS: writes the lock file.
 */
export async function withLock<T>(folder: ProcessFolder, name: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(folder.lock), { recursive: true, mode: 0o700 });
  const holderFile = `${folder.lock}.holder`;
  const giveUp = Date.now() + waitSeconds * 1000;
  const lock = new DatabaseSync(folder.lock, { timeout: 0 });
  try {
    for (;;) {
      if (take(lock)) break;
      if (Date.now() > giveUp) {
        const holder = await readFile(holderFile, 'utf8').catch(() => 'its pid is not known');
        throw new CutoverError('CUT-4305', { name, holder: holder.trim(), seconds: waitSeconds });
      }
      await sleep(50);
    }
    await writeFile(holderFile, `pid ${process.pid}\n`);
    return await work();
  } finally {
    lock.close();
  }
}

function take(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    const busy = 5; // SQLITE_BUSY
    if ((error as { errcode?: number }).errcode === busy) return false;
    throw error;
  }
}
