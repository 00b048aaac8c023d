import type { DatabaseSync } from 'node:sqlite';
import { atomically, guarded, openDatabase, type JournalKind } from '../../journal/database.ts';
import { checkpoint } from './checkpoint.ts';

/** Times are milliseconds since 1970. A row is one signature; a need (`key` and `item`) may take several in turn. */
const kind: JournalKind = {
  applicationId: 0x43757453, // 'CutS'
  schemaVersion: 1,
  schema: `
    CREATE TABLE tx (
      id INTEGER PRIMARY KEY,
      key TEXT NOT NULL,
      item INTEGER NOT NULL,
      purpose TEXT NOT NULL,
      signature TEXT NOT NULL UNIQUE,
      payload BLOB NOT NULL,
      blockhash TEXT NOT NULL,
      last_valid INTEGER NOT NULL,
      signed INTEGER NOT NULL,
      state TEXT NOT NULL,
      since INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX open_tx ON tx (key) WHERE state = 'signed';
    CREATE TABLE claim (what TEXT PRIMARY KEY, owner TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
  `,
};

/** A signed transaction that may be on its way. */
export interface JournalEntry {
  /** Names the need, so that the next run finds it: `create:<buffer>`. */
  readonly key: string;
  /** Which part of the need it serves: where a chunk begins; 0 where there is one. */
  readonly item: number;
  readonly purpose: string;
  readonly signature: string;
  readonly raw: Uint8Array;
  readonly blockhash: string;
  readonly lastValidBlockHeight: number;
}

/** How a signed transaction ended. `expired`: it did not land, and never will. */
export type Ending = 'landed' | 'failed' | 'expired';

/** The transactions on one cluster. Everything is on disk when a call returns. */
export interface SolanaJournal {
  readonly path: string;
  /** What was signed for a need and has no known end yet. */
  open(key: string): readonly JournalEntry[];
  /**
   * Keeps signed transactions, before the first of them is sent. The same one again, of a blockhash that an endpoint
   * gives out twice, is the same.
   */
  record(entries: readonly JournalEntry[]): void;
  /** Their payloads are not needed any more. */
  settle(signatures: readonly string[], ending: Ending): void;
  /** What was for this buffer is over, whatever is known of it. */
  finish(buffer: string): void;
  /** How often each state occurs. */
  counts(): Readonly<Record<string, number>>;
  /** Takes a task for a process; answers with the one that has it where that still runs. */
  claim(what: string, me: string, lives: (owner: string) => boolean): string | undefined;
  owners(): readonly string[];
  release(what: string, me: string): void;
  close(): void;
}

/** Opens a journal, and makes it where there is none. SIDE EFFECTS: writes files. */
export function openSolanaJournal(path: string): SolanaJournal {
  const journal = journalOn(openDatabase(path, kind), path);
  checkpoint('opened');
  return journal;
}

function journalOn(database: DatabaseSync, path: string): SolanaJournal {
  const statements = guarded(path, () => ({
    open: database.prepare(`SELECT * FROM tx WHERE key = ? AND state = 'signed' ORDER BY id`),
    insert: database.prepare(
      `INSERT INTO tx (key, item, purpose, signature, payload, blockhash, last_valid, signed, state, since)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'signed', ?)
        ON CONFLICT (signature) DO UPDATE
          SET payload = excluded.payload, state = excluded.state, since = excluded.since`,
    ),
    settle: database.prepare(
      `UPDATE tx SET state = ?, payload = x'', since = ? WHERE signature = ? AND state = 'signed'`,
    ),
    finish: database.prepare(
      `UPDATE tx SET state = 'over', payload = x'', since = ? WHERE state = 'signed' AND key LIKE '%:' || ?`,
    ),
    counts: database.prepare('SELECT state, count(*) AS count FROM tx GROUP BY state'),
    owner: database.prepare('SELECT owner FROM claim WHERE what = ?'),
    owners: database.prepare('SELECT DISTINCT owner FROM claim'),
    claim: database.prepare(
      `INSERT INTO claim (what, owner, since) VALUES (?, ?, ?)
        ON CONFLICT (what) DO UPDATE SET owner = excluded.owner, since = excluded.since`,
    ),
    release: database.prepare('DELETE FROM claim WHERE what = ? AND owner = ?'),
  }));
  const read = <T>(work: () => T): T => guarded(path, work);
  const write = <T>(work: () => T): T => atomically(database, path, work);
  return {
    path,
    open: (key) => read(() => statements.open.all(key).map(entryOf)),
    record: (entries) => {
      checkpoint('signed');
      const at = Date.now();
      write(() => {
        for (const { key, item, purpose, signature, raw, blockhash, lastValidBlockHeight } of entries) {
          statements.insert.run(
            ...[key, item, purpose, signature, raw, blockhash, lastValidBlockHeight, at, at],
          );
        }
      });
      checkpoint('recorded');
    },
    settle: (signatures, ending) => {
      if (signatures.length === 0) return;
      if (ending === 'landed') checkpoint('seen-landed');
      const at = Date.now();
      write(() => signatures.forEach((signature) => statements.settle.run(ending, at, signature)));
      if (ending === 'landed') checkpoint('settled');
    },
    finish: (buffer) => write(() => void statements.finish.run(Date.now(), buffer)),
    counts: () =>
      read(() =>
        Object.fromEntries(
          statements.counts.all().map(({ state, count }) => [state as string, count as number]),
        ),
      ),
    claim: (what, me, lives) => {
      const other = write(() => {
        const owner = statements.owner.get(what)?.['owner'] as string | undefined;
        if (owner !== undefined && owner !== me && lives(owner)) return owner;
        statements.claim.run(what, me, Date.now());
        return undefined;
      });
      if (other === undefined) checkpoint('claimed');
      return other;
    },
    owners: () => read(() => statements.owners.all().map(({ owner }) => owner as string)),
    release: (what, me) => {
      write(() => void statements.release.run(what, me));
      checkpoint('released');
    },
    close: () => database.close(),
  };
}

function entryOf(row: Record<string, unknown>): JournalEntry {
  return {
    key: row['key'] as string,
    item: row['item'] as number,
    purpose: row['purpose'] as string,
    signature: row['signature'] as string,
    raw: row['payload'] as Uint8Array,
    blockhash: row['blockhash'] as string,
    lastValidBlockHeight: row['last_valid'] as number,
  };
}
