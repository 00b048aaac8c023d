import { lstat, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { CutoverError, messageOf } from '../base/errors.ts';
import { chooseCache } from '../base/user-cache.mjs';
import { alone } from './lock.ts';
import type { Step } from './steps.ts';

/** A part in the cache. */
export interface Entry {
  readonly folder: string;
  readonly origin: string;
}

interface EntryNote {
  readonly origin: string;
  /** Size of every file, so that a copy cut short by a full disk or a crash is seen. */
  readonly files: Readonly<Record<string, number>>;
}

/**
 * Takes a part from the cache, or makes it there. It is made in a folder of its own and put in place in one step, so
 * what is in the cache is whole; two that want the same part make it once.
 * @param name of the entry: part, version, machine and key
 * @param make fills the folder that it is given, and resolves to where the part came from
 */
export async function cached(
  name: string,
  step: Step,
  make: (folder: string) => Promise<string>,
  cache = chooseCache().folder,
): Promise<Entry> {
  const folder = join(cache, name);
  const there = await readEntry(folder);
  if (there !== undefined) return { folder, origin: there };
  const workshops = join(cache, '.new');
  await mkdir(workshops, { recursive: true }).catch((cause: unknown) => {
    throw new CutoverError('CUT-5003', { folder: cache, why: messageOf(cause) }, { cause });
  });
  const wait = (holder: string): void => step.doing(`waiting for ${holder}, which is making it`);
  return alone(join(cache, '.locks', name), wait, async () => {
    const made = await readEntry(folder);
    if (made !== undefined) return { folder, origin: made };
    // Nobody else makes this entry now: what lies about is half-done work of one that was killed.
    await removeAll(workshops, `${name}-`);
    await rm(folder, { recursive: true, force: true });
    const workshop = await mkdtemp(join(workshops, `${name}-`));
    try {
      const origin = await make(workshop);
      const note: EntryNote = { origin, files: await sizesIn(workshop) };
      await writeFile(join(workshop, 'entry.json'), `${JSON.stringify(note, undefined, 2)}\n`);
      await rename(workshop, folder);
      return { folder, origin };
    } finally {
      await rm(workshop, { recursive: true, force: true });
    }
  });
}

/** Certificates of Python's certifi: whoever manages a machine may add its own, in every copy, at any time. */
const changedByOthers = 'cacert.pem';

/** Where an entry came from; undefined when there is none, or none that is whole. */
export async function readEntry(folder: string): Promise<string | undefined> {
  try {
    const note = JSON.parse(await readFile(join(folder, 'entry.json'), 'utf8')) as EntryNote;
    for (const [file, size] of Object.entries(note.files)) {
      const found = (await lstat(join(folder, file))).size;
      if (found !== size && basename(file) !== changedByOthers) return undefined;
    }
    return note.origin;
  } catch {
    return undefined;
  }
}

async function sizesIn(folder: string): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    sizes[relative(folder, path)] = (await lstat(path)).size;
  }
  return sizes;
}

async function removeAll(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(prefix)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
