import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeNpm, lockOf, makeBareClone, npmCalls, type BareClone } from './bare-clone.ts';

let clone: BareClone;
beforeEach(() => {
  clone = makeBareClone();
  clone.fake('npm', fakeNpm(clone));
});
afterEach(() => clone.remove());

interface Echo {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly node: string;
  readonly path: string;
}
const echoOf = (stdout: string): Echo => JSON.parse(stdout) as Echo;

describe('./cutover', () => {
  it('hands every argument over as it is, from any folder, and keeps standard output for the command', async () => {
    const args = ['config', 'dev', 'two words', '', '*', '--json'];
    const { exit, stdout } = await clone.run(args, { cwd: '/' });
    expect(exit).toBe(0);
    expect(echoOf(stdout)).toMatchObject({ argv: args, cwd: '/', node: process.versions.node });
    expect(echoOf(stdout).path.split(':')[0]).toBe(join(clone.folder, '.cutover', 'tools', 'bin'));
  });

  it('says each step, how far it is and how long it took, without colours or a moving line', async () => {
    const { stderr } = await clone.run(['help']);
    expect(stderr).toMatch(/1 part\(s\) to find or bring; kept in ~\/\.cache\/cutover for all clones/);
    expect(stderr).toMatch(/1\/1 {3}npm packages …/);
    expect(stderr).toMatch(/done {2}npm packages: 1 packages, npm ci, \d+\.\d s/);
    expect(stderr).not.toMatch(/\x1b|\r/);
  });

  it('finds its folder through links, relative ones and links to links', async () => {
    symlinkSync(join(clone.folder, 'cutover'), join(clone.home, 'first'));
    symlinkSync('first', join(clone.home, 'second'));
    const direct = await clone.run(['help'], { program: join(clone.home, 'second') });
    expect(echoOf(direct.stdout).argv).toEqual(['help']);
    const byName = await clone.run(['second', 'help'], { program: 'sh', cwd: clone.home });
    expect(echoOf(byName.stdout).argv).toEqual(['help']);
  });

  it('is silent and needs no npm the second time', async () => {
    await clone.run(['help']);
    clone.fake('npm', 'echo "npm must not be called" >&2; exit 1');
    const times: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { exit, stderr, milliseconds } = await clone.run(['help']);
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
      times.push(milliseconds);
    }
    console.log(`second run of ./cutover, Node and the hand-over included: ${times.join(', ')} ms`);
  });

  it.each([
    ['', ''],
    ['corp.example', ''],
    ['', 'corp.example'],
  ])('asks no proxy for what is on this machine: no_proxy=%s NO_PROXY=%s', async (no_proxy, NO_PROXY) => {
    clone.write(
      'ops/main.ts',
      'process.stdout.write(JSON.stringify([process.env.no_proxy, process.env.NO_PROXY]));',
    );
    const { stdout } = await clone.run(['help'], { env: { no_proxy, NO_PROXY } });
    const wanted = [no_proxy, NO_PROXY, 'localhost,127.0.0.1,::1'].filter((each) => each !== '').join(',');
    expect(JSON.parse(stdout)).toEqual([wanted, wanted]);
    // One that starts another does not make the list longer.
    const inner = await clone.run(['help'], { env: { no_proxy: wanted, NO_PROXY: wanted } });
    expect(JSON.parse(inner.stdout)).toEqual([wanted, wanted]);
  });

  it.each([
    ['', 'unset'],
    ['corp.example', 'corp.example,localhost,127.0.0.1,::1'],
    ['corp.example,localhost,127.0.0.1,::1', 'corp.example,localhost,127.0.0.1,::1'],
  ])('nor where gRPC is told of its own list: no_grpc_proxy=%s', async (no_grpc_proxy, wanted) => {
    clone.write('ops/main.ts', 'process.stdout.write(process.env.no_grpc_proxy || "unset");');
    expect((await clone.run(['help'], { env: { no_grpc_proxy } })).stdout).toBe(wanted);
  });

  it('passes the exit status of the command on', async () => {
    clone.write('ops/main.ts', 'process.exitCode = 3;');
    expect((await clone.run(['config'])).exit).toBe(3);
  });
});

describe('Node', () => {
  it('says what to install when there is none', async () => {
    rmSync(join(clone.programs, 'node'));
    const { exit, stderr } = await clone.run(['up']);
    expect(exit).toBe(1);
    expect(stderr).toMatch(
      /^CUT-5001 There is no Node on PATH\.\n {2}why: .*\n {2}fix: .*apt install nodejs npm/,
    );
  });

  it.each(['v8.17.0', 'v12.22.12', 'v17.9.1'])('%s is refused with what to do', async (version) => {
    clone.fake(
      'node',
      `if [ "$1" = --version ]; then echo ${version}; else echo "SyntaxError" >&2; exit 1; fi`,
    );
    const { exit, stderr } = await clone.run(['up']);
    expect(exit).toBe(1);
    expect(stderr).toMatch(
      new RegExp(
        `^CUT-5001 The Node on PATH is ${version} \\(.*/node\\)\\.\\n {2}why: .*\\n {2}fix: .*newer`,
      ),
    );
    expect(stderr).not.toContain('SyntaxError');
  });

  it.each([
    ['empty, as after a crash of the machine', ''],
    ['cut short', process.execPath],
    ['something else', 'echo hello'],
  ])('is looked for again when the linked one is %s', async (_, content) => {
    await clone.run(['help']);
    const link = join(clone.folder, '.cutover/tools/bin/node');
    rmSync(link);
    const bytes = content === process.execPath ? readFileSync(content).subarray(0, 1e6) : content;
    writeFileSync(link, bytes, { mode: 0o755 });
    const { exit, stdout, stderr } = await clone.run(['help', 'x']);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(echoOf(stdout).argv).toEqual(['help', 'x']);
    expect(readlinkSync(link)).toBe(process.execPath);
  });

  it('takes the first on PATH that is new enough', async () => {
    const newer = join(clone.home, 'bin');
    mkdirSync(newer);
    symlinkSync(process.execPath, join(newer, 'node'));
    pretendOldNode();
    const { exit } = await clone.run(['help'], { env: { ...realNode, PATH: `${clone.programs}:${newer}` } });
    expect(exit).toBe(0);
    expect(readlinkSync(join(clone.folder, '.cutover/tools/bin/node'))).toBe(process.execPath);
  });

  it('brings the pinned one from npm when the one on PATH is too old', async () => {
    pretendOldNode();
    clone.fake('npm', npmWithNode());
    const first = await clone.run(['help'], { env: realNode });
    expect(first.exit, first.stderr).toBe(0);
    expect(first.stderr).toMatch(
      /Node \d+\.\S+ from npm, as no Node from 24 on is on PATH …\n {2}done {2}Node/,
    );
    const kept = readdirSync(join(clone.home, '.cache/cutover')).filter((name) => name.startsWith('node-'));
    expect(kept).toHaveLength(1);

    // The next clone of the same user takes it from the cache.
    const next = makeBareClone();
    try {
      pretendOldNode(next);
      next.fake('npm', fakeNpm(next));
      const second = await next.run(['help'], { env: { ...realNode, HOME: clone.home } });
      expect(second.exit, second.stderr).toBe(0);
      expect(second.stderr).not.toContain('from npm, as no Node');
    } finally {
      next.remove();
    }
  });

  it('refuses another Node than the pinned one, and keeps nothing of it', async () => {
    pretendOldNode();
    clone.fake('npm', npmWithNode('sha512-somethingElse'));
    const { exit, stderr } = await clone.run(['help'], { env: realNode });
    expect(exit).toBe(1);
    expect(stderr).toMatch(/CUT-5002 Node 24 is needed .*\n {2}why: the registry served another/);
    expect(nodesInCache()).toEqual([]);
  });

  it('keeps nothing of a download that was cut short, and the next run makes it good', async () => {
    pretendOldNode();
    clone.fake(
      'npm',
      `if [ "$1" = --version ]; then echo 1; exit; fi
mkdir -p "$3/node_modules/fake-node/bin"; echo half > "$3/node_modules/fake-node/bin/node"; kill -9 $$`,
    );
    const cut = await clone.run(['help'], { env: realNode });
    expect(cut.exit).toBe(1);
    expect(cut.stderr).toMatch(/CUT-5002/);
    expect(nodesInCache()).toEqual([]);
    clone.fake('npm', npmWithNode());
    expect((await clone.run(['help'], { env: realNode })).exit).toBe(0);
  });

  it('is looked for again when the linked one was replaced by an older one', async () => {
    await clone.run(['help']);
    const link = join(clone.folder, '.cutover/tools/bin/node');
    rmSync(link);
    // What an older Node would see of start.mjs.
    writeFileSync(link, '#!/bin/sh\nexec "$REAL_NODE" --import "$OLD" "$@"\n', { mode: 0o755 });
    const old = join(clone.home, 'old.mjs');
    writeFileSync(old, "Object.defineProperty(process, 'versions', { value: { node: '20.1.0' } });\n");
    const { exit, stdout } = await clone.run(['help', 'x'], {
      env: { REAL_NODE: process.execPath, OLD: old },
    });
    expect(exit).toBe(0);
    expect(echoOf(stdout).argv).toEqual(['help', 'x']);
    expect(readlinkSync(link)).toBe(process.execPath);
  });

  const realNode = { REAL_NODE: process.execPath };

  function nodesInCache(): string[] {
    const cache = join(clone.home, '.cache/cutover');
    const names = existsSync(cache) ? readdirSync(cache) : [];
    const unfinished = existsSync(join(cache, '.new')) ? readdirSync(join(cache, '.new')) : [];
    return [...names.filter((name) => name.startsWith('node-')), ...unfinished];
  }

  /** A Node that says it is old but does what it is asked to; and pins that name a package of the fake npm. */
  function pretendOldNode(where = clone): void {
    where.fake(
      'node',
      'if [ "$1" = -p ]; then echo "18.20.0 /usr/bin/node"; else exec "$REAL_NODE" "$@"; fi',
    );
    const pins = JSON.parse(where.read('toolchain/pins.json')) as { node: { builds: object } };
    const build = { package: 'fake-node', version: process.versions.node, integrity: 'sha512-pinned' };
    pins.node.builds = { [`${process.platform}-${process.arch}`]: build };
    where.write('toolchain/pins.json', JSON.stringify(pins));
  }

  function npmWithNode(integrity = 'sha512-pinned'): string {
    return `
if [ "$1" = --version ]; then echo 11.0.0; exit; fi
if [ "$1" = install ]; then
  mkdir -p "$3/node_modules/fake-node/bin"
  ln -s "$REAL_NODE" "$3/node_modules/fake-node/bin/node"
  echo '{"packages":{"node_modules/fake-node":{"integrity":"${integrity}"}}}' > "$3/node_modules/.package-lock.json"
  exit
fi
${fakeNpm(clone)}`;
  }
});

describe('npm packages', () => {
  it('are installed again when the lock file changed, and only then', async () => {
    await clone.run(['help']);
    await clone.run(['help']);
    expect(npmCalls(clone)).toEqual({ begun: 1, ended: 1 });
    clone.write('package-lock.json', lockOf('2.0.0'));
    await clone.run(['help']);
    await clone.run(['help']);
    expect(npmCalls(clone)).toEqual({ begun: 2, ended: 2 });
  });

  it('are left alone when someone has installed what the lock file names', async () => {
    clone.write('node_modules/.package-lock.json', lockOf('1.0.0'));
    const { exit, stderr } = await clone.run(['help']);
    expect(exit).toBe(0);
    expect(stderr).toContain('as installed before');
    expect(existsSync(join(clone.folder, 'npm.log'))).toBe(false);
  });

  it('are not trusted after an npm that was killed, whatever it left', async () => {
    clone.fake('npm', fakeNpm(clone, 'cp package-lock.json node_modules/.package-lock.json; kill -9 $$'));
    const killed = await clone.run(['help']);
    expect(killed.exit).toBe(1);
    expect(killed.stderr).toMatch(/CUT-5020/);
    expect(killed.stdout).toBe('');
    clone.fake('npm', fakeNpm(clone));
    expect((await clone.run(['help'])).exit).toBe(0);
    expect(npmCalls(clone)).toEqual({ begun: 2, ended: 1 });
  });

  it('are installed once when two are started at the same time', async () => {
    clone.fake('npm', fakeNpm(clone, 'sleep 1'));
    const both = await Promise.all([clone.run(['help', 'one']), clone.run(['help', 'two'])]);
    expect(both.map(({ exit }) => exit)).toEqual([0, 0]);
    expect(npmCalls(clone)).toEqual({ begun: 1, ended: 1 });
    expect(both.map(({ stderr }) => stderr).join('')).toMatch(
      /waiting for cutover, pid \d+, which brings parts/,
    );
  });

  it('are unpacked, not installed, in the next clone of the same user', async () => {
    await clone.run(['help']);
    const next = makeBareClone();
    try {
      next.fake('npm', 'echo "npm must not be called" >&2; exit 1');
      next.write('node_modules/stale/index.js', '');
      const { exit, stderr } = await next.run(['help'], { env: { HOME: clone.home } });
      expect(exit, stderr).toBe(0);
      expect(stderr).toMatch(/done {2}npm packages: 1 packages, as another clone installed them/);
      expect(readdirSync(join(next.folder, 'node_modules')).toSorted()).toEqual([
        '.package-lock.json',
        'commander',
      ]);
    } finally {
      next.remove();
    }
  });

  it('are kept for at most two lock files', async () => {
    for (const version of ['1.0.0', '2.0.0', '3.0.0']) {
      clone.write('package-lock.json', lockOf(version));
      await clone.run(['help']);
    }
    const kept = readdirSync(join(clone.home, '.cache/cutover')).filter((name) =>
      name.startsWith('packages-'),
    );
    expect(kept).toHaveLength(2);
  });

  it('say what npm complained of when they cannot be installed', async () => {
    clone.fake('npm', 'echo "npm error code ENOTFOUND" >&2; exit 1');
    const { exit, stderr } = await clone.run(['up']);
    expect(exit).toBe(1);
    expect(stderr).toMatch(
      /CUT-5020 The npm packages could not be installed\.\n {2}npm error code ENOTFOUND\n {2}fix: /,
    );
  });
});

describe('a home that cannot be written to', () => {
  it.each(['/proc/nonexistent', '/dev/null'])(
    '%s: the project keeps its own cache, and says so',
    async (home) => {
      clone.fake('npm', `echo "$npm_config_cache" > '${clone.folder}/npm-cache'\n${fakeNpm(clone)}`);
      const { exit, stderr } = await clone.run(['help'], { env: { HOME: home } });
      expect(exit, stderr).toBe(0);
      expect(stderr).toContain('kept in .cutover/cache of this folder, as there is no home to write to');
      expect(clone.read('npm-cache').trim()).toBe(join(clone.folder, '.cutover', 'cache', 'npm'));
    },
  );
});
