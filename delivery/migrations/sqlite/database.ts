import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { transactionControl } from '../../plan/migration-sql.ts';

/** What SQLite answers while another connection writes. */
const SQLITE_BUSY = 5;

/**
 * A database that remembers the last SQL that it was given, so that a failing migration can name it, and that takes no
 * COMMIT and the like from a migration.
 */
export class RecordingDatabase extends DatabaseSync {
  lastSql: string | undefined;
  /** Whose SQL it is given now. */
  givenBy: 'us' | 'migration' = 'us';

  override exec(sql: string): void {
    this.#look(sql);
    super.exec(sql);
  }

  override prepare(sql: string): StatementSync {
    this.#look(sql);
    return super.prepare(sql);
  }

  #look(sql: string): void {
    this.lastSql = sql;
    if (this.givenBy === 'us' || transactionControl(sql, 'sqlite').length === 0) return;
    throw new Error('it would end the transaction that protects the database');
  }
}

/** Opens a file. Foreign keys are left unenforced: whole migrations are checked at their end instead (run.ts says why). */
export function openFile(path: string, readOnly = false): RecordingDatabase {
  return new RecordingDatabase(path, { readOnly, timeout: 1000, enableForeignKeyConstraints: false });
}

/** Whether an error says that others write. */
export function isBusy(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return errcode !== undefined && (errcode & 0xff) === SQLITE_BUSY;
}
