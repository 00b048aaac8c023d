import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fromRoot, projectRoot } from '@cutover/base/project.ts';
import { installPackages } from '../install-packages.ts';
import { forgeScript, type ForgeHabit } from './forge-script.ts';
import { libraries as libraryNames, writeChangedFacet, writeSources } from './sources.ts';
import { benchFolder, type BenchSystem } from './system.ts';

/** Where the peers' programs, their configuration and the contracts are. */
export const peersFolder = fromRoot(benchFolder);

/** What the configuration of the peers reads. */
export const peerEnvironment = {
  CUTOVER_BENCH_ROOT: projectRoot,
  HARDHAT_IGNITION_CONFIRM_DEPLOYMENT: 'false',
  HARDHAT_DISABLE_TELEMETRY_PROMPT: 'true',
};

/**
 * Installs the other tools into `.cutover/bench`, when they are not there yet. They never get into the project's own
 * node_modules: 466 MB of packages that nothing else needs. SIDE EFFECTS: writes below .cutover, runs npm.
 */
export function installPeers(): void {
  const from = fromRoot('test/bench/peers');
  installPackages(from, peersFolder, 'hardhat');
  for (const name of ['foundry.toml', 'solc.mjs', 'hardhat.config.cjs'])
    cpSync(join(from, name), join(peersFolder, name));
  put('ignition/modules/Bench.cjs', readFileSync(join(from, 'ignition-module.cjs'), 'utf8'));
  put('deploy/bench.cjs', readFileSync(join(from, 'hardhat-deploy-script.cjs'), 'utf8'));
}

// solc as WebAssembly ends with "memory access out of bounds" when it is given 256 facets at once.
const filesAtOnce = 64;

/** Compiles the contracts, for all tools. SIDE EFFECTS: writes below .cutover. */
export function compileContracts(): void {
  const files = readdirSync(join(peersFolder, 'contracts'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sol'))
    .map((name) => `contracts/${name}`);
  for (let from = 0; from < files.length; from += filesAtOnce)
    runPeer(forgeBinary(), ['build', ...files.slice(from, from + filesAtOnce)]);
}

/** Compiles a facet as it is after a change, beside the others. SIDE EFFECTS: writes below .cutover. */
export function compileChanged(name: string): void {
  writeChangedFacet(join(peersFolder, 'contracts-changed'), name, 1);
  for (const library of libraryNames) {
    const file = `${library}.sol`;
    cpSync(join(peersFolder, 'contracts', file), join(peersFolder, 'contracts-changed', file));
  }
  runPeer(forgeBinary(), [
    'build',
    'contracts-changed',
    ...['--out', 'out-changed', '--cache-path', 'cache-changed'],
  ]);
}

/** Writes what the peers deploy, and compiles it with each of them. SIDE EFFECTS: writes below .cutover. */
export function buildPeers(systems: ReadonlyMap<number, BenchSystem>): void {
  for (const [count, system] of systems) {
    put(`systems/${count}.json`, JSON.stringify(forHardhat(system)));
    for (const habit of ['create', 'create2'] as const)
      put(scriptOf(count, habit), forgeScript(system, habit));
  }
  // forge compiles scripts anew when it runs them for the first time.
  for (const [count, { admin }] of systems)
    for (const habit of ['create', 'create2'] as const)
      runPeer(forgeBinary(), [
        'script',
        `${scriptOf(count, habit)}:Deploy`,
        '--sender',
        admin,
        ...forgeFolders(habit),
      ]);
  for (const count of systems.keys()) {
    writeSources(join(peersFolder, 'hardhat', String(count), 'contracts'), count);
    runPeer(process.execPath, [hardhatScript, 'compile'], { BENCH_FACETS: String(count) });
  }
}

export const hardhatScript = join(peersFolder, 'node_modules', 'hardhat', 'internal', 'cli', 'bootstrap.js');

export function scriptOf(count: number, habit: string): string {
  return `script/${habit}-${count}.s.sol`;
}

/** Folders of its own for each habit: forge keeps what it compiled for one script only. */
export function forgeFolders(habit: ForgeHabit): readonly string[] {
  return ['--out', `out-${habit}`, '--cache-path', `cache-${habit}`];
}

export function forgeBinary(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return join(
    peersFolder,
    'node_modules',
    '@foundry-rs',
    `forge-${process.platform}-${arch}`,
    'bin',
    'forge',
  );
}

function forHardhat({ libraries, base, facets, cuts, admin, initialize }: BenchSystem): object {
  const plain = ({ name, functions }: BenchSystem['base']): object => ({
    name,
    selectors: functions.map(({ selector }) => selector),
  });
  const nobody = `0x${'00'.repeat(20)}`;
  return { libraries, cuts, admin, initialize, nobody, base: plain(base), facets: facets.map(plain) };
}

function put(path: string, text: string): void {
  const target = join(peersFolder, path);
  mkdirSync(dirname(target), { recursive: true });
  if (existsSync(target) && readFileSync(target, 'utf8') === text) return;
  writeFileSync(target, text);
}

function runPeer(command: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): void {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: peersFolder,
    env: { ...process.env, ...peerEnvironment, ...more },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 900_000,
  });
  if (status !== 0)
    throw new Error(
      `${command} ${args.join(' ')} ended with ${status}:\n${`${stdout}\n${stderr}`.slice(-2000)}`,
    );
}
