import { fromRoot } from '../base/project.ts';
import { downloadEnvironment } from '../base/user-cache.mjs';
import { run, type RunResult } from './run.ts';

/** Downloads the wheels that a file of requirements pins by hash, as they are. SIDE EFFECTS: downloads, writes the folder. */
export function downloadWheels(python: string, requirements: string, folder: string): Promise<RunResult> {
  return pip(python, ['download', '--no-deps', '--dest', folder], requirements);
}

/**
 * Installs what a file of requirements pins by hash, with nothing compiled. Into a plain folder: a virtual environment
 * holds its own path and cannot be put in place afterwards. SIDE EFFECTS: downloads, writes the folder.
 */
export function installPackages(python: string, requirements: string, folder: string): Promise<RunResult> {
  return pip(python, ['install', '--no-compile', '--target', folder], requirements);
}

function pip(
  python: string,
  [command = '', ...more]: readonly string[],
  requirements: string,
): Promise<RunResult> {
  const quiet = ['--quiet', '--disable-pip-version-check'];
  const pinned = ['--only-binary=:all:', '--require-hashes', '--requirement', fromRoot(requirements)];
  return run(python, ['-m', 'pip', command, ...quiet, ...more, ...pinned], { env: downloadEnvironment() });
}
