import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fromRoot } from '@cutover/base/project.ts';

const left = new Set(['node_modules', '.git', '.cutover', 'coverage']);

/**
 * A hash of the content of files and folders, relative to the project's folder: names and bytes, no times, so that two
 * clones agree. What does not exist counts as such.
 */
export async function fingerprint(sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  const files = (await Promise.all(sources.map((source) => filesIn(source)))).flat();
  const unique = [...new Set(files)].sort();
  const contents = await Promise.all(unique.map((file) => readFile(fromRoot(file)).catch(() => undefined)));
  for (const [index, file] of unique.entries()) {
    const content = contents[index];
    hash.update(`${file}\0${content?.length ?? 'missing'}\0`);
    if (content !== undefined) hash.update(content);
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesIn(path: string): Promise<string[]> {
  const facts = await stat(fromRoot(path)).catch(() => undefined);
  if (facts?.isDirectory() !== true) return [path];
  const entries = await readdir(fromRoot(path), { withFileTypes: true });
  const nested = entries
    .filter((entry) => !left.has(entry.name))
    .map((entry) => join(path, entry.name))
    .map((inside) => filesIn(inside));
  return (await Promise.all(nested)).flat();
}
