import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, isFreePort } from '@cutover/base/free-port.ts';
import { processesWithEnvironment, processStartTime } from '@cutover/base/process-identity.ts';
import {
  environmentOf,
  identify,
  leftAfter,
  runs,
  stillRunning,
  type Identity,
} from '@cutover/delivery/processes/process-table.ts';
import type { Answer } from '@cutover/delivery/plan/process.ts';
import { startDetached } from '@cutover/delivery/processes/detached.ts';
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
    const environment = {
      ...smallEnvironment(),
      ...program.environment,
      [folderVariable]: folder,
      [bodyVariable]: bodyKey(body),
    };
    const { pid, ended } = await startDetached({ ...program, environment }, log);
    // Nothing where it has ended already; whoever waits for it to answer hears that.
    return { pid, started: (await processStartTime(pid)) ?? 'ended', ended };
  } finally {
    await log.close();
  }
}

/** Waits until a server that was started answers well; false where it ends before, or time is up. SIDE EFFECTS: asks it. */
export async function answersWell(
  server: Identity,
  probe: () => Promise<Answer>,
  giveUp: number,
): Promise<boolean> {
  while (Date.now() < giveUp && (await runs(server))) {
    const heard = await probe();
    // Alive as well: else a stranger on the same port has answered.
    if (heard.kind === 'answers' && heard.well && (await runs(server))) return true;
    await sleep(30);
  }
  return false;
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
  left = await leftAfter(left, seconds);
  // Each leads a group of its own.
  for (const { pid } of left) send(-pid, 'SIGKILL');
  await leftAfter(left, 5);
}

/** What was started for bodies of a folder and runs, whether or not it was written down. */
export async function processesOf(folder: string): Promise<readonly Identity[]> {
  const pids = await processesWithEnvironment(folderVariable, folder);
  const bodies = await Promise.all(pids.map(async (pid) => environmentOf(pid, bodyVariable)));
  return identify(pids.filter((_, index) => bodies[index] !== undefined));
}

/** A free port of the loopback interface; the one that was had before, if it comes free. */
export async function freePortLike(before?: number): Promise<number> {
  // What is left of a server that was killed holds its port for a moment.
  for (const giveUp = Date.now() + 2000; before !== undefined && Date.now() < giveUp; await sleep(50)) {
    if (await isFreePort(before)) return before;
  }
  return freePort();
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}
