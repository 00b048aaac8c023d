import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, existsSync, linkSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { inTransaction } from '@cutover/base/transaction.ts';

/** What a journal's file is made as, and known by. */
export interface JournalKind {
  readonly applicationId: number;
  readonly schemaVersion: number;
  readonly schema: string;
}

/**
 * Opens the database of a journal, and makes it where there is none. What is committed is on disk: a write-ahead log,
 * which lets `./cutover tx` read while an update writes, synced at each commit (synchronous=FULL; 0.4 ms measured, a
 * third of what a rollback journal takes). SIDE EFFECTS: writes the file and its folder.
 */
export function openDatabase(path: string, kind: JournalKind): DatabaseSync {
  return guarded(path, () => {
    if (!existsSync(path)) make(path, kind);
    // A journal is linked to its place when it is whole, so an empty one was cut short by something else.
    if (statSync(path).size < 512) throw damaged(path, 'it is cut short');
    const database = new DatabaseSync(path, { timeout: 10_000, enableForeignKeyConstraints: true });
    try {
      check(database, path, kind);
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Does work in one transaction on a journal's file. */
export function atomically<T>(database: DatabaseSync, path: string, work: () => T): T {
  return guarded(path, () => inTransaction(database, work));
}

/** Does work on a journal's file; what SQLite and the system say about it becomes an error that can be acted on. */
export function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CutoverError) throw error;
    const code = (error as { readonly errcode?: number }).errcode;
    // The lower byte is the primary code: https://www.sqlite.org/rescode.html
    const primary = code === undefined ? undefined : code & 0xff;
    if (primary === 11 || primary === 26) throw damaged(path, messageOf(error));
    const system = (error as NodeJS.ErrnoException).syscall !== undefined;
    if ((primary === undefined && !system) || primary === constraint) throw error;
    throw new CutoverError('CUT-2200', { path, reason: messageOf(error) }, { cause: error });
  }
}

const constraint = 19;

function make(path: string, { applicationId, schemaVersion, schema }: JournalKind): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    closeSync(openSync(temporary, 'wx', 0o600));
    chmodSync(temporary, 0o600);
    const database = new DatabaseSync(temporary);
    try {
      database.exec(`PRAGMA synchronous = FULL; BEGIN; ${schema}
        PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}; COMMIT;`);
    } finally {
      database.close();
    }
    try {
      linkSync(temporary, path);
    } catch (error) {
      // Another process was first.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  } finally {
    rmSync(temporary, { force: true });
  }
}

function check(database: DatabaseSync, path: string, { applicationId, schemaVersion }: JournalKind): void {
  const pragma = (name: string): unknown => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  const result = pragma('quick_check');
  if (result !== 'ok') throw damaged(path, String(result));
  if (pragma('application_id') !== applicationId) throw new CutoverError('CUT-2202', { path });
  const version = pragma('user_version');
  if (version !== schemaVersion) {
    throw new CutoverError('CUT-2203', { path, version: String(version), known: schemaVersion });
  }
}

function damaged(path: string, reason: string): CutoverError {
  return new CutoverError('CUT-2201', { path, reason });
}
