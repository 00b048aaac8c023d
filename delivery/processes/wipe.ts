import { rm } from 'node:fs/promises';
import { processFolder, processNames } from './folder.ts';
import { withLock } from './lock.ts';
import { wipeOutside } from './postgres/outside.ts';
import { stopProcess } from './stop.ts';

/**
 * Deletes everything that the local processes of a stack have on disk, also what lies outside the project. Stops
 * those that still run. SIDE EFFECTS: deletes data.
 */
export async function wipeStack(stack: string): Promise<void> {
  const names = await processNames(stack);
  await Promise.all(
    names.map(async (name) => {
      const folder = processFolder(stack, name);
      await withLock(folder, name, () => stopProcess(folder, name));
      await wipeOutside({ folder, name });
      await rm(folder.path, { recursive: true, force: true });
    }),
  );
}
