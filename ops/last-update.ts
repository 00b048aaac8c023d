import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runtimeFolder } from '@cutover/base/project.ts';
import { engineAtWork, readEngineLocks } from './stack-state.ts';

/** How the last update of a stack ended: what it did not come to is in no list of what stands. */
export type LastUpdate =
  | { readonly kind: 'done' }
  /** It stopped at an error, or was told to stop. */
  | { readonly kind: 'stopped half-way'; readonly at: string }
  /** It was killed with operations under way. */
  | { readonly kind: 'cut off' }
  | { readonly kind: 'at work'; readonly pid: number };

/** Reads it from what the engine keeps in the project's folder; undefined where nothing tells. Takes milliseconds. */
export async function lastUpdateOf(
  stack: string,
  pendingOperations: number,
  state = join(runtimeFolder, 'state'),
): Promise<LastUpdate | undefined> {
  const { locks } = await readEngineLocks(stack, state);
  const pid = await engineAtWork(locks);
  if (pid !== undefined) return { kind: 'at work', pid };
  if (pendingOperations > 0) return { kind: 'cut off' };
  const folder = join(state, '.pulumi', 'history', 'cutover', stack);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.history.json'));
  const newest = names.toSorted().at(-1);
  if (newest === undefined) return undefined;
  try {
    const { result, endTime = 0 } = JSON.parse(await readFile(join(folder, newest), 'utf8')) as {
      readonly result?: string;
      readonly endTime?: number;
    };
    if (result === 'succeeded') return { kind: 'done' };
    return { kind: 'stopped half-way', at: new Date(endTime * 1000).toISOString() };
  } catch {
    return undefined; // Half-written: its engine was killed in its last moment.
  }
}

/** What is to be said of it, where it is not done. */
export function lastUpdateLine(stack: string, last: LastUpdate | undefined): string | undefined {
  switch (last?.kind) {
    case 'at work':
      return `An update of ${stack} is at work (process ${last.pid}): more may come.`;
    case 'cut off':
      return `The last update of ${stack} was cut off: what it did not come to is not listed. ./cutover up goes on.`;
    case 'stopped half-way':
      return `The last update of ${stack} stopped half-way (${last.at}): what it did not come to is not listed. ./cutover up goes on.`;
    case 'done':
    case undefined:
      return undefined;
  }
}
