import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { runtimeFolder } from '@cutover/base/project.ts';
import type { LaunchRecord } from './plan.ts';

/** A look each minute for a day, and some. */
const mostSamples = 2_000;

/** The launch of a system that was begun; undefined where there is none. SIDE EFFECTS: reads a file. */
export async function readLaunch(stack: string, system: string): Promise<LaunchRecord | undefined> {
  const text = await readFile(fileOf(stack, system), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as LaunchRecord);
}

/** SIDE EFFECTS: writes `.cutover/<stack>/<system>-launch.json`. */
export async function keepLaunch(stack: string, system: string, record: LaunchRecord): Promise<void> {
  await mkdir(join(runtimeFolder, stack), { recursive: true, mode: 0o700 });
  const kept = { ...record, samples: record.samples.slice(-mostSamples) };
  await writeFileAtomic(fileOf(stack, system), `${JSON.stringify(kept, null, 2)}\n`, 0o600);
}

function fileOf(stack: string, system: string): string {
  return join(runtimeFolder, stack, `${system}-launch.json`);
}
