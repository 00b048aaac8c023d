import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';

const known = new Map<string, string>();

/**
 * Writes a file whole, into the folder that was there at first. Someone who deleted that folder, or put another in its
 * place, wants a new beginning, and does not get the old data back from a process that is ending.
 * SIDE EFFECTS: writes the file.
 */
export async function keepFile(path: string, content: string): Promise<void> {
  const folder = dirname(path);
  if ((await nameOfFolder(folder)) !== known.get(folder))
    throw new Error(`the folder ${folder} is not the one that was there at first`);
  await writeFileAtomic(path, content, 0o600);
}

/** Remembers which folder is there now. */
export async function rememberFolder(folder: string): Promise<void> {
  known.set(folder, await nameOfFolder(folder));
}

async function nameOfFolder(folder: string): Promise<string> {
  const { ino, birthtimeNs } = await stat(folder, { bigint: true });
  return `${ino}-${birthtimeNs}`;
}
