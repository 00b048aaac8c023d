import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import type { LockHolder } from '../plan/migration-lock.ts';

/** This process as the holder of a lock. */
export async function thisHolder(): Promise<LockHolder> {
  return {
    host: hostname(),
    pid: process.pid,
    started: (await startOf(process.pid)) ?? 'unknown',
    since: new Date().toISOString(),
    token: randomBytes(8).toString('hex'),
  };
}

/** Whether the process of a holder lives; undefined where it cannot be seen from here. SIDE EFFECTS: asks the system. */
export async function isAlive({ host, pid, started }: LockHolder): Promise<boolean | undefined> {
  if (host !== hostname()) return undefined;
  const start = await startOf(pid);
  if (start === undefined) return false;
  return started === 'unknown' ? undefined : start === started;
}

/** When a process started, in the system's own terms; undefined when there is none. A zombie counts as none. */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    // The second field is the command in parentheses and may hold anything; the 22nd is the start in clock ticks.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields === undefined || fields[0] === 'Z' ? undefined : fields[19];
  }
  const answer = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => undefined);
  return answer?.stdout.trim() || undefined;
}
