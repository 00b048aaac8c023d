import type { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Migration as PgMigration } from 'node-pg-migrate';
import type { Client, QueryConfig, QueryResult } from 'pg';
import { messageOf } from '@cutover/base/errors.ts';
import { toRoot } from '@cutover/base/project.ts';
import { reachesWholeServer, splitStatements } from '../../plan/migration-sql.ts';
import { durationText, type MigrationFailure } from '../../plan/migration-text.ts';
import type { Step } from '../../plan/migration.ts';
import type { RunOutcome } from '../engine.ts';
import type { LoadedFile } from '../files.ts';
import { quoted } from './connect.ts';
import { makeLedger, readLedger, writeChecksum, type LedgerTables } from './ledger.ts';
import type { LoadedMigrations } from './modules.ts';

/** A run of steps on one connection. */
export interface PostgresRun {
  readonly client: Client;
  readonly tables: LedgerTables;
  readonly migrations: LoadedMigrations;
  readonly steps: readonly Step[];
  /** 'copy': what reaches beyond the database is taken back at the end. */
  readonly on: 'database' | 'copy';
  readonly tableSeconds: number;
  readonly say: (line: string) => void;
}

/** What happened so far in a run: kept beside it, so that a failure can say where it was. */
interface Progress {
  step: Step | undefined;
  sent: { text: string; completed: number } | undefined;
  /** Set once a migration asked to run outside of a transaction: what came before it is committed. */
  broken: boolean;
  /** Migrations that reach beyond their database. */
  readonly reaching: Set<string>;
}

class NotOnCopy extends Error {}

/**
 * Runs the steps in one transaction, each by node-pg-migrate's own Migration, with its checksum in the same
 * transaction. SIDE EFFECTS: changes the database.
 */
export async function runSteps(run: PostgresRun): Promise<RunOutcome> {
  const { client, tables, steps, on } = run;
  const progress: Progress = { step: undefined, sent: undefined, broken: false, reaching: new Set() };
  const stopCounting = countStatements(client, progress);
  let committing = false;
  try {
    await client.query('BEGIN');
    await makeLedger(client, tables);
    await client.query(`SET search_path TO ${quoted(tables.schema)}`);
    await client.query(`SET LOCAL lock_timeout = '${run.tableSeconds}s'`);
    for (const step of steps) await runStep(run, step, progress);
    if (on === 'copy' && progress.reaching.size > 0) {
      await client.query('SET CONSTRAINTS ALL IMMEDIATE');
      await client.query('ROLLBACK');
      const names = [...progress.reaching].join(', ');
      return { kind: 'done', takenBack: `${names} reaches beyond the database to the whole server` };
    }
    committing = true;
    progress.sent = { text: 'COMMIT', completed: 0 };
    await client.query('COMMIT');
    return { kind: 'done' };
  } catch (error) {
    const failure = describeFailure(run, progress, error);
    // A connection that is gone took its transaction with it.
    const reachable = await client.query('ROLLBACK').then(
      () => true,
      () => false,
    );
    return { kind: 'failed', failure, ...(await whatStands(run, progress, error, reachable, committing)) };
  } finally {
    stopCounting();
  }
}

async function runStep(run: PostgresRun, step: Step, progress: Progress): Promise<void> {
  const { client, tables, migrations, say, on } = run;
  const { Migration } = await import('node-pg-migrate');
  progress.step = step;
  const started = performance.now();
  const { file, module, shorthands } = migrations.get(step.name);
  const migration = new Migration(
    recordingDb(run, progress),
    pathForName(file),
    module as ConstructorParameters<typeof Migration>[2],
    {
      direction: step.direction,
      migrationsTable: tables.table,
      schema: tables.schema,
      dir: dirname(file.paths[0]),
      singleTransaction: true,
      dbClient: client,
    },
    shorthands,
    quiet,
  );
  await migration.apply(step.direction);
  progress.sent = undefined;
  await writeChecksum(client, tables, step.direction, step);
  if (on === 'database') {
    say(`${step.name} (${step.direction}): ${durationText(performance.now() - started)}`);
  }
}

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** node-pg-migrate derives the name from the path: `0001_a.up.sql` is the migration 0001_a. */
function pathForName({ name, paths: [main] }: LoadedFile): string {
  return basename(main, extname(main)) === name ? main : join(dirname(main), `${name}.sql`);
}

type Db = ConstructorParameters<typeof PgMigration>[0];

/** The connection as node-pg-migrate sees it; keeps in mind what was sent last. */
function recordingDb({ client, on }: PostgresRun, progress: Progress): Db {
  const query = (sent: string | QueryConfig, values?: unknown[]): Promise<QueryResult> => {
    const text = typeof sent === 'string' ? sent : sent.text;
    if (text === 'COMMIT;') progress.broken = true;
    if (reachesWholeServer(text) && progress.step !== undefined) {
      if (on === 'copy' && progress.broken) {
        throw new NotOnCopy(
          'it changes the whole server outside of a transaction, so it cannot be tried on a copy',
        );
      }
      progress.reaching.add(progress.step.name);
    }
    if (on === 'copy' && progress.reaching.size > 0 && values === undefined) {
      return oneByOne(client, text, progress);
    }
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
async function oneByOne(client: Client, text: string, progress: Progress): Promise<QueryResult> {
  let result = await client.query('SAVEPOINT one_by_one');
  for (const { text: statement } of splitStatements(text, 'postgres')) {
    progress.sent = { text: statement, completed: 0 };
    try {
      result = await client.query(statement);
      await client.query('SAVEPOINT one_by_one');
    } catch (error) {
      // 2BP01: dependent objects still exist.
      if ((error as ServerError).code !== '2BP01' || !reachesWholeServer(statement)) throw error;
      await client.query('ROLLBACK TO SAVEPOINT one_by_one');
    }
  }
  return result;
}

/** The server tells of each completed statement of a text, which is how the failed one of many is known. */
function countStatements(client: Client, progress: Progress): () => void {
  const { connection } = client as unknown as { connection?: EventEmitter };
  const count = () => {
    if (progress.sent !== undefined) progress.sent.completed += 1;
  };
  connection?.on('commandComplete', count);
  return () => connection?.off('commandComplete', count);
}

interface ServerError {
  readonly code?: string;
  readonly position?: string;
  readonly hint?: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
}

function describeFailure(run: PostgresRun, { step, sent }: Progress, error: unknown): MigrationFailure {
  const name = step?.name ?? run.steps[0]?.name ?? '';
  const { file } = run.migrations.get(name);
  const path = step?.direction === 'down' ? (file.paths[1] ?? file.paths[0]) : file.paths[0];
  const { position, hint, constraint, table, column } = error as ServerError;
  // `detail` is left out: it quotes rows.
  const about = Object.entries({ constraint, table, column }).filter(([, value]) => value !== undefined);
  return {
    name,
    direction: step?.direction ?? 'up',
    file: toRoot(path),
    reason: messageOf(error),
    sent:
      sent === undefined || error instanceof NotOnCopy
        ? undefined
        : {
            ...sent,
            dialect: 'postgres',
            position: position === undefined ? undefined : Number(position),
            source: sourceOf(path, sent.text),
          },
    notes: [
      ...about.map(([kind, value]) => `${kind}: ${value}`),
      ...(hint === undefined ? [] : [`hint: ${hint}`]),
    ],
  };
}

function sourceOf(path: string, text: string): { content: string; offset: number } | undefined {
  if (!path.endsWith('.sql')) return undefined;
  const content = readFileSync(path, 'utf8');
  // node-pg-migrate adds a semicolon where a file does not end with one.
  const offset = [text, text.replace(/;$/, '')]
    .map((each) => content.indexOf(each))
    .find((found) => found >= 0);
  return offset === undefined ? undefined : { content, offset };
}

async function whatStands(
  { client, tables, steps }: PostgresRun,
  { broken, step }: Progress,
  error: unknown,
  reachable: boolean,
  committing: boolean,
): Promise<Pick<Extract<RunOutcome, { kind: 'failed' }>, 'stands' | 'fix'>> {
  if (!reachable && (committing || broken)) {
    return {
      stands: {
        what: '  The connection was lost, so it is not known what of the run stands.',
        why: 'The server ended the connection or could not be reached any more.',
        fix: 'Run the same command again when the server is back: it reads from the database what has run and continues there.',
      },
    };
  }
  if (!broken) return { stands: 'nothing', fix: knownFix(error) };
  const applied = new Set((await readLedger(client, tables)).map(({ name }) => name));
  const done = steps.filter(({ name, direction }) => applied.has(name) === (direction === 'up'));
  const invalid = await invalidIndexes(client);
  return {
    stands: {
      what: [
        `  stands: ${done.map(({ name, direction }) => `${name} (${direction})`).join(', ') || 'no other migration'}`,
        `  not recorded, and may be half-done: ${step?.name}`,
        ...invalid.map(
          (name) =>
            `  left by it: the index ${name}, which is not valid; DROP INDEX ${name}; before the next run`,
        ),
      ].join('\n'),
      why: `A migration of this run asked to run outside of a transaction (noTransaction), so what came before was committed and what it did itself is not rolled back.`,
      fix: `${knownFix(error)}Undo by hand what ${step?.name} did, or write it so that it can run again over it; then run the same command again.`,
    },
  };
}

async function invalidIndexes(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid ORDER BY 1',
  );
  return rows.map(({ name }) => name);
}

// What the server's codes ask for.
const fixes: Readonly<Record<string, string>> = {
  '25001':
    'This statement cannot run in a transaction: write it as a .js or .ts migration of its own that calls pgm.noTransaction(). ',
  '55P03': 'Others held the table for too long; lock.tableSeconds is how long it is waited for. ',
  '55P04':
    'A new value of an enum can be used only when it is committed: let the migration that adds it call pgm.noTransaction(). ',
};

function knownFix(error: unknown): string {
  return fixes[(error as ServerError).code ?? ''] ?? '';
}
