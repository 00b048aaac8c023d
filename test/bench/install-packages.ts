import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromRoot } from '@cutover/base/project.ts';

/**
 * Installs what a lock file names into a folder of its own, when it is not there as it says: never among the project's own
 * packages. `main` is the package by which that is known. SIDE EFFECTS: writes the folder, runs npm.
 */
export function installPackages(from: string, into: string, main: string): void {
  const [wanted, lock] = [join(from, 'package-lock.json'), join(into, 'package-lock.json')];
  const installed =
    existsSync(join(into, 'node_modules', main)) &&
    existsSync(lock) &&
    readFileSync(lock, 'utf8') === readFileSync(wanted, 'utf8');
  if (installed) return;
  mkdirSync(into, { recursive: true });
  cpSync(wanted, lock);
  cpSync(join(from, 'package.json'), join(into, 'package.json'));
  cpSync(fromRoot('.npmrc'), join(into, '.npmrc'));
  const { status, stdout, stderr } = spawnSync('npm', ['ci', '--prefer-offline'], {
    ...{ cwd: into, encoding: 'utf8', timeout: 900_000 },
  });
  if (status !== 0)
    throw new Error(`npm ci in ${into} ended with ${status}:\n${`${stdout}\n${stderr}`.slice(-2000)}`);
}
