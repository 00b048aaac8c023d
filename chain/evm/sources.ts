import { readFileSync } from 'node:fs';
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
  if (isAbsolute(name)) return readIfThere(name);
  const candidates = [
    join(projectRoot, name),
    ...folders.map((folder) => join(folder, 'node_modules', name)),
  ];
  for (const candidate of candidates) {
    const text = readIfThere(candidate);
    if (text !== undefined) return text;
  }
  return undefined;
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
