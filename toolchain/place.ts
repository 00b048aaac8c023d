import { mkdir, realpath, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { binFolder } from './manifest.ts';

/** Links an executable into the folder that is first on PATH, in one step. SIDE EFFECTS: writes the link. */
export async function place(name: string, target: string): Promise<string> {
  await mkdir(binFolder, { recursive: true });
  const link = join(binFolder, name);
  const temporary = join(binFolder, `.${name}-${process.pid}`);
  await rm(temporary, { force: true });
  await symlink(await realpath(target), temporary);
  await rename(temporary, link);
  return link;
}

/** Takes links away that an earlier choice left behind. SIDE EFFECTS: removes them. */
export async function unplace(...names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(binFolder, name), { force: true });
}
