import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { toRoot } from '@cutover/base/project.ts';
import type { PostgresDefinition } from '../../plan/process-definition.ts';
import { scramVerifier } from '../../plan/process-scram.ts';
import { newGeneration, readGeneration } from '../folder.ts';
import type { Place } from '../kind.ts';
import { folderTag, tagOf } from '../process-table.ts';
import { ensureSecret } from '../secrets.ts';
import { endOfLog, smallEnvironment } from '../start.ts';
import { clusterOutside } from './outside.ts';
import { removeStalePid } from './stale-pid.ts';
import type { SystemUser } from './user.ts';

/**
 * Makes a cluster that can be started: initialised, its superuser's password as the secret says, and nothing left in
 * the way by a server that was killed. Returns its folder. SIDE EFFECTS: writes to disk; runs initdb and postgres.
 */
export async function prepareCluster(
  place: Place<PostgresDefinition>,
  bin: string,
  version: string,
  user: SystemUser | undefined,
): Promise<string> {
  // As root outside, and linked: the user that the server runs as cannot pass through folders that are ours alone.
  const cluster = user === undefined ? join(place.folder.data, 'cluster') : await clusterOutside(place);
  const found = (await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined))?.trim();
  const wanted = version.split('.')[0] ?? '';
  if (found === undefined) {
    await initialise(place, cluster, bin, user);
  } else if (found !== wanted) {
    const data = toRoot(place.folder.data);
    throw new CutoverError('CUT-4306', { name: place.name, found, wanted, data });
  }
  await removeStalePid(cluster);
  await setPassword(place, cluster, bin, user);
  return cluster;
}

/** Beside its place and then moved there, so that a cluster is whole or not there. */
async function initialise(
  place: Place<PostgresDefinition>,
  cluster: string,
  bin: string,
  user: SystemUser | undefined,
): Promise<void> {
  const unfinished = `${cluster}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  if (user !== undefined) await chown(unfinished, user.uid, user.gid);
  await run(place, user, 'initdb', join(bin, 'initdb'), [
    ...['-D', unfinished, '--username=postgres', '--encoding=UTF8', '--locale=C', '--no-sync'],
    // Replaced below, before the server has ever run.
    '--auth=trust',
  ]);
  await writeFile(join(unfinished, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
  await rm(cluster, { recursive: true, force: true });
  await rename(unfinished, cluster);
  await newGeneration(place.folder);
}

/**
 * Sets the superuser's password in single-user mode, where none is asked for: at first, and whenever the secret is no
 * longer what was set, as when its file was deleted. A verifier is sent, never the password.
 */
async function setPassword(
  place: Place<PostgresDefinition>,
  cluster: string,
  bin: string,
  user: SystemUser | undefined,
): Promise<void> {
  const password = await ensureSecret(place.definition.password);
  const setFile = join(place.folder.data, 'password.verifier');
  const set = (await readFile(setFile, 'utf8').catch(() => '')).trim();
  const generation = await readGeneration(place.folder);
  const [salt, ofGeneration, verifier] = set.split(' ');
  const isSet =
    salt !== undefined &&
    ofGeneration === generation &&
    verifier === scramVerifier(password, Buffer.from(salt, 'base64'));
  if (isSet) return;
  const freshSalt = randomBytes(16);
  const wanted = scramVerifier(password, freshSalt);
  const statement = `ALTER ROLE postgres PASSWORD '${wanted}'\n`;
  await run(
    place,
    user,
    'postgres --single',
    join(bin, 'postgres'),
    ['--single', '-D', cluster, 'postgres'],
    statement,
  );
  await writeFileAtomic(setFile, `${freshSalt.toString('base64')} ${generation} ${wanted}\n`, 0o600);
}

/** Runs one of PostgreSQL's programs to its end. SIDE EFFECTS: runs it; appends to the log. */
async function run(
  { folder, name }: Place,
  user: SystemUser | undefined,
  program: string,
  file: string,
  args: readonly string[],
  input = '',
): Promise<void> {
  const log = await open(folder.log, 'a', 0o600);
  try {
    const how = await new Promise<string | undefined>((resolve, reject) => {
      const child = spawn(file, args, {
        cwd: '/',
        detached: true,
        stdio: ['pipe', log.fd, log.fd],
        env: { ...smallEnvironment(), LC_ALL: 'C', [folderTag]: tagOf(folder) },
        ...user,
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
    });
    if (how === undefined) return;
    const lastLines = await endOfLog(folder.log);
    throw new CutoverError('CUT-4311', { name, program, how, lastLines, log: toRoot(folder.log) });
  } finally {
    await log.close();
  }
}
