import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '@cutover/base/errors.ts';
import { runs, stillRunning, type Identity } from '@cutover/delivery/processes/process-table.ts';
import { endOfLog } from '@cutover/delivery/processes/start.ts';
import type { Thing, Values } from '../../kind.ts';
import { instanceType } from '../../services/aws/rds-instance-checks.ts';
import { flagAt, numberAt, textAt } from '../../services/values.ts';
import { BodyFailed, type BodyKind, type BodyRecord, type Ground, type Standing } from '../body.ts';
import { dropBackups, ensureBackup, keepSnapshot } from './backup.ts';
import { giveTo, homeOf, wipeHome, writeFor, type Home } from './home.ts';
import { managedPassword } from './managed-secret.ts';
import { beginData, forgetReplica, notedOwner, recoveryMark, streamFrom, type Begun } from './origin.ts';
import { postgresPrograms, type Programs } from './programs.ts';
import { settleOwner, type Owner } from './roles.ts';
import { startServer, stopServer } from './server.ts';
import { inSession, valueOf } from './session.ts';
import { accessRules, leftOut, serverSettings, type Recovery } from './settings.ts';
import { instanceDigest, isPostgres, wantedInstance, type WantedInstance } from './wanted.ts';

const recoverySeconds = 120;

/** A database instance of RDS is a PostgreSQL of its own. */
const instanceBody: BodyKind = {
  type: instanceType,
  seconds: 240,
  wanted: isPostgres,
  digest: instanceDigest,
  bring: bringInstance,
  remove: removeInstance,
  alive: async ({ processes }) => (await stillRunning(processes)).length > 0,
};

/** What really stands behind RDS. */
export const rdsBodies: readonly BodyKind[] = [instanceBody];

async function bringInstance(thing: Thing, ground: Ground, before?: BodyRecord): Promise<Standing> {
  const wanted = wantedInstance(thing, ground.cloud.view());
  const home = await homeOf(ground, thing);
  const programs = await postgresPrograms(wanted.identifier, home.user);
  const [running] = await stillRunning(before?.processes ?? []);
  const known = numberAt(before?.notes ?? {}, 'port');
  const port = running !== undefined && known !== undefined ? known : await ground.freePort(known);
  const begun = await ensureData(thing, ground, wanted, home, programs);
  const recovery = begun.recovery ?? (await recoveryOf(thing, ground, wanted, home));
  await writeSettings(ground, wanted, home, programs, port, recovery);
  const server = await ensureServer(thing, ground, wanted, home, programs, port, before);
  const addresses = [{ host: wanted.address, port: wanted.port, localPort: port }];
  try {
    const follows = await finishRecovery(ground, wanted, home, port);
    if (!follows && textAt(before?.notes ?? {}, 'role') === 'replica') await forgetReplica(ground, thing);
    const owner = await ownerOf(thing, wanted, home, begun, before);
    if (!follows) await inSession(ground.folder, port, (session) => settleOwner(session, owner));
    if (wanted.keepsBackups && !follows) await ensureBackup(ground, port, home);
    if (!wanted.keepsBackups) await dropBackups(home);
    await writeFile(wholeFile(home), '');
    tellDifferences(ground, wanted, programs);
    const notes: Values = {
      ...{ port, user: owner.user, role: follows ? 'replica' : 'primary' },
      ...(owner.database !== undefined && { database: owner.database }),
      // What waits for a restart is not yet what runs.
      ...(server.pid === running?.pid ? runningAs(before) : wantsToRunAs(wanted)),
      engine: programs.version,
    };
    return { processes: [server], addresses, notes };
  } catch (error) {
    const why = (await runs(server)) ? messageOf(error) : `PostgreSQL ended:\n${await endOfLog(home.log)}`;
    // What was whole before goes on; what was only begun is begun again.
    if (existsSync(wholeFile(home)) && before !== undefined) {
      throw new BodyFailed(why, { processes: [server], addresses, notes: before.notes });
    }
    await stopServer(ground, [server]);
    throw new Error(why, { cause: error });
  }
}

/** Data that a crash left half made is made anew. */
async function ensureData(
  thing: Thing,
  ground: Ground,
  wanted: WantedInstance,
  home: Home,
  programs: Programs,
): Promise<Begun> {
  if (existsSync(wholeFile(home))) return {};
  return beginData(ground, thing, wanted, home, programs);
}

function wholeFile({ own }: Home): string {
  return join(own, 'whole');
}

/** What data that is there already still has to play. */
async function recoveryOf(
  thing: Thing,
  ground: Ground,
  { origin }: WantedInstance,
  home: Home,
): Promise<Recovery | undefined> {
  if (recoveryMark(home) !== 'standby' || origin.kind !== 'replica') return undefined;
  // Without its source it goes on with what it has.
  return streamFrom(ground, thing, origin.source).catch(() => undefined);
}

async function writeSettings(
  { authority }: Ground,
  wanted: WantedInstance,
  home: Home,
  { known, libraries }: Programs,
  port: number,
  recovery: Recovery | undefined,
): Promise<void> {
  const { certificate, key } = await authority.issue([wanted.address]);
  const place = { port, walFolder: home.wal, known, libraries };
  const files = {
    'postgresql.conf': serverSettings(wanted, { ...place, ...(recovery !== undefined && { recovery }) }),
    'pg_hba.conf': accessRules(wanted),
    'server.crt': certificate,
    'server.key': key,
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFor(join(home.data, name), content, home.user);
  }
  await giveTo(home.data, home.user);
}

/** Starts the server, or has the one that runs read its settings; restarts it for what needs that. */
async function ensureServer(
  thing: Thing,
  ground: Ground,
  wanted: WantedInstance,
  home: Home,
  { bin }: Programs,
  port: number,
  before: BodyRecord | undefined,
): Promise<Identity> {
  const [running] = await stillRunning(before?.processes ?? []);
  if (running === undefined) return startServer(ground, thing, home, { bin, port });
  const isSame = isDeepStrictEqual(runningAs(before), wantsToRunAs(wanted));
  if (isSame || !wanted.atOnce) {
    process.kill(running.pid, 'SIGHUP');
    return running;
  }
  await stopServer(ground, [running]);
  return startServer(ground, thing, home, { bin, port });
}

/** What only a restart changes. */
function wantsToRunAs({ instanceClass, version }: WantedInstance): Values {
  return { instanceClass, version };
}

function runningAs(before: BodyRecord | undefined): Values {
  const { instanceClass = '', version = '' } = before?.notes ?? {};
  return { instanceClass, version };
}

/** Waits until the log is played that is to be; says whether the server goes on following another. */
async function finishRecovery(
  ground: Ground,
  { origin }: WantedInstance,
  home: Home,
  port: number,
): Promise<boolean> {
  if (origin.kind === 'replica' && recoveryMark(home) === 'standby') return true;
  return inSession(ground.folder, port, async (session) => {
    if (recoveryMark(home) === 'standby') {
      await session.query('SELECT pg_promote(true, $1)', [recoverySeconds]);
    }
    const giveUp = Date.now() + recoverySeconds * 1000;
    while ((await valueOf(session, 'SELECT pg_is_in_recovery()')) === true) {
      if (Date.now() > giveUp) throw new Error(`it was not recovered within ${recoverySeconds} s`);
      await sleep(30);
    }
    await rm(join(home.data, 'recovery.signal'), { force: true });
    return false;
  });
}

async function ownerOf(
  thing: Thing,
  wanted: WantedInstance,
  home: Home,
  { owner }: Begun,
  before: BodyRecord | undefined,
): Promise<Owner> {
  const known = owner ?? { user: textAt(before?.notes ?? {}, 'user') ?? '' };
  const user = wanted.user ?? known.user;
  const database = wanted.database ?? owner?.database ?? textAt(before?.notes ?? {}, 'database');
  const { password } = wanted;
  const given =
    password.kind === 'managed'
      ? await managedPassword(home.own, thing, user)
      : password.kind === 'given'
        ? password.value
        : undefined;
  return {
    user,
    ...(given !== undefined && { password: given }),
    ...(database !== undefined && { database }),
  };
}

function tellDifferences(ground: Ground, wanted: WantedInstance, programs: Programs): void {
  const { identifier, version } = wanted;
  if (programs.version.split('.')[0] !== version.split('.')[0]) {
    ground.log(`${identifier}: PostgreSQL ${programs.version} stands for ${version}`);
  }
  const names = leftOut(wanted, programs).filter((name) => !name.startsWith('rds.'));
  if (names.length > 0) ground.log(`${identifier}: parameters that are not set here: ${names.join(', ')}`);
}

/** With a final snapshot where one was asked for. */
async function removeInstance(record: BodyRecord, ground: Ground): Promise<void> {
  const home = await homeOf(ground, record);
  await stopServer(ground, record.processes);
  const thing = ground.cloud
    .view()
    .deleted?.(record.type, record)
    .filter(({ id }) => id === record.id)
    .at(-1);
  const inputs = thing?.inputs ?? {};
  const identifier = textAt(inputs, 'finalSnapshotIdentifier');
  const isPrimary = textAt(record.notes, 'role') === 'primary';
  if (identifier !== undefined && flagAt(inputs, 'skipFinalSnapshot') !== true && isPrimary) {
    await keepSnapshot(ground, record.region, identifier, home, notedOwner(record));
    ground.log(`snapshot ${identifier} is kept`);
  }
  if (textAt(record.notes, 'role') === 'replica') await forgetReplica(ground, record);
  await wipeHome(home);
}
