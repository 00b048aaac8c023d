import { appendFile, mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { runtimeFolder } from '@cutover/base/project.ts';

/** One deed of an operator that is more than an ordinary update. */
export interface Operation {
  readonly command: string;
  readonly system: string;
  readonly reason: string;
  readonly from: string;
  readonly to: string;
  /** Exit code of the update that carried it out. */
  readonly exit: number;
}

/** Writes down who did what, when and why. SIDE EFFECTS: appends to `.cutover/<stack>/operations.jsonl`. */
export async function recordOperation(stack: string, operation: Operation): Promise<void> {
  const folder = join(runtimeFolder, stack);
  await mkdir(folder, { recursive: true });
  const line = { at: new Date().toISOString(), by: userInfo().username, ...operation };
  await appendFile(join(folder, 'operations.jsonl'), `${JSON.stringify(line)}\n`, { mode: 0o600 });
}
