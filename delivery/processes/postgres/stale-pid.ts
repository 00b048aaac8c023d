import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { processCommand } from '@cutover/base/process-identity.ts';

/**
 * A server that was killed leaves its pid behind, and the next one would refuse to start if a stranger had that pid by
 * now. It is removed when that process is no server of this data. SIDE EFFECTS: removes the file.
 */
export async function removeStalePid(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (!(pid > 0)) return;
  const command = await processCommand(pid);
  if (command?.includes(data) !== true) await rm(file, { force: true });
}
