import { open, readFile, rename, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processStartTime } from '@cutover/base/process-identity.ts';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { runtimeFolder, toRoot } from '@cutover/base/project.ts';
import type { ProcessRecord } from '../plan/process.ts';
import type { PortUse } from '../plan/process-definition.ts';
import { describeHolder } from '../plan/process-port.ts';
import { startDetached } from './detached.ts';
import { dataId, makeFolders, newGeneration, readGeneration, writeRecord } from './folder.ts';
import type { Launch, Place } from './kind.ts';
import { kindOf } from './kinds.ts';
import { secretsAtStart } from './observe.ts';
import { portHolder, portTrouble } from './port-holder.ts';
import { folderTag, launchTag, launchTagOf, runs, tagOf } from './process-table.ts';
import { stopProcess } from './stop.ts';

/**
 * Starts a process that outlives us, in a session of its own, and waits until it answers. Nothing of it may run before:
 * see bring.ts. A crash of ours at any point leaves either nothing, or one process that carries our tag.
 * SIDE EFFECTS: writes in the process's folder; starts it.
 */
export async function startProcess(place: Place, launchHash: string): Promise<ProcessRecord> {
  const { starts = 1 } = kindOf(place.definition);
  for (let start = 1; ; start++) {
    try {
      return await startOnce(place, launchHash);
    } catch (error) {
      const hangs = error instanceof CutoverError && error.code === 'CUT-4302';
      if (!hangs || start === starts) throw error;
    }
  }
}

async function startOnce(place: Place, launchHash: string): Promise<ProcessRecord> {
  const { folder, name, definition, ports } = place;
  await makeFolders(folder);
  if ((await readGeneration(folder)) === undefined) await newGeneration(folder);
  await assertPortsFree(place, ports);
  const launch = await kindOf(definition).prepare(place);
  const child = await spawnTagged(place, launch, launchHash);
  const record: ProcessRecord = {
    name,
    pid: child.pid,
    // Undefined when it has ended already; the wait below says so.
    started: (await processStartTime(child.pid)) ?? 'ended',
    startedAt: new Date().toISOString(),
    launchHash,
    secretsHash: await secretsAtStart(place),
    dataId: (await dataId(folder)) ?? '',
    engine: launch.engine,
    version: launch.version,
    ports,
    definition,
  };
  await writeRecord(folder, record);
  await waitUntilItAnswers(place, record, child.ended);
  return record;
}

/** Waits until a process that was started answers. One that does not is stopped, with the end of its log. */
export async function waitUntilItAnswers(
  place: Place,
  record: ProcessRecord,
  ended: () => string | undefined = () => undefined,
): Promise<void> {
  const { name, folder } = place;
  const kind = kindOf(record.definition);
  const log = toRoot(folder.log);
  const giveUp = Date.now() + kind.startSeconds * 1000;
  let answer = 'nothing yet';
  for (let pause = 10; Date.now() < giveUp; pause = Math.min(pause * 1.5, 150)) {
    const heard = await kind.probe(record, 1000);
    const alive = await runs(record);
    // Alive as well: else it may be a stranger on the same port that answered.
    if (alive && heard.kind === 'answers' && (heard.well || record.definition.kind === 'node-service'))
      return;
    if (!alive) {
      const lastLines = await endOfLog(folder.log);
      await stopProcess(folder, name);
      // It lost a race for its port: the holder says more than its log.
      await assertPortsFree(place, place.ports);
      throw new CutoverError('CUT-4301', {
        name,
        how: ended() ?? 'its exit code is not known',
        lastLines,
        log,
      });
    }
    answer = heard.detail;
    await sleep(pause);
  }
  const lastLines = await endOfLog(folder.log);
  await stopProcess(folder, name);
  throw new CutoverError('CUT-4302', {
    name,
    pid: record.pid,
    seconds: kind.startSeconds,
    answer,
    lastLines,
    log,
  });
}

/** The last lines of a log, indented for a message. */
export async function endOfLog(path: string, lines = 8): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const last = text.trimEnd().split('\n').slice(-lines);
  return last.map((line) => `  | ${line}`).join('\n');
}

/** Refuses ports that someone holds, and says who. */
export async function assertPortsFree(place: Place, ports: readonly PortUse[]): Promise<void> {
  for (const port of ports) await assertFree(place, port);
}

async function assertFree(place: Place, { use, port, key }: PortUse): Promise<void> {
  const { name, stack } = place;
  // The last threads of a process that was just killed hold its port for some milliseconds; the system names no holder.
  const giveUp = Date.now() + 2000;
  for (;;) {
    const trouble = await portTrouble(port);
    if (trouble === undefined) return;
    const found = trouble === 'taken' ? await portHolder(port) : undefined;
    if (found?.pid !== undefined || trouble === 'not allowed' || Date.now() > giveUp) {
      const holder =
        trouble === 'taken' ? describeHolder(found) : 'the system (ports below 1024 are for root only)';
      throw new CutoverError('CUT-4300', {
        name,
        stack,
        use,
        port,
        holder,
        key: key ?? `the port of ${name}`,
      });
    }
    await sleep(50);
  }
}

interface Child {
  readonly pid: number;
  /** How it ended, in words, once it has. */
  readonly ended: () => string | undefined;
}

async function spawnTagged(place: Place, launch: Launch, launchHash: string): Promise<Child> {
  const { folder, name } = place;
  await keepLogSmall(folder.log);
  const log = await open(folder.log, 'a', 0o600);
  try {
    await log.write(`--- ${new Date().toISOString()} starting ${launch.engine} ${launch.version}\n`);
    const environment = {
      ...smallEnvironment(),
      ...launch.environment,
      [folderTag]: tagOf(folder),
      [launchTag]: launchTagOf(launchHash, launch.engine, launch.version),
    };
    const child = await startDetached({ ...launch, environment }, log).catch((cause: unknown) => {
      throw new CutoverError(
        'CUT-4303',
        {
          program: launch.file,
          name,
          why: messageOf(cause),
          fix: 'Run ./cutover doctor: it says what is missing and how to get it.',
        },
        { cause },
      );
    });
    let ended: string | undefined;
    void child.ended.then((how) => (ended = how));
    return { pid: child.pid, ended: () => ended };
  } finally {
    await log.close();
  }
}

/**
 * Our own environment holds the stack's passphrase and perhaps cloud keys: a local process gets none of it, only what
 * programs need to run at all.
 */
export function smallEnvironment(): Record<string, string> {
  const kept = ['HOME', 'TMPDIR', 'TZ', 'LANG', 'LC_ALL', 'SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'];
  const environment: Record<string, string> = {
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    HOME: homedir(),
    // Node processes of ours start in half the time, and take a third less memory, when their types are stripped once.
    NODE_COMPILE_CACHE: join(runtimeFolder, 'cache', 'node'),
  };
  for (const name of kept) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

async function keepLogSmall(path: string): Promise<void> {
  const limit = 8 << 20;
  const size = await stat(path).then(
    (facts) => facts.size,
    () => 0,
  );
  if (size > limit) await rename(path, `${path}.1`);
}
