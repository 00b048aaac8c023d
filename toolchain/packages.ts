import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CutoverError } from '../base/errors.ts';
import { projectRoot } from '../base/project.ts';
import { makeBundlesReady } from './bundled.ts';
import { downloadEnvironment } from '../base/user-cache.mjs';
import { toolsFolder, type PresentPart } from './manifest.ts';
import { complaintOf, npmManners } from './npm.ts';
import { keepTree, restoreTree } from './package-tree.ts';
import { run, type RunResult } from './run.ts';
import type { Step } from './steps.ts';

/** One package as npm writes it down, in package-lock.json and in what it keeps of an installed tree. */
export interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
}
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

const installedFile = join(projectRoot, 'node_modules', '.package-lock.json');
// There while npm works: what a killed npm left behind is not trusted.
const unfinished = join(toolsFolder, 'packages.unfinished');

/**
 * Sees that node_modules holds what package-lock.json names. SIDE EFFECTS: where it does not, takes the tree that
 * another clone installed, or runs `npm ci`.
 */
export async function bringPackages(key: string, step: Step): Promise<PresentPart> {
  const lock = readPackages(join(projectRoot, 'package-lock.json'));
  if (lock === undefined) {
    throw new CutoverError('CUT-5020', { lines: '  package-lock.json cannot be read' });
  }
  if (!existsSync(unfinished) && isInstalled(lock)) return present(lock, 'as installed before');
  await writeFile(
    unfinished,
    'npm was at work here; if it no longer is, the next ./cutover starts it again\n',
  );
  const restored = (await restoreTree(key, workspacesOf(lock), step)) && isInstalled(lock);
  if (!restored) {
    step.doing(`npm ci, ${Object.keys(lock).length} packages at most`);
    const done = await npmCi();
    if (done.status !== 0) throw new CutoverError('CUT-5020', { lines: complaintOf(done.said) });
    await makeBundlesReady();
    await keepTree(key, foldersOf(readPackages(installedFile) ?? {}), step);
  }
  await rm(unfinished);
  return present(
    readPackages(installedFile) ?? lock,
    restored ? 'as another clone installed them' : 'npm ci',
  );
}

function isInstalled(lock: LockedPackages): boolean {
  const there = readPackages(installedFile);
  return there !== undefined && holdsAll(there, lock);
}

/** Every node_modules of a tree: the project's, and those that workspaces have of their own. */
export function foldersOf(packages: LockedPackages): string[] {
  const folders = Object.keys(packages)
    .filter((path) => path.includes('node_modules/'))
    .map((path) => path.slice(0, path.indexOf('node_modules/') + 'node_modules'.length));
  return [...new Set(['node_modules', ...folders])];
}

/**
 * Whether an installed tree is what the lock asks for. Packages for other systems are optional, and then absent; a
 * package in the tree that the lock does not name makes it another tree.
 */
export function holdsAll(installed: LockedPackages, lock: LockedPackages): boolean {
  for (const [path, wanted] of Object.entries(lock)) {
    if (!path.includes('node_modules/')) continue; // the project and its workspaces
    const found = installed[path];
    if (found === undefined) {
      if (wanted.optional === true || wanted.devOptional === true) continue;
      return false;
    }
    if (found.version !== wanted.version || found.integrity !== wanted.integrity) return false;
  }
  return Object.keys(installed).every((path) => path in lock);
}

/** The folders of the workspaces that a lock file names. */
export function workspacesOf(lock: LockedPackages): string[] {
  return Object.keys(lock).filter((path) => path !== '' && !path.includes('node_modules/'));
}

async function npmCi(): Promise<RunResult> {
  const args = ['ci', ...npmManners];
  const options = { cwd: projectRoot, env: downloadEnvironment() };
  // What npm has kept is taken without asking the registry whether it is still the newest; where that is not enough,
  // npm asks.
  const first = await run('npm', [...args, '--prefer-offline'], options);
  return /ETARGET|ENOVERSIONS|EINTEGRITY/.test(first.said) ? run('npm', args, options) : first;
}

function present(packages: LockedPackages, origin: string): PresentPart {
  const count = Object.keys(packages).filter((path) => path.includes('node_modules/')).length;
  return { state: 'present', version: `${count} packages`, path: installedFile, origin };
}

function readPackages(file: string): LockedPackages | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { packages: LockedPackages }).packages;
  } catch {
    return undefined;
  }
}
