import type * as pulumi from '@pulumi/pulumi';
import type { PostgresDatabase } from '../plan/migration-inputs.ts';
import type { TaskRun } from '../plan/task-run.ts';
import { MigrationsResource, type DatabaseArgs, type MigrationsArgs } from './migrations.ts';

export interface PostgresMigrationsArgs extends MigrationsArgs {
  /** Where the database is and who changes it. */
  readonly database: DatabaseArgs<PostgresDatabase>;
  /**
   * For a database that only its own network reaches: where a task runs them, with the same code, in an image that
   * holds services/migrate and this folder. The task has password and TLS of its own.
   * @default none: this machine connects itself
   */
  readonly runs?: pulumi.Input<TaskRun>;
}

/**
 * Migrations of a PostgreSQL database, in the files of node-pg-migrate: SQL with `-- Up Migration` and
 * `-- Down Migration`, JavaScript or TypeScript.
 *
 * @example
 * new PostgresMigrations('godark-migrations', {
 *   directory: 'migrations/godark',
 *   database: { host: '127.0.0.1', port: 15432, database: 'godark', user: 'godark',
 *     password: { kind: 'file', name: '.cutover/secrets/postgres' } },
 * });
 *
 * @example
 * new PostgresMigrations('coinestate-migrations', {
 *   directory: 'migrations/coinestate',
 *   database: { host: postgres.host, port: 5432, database: 'coinestate', user: 'owner' },
 *   runs: task.run,
 * });
 */
export class PostgresMigrations extends MigrationsResource {
  constructor(name: string, args: PostgresMigrationsArgs, opts?: pulumi.CustomResourceOptions) {
    super('postgres', 'PostgresMigrations', name, args, opts);
  }
}
