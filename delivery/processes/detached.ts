import { spawn } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';
import type { Launch } from './kind.ts';

/** A program that was started. */
export interface Detached {
  readonly pid: number;
  /** How it ended, in words, once it has: `exit code 1`, `signal SIGKILL`. */
  readonly ended: Promise<string>;
}

/**
 * Starts a program that outlives us, in a session of its own: neither Ctrl-C nor the engine's clean-up reaches it. It gets
 * the environment and nothing else, and appends what it says to the log. SIDE EFFECTS: starts it.
 */
export async function startDetached(
  {
    file,
    args,
    environment,
    workingFolder,
    user,
  }: Pick<Launch, 'file' | 'args' | 'environment' | 'workingFolder' | 'user'>,
  log: FileHandle,
): Promise<Detached> {
  const child = spawn(file, args, {
    ...{ cwd: workingFolder, env: environment, ...user },
    ...{ detached: true, stdio: ['ignore', log.fd, log.fd] },
  });
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  return { pid: child.pid ?? 0, ended };
}
