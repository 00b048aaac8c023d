import { constants, existsSync } from 'node:fs';
import { chmod, chown, copyFile, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nameOf, sharedFolder } from '@cutover/delivery/processes/postgres/shared-folder.ts';
import { unprivilegedUser, type SystemUser } from '@cutover/delivery/processes/postgres/user.ts';
import type { BodyOf, Ground } from '../body.ts';

/** Where the data of an instance lies. */
export interface Home {
  /** For us alone: secrets and the log. */
  readonly own: string;
  readonly data: string;
  /** Full segments of the log of changes. */
  readonly wal: string;
  /** Copies of the data, each named by the millisecond at which it was whole. */
  readonly backups: string;
  readonly log: string;
  /** Whom the server runs as where we are root: PostgreSQL refuses root. */
  readonly user: SystemUser | undefined;
}

/**
 * Makes the folders of an instance: in that of the body, or, when we are root, outside and noted by whose they are,
 * since the user of the server cannot enter ours. What belongs to nobody any more is removed.
 * SIDE EFFECTS: makes and removes folders.
 */
export async function homeOf(ground: Ground, body: BodyOf): Promise<Home> {
  const own = await ground.folderOf(body);
  const user = await unprivilegedUser(body.id);
  const place = user === undefined ? own : await outsideFolder(own);
  const home = {
    ...{ own, user, log: join(own, 'server.log') },
    data: join(place, 'data'),
    wal: join(place, 'wal'),
    backups: join(place, 'backups'),
  };
  for (const folder of [place, home.wal, home.backups]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await giveTo(folder, user);
  }
  return home;
}

/** Deletes what an instance keeps outside the folder of its body. SIDE EFFECTS: deletes data. */
export async function wipeHome(home: Home): Promise<void> {
  for (const folder of [home.data, home.wal, home.backups])
    await rm(folder, { recursive: true, force: true });
  if (home.user === undefined) return;
  const outside = await outsideFolder(home.own);
  await rm(outside, { recursive: true, force: true });
  await rm(`${outside}.of`, { force: true });
}

/** Gives a file or folder to the user of the server. */
export async function giveTo(path: string, user: SystemUser | undefined): Promise<void> {
  if (user !== undefined) await chown(path, user.uid, user.gid);
}

/** Writes a file that only the user of the server may read. */
export async function writeFor(path: string, content: string, user: SystemUser | undefined): Promise<void> {
  await writeFile(path, content, { mode: 0o600 });
  await chmod(path, 0o600);
  await giveTo(path, user);
}

/** Whether a server works on the data while it is copied: then the log of changes comes from elsewhere. */
export type Copied = 'running' | 'stopped';

/**
 * Copies a folder of data. Files that go while it is copied are left out, as in each base backup.
 * SIDE EFFECTS: writes the copy.
 */
export async function copyData(
  from: string,
  to: string,
  user: SystemUser | undefined,
  copied: Copied,
  inside = '',
): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  await giveTo(to, user);
  if ((copied === 'running' ? ofRunningServer : ofOneServer).test(inside)) return;
  for (const entry of await readdir(from, { withFileTypes: true }).catch(noneWhereGone)) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (leftBehind.has(entry.name)) continue;
    if (entry.isDirectory()) {
      await copyData(source, target, user, copied, join(inside, entry.name));
    } else if (entry.isFile()) {
      const there = copyFile(source, target, constants.COPYFILE_FICLONE);
      await there.then(() => giveTo(target, user), noneWhereGone);
    }
  }
}

const leftBehind = new Set([
  'postmaster.pid',
  'postmaster.opts',
  'pgsql_tmp',
  'standby.signal',
  'recovery.signal',
]);
// https://www.postgresql.org/docs/18/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP-DATA
const ofOneServer = /^pg_(dynshmem|notify|replslot|serial|snapshots|stat_tmp|subtrans)$/;
const ofRunningServer = /^pg_(dynshmem|notify|replslot|serial|snapshots|stat_tmp|subtrans|wal)$/;

function noneWhereGone(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

async function outsideFolder(own: string): Promise<string> {
  const shared = await sharedFolder('twin', 'a rehearsal');
  await sweep(shared);
  const place = join(shared, nameOf(own));
  await writeFile(`${place}.of`, own, { mode: 0o600 });
  return place;
}

/** A rehearsal that is removed with its folder leaves its data outside. */
async function sweep(shared: string): Promise<void> {
  for (const name of await readdir(shared)) {
    if (!name.endsWith('.of')) continue;
    const note = join(shared, name);
    const own = await readFile(note, 'utf8').catch(() => '');
    const age =
      Date.now() -
      (await stat(note).then(
        ({ mtimeMs }) => mtimeMs,
        () => Date.now(),
      ));
    if (own === '' || existsSync(own) || age < 60_000) continue;
    await rm(note.slice(0, -'.of'.length), { recursive: true, force: true });
    await rm(note, { force: true });
  }
}
