import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes a folder of this process, and deletes those of processes that were killed. SIDE EFFECTS: writes and deletes folders. */
export async function temporaryFolder(parent: string, prefix: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  const shape = new RegExp(`^${prefix}-(\\d+)-`);
  for (const name of await readdir(parent)) {
    const pid = shape.exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    // Another user's is not ours to delete.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
  return mkdtemp(join(parent, `${prefix}-${process.pid}-`));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}
