import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, parseDocument } from 'yaml';
import { isFreePort } from '@cutover/base/free-port.ts';
import { projectRoot } from '@cutover/base/project.ts';

/** A working copy of the project beside the real one, with ports of its own. */
export interface Clone {
  readonly folder: string;
  /** What is added to every port of Pulumi.dev.yaml. */
  readonly portOffset: number;
  /** Changes a value of Pulumi.dev.yaml: a block without `cutover:`, and the names below it. */
  set(path: readonly [block: string, ...names: string[]], value: unknown): void;
  /** Leaves out the systems of these names. */
  without(...systems: readonly string[]): void;
  run(args: readonly string[], options?: RunOptions): Promise<Result>;
  start(args: readonly string[], options?: RunOptions): Running;
  /** Stops what the clone started and removes it. */
  remove(options?: RunOptions): Promise<void>;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** The program to run in the clone. @default './cutover' */
  readonly program?: string;
  readonly cwd?: string;
}

export interface Result {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Result>;
}

interface DevStack {
  readonly config: { readonly 'cutover:local': { readonly ports: Readonly<Record<string, number>> } };
}

/** Takes a result that must be a success; shows all that was printed when it is none. */
export function done(result: Result): Result {
  if (result.exit === 0) return result;
  throw new Error(`It ended with ${result.exit}:\n${result.stdout}\n${result.stderr}`);
}

/**
 * Makes a clone whose path has a space and letters outside ASCII. Packages are hard links, so it takes seconds and no
 * room; what is not committed yet comes along. SIDE EFFECTS: writes below `.cutover/test`.
 */
export async function makeClone(name: string): Promise<Clone> {
  const folder = join(projectRoot, '.cutover', 'test', `${name} ünï ${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: projectRoot,
    encoding: 'utf8',
  });
  for (const file of listed.split('\0')) {
    const from = join(projectRoot, file);
    if (file === '' || !existsSync(from)) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(from, join(folder, file), { verbatimSymlinks: true });
  }
  for (const modules of ['node_modules', ...workspaceModules()]) {
    linkTree(join(projectRoot, modules), join(folder, modules));
  }
  linkTree(join(projectRoot, '.cutover', 'tools'), join(folder, '.cutover', 'tools'));
  const stackFile = join(folder, 'Pulumi.dev.yaml');
  const { config } = parse(readFileSync(stackFile, 'utf8')) as DevStack;
  // Moved down by as much as the offset may be.
  const ports = { ...config['cutover:local'].ports, mongo: 17_117 };
  const portOffset = await freeOffset(Object.values(ports));
  const clone: Clone = {
    folder,
    portOffset,
    set: ([block, ...names], value) => {
      const document = parseDocument(readFileSync(stackFile, 'utf8'));
      document.setIn(['config', `cutover:${block}`, ...names], value);
      writeFileSync(stackFile, document.toString());
    },
    without: (...systems) => {
      for (const system of systems) clone.set(['systems', system, 'enabled'], false);
    },
    run: (args, options) => start(folder, args, options).ended,
    start: (args, options) => start(folder, args, options),
    remove: async (options) => {
      const down = await clone.run(['down', '--wipe'], options);
      if (down.exit !== 0)
        throw new Error(`The clone's stack did not come down:\n${down.stdout}${down.stderr}`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  clone.set(['local', 'ports', 'mongo'], ports.mongo);
  clone.set(['local', 'portOffset'], portOffset);
  return clone;
}

function start(folder: string, args: readonly string[], options: RunOptions = {}): Running {
  const began = Date.now();
  const child = spawn(options.program ?? join(folder, 'cutover'), args, {
    cwd: options.cwd ?? folder,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Result>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, stdout, stderr, milliseconds: Date.now() - began }));
  });
  return { child, ended };
}

function workspaceModules(): string[] {
  return ['base', 'chain', 'delivery', 'services/beacon', 'services/parse']
    .map((workspace) => join(workspace, 'node_modules'))
    .filter((modules) => existsSync(join(projectRoot, modules)));
}

/** Copies a tree as hard links; symbolic links stay what they are, so links between workspaces stay in the clone. */
function linkTree(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isFile()) linkSync(source, target);
  }
}

/**
 * What is added to the ports of a stack so that all of them are free. With these steps no two clones can meet, and all stay
 * below the ports that the system hands out by itself.
 */
async function freeOffset(ports: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const offset = 2000 + 31 * Math.floor(Math.random() * 415);
    const free = await Promise.all(ports.map((port) => isFreePort(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error('No free range of ports was found in 50 tries.');
}
