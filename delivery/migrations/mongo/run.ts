import { createRequire } from 'node:module';
import { realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import type { CommandFailedEvent, CommandStartedEvent, Db, MongoClient } from 'mongodb';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { toRoot } from '@cutover/base/project.ts';
import type { MongoDatabase } from '../../plan/migration-inputs.ts';
import { durationText, type MigrationFailure } from '../../plan/migration-text.ts';
import type { Direction, Step } from '../../plan/migration.ts';
import type { RunOutcome } from '../engine.ts';
import type { LoadedFile } from '../files.ts';
import { temporaryFolder } from '../temporary.ts';
import { describeCommand, withoutValues } from './commands.ts';
import { beginStep, changelogName, endStep } from './ledger.ts';

/** A run of steps on one database. */
export interface MongoRun {
  readonly client: MongoClient;
  readonly db: Db;
  readonly database: MongoDatabase;
  readonly files: readonly LoadedFile[];
  readonly steps: readonly Step[];
  readonly on: 'database' | 'copy';
  /** Throws when the lock was lost. */
  readonly assertHeld: (before: string) => Promise<void>;
  readonly say: (line: string) => void;
}

/**
 * Runs the steps by migrate-mongo, one at a time. There is no transaction around them: each is written down before it
 * begins and after it has ended, so that what stands is always known. SIDE EFFECTS: changes the database.
 */
export async function runSteps(run: MongoRun): Promise<RunOutcome> {
  const { db, database, steps, on, say } = run;
  const done: Step[] = [];
  for (const step of steps) {
    await run.assertHeld(step.name);
    const watch = watchCommands(run.client);
    const started = performance.now();
    try {
      await beginStep(db, database, step);
      watch.forget();
      await runOne(run, step);
      await endStep(db, database, step);
    } catch (error) {
      const failure = describeFailure(run, step, watch.last(), error);
      return { kind: 'failed', failure, stands: whatStands(done, step) };
    } finally {
      watch.stop();
    }
    done.push(step);
    if (on === 'database')
      say(`${step.name} (${step.direction}): ${durationText(performance.now() - started)}`);
  }
  return { kind: 'done' };
}

// migrate-mongo has one configuration for the whole process, which may migrate several databases: they take turns.
let queue: Promise<unknown> = Promise.resolve();

/** Lets migrate-mongo see a folder with this one migration, so that exactly this one runs. */
function runOne(run: MongoRun, step: Step): Promise<void> {
  const turn = queue.then(async () => {
    const { config, up, down } = await import('migrate-mongo');
    const path = await realpath(fileOf(run.files, step.name).paths[0]);
    const folder = await temporaryFolder(tmpdir(), 'cutover-migrate');
    try {
      // Modules are resolved from where the file really is, so that what it imports is found.
      await symlink(path, join(folder, step.name));
      config.set({
        migrationsDir: folder,
        changelogCollectionName: changelogName(run.database),
        migrationFileExtension: extname(step.name),
        useFileHash: false,
        moduleSystem: 'esm',
      });
      const ran = step.direction === 'up' ? await up(run.db, run.client) : await down(run.db, run.client);
      if (ran.join() !== step.name) throw new Error(`migrate-mongo ran ${ran.join() || 'nothing'}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  queue = turn.catch(() => undefined);
  return turn;
}

/** The names of steps that have no way back. Throws when a module cannot be loaded. SIDE EFFECTS: runs their top level. */
export function inspectSteps(files: readonly LoadedFile[], steps: readonly Step[]): string[] {
  return steps
    .map(({ name }) => fileOf(files, name))
    .filter((file) => typeof loadModule(file)['down'] !== 'function')
    .map(({ name }) => name);
}

/** Loads a module as migrate-mongo does. */
function loadModule(file: LoadedFile): Partial<Record<Direction, unknown>> {
  const [path] = file.paths;
  const problem = (reason: string) =>
    new CutoverError('CUT-4124', { name: basename(path), directory: toRoot(path), reason });
  let module: Partial<Record<Direction | 'default', unknown>>;
  try {
    module = createRequire(import.meta.url)(path) as typeof module;
  } catch (error) {
    const reason = messageOf(error);
    const isCommonJs = /(module|exports|require) is not defined in ES module scope/.test(reason);
    throw problem(isCommonJs ? `it is a CommonJS module: call it ${basename(path, '.js')}.cjs` : reason);
  }
  const exported = (module.default ?? module) as Partial<Record<Direction, unknown>>;
  if (typeof exported.up !== 'function') throw problem('it exports no function `up`');
  return exported;
}

function fileOf(files: readonly LoadedFile[], name: string): LoadedFile {
  const file = files.find((each) => each.name === name);
  if (file === undefined)
    throw new CutoverError('CUT-4124', { name, directory: '', reason: 'it is not there' });
  return file;
}

/** Keeps the last command that failed, or else that was sent. */
function watchCommands(client: MongoClient) {
  const sent = new Map<number, string>();
  let failed: string | undefined;
  let last: string | undefined;
  const onStart = ({ requestId, commandName, command }: CommandStartedEvent) => {
    last = describeCommand(commandName, command);
    sent.set(requestId, last);
  };
  const onEnd = ({ requestId }: { requestId: number }) => sent.delete(requestId);
  const onFail = ({ requestId }: CommandFailedEvent) => {
    failed = sent.get(requestId);
    sent.delete(requestId);
  };
  client.on('commandStarted', onStart).on('commandSucceeded', onEnd).on('commandFailed', onFail);
  return {
    last: () => failed ?? last,
    forget: () => {
      failed = undefined;
      last = undefined;
    },
    stop: () =>
      client.off('commandStarted', onStart).off('commandSucceeded', onEnd).off('commandFailed', onFail),
  };
}

function describeFailure(
  { files }: MongoRun,
  { name, direction }: Step,
  command: string | undefined,
  error: unknown,
): MigrationFailure {
  const reason = messageOf(error).replace(`Could not migrate ${direction} ${name}: `, '');
  return {
    name,
    direction,
    file: toRoot(fileOf(files, name).paths[0]),
    reason: withoutValues(reason),
    sent: command === undefined ? undefined : { text: command, dialect: 'mongo' },
  };
}

function whatStands(done: readonly Step[], { name, direction }: Step) {
  const whole = done.map((step) => `${step.name} (${step.direction})`).join(', ');
  const back =
    direction === 'up'
      ? `To undo what it did, set \`target\` to the migration before it: its down is run. `
      : `To run it anew, set \`target\` to ${name} or later: its up is run. `;
  return {
    what: `  stands: ${whole || 'no other migration of this run'}\n  may be half-done: ${name} (${direction}); the database remembers that it was begun`,
    why: 'Migrations of MongoDB are not in a transaction: what a failing one did before it failed stays.',
    fix: `Mend the migration so that it can run over what it left, and run the same command again: it goes on from there. ${back}`,
  };
}
