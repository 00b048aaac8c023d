import { createHash } from 'node:crypto';
import { readFileSync, statSync, type Stats } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fromRoot, projectRoot, toRoot } from '@cutover/base/project.ts';

/**
 * The name that the compiler knows a source file by. It ends up in metadata, so it is relative to the project: two
 * clones compile to the same code. Files outside the project keep their absolute path.
 */
export function sourceName(path: string): string {
  return toRoot(fromRoot(path)).replaceAll('\\', '/');
}

/** The folders that imports such as `@openzeppelin/…` are looked for in: upwards from the source, then from here. */
export function searchFolders(source: string): readonly string[] {
  return [...new Set([...upwards(dirname(fromRoot(source))), ...upwards(dirname(import.meta.dirname))])];
}

/**
 * Reads what an import names: a file of the project, or of a package in node_modules. Undefined when there is none.
 * The compiler has resolved `./` and `../` by then. SIDE EFFECTS: reads a file.
 */
export function readSource(name: string, folders: readonly string[]): string | undefined {
  const found = findSource(name, folders);
  return found === undefined ? undefined : readIfThere(found.path);
}

/**
 * The hash of what an import names, that of nothing where there is none. Contracts share most of their sources: what
 * was read once in this process is not read again while its file is as it was. SIDE EFFECTS: reads a file.
 */
export function hashSource(name: string, folders: readonly string[]): string {
  const found = findSource(name, folders);
  if (found === undefined) return hashOf('');
  const { path, stats } = found;
  const known = hashes.get(path);
  const state = `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
  if (known?.state === state) return known.hash;
  const hash = hashOf(readIfThere(path) ?? '');
  // What was written just now may be written again within the clock's tick.
  if (Date.now() - stats.ctimeMs > 1000) hashes.set(path, { state, hash });
  return hash;
}

/** The hash that a text is known by. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const hashes = new Map<string, { readonly state: string; readonly hash: string }>();

function findSource(
  name: string,
  folders: readonly string[],
): { readonly path: string; readonly stats: Stats } | undefined {
  const candidates = isAbsolute(name)
    ? [name]
    : [join(projectRoot, name), ...folders.map((folder) => join(folder, 'node_modules', name))];
  for (const path of candidates) {
    const stats = statIfThere(path);
    if (stats?.isFile() === true) return { path, stats };
  }
  return undefined;
}

function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // A file where a folder should be, a folder that may not be searched.
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function upwards(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...upwards(parent)];
}
