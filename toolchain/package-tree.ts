import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../base/project.ts';
import { cached, readEntry } from './cache.ts';
import { chooseCache } from '../base/user-cache.mjs';
import { run } from './run.ts';
import type { Step } from './steps.ts';

// A whole installed tree as one archive: 40,000 files are unpacked in 3 s, where `npm ci` takes 20 s to put the same
// files there from its own cache.
const archive = 'tree.tar';
// Each is 600 MB: the tree of now, and the one of the branch that is switched to and fro.
const treesKept = 2;

const entryName = (key: string): string => `packages-${key}`;

/**
 * Unpacks the tree that another clone kept for the same lock file, if there is one. SIDE EFFECTS: replaces node_modules
 * of the project and its workspaces.
 */
export async function restoreTree(key: string, workspaces: readonly string[], step: Step): Promise<boolean> {
  const { folder, shared } = chooseCache();
  const entry = join(folder, entryName(key));
  if (!shared || (await readEntry(entry)) === undefined) return false;
  step.doing('unpacking what another clone installed');
  for (const holder of ['', ...workspaces]) {
    await rm(join(projectRoot, holder, 'node_modules'), { recursive: true, force: true });
  }
  const unpacked = await run('tar', ['-xof', join(entry, archive), '-C', projectRoot]);
  return unpacked.status === 0;
}

/**
 * Keeps a freshly installed tree for other clones. It is a convenience: where it fails, npm does the work again.
 * @param folders every node_modules of the project and its workspaces
 */
export async function keepTree(key: string, folders: readonly string[], step: Step): Promise<void> {
  const { folder, shared } = chooseCache();
  if (!shared) return;
  try {
    step.doing('keeping them for other clones');
    await cached(entryName(key), step, async (into) => {
      const packed = await run('tar', ['-cf', join(into, archive), '-C', projectRoot, ...folders]);
      if (packed.status !== 0) throw new Error(packed.said);
      return 'npm ci';
    });
    await removeOldTrees(folder);
  } catch {
    // No tar, or no room.
  }
}

async function removeOldTrees(cache: string): Promise<void> {
  const names = (await readdir(cache)).filter((name) => name.startsWith(entryName('')));
  const trees = await Promise.all(
    names.map(async (name) => ({ name, made: (await stat(join(cache, name))).mtimeMs })),
  );
  const old = trees.toSorted((a, b) => b.made - a.made).slice(treesKept);
  for (const { name } of old) await rm(join(cache, name), { recursive: true, force: true });
}
