import { basename } from 'node:path';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { toRoot } from '@cutover/base/project.ts';
import { psqlOnly } from '../../plan/migration-foreign.ts';
import { placeOf, sqlSection, transactionControl, type SqlStatement } from '../../plan/migration-sql.ts';
import type { Step } from '../../plan/migration.ts';
import { readSql, type LoadedFile } from '../files.ts';
import { loadPostgres, type PostgresModule } from './load.ts';

type Shorthands = Record<string, never>;

/** A migration ready to run. */
export interface LoadedMigration {
  readonly file: LoadedFile;
  readonly module: PostgresModule;
  /** Column types by short names: those of all migrations up to this one, as node-pg-migrate gathers them. */
  readonly shorthands: Shorthands;
}

/** All migrations of a folder, ready to run. */
export interface LoadedMigrations {
  get(name: string): LoadedMigration;
}

/** Loads all migrations. SIDE EFFECTS: runs the top level of their modules. */
export async function loadAll(files: readonly LoadedFile[]): Promise<LoadedMigrations> {
  const loaded = new Map<string, LoadedMigration>();
  let shorthands: Shorthands = {};
  for (const file of files) {
    const module = await loadPostgres(file);
    shorthands = { ...shorthands, ...(module.shorthands as Shorthands | undefined) };
    loaded.set(file.name, { file, module, shorthands });
  }
  return {
    get: (name) => {
      const found = loaded.get(name);
      if (found === undefined)
        throw new CutoverError('CUT-4124', { name, directory: '', reason: 'it is not there' });
      return found;
    },
  };
}

/**
 * The names of steps that have no way back. Throws when one has no `up`, would end the transaction of the run, or is
 * written for psql.
 */
export async function inspectSteps(
  database: string,
  migrations: LoadedMigrations,
  steps: readonly Step[],
): Promise<string[]> {
  const having = (what: (sql: string) => SqlStatement[]) =>
    steps.flatMap(({ name, direction }) => placesOf(what, migrations.get(name).file, direction)).join('\n');
  const foreign = having(psqlOnly);
  if (foreign !== '') throw new CutoverError('CUT-4115', { database, list: foreign });
  const ending = having((sql) => transactionControl(sql, 'postgres'));
  if (ending !== '') throw new CutoverError('CUT-4114', { database, list: ending });
  const oneWay: string[] = [];
  for (const { name } of steps) {
    const migration = migrations.get(name);
    if (typeof migration.module.up !== 'function')
      throw notLoaded(migration.file, 'it exports no function `up`');
    if (await isOneWay(migration)) oneWay.push(name);
  }
  return oneWay;
}

function placesOf(
  what: (sql: string) => SqlStatement[],
  { paths: [main, down] }: LoadedFile,
  direction: Step['direction'],
): string[] {
  const path = direction === 'down' ? (down ?? main) : main;
  if (!path.endsWith('.sql')) return [];
  const content = readSql(path);
  const section = down === undefined ? sqlSection(content, direction) : { text: content, offset: 0 };
  if (section === undefined) return [];
  return what(section.text).map(({ text, offset }) => {
    const { line, column } = placeOf(content, section.offset + offset);
    return `  ${toRoot(path)}:${line}:${column}: ${text.split('\n', 1).join()}`;
  });
}

/** Without a `down`, node-pg-migrate turns `up` around; where it cannot, there is no way back. */
async function isOneWay({ module: { up, down }, shorthands }: LoadedMigration): Promise<boolean> {
  if (down !== undefined) return down === false;
  if (typeof up !== 'function') return true;
  const { MigrationBuilder } = await import('node-pg-migrate');
  const db = new Proxy({}, { get: () => () => Promise.reject(new NeedsDatabase()) });
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const pgm = new MigrationBuilder(db as never, shorthands, false, silent);
  pgm.enableReverseMode();
  try {
    await up(pgm, () => undefined);
    return false;
  } catch (error) {
    // What asks the database while it is put together is found out on the copy.
    return !(error instanceof NeedsDatabase);
  }
}

class NeedsDatabase extends Error {}

function notLoaded(file: LoadedFile, problem: unknown): CutoverError {
  return new CutoverError('CUT-4124', {
    name: basename(file.paths[0]),
    directory: toRoot(file.paths[0]),
    reason: messageOf(problem),
  });
}
