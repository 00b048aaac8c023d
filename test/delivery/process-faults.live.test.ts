import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { processStartTime } from '@cutover/base/process-identity.ts';
import { projectRoot, runtimeFolder } from '@cutover/base/project.ts';
import type {
  NodeServiceDefinition,
  ProcessDefinition,
  ProcessInputs,
} from '@cutover/delivery/plan/process-definition.ts';
import { processFolder, readRecord, writeRecord } from '@cutover/delivery/processes/folder.ts';
import { hasSolanaBuild } from '@cutover/delivery/processes/kinds/solana-node.ts';
import { probeHttp } from '@cutover/delivery/processes/probe.ts';
import { firstOnes, taggedProcesses } from '@cutover/delivery/processes/process-table.ts';
import {
  check,
  create,
  destroy,
  diff,
  eventually,
  read,
  runInNode,
  testStack,
  update,
} from './process-support.ts';

const stack = testStack();
const scripts = join('.cutover', stack.name, 'scripts');

beforeAll(async () => {
  await mkdir(join(projectRoot, scripts), { recursive: true });
  const files = {
    'service.ts': `import { createServer } from 'node:http';
      import { writeFileSync, readFileSync } from 'node:fs';
      const answer: string = process.env['ANSWER'] ?? 'none';
      const secret = process.env['KEY_FILE'] === undefined ? '' : readFileSync(process.env['KEY_FILE'], 'utf8').trim();
      const server = createServer((_, response) => response.end(JSON.stringify({ answer, secret: secret.length, env: Object.keys(process.env) })));
      server.listen(Number(process.env['PORT']), process.env['HOST']);
      process.on('SIGTERM', () => server.close(() => { writeFileSync(process.env['DATA_FOLDER'] + '/ended', 'in order'); process.exit(0); }));`,
    'broken.ts': `console.error('DATABASE_URL is not set'); process.exit(3);`,
    'stubborn.ts': `import { createServer } from 'node:http';
      process.on('SIGTERM', () => undefined);
      createServer((_, response) => { response.statusCode = 503; response.end('database is away'); }).listen(Number(process.env['PORT']), '127.0.0.1');`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(projectRoot, scripts, name), text);
});
afterAll(() => stack.remove());
afterEach(() => vi.restoreAllMocks());

const service = (over: Partial<NodeServiceDefinition> = {}): NodeServiceDefinition => ({
  kind: 'node-service',
  script: join(scripts, 'service.ts'),
  args: [],
  environment: { ANSWER: 'one' },
  secretFiles: {},
  healthPath: '/health',
  sources: [scripts],
  ...over,
});
const checked = async (inputs: ProcessInputs): Promise<ProcessInputs> =>
  (await check({}, inputs)).inputs as ProcessInputs;
const bodyOf = async (inputs: ProcessInputs): Promise<Record<string, unknown>> =>
  (await (await fetch(`http://127.0.0.1:${inputs.ports[0]?.port}/`)).json()) as Record<string, unknown>;

describe('a port that a stranger holds', () => {
  it('is an error that names the holder and the key; the stranger is left alone, and nothing of ours is', async () => {
    const inputs = await stack.inputs('taken', {
      kind: 'evm-node',
      chainId: 31337,
      snapshotMilliseconds: 500,
    });
    const port = inputs.ports[0]?.port ?? 0;
    const stranger = await listenElsewhere(port);
    const failure = await create(inputs).catch((error: unknown) => error as Error);
    const message = failure instanceof Error ? failure.message : '';
    expect(message).toContain(`CUT-4300 Port ${port}, wanted by taken for rpc, is taken by`);
    expect(message).toContain(`stranger.cjs (pid ${stranger.pid}, user ${userInfo().username})`);
    expect(message).toContain(`set local.ports.rpc to a free port in Pulumi.${stack.name}.yaml`);
    expect(stranger.exitCode).toBeNull();
    expect(await stack.countOf('taken')).toBe(0);
    stranger.kill('SIGKILL');
    await destroy('x', (await create(inputs)).outs);
  });

  it('is found on every address, and when it is held by this very process', async () => {
    const inputs = await stack.inputs('taken-here', { kind: 'mongo' });
    const server = await new Promise<Server>((resolve) => {
      const listening = createServer().listen(inputs.ports[0]?.port, () => resolve(listening));
    });
    await expect(create(inputs)).rejects.toThrow(`pid ${process.pid}`);
    server.close();
  });
});

describe('a change that cannot be carried out', () => {
  it('leaves what runs alone: the new port is taken', async () => {
    const inputs = await checked(await stack.inputs('stays', service()));
    const { id, outs } = await create(inputs);
    const other = await checked(await stack.inputs('stays', service()));
    const stranger = await listenElsewhere(other.ports[0]?.port ?? 0);
    await expect(update(id, outs, other)).rejects.toThrow(`pid ${stranger.pid}`);
    expect(await diff(id, outs, inputs)).toEqual({ changes: false });
    stranger.kill('SIGKILL');
    await destroy(id, outs);
  });
});

describe('a record whose pid belongs to a stranger by now', () => {
  it('stops nobody, is seen as dead, and another is started', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], {
      stdio: 'ignore',
    });
    const inputs = await checked(await stack.inputs('reused', service()));
    const { id, outs } = await create(inputs);
    const folder = processFolder(stack.name, 'reused');
    const record = await readRecord(folder);
    if (record === undefined) throw new Error('no record');
    process.kill(outs.pid, 'SIGKILL');
    await vi.waitUntil(async () => (await processStartTime(outs.pid)) === undefined);
    await writeRecord(folder, { ...record, pid: stranger.pid ?? 0 });
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    expect(await diff(id, outs, inputs)).toMatchObject({ changes: true });
    expect(await read(id, outs)).toEqual({});
    const again = (await update(id, outs, inputs)).outs;
    expect(stranger.exitCode).toBeNull();
    await writeRecord(folder, { ...record, pid: stranger.pid ?? 0 });
    await destroy(id, again);
    expect(stranger.exitCode).toBeNull();
    // What really ran carried our tag, and is gone.
    expect(await stack.countOf('reused')).toBe(0);
    stranger.kill('SIGKILL');
  });
});

describe('a create that is killed', () => {
  const definitions: Record<string, ProcessDefinition> = {
    evm: { kind: 'evm-node', chainId: 31337, snapshotMilliseconds: 500 },
    postgres: {
      kind: 'postgres',
      password: stack.secret('killed-postgres'),
      databases: [{ name: 'orders', user: 'orders', password: stack.secret('killed-orders') }],
    },
    valkey: { kind: 'valkey', password: stack.secret('killed-valkey') },
    service: service(),
  };
  const moments = [0, 50, 150, 400, 800, 1500];

  it.each(Object.entries(definitions))(
    '%s: at any moment, the next one finds what it left: never two',
    async (name, definition) => {
      for (const moment of moments) {
        const inputs = await checked(await stack.inputs(`killed-${name}-${moment}`, definition));
        const first = createElsewhere(inputs);
        await first.began;
        await sleep(moment);
        first.kill();
        const { id, outs } = await create(inputs);
        expect(await stack.countOf(inputs.name)).toBe(1);
        vi.spyOn(console, 'log').mockImplementation(() => undefined);
        expect(await diff(id, outs, inputs)).toEqual({ changes: false });
        await destroy(id, outs);
        expect(await stack.countOf(inputs.name)).toBe(0);
      }
    },
    300_000,
  );

  it('is taken over when what it started is what is wanted', async () => {
    const inputs = await stack.inputs('adopted', definitions['evm'] as ProcessDefinition);
    const { id, outs } = await create(inputs);
    await rm(processFolder(stack.name, 'adopted').record);
    const again = (await create(inputs)).outs;
    expect(again).toMatchObject({
      pid: outs.pid,
      engine: outs.engine,
      version: outs.version,
      generation: outs.generation,
    });
    // Described otherwise, it is replaced instead.
    await rm(processFolder(stack.name, 'adopted').record);
    const other = {
      ...inputs,
      definition: { ...(inputs.definition as object), chainId: 31339 } as ProcessDefinition,
    };
    const replaced = (await create(other)).outs;
    expect(replaced.pid).not.toBe(outs.pid);
    expect(await stack.countOf('adopted')).toBe(1);
    await destroy(id, replaced);
  });

  it('does not start a second one when two run at once', async () => {
    const inputs = await checked(await stack.inputs('at-once', service()));
    const runs = [createElsewhere(inputs), createElsewhere(inputs), createElsewhere(inputs)];
    const pids = await Promise.all(
      runs.map(async ({ ended }) => /pid=(\d+)/.exec((await ended).output)?.[1]),
    );
    expect(pids[0]).toBeDefined();
    expect(new Set(pids).size).toBe(1);
    expect(await stack.countOf('at-once')).toBe(1);
  });
});

describe('a service', () => {
  it('gets its settings and the name of a secret file, and nothing of our environment', async () => {
    vi.stubEnv('PULUMI_CONFIG_PASSPHRASE', 'hush');
    const key = stack.secret('service-key');
    await mkdir(join(runtimeFolder, stack.name, 'secrets'), { recursive: true });
    await writeFile(join(projectRoot, key.name), 'abcdef\n', { mode: 0o600 });
    const inputs = await checked(await stack.inputs('settings', service({ secretFiles: { KEY_FILE: key } })));
    const { id, outs } = await create(inputs);
    const body = await bodyOf(inputs);
    expect(body).toMatchObject({ answer: 'one', secret: 6 });
    expect(body['env']).not.toContain('PULUMI_CONFIG_PASSPHRASE');

    await writeFile(join(projectRoot, key.name), 'another\n');
    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    expect(await diff(id, outs, inputs)).toEqual({ changes: true });
    expect(said).toHaveBeenLastCalledWith(
      `a secret of settings (pid ${outs.pid}) is another than it read; it will be restarted with its data`,
    );
    const again = (await update(id, outs, inputs)).outs;
    expect(await bodyOf(inputs)).toMatchObject({ secret: 7 });
    await destroy(id, again);
    const { data } = processFolder(stack.name, 'settings');
    expect(await readFile(join(data, 'ended'), 'utf8')).toBe('in order');
    vi.unstubAllEnvs();
  });

  it('is restarted when its code or its environment changes, and not otherwise', async () => {
    const inputs = await checked(await stack.inputs('changing', service()));
    const { id, outs } = await create(inputs);
    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    expect(await diff(id, outs, await checked(inputs))).toEqual({ changes: false });
    await writeFile(join(projectRoot, scripts, 'part.ts'), 'export const part = 1;\n');
    const edited = await checked(inputs);
    expect(await diff(id, outs, edited)).toMatchObject({ changes: true });
    const second = (await update(id, outs, edited)).outs;
    expect(second.pid).not.toBe(outs.pid);
    const other = await checked({ ...edited, definition: service({ environment: { ANSWER: 'two' } }) });
    const third = (await update(id, second, other)).outs;
    expect((await bodyOf(other))['answer']).toBe('two');
    // Not drift: the program asked for it, and the engine shows the difference.
    expect(said).not.toHaveBeenCalled();
    await destroy(id, third);
  });

  it('that ends while it starts is an error with the end of its log', async () => {
    const inputs = await stack.inputs('broken', service({ script: join(scripts, 'broken.ts') }));
    await expect(create(inputs)).rejects.toThrow(
      /CUT-4301 broken ended while it was starting \(exit code 3\)[^]*DATABASE_URL is not set[^]*processes\/broken\/log/,
    );
    expect(await stack.countOf('broken')).toBe(0);
  });

  it('whose secret file is missing is not started', async () => {
    const missing = { kind: 'file', name: 'no-such-key' } as const;
    const inputs = await stack.inputs('no-key', service({ secretFiles: { KEY_FILE: missing } }));
    await expect(create(inputs)).rejects.toThrow('CUT-4309 no-key has no file for its secret KEY_FILE');
    const { failures } = await check({}, inputs);
    expect(failures?.[0]?.reason).toContain('CUT-4309');
  });

  it(
    'that says it is not well is left to its gate; one that does not end is ended',
    { timeout: 90_000 },
    async () => {
      const inputs = await stack.inputs('stubborn', service({ script: join(scripts, 'stubborn.ts') }));
      const { id, outs } = await create(inputs);
      expect(await diff(id, outs, inputs)).toEqual({ changes: false });
      expect(await probeHttp(inputs.ports[0]?.port ?? 0, '/health', 1000)).toEqual({
        kind: 'answers',
        well: false,
        detail: 'HTTP 503 database is away',
      });
      await destroy(id, outs);
      expect(await stack.countOf('stubborn')).toBe(0);
    },
  );
});

describe('what is refused before anything is touched', () => {
  it('names the property: a wrong value, a script that is not there', async () => {
    const wrong = await check(
      {},
      { ...(await stack.inputs('wrong', service({ script: 'no/such.ts' }))), name: 'No Name' },
    );
    expect(wrong.failures?.map(({ property }) => property)).toEqual(['name', 'definition']);
    expect(wrong.failures?.[1]?.reason).toContain('CUT-4303');
  });

  it('replaces, and stops first, when the name changes', async () => {
    const inputs = await checked(await stack.inputs('named', service()));
    const state = { ...inputs } as never;
    expect(await diff('x', state, { ...inputs, name: 'renamed' })).toEqual({
      changes: true,
      replaces: ['name'],
      deleteBeforeReplace: true,
    });
  });
});

function createElsewhere(inputs: ProcessInputs): ReturnType<typeof runInNode> & { began: Promise<void> } {
  const run = runInNode(
    `const { handler } = await import('@cutover/delivery/processes/handler.ts');
     console.log('began');
     const { outs } = await handler.create(${JSON.stringify(inputs)});
     console.log('pid=' + outs.pid);`,
    projectRoot,
  );
  return { ...run, began: run.said('began') };
}

async function listenElsewhere(port: number): Promise<ChildProcess> {
  const script = join(projectRoot, scripts, 'stranger.cjs');
  await writeFile(
    script,
    `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('listens'))`,
  );
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

describe.runIf(hasSolanaBuild())('a Solana node that hangs while it starts', () => {
  it('is started again, with no process left of the first', { timeout: 60_000 }, async () => {
    const inputs = await stack.inputs('hanging', {
      kind: 'solana-node',
      blockProduction: 'clock',
      slotMilliseconds: 50,
      snapshotMilliseconds: 100,
    });
    const made = create(inputs);
    const [first] = await eventually(async () => {
      const found = await firstOnes(await taggedProcesses(processFolder(stack.name, 'hanging')));
      return found.length > 0 ? found : undefined;
    });
    process.kill(first?.pid ?? 0, 'SIGSTOP');
    const { outs } = await made;
    const record = await readRecord(processFolder(stack.name, 'hanging'));
    expect(record?.pid).toBeGreaterThan(0);
    expect(record?.pid).not.toBe(first?.pid);
    expect(await stack.countOf('hanging')).toBe(1);
    await destroy('x', outs);
    expect(await stack.countOf('hanging')).toBe(0);
  });
});
