import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromRoot } from '../../base/project.ts';
import type { Step } from '../steps.ts';
import { readActions } from './actions.ts';
import { readEngines } from './engines.ts';
import { formatEngines, formatLists, formatTable } from './format.ts';
import { makeTable } from './make-table.ts';
import { bringWheels } from './wheels.ts';

/** What the generator writes: paths in the project with their text. */
export type Files = Readonly<Record<string, string>>;

/** Makes the text of every file anew. SIDE EFFECTS: brings the wheels that they are made from. */
export async function makeFiles(step: Step): Promise<Files> {
  const wheels = await bringWheels(step);
  return {
    'ops/twin/facts/aws.json': formatTable(makeTable(fromRoot('node_modules/@pulumi/aws'), wheels)),
    'ops/twin/facts/engines.json': formatEngines(readEngines(wheels.cfnLint)),
    'ops/twin/iam/actions.json': formatLists(readActions(wheels.cfnLint)),
  };
}

/** The files that are not, byte for byte, what is in a folder. */
export async function staleFiles(files: Files, folder: string): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, text] of Object.entries(files)) {
    if ((await readFile(join(folder, path), 'utf8').catch(() => '')) !== text) stale.push(path);
  }
  return stale;
}
