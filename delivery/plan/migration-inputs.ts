import type { SecretRef } from '@cutover/base/secrets.ts';
import type { DatabaseKind } from './migration.ts';
import { scratchDefaults, type ScratchSettings } from './migration-scratch.ts';
import { taskRunProblems, type TaskRun } from './task-run.ts';

/** Where a PostgreSQL database is and who changes it. */
export interface PostgresDatabase {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Read in the process that connects. @default none: the server trusts the connection */
  readonly password?: SecretRef;
  /** 'off'; 'verify' by the system's certificates; or those of a file, relative to the project. @default 'off' */
  readonly tls?: 'off' | 'verify' | { readonly ca: string };
  /** The schema that migrations work in, and that holds their own tables. @default 'public' */
  readonly schema?: string;
  /** The table of node-pg-migrate. @default 'pgmigrations' */
  readonly table?: string;
}

/** Where a MongoDB database is and who changes it. */
export interface MongoDatabase {
  /** mongodb:// or mongodb+srv://, without user and password. */
  readonly url: string;
  readonly database: string;
  /** @default none */
  readonly user?: string;
  /** @default none */
  readonly password?: SecretRef;
  /** The database that knows the user. @default 'admin' */
  readonly authSource?: string;
  /** The collection of migrate-mongo. @default 'changelog' */
  readonly changelog?: string;
}

/** Where an SQLite database is. */
export interface SqliteDatabase {
  /** Its file; a relative name is taken from the project's folder. It is made when it is missing. */
  readonly file: string;
}

/** The databases by their kind. */
export interface DatabaseOf {
  readonly postgres: PostgresDatabase;
  readonly mongo: MongoDatabase;
  readonly sqlite: SqliteDatabase;
}

/** How long others are waited for. */
export interface LockSettings {
  /** How long another update of the same database is waited for. @default 60 */
  readonly waitSeconds?: number;
  /** PostgreSQL: how long a statement waits for a table that others use, before it gives up. @default 15 */
  readonly tableSeconds?: number;
}

export const lockDefaults = { waitSeconds: 60, tableSeconds: 15 } as const satisfies LockSettings;

/** Everything about the migrations of one database that may be chosen. */
export interface MigrationOptions {
  /** 'latest', 'none', or the migration that shall be the last one applied: what is beyond it is undone. @default 'latest' */
  readonly target?: string;
  readonly scratch?: ScratchSettings;
  readonly lock?: LockSettings;
  /** Whether a migration may run that sorts before one already applied. @default 'refuse' */
  readonly outOfOrder?: 'refuse' | 'allow';
  /** Applied migrations whose file was changed on purpose: name and the new checksum. @default none */
  readonly acceptEdited?: Readonly<Record<string, string>>;
  /** What happens when the resource is deleted: nothing, or all migrations are undone. @default 'keep' */
  readonly onDelete?: 'keep' | 'down';
}

/** What a migrations resource is given, and what it keeps in the state. */
export interface MigrationInputs<
  Kind extends DatabaseKind = DatabaseKind,
> extends Required<MigrationOptions> {
  /** The migrations' folder, relative to the project. */
  readonly directory: string;
  readonly database: DatabaseOf[Kind];
  /** The migrations up to the target, with their checksums: what a preview shows and an update is held to. */
  readonly migrations: Readonly<Record<string, string>>;
  /** PostgreSQL in a closed network: where a task runs them. @default none: this machine connects itself */
  readonly runs?: TaskRun;
}

export const migrationDefaults = {
  target: 'latest',
  scratch: scratchDefaults,
  lock: lockDefaults,
  outOfOrder: 'refuse',
  acceptEdited: {},
  onDelete: 'keep',
} as const satisfies Required<MigrationOptions>;

/** The options with what was left out. */
export function withDefaults(options: MigrationOptions): Required<MigrationOptions> {
  return {
    ...migrationDefaults,
    ...options,
    scratch: { ...scratchDefaults, ...options.scratch },
    lock: { ...lockDefaults, ...options.lock },
  };
}

/** Something wrong with what was given. */
export interface InputProblem {
  readonly property: string;
  readonly reason: string;
}

/** What is wrong with the inputs, all of it. */
export function migrationProblems(kind: DatabaseKind, inputs: MigrationInputs): InputProblem[] {
  const { lock, scratch } = inputs;
  const numbers: [property: string, value: number | undefined, least: number][] = [
    ['lock.waitSeconds', lock.waitSeconds, 0],
    ['lock.tableSeconds', lock.tableSeconds, 1],
    ['scratch.fullCopyMegabytes', scratch.fullCopyMegabytes, 0],
    ['scratch.rowCap', scratch.rowCap, 1],
  ];
  return [
    ...databaseProblems(kind, inputs.database),
    ...numbers
      .filter(([, value, least]) => value !== undefined && !(value >= least))
      .map(([property, value, least]) => ({ property, reason: `is ${value}; it must be ${least} or more` })),
    ...(kind === 'sqlite' && scratch.database !== undefined
      ? [
          {
            property: 'scratch.database',
            reason: 'is not for SQLite: the copy is a file beside the database',
          },
        ]
      : []),
    ...(inputs.runs === undefined ? [] : taskProblems(kind, inputs.runs, inputs.database)),
  ];
}

function taskProblems(kind: DatabaseKind, runs: TaskRun, database: object): InputProblem[] {
  if (kind !== 'postgres') return [{ property: 'runs', reason: 'is for PostgreSQL alone' }];
  const own = ['password', 'tls'].filter((property) => property in database);
  return [
    ...taskRunProblems(runs),
    ...own.map((property) => ({
      property: `database.${property}`,
      reason: 'is for who connects from here; the task has its own',
    })),
  ];
}

function databaseProblems(kind: DatabaseKind, database: DatabaseOf[DatabaseKind]): InputProblem[] {
  switch (kind) {
    case 'postgres':
      return postgresProblems(database as PostgresDatabase);
    case 'mongo':
      return mongoProblems(database as MongoDatabase);
    case 'sqlite':
      return empty({ 'database.file': (database as SqliteDatabase).file });
  }
}

function postgresProblems({ host, port, database, user }: PostgresDatabase): InputProblem[] {
  const good = Number.isInteger(port) && port > 0 && port < 65_536;
  return [
    ...empty({ 'database.host': host, 'database.database': database, 'database.user': user }),
    ...(good
      ? []
      : [{ property: 'database.port', reason: `is ${port}; it must be a port, 5432 for example` }]),
  ];
}

function mongoProblems({ url, database, user, password }: MongoDatabase): InputProblem[] {
  const problems = empty({ 'database.database': database });
  const shape = /^mongodb(\+srv)?:\/\/(?<credentials>[^/@]*@)?[^/@\s]+/.exec(url);
  if (shape === null) {
    problems.push({ property: 'database.url', reason: 'is not like mongodb://127.0.0.1:27017' });
  } else if (shape.groups?.['credentials'] !== undefined) {
    problems.push({
      property: 'database.url',
      reason: 'carries credentials; give `user`, and `password` by reference',
    });
  }
  if ((user === undefined) !== (password === undefined)) {
    problems.push({ property: 'database.user', reason: 'and `database.password` go together' });
  }
  return problems;
}

function empty(values: Readonly<Record<string, string | undefined>>): InputProblem[] {
  return Object.entries(values)
    .filter(([, value]) => value === undefined || value === '')
    .map(([property]) => ({ property, reason: 'is empty' }));
}

/** The database as people call it, without secrets: `godark (postgres 127.0.0.1:5432)`. */
export function databaseLabel(kind: DatabaseKind, database: DatabaseOf[DatabaseKind]): string {
  switch (kind) {
    case 'postgres': {
      const { database: name, host, port } = database as PostgresDatabase;
      return `${name} (postgres ${host}:${port})`;
    }
    case 'mongo': {
      const { database: name, url } = database as MongoDatabase;
      const hosts = url.replace(/^mongodb(\+srv)?:\/\//, '').replace(/^[^/]*@/, '');
      return `${name} (mongodb ${hosts.replace(/[/?].*$/, '')})`;
    }
    case 'sqlite': {
      const { file } = database as SqliteDatabase;
      return `${file.split('/').at(-1)} (sqlite ${file})`;
    }
  }
}
