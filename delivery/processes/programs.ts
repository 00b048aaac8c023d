import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { projectRoot, runtimeFolder } from '@cutover/base/project.ts';

/** An npm package that is installed. */
export interface InstalledPackage {
  readonly folder: string;
  readonly version: string;
}

/**
 * An installed npm package, looked for as Node does: in node_modules here and above. Its files are used as they are,
 * whatever its `exports` say. Undefined when it is not installed (npm skips optional packages for other platforms).
 */
export async function installedPackage(name: string): Promise<InstalledPackage | undefined> {
  for (let folder = projectRoot; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    const text = await readFile(join(candidate, 'package.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) {
      return { folder: candidate, version: (JSON.parse(text) as { version: string }).version };
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** Where a program is looked for when PATH does not have it: `pulumi up` may run with a PATH of two folders. */
const usualFolders = [
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/usr/local/sbin',
  '/usr/bin',
  '/usr/sbin',
  '/bin',
];

/** The first of `names` that the project's own tools, PATH or the usual folders have. */
export async function findProgram(names: readonly string[]): Promise<string | undefined> {
  const ownTools = join(runtimeFolder, 'tools', 'bin');
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  for (const name of names) {
    for (const folder of [ownTools, ...path, ...usualFolders]) {
      const file = join(folder, name);
      if (await isExecutable(file)) return file;
    }
  }
  return undefined;
}

/** A tool that Cutover set up for itself. */
export async function ownTool(name: string): Promise<string | undefined> {
  const file = join(runtimeFolder, 'tools', 'bin', name);
  return (await isExecutable(file)) ? file : undefined;
}

/** The first version number in what a program says of itself. SIDE EFFECTS: runs it. */
export function askVersion(file: string, args: readonly string[] = ['--version']): Promise<string> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: 5000, env: { LC_ALL: 'C' } }, (_, stdout, stderr) =>
      resolve(/\d+\.\d+[\w.-]*/.exec(stdout + stderr)?.[0] ?? 'unknown'),
    );
  });
}

/** Whether this user may run a file. */
export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
