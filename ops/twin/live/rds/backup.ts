import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { liveFolder } from '../bodies.ts';
import type { Ground } from '../body.ts';
import { copyData, writeFor, type Home } from './home.ts';
import { inSession, valueOf } from './session.ts';

/** Who owns the data of a snapshot. */
export interface SnapshotOwner {
  readonly user: string;
  readonly database?: string;
}

/**
 * Copies the data of a running server, whole or not at all; what changes meanwhile is in its log.
 * SIDE EFFECTS: writes the copy.
 */
export async function copyRunning(
  ground: Ground,
  port: number,
  from: Home,
  to: { readonly folder: string; readonly user: Home['user'] },
): Promise<void> {
  const unfinished = `${to.folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await inSession(ground.folder, port, async (session) => {
    await session.query("SELECT pg_backup_start('rds', true)");
    await copyData(from.data, unfinished, to.user, 'running');
    const { rows } = await session.query<{ labelfile: string; spcmapfile: string }>(
      'SELECT labelfile, spcmapfile FROM pg_backup_stop(false)',
    );
    await writeFor(join(unfinished, 'backup_label'), rows[0]?.labelfile ?? '', to.user);
    await rm(to.folder, { recursive: true, force: true });
    await rename(unfinished, to.folder);
  });
}

/** Keeps a backup of an instance to begin restores with, where there is none. SIDE EFFECTS: writes it. */
export async function ensureBackup(ground: Ground, port: number, home: Home): Promise<void> {
  if ((await backupsOf(home)).length > 0) return;
  const copy = join(home.backups, 'copy');
  await copyRunning(ground, port, home, { folder: copy, user: home.user });
  await rename(copy, join(home.backups, String(Date.now())));
}

/** Throws away what a restore would begin with. SIDE EFFECTS: deletes backups and the log of changes. */
export async function dropBackups(home: Home): Promise<void> {
  for (const folder of [home.backups, home.wal]) {
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** The newest backup that was whole at a time; the newest of all without one. */
export async function backupBefore(home: Home, at?: number): Promise<string | undefined> {
  const whole = (await backupsOf(home)).filter((time) => at === undefined || time <= at);
  return whole.length === 0 ? undefined : join(home.backups, String(Math.max(...whole)));
}

async function backupsOf({ backups }: Home): Promise<readonly number[]> {
  return (await readdir(backups).catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
}

/**
 * Has the log of a running server kept up to now, with a commit after it to stop before: a time without a later change
 * would be beyond the end of the log. SIDE EFFECTS: writes in the server; waits for its archive.
 */
export async function keepLogUpToNow(ground: Ground, port: number): Promise<void> {
  await inSession(ground.folder, port, async (session) => {
    await session.query('SELECT pg_current_xact_id()');
    const segment = await valueOf(session, 'SELECT pg_walfile_name(pg_current_wal_lsn())');
    await session.query('SELECT pg_switch_wal()');
    const giveUp = Date.now() + 30_000;
    while (Date.now() < giveUp) {
      const kept = await valueOf(session, 'SELECT last_archived_wal FROM pg_stat_archiver');
      if (typeof kept === 'string' && kept >= String(segment)) return;
      await sleep(20);
    }
    throw new Error(`the log of the source was not kept within 30 s: ${String(segment)}`);
  });
}

/** Keeps the data of a server that has ended, under a name. SIDE EFFECTS: writes the snapshot. */
export async function keepSnapshot(
  ground: Ground,
  region: string,
  identifier: string,
  home: Home,
  owner: SnapshotOwner,
): Promise<void> {
  const folder = snapshotFolder(ground, region, identifier);
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  await copyData(home.data, join(unfinished, 'data'), undefined, 'stopped');
  await writeFileAtomic(join(unfinished, 'owner.json'), `${JSON.stringify(owner)}\n`, 0o600);
  // RDS would refuse the name when it is asked to delete the instance; here that was done already.
  await rename(folder, `${folder}.before-${Date.now()}`).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(unfinished, folder);
}

/** Copies the data of a snapshot, and says whose it is. SIDE EFFECTS: writes the copy. */
export async function copySnapshot(
  ground: Ground,
  region: string,
  identifier: string,
  to: Home,
): Promise<SnapshotOwner> {
  const folder = snapshotFolder(ground, region, identifier);
  const text = await readFile(join(folder, 'owner.json'), 'utf8').catch(() => {
    throw new Error(`DBSnapshotNotFound: DBSnapshot not found: ${identifier}`);
  });
  await copyData(join(folder, 'data'), to.data, to.user, 'stopped');
  return JSON.parse(text) as SnapshotOwner;
}

function snapshotFolder({ folder }: Ground, region: string, identifier: string): string {
  return join(liveFolder(folder), 'snapshots', region, encodeURIComponent(identifier));
}
