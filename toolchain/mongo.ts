import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CutoverError } from '../base/errors.ts';
import { cached } from './cache.ts';
import { findGo, goBuild } from './go-build.ts';
import type { PresentPart } from './manifest.ts';
import pins from './pins.json' with { type: 'json' };
import { place, unplace } from './place.ts';
import { platform } from './platform.ts';
import { run } from './run.ts';
import { findOnPath, isAtLeast, isExecutable, versionIn } from './search-path.ts';
import type { Step } from './steps.ts';

const { version, atLeast } = pins.mongod;

/**
 * A server of the MongoDB protocol: a real mongod where one is on PATH or can be downloaded, else FerretDB, which
 * speaks the protocol over SQLite. SIDE EFFECTS: writes cache and links.
 */
export async function bringMongo(key: string, step: Step): Promise<PresentPart> {
  const found = await onPath(step);
  if (found !== undefined) {
    await unplace('mongo-wire');
    return { ...found, path: await place('mongod', found.path) };
  }
  const entry = await cached(`mongo-${platform}-${key}`, step, (folder) => make(folder, step));
  const real = join(entry.folder, 'mongod');
  if (isExecutable(real)) {
    await unplace('mongo-wire');
    return {
      state: 'present',
      kind: 'mongod',
      version,
      path: await place('mongod', real),
      origin: entry.origin,
    };
  }
  await unplace('mongod');
  const path = await place('mongo-wire', join(entry.folder, 'mongo-wire'));
  const asked = await run(path, ['--version']);
  const ferret = versionIn(asked.stdout)?.join('.') ?? 'of an unknown version';
  return { state: 'present', kind: 'ferretdb', version: ferret, path, origin: entry.origin };
}

async function onPath(step: Step): Promise<PresentPart | undefined> {
  for (const path of findOnPath('mongod')) {
    step.doing(`looking at ${path}`);
    const asked = await run(path, ['--version'], { milliseconds: 20_000 });
    const found = versionIn(asked.stdout);
    if (asked.status !== 0 || found === undefined || !isAtLeast(found, atLeast)) continue;
    return { state: 'present', kind: 'mongod', version: found.join('.'), path, origin: `on PATH (${path})` };
  }
  return undefined;
}

async function make(folder: string, step: Step): Promise<string> {
  const downloaded = await takeMongod(folder, step);
  if (downloaded === 'taken') return 'official download';
  const go = await findGo('mongo-wire', step);
  if (go.state !== 'ready') {
    throw new CutoverError('CUT-5012', {
      why: downloaded,
      go: go.state === 'absent' ? 'There is no Go on PATH to build one with' : `Go is too old: ${go.why}`,
    });
  }
  const failure = await goBuild(
    { go: go.program, module: 'mongo-wire', packages: ['.'], into: folder },
    step,
  );
  if (failure !== undefined) {
    throw new CutoverError('CUT-5011', {
      what: 'The MongoDB-protocol server',
      go: go.version,
      lines: failure,
    });
  }
  return `FerretDB, built from Go modules with Go ${go.version}`;
}

/** mongodb-memory-server knows which archive fits which system. It prints as it goes, so it runs apart. */
async function takeMongod(folder: string, step: Step): Promise<string> {
  step.doing('asking for a mongod download');
  const room = join(folder, 'download');
  try {
    const got = await run(process.execPath, [join(import.meta.dirname, 'fetch-mongod.ts'), version, room], {
      env: { ...process.env, NODE_USE_ENV_PROXY: '1' },
      onLine: (line) => {
        const percent = /(\d+)(?:\.\d+)?%/.exec(line)?.[1];
        if (percent !== undefined) step.doing(`downloading mongod, ${percent} %`);
      },
    });
    const path = /^mongod: (.+)$/m.exec(got.stdout)?.[1];
    if (got.status !== 0 || path === undefined) return got.lastLine;
    await copyFile(path, join(folder, 'mongod'));
    const asked = await run(join(folder, 'mongod'), ['--version']);
    if (asked.status === 0 && versionIn(asked.stdout)?.join('.') === version) return 'taken';
    await rm(join(folder, 'mongod'), { force: true });
    return `the mongod that was downloaded does not run here: ${asked.said}`;
  } finally {
    await rm(room, { recursive: true, force: true });
  }
}
