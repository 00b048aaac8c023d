import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A command line that deploys the system. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Ran {
  readonly exit: number | null;
  readonly output: string;
  readonly seconds: number;
  /** The most that all of its processes held in memory at one moment, as the sum of their resident sets. */
  readonly peakMiB: number;
}

export interface RunningTool {
  readonly ended: Promise<Ran>;
  /** kill -9 of the process and all that it started. */
  readonly kill: () => void;
}

const sampleMs = 50;
const pageKiB = 4;

/** Starts a command, and measures it until it has ended. It is killed when its time is over. */
export function startTool(command: Command, timeoutMs: number): RunningTool {
  const startedAt = performance.now();
  const child = spawn(command.program, command.args, {
    cwd: command.cwd,
    env: { ...process.env, NO_COLOR: '1', ...command.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const known = new Set<number>(child.pid === undefined ? [] : [child.pid]);
  let [output, peakKiB] = ['', 0];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const sample = (): void => {
    peakKiB = Math.max(peakKiB, residentOf(known));
  };
  const kill = (): void => {
    sample();
    for (const pid of known) killOne(pid);
  };
  const sampler = setInterval(sample, sampleMs);
  const timer = setTimeout(() => {
    output += `\nkilled after ${timeoutMs / 1000} s`;
    kill();
  }, timeoutMs);
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => {
      clearInterval(sampler);
      clearTimeout(timer);
      const seconds = (performance.now() - startedAt) / 1000;
      resolve({ exit, output, seconds, peakMiB: Math.round(peakKiB / 1024) });
    });
  });
  return { ended, kill };
}

/** Adds the children of known processes to them, and sums up what all of them hold. */
function residentOf(known: Set<number>): number {
  const rows = readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    const stat = read(`/proc/${entry}/stat`);
    // The name, in brackets, may hold anything; the fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [{ pid: Number(entry), parent: Number(fields[1]), pages: Number(fields[21] ?? 0) }];
  });
  const alive = new Set(rows.map(({ pid }) => pid));
  for (const pid of known) if (!alive.has(pid)) known.delete(pid);
  // A child may come before its parent in the list.
  for (let before = -1; before !== known.size;) {
    before = known.size;
    for (const { pid, parent } of rows) if (known.has(parent)) known.add(pid);
  }
  return rows.reduce((sum, { pid, pages }) => sum + (known.has(pid) ? pages * pageKiB : 0), 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
