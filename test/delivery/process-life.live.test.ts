import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { Client } from 'pg';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { readSecret } from '@cutover/base/secrets.ts';
import type { ProcessDefinition, ProcessInputs } from '@cutover/delivery/plan/process-definition.ts';
import { processFolder } from '@cutover/delivery/processes/folder.ts';
import { hasSolanaBuild } from '@cutover/delivery/processes/kinds/solana-node.ts';
import { listProcesses, stopAll } from '@cutover/delivery/processes/list.ts';
import { jsonRpc } from '@cutover/delivery/processes/probe.ts';
import { create, destroy, diff, eventually, read, testStack, update } from './process-support.ts';
import { valkeyCommand } from './process-valkey.ts';

const stack = testStack();
afterAll(() => stack.remove());
afterEach(() => vi.restoreAllMocks());

/** What a kind keeps, and how to see it. */
interface Trial {
  readonly definition: ProcessDefinition;
  /** Puts something into it. */
  write(inputs: ProcessInputs): Promise<void>;
  /** What was put into it, or something else. */
  look(inputs: ProcessInputs): Promise<unknown>;
  readonly written: unknown;
}

const port = (inputs: ProcessInputs): number => inputs.ports[0]?.port ?? 0;
const account = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const solanaAccount = 'DRpbCBMxVnDK7maPM5tGv6MvB3v1sRMC86PZ8okm21hy';

const trials: Record<string, Trial> = {
  evm: {
    definition: { kind: 'evm-node', chainId: 31338, snapshotMilliseconds: 100 },
    async write(inputs) {
      const transfer = { from: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266', to: account, value: '0x1' };
      await jsonRpc(port(inputs), 'eth_sendTransaction', [transfer], 5000);
      const state = join(processFolder(stack.name, inputs.name).data, 'state.json');
      await eventually(async () =>
        (await readFile(state, 'utf8')).includes('"number":"0x1"') ? true : undefined,
      );
    },
    look: (inputs) => jsonRpc(port(inputs), 'eth_getBalance', [account, 'latest'], 5000),
    written: '0x21e19e0c9bab2400001',
  },
  postgres: {
    definition: {
      kind: 'postgres',
      password: stack.secret('postgres'),
      databases: [{ name: 'orders', user: 'orders', password: stack.secret('orders') }],
    },
    async write(inputs) {
      await sql(inputs, 'orders', 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)');
    },
    look: async (inputs) => (await sql(inputs, 'orders', 'SELECT n FROM kept')).rows,
    written: [{ n: 42 }],
  },
  mongo: {
    definition: { kind: 'mongo' },
    async write(inputs) {
      await mongo(inputs, (client) => client.db('trial').collection('kept').insertOne({ n: 42 }));
    },
    look: (inputs) =>
      mongo(
        inputs,
        async (client) => (await client.db('trial').collection('kept').findOne())?.['n'] as unknown,
      ),
    written: 42,
  },
  valkey: {
    definition: { kind: 'valkey', password: stack.secret('valkey') },
    async write(inputs) {
      const password = await readSecret(stack.secret('valkey'));
      await valkeyCommand(port(inputs), password, 'SET kept 42');
      // Written to disk each second.
      await new Promise((resolve) => setTimeout(resolve, 1200));
    },
    look: async (inputs) => valkeyCommand(port(inputs), await readSecret(stack.secret('valkey')), 'GET kept'),
    written: '$2\r\n42\r\n',
  },
};
if (hasSolanaBuild()) {
  trials['solana'] = {
    definition: {
      kind: 'solana-node',
      blockProduction: 'clock',
      slotMilliseconds: 50,
      snapshotMilliseconds: 100,
    },
    async write(inputs) {
      await jsonRpc(port(inputs), 'requestAirdrop', [solanaAccount, 5_000_000_000], 5000);
      const kept = join(processFolder(stack.name, inputs.name).data, 'accounts.json');
      await eventually(async () =>
        (await readFile(kept, 'utf8')).includes(solanaAccount) ? true : undefined,
      );
    },
    look: async (inputs) => {
      const answer = await jsonRpc(
        port(inputs),
        'getBalance',
        [solanaAccount, { commitment: 'processed' }],
        5000,
      );
      return (answer as { value: unknown }).value;
    },
    written: 5_000_000_000,
  };
}

describe.each(Object.entries(trials))('%s', (name, trial) => {
  it('is started once, kept, noticed when dead or hung, and brought back with its data', async () => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const inputs = await stack.inputs(name, trial.definition);
    const { id, outs } = await create(inputs);
    expect(id).toBe(`${stack.name}/${name}`);
    expect(outs.generation).toMatch(/^[0-9a-f]{12}$/);
    await trial.write(inputs);
    expect(await trial.look(inputs)).toEqual(trial.written);

    // Nothing to do: nothing is done.
    expect((await create(inputs)).outs.pid).toBe(outs.pid);
    for (let round = 0; round < 5; round++) {
      expect(await diff(id, outs, inputs)).toEqual({ changes: false });
    }
    expect(said).not.toHaveBeenCalled();

    process.kill(outs.pid, 'SIGKILL');
    const mended = await eventually(async () => {
      const found = await diff(id, outs, inputs);
      return found.changes === true ? found : undefined;
    });
    expect(mended.replaces).toBeUndefined();
    expect(said).toHaveBeenLastCalledWith(
      `${name} (pid ${outs.pid}) is dead; it will be started again with its data`,
    );
    expect(await read(id, outs)).toEqual({});
    const second = (await update(id, outs, inputs)).outs;
    expect(second.pid).not.toBe(outs.pid);
    expect(second.generation).toBe(outs.generation);
    expect(await trial.look(inputs)).toEqual(trial.written);

    process.kill(second.pid, 'SIGSTOP');
    await vi.waitUntil(async () => {
      const listed = await listProcesses(stack.name);
      return listed.find((each) => each.name === name)?.state === 'hung';
    }, 5000);
    expect(await diff(id, second, inputs)).toMatchObject({ changes: true });
    expect(said.mock.lastCall?.[0]).toMatch(/hangs: .*; it will be stopped and started again with its data$/);
    expect((await read(id, second)).id).toBe(id);
    const third = (await update(id, second, inputs)).outs;
    expect(third.pid).not.toBe(second.pid);
    expect(third.generation).toBe(outs.generation);
    expect(await trial.look(inputs)).toEqual(trial.written);

    await destroy(id, third);
    expect(await stack.countOf(name)).toBe(0);
    await destroy(id, third);
    expect((await create(inputs)).outs.generation).toBe(outs.generation);
    expect(await trial.look(inputs)).toEqual(trial.written);
  });

  it('is started empty, and says so, when its data folder was deleted while it ran', async () => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const inputs = await stack.inputs(`${name}-emptied`, trial.definition);
    const { id, outs } = await create(inputs);
    await trial.write(inputs);
    await rm(processFolder(stack.name, inputs.name).data, { recursive: true });
    expect(await diff(id, outs, inputs)).toMatchObject({ changes: true });
    expect(said).toHaveBeenLastCalledWith(
      `the data folder of ${inputs.name} (pid ${outs.pid}) is gone while it ran; it will be stopped and started again, empty`,
    );
    const after = (await update(id, outs, inputs)).outs;
    expect(after.generation).not.toBe(outs.generation);
    expect(await trial.look(inputs).catch(() => 'nothing')).not.toEqual(trial.written);
    await destroy(id, after);
  });

  it('is found again when its whole folder was deleted while it ran: never two', async () => {
    const inputs = await stack.inputs(`${name}-unfolded`, trial.definition);
    const { id, outs } = await create(inputs);
    await rm(processFolder(stack.name, inputs.name).path, { recursive: true });
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    expect(await diff(id, outs, inputs)).toMatchObject({ changes: true });
    const after = (await update(id, outs, inputs)).outs;
    expect(after.pid).not.toBe(outs.pid);
    expect((await read(id, after)).id).toBe(id);
    await destroy(id, after);
    expect(await stack.countOf(inputs.name)).toBe(0);
  });

  it('keeps no secret and no private key in its log, its arguments and its environment', async () => {
    const inputs = await stack.inputs(`${name}-quiet`, trial.definition);
    const { id, outs } = await create(inputs);
    await trial.write(inputs);
    const folder = processFolder(stack.name, inputs.name);
    const seen = [
      await readFile(folder.log, 'utf8'),
      await readFile(folder.record, 'utf8'),
      JSON.stringify(outs),
    ];
    if (process.platform === 'linux') {
      seen.push(
        await readFile(`/proc/${outs.pid}/cmdline`, 'utf8'),
        await readFile(`/proc/${outs.pid}/environ`, 'utf8'),
      );
    }
    const { definition } = inputs;
    const refs = 'password' in definition ? [definition.password] : [];
    if (definition.kind === 'postgres') refs.push(...definition.databases.map(({ password }) => password));
    // The first account of the public test mnemonic stands for what a node might print.
    const secrets = ['ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'];
    for (const ref of refs) secrets.push(await readSecret(ref));
    for (const secret of secrets) expect(seen.some((text) => text.includes(secret))).toBe(false);
    for (const ref of refs) expect((await stat(ref.name)).mode & 0o077).toBe(0);
    await destroy(id, outs);
  });
});

describe('an EVM node', () => {
  const definition = { kind: 'evm-node', chainId: 31337, snapshotMilliseconds: 100 } as const;

  it('loads the snapshot before the last when the last is broken, says so, and has another generation', async () => {
    const inputs = await stack.inputs('evm-broken', definition);
    const { id, outs } = await create(inputs);
    const { data } = processFolder(stack.name, inputs.name);
    const trial = trials['evm'] as Trial;
    await trial.write(inputs);
    await trial.write(inputs).catch(() => undefined);
    await destroy(id, outs);
    await writeFile(join(data, 'state.json'), '{"accounts":{');
    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const again = (await create(inputs)).outs;
    expect(said).toHaveBeenCalledWith(
      'the last snapshot of evm-broken is broken (kept as state.broken.json); the one before it is loaded',
    );
    expect(again.generation).not.toBe(outs.generation);
    expect(await jsonRpc(port(inputs), 'eth_blockNumber', [], 5000)).not.toBe('0x0');
    await destroy(id, again);
  });

  it('comes back, and only once, when its keeper is killed and anvil goes on', async () => {
    const inputs = await stack.inputs('evm-parts', definition);
    const { id, outs } = await create(inputs);
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    process.kill(outs.pid, 'SIGKILL');
    await eventually(async () => ((await diff(id, outs, inputs)).changes === true ? true : undefined));
    // anvil goes on without it, and holds the port: it is ours, and is replaced.
    const again = (await update(id, outs, inputs)).outs;
    expect(await stack.countOf(inputs.name)).toBe(1);
    await destroy(id, again);
    expect(await stack.countOf(inputs.name)).toBe(0);
  });
});

describe('a PostgreSQL server', () => {
  it('gets a database more without a restart, and a new password when its file is gone', async () => {
    const definition = trials['postgres']?.definition;
    if (definition?.kind !== 'postgres') throw new Error('no definition');
    const inputs = await stack.inputs('postgres-more', definition);
    const { id, outs } = await create(inputs);
    const shared = { user: 'shared', password: stack.secret('shared') };
    const more: ProcessInputs = {
      ...inputs,
      definition: {
        ...definition,
        databases: [
          ...definition.databases,
          { ...shared, name: 'more', mayCreateDatabases: true },
          { ...shared, name: 'more_scratch' },
        ],
      },
    };
    expect(await diff(id, outs, more)).toMatchObject({ changes: true });
    const after = (await update(id, outs, more)).outs;
    expect(after.pid).toBe(outs.pid);
    const role = await sql(
      more,
      'shared',
      'SELECT rolcreatedb, rolsuper FROM pg_roles WHERE rolname = current_user',
      'more',
    );
    expect(role.rows).toEqual([{ rolcreatedb: true, rolsuper: false }]);
    await expect(sql(more, 'orders', 'SELECT 1', 'more')).rejects.toThrow(/permission denied/);

    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    await rm(stack.secret('shared').name);
    await rm(stack.secret('postgres').name);
    expect(await diff(id, after, more)).toMatchObject({ changes: true });
    expect(said.mock.calls.map(([line]) => line as string)).toContain(
      `the secret of postgres-more in ${stack.secret('shared').name} is gone; a new one will be made`,
    );
    await update(id, after, more);
    await sql(more, 'shared', 'SELECT 1', 'more');
    expect(await diff(id, after, more)).toMatchObject({ changes: false });
    await destroy(id, after);
  });
});

describe('all of a stack', () => {
  it('is listed fast, and stopped at once, without the engine', async () => {
    const began = performance.now();
    const listed = await listProcesses(stack.name);
    expect(performance.now() - began).toBeLessThan(6000);
    expect(listed.map(({ name, state }) => [name, state])).toEqual(
      Object.keys(trials)
        .sort()
        .map((name) => [name, 'healthy']),
    );
    expect([...(await stopAll(stack.name))].sort()).toEqual(Object.keys(trials).sort());
    expect(await stopAll(stack.name)).toEqual([]);
    expect(await listProcesses(stack.name)).toEqual([]);
  });
});

async function sql(
  inputs: ProcessInputs,
  user: string,
  text: string,
  database = user,
): Promise<{ rows: unknown[] }> {
  const client = new Client({
    host: '127.0.0.1',
    port: port(inputs),
    user,
    database,
    password: await readSecret(stack.secret(user)),
  });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

async function mongo<T>(inputs: ProcessInputs, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port(inputs)}`, { serverSelectionTimeoutMS: 5000 });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
