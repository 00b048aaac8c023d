import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument, isMap } from 'yaml';
import { projectRoot } from '@cutover/base/project.ts';
import { makeClone, type Clone } from '../engine/clone.ts';
import { emptyProgram } from './empty-program.ts';
import { compared, figureTable, inTurn, type Figure } from './figures.ts';

// `./cutover test bench`: figures, each with a floor that ran in the same minutes. It judges nothing and fails only
// when something cannot be run. CUTOVER_BENCH_RUNS sets how often (5); CUTOVER_BENCH_COLD=1 adds the cold start.
const runs = Number(process.env['CUTOVER_BENCH_RUNS'] ?? 5);

const clone = await makeClone('bench');
const figures: Figure[] = [];
try {
  await seconds(['up']);
  figures.push(await unchangedUp(), await programStart(), await statusTime(), await launcherOverhead());
  figures.push(...providerSizes());
} finally {
  await clone.remove();
}
figures.push(await upFromNothing('with caches full', {}, '<= 20 s'));
if (process.env['CUTOVER_BENCH_COLD'] === '1') figures.push(await cold());
process.stdout.write(`\n${figureTable(figures)}\n`);

/** A no-change update of the dev stack, and an empty program with as many dynamic resources. */
async function unchangedUp(): Promise<Figure> {
  const count = providers(clone).length;
  const empty = emptyProgram(clone, count);
  const times = await inTurn(
    runs,
    () => seconds(['pulumi', 'up', '-s', 'dev', '--yes', '--skip-preview']),
    () => Promise.resolve(empty.run(['up', '--yes', '--skip-preview'])),
  );
  return compared(`no-change up, ${count} dynamic resources`, 'empty program with as many', times, '<= 1.5');
}

/** A preview of our program with every system switched off, and of a program that only loads Pulumi. */
async function programStart(): Promise<Figure> {
  const folder = join(clone.folder, '.cutover', 'bench', 'start');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'Pulumi.dev.yaml');
  writeFileSync(file, withoutSystems(readFileSync(join(clone.folder, 'Pulumi.dev.yaml'), 'utf8')));
  const empty = emptyProgram(clone, 0);
  const env = {
    ...empty.env,
    PULUMI_BACKEND_URL: `file://${encodeURI(join(folder, 'state'))}?create_dir=true&metadata=skip`,
  };
  const pulumi = (args: readonly string[]): Promise<number> =>
    seconds([...args, '--non-interactive'], env, join(clone.folder, '.cutover', 'tools', 'bin', 'pulumi'));
  // Made in a folder of its own, so that the CLI writes no salt into the clone's stack file.
  const maker = join(folder, 'maker');
  mkdirSync(maker);
  writeFileSync(join(maker, 'Pulumi.yaml'), 'name: cutover\nruntime: nodejs\n');
  await pulumi(['stack', 'init', 'dev', '-C', maker]);
  const salt = /^encryptionsalt:.*$/m.exec(readFileSync(join(maker, 'Pulumi.dev.yaml'), 'utf8'))?.[0];
  writeFileSync(file, `${readFileSync(file, 'utf8')}${salt}\n`);
  const times = await inTurn(
    runs,
    () => pulumi(['preview', '-s', 'dev', '--config-file', file]),
    () => Promise.resolve(empty.run(['preview'])),
  );
  return compared('program start, every system off', 'program that only loads Pulumi', times, '<= 1.3');
}

async function statusTime(): Promise<Figure> {
  const times = await inTurn(runs, () => seconds(['status']), nodeAlone);
  return compared('./cutover status', 'node alone', times, '<= 1 s');
}

async function launcherOverhead(): Promise<Figure> {
  const times = await inTurn(runs, () => seconds(['--version']), nodeAlone);
  return compared('./cutover --version: launcher and commands', 'node alone', times, '< 0.5 s added');
}

function providerSizes(): Figure[] {
  const sizes = providers(clone).map((provider) => provider.length);
  const largest = Math.max(...sizes);
  return [
    {
      what: '__provider in state, largest',
      ours: `${largest} B`,
      beside: `of ${sizes.length} resources`,
      ratio: '',
      aim: '<= 2000 B',
    },
  ];
}

/** A fresh clone without packages or tools, up to a stack that is up; beside it what npm alone takes. */
async function upFromNothing(how: string, env: NodeJS.ProcessEnv, aim: string): Promise<Figure> {
  const fresh = await makeClone('fresh');
  try {
    const bare = (): void => {
      for (const name of ['node_modules', '.cutover'])
        rmSync(join(fresh.folder, name), { recursive: true, force: true });
    };
    bare();
    const up = await fresh.run(['up'], { env });
    if (up.exit !== 0) throw new Error(`up from nothing:\n${up.stdout}\n${up.stderr}`);
    const down = await fresh.run(['down', '--wipe'], { env });
    if (down.exit !== 0) throw new Error(`down:\n${down.stdout}\n${down.stderr}`);
    rmSync(join(fresh.folder, 'node_modules'), { recursive: true, force: true });
    const began = performance.now();
    const npm = spawnSync('npm', ['ci', '--prefer-offline'], {
      cwd: fresh.folder,
      env: { ...process.env, ...env },
    });
    if (npm.status !== 0) throw new Error(`npm ci:\n${String(npm.stderr)}`);
    const floor = (performance.now() - began) / 1000;
    const ours = up.milliseconds / 1000;
    return {
      what: `./cutover up from nothing, ${how}`,
      ours: `${ours.toFixed(1)} s`,
      beside: `${floor.toFixed(1)} s npm ci alone`,
      ratio: (ours / floor).toFixed(2),
      aim,
    };
  } finally {
    await fresh.remove();
  }
}

/** The same with every cache empty: nothing is there but what the network gives. */
async function cold(): Promise<Figure> {
  const caches = join(projectRoot, '.cutover', 'test', `cold-${process.pid}`);
  const env = {
    XDG_CACHE_HOME: join(caches, 'xdg'),
    npm_config_cache: join(caches, 'npm'),
    GOMODCACHE: join(caches, 'go-modules'),
    GOCACHE: join(caches, 'go-build'),
    PIP_CACHE_DIR: join(caches, 'pip'),
    GOFLAGS: '-modcacherw -buildvcs=false',
  };
  try {
    return await upFromNothing('every cache empty', env, '<= 6 min');
  } finally {
    rmSync(caches, { recursive: true, force: true });
  }
}

async function seconds(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  program?: string,
): Promise<number> {
  const { exit, stdout, stderr, milliseconds } = await clone.run(args, {
    env,
    ...(program === undefined ? {} : { program }),
  });
  if (exit !== 0)
    throw new Error(`${program ?? './cutover'} ${args.join(' ')} ended with ${exit}:\n${stdout}\n${stderr}`);
  return milliseconds / 1000;
}

async function nodeAlone(): Promise<number> {
  return (await clone.run(['-e', '0'], { program: process.execPath })).milliseconds / 1000;
}

function providers(of: Clone): string[] {
  const file = join(of.folder, '.cutover', 'state', '.pulumi', 'stacks', 'cutover', 'dev.json');
  const state = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly checkpoint: {
      readonly latest: { readonly resources: { readonly inputs?: Record<string, unknown> }[] };
    };
  };
  return state.checkpoint.latest.resources.flatMap(({ inputs }) => {
    const provider = inputs?.['__provider'];
    return typeof provider === 'string' ? [provider] : [];
  });
}

function withoutSystems(yaml: string): string {
  const document = parseDocument(yaml);
  const systems = document.getIn(['config', 'cutover:systems']);
  if (!isMap(systems)) throw new Error('Pulumi.dev.yaml has no cutover:systems');
  for (const { key } of systems.items)
    document.setIn(['config', 'cutover:systems', String(key), 'enabled'], false);
  return document.toString();
}
