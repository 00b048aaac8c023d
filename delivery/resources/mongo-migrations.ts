import type * as pulumi from '@pulumi/pulumi';
import type { MongoDatabase } from '../plan/migration-inputs.ts';
import { MigrationsResource, type DatabaseArgs, type MigrationsArgs } from './migrations.ts';

export interface MongoMigrationsArgs extends MigrationsArgs {
  /** Where the database is and who changes it. */
  readonly database: DatabaseArgs<MongoDatabase>;
}

/**
 * Migrations of a MongoDB database, in the files of migrate-mongo.
 *
 * @example
 * new MongoMigrations('gemforce-migrations', {
 *   directory: 'migrations/gemforce',
 *   database: { url: 'mongodb://127.0.0.1:27017', database: 'gemforce' },
 * });
 */
export class MongoMigrations extends MigrationsResource {
  constructor(name: string, args: MongoMigrationsArgs, opts?: pulumi.CustomResourceOptions) {
    super('mongo', 'MongoMigrations', name, args, opts);
  }
}
