import { isDeepStrictEqual } from 'node:util';
import { hasUnknown } from '@cutover/base/dispatch.ts';
import type { Handler } from '@cutover/base/dynamic.ts';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { engineCancelled } from '../gates/cancel.ts';
import { databaseLabel, migrationProblems, type MigrationInputs } from '../plan/migration-inputs.ts';
import { driftText, stepsText } from '../plan/migration-text.ts';
import type { DatabaseKind, Step } from '../plan/migration.ts';
import type { Migrations } from './engine.ts';
import { migrateTo, migrationStatus, type MigrationStatus } from './front.ts';
import { refusal } from './refusals.ts';

/** What is kept of the migrations of a database. */
export interface MigrationState<Kind extends DatabaseKind = DatabaseKind> extends MigrationInputs<Kind> {
  /** What has run, with checksums. */
  readonly applied: Readonly<Record<string, string>>;
  /** The last migration that has run; 'none' when none has. */
  readonly current: string;
  /** The last run that changed something: when, what, and on what copy it was tried. */
  readonly lastRun: { readonly at: string; readonly steps: string; readonly copy: string };
  /** What ran them last: this machine, a task, or nothing, and then why. */
  readonly ran: string;
}

/** The migrations of one kind of database as a resource. Every `up` and preview looks where the database really is. */
export function migrationsHandler<Kind extends DatabaseKind>(
  kind: Kind,
): Handler<MigrationInputs<Kind>, MigrationState<Kind>> {
  type Inputs = MigrationInputs<Kind>;
  type State = MigrationState<Kind>;

  const run = async (inputs: Inputs, last?: State['lastRun']): Promise<State> => {
    const { ran, copy, applied, current } = await migrateTo(migrationsOf(kind, inputs), {
      say: printer(inputs.directory),
      signal: engineCancelled,
      planned: inputs.migrations,
    });
    const now = { at: new Date().toISOString(), steps: stepNames(ran), copy: copy ?? 'not tried on a copy' };
    const lastRun = ran.length > 0 ? now : (last ?? { ...now, steps: 'nothing to run', copy: 'not needed' });
    return { ...inputs, applied, current, lastRun, ran: 'on this machine' };
  };

  return {
    check: (_, news) =>
      Promise.resolve({ inputs: news, failures: hasUnknown(news) ? [] : migrationProblems(kind, news) }),
    diff: async (_, olds, news) => {
      if (hasUnknown(news)) return { changes: true };
      const given = !sameInputs(olds, news);
      const status = await look(kind, news, isRefusal);
      return { changes: (status !== undefined && tell(kind, olds, news, status)) || given };
    },
    create: async (inputs) => ({ id: `${kind}:${inputs.directory}`, outs: await run(inputs) }),
    update: async (_, olds, news) => ({ outs: await run(news, olds.lastRun) }),
    read: async (id, olds) => {
      const status = await look(kind, olds, () => false);
      if (status === undefined) return { id, props: olds };
      const { applied, current } = status;
      const { applied: _, current: __, lastRun: ___, ran: ____, ...inputs } = olds;
      return {
        id,
        props: { ...olds, migrations: applied, applied, current },
        inputs: { ...inputs, migrations: applied } as unknown as Inputs,
      };
    },
    delete: async (_, olds) => {
      const { onDelete, database } = olds;
      if (onDelete === 'keep') {
        console.log(`kept as it is: ${databaseLabel(kind, database)}, at ${olds.current}`);
        return;
      }
      await migrateTo(
        { ...migrationsOf(kind, olds), target: 'none' },
        { say: printer(olds.directory), signal: engineCancelled },
      );
    },
  };
}

/** Several databases are migrated at once, so each line says which it is about. */
export function printer(directory: string): (line: string) => void {
  return (line) => console.log(`${directory}: ${line}`);
}

function migrationsOf<Kind extends DatabaseKind>(
  kind: Kind,
  inputs: MigrationInputs<Kind>,
): Migrations<Kind> {
  const { directory, database, target, scratch, lock, outOfOrder, acceptEdited, onDelete } = inputs;
  return { kind, directory, database, target, scratch, lock, outOfOrder, acceptEdited, onDelete };
}

/**
 * Where the database stands; undefined where that cannot be seen. Who previews may lack the password, and a local
 * server may be about to be started again by the same update: that is said and is no drift.
 */
async function look<Kind extends DatabaseKind>(
  kind: Kind,
  inputs: MigrationInputs<Kind>,
  mustThrow: (error: unknown) => boolean,
): Promise<MigrationStatus | undefined> {
  try {
    return await migrationStatus(migrationsOf(kind, inputs));
  } catch (error) {
    if (mustThrow(error)) throw error;
    console.log(`${databaseLabel(kind, inputs.database)} cannot be looked at now: ${firstLine(error)}`);
    return undefined;
  }
}

/** What an update would not get past either: a folder that cannot be read, for one. */
function isRefusal(error: unknown): boolean {
  return error instanceof CutoverError && error.exit !== 1;
}

/** Tells what an update will do, and whether there is anything. Throws what it would refuse: a preview shows it too. */
function tell<Kind extends DatabaseKind>(
  kind: Kind,
  olds: MigrationState<Kind>,
  news: MigrationInputs<Kind>,
  { problems, steps, adopt, applied, database, interrupted }: MigrationStatus,
): boolean {
  if (problems.length > 0) throw refusal(migrationsOf(kind, news), problems);
  const same = isDeepStrictEqual(olds.database, news.database);
  const drift = same ? driftText(Object.keys(olds.applied), Object.keys(applied)) : undefined;
  if (drift !== undefined) console.log(`${database}: ${drift}`);
  if (interrupted !== undefined) {
    console.log(
      `${database}: ${interrupted.name} (${interrupted.direction}) was begun by ${interrupted.by} and did not end`,
    );
  }
  if (steps.length > 0) console.log(`${stepsText(steps)} on ${database}`);
  return steps.length > 0 || adopt.length > 0 || drift !== undefined;
}

/** Whether nothing was given anew. */
export function sameInputs(olds: MigrationState, news: MigrationInputs): boolean {
  return (['runs', ...Object.keys(news)] as (keyof MigrationInputs)[]).every((key) =>
    isDeepStrictEqual(olds[key], news[key]),
  );
}

/** `0001_orders (up), 0002_fees (up)`. */
export function stepNames(steps: readonly Pick<Step, 'name' | 'direction'>[]): string {
  return steps.map(({ name, direction }) => `${name} (${direction})`).join(', ');
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n').slice(0, 2).join(' ');
}
