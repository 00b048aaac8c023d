import { existsSync } from 'node:fs';
import { chmod, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { textAt, numberAt } from '../../services/values.ts';
import { instanceType } from '../../services/aws/rds-instance-checks.ts';
import type { BodyOf, BodyRecord, Ground } from '../body.ts';
import { backupBefore, copyRunning, copySnapshot, keepLogUpToNow, type SnapshotOwner } from './backup.ts';
import { copyData, homeOf, writeFor, type Home } from './home.ts';
import type { Programs } from './programs.ts';
import { programOf } from './server.ts';
import { administratorPassword, inSession, valueOf } from './session.ts';
import { administrator, type Recovery } from './settings.ts';
import type { Origin, WantedInstance } from './wanted.ts';

/** Data that was made, what it has to play before it is used, and whose it is where it brings its own owner. */
export interface Begun {
  readonly recovery?: Recovery;
  readonly owner?: SnapshotOwner;
}

/** Makes the data of an instance as its origin says. SIDE EFFECTS: writes its home, runs initdb. */
export async function beginData(
  ground: Ground,
  body: BodyOf,
  wanted: WantedInstance,
  home: Home,
  programs: Programs,
): Promise<Begun> {
  const { origin } = wanted;
  await rm(home.data, { recursive: true, force: true });
  switch (origin.kind) {
    case 'empty':
      await initialise(ground, body, home, programs);
      return {};
    case 'snapshot':
      return { owner: await copySnapshot(ground, body.region, origin.identifier, home) };
    case 'time':
      return restore(ground, body, origin, home);
    case 'replica':
      return replicate(ground, body, origin.source, home);
  }
}

/** Where a replica hears of changes: its source may have another port by now. */
export async function streamFrom(ground: Ground, body: BodyOf, source: string): Promise<Recovery> {
  const there = bodyOf(ground, body, source);
  return {
    ...{ kind: 'stream', port: portOf(there), slot: slotOf(body) },
    password: await administratorPassword(ground.folder),
  };
}

/** The source keeps its log for a replica under this name. */
export function slotOf({ id }: BodyOf): string {
  return `replica_${id.toLowerCase().replaceAll(/[^a-z0-9]/g, '_')}`;
}

/** Has a source keep its log no longer for a replica that has gone its own way. SIDE EFFECTS: writes in the source. */
export async function forgetReplica(ground: Ground, body: BodyOf): Promise<void> {
  const others = ground.bodies().filter(({ type, id }) => type === instanceType && id !== body.id);
  for (const other of others) {
    await inSession(ground.folder, portOf(other), async (session) => {
      const slots = 'FROM pg_replication_slots WHERE slot_name = $1';
      // The source notices only after a moment that nobody listens any more.
      for (let tries = 0; tries < 50; tries++) {
        await session.query(`SELECT pg_drop_replication_slot(slot_name) ${slots} AND NOT active`, [
          slotOf(body),
        ]);
        if ((await valueOf(session, `SELECT 1 ${slots}`, [slotOf(body)])) === undefined) return;
        await sleep(100);
      }
    }).catch(() => undefined);
  }
}

async function initialise(ground: Ground, body: BodyOf, home: Home, { bin }: Programs): Promise<void> {
  const unfinished = `${home.data}.unfinished`;
  const passwordFile = join(home.data, '..', 'administrator');
  await rm(unfinished, { recursive: true, force: true });
  await writeFor(passwordFile, await administratorPassword(ground.folder), home.user);
  try {
    const initdb = await ground.spawnKept(
      body,
      programOf(home, join(bin, 'initdb'), [
        ...['-D', unfinished, `--username=${administrator}`, `--pwfile=${passwordFile}`],
        ...['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'],
      ]),
    );
    const how = await initdb.ended;
    if (how !== 'exit code 0') throw new Error(`initdb: ${how}`);
    await rename(unfinished, home.data);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function restore(
  ground: Ground,
  body: BodyOf,
  { source, at }: Origin & { readonly kind: 'time' },
  home: Home,
): Promise<Begun> {
  const there = bodyOf(ground, body, source);
  const from = await homeOf(ground, there);
  const time = at === undefined ? undefined : Date.parse(at);
  if (time !== undefined && !(time <= Date.now())) {
    throw new Error(`InvalidParameterValue: The restore time ${at} is after the latest restorable time.`);
  }
  const backup = await backupBefore(from, time);
  if (backup === undefined) {
    throw new Error(
      `InvalidParameterValue: The restore time ${at ?? 'asked for'} is before the earliest restorable time of ${source}, or it keeps no backups.`,
    );
  }
  if (await answers(ground, there)) await keepLogUpToNow(ground, portOf(there));
  await copyData(backup, home.data, home.user, 'running');
  await writeFor(join(home.data, 'recovery.signal'), '', home.user);
  return {
    owner: notedOwner(there),
    recovery: { kind: 'archive', walFolder: from.wal, ...(at !== undefined && { until: at }) },
  };
}

async function replicate(ground: Ground, body: BodyOf, source: string, home: Home): Promise<Begun> {
  const there = bodyOf(ground, body, source);
  const from = await homeOf(ground, there);
  await inSession(ground.folder, portOf(there), (session) =>
    session.query(
      `SELECT pg_create_physical_replication_slot($1, true)
        WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)`,
      [slotOf(body)],
    ),
  );
  await copyRunning(ground, portOf(there), from, { folder: home.data, user: home.user });
  await chmod(home.data, 0o700);
  await writeFor(join(home.data, 'standby.signal'), '', home.user);
  return { owner: notedOwner(there), recovery: await streamFrom(ground, body, source) };
}

/** Whether data is to follow a source, or to be brought to a time: a promotion takes the mark away. */
export function recoveryMark({ data }: Home): 'standby' | 'recovery' | undefined {
  if (existsSync(join(data, 'standby.signal'))) return 'standby';
  return existsSync(join(data, 'recovery.signal')) ? 'recovery' : undefined;
}

function bodyOf(ground: Ground, { region }: BodyOf, source: string): BodyRecord {
  const there = ground.bodies().find(({ type, id }) => type === instanceType && id === source);
  if (there === undefined || numberAt(there.notes, 'port') === undefined) {
    throw new Error(`DBInstanceNotFound: DBInstance ${source} not found, as seen from ${region}.`);
  }
  return there;
}

function portOf({ notes }: BodyRecord): number {
  return numberAt(notes, 'port') ?? 0;
}

/** Whose the data of an instance is, as it was noted when it was brought. */
export function notedOwner({ notes }: BodyRecord): SnapshotOwner {
  const database = textAt(notes, 'database');
  return { user: textAt(notes, 'user') ?? '', ...(database !== undefined && { database }) };
}

async function answers(ground: Ground, there: BodyRecord): Promise<boolean> {
  return inSession(ground.folder, portOf(there), () => Promise.resolve()).then(
    () => true,
    () => false,
  );
}
