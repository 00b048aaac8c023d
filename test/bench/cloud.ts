import { spawn, spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { processCommand, processesWithEnvironment } from '@cutover/base/process-identity.ts';
import { projectRoot, runtimeFolder } from '@cutover/base/project.ts';
import { loadStackConfig } from '../../ops/config.ts';
import { clearStage, setStage } from '../../ops/rehearse/stage.ts';
import { standInsFor } from '../../ops/rehearse/stand-ins.ts';
import { prepareTwin } from '../../ops/twin/scratch.ts';
import { compared, figureTable, inTurn, median, type Figure } from './figures.ts';

// `node test/bench/cloud.ts`: CoinEstate of staging on the twin, all waits scaled to zero, beside programs that do less.
// It judges nothing, and needs Linux for the figures of memory. Policies are not asked.
const runs = Number(process.env['CUTOVER_BENCH_RUNS'] ?? 3);
const bench = join(runtimeFolder, 'bench', `cloud-${process.pid}`);
const folder = join(bench, 'staging');
const up = ['up', '--yes', '--skip-preview'];
const regions = ['us-east-1', 'us-west-2', 'eu-west-1', 'ap-southeast-1'];
const sdkImport = /^import (?!type )[^;]*?'(@pulumi\/(?:aws|pulumi)[^']*)'/gm;

interface Prepared {
  readonly env: NodeJS.ProcessEnv;
  readonly args: readonly string[];
  readonly cwd: string;
}

try {
  const figures: Figure[] = [
    ...(await programStart()),
    await fromNothing(),
    ...(await unchanged()),
    ...(await growth([1, 2, 4])),
  ];
  process.stdout.write(`\n${figureTable(figures)}\n`);
} finally {
  await clearStage(folder);
  rmSync(bench, { recursive: true, force: true });
}

/** The first update of all, each time in an empty cloud and on a new chain. */
async function fromNothing(): Promise<Figure> {
  const times: number[] = [];
  let resources = 0;
  for (let run = 0; run < runs; run++) {
    await onStage(async (stack) => {
      times.push((await pulumi(stack, up)).seconds);
      resources = resourcesIn(folder, 'cutover', 'staging');
    });
  }
  return {
    what: `CoinEstate staging from nothing, ${resources} resources`,
    ours: `${median(times).toFixed(1)} s (${Math.min(...times).toFixed(1)}-${Math.max(...times).toFixed(1)})`,
    ...{ beside: '', ratio: '', aim: '<= 30 s' },
  };
}

/** A no-change update, and a program with as many parameters under the same engine and plugin. */
async function unchanged(): Promise<readonly Figure[]> {
  let figures: readonly Figure[] = [];
  await onStage(async (stack) => {
    await pulumi(stack, up);
    const count = resourcesIn(folder, 'cutover', 'staging');
    const empty = await emptyProgram(count);
    await pulumi(empty, up);
    const peaks = new Map<string, number>();
    const times = await inTurn(
      runs,
      async () => {
        const { seconds, memory } = await pulumi(stack, up);
        keepPeaks(peaks, memory);
        return seconds;
      },
      async () => (await pulumi(empty, up)).seconds,
    );
    figures = [
      compared(`no-change up, ${count} resources`, 'parameters, as many', times, '<= 1.5'),
      {
        what: 'most memory at once, no-change up',
        ours: memoryText(peaks),
        ...{ beside: '', ratio: '', aim: '' },
      },
    ];
  });
  return figures;
}

/**
 * An API with its network in so many regions, from nothing and again: CoinEstate itself is described in its primary
 * region only. The ratio is that of a resource's time to that of a resource in one region.
 */
async function growth(counts: readonly number[]): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  let perResource: number | undefined;
  for (const count of counts) {
    const place = join(bench, `regions-${count}`);
    const twin = await prepareTwin('trial', { folder: place, project: 'aws-network', stackFile: '' });
    const WANTS = JSON.stringify({ regions: regions.slice(0, count) });
    const cwd = join(projectRoot, 'test', 'fixtures', 'aws-network');
    const stack = { env: { ...twin.env, WANTS }, args: twin.args, cwd };
    const first = await pulumi(stack, up);
    const again: number[] = [];
    const peaks = new Map(first.memory);
    for (let run = 0; run < runs; run++) {
      const { seconds, memory } = await pulumi(stack, up);
      again.push(seconds);
      keepPeaks(peaks, memory);
    }
    const resources = resourcesIn(place, 'aws-network', 'trial');
    const each = first.seconds / resources;
    perResource ??= each;
    figures.push({
      what: `${count} ${count === 1 ? 'region' : 'regions'}, ${resources} resources: from nothing, then unchanged`,
      ours: `${first.seconds.toFixed(1)} s, ${median(again).toFixed(1)} s`,
      beside: `at most ${memoryText(peaks)}`,
      ratio: (each / perResource).toFixed(2),
      aim: '',
    });
  }
  return figures;
}

/**
 * What it takes to load the program's modules and to load those of the SDK that they import: as programs under the
 * engine, which is what a user waits for, and by Node alone, without what CLI and host take on both sides.
 */
async function programStart(): Promise<readonly Figure[]> {
  const ours = ['infra/index.ts', 'infra/cloud.ts', 'infra/systems/coinestate-cloud.ts'];
  // index.ts itself asks the engine at once, so what it imports stands for it.
  const entries = ours.flatMap((file) =>
    file === 'infra/index.ts' ? importsOf(file) : [join(projectRoot, file)],
  );
  const sdk = ['infra', 'components', 'chain/resources', 'delivery/resources']
    .flatMap((room) =>
      globSync(`${room}/**/*.ts`, { cwd: projectRoot, exclude: (name) => name === 'node_modules' }),
    )
    .flatMap((file) => [...readFileSync(join(projectRoot, file), 'utf8').matchAll(sdkImport)])
    .map(([, target = '']) => target);
  const modules = [...new Set(sdk)];
  const [whole, alone] = [await startProgram('start', entries), await startProgram('start-sdk', modules)];
  const byEngine = await inTurn(
    runs,
    async () => (await pulumi(whole, ['preview'])).seconds,
    async () => (await pulumi(alone, ['preview'])).seconds,
  );
  const byNode = await inTurn(
    // Short runs vary more.
    3 * runs,
    () => Promise.resolve(secondsToLoad(entries)),
    () => Promise.resolve(secondsToLoad(modules)),
  );
  const beside = `${modules.length} modules of the SDK alone`;
  return [
    compared('program start: its modules, by the engine', beside, byEngine, '<= 1.3'),
    compared('program start: its modules, by Node', beside, byNode, ''),
  ];
}

/** A program that imports these modules and describes nothing, under the same engine. */
async function startProgram(name: string, modules: readonly string[]): Promise<Prepared> {
  const program = makeProgram(name, importing(modules));
  const twin = await prepareTwin('staging', {
    folder: join(bench, `${name}-state`),
    project: name,
    stackFile: '',
  });
  return { env: twin.env, args: twin.args, cwd: program };
}

function importsOf(file: string): readonly string[] {
  const source = readFileSync(join(projectRoot, file), 'utf8');
  const imports = /^import (?!type )[^;]*?'([^']+)'|import\('(\.\/systems\/[^']+)'\)/gm;
  return [...source.matchAll(imports)].map(([, fixed = '', target = fixed]) =>
    target.startsWith('.') ? join(projectRoot, file, '..', target) : target,
  );
}

function secondsToLoad(modules: readonly string[]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `${importing(modules)}\nprocess.exit(0)`],
    {
      cwd: projectRoot,
      env: { ...process.env, NODE_COMPILE_CACHE: join(runtimeFolder, 'cache', 'node') },
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`The modules could not be loaded:\n${stderr}`);
  return (performance.now() - began) / 1000;
}

function importing(modules: readonly string[]): string {
  const specifiers = modules.map((each) => (each.startsWith('/') ? pathToFileURL(each).href : each));
  return specifiers.map((each) => `import ${JSON.stringify(each)};`).join('\n');
}

async function onStage(work: (stack: Prepared) => Promise<void>): Promise<void> {
  const text = readFileSync(join(projectRoot, 'Pulumi.staging.yaml'), 'utf8');
  const standIns = standInsFor(text, await loadStackConfig('staging'), {
    seed: 'bench',
    only: ['coinestate'],
  });
  await clearStage(folder);
  const stage = await setStage('staging', folder, standIns, { seed: 'bench', live: false });
  try {
    await work({ env: stage.env, args: stage.twin.args, cwd: projectRoot });
  } finally {
    await stage.end();
  }
}

/** As many parameters as our program has resources: nothing depends on anything, and nothing is computed. */
async function emptyProgram(count: number): Promise<Prepared> {
  const program = makeProgram(
    'empty',
    `import { Provider } from '@pulumi/aws/provider.js';
import { Parameter } from '@pulumi/aws/ssm/parameter.js';
const provider = new Provider('aws', { region: 'us-east-1' });
for (let i = 0; i < ${count - 2}; i++)
  new Parameter('p-' + i, { name: '/p/' + i, type: 'String', value: 'x' }, { provider });
`,
  );
  const twin = await prepareTwin('staging', {
    folder: join(bench, 'floor'),
    project: 'empty',
    stackFile: '',
  });
  return { env: twin.env, args: twin.args, cwd: program };
}

/** A Pulumi program of one file, in a folder of its own. */
function makeProgram(name: string, source: string): string {
  const folder = join(bench, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(
    join(folder, 'Pulumi.yaml'),
    `name: ${name}\nmain: index.ts\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n`,
  );
  writeFileSync(join(folder, 'index.ts'), source);
  return folder;
}

/** Runs the CLI: the seconds that it took, and the most memory that each part of it had at once. */
async function pulumi(
  { env, args, cwd }: Prepared,
  command: readonly string[],
): Promise<{ readonly seconds: number; readonly memory: ReadonlyMap<string, number> }> {
  const began = performance.now();
  const child = spawn('pulumi', [...command, ...args, '--non-interactive'], {
    ...{ env, cwd, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const memory = new Map<string, number>();
  const watch = setInterval(() => void measure(env['CUTOVER_TWIN'] ?? '', memory), 500);
  const exit = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearInterval(watch);
  if (exit !== 0) throw new Error(`pulumi ${command.join(' ')} ended with ${String(exit)}:\n${said}`);
  return { seconds: (performance.now() - began) / 1000, memory };
}

async function measure(twin: string, memory: Map<string, number>): Promise<void> {
  const now = new Map<string, number>();
  for (const pid of await processesWithEnvironment('CUTOVER_TWIN', twin)) {
    const command = (await processCommand(pid)) ?? '';
    const part = partOf(command);
    now.set(part, (now.get(part) ?? 0) + residentBytes(pid));
  }
  keepPeaks(memory, now);
}

/** Keeps the larger of each part. */
function keepPeaks(peaks: Map<string, number>, now: ReadonlyMap<string, number>): void {
  for (const [part, bytes] of now) peaks.set(part, Math.max(peaks.get(part) ?? 0, bytes));
}

function memoryText(peaks: ReadonlyMap<string, number>): string {
  return [...peaks].map(([part, bytes]) => `${part} ${Math.round(bytes / 1e6)} MB`).join(', ');
}

function partOf(command: string): string {
  if (command.includes('plugin.ts')) return 'the twin';
  if (command.includes('anvil')) return 'the chain';
  return /^\S*node\b/.test(command) ? 'program and providers' : 'engine';
}

function residentBytes(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function resourcesIn(place: string, project: string, stack: string): number {
  const file = join(place, 'state', '.pulumi', 'stacks', project, `${stack}.json`);
  const state = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly checkpoint: { readonly latest: { readonly resources: readonly unknown[] } };
  };
  return state.checkpoint.latest.resources.length;
}
