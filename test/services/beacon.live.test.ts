import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '@cutover/base/free-port.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { startLocalNode, type LocalNode } from '../chain/local-node.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';
import { findTool, startProcess, until, type TestProcess } from './processes.ts';

const program = join(projectRoot, 'services/beacon/main.ts');
const ESCROW = `0x${'5f'.repeat(20)}`;
const CACHE_PASSWORD = 'cache-Secret-1';
const started: TestProcess[] = [];

let folder: string;
let database: TestPostgres;
let cache: TestProcess;
let cachePort: number;
let chain: LocalNode;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover beacon ü-'));
  [database, chain, cachePort] = await Promise.all([startPostgres(), startLocalNode(), freePort()]);
  cache = startProcess(findTool('valkey-server', 'redis-server'), [
    ...['--port', String(cachePort), '--bind', '127.0.0.1', '--save', '', '--requirepass', CACHE_PASSWORD],
  ]);
  await writeFile(join(folder, 'database-password'), `${database.password}\n`);
  await writeFile(join(folder, 'cache-password'), `${CACHE_PASSWORD}\n`);
  // Code that stops at once: it has no paused(), so the contract counts as active.
  await chain.provider.send('anvil_setCode', [ESCROW, '0x00']);
  await chain.provider.send('anvil_setBalance', [ESCROW, '0x91b77e5e5d9a0000']);
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop('SIGKILL')));
});

afterAll(async () => {
  await Promise.all([database.remove(), cache.stop(), chain.stop()]);
  await rm(folder, { recursive: true });
});

interface Beacon {
  readonly url: string;
  readonly process: TestProcess;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
}

async function start(env: Record<string, string> = {}): Promise<Beacon> {
  const beacon = startProcess(process.execPath, [program], {
    ...{ SYSTEM: 'meta-aggregator', PORT: '0', PROBE_CACHE_MS: '100', PROBE_TIMEOUT_MS: '1000' },
    ...env,
  });
  started.push(beacon);
  const port = await until('the beacon listens', () => /"port":(\d+)/.exec(beacon.output())?.[1]);
  const url = `http://127.0.0.1:${port}`;
  return { url, process: beacon, get: (path, headers = {}) => fetch(`${url}${path}`, { headers }) };
}

/** The environment of a beacon with everything behind it. */
const everything = () => ({
  DATABASE_URL: `postgres://${database.user}@127.0.0.1:${database.port}/${database.database}`,
  DATABASE_PASSWORD_FILE: join(folder, 'database-password'),
  CACHE_URL: `redis://127.0.0.1:${cachePort}`,
  CACHE_PASSWORD_FILE: join(folder, 'cache-password'),
  EVM_RPC_URL: chain.url,
  EVM_CHAIN_ID: '31337',
  EVM_CONTRACTS: `escrow_contract=${ESCROW}`,
});

/** The names of all keys, inside and out. */
function keysOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keysOf(inner)]));
}

describe('a beacon with everything behind it', () => {
  it('reports in the documented shapes, key by key, from what is really there', async () => {
    const { get } = await start({ ...everything(), VERSION: '1.0.0' });

    const health = await get('/api/health');
    expect(health.status).toBe(200);
    const healthBody = (await health.json()) as Record<string, unknown>;
    expect(healthBody).toMatchObject({
      status: 'healthy',
      version: '1.0.0',
      dependencies: { database: 'healthy', external_apis: 'not_configured', smart_contracts: 'healthy' },
    });
    expect(keysOf(healthBody)).toEqual(
      keysOf({
        status: 'healthy',
        timestamp: '2024-01-01T00:00:00Z',
        version: '1.0.0',
        dependencies: { database: 'healthy', external_apis: 'healthy', smart_contracts: 'healthy' },
      }),
    );
    expect(healthBody['timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

    const status = (await (await get('/api/status')).json()) as {
      api: Record<string, string>;
      database: Record<string, string | number>;
    };
    expect(keysOf(status)).toEqual(
      keysOf({
        api: { status: 'healthy', response_time_avg: '150ms', error_rate: '0.1%' },
        database: { status: 'healthy', connections: 45, query_time_avg: '25ms' },
        contracts: { escrow_contract: { address: ESCROW, status: 'active', balance: '10.5 ETH' } },
      }),
    );
    expect(status).toMatchObject({
      api: { status: 'healthy', error_rate: '0%' },
      database: { status: 'healthy' },
      contracts: { escrow_contract: { address: ESCROW, status: 'active', balance: '10.5 ETH' } },
    });
    expect(status.api['response_time_avg']).toMatch(/^\d+(\.\d)?ms$/);
    expect(status.database['query_time_avg']).toMatch(/^\d+(\.\d)?ms$/);
    expect(status.database['connections']).toBeGreaterThan(0);

    const report = (await (await get('/health')).json()) as { checks: { service: string }[] };
    expect(keysOf(report)).toEqual({
      status: 'string',
      timestamp: 'number',
      checks: Object.fromEntries(
        ['API', 'Database', 'Redis', 'Ethereum RPC'].map((_, index) => [
          index,
          { service: 'string', healthy: 'boolean', latency: 'number' },
        ]),
      ),
    });
    expect(report.checks.map(({ service }) => service)).toEqual(['API', 'Database', 'Redis', 'Ethereum RPC']);
  });

  it('answers 503 while its database is down, and 200 again when it is back', async () => {
    const { get, process: beacon } = await start(everything());
    const statuses = async () => [(await get('/health')).status, (await get('/api/health')).status];
    expect(await statuses()).toEqual([200, 200]);
    await database.stop();
    try {
      await until('503', async () =>
        (await statuses()).every((status) => status === 503) ? true : undefined,
      );
      expect(await (await get('/api/health')).json()).toMatchObject({
        status: 'unhealthy',
        dependencies: { database: 'unhealthy', smart_contracts: 'healthy' },
      });
      const report = (await (await get('/health')).json()) as { checks: unknown[] };
      expect(report.checks).toContainEqual({
        service: 'Database',
        healthy: false,
        error: 'connection refused',
      });
      expect((await get('/livez')).status).toBe(200);
    } finally {
      await database.start();
    }
    await until('200', async () => ((await statuses()).every((status) => status === 200) ? true : undefined));
    const changes = beacon.output().match(/"dependency":"Database"/g);
    expect(changes).toHaveLength(3);
  });

  it('does not hang with a database that does', async () => {
    const hanging = createTcp();
    await once(hanging, 'listening');
    const { port } = hanging.address() as AddressInfo;
    const { get } = await start({
      DATABASE_URL: `postgres://x@127.0.0.1:${port}/x`,
      PROBE_TIMEOUT_MS: '300',
    });
    const startedAt = performance.now();
    const response = await get('/health');
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(response.status).toBe(503);
    hanging.close();
  });

  it('sees a paused contract, a missing one, and a wrong chain', async () => {
    const paused = `0x${'aa'.repeat(20)}`;
    // Answers 1 to every call: paused() is true.
    await chain.provider.send('anvil_setCode', [paused, '0x600160005260206000f3']);
    const first = await start({ ...everything(), EVM_CONTRACTS: `escrow_contract=${paused}` });
    expect(await (await first.get('/api/status')).json()).toMatchObject({
      contracts: { escrow_contract: { status: 'paused' } },
    });
    expect((await first.get('/api/health')).status).toBe(200);

    const missing = `0x${'bb'.repeat(20)}`;
    const second = await start({ ...everything(), EVM_CONTRACTS: `escrow_contract=${missing}` });
    expect((await second.get('/api/health')).status).toBe(503);
    expect(await (await second.get('/api/status')).json()).toMatchObject({
      contracts: { escrow_contract: { status: 'missing', address: missing } },
    });

    const third = await start({ ...everything(), EVM_CHAIN_ID: '1' });
    const report = (await (await third.get('/health')).json()) as { checks: unknown[] };
    expect(report.checks).toContainEqual({
      service: 'Ethereum RPC',
      healthy: false,
      error: 'chain 31337 answers, chain 1 was expected',
    });
  });

  it('shows a page with the system, its network, its contract and its health', async () => {
    const { get } = await start({ ...everything(), NETWORK: 'local Anvil' });
    const response = await get('/');
    const html = await response.text();
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const part of ['<h1>Meta Aggregator</h1>', 'local Anvil', ESCROW, 'healthy']) {
      expect(html).toContain(part);
    }
  });

  it('has metrics of itself and of what is behind it', async () => {
    const { get } = await start(everything());
    await get('/api/status');
    const text = await (await get('/metrics')).text();
    for (const line of [
      /^api_requests_total\{method="GET",route="\/api\/status",status="200",.*\} 1$/m,
      /^api_response_time_seconds_bucket\{/m,
      /^dependency_up\{dependency="Database",.*\} 1$/m,
      /^contract_balance\{contract="escrow_contract",currency="ETH",.*\} 10\.5$/m,
      /^database_connections\{.*\} \d+$/m,
      /^process_cpu_seconds_total\{/m,
    ]) {
      expect(text).toMatch(line);
    }
  });

  it('never says a secret, neither in logs nor in answers', async () => {
    const { get, process: beacon } = await start({
      ...everything(),
      LOG_LEVEL: 'trace',
      DATABASE_PASSWORD_FILE: join(folder, 'cache-password'),
      EVM_RPC_URL: 'http://127.0.0.1:9/v2/rpc-key-0123456789',
    });
    const paths = ['/health', '/api/health', '/api/status', '/metrics', '/'];
    const answers = await Promise.all(paths.map(async (path) => (await get(path)).text()));
    const said = [beacon.output(), ...answers].join('\n');
    expect(said).toContain('Database');
    for (const secret of [CACHE_PASSWORD, database.password, 'rpc-key-0123456789']) {
      expect(said).not.toContain(secret);
    }
  });
});

describe('a beacon on SQLite', () => {
  it('sees that its file is there, and that it is gone', async () => {
    const file = join(folder, 'orders.db');
    new DatabaseSync(file).exec('CREATE TABLE orders (id INTEGER)');
    const { get } = await start({ DATABASE_URL: `sqlite:${file}` });
    expect((await get('/api/health')).status).toBe(200);
    await rm(file);
    await until('503', async () => ((await get('/api/health')).status === 503 ? true : undefined));
  });
});

// A real Solana node comes as an npm package for these machines; there is none for Linux on arm64.
const solanaPackages: Readonly<Record<string, string>> = {
  'linux-x64': '@solana/surfpool-linux-x64-gnu',
  'darwin-arm64': '@solana/surfpool-darwin-arm64',
  'darwin-x64': '@solana/surfpool-darwin-x64',
};
const solanaPackage = solanaPackages[`${process.platform}-${process.arch}`];

describe('a beacon on Solana', () => {
  it.skipIf(solanaPackage === undefined)('asks a real node for its health and its programs', async () => {
    const script = `
      const { Surfnet } = require('${solanaPackage}');
      globalThis.node = Surfnet.startWithConfig({ offline: true, blockProductionMode: 'transaction', slotTimeMs: 1 });
      console.log(globalThis.node.rpcUrl);
      setInterval(() => undefined, 1000);
    `;
    const node = startProcess(process.execPath, ['-e', script]);
    started.push(node);
    const rpcUrl = await until('the Solana node runs', () => /http:\S+/.exec(node.output())?.[0]);
    const upgradeableLoader = 'BPFLoaderUpgradeab1e11111111111111111111111';
    const nobody = 'Vote111111111111111111111111111111111111112';

    const good = await start({ SOLANA_RPC_URL: rpcUrl, SOLANA_PROGRAMS: `loader=${upgradeableLoader}` });
    expect(await (await good.get('/health')).json()).toMatchObject({
      status: 'HEALTHY',
      checks: [{ service: 'API' }, { service: 'Solana RPC', healthy: true }],
    });
    expect(await (await good.get('/api/status')).json()).toMatchObject({
      contracts: { loader: { address: upgradeableLoader, status: 'active' } },
    });

    const bad = await start({ SOLANA_RPC_URL: rpcUrl, SOLANA_PROGRAMS: `perps=${nobody}` });
    const report = (await (await bad.get('/health')).json()) as { checks: unknown[] };
    expect(report.checks).toContainEqual({
      service: 'Solana RPC',
      healthy: false,
      error: 'no program on chain: perps',
    });
  });
});

describe('a beacon and other services', () => {
  it('asks its peers, and services of others, which cannot take it down', async () => {
    const peer = await start({ SYSTEM: 'godark', SERVICE: 'matching-engine' });
    const failing = createServer((_, response) => response.writeHead(500).end()).listen(0, '127.0.0.1');
    await once(failing, 'listening');
    const failingUrl = `http://127.0.0.1:${(failing.address() as AddressInfo).port}/`;
    const { get } = await start({
      PEERS: `Matching Engine=${peer.url}/livez`,
      EXTERNAL_APIS: `0x=${failingUrl}`,
    });
    const health = await get('/api/health');
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({
      status: 'degraded',
      dependencies: { external_apis: 'unhealthy' },
    });
    expect(((await (await get('/health')).json()) as { status: string }).status).toBe('HEALTHY');
    await peer.process.stop();
    const report = await until('the peer is missed', async () => {
      const response = await get('/health');
      return response.status === 503 ? ((await response.json()) as { checks: unknown[] }) : undefined;
    });
    expect(report.checks).toContainEqual({
      service: 'Matching Engine',
      healthy: false,
      error: 'connection refused',
    });
    failing.close();
  });
});

describe('the limits of a beacon', () => {
  it('refuse a client that asks too often, and say when it may ask again', async () => {
    const { get } = await start({ RATE_LIMIT_MAX_REQUESTS: '3' });
    const statuses = [];
    for (let n = 0; n < 5; n++) statuses.push((await get('/api/status')).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const refused = await get('/');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await get('/health')).status).toBe(200);
  });

  it('are 60 a minute when nothing else is said, and cannot be passed by a made-up header', async () => {
    const { get } = await start();
    const statuses = [];
    for (let n = 0; n < 61; n++)
      statuses.push((await get('/api/status', { 'x-forwarded-for': `1.1.1.${n}` })).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(60);
  });

  it('know the client behind a proxy of ours', async () => {
    const { get } = await start({ RATE_LIMIT_MAX_REQUESTS: '1', TRUSTED_PROXIES: '1' });
    const from = async (client: string) => (await get('/api/status', { 'x-forwarded-for': client })).status;
    expect([await from('1.1.1.1'), await from('2.2.2.2'), await from('1.1.1.1')]).toEqual([200, 200, 429]);
  });

  it('refuse long bodies, other methods, other paths and nonsense, and go on', async () => {
    const { url, get } = await start({ MAX_BODY_BYTES: '10' });
    const post = await fetch(`${url}/api/status`, { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(await bodyStatus(url, 'x'.repeat(11))).toBe(413);
    expect((await get('/nothing')).status).toBe(404);
    for (const path of ['//', '/%00', '/?a=%zz', '/../../etc/passwd']) {
      expect(await rawStatus(url, path)).toBeLessThan(500);
    }
    expect((await get('/livez')).status).toBe(200);
  });

  it('cut off a client that sends its headers too slowly', async () => {
    const { url } = await start({ HEADERS_TIMEOUT_MS: '200', REQUEST_TIMEOUT_MS: '300' });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n');
    socket.on('error', () => undefined);
    socket.resume();
    await Promise.race([
      once(socket, 'close'),
      delay(5000).then(() => Promise.reject(new Error('still open'))),
    ]);
  });
});

describe('stopping a beacon', () => {
  it('finishes what is underway, takes nothing new, and ends with 0', async () => {
    const slow = createServer((_, response) => void setTimeout(() => response.end('{}'), 800)).listen(
      0,
      '127.0.0.1',
    );
    await once(slow, 'listening');
    const {
      url,
      get,
      process: beacon,
    } = await start({
      PEERS: `Slow=http://127.0.0.1:${(slow.address() as AddressInfo).port}/`,
      DRAIN_MS: '300',
      PROBE_TIMEOUT_MS: '3000',
    });
    const underway = get('/api/status');
    await delay(100);
    const ended = beacon.stop('SIGTERM');
    await until('not ready', async () => ((await get('/readyz')).status === 503 ? true : undefined));
    expect((await underway).status).toBe(200);
    expect(await ended).toBe(0);
    await expect(fetch(`${url}/livez`)).rejects.toThrow();
    expect(beacon.output()).toContain('"msg":"stopped"');
    slow.close();
  });

  it('waits no longer than it was told', async () => {
    const never = createTcp();
    await once(never, 'listening');
    const { get, process: beacon } = await start({
      PEERS: `Never=http://127.0.0.1:${(never.address() as AddressInfo).port}/`,
      PROBE_TIMEOUT_MS: '30000',
      STOP_TIMEOUT_MS: '300',
    });
    const cut = get('/api/status').catch(() => 'cut off');
    await delay(100);
    const startedAt = performance.now();
    expect(await beacon.stop('SIGTERM')).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(await cut).toBe('cut off');
    never.close();
  });
});

describe('a beacon with a wrong environment', () => {
  it('names everything that is wrong at once and exits with 2', async () => {
    const beacon = startProcess(process.execPath, [program], {
      PORT: 'http',
      DATABASE_URL: 'mysql://x',
      CACHE_URL: 'localhost:6379',
      EVM_CONTRACTS: 'escrow=0x12',
      DATABASE_PASSWORD_FILE: '/no/such/file',
    });
    expect(await beacon.ended).toBe(2);
    const output = beacon.output();
    expect(output).toContain('beacon does not start: 7 error(s) in its environment');
    for (const part of [
      'SYSTEM is not set',
      'PORT is "http"',
      'DATABASE_URL is neither',
      'DATABASE_PASSWORD_FILE names /no/such/file, which cannot be read (ENOENT)',
      'CACHE_URL is not',
      'EVM_CONTRACTS: escrow has no address of 20 bytes',
      'EVM_CONTRACTS is set without EVM_RPC_URL',
    ]) {
      expect(output).toContain(part);
    }
  });

  it('says that its port is taken', async () => {
    const { url } = await start();
    const second = startProcess(process.execPath, [program], { SYSTEM: 'x', PORT: new URL(url).port });
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`cannot listen on 127.0.0.1:${new URL(url).port}`);
  });
});

/** A server that takes connections and says nothing. */
function createTcp(): Server {
  const server = createServer(() => undefined);
  server.on('connection', (socket) => socket.on('error', () => undefined).pause());
  return server.listen(0, '127.0.0.1');
}

async function bodyStatus(url: string, body: string): Promise<number> {
  const request = httpRequest(`${url}/api/status`, {
    method: 'GET',
    headers: { 'content-length': body.length },
  });
  request.on('error', () => undefined);
  request.end(body);
  const [response] = (await once(request, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();
  return response.statusCode;
}

async function rawStatus(url: string, path: string): Promise<number> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  let answer = '';
  for await (const part of socket) answer += String(part);
  return Number(answer.split(' ')[1]);
}
