import type * as pulumi from '@pulumi/pulumi';
import type { SqliteDatabase } from '../plan/migration-inputs.ts';
import { MigrationsResource, type DatabaseArgs, type MigrationsArgs } from './migrations.ts';

export interface SqliteMigrationsArgs extends MigrationsArgs {
  /** Where the database is. */
  readonly database: DatabaseArgs<SqliteDatabase>;
}

/**
 * Migrations of an SQLite database: SQL with `-- Up Migration` and `-- Down Migration`, or modules as umzug takes them.
 *
 * @example
 * new SqliteMigrations('orderbook-migrations', {
 *   directory: 'migrations/meta-aggregator',
 *   database: { file: '.cutover/dev/meta-aggregator/orderbook.db' },
 * });
 */
export class SqliteMigrations extends MigrationsResource {
  constructor(name: string, args: SqliteMigrationsArgs, opts?: pulumi.CustomResourceOptions) {
    super('sqlite', 'SqliteMigrations', name, args, opts);
  }
}
