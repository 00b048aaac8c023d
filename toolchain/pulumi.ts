import { chmod, copyFile, mkdir, readdir, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CutoverError } from '../base/errors.ts';
import { fromRoot } from '../base/project.ts';
import { cached } from './cache.ts';
import { download } from './download.ts';
import { findGo, goBuild } from './go-build.ts';
import type { PresentPart } from './manifest.ts';
import pins from './pins.json' with { type: 'json' };
import { place, unplace } from './place.ts';
import { platform } from './platform.ts';
import { run } from './run.ts';
import { findOnPath, isAtLeast, isExecutable, versionIn } from './search-path.ts';
import type { Step } from './steps.ts';

const { version, atLeast } = pins.pulumi;

// The CLI and what it looks for beside itself or on PATH to run Node programs.
const languageHost = 'pulumi-language-nodejs';
const dynamicProviders = 'pulumi-resource-pulumi-nodejs';
const companions = [languageHost, dynamicProviders, 'pulumi-analyzer-policy'];

/** Finds the Pulumi CLI on PATH, or takes the official one, or builds it. SIDE EFFECTS: writes cache and links. */
export async function bringPulumi(key: string, step: Step): Promise<PresentPart> {
  const found = await onPath(step);
  if (found !== undefined) {
    await placeWithCompanions(dirname(await realpath(found.path)), found.path);
    return { ...found, path: await place('pulumi', found.path) };
  }
  const entry = await cached(`pulumi-${version}-${platform}-${key}`, step, (folder) => make(folder, step));
  await placeWithCompanions(entry.folder, join(entry.folder, 'pulumi'));
  return {
    state: 'present',
    version,
    path: await place('pulumi', join(entry.folder, 'pulumi')),
    origin: entry.origin,
  };
}

/** A CLI of the same major version, not older than the pinned one, and with the language host that runs programs. */
async function onPath(step: Step): Promise<PresentPart | undefined> {
  for (const path of findOnPath('pulumi')) {
    step.doing(`looking at ${path}`);
    const asked = await run(path, ['version'], {
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: 'true' },
      milliseconds: 20_000,
    });
    const found = versionIn(asked.stdout);
    if (asked.status !== 0 || found === undefined || found[0] !== atLeast[0] || !isAtLeast(found, atLeast))
      continue;
    const beside = isExecutable(join(dirname(await realpath(path)), languageHost));
    if (!beside && findOnPath(languageHost).length === 0) continue;
    return { state: 'present', version: found.join('.'), path, origin: `on PATH (${path})` };
  }
  return undefined;
}

// The companions that lie beside the CLI are linked with it: a PATH that holds our folder alone is then enough.
async function placeWithCompanions(folder: string, cli: string): Promise<void> {
  await unplace(...companions);
  for (const name of companions) {
    const [beside] = [join(folder, name), join(dirname(cli), name)].filter(isExecutable);
    if (beside !== undefined) await place(name, beside);
    else if (name === dynamicProviders) await place(name, fromRoot(`toolchain/${name}`));
  }
}

async function make(folder: string, step: Step): Promise<string> {
  const official = await takeOfficial(folder, step);
  if (official === 'taken') return 'official download';
  const go = await findGo('engine', step);
  if (go.state !== 'ready') {
    throw new CutoverError('CUT-5010', {
      version,
      why: official,
      go: go.state === 'absent' ? 'There is no Go on PATH to build it with' : `Go is too old: ${go.why}`,
    });
  }
  const failure = await goBuild(
    {
      go: go.program,
      module: 'engine',
      packages: ['github.com/pulumi/pulumi/pkg/v3/cmd/pulumi', './pulumi-language-nodejs'],
      linkerFlags: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`,
      into: folder,
    },
    step,
  );
  if (failure !== undefined) {
    throw new CutoverError('CUT-5011', { what: `The Pulumi CLI ${version}`, go: go.version, lines: failure });
  }
  await copyFile(fromRoot(`toolchain/${dynamicProviders}`), join(folder, dynamicProviders));
  await chmod(join(folder, dynamicProviders), 0o755);
  return `built from Go modules with Go ${go.version}`;
}

/** The official archive, and of it the programs for Node alone: the hosts of other languages are 200 MB. */
async function takeOfficial(folder: string, step: Step): Promise<string> {
  const base = process.env['CUTOVER_PULUMI_DOWNLOADS'] ?? 'https://get.pulumi.com/releases/sdk';
  const archive = join(folder, 'archive.tar.gz');
  const unpacked = join(folder, 'unpacked');
  const name = `pulumi-v${version}-${platform}.tar.gz`;
  const got = await download(`${base}/${name}`, archive, step);
  try {
    if (got.outcome !== 'done') return got.why;
    step.doing('unpacking');
    await mkdir(unpacked);
    const tar = await run('tar', ['-xzf', archive, '-C', unpacked]);
    if (tar.status !== 0) return `${name} cannot be unpacked: ${tar.said}`;
    for (const entry of await readdir(unpacked, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !['pulumi', ...companions].includes(entry.name)) continue;
      await rename(join(entry.parentPath, entry.name), join(folder, entry.name));
    }
    const asked = await run(join(folder, 'pulumi'), ['version'], {
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: 'true' },
    });
    if (asked.stdout.trim() === `v${version}` && isExecutable(join(folder, languageHost))) return 'taken';
    return `${name} holds no Pulumi CLI ${version} that runs here: ${asked.said}`;
  } finally {
    await rm(archive, { force: true });
    await rm(unpacked, { recursive: true, force: true });
  }
}
