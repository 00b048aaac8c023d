import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CutoverError } from '@cutover/base/errors.ts';

/** How a twin's cloud is set up, for as long as it is there. */
export interface CloudSettings {
  /** The account that is played, twelve digits. */
  readonly account: string;
  /** Which calls fail where faults are drawn. */
  readonly seed: string;
  /** What a second of the real cloud takes here; 0 is at once. */
  readonly timeScale: number;
  /** Whether real things stand behind those that have bodies, see live/body.ts. @default false */
  readonly live?: boolean;
}

const applicationId = 0x43757477; // 'Cutw'
const schemaVersion = 3;

/**
 * Values are JSON, times milliseconds since 1970. `secrets` are paths in inputs and outputs, never values. What was
 * deleted is kept without its secrets: some APIs remember names. `since` is the last call before the rules of faults were
 * set.
 */
const schema = `
  CREATE TABLE settings (account TEXT NOT NULL, seed TEXT NOT NULL, time_scale REAL NOT NULL, live INTEGER NOT NULL) STRICT;
  CREATE TABLE things (
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    urn TEXT NOT NULL,
    arn TEXT,
    inputs TEXT NOT NULL,
    outputs TEXT NOT NULL,
    secrets TEXT NOT NULL,
    created INTEGER NOT NULL,
    ready INTEGER NOT NULL,
    PRIMARY KEY (type, id, account, region)
  ) STRICT;
  CREATE INDEX things_arn ON things (arn);
  CREATE TABLE deleted (
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    inputs TEXT NOT NULL,
    outputs TEXT NOT NULL,
    created INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX deleted_type ON deleted (type, account, region);
  CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    pid INTEGER NOT NULL,
    operation TEXT NOT NULL,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    urn TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT,
    message TEXT
  ) STRICT;
  CREATE INDEX ledger_calls ON ledger (urn, operation);
  CREATE TABLE faults (id INTEGER PRIMARY KEY, rule TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
`;

/** Where a scratch folder keeps its cloud. */
export function cloudFile(folder: string): string {
  return `${folder}/cloud.sqlite`;
}

/** Makes a cloud that is empty. One that is there keeps what it holds and gets the settings. SIDE EFFECTS: writes it. */
export function makeCloudFile(path: string, { account, seed, timeScale, live = false }: CloudSettings): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) {
    closeSync(openSync(path, 'wx', 0o600));
    chmodSync(path, 0o600);
  }
  const database = new DatabaseSync(path, { timeout: busyTimeout });
  try {
    database.exec('PRAGMA journal_mode = WAL; BEGIN IMMEDIATE');
    if (pragma(database, 'application_id') === 0) {
      database.exec(
        `${schema} PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion};`,
      );
    }
    database.exec('DELETE FROM settings');
    database.prepare('INSERT INTO settings VALUES (?, ?, ?, ?)').run(account, seed, timeScale, Number(live));
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

// Several plugins write at once, each for a millisecond.
const busyTimeout = 30_000;

/** Opens a cloud that is there. Several processes may have it open at once. SIDE EFFECTS: reads and writes the file. */
export function openCloudFile(path: string): DatabaseSync {
  const folder = dirname(path);
  if (!existsSync(path)) throw new CutoverError('CUT-5313', { folder });
  const database = new DatabaseSync(path, { timeout: busyTimeout });
  // A rehearsal survives its own processes; it need not survive a power cut.
  database.exec('PRAGMA synchronous = NORMAL');
  if (
    pragma(database, 'application_id') === applicationId &&
    pragma(database, 'user_version') === schemaVersion
  ) {
    return database;
  }
  database.close();
  throw new CutoverError('CUT-5314', { folder });
}

function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}
