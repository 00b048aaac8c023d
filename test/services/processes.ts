import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runtimeFolder } from '@cutover/base/project.ts';

/** A tool that the launcher installs, or the same one on PATH. Fails with words when there is none: tests do not skip. */
export function findTool(...names: string[]): string {
  const folders = [
    join(runtimeFolder, 'tools', 'bin'),
    ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
  ];
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
  if (found === undefined) {
    throw new Error(
      `${names.join(' or ')} is neither in .cutover/tools/bin nor on PATH: run ./cutover doctor, then ./cutover up`,
    );
  }
  return found;
}

/** A process of a test, with what it printed. */
export interface TestProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Sends the signal and waits for the end; its exit code, or the signal that ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  /** Waits for the end. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts a process; only what `env` names reaches it, and PATH. */
export function startProcess(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): TestProcess {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (part: Buffer) => (output += part.toString('utf8'));
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = once(child, 'close').then(
    ([code, signal]) => (code as number | null) ?? (signal as NodeJS.Signals | null),
  );
  return {
    child,
    output: () => output,
    ended,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Asks until the condition holds; fails with the last error, or what is given, when it does not in time. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 15_000,
): Promise<T> {
  const endAt = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < endAt) {
    try {
      const value = await look();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    await delay(50);
  }
  throw new Error(`${what}: not within ${timeoutMs} ms`, { cause: last });
}
