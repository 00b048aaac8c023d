import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CutoverError } from '@cutover/base/errors.ts';

const outside = '/var/tmp';

/**
 * A folder outside the project, which root makes and another user may enter: a project under /root, say, cannot be
 * entered by the user that PostgreSQL runs as. One that somebody else put there first is refused.
 * SIDE EFFECTS: makes the folder.
 */
export async function sharedFolder(purpose: string, name: string): Promise<string> {
  const folder = join(outside, `cutover-${process.getuid?.() ?? 0}-${purpose}`);
  await mkdir(folder, { mode: 0o711 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const facts = await lstat(folder);
  const why = !facts.isDirectory()
    ? 'it is no folder'
    : facts.uid !== process.getuid?.()
      ? 'it belongs to another user'
      : (facts.mode & 0o022) !== 0
        ? 'others may write to it'
        : undefined;
  if (why !== undefined) throw new CutoverError('CUT-4308', { folder, name, why });
  await letThrough(folder);
  return folder;
}

/** Lets others pass through a folder, which a strict umask (077) has taken from it when it was made. */
export async function letThrough(folder: string): Promise<void> {
  await chmod(folder, 0o711);
}

/** A short name for a path: the same in every run, another for every clone. */
export function nameOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16);
}
