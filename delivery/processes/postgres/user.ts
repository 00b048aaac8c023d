import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CutoverError } from '@cutover/base/errors.ts';

/** A user of the system by its numbers. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** Whom to run PostgreSQL as. It refuses root; every other user runs it as itself (undefined). */
export async function unprivilegedUser(name: string): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  for (const login of ['postgres', '_postgres', 'nobody']) {
    const fields = users.find((line) => line.startsWith(`${login}:`))?.split(':');
    // macOS writes nobody as -2.
    const [uid, gid] = [Number(fields?.[2]) >>> 0, Number(fields?.[3]) >>> 0];
    if (fields !== undefined && uid !== 0) return { uid, gid };
  }
  throw new CutoverError('CUT-4307', { name });
}

/** Whether a user may enter every folder on the way to a path, and read the path itself. */
export async function canReach(path: string, user: SystemUser): Promise<boolean> {
  const enter = 1;
  const read = 4;
  for (let each = path, wanted = read; ; each = dirname(each), wanted = enter) {
    const facts = await stat(each).catch(() => undefined);
    if (facts === undefined) return false;
    const shift = facts.uid === user.uid ? 6 : facts.gid === user.gid ? 3 : 0;
    if (((facts.mode >> shift) & wanted) === 0) return false;
    if (dirname(each) === each) return true;
  }
}
