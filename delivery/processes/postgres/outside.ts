import { lstat, mkdir, readFile, readlink, realpath, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import type { Place } from '../kind.ts';
import { letThrough, nameOf, sharedFolder } from './shared-folder.ts';

type OfProcess = Pick<Place, 'folder' | 'name'>;

/**
 * Makes a place outside the project for the cluster of a data folder, and the link that leads there. The place has a
 * note of the link: a clone that was moved keeps its data, and one that was copied gets a place of its own. Deleting the
 * data folder deletes the cluster: one that its link leads to no more is thrown away. SIDE EFFECTS: makes folders and a
 * link, may delete data.
 */
export async function clusterOutside(place: OfProcess): Promise<string> {
  const link = await linkOf(place);
  const outside = await outsideOf(place, link);
  const cluster = join(outside, 'cluster');
  if ((await targetOf(link)) !== cluster) {
    await rm(outside, { recursive: true, force: true });
    await rm(link, { recursive: true, force: true });
    await symlink(cluster, link);
  }
  await mkdir(outside, { recursive: true });
  await letThrough(outside);
  if ((await readNote(outside)) !== link) await writeFileAtomic(join(outside, note), link, 0o600);
  return cluster;
}

/** Deletes what a cluster keeps outside its data folder. SIDE EFFECTS: deletes data. */
export async function wipeOutside(place: OfProcess): Promise<void> {
  if (process.getuid?.() === 0)
    await rm(await outsideOf(place, await linkOf(place)), { recursive: true, force: true });
}

const note = 'of';

async function outsideOf({ folder, name }: OfProcess, link: string): Promise<string> {
  const shared = await sharedFolder('data', name);
  const linked = dirname((await targetOf(link)) ?? '');
  if (dirname(linked) === shared && (await isOurs(linked, link, folder.path))) return linked;
  for (let number = 1; ; number++) {
    const free = join(shared, nameOf(number === 1 ? folder.path : `${folder.path} ${number}`));
    const owner = await readNote(free);
    if (owner === undefined || owner === link || !(await leadsTo(owner, free))) return free;
  }
}

/** Whether what a link leads to is its own: it was not copied with a clone whose link still leads there too. */
async function isOurs(outside: string, link: string, path: string): Promise<boolean> {
  const owner = await readNote(outside);
  // From before there were notes.
  if (owner === undefined) return basename(outside) === nameOf(path);
  return owner === link || !(await leadsTo(owner, outside)) || (await isSameFile(owner, link));
}

async function leadsTo(link: string, outside: string): Promise<boolean> {
  return (await targetOf(link)) === join(outside, 'cluster');
}

/** One folder may be seen at two places, as by a bind mount. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => lstat(path).catch(() => undefined)));
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}

async function linkOf({ folder }: OfProcess): Promise<string> {
  return join(await realpath(folder.data).catch(() => folder.data), 'cluster');
}

function targetOf(link: string): Promise<string | undefined> {
  return readlink(link).catch(() => undefined);
}

function readNote(outside: string): Promise<string | undefined> {
  return readFile(join(outside, note), 'utf8').catch(() => undefined);
}
