import { setTimeout as delay } from 'node:timers/promises';
import type { UmzugStorage } from 'umzug';
import { messageOf } from '@cutover/base/errors.ts';
import { toRoot } from '@cutover/base/project.ts';
import { durationText, type MigrationFailure } from '../../plan/migration-text.ts';
import type { Step } from '../../plan/migration.ts';
import type { RunOutcome } from '../engine.ts';
import type { LoadedFile } from '../files.ts';
import { isBusy, type RecordingDatabase } from './database.ts';
import { makeLedger, readLedger, writeLedger } from './ledger.ts';
import { fileOf, loadSqlite, type PlacedStatement, type Runnable } from './modules.ts';

/** A run of steps on one file. */
export interface SqliteRun {
  readonly db: RecordingDatabase;
  readonly files: readonly LoadedFile[];
  readonly steps: readonly Step[];
  readonly on: 'database' | 'copy';
  /** How long other writers are waited for. */
  readonly waitSeconds: number;
  readonly say: (line: string) => void;
}

interface Progress {
  step: Step | undefined;
  runnable: Runnable | undefined;
  statement: PlacedStatement | undefined;
}

/**
 * Runs the steps by umzug in one transaction. SQLite undoes changes of tables as well, so a failure leaves the file as
 * it was. Foreign keys are not enforced meanwhile, because a table can only be altered by making it anew and dropping
 * the old one, which would delete what refers to it; they are all checked before the transaction ends
 * (https://www.sqlite.org/lang_altertable.html#otheralter). SIDE EFFECTS: changes the database.
 */
export async function runSteps(run: SqliteRun): Promise<RunOutcome> {
  const { db } = run;
  const progress: Progress = { step: undefined, runnable: undefined, statement: undefined };
  db.lastSql = undefined;
  try {
    await begin(run);
    makeLedger(db);
    const before = violations(db);
    await runAll(run, progress);
    progress.runnable = undefined;
    progress.statement = undefined;
    db.lastSql = undefined;
    const broken = [...violations(db)].filter((violation) => !before.has(violation));
    if (broken.length > 0)
      throw new Error(`rows refer to rows that do not exist: ${broken.slice(0, 5).join('; ')}`);
    db.exec('COMMIT');
    return { kind: 'done' };
  } catch (error) {
    const failure = describeFailure(run, progress, error);
    if (db.isTransaction) db.exec('ROLLBACK');
    const fix = isBusy(error)
      ? 'Others wrote to the file all the time; lock.waitSeconds is how long they are waited for. '
      : '';
    return { kind: 'failed', failure, stands: 'nothing', fix };
  }
}

/** Takes SQLite's write lock; others that write are waited for. */
async function begin({ db, waitSeconds }: SqliteRun): Promise<void> {
  const endAt = performance.now() + waitSeconds * 1000;
  for (;;) {
    try {
      db.exec('BEGIN IMMEDIATE');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() >= endAt) throw error;
      await delay(50);
    }
  }
}

async function runAll(run: SqliteRun, progress: Progress): Promise<void> {
  const { db, files, steps } = run;
  const { Umzug } = await import('umzug');
  const storage: UmzugStorage<RecordingDatabase> = {
    executed: () => Promise.resolve(readLedger(db).map(({ name }) => name)),
    logMigration: ({ name }) => Promise.resolve(writeLedger(db, 'up', fileOf(files, name))),
    unlogMigration: ({ name }) => Promise.resolve(writeLedger(db, 'down', fileOf(files, name))),
  };
  const umzug = new Umzug({
    migrations: files.map((file) => ({
      name: file.name,
      path: file.paths[0],
      up: () => runOne(run, file, 'up', progress),
      down: () => runOne(run, file, 'down', progress),
    })),
    context: db,
    storage,
    logger: undefined,
  });
  for (const step of steps) {
    progress.step = step;
    const started = performance.now();
    await umzug[step.direction]({ migrations: [step.name] });
    if (run.on === 'database') {
      run.say(`${step.name} (${step.direction}): ${durationText(performance.now() - started)}`);
    }
  }
}

async function runOne(
  { db }: SqliteRun,
  file: LoadedFile,
  direction: Step['direction'],
  progress: Progress,
): Promise<void> {
  const runnable = await loadSqlite(file, direction);
  if (runnable === undefined) throw new Error(`there is no ${direction}`);
  progress.runnable = runnable;
  progress.statement = undefined;
  if (runnable.kind === 'module') {
    db.givenBy = 'migration';
    try {
      await runnable.action({ name: file.name, context: db });
    } finally {
      db.givenBy = 'us';
    }
  } else {
    for (const statement of runnable.statements) {
      progress.statement = statement;
      db.exec(statement.text);
    }
  }
  if (!db.isTransaction) throw new Error('it ended the transaction that protects the database');
}

/** References to rows that do not exist, in words. */
function violations(db: RecordingDatabase): Set<string> {
  const rows = db.prepare('PRAGMA foreign_key_check').all();
  return new Set(
    rows.map(({ table, rowid, parent }) => `${String(table)} row ${String(rowid)} to ${String(parent)}`),
  );
}

function describeFailure(
  { db, steps, files }: SqliteRun,
  { step = steps[0], runnable, statement }: Progress,
  error: unknown,
): MigrationFailure {
  // umzug wraps what was thrown and puts words of its own in front.
  const { cause } = error as { cause?: unknown };
  const name = step?.name ?? '';
  const text = runnable?.kind === 'sql' ? statement?.text : db.lastSql;
  return {
    name,
    direction: step?.direction ?? 'up',
    file: toRoot(runnable?.path ?? fileOf(files, name).paths[0]),
    reason: messageOf(cause ?? error),
    sent:
      text === undefined
        ? undefined
        : {
            text,
            dialect: 'sqlite',
            source:
              runnable?.kind === 'sql'
                ? { content: runnable.content, offset: statement?.offset ?? 0 }
                : undefined,
          },
  };
}
