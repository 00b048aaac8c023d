import * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { SecretRef } from '@cutover/base/secrets.ts';
import { plannedMigrations } from '../migrations/front.ts';
import { migrationProblems, withDefaults, type MigrationOptions } from '../plan/migration-inputs.ts';
import type { DatabaseKind } from '../plan/migration.ts';
import type { TaskRun } from '../plan/task-run.ts';

/** A database by its parts, each of which may be known only later; secrets are named, not carried. */
export type DatabaseArgs<T> = {
  readonly [Key in keyof T]: T[Key] extends SecretRef | undefined
    ? T[Key]
    : pulumi.Input<NonNullable<T[Key]>>;
};

/** What all three kinds of migrations take. */
export interface MigrationsArgs extends MigrationOptions {
  /** The folder with the migrations, relative to the project. */
  readonly directory: string;
}

/**
 * Migrations of one database as a managed resource. What will run is among the inputs, by name and checksum, so that a
 * preview shows it; where the database really is, is looked at on every preview and update.
 */
export abstract class MigrationsResource extends ThinResource {
  /** What has run, with checksums. */
  declare readonly applied: pulumi.Output<Readonly<Record<string, string>>>;
  /** The last migration that has run; 'none' when none has. */
  declare readonly current: pulumi.Output<string>;
  /** What ran them last: this machine, a task, or nothing, and then why. */
  declare readonly ran: pulumi.Output<string>;
  /** The last run that changed something: when, what, and on what copy it was tried. */
  declare readonly lastRun: pulumi.Output<{ at: string; steps: string; copy: string }>;

  constructor(
    kind: DatabaseKind,
    type: string,
    name: string,
    args: MigrationsArgs & { readonly database: object; readonly runs?: pulumi.Input<TaskRun> | undefined },
    opts: pulumi.CustomResourceOptions | undefined,
  ) {
    const { directory, database, runs, ...options } = args;
    const chosen = withDefaults(options);
    const migrations = plannedMigrations(kind, directory, chosen.target);
    refuseWrongArgs(kind, name, { directory, database, migrations, ...chosen });
    super(
      `@cutover/delivery/migrations/${kind}/handler.ts`,
      name,
      {
        directory,
        database,
        runs,
        migrations,
        ...chosen,
        applied: undefined,
        current: undefined,
        lastRun: undefined,
        ran: undefined,
      },
      opts,
      type,
    );
  }
}

/** Refuses, before anything is registered, what can be seen to be wrong without the values of outputs. */
function refuseWrongArgs(
  kind: DatabaseKind,
  name: string,
  inputs: MigrationOptions & { directory: string; database: object; migrations: Record<string, string> },
): void {
  const later = Object.values(inputs.database).some(
    (value) => pulumi.Output.isInstance(value) || value instanceof Promise,
  );
  if (later) return;
  const problems = migrationProblems(kind, inputs as unknown as Parameters<typeof migrationProblems>[1]);
  if (problems.length === 0) return;
  const list = problems.map(({ property, reason }) => `  ${property} ${reason}`).join('\n');
  throw new CutoverError('CUT-4100', { name, list });
}
