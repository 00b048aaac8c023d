import { createHash } from 'node:crypto';
import type { MigrationInputs, MigrationOptions, PostgresDatabase } from './migration-inputs.ts';
import type { Direction } from './migration.ts';

/** How a task is told what the program chose beside the target. */
export const OPTIONS_VARIABLE = 'MIGRATION_OPTIONS';

/** What the program chose, as it travels to the task. Connection and folder are the task's own. */
export type TaskOptions = Required<
  Pick<MigrationOptions, 'scratch' | 'lock' | 'outOfOrder' | 'acceptEdited'>
> &
  Pick<PostgresDatabase, 'schema' | 'table'>;

/** A line that a task prints: one JSON object each. */
export type TaskLine =
  | { readonly kind: 'progress'; readonly line: string }
  | ({ readonly kind: 'done' } & TaskResult)
  | { readonly kind: 'failed'; readonly message: string };

/** What a task says of a run that ended well. */
export interface TaskResult {
  /** What has run on the database, with the recorded checksums. */
  readonly applied: Readonly<Record<string, string>>;
  readonly current: string;
  /** What this run did, in order. */
  readonly ran: readonly { readonly direction: Direction; readonly name: string }[];
  /** How the copy was made on which it was tried, where it was. */
  readonly copy?: string | undefined;
}

/** One checksum of the names and checksums of migrations, in whatever order. */
export function planChecksum(migrations: Readonly<Record<string, string>>): string {
  const entries = Object.entries(migrations).sort(([one], [other]) => (one < other ? -1 : 1));
  return `sha256:${createHash('sha256').update(JSON.stringify(entries)).digest('hex')}`;
}

/** Up, which undoes nothing, unless something that is known to have run is beyond what is wanted. */
export function wayOf(
  migrations: Readonly<Record<string, string>>,
  applied: Readonly<Record<string, string>>,
): Direction {
  return Object.keys(applied).some((name) => !(name in migrations)) ? 'down' : 'up';
}

/** What a task is told: the way, the target, and what was planned, so that an image with other migrations changes nothing. */
export function migrationOrder(
  inputs: Pick<MigrationInputs<'postgres'>, 'database' | 'target' | 'migrations'> & TaskOptions,
  direction: Direction,
): { readonly command: readonly string[]; readonly environment: Readonly<Record<string, string>> } {
  const { database, target, migrations, scratch, lock, outOfOrder, acceptEdited } = inputs;
  const { schema, table } = database;
  const options: TaskOptions = {
    ...{ scratch, lock, outOfOrder, acceptEdited },
    ...(schema === undefined ? {} : { schema }),
    ...(table === undefined ? {} : { table }),
  };
  return {
    command: [
      ...['node', 'services/migrate/main.ts', direction],
      ...['--to', target, '--expect', planChecksum(migrations), '--json'],
    ],
    environment: { [OPTIONS_VARIABLE]: JSON.stringify(options) },
  };
}

/** A line of a task's log; what is none of the task's own lines counts as progress. */
export function readTaskLine(line: string): TaskLine {
  try {
    const read: unknown = JSON.parse(line);
    if (isTaskLine(read)) return read;
  } catch {
    // Node's own words, when the program did not even start.
  }
  return { kind: 'progress', line };
}

function isTaskLine(value: unknown): value is TaskLine {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, line, message, applied, current, ran } = value as Readonly<Record<string, unknown>>;
  switch (kind) {
    case 'progress':
      return typeof line === 'string';
    case 'failed':
      return typeof message === 'string';
    case 'done':
      return (
        typeof applied === 'object' && applied !== null && typeof current === 'string' && Array.isArray(ran)
      );
    default:
      return false;
  }
}
