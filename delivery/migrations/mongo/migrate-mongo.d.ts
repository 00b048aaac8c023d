/** What is used of migrate-mongo, which has no types of its own. */
declare module 'migrate-mongo' {
  import type { Db, MongoClient } from 'mongodb';

  /** One for the whole process. */
  export const config: {
    set(settings: {
      readonly migrationsDir: string;
      readonly changelogCollectionName: string;
      readonly migrationFileExtension: string;
      readonly useFileHash: boolean;
      readonly moduleSystem: 'esm' | 'commonjs';
    }): void;
  };
  /** Runs what is pending in the folder; the names of what ran. */
  export function up(db: Db, client: MongoClient): Promise<string[]>;
  /** Undoes the last of the folder that has run; its name. */
  export function down(db: Db, client: MongoClient): Promise<string[]>;
}
