import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { fromRoot } from '@cutover/base/project.ts';
import { compareFileNames, numberInFront } from '../plan/migration-order.ts';
import { foreignMark, nestedNames, undoneByName } from '../plan/migration-foreign.ts';
import { sqlSection } from '../plan/migration-sql.ts';
import type { DatabaseKind, MigrationFile } from '../plan/migration.ts';

/** A migration with the files that it is made of. */
export interface LoadedFile extends MigrationFile {
  /** Absolute; one file, or `.up.sql` and `.down.sql`. */
  readonly paths: readonly [main: string, down?: string];
}

const modules = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'];
const extensions: Record<DatabaseKind, readonly string[]> = {
  postgres: ['.sql', ...modules],
  mongo: modules,
  sqlite: ['.sql', ...modules],
};

/**
 * The migrations of a folder, in the order in which they run. Only names and content are looked at, nothing is loaded,
 * so that a program can list them while it starts. SIDE EFFECTS: reads the folder.
 */
export function readMigrations(kind: DatabaseKind, directory: string): LoadedFile[] {
  const folder = fromRoot(directory);
  const entries = list(folder, directory);
  refuse(directory, [...nestedProblem(kind, folder, entries), ...entries.flatMap(endingProblem(kind))]);
  const names = entries
    .filter((entry) => !entry.isDirectory() && isMigration(kind, entry.name))
    .map(({ name }) => name)
    .sort(compareFileNames(kind));
  if (kind === 'postgres') refuse(directory, names.flatMap(nameProblem));
  refuse(
    directory,
    names.flatMap((name) => pairProblem(name, names)),
  );

  const groups = Map.groupBy(names, (name) => migrationName(kind, name));
  refuse(
    directory,
    [...groups].flatMap(([name, members]) => groupProblem(name, members)),
  );
  refuse(
    directory,
    names.flatMap((name) => contentProblem(name, readFileSync(join(folder, name)))),
  );
  return [...groups].map(([name, members]) => load(name, folder, members));
}

/** The content of an SQL file, without the mark that some editors put in front. SIDE EFFECTS: reads the file. */
export function readSql(path: string): string {
  return readFileSync(path, 'utf8').replace(/^\ufeff/, '');
}

/** What an update is held to: names and checksums. */
export function checksumsOf(files: readonly MigrationFile[]): Record<string, string> {
  return Object.fromEntries(files.map(({ name, checksum }) => [name, checksum]));
}

function list(folder: string, directory: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(
      (entry) => entry.isFile() || entry.isSymbolicLink() || entry.isDirectory(),
    );
  } catch (cause) {
    throw new CutoverError('CUT-4101', { directory, reason: messageOf(cause) }, { cause });
  }
}

function isMigration(kind: DatabaseKind, name: string): boolean {
  if (name.startsWith('.') || /\.d\.[cm]?ts$/.test(name) || name.startsWith('sample-migration.'))
    return false;
  return extensions[kind].some((extension) => name.endsWith(extension));
}

function migrationName(kind: DatabaseKind, file: string): string {
  if (kind === 'mongo') return file;
  return file
    .replace(/\.(up|down)\.sql$/, '')
    .replace(/\.[^.]+$/, (end) => (extensions[kind].includes(end) ? '' : end));
}

function nameProblem(name: string): string[] {
  const number = numberInFront(name);
  if (number === undefined) return [`  ${name} has no number in front`];
  if (Number.isNaN(number))
    return [`  ${name}: 17 digits in front are read as a date, 20250615143000000 for example`];
  return name.includes("'") ? [`  ${name}: node-pg-migrate cannot record a name with a ' in it`] : [];
}

/** Folders of other tools, each with one migration: passed over, the update would say that all is done. */
function nestedProblem(kind: DatabaseKind, folder: string, entries: readonly Dirent[]): string[] {
  if (kind === 'mongo') return [];
  const nested = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => nestedNames.some((file) => existsSync(join(folder, name, file))))
    .sort();
  const [first, ...more] = nested;
  if (first === undefined) return [];
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return [
    `  ${first}${others} is a folder with a migration in it, and folders are not looked into: put its file here as ${first}.sql, or as ${first}.up.sql and ${first}.down.sql`,
  ];
}

function endingProblem(kind: DatabaseKind): (entry: Dirent) => string[] {
  return (entry) => {
    const { name } = entry;
    const small = name.replace(/\.[^.]+$/, (end) => end.toLowerCase());
    const unread = !entry.isDirectory() && !isMigration(kind, name) && isMigration(kind, small);
    return unread ? [`  ${name} would not be read: write its ending in small letters, ${small}`] : [];
  };
}

function pairProblem(name: string, names: readonly string[]): string[] {
  const other = undoneByName(name, names);
  return other === undefined
    ? []
    : [
        `  ${name} undoes ${other} by its name, and would run on the way up as well; name the two as .up.sql and .down.sql`,
      ];
}

function contentProblem(name: string, content: Buffer): string[] {
  if (!isUtf8(content)) return [`  ${name} is not UTF-8 text; save it as UTF-8`];
  const mark = name.endsWith('.sql') ? foreignMark(content.toString('utf8')) : undefined;
  return mark === undefined
    ? []
    : [
        `  ${name} is written for another tool: what follows \`${mark}\` would run on the way up as well; write \`-- Up Migration\` and \`-- Down Migration\``,
      ];
}

function groupProblem(name: string, members: readonly string[]): string[] {
  if (name === 'latest' || name === 'none')
    return [`  ${name} is a word of its own and no name of a migration`];
  const up = members.some((member) => member.endsWith('.up.sql'));
  const down = members.some((member) => member.endsWith('.down.sql'));
  if (members.length === 1 && !down) return [];
  if (members.length === 2 && up && down) return [];
  return [`  ${members.join(' and ')}: ${down && !up ? 'there is no .up.sql' : 'two files have one name'}`];
}

function load(name: string, folder: string, members: readonly string[]): LoadedFile {
  const main = members.find((member) => !member.endsWith('.down.sql')) ?? '';
  const down = members.find((member) => member.endsWith('.down.sql'));
  const paths = [main, down].filter((path) => path !== undefined).map((path) => join(folder, path));
  const contents = paths.map((path) => readFileSync(path, 'utf8'));
  return {
    name,
    checksum: checksum(contents),
    wayBack: down !== undefined ? 'yes' : wayBack(main, contents[0] ?? ''),
    paths: paths as [string, string?],
  };
}

function wayBack(file: string, content: string): MigrationFile['wayBack'] {
  if (file.endsWith('.up.sql')) return 'none';
  if (file.endsWith('.sql')) return sqlSection(content, 'down') === undefined ? 'none' : 'yes';
  return /^\s*(export\s+const\s+|(module\.)?exports\.)down\s*(:\s*\w+\s*)?=\s*false\b/m.test(content)
    ? 'none'
    : 'unknown';
}

/** Line ends are made equal: a checkout on another system is no edit. */
function checksum(contents: readonly string[]): string {
  const hash = createHash('sha256');
  hash.update(contents.map((content) => content.replaceAll('\r\n', '\n')).join('\0'));
  return `sha256:${hash.digest('hex')}`;
}

function refuse(directory: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new CutoverError('CUT-4102', { directory, list: problems.join('\n') });
}
