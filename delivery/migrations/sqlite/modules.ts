import type { DatabaseSync } from 'node:sqlite';
import { createJiti } from 'jiti';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { toRoot } from '@cutover/base/project.ts';
import { placeOf, splitStatements, sqlSection, transactionControl } from '../../plan/migration-sql.ts';
import type { Direction, Step } from '../../plan/migration.ts';
import { readSql, type LoadedFile } from '../files.ts';

/** What a JavaScript or TypeScript migration exports, as umzug takes it. */
export interface SqliteModule {
  readonly up?: Action;
  readonly down?: Action | false;
}

type Action = (parameters: { readonly name: string; readonly context: DatabaseSync }) => unknown;

/** One statement of an SQL migration, with its place in the file. */
export interface PlacedStatement {
  readonly text: string;
  readonly offset: number;
}

/** A migration of one direction, ready to run: statements of a file, or a function. */
export type Runnable =
  | {
      readonly kind: 'sql';
      readonly path: string;
      readonly content: string;
      readonly statements: readonly PlacedStatement[];
    }
  | { readonly kind: 'module'; readonly path: string; readonly action: Action };

/** Loads one direction of a migration; undefined where it has none. SIDE EFFECTS: reads the file, runs a module's top level. */
export async function loadSqlite(file: LoadedFile, direction: Direction): Promise<Runnable | undefined> {
  const [main, down] = file.paths;
  if (!main.endsWith('.sql')) return loadModule(file, direction);
  const pair = down !== undefined;
  const path = direction === 'down' ? (down ?? main) : main;
  const content = readSql(path);
  const section = pair ? { text: content, offset: 0 } : sqlSection(content, direction);
  if (section === undefined) return undefined;
  const statements = splitStatements(section.text, 'sqlite').map(({ text, offset }) => ({
    text,
    offset: section.offset + offset,
  }));
  return { kind: 'sql', path, content, statements };
}

async function loadModule(file: LoadedFile, direction: Direction): Promise<Runnable | undefined> {
  const [path] = file.paths;
  const problem = (reason: string, cause?: unknown) =>
    new CutoverError('CUT-4124', { name: file.name, directory: toRoot(path), reason }, { cause });
  let module: SqliteModule;
  try {
    // Takes ES and CommonJS modules and TypeScript alike, and reads an edited file anew.
    const loader = createJiti(import.meta.url, { moduleCache: false, fsCache: false });
    const loaded = await loader.import<SqliteModule & { default?: SqliteModule }>(path);
    module = loaded.up === undefined && loaded.default !== undefined ? loaded.default : loaded;
  } catch (cause) {
    throw problem(messageOf(cause), cause);
  }
  if (typeof module.up !== 'function') throw problem('it exports no function `up`');
  const action = module[direction];
  return typeof action === 'function' ? { kind: 'module', path, action } : undefined;
}

/** The names of steps that have no way back. Throws when one would end the transaction of the run. */
export async function inspectSteps(
  database: string,
  files: readonly LoadedFile[],
  steps: readonly Step[],
): Promise<string[]> {
  const oneWay: string[] = [];
  const ending: string[] = [];
  for (const { name, direction } of steps) {
    const file = fileOf(files, name);
    if ((await loadSqlite(file, 'down')) === undefined) oneWay.push(name);
    const runnable = await loadSqlite(file, direction);
    if (runnable?.kind === 'sql') ending.push(...endingStatements(runnable));
  }
  if (ending.length > 0) throw new CutoverError('CUT-4114', { database, list: ending.join('\n') });
  return oneWay;
}

function endingStatements({ path, content, statements }: Extract<Runnable, { kind: 'sql' }>): string[] {
  return statements
    .filter(({ text }) => transactionControl(text, 'sqlite').length > 0)
    .map(({ text, offset }) => {
      const { line, column } = placeOf(content, offset);
      return `  ${toRoot(path)}:${line}:${column}: ${text}`;
    });
}

/** The file of a migration that was planned. */
export function fileOf(files: readonly LoadedFile[], name: string): LoadedFile {
  const file = files.find((each) => each.name === name);
  if (file === undefined)
    throw new CutoverError('CUT-4124', { name, directory: '', reason: 'it is not there' });
  return file;
}
