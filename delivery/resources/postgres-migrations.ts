import type * as pulumi from '@pulumi/pulumi';
import type { PostgresDatabase } from '../plan/migration-inputs.ts';
import { MigrationsResource, type DatabaseArgs, type MigrationsArgs } from './migrations.ts';

export interface PostgresMigrationsArgs extends MigrationsArgs {
  /** Where the database is and who changes it. */
  readonly database: DatabaseArgs<PostgresDatabase>;
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
 */
export class PostgresMigrations extends MigrationsResource {
  constructor(name: string, args: PostgresMigrationsArgs, opts?: pulumi.CustomResourceOptions) {
    super('postgres', 'PostgresMigrations', name, args, opts);
  }
}
