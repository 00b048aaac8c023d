import { basename, dirname, extname, join } from 'node:path';
import { durationText } from '../../plan/migration-text.ts';
import type { Step } from '../../plan/migration.ts';
import type { RunOutcome } from '../engine.ts';
import type { LoadedFile } from '../files.ts';
import { quoted } from './connect.ts';
import { settleConstraints } from './constraints.ts';
import { describeFailure, whatStands, type FailedRun } from './failure.ts';
import { makeLedger, writeChecksum } from './ledger.ts';
import { countStatements, recordingDb, type Progress } from './recording.ts';

/** A run of steps on one connection. */
export interface PostgresRun extends FailedRun {
  readonly tableSeconds: number;
  readonly say: (line: string) => void;
}

/**
 * Runs the steps in one transaction, each by node-pg-migrate's own Migration, with its checksum in the same
 * transaction. SIDE EFFECTS: changes the database.
 */
export async function runSteps(run: PostgresRun): Promise<RunOutcome> {
  const { client, tables, steps, on } = run;
  const progress: Progress = {
    step: undefined,
    sent: undefined,
    inTransaction: true,
    broken: false,
    reaching: new Set(),
  };
  const stopCounting = countStatements(client, progress);
  let committing = false;
  try {
    await client.query('BEGIN');
    await makeLedger(client, tables);
    const settings = await settingsOf(run);
    await client.query(settings);
    for (const step of steps) await runStep(run, step, progress, settings);
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
    progress.inTransaction = client.getTransactionStatus() !== 'I';
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

/**
 * The settings of a session, to be set before each migration: what one sets (a dump empties search_path) is not for the
 * next one, which would run differently when it runs alone.
 */
async function settingsOf({ client, tables, tableSeconds }: PostgresRun): Promise<string> {
  const lost = 'client_connection_check_interval';
  const { rows } = await client.query<{ value: string | null }>(
    `SELECT current_setting('${lost}', true) AS value`,
  );
  const value = rows[0]?.value ?? undefined;
  return [
    'RESET SESSION AUTHORIZATION',
    'RESET ROLE',
    'RESET ALL',
    ...(value === undefined ? [] : [`SET ${lost} = '${value}'`]),
    `SET search_path TO ${quoted(tables.schema)}`,
    `SET lock_timeout = '${tableSeconds}s'`,
  ].join('; ');
}

async function runStep(run: PostgresRun, step: Step, progress: Progress, settings: string): Promise<void> {
  const { client, tables, migrations, say, on } = run;
  const { Migration } = await import('node-pg-migrate');
  progress.step = step;
  const started = performance.now();
  const { file, module, shorthands } = migrations.get(step.name);
  const migration = new Migration(
    recordingDb(client, on, progress),
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
  if (client.getTransactionStatus() === 'I') {
    // Whoever sent the COMMIT: node-pg-migrate begins a new one behind a migration that asked for none.
    throw new Error('it ended the transaction that protects the database');
  }
  await client.query(settings);
  await settleConstraints(client);
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
