import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { keyOf } from './keys.ts';
import { installPackages } from './pip.ts';
import { place } from './place.ts';
import { platform } from './platform.ts';
import { run } from './run.ts';
import { findOnPath, isAtLeast, versionIn } from './search-path.ts';
import type { Step } from './steps.ts';
import { withHelp } from './strange-certificate.mjs';

/** The static analyser of contracts, or why it is not here. */
export type Slither =
  | { readonly state: 'present'; readonly path: string; readonly version: string }
  | { readonly state: 'missing'; readonly why: string };

const requirements = 'toolchain/slither-requirements.txt';

/**
 * Brings Slither from PyPI, once for all clones. It is no part that `up` waits for: only the static analysis asks for
 * it. SIDE EFFECTS: writes cache and links.
 */
export async function bringSlither(step: Step): Promise<Slither> {
  const python = await pythonOnPath();
  if (python === undefined) return missing('there is no python3 of version 3.10 or newer on PATH');
  const key = keyOf([platform, python.path, python.version], [requirements]);
  try {
    const entry = await cached(`slither-${platform}-${key}`, step, (folder) => make(folder, python, step));
    const path = await place('slither', join(entry.folder, 'slither'));
    return { state: 'present', path, version: entry.origin };
  } catch (error) {
    if (error instanceof NotBrought) return missing(error.message);
    throw error;
  }
}

interface Python {
  readonly path: string;
  readonly version: string;
}

class NotBrought extends Error {}

async function pythonOnPath(): Promise<Python | undefined> {
  for (const path of findOnPath('python3')) {
    const asked = await run(path, ['--version'], { milliseconds: 20_000 });
    const version = versionIn(asked.stdout);
    if (asked.status === 0 && version !== undefined && isAtLeast(version, [3, 10])) {
      return { path, version: version.join('.') };
    }
  }
  return undefined;
}

async function make(folder: string, { path: python }: Python, step: Step): Promise<string> {
  step.doing('pip install slither-analyzer');
  const got = await installPackages(python, requirements, join(folder, 'packages'));
  if (got.status !== 0) throw new NotBrought(`pip could not install it: ${withHelp(got.said)}`);
  const program = join(folder, 'slither');
  await writeFile(program, launcher(python));
  await chmod(program, 0o755);
  // Without leaving compiled files: what is in the cache must not change later.
  const asked = await run(program, ['--version'], { env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } });
  if (asked.status !== 0) throw new NotBrought(`it does not run here: ${asked.said}`);
  return asked.lastLine;
}

function launcher(python: string): string {
  return `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
PYTHONPATH="$here/packages" exec '${python}' -m slither "$@"
`;
}

function missing(why: string): Slither {
  return { state: 'missing', why };
}
