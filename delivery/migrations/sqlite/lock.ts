import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '@cutover/base/transaction.ts';
import type { LockHolder } from '../../plan/migration-lock.ts';
import type { LockStore } from '../lock-record.ts';
import { isBusy } from './database.ts';
import { hasTable, makeLedger } from './ledger.ts';

/**
 * The lock as a row. It keeps other migrators out while one tries its steps on a copy, and names who it is; the steps
 * themselves are guarded by SQLite's own write lock.
 */
export function lockStore(db: DatabaseSync): LockStore {
  return {
    read: () => Promise.resolve(readLock(db)),
    replace: (previous, next) => Promise.resolve(replace(db, previous, next)),
    beat: (token) => {
      const { changes } = db
        .prepare('UPDATE cutover_migration_lock SET beat = beat + 1 WHERE token = ?')
        .run(token);
      return Promise.resolve(changes === 1);
    },
    remove: (token) => {
      db.prepare('DELETE FROM cutover_migration_lock WHERE token = ?').run(token);
      return Promise.resolve();
    },
  };
}

/** Who holds the lock, as the row says; undefined when nobody does. */
export function readLock(db: DatabaseSync): { holder: LockHolder; beat: number } | undefined {
  if (!hasTable(db, 'cutover_migration_lock')) return undefined;
  const row = db.prepare('SELECT * FROM cutover_migration_lock').get();
  return row === undefined ? undefined : { holder: row as unknown as LockHolder, beat: Number(row['beat']) };
}

function replace(db: DatabaseSync, previous: string | undefined, next: LockHolder): boolean {
  try {
    return inTransaction(db, () => {
      makeLedger(db);
      if (readLock(db)?.holder.token !== previous) return false;
      db.prepare(
        'INSERT OR REPLACE INTO cutover_migration_lock (id, host, pid, started, since, token, beat) VALUES (1, ?, ?, ?, ?, ?, 0)',
      ).run(next.host, next.pid, next.started, next.since, next.token);
      return true;
    });
  } catch (error) {
    // Another process writes at this moment.
    if (isBusy(error)) return false;
    throw error;
  }
}
