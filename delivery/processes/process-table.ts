import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesWithEnvironment, processStartTime } from '@cutover/base/process-identity.ts';
import type { ProcessFolder } from './folder.ts';

/** Marks a process, and all that it starts, as belonging to a process folder. */
export const folderTag = 'CUTOVER_PROCESS';
/** Says what it was started as, so that one whose start was never written down can be taken over. */
export const launchTag = 'CUTOVER_LAUNCH';

/** A process for good: its pid and when it started. */
export interface Identity {
  readonly pid: number;
  readonly started: string;
}

/** The value of the folder tag. It ends with a slash, so that `post` is not found in `postgres`. */
export function tagOf(folder: Pick<ProcessFolder, 'path'>): string {
  return `${folder.path}/`;
}

/** The value of the launch tag: what was started, and from which description. Without spaces: `ps` parts by them. */
export function launchTagOf(hash: string, engine: string, version: string): string {
  return [hash, engine, version].map((part) => part.replaceAll(/[\s/]/g, '-')).join('/');
}

/** Reads a launch tag. */
export function readLaunchTag(
  value: string | undefined,
): { readonly hash: string; readonly engine: string; readonly version: string } | undefined {
  const [hash, engine, version] = value?.split('/') ?? [];
  return hash === undefined || engine === undefined || version === undefined
    ? undefined
    : { hash, engine, version };
}

/** Whether this very process still runs. */
export async function runs(identity: Identity): Promise<boolean> {
  return (await processStartTime(identity.pid)) === identity.started;
}

/** Those of several that still run. */
export async function stillRunning(processes: readonly Identity[]): Promise<readonly Identity[]> {
  const alive = await Promise.all(processes.map(runs));
  return processes.filter((_, index) => alive[index]);
}

/** Waits until processes have ended, so many seconds at most; returns those that have not. */
export async function leftAfter(
  processes: readonly Identity[],
  seconds: number,
): Promise<readonly Identity[]> {
  const giveUp = Date.now() + seconds * 1000;
  let left = processes;
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    left = await stillRunning(left);
    if (left.length === 0 || Date.now() > giveUp) return left;
    await sleep(pause);
  }
}

/** Everything that runs and was started for a folder, whether or not it was written down. */
export async function taggedProcesses(folder: ProcessFolder): Promise<readonly Identity[]> {
  return identify(await processesWithEnvironment(folderTag, tagOf(folder)));
}

/** Those of `pids` that run, by their identity; never this process. */
export async function identify(pids: readonly number[]): Promise<readonly Identity[]> {
  const found = await Promise.all(
    pids
      .filter((pid) => pid !== process.pid)
      .map(async (pid) => ({ pid, started: await processStartTime(pid) })),
  );
  return found.flatMap(({ pid, started }) => (started === undefined ? [] : [{ pid, started }]));
}

/** How the system sees a process. */
export interface ProcessState {
  readonly suspended: boolean;
  /** Whether it is the first of its process group, as everything is that we start. */
  readonly leader: boolean;
  readonly parent: number;
}

/** How the system sees a process now. */
export async function processState(pid: number): Promise<ProcessState> {
  const [state, parent, group] =
    process.platform === 'linux'
      ? (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')).replace(/^.*\) /s, '').split(' ')
      : (await ps(['-o', 'stat=,ppid=,pgid=', '-p', String(pid)])).trim().split(/\s+/);
  return {
    suspended: /^[Tt]/.test(state ?? ''),
    leader: Number(group) === pid,
    parent: Number(parent),
  };
}

/** Of processes that belong together those that none of the others started, with how the system sees them. */
export async function firstOnes(
  together: readonly Identity[],
): Promise<readonly (Identity & ProcessState)[]> {
  const states = await Promise.all(together.map(({ pid }) => processState(pid)));
  const pids = new Set(together.map(({ pid }) => pid));
  return together.flatMap((identity, index) => {
    const state = states[index];
    return state === undefined || pids.has(state.parent) ? [] : [{ ...identity, ...state }];
  });
}

/** One variable of the environment that a process was started with. */
export async function environmentOf(pid: number, variable: string): Promise<string | undefined> {
  const separator = process.platform === 'linux' ? '\0' : ' ';
  const text =
    process.platform === 'linux'
      ? await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      : await ps(['-Eww', '-o', 'command=', '-p', String(pid)]);
  const start = `${variable}=`;
  return text
    .split(separator)
    .find((entry) => entry.startsWith(start))
    ?.slice(start.length)
    .trim();
}

function ps(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile('/bin/ps', args, { env: { LC_ALL: 'C' } }, (_, stdout) => resolve(stdout));
  });
}
