import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '@cutover/base/project.ts';

/** What the launcher itself needs of the project, in a folder with spaces and letters outside ASCII. */
export interface BareClone {
  readonly folder: string;
  /** An empty home, so that nothing of this machine's user is found or touched. */
  readonly home: string;
  /** The only folder on PATH: a few programs of the system, this Node, and the fakes that a test puts there. */
  readonly programs: string;
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Puts a fake program on the clone's PATH: a shell script. */
  fake(name: string, script: string): void;
  /** Writes a file of the clone. */
  write(path: string, content: string): void;
  read(path: string): string;
  remove(): void;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly program?: string;
  /** Sends Ctrl-C once standard error says this. */
  readonly interruptAt?: RegExp;
}

export interface Outcome {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** The hash that stands for a package in a lock file. */
export const aHash = `sha512-${createHash('sha512').update('a package').digest('base64')}`;

// The command that the launcher hands over to, as far as these tests care: it says how it was called.
const echo = `
const { stdout, argv, cwd, env, versions } = process;
stdout.write(JSON.stringify({ argv: argv.slice(2), cwd: cwd(), node: versions.node, path: env['PATH'] }) + '\\n');
`;

/** Makes a clone with a lock file of one package and the running Node as the pinned one. */
export function makeBareClone(): BareClone {
  const top = mkdtempSync(join(tmpdir(), 'cutover launcher ünï '));
  const [folder, home, programs] = [join(top, 'the clone ö'), join(top, 'home'), join(top, 'programs')];
  for (const made of [folder, home, programs]) mkdirSync(made, { recursive: true });
  for (const name of systemPrograms) {
    const found = ['/usr/bin', '/bin'].map((place) => join(place, name)).find((path) => existsSync(path));
    if (found !== undefined) symlinkSync(found, join(programs, name));
  }
  symlinkSync(process.execPath, join(programs, 'node'));
  for (const part of ['cutover', 'base', 'toolchain', 'ops/doctor.ts', 'ops/terminal.ts', 'package.json']) {
    cpSync(join(projectRoot, part), join(folder, part), {
      recursive: true,
      filter: (from) => !from.includes('node_modules'),
    });
  }
  const clone: BareClone = {
    folder,
    home,
    programs,
    run: (args, options) => runIn(clone, args, options),
    fake: (name, script) => {
      rmSync(join(programs, name), { force: true });
      writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(programs, name), 0o755);
    },
    write: (path, content) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    },
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    remove: () => rmSync(top, { recursive: true, force: true }),
  };
  clone.write('ops/main.ts', echo);
  clone.write('package-lock.json', lockOf('1.0.0'));
  return clone;
}

/** A lock file that names one package. */
export function lockOf(version: string): string {
  const packages = { '': {}, 'node_modules/commander': { version, integrity: aHash } };
  return JSON.stringify({ lockfileVersion: 3, packages });
}

/** A fake npm: `npm ci` installs what the lock file names; every call is noted in `npm.log` of the clone. */
export function fakeNpm({ folder }: BareClone, beforeCi = ''): string {
  return `
if [ "$1" = --version ]; then echo 11.0.0; exit; fi
echo "begin $*" >> '${folder}/npm.log'
rm -rf node_modules; mkdir -p node_modules/commander
${beforeCi}
cp package-lock.json node_modules/.package-lock.json
echo end >> '${folder}/npm.log'`;
}

/** How often the fake npm began, and how often it came to its end. */
export function npmCalls(clone: BareClone): { begun: number; ended: number } {
  const log = clone.read('npm.log');
  return { begun: log.match(/^begin/gm)?.length ?? 0, ended: log.match(/^end/gm)?.length ?? 0 };
}

// What the launcher and the fakes use. The real npm, go, python3, pulumi and servers of this machine stay out of sight.
const systemPrograms = ['sh', 'cp', 'rm', 'mkdir', 'ln', 'sleep', 'tar', 'gzip', 'readlink', 'cat', 'chmod'];

function runIn(clone: BareClone, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const began = performance.now();
  // npm, which may have started this test, sets variables that would steer the npm of the clone.
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|XDG_|NODE_OPTIONS|VITEST)/.test(name),
  );
  const child = spawn(options.program ?? join(clone.folder, 'cutover'), args, {
    cwd: options.cwd ?? '/',
    env: {
      ...Object.fromEntries(inherited),
      HOME: clone.home,
      PATH: clone.programs,
      // Nothing listens there: no test depends on the network, or waits for it.
      CUTOVER_PULUMI_DOWNLOADS: 'http://127.0.0.1:9',
      MONGOMS_DOWNLOAD_MIRROR: 'http://127.0.0.1:9',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  let interrupted = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (interrupted || options.interruptAt?.test(stderr) !== true) return;
    interrupted = true;
    child.kill('SIGINT');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) =>
      resolve({ exit, stdout, stderr, milliseconds: Math.round(performance.now() - began) }),
    );
  });
}
