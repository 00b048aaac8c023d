import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { withDefaults } from '../plan/migration-inputs.ts';
import { durationText, stepsText } from '../plan/migration-text.ts';
import {
  filesUpTo,
  planMigrations,
  type DatabaseKind,
  type InterruptedMigration,
  type MigrationPlan,
  type PlanProblem,
  type Step,
} from '../plan/migration.ts';
import type { Ledger, Migrations, OpenSession, Session } from './engine.ts';
import { checksumsOf, readMigrations, type LoadedFile } from './files.ts';
import { rehearse } from './rehearse.ts';
import {
  labelOf,
  refusal,
  refuseFailed,
  refuseOneWay,
  refuseUndo,
  refuseUnplanned,
  unknownTarget,
} from './refusals.ts';

/** Where a database stands. */
export interface MigrationStatus {
  /** The database in words. */
  readonly database: string;
  /** What has run, in order, with the checksums that are recorded. */
  readonly applied: Readonly<Record<string, string>>;
  /** The last one that has run; 'none' when none has. */
  readonly current: string;
  /** What an update would do; empty when the database is where it should be, or when it would be refused. */
  readonly steps: readonly Step[];
  /** Applied ones that an update would record checksums for. */
  readonly adopt: readonly string[];
  /** Why an update would be refused. */
  readonly problems: readonly PlanProblem[];
  readonly interrupted: InterruptedMigration | undefined;
  /** Who migrates it at this moment, in words. */
  readonly holder: string | undefined;
}

/** What a run did. */
export interface MigrationOutcome {
  readonly database: string;
  readonly applied: Readonly<Record<string, string>>;
  readonly current: string;
  readonly ran: readonly Step[];
  /** How the copy was made on which it was tried; undefined when nothing ran or it was not tried. */
  readonly copy: string | undefined;
}

/** How a run is watched and held to what was planned. */
export interface RunControl {
  /** Prints a line of progress. @default prints nothing */
  readonly say?: (line: string) => void;
  /** Ends the wait for the lock, and stops before the database is touched; not in the middle. @default none */
  readonly signal?: AbortSignal;
  /** Names and checksums that were planned; others are refused. @default none: the files as they are */
  readonly planned?: Readonly<Record<string, string>>;
  /** 'refuse': what would undo anything is refused. @default 'allow' */
  readonly undo?: 'allow' | 'refuse';
}

const openers: { readonly [Kind in DatabaseKind]: () => Promise<OpenSession<Kind>> } = {
  postgres: async () => (await import('./postgres/session.ts')).openPostgres,
  mongo: async () => (await import('./mongo/session.ts')).openMongo,
  sqlite: async () => (await import('./sqlite/session.ts')).openSqlite,
};

/** Looks where a database stands and what an update would do. Changes nothing. SIDE EFFECTS: connects. */
export async function migrationStatus<Kind extends DatabaseKind>(
  migrations: Migrations<Kind>,
): Promise<MigrationStatus> {
  const files = readMigrations(migrations.kind, migrations.directory);
  return withSession(migrations, files, {}, 'look', async (session) => {
    const [ledger, holder] = [await session.ledger(), await session.holder()];
    const plan = planFor(migrations, files, ledger);
    return {
      database: labelOf(migrations),
      ...standing(files, ledger),
      steps: plan.kind === 'ready' ? plan.steps : [],
      adopt: plan.kind === 'ready' ? plan.adopt.map(({ name }) => name) : [],
      problems: plan.kind === 'ready' ? [] : plan.problems,
      interrupted: ledger.interrupted,
      holder,
    };
  });
}

/**
 * Brings a database to its target: refuses what must be refused, tries the rest on a copy, then runs it under the
 * database's own lock. Finds earlier work by itself: what the database remembers is the truth.
 * SIDE EFFECTS: changes the database; makes and deletes a copy.
 */
export async function migrateTo<Kind extends DatabaseKind>(
  migrations: Migrations<Kind>,
  control: RunControl = {},
): Promise<MigrationOutcome> {
  const files = readMigrations(migrations.kind, migrations.directory);
  refuseUnplanned(migrations, files, control.planned);
  return withSession(migrations, files, control, 'work', async (session) => {
    const ledger = await session.ledger();
    const first = readyPlan(migrations, files, ledger);
    const nothing = first.steps.length === 0 && first.adopt.length === 0;
    if (nothing) return outcome(migrations, files, ledger, [], undefined);
    return underLock(migrations, files, session, control);
  });
}

/** Everything is read and planned again: another may have run between the first look and the lock. */
async function underLock(
  migrations: Migrations,
  files: readonly LoadedFile[],
  session: Session,
  { say = () => undefined, signal, undo = 'allow' }: RunControl,
): Promise<MigrationOutcome> {
  const lock = await session.lock();
  try {
    const ledger = await session.ledger();
    const { steps, adopt } = readyPlan(migrations, files, ledger);
    if (undo === 'refuse') refuseUndo(migrations, steps);
    const oneWay = await session.inspect(steps);
    refuseOneWay(migrations, steps, oneWay);
    if (adopt.length > 0) {
      await session.adopt(adopt);
      say(`recorded the checksums of ${adopt.map(({ name }) => name).join(', ')}, which had run before`);
    }
    if (steps.length === 0) return outcome(migrations, files, await session.ledger(), [], undefined);
    say(`${stepsText(steps)} on ${labelOf(migrations)}`);
    const known = files.map((file) =>
      oneWay.includes(file.name) ? { ...file, wayBack: 'none' as const } : file,
    );
    const copy = await rehearse(migrations, known, session, steps, say);
    if (signal?.aborted === true) throw new CutoverError('CUT-4133', { database: labelOf(migrations) });
    const started = performance.now();
    refuseFailed(migrations, await session.run(steps));
    const after = await session.ledger();
    const done = outcome(migrations, files, after, steps, copy);
    say(`${done.database} is at ${done.current} (${durationText(performance.now() - started)})`);
    return done;
  } finally {
    await lock.release();
  }
}

function planFor(migrations: Migrations, files: readonly LoadedFile[], ledger: Ledger): MigrationPlan {
  const { target, outOfOrder, acceptEdited } = withDefaults(migrations);
  return planMigrations({ files, ...ledger, target, outOfOrder, acceptEdited });
}

function readyPlan(migrations: Migrations, files: readonly LoadedFile[], ledger: Ledger) {
  const plan = planFor(migrations, files, ledger);
  if (plan.kind === 'refused') throw refusal(migrations, plan.problems);
  return plan;
}

/** The migrations up to the target, with their checksums. Throws when there is no such target. */
export function plannedMigrations(
  kind: DatabaseKind,
  directory: string,
  target: string,
): Record<string, string> {
  const files = readMigrations(kind, directory);
  const wanted = filesUpTo(files, target);
  if (wanted.kind === 'known') return checksumsOf(wanted.files);
  throw unknownTarget(directory, target, [{ kind: 'target', target, candidates: wanted.candidates }]);
}

/** Opens a session for some work. What the work does not foresee becomes an error of the catalogue, with its cause. */
async function withSession<Kind extends DatabaseKind, Result>(
  migrations: Migrations<Kind>,
  files: readonly LoadedFile[],
  { say = () => undefined, signal }: RunControl,
  purpose: 'look' | 'work',
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const openSession: OpenSession<Kind> = await openers[migrations.kind]();
  const session = await openSession({ migrations, files, say, signal, purpose });
  try {
    return await work(session);
  } catch (cause) {
    if (cause instanceof CutoverError) throw cause;
    const details = { database: labelOf(migrations), reason: messageOf(cause) };
    throw new CutoverError('CUT-4134', details, { cause });
  } finally {
    await session.close();
  }
}

function standing(
  files: readonly LoadedFile[],
  { applied }: Ledger,
): { applied: Record<string, string>; current: string } {
  const names = applied.map(({ name }) => name);
  return {
    applied: Object.fromEntries(applied.map(({ name, checksum }) => [name, checksum ?? 'not recorded'])),
    current: files.findLast(({ name }) => names.includes(name))?.name ?? names.at(-1) ?? 'none',
  };
}

function outcome(
  migrations: Migrations,
  files: readonly LoadedFile[],
  ledger: Ledger,
  ran: readonly Step[],
  copy: string | undefined,
): MigrationOutcome {
  return { database: labelOf(migrations), ...standing(files, ledger), ran, copy };
}
