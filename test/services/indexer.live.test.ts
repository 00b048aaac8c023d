import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import { areGapless, deployEmitter, migrate, subscribe } from './indexer-support.ts';
import { worlds } from './indexer-world.ts';
import { startProcess, until } from './processes.ts';

const world = worlds();

describe('an indexer', () => {
  it('reads what was, follows what comes, and tells subscribers', async () => {
    const here = await world();
    for (let n = 0; n < 30; n++) await here.emitter.send('emitNumbered', n * 2, 2);
    const indexer = await here.start();
    await here.untilTableIsChain();
    const subscriber = await subscribe(indexer.url, { from: 0 });
    await here.emitter.send('emitNumbered', 100, 3);
    await here.untilTableIsChain();
    await until('63 changes', () => (subscriber.changes().length === 63 ? true : undefined));
    expect(subscriber.events()).toEqual(await here.emitter.events());
    expect(areGapless(subscriber.changes(), 0)).toBe(true);
    const head = Number(await here.node.provider.send('eth_blockNumber', []));
    await until('the report is up to date', async () =>
      (await indexer.health()).indexer.indexed === head ? true : undefined,
    );
    const response = await indexer.get('/health');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'HEALTHY',
      checks: [
        { service: 'Database', healthy: true },
        { service: 'EVM node', healthy: true },
        { service: 'Follower', healthy: true },
      ],
      indexer: { role: 'writer', head, indexed: head, lag: 0, sequence: 63, epoch: 1, clients: 1 },
    });
    const metrics = await (await indexer.get('/metrics')).text();
    for (const line of [
      new RegExp(`^indexer_head_block\\{.*\\} ${head}$`, 'm'),
      new RegExp(`^indexer_indexed_block\\{.*\\} ${head}$`, 'm'),
      /^indexer_lag_blocks\{.*\} 0$/m,
      /^indexer_events_total\{.*\} 63$/m,
      /^indexer_clients\{.*\} 1$/m,
      /^indexer_rpc_calls_total\{method="eth_getLogs",.*\} \d+$/m,
      /^process_cpu_seconds_total\{/m,
    ]) {
      expect(metrics).toMatch(line);
    }
  });

  it('keeps every kind of argument, and texts that are none', async () => {
    const here = await world();
    await here.start();
    const id = `0x${'ab'.repeat(32)}`;
    await here.emitter.send('emitDrawn', id, [[-5n, 2n ** 255n] as const], 'label');
    await here.emitter.send('emitNote', 1, '0xff00fe');
    await here.emitter.send('emitNote', 2, '0x610062');
    await here.emitter.send('emitNote', 3, '0xc3a920f09f8c8d');
    const rows = await until('four events', async () => {
      const { rows } = await here.database.pool.query<{ args: Record<string, unknown> }>(
        'SELECT args FROM events ORDER BY sequence',
      );
      return rows.length === 4 ? rows.map(({ args }) => args) : undefined;
    });
    expect(rows[0]).toEqual({
      id,
      points: [{ x: '-5', y: (2n ** 255n).toString() }],
      label: { hash: expect.stringMatching(/^0x[0-9a-f]{64}$/) as string },
      '3': true,
    });
    expect(rows[1]).toMatchObject({ undecoded: { data: expect.stringContaining('ff00fe') as string } });
    expect(rows[2]).toMatchObject({ undecoded: { data: expect.stringContaining('610062') as string } });
    expect(rows[3]).toMatchObject({ n: '3', note: 'é 🌍' });
  });

  it('reads the past of a contract that comes later, beside what goes on', async () => {
    const here = await world();
    const second = await deployEmitter(here.node);
    const [first] = here.contracts();
    const both = [
      first,
      { name: 'Second', address: second.address, fromBlock: second.deployedIn, abi: second.abi },
    ];
    const emitBoth = async (n: number): Promise<void> => {
      await here.emitter.send('emitNumbered', n, 1);
      await second.send('emitNumbered', 1000 + n, 2);
    };
    for (let n = 0; n < 30; n++) await emitBoth(n);
    const before = await here.start();
    await here.untilTableIsChain();
    await before.process.stop('SIGTERM');
    const after = await here.start({ CONTRACTS: JSON.stringify(both), MAX_BLOCK_RANGE: '5' });
    for (let n = 30; n < 40; n++) await emitBoth(n);
    await here.node.provider.send('anvil_reorg', [3, []]);
    for (let n = 40; n < 45; n++) await emitBoth(n);
    const expected = async () =>
      [...(await here.emitter.events()), ...(await second.events())].sort(
        (a, b) => a.block - b.block || a.index - b.index,
      );
    await until('both are there', async () => {
      expect(await here.database.events()).toEqual(await expected());
      return true;
    });
    const subscriber = await subscribe(after.url, { from: 0 });
    const count = await after.metric('indexer_sequence');
    await until('all changes', () => (subscriber.changes().length >= count ? true : undefined));
    expect(areGapless(subscriber.changes(), 0)).toBe(true);
    expect(subscriber.events()).toEqual(await here.database.events());
    await until('the past is read', () =>
      after.process.output().includes('the past of a contract is read') ? true : undefined,
    );
  });

  it('waits for its tables, and for a database that is away', async () => {
    const here = await world({ migrated: false });
    await here.emitter.send('emitNumbered', 1, 3);
    const indexer = await here.start();
    await until('it says so', async () => {
      const { status, checks } = await indexer.health();
      const database = checks.find(({ service }) => service === 'Database');
      return status === 'DEGRADED' && database?.healthy === false ? true : undefined;
    });
    expect((await indexer.get('/livez')).status).toBe(200);
    await migrate(here.postgres, here.database.name);
    await here.untilTableIsChain();
    const subscriber = await subscribe(indexer.url, { from: 0 });
    await until('3 changes', () => (subscriber.changes().length === 3 ? true : undefined));
    await here.postgres.stop();
    await until('it says so', async () => ((await indexer.get('/health')).status === 503 ? true : undefined));
    await here.emitter.send('emitNumbered', 10, 3);
    await here.postgres.start();
    await here.untilTableIsChain();
    await until('it is well', async () => ((await indexer.get('/health')).status === 200 ? true : undefined));
    await until('6 changes', () => (subscriber.changes().length === 6 ? true : undefined));
    expect(areGapless(subscriber.changes(), 0)).toBe(true);
  });

  it('says that it is not well while its node is away, and goes on when it is back', async () => {
    const here = await world();
    const indexer = await here.start({ MAX_LAG_BLOCKS: '3' });
    await here.emitter.send('emitNumbered', 1, 3);
    await here.untilTableIsChain();
    process.kill(here.node.pid, 'SIGSTOP');
    await until(
      '503',
      async () => ((await indexer.get('/health')).status === 503 ? true : undefined),
      25_000,
    );
    process.kill(here.node.pid, 'SIGCONT');
    await until('200', async () => ((await indexer.get('/health')).status === 200 ? true : undefined));
    await here.emitter.send('emitNumbered', 5, 3);
    await here.untilTableIsChain();
  });

  it('never says a secret', async () => {
    const here = await world();
    const folder = await mkdtemp(join(tmpdir(), 'cutover indexer ü-'));
    here.onEnd(() => rm(folder, { recursive: true }));
    const file = join(folder, 'node');
    await writeFile(file, 'http://127.0.0.1:9/v2/rpc-key-0123456789\n');
    const indexer = await here.start({ EVM_RPC_URL: '', EVM_RPC_URL_FILE: file, LOG_LEVEL: 'trace' });
    await until('it failed', () => (indexer.process.output().includes('asked again') ? true : undefined));
    const answers = await Promise.all(
      ['/health', '/metrics', '/events'].map(async (path) => (await indexer.get(path)).text()),
    );
    const said = [indexer.process.output(), ...answers].join('\n');
    for (const secret of ['rpc-key-0123456789', here.postgres.password]) expect(said).not.toContain(secret);
  });

  it('tells everything that is wrong with its environment at once, and does not start', async () => {
    const wrong = startProcess(process.execPath, [join(projectRoot, 'services/indexer/main.ts')], {
      EVM_RPC_URL: 'ftp://x',
      CONTRACTS: '[{"name":"A","address":"0x12","events":["event X(uint"]}]',
      DATABASE_URL: 'mysql://x',
      PORT: 'many',
    });
    expect(await wrong.ended).toBe(2);
    for (const line of [
      'EVM_CHAIN_ID is not set',
      'EVM_RPC_URL is not an http:// or https:// URL',
      'CONTRACTS: A has no address of 20 bytes',
      'CONTRACTS: A has no fromBlock',
      'CONTRACTS: A has an event that cannot be understood',
      'DATABASE_URL is not postgres://',
      'PORT is "many"',
    ]) {
      expect(wrong.output()).toContain(line);
    }
  });
});
