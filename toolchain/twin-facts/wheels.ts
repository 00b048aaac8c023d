import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CutoverError } from '../../base/errors.ts';
import { fromRoot } from '../../base/project.ts';
import { cached } from '../cache.ts';
import { keyOf } from '../keys.ts';
import { downloadWheels } from '../pip.ts';
import { run } from '../run.ts';
import { findOnPath } from '../search-path.ts';
import type { Step } from '../steps.ts';

/** The Python packages whose data is read; no line of their code runs. */
export interface Wheels {
  readonly cfnLint: string;
  readonly botocore: string;
  readonly sources: readonly { readonly name: string; readonly version: string }[];
}

const requirements = 'toolchain/twin-facts/requirements.txt';

/** Brings the wheels into the cache, once for all clones. SIDE EFFECTS: downloads, writes the cache. */
export async function bringWheels(step: Step): Promise<Wheels> {
  const entry = await cached(`twin-facts-${keyOf([], [requirements])}`, step, (folder) => make(folder, step));
  const pinned = await readFile(fromRoot(requirements), 'utf8');
  return {
    cfnLint: join(entry.folder, 'cfnlint', 'data'),
    botocore: join(entry.folder, 'botocore', 'data'),
    sources: [...pinned.matchAll(/^([\w-]+)==(\S+)/gm)].map(([, name = '', version = '']) => ({
      name,
      version,
    })),
  };
}

async function make(folder: string, step: Step): Promise<string> {
  const python = findOnPath('python3')[0];
  if (python === undefined) throw new CutoverError('CUT-5350', { why: 'There is no python3 on PATH.' });
  const room = join(folder, 'wheels');
  await mkdir(room);
  step.doing('downloading the wheels');
  const got = await downloadWheels(python, requirements, room);
  if (got.status !== 0)
    throw new CutoverError('CUT-5350', { why: `pip could not download them: ${got.said}` });
  for (const wheel of await readdir(room)) {
    const unpacked = await run(python, ['-m', 'zipfile', '-e', join(room, wheel), folder]);
    if (unpacked.status !== 0) {
      throw new CutoverError('CUT-5350', { why: `${wheel} could not be unpacked: ${unpacked.said}` });
    }
  }
  await rm(room, { recursive: true });
  return 'Python wheels of cfn-lint and botocore';
}
