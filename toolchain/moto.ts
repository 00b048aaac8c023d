import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CutoverError } from '../base/errors.ts';
import { cached } from './cache.ts';
import { keyOf } from './keys.ts';
import { installPackages } from './pip.ts';
import { platform } from './platform.ts';
import { run } from './run.ts';
import { findOnPath } from './search-path.ts';
import type { Step } from './steps.ts';
import { withHelp } from './strange-certificate.mjs';

const requirements = 'toolchain/moto-requirements.txt';

/**
 * Brings moto's server from PyPI, once for all clones; its program takes `-H` and `-p`. Only tests of commands that ask
 * AWS need it. SIDE EFFECTS: writes the cache.
 */
export async function bringMoto(step: Step): Promise<string> {
  const python = findOnPath('python3')[0];
  if (python === undefined) throw new CutoverError('CUT-5479', { why: 'there is no python3 on PATH' });
  const version = (await run(python, ['--version'])).stdout.trim();
  const key = keyOf([platform, version, launcher(python)], [requirements]);
  const entry = await cached(`moto-${platform}-${key}`, step, (folder) => make(folder, python, step));
  return join(entry.folder, 'moto_server');
}

async function make(folder: string, python: string, step: Step): Promise<string> {
  step.doing('pip install moto');
  const got = await installPackages(python, requirements, join(folder, 'packages'));
  if (got.status !== 0) throw new CutoverError('CUT-5479', { why: withHelp(got.said) });
  step.doing('compiling moto');
  // It would else be compiled at each start, for seconds. Never again: what is in the cache must not change later.
  const compile = ['-m', 'compileall', '-q', '-j', '2', '--invalidation-mode', 'unchecked-hash'];
  await run(python, [...compile, join(folder, 'packages')]);
  const program = join(folder, 'moto_server');
  await writeFile(program, launcher(python));
  await chmod(program, 0o755);
  return 'moto, from PyPI';
}

// moto cannot judge the conditions of a bucket's policy and takes every Deny as met, also "without TLS": it is told to
// leave them alone.
function launcher(python: string): string {
  return `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here/packages" exec '${python}' -c '
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket
FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL
from moto.server import main
main()' "$@"
`;
}
