import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { chooseCache } from '../base/user-cache.mjs';
import { toolsFolder } from './manifest.ts';

/** Every executable of a name on PATH, first one first. What Cutover itself put there does not count. */
export function findOnPath(name: string, path = process.env['PATH'] ?? ''): string[] {
  const ours = [toolsFolder, chooseCache().folder].map((folder) => folder + sep);
  const found = new Map<string, string>();
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, name);
    if (!folder.startsWith('/') || !isExecutable(candidate)) continue;
    const real = realpathSync(candidate);
    if (ours.some((own) => real.startsWith(own) || candidate.startsWith(own)) || found.has(real)) continue;
    found.set(real, candidate);
  }
  return [...found.values()];
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The first version number in a text, `[3, 250, 0]`. */
export function versionIn(text: string): readonly number[] | undefined {
  const found = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return found === null ? undefined : found.slice(1).map((part) => Number(part ?? 0));
}

/** Whether a version is at least another, number by number. */
export function isAtLeast(version: readonly number[], least: readonly number[]): boolean {
  for (const [i, wanted] of least.entries()) {
    const have = version[i] ?? 0;
    if (have !== wanted) return have > wanted;
  }
  return true;
}
