import type { EventEmitter } from 'node:events';
import type { Migration } from 'node-pg-migrate';
import type { Client, QueryConfig, QueryResult } from 'pg';
import { makesFunction, reachesWholeServer, splitStatements } from '../../plan/migration-sql.ts';
import type { Step } from '../../plan/migration.ts';

/**
 * What a run works on. 'copy': what reaches beyond the database is taken back at the end. 'replay': it is left out,
 * since it was done when the database itself was migrated.
 */
export type RunPlace = 'database' | 'copy' | 'replay';

/** What happened so far in a run: kept beside it, so that a failure can say where it was. */
export interface Progress {
  step: Step | undefined;
  sent: { text: string; completed: number } | undefined;
  /** Whether a transaction is open now, or was when the run failed. A migration may ask to run outside of one. */
  inTransaction: boolean;
  /** Set once a COMMIT was on its way: what came before it may stand. */
  broken: boolean;
  /** Migrations that reach beyond their database. */
  readonly reaching: Set<string>;
}

/** Thrown where a statement cannot be tried on a copy without being done for real. */
export class NotOnCopy extends Error {
  constructor() {
    super('it changes the whole server outside of a transaction, so it cannot be tried on a copy');
  }
}

type Db = ConstructorParameters<typeof Migration>[0];

/** The connection as node-pg-migrate sees it; keeps in mind what was sent last. */
export function recordingDb(client: Client, on: RunPlace, progress: Progress): Db {
  const query = async (sent: string | QueryConfig, values?: unknown[]): Promise<QueryResult> => {
    const text = typeof sent === 'string' ? sent : sent.text;
    // What node-pg-migrate sends around a migration that asked for no transaction.
    if (text === 'COMMIT;') {
      if (progress.reaching.size > 0) throw new NotOnCopy();
      progress.inTransaction = false;
      progress.broken = true;
    } else if (text === 'BEGIN;') {
      progress.inTransaction = true;
    }
    const reaches = on !== 'database' && reachesWholeServer(text);
    if (reaches && on === 'copy') {
      if (!progress.inTransaction) throw new NotOnCopy();
      progress.reaching.add(progress.step?.name ?? '');
    }
    if (reaches && values === undefined) return oneByOne(client, text, on, progress);
    // Waits for others without being in their way, and would leave an invalid index when it gave up.
    if (!progress.inTransaction && /\bconcurrently\b/i.test(text)) await client.query('SET lock_timeout = 0');
    progress.sent = { text, completed: 0 };
    return values === undefined ? client.query(sent as string) : client.query(sent as string, values);
  };
  const select = async (sent: string | QueryConfig, values?: unknown[]) =>
    (await query(sent, values)).rows as Record<string, unknown>[];
  const db = {
    query,
    select,
    column: async (name: string, sent: string | QueryConfig, values?: unknown[]) =>
      (await select(sent, values)).map((row) => row[name]),
    createConnection: () => Promise.resolve(),
    connected: () => true,
    addBeforeCloseListener: () => 0,
    close: () => Promise.resolve(),
  };
  return db;
}

/**
 * Runs a text that reaches beyond the copy. What the copy's original uses cannot be dropped from there: such a
 * statement is passed over, since it says nothing about the migration.
 */
async function oneByOne(
  client: Client,
  text: string,
  on: RunPlace,
  progress: Progress,
): Promise<QueryResult> {
  let result = await client.query('SELECT');
  for (const { text: statement } of splitStatements(text, 'postgres')) {
    const reaches = reachesWholeServer(statement);
    if (reaches && on === 'replay' && !makesFunction(statement)) continue;
    progress.sent = { text: statement, completed: 0 };
    if (reaches) await client.query('SAVEPOINT reaching');
    try {
      result = await client.query(statement);
    } catch (error) {
      // 2BP01: dependent objects still exist.
      if (!reaches || (error as { code?: string }).code !== '2BP01') throw error;
      await client.query('ROLLBACK TO SAVEPOINT reaching');
    }
  }
  return result;
}

/**
 * The server tells of each completed statement of a text, which is how the failed one of many is known, and a COMMIT
 * whoever sent it.
 */
export function countStatements(client: Client, progress: Progress): () => void {
  const { connection } = client as unknown as { connection?: EventEmitter };
  const count = ({ text }: { readonly text: string }) => {
    if (text === 'COMMIT') progress.broken = true;
    if (progress.sent !== undefined) progress.sent.completed += 1;
  };
  connection?.on('commandComplete', count);
  return () => connection?.off('commandComplete', count);
}
