import { constants } from 'node:fs';
import { access, chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { runtimeFolder } from '@cutover/base/project.ts';
import { postgresPackage } from './package.ts';
import { sharedFolder } from './shared-folder.ts';
import { canReach, type SystemUser } from './user.ts';

/**
 * The folder of initdb and postgres, where the user that runs them can reach them and with the links between their
 * libraries in place. Used where npm put them if that does, else copied once.
 * SIDE EFFECTS: may make links in node_modules, or a copy of 60 MB.
 */
export async function reachablePrograms(
  name: string,
  user: SystemUser | undefined,
): Promise<{ readonly bin: string; readonly version: string }> {
  const { folder, version } = await postgresPackage(name);
  const installed = join(folder, 'native');
  if ((await isReachable(installed, user)) && (await hasLinks(folder, installed))) {
    return { bin: join(installed, 'bin'), version };
  }
  const tools = user === undefined ? join(runtimeFolder, 'tools') : await sharedFolder('tools', name);
  const copy = join(tools, `postgres-${version}-${process.platform}-${process.arch}`);
  if (!(await exists(join(copy, 'bin', 'postgres')))) {
    const temporary = `${copy}.${process.pid}.tmp`;
    await rm(temporary, { recursive: true, force: true });
    await mkdir(dirname(temporary), { recursive: true });
    const mode = constants.COPYFILE_FICLONE;
    await cp(installed, temporary, { recursive: true, verbatimSymlinks: true, mode });
    await openToAll(temporary);
    await makeLinks(folder, temporary);
    // Another command may have been first; its copy is as good.
    await rename(temporary, copy).catch(() => rm(temporary, { recursive: true, force: true }));
  }
  return { bin: join(copy, 'bin'), version };
}

/** What npm unpacked under a strict umask is its user's alone. */
async function openToAll(folder: string): Promise<void> {
  const inside = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = inside
    .filter((entry) => !entry.isSymbolicLink())
    .map(({ parentPath, name }) => join(parentPath, name));
  for (const path of [folder, ...paths]) {
    const { mode } = await stat(path);
    await chmod(path, mode | (mode & 0o100 ? 0o055 : 0o044));
  }
}

async function isReachable(native: string, user: SystemUser | undefined): Promise<boolean> {
  if (user === undefined) return true;
  const [program, data] = await Promise.all([
    canReach(join(native, 'bin', 'postgres'), user),
    canReach(join(native, 'share', 'postgresql', 'postgres.bki'), user),
  ]);
  return program && data;
}

/** Whether all links between the libraries are there, once those that are missing were tried. */
async function hasLinks(folder: string, native: string): Promise<boolean> {
  return makeLinks(folder, native).then(
    () => true,
    // A read-only node_modules.
    () => false,
  );
}

/** npm packages hold no links; this one lists them, for an install script that does not run. */
async function makeLinks(folder: string, native: string): Promise<void> {
  const text = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as readonly { readonly source: string; readonly target: string }[];
  for (const { source, target } of links) {
    const link = join(native, '..', target.replace(/^native/, basename(native)));
    if (await exists(link)) continue;
    await symlink(basename(source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
