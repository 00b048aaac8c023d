import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesWithEnvironment, processStartTime } from '@cutover/base/process-identity.ts';
import { environmentOf, identify, runs, type Identity } from '@cutover/delivery/processes/process-table.ts';
import { smallEnvironment } from '@cutover/delivery/processes/start.ts';
import type { BodyOf, KeptProcess, KeptProgram } from './body.ts';
import { bodyKey } from './plan.ts';

/** Names the twin's folder in the environment of everything that belongs to it. */
const folderVariable = 'CUTOVER_TWIN';
const bodyVariable = 'CUTOVER_BODY';

/**
 * Starts a program that outlives us, in a session of its own; its environment says whose it is.
 * SIDE EFFECTS: starts it, appends to its log.
 */
export async function spawnKept(folder: string, body: BodyOf, program: KeptProgram): Promise<KeptProcess> {
  const log = await open(program.log, 'a', 0o600);
  try {
    const child = spawn(program.file, program.args, {
      cwd: program.workingFolder,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: {
        ...smallEnvironment(),
        ...program.environment,
        [folderVariable]: folder,
        [bodyVariable]: bodyKey(body),
      },
      ...program.user,
    });
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) =>
        resolve(signal === null ? `exit code ${code}` : `signal ${signal}`),
      );
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    const pid = child.pid ?? 0;
    // Nothing where it has ended already; whoever waits for it to answer hears that.
    return { pid, started: (await processStartTime(pid)) ?? 'ended', ended };
  } finally {
    await log.close();
  }
}

/**
 * Ends processes: the signal, time to end in order, then SIGKILL for each and all that it started. One whose pid another
 * has by now is left alone. SIDE EFFECTS: signals processes; waits.
 */
export async function stopProcesses(
  processes: readonly Identity[],
  signal: NodeJS.Signals = 'SIGTERM',
  seconds = 10,
): Promise<void> {
  let left = await stillRunning(processes);
  for (const { pid } of left) {
    send(pid, signal);
    // One that is suspended cannot hear that it should end.
    send(pid, 'SIGCONT');
  }
  left = await waitFor(left, seconds);
  // Each leads a group of its own.
  for (const { pid } of left) send(-pid, 'SIGKILL');
  await waitFor(left, 5);
}

/** What was started for bodies of a folder and runs, whether or not it was written down. */
export async function processesOf(folder: string): Promise<readonly Identity[]> {
  const pids = await processesWithEnvironment(folderVariable, folder);
  const bodies = await Promise.all(pids.map(async (pid) => environmentOf(pid, bodyVariable)));
  return identify(pids.filter((_, index) => bodies[index] !== undefined));
}

const given = new Set<number>();

/** A free port of the loopback interface, each one given once; the one that was had before, if it comes free. */
export async function freePort(before?: number): Promise<number> {
  // What is left of a server that was killed holds its port for a moment.
  for (const giveUp = Date.now() + 2000; before !== undefined && Date.now() < giveUp; await sleep(50)) {
    if ((await tryPort(before)) !== undefined) return before;
  }
  for (;;) {
    const port = await tryPort(0);
    if (port === undefined || given.has(port)) continue;
    given.add(port);
    return port;
  }
}

/** The port, if one can listen on it. */
async function tryPort(wanted: number): Promise<number | undefined> {
  const server = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(wanted, '127.0.0.1', () => resolve(true));
  });
  if (!listens) return undefined;
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}

async function stillRunning(processes: readonly Identity[]): Promise<readonly Identity[]> {
  const alive = await Promise.all(processes.map(runs));
  return processes.filter((_, index) => alive[index]);
}

/** Waits until they have ended; returns those that have not. */
async function waitFor(processes: readonly Identity[], seconds: number): Promise<readonly Identity[]> {
  const giveUp = Date.now() + seconds * 1000;
  let left = processes;
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    left = await stillRunning(left);
    if (left.length === 0 || Date.now() > giveUp) return left;
    await sleep(pause);
  }
}
