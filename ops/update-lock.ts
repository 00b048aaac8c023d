import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CutoverError } from '@cutover/base/errors.ts';
import { runtimeFolder } from '@cutover/base/project.ts';
import { processStartTime } from '@cutover/base/process-identity.ts';

interface Holder {
  readonly pid: number;
  readonly started: string | undefined;
  readonly command: string;
  readonly since: string;
}

/**
 * Holds a stack for one command of ours at a time. A holder that is no longer there does not count, so nothing that
 * was killed leaves a lock to the user. SIDE EFFECTS: writes and removes `.cutover/<stack>/update.lock`.
 */
export async function withUpdateLock<T>(stack: string, command: string, work: () => Promise<T>): Promise<T> {
  const path = join(runtimeFolder, stack, 'update.lock');
  await mkdir(join(runtimeFolder, stack), { recursive: true, mode: 0o700 });
  await take(path, stack, command);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string, stack: string, command: string): Promise<void> {
  const mine: Holder = {
    pid: process.pid,
    started: await processStartTime(process.pid),
    command,
    since: new Date().toISOString(),
  };
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      const file = await open(path, 'wx', 0o600);
      await file.writeFile(JSON.stringify(mine));
      await file.close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await readHolder(path);
    if (holder !== undefined && (await isThere(holder))) {
      throw new CutoverError('CUT-5102', {
        stack,
        command: holder.command,
        pid: holder.pid,
        since: holder.since,
      });
    }
    await rm(path, { force: true });
  }
  throw new CutoverError('CUT-5102', { stack, command: 'another command', pid: undefined, since: undefined });
}

// An unreadable lock is one that is being written, or was when its writer was killed.
async function readHolder(path: string): Promise<Holder | undefined> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      return JSON.parse(await readFile(path, 'utf8')) as Holder;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return undefined;
}

async function isThere(holder: Holder): Promise<boolean> {
  const started = await processStartTime(holder.pid);
  return started !== undefined && started === holder.started;
}
