import { DatabaseSync } from 'node:sqlite';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '@cutover/base/free-port.ts';
import { probe } from '@cutover/delivery/gates/probe.ts';
import { openSecrets } from '@cutover/delivery/gates/secrets.ts';
import type { Check } from '@cutover/delivery/plan/gate-check.ts';
import { startLocalNode, type LocalNode } from '../chain/local-node.ts';
import { startMongo } from '../services/mongo.ts';
import { startPostgres, type TestPostgres } from '../services/postgres.ts';
import { findTool, startProcess, until, type TestProcess } from '../services/processes.ts';

const open: (Server | TcpServer)[] = [];

async function listen<S extends Server | TcpServer>(server: S): Promise<{ server: S; port: number }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(server);
  return { server, port: (server.address() as AddressInfo).port };
}

async function serve(listener: RequestListener): Promise<string> {
  const { port } = await listen(createServer(listener));
  return `http://127.0.0.1:${port}`;
}

async function ask(check: Check, timeoutMs = 2000) {
  return probe(check, await openSecrets([check]), timeoutMs);
}

afterAll(() => {
  for (const server of open) server.close();
});

describe('an HTTP check', () => {
  it('is good when status and body are', async () => {
    const url = await serve((_, response) => response.end('{"status":"healthy"}'));
    expect(await ask({ kind: 'http', url, expect: { json: { status: 'healthy' } } })).toBeUndefined();
  });

  it('reports status and first line of a bad answer', async () => {
    const url = await serve((_, response) => response.writeHead(503).end('database is down\nat line 1'));
    expect(await ask({ kind: 'http', name: 'health', url })).toEqual({
      check: 'health',
      target: `GET ${url}`,
      reason: 'expected status 200 to 299, got 503',
      answer: '503 database is down',
    });
  });

  it('is not kept waiting by a server that changes the protocol', async () => {
    const { port } = await listen(
      createTcpServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => {
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
          );
        });
      }),
    );
    const miss = await ask({ kind: 'http', url: `http://127.0.0.1:${port}` });
    expect(miss).toMatchObject({ reason: 'expected status 200 to 299, got 101' });
  });

  it('sends method, body and headers, and sees a redirect as an answer', async () => {
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        const seen = `${request.method} ${request.headers['x-app'] as string} ${body}`;
        response.writeHead(301, { location: 'https://elsewhere/', 'x-seen': seen }).end();
      });
    });
    expect(
      await ask({
        kind: 'http',
        url,
        method: 'POST',
        body: 'hello',
        headers: { 'x-app': 'me' },
        expect: { status: 301, headers: { location: 'https://elsewhere/', 'x-seen': 'POST me hello' } },
      }),
    ).toBeUndefined();
  });

  it('sends a secret header and never shows it, not even when the server echoes it', async () => {
    process.env['GATE_TEST_TOKEN'] = 'tok-1234567890';
    const url = await serve((request, response) =>
      response.writeHead(401).end(`refused: ${request.headers.authorization}`),
    );
    const secret = { kind: 'env', name: 'GATE_TEST_TOKEN' } as const;
    const miss = await ask({ kind: 'http', url, headers: { authorization: { secret, prefix: 'Bearer ' } } });
    expect(miss?.answer).toBe('401 refused: Bearer ***');
    expect(JSON.stringify(miss)).not.toContain('tok-1234567890');
  });

  it('asks for what is not compressed', async () => {
    const url = await serve((request, response) => response.end(request.headers['accept-encoding']));
    expect(await ask({ kind: 'http', url, expect: { bodyContains: 'identity' } })).toBeUndefined();
  });

  it('says that nobody listens', async () => {
    const url = `http://127.0.0.1:${await freePort()}/`;
    expect((await ask({ kind: 'http', url }))?.reason).toMatch(/ECONNREFUSED/);
  });

  it('gives up on a server that accepts and never answers', async () => {
    const url = await serve(() => undefined);
    const startedAt = performance.now();
    const miss = await ask({ kind: 'http', url }, 300);
    expect(miss?.reason).toBe('no answer within 0.3 s');
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('reads no more than it needs of an endless body', async () => {
    const url = await serve((_, response) => {
      const write = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', write);
      write();
    });
    expect(await ask({ kind: 'http', url })).toBeUndefined();
  });
});

describe('a TCP check', () => {
  it('is good when someone listens', async () => {
    const { port } = await listen(createTcpServer((socket) => socket.end()));
    expect(await ask({ kind: 'tcp', host: '127.0.0.1', port })).toBeUndefined();
    expect((await ask({ kind: 'tcp', host: '127.0.0.1', port: await freePort() }))?.reason).toMatch(
      /ECONNREFUSED/,
    );
  });

  it('reads the banner', async () => {
    const { port } = await listen(createTcpServer((socket) => socket.write('220 mail ready\r\n')));
    expect(await ask({ kind: 'tcp', host: '127.0.0.1', port, banner: '220' })).toBeUndefined();
    expect(await ask({ kind: 'tcp', host: '127.0.0.1', port, banner: 'SSH-2.0' }, 300)).toMatchObject({
      reason: 'expected a banner that contains "SSH-2.0"',
      answer: '220 mail ready',
    });
  });
});

describe('a JSON-RPC check', () => {
  let node: LocalNode;
  beforeAll(async () => {
    node = await startLocalNode();
  });
  afterAll(() => node.stop());

  it('asks a real EVM node for its chain and block', async () => {
    const { url } = node;
    expect(await ask({ kind: 'jsonRpc', url, expect: { chainId: 31337, minBlock: 0 } })).toBeUndefined();
    expect((await ask({ kind: 'jsonRpc', url, expect: { chainId: 1 } }))?.reason).toBe(
      'eth_chainId: expected chain id 1, got 31337',
    );
    expect((await ask({ kind: 'jsonRpc', url, expect: { minBlock: 99 } }))?.reason).toBe(
      'eth_blockNumber: expected block of at least 99, got 0',
    );
  });

  it('calls any method', async () => {
    const code = {
      kind: 'jsonRpc',
      url: node.url,
      method: 'eth_getCode',
      params: [`0x${'11'.repeat(20)}`, 'latest'],
    } as const;
    expect((await ask({ ...code, expect: { result: { not: '0x' } } }))?.reason).toBe(
      'eth_getCode: expected result other than "0x", got "0x"',
    );
    expect(
      await ask({
        kind: 'jsonRpc',
        url: node.url,
        method: 'eth_getBlockByNumber',
        params: ['0x0', false],
        expect: { json: { number: '0x0' } },
      }),
    ).toBeUndefined();
  });

  it('passes on the error of the node', async () => {
    expect((await ask({ kind: 'jsonRpc', url: node.url, method: 'no_such' }))?.reason).toMatch(
      /^no_such: the node answered with an error: /,
    );
  });

  it('says when an answer is no JSON-RPC', async () => {
    const url = await serve((_, response) => response.writeHead(502).end('Bad gateway'));
    expect(await ask({ kind: 'jsonRpc', url })).toMatchObject({
      reason: 'eth_chainId: expected a JSON-RPC answer, got status 502',
      answer: '502 Bad gateway',
    });
  });

  it.each([
    [500, 1, 'expected status 200, got 500'],
    [302, 1, 'expected status 200, got 302'],
    [200, 7, 'expected the answer to call 1, got one with id 7'],
    [200, undefined, 'expected the answer to call 1, got one with no id'],
  ])('takes no result from status %i with the id %s', async (status, id, reason) => {
    const reply = JSON.stringify({ jsonrpc: '2.0', id, result: '0x7a69' });
    const url = await serve((_, response) => response.writeHead(status).end(reply));
    const miss = await ask({ kind: 'jsonRpc', url, expect: { chainId: 31337 } });
    expect(miss?.reason).toBe(`eth_chainId: ${reason}`);
  });
});

describe('an SQL check', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
    process.env['GATE_TEST_PASSWORD'] = server.password;
    process.env['GATE_TEST_WRONG_PASSWORD'] = 'wrong-password';
    const user = `${server.user}:${encodeURIComponent(server.password)}`;
    process.env['GATE_TEST_URL'] = `postgres://${user}@127.0.0.1:${server.port}/${server.database}`;
  });
  afterAll(() => server.remove());

  const database = (passwordName = 'GATE_TEST_PASSWORD') => ({
    host: '127.0.0.1',
    port: server.port,
    user: server.user,
    database: server.database,
    password: { kind: 'env', name: passwordName } as const,
  });

  it('queries PostgreSQL, by parts or by a secret URL', async () => {
    expect(await ask({ kind: 'sql', database: database() })).toBeUndefined();
    expect(
      await ask({ kind: 'sql', database: { url: { kind: 'env', name: 'GATE_TEST_URL' } } }),
    ).toBeUndefined();
  });

  it('compares the first value', async () => {
    const query = 'SELECT count(*) FROM pg_database';
    expect(
      await ask({ kind: 'sql', database: database(), query, expect: { value: { atLeast: 3 } } }),
    ).toBeUndefined();
    expect(
      (await ask({ kind: 'sql', database: database(), query, expect: { value: 1000 } }))?.reason,
    ).toMatch(/^expected value 1000, got "\d+"$/);
  });

  it('can change nothing', async () => {
    const miss = await ask({ kind: 'sql', database: database(), query: 'CREATE TABLE oops (id int)' });
    expect(miss?.reason).toMatch(/read-only transaction/);
  });

  it('can change nothing with a second statement either', async () => {
    const query = 'COMMIT; CREATE TABLE oops (id int)';
    expect((await ask({ kind: 'sql', database: database(), query }))?.reason).toMatch(/multiple commands/);
    const made = "SELECT count(*) FROM pg_class WHERE relname = 'oops'";
    expect(
      await ask({ kind: 'sql', database: database(), query: made, expect: { value: 0 } }),
    ).toBeUndefined();
  });

  it('says that the password is wrong without saying the password', async () => {
    const miss = await ask({ kind: 'sql', database: database('GATE_TEST_WRONG_PASSWORD') });
    expect(miss?.reason).toMatch(/password authentication failed/);
    expect(JSON.stringify(miss)).not.toContain('wrong-password');
  });

  it('gives up on a query that takes too long, and leaves none behind', async () => {
    const slow = { kind: 'sql', database: database(), query: 'SELECT pg_sleep(20)' } as const;
    expect((await ask(slow, 400))?.reason).toMatch(/^no answer within 0.4 s$|statement timeout/);
    const query =
      "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(20)' AND state = 'active'";
    await until('the query has ended', async () =>
      (await ask({ kind: 'sql', database: database(), query, expect: { value: 0 } })) === undefined
        ? true
        : undefined,
    );
  });
});

describe('an SQLite check', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cutover gate ü-'));
    const database = new DatabaseSync(join(folder, 'orders.db'));
    database.exec('CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1), (2)');
    database.close();
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('queries the file, and can change nothing', async () => {
    const file = join(folder, 'orders.db');
    expect(
      await ask({ kind: 'sqlite', file, query: 'SELECT count(*) FROM orders', expect: { value: 2 } }),
    ).toBeUndefined();
    expect((await ask({ kind: 'sqlite', file, query: 'DELETE FROM orders' }))?.reason).toMatch(/readonly/);
  });

  it('gives up on a query that does not end, and does other work meanwhile', async () => {
    const query = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c';
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 20);
    const miss = await ask({ kind: 'sqlite', file: join(folder, 'orders.db'), query }, 1000);
    clearInterval(timer);
    expect(miss?.reason).toBe('no answer within 1 s');
    expect(ticks).toBeGreaterThan(5);
  });

  it('takes whole numbers beyond those of JavaScript', async () => {
    const query = 'SELECT 9223372036854775807';
    const file = join(folder, 'orders.db');
    expect(
      await ask({ kind: 'sqlite', file, query, expect: { value: { atLeast: 1 } } }, 10_000),
    ).toBeUndefined();
  });

  it('does not make a file that is missing', async () => {
    expect((await ask({ kind: 'sqlite', file: join(folder, 'none.db') }))?.reason).toMatch(/unable to open/);
  });
});

describe('a Redis check', () => {
  let server: TestProcess;
  let port: number;
  beforeAll(async () => {
    process.env['GATE_TEST_REDIS'] = 'redis-Secret-1';
    port = await freePort();
    server = startProcess(findTool('valkey-server', 'redis-server'), [
      ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--requirepass', 'redis-Secret-1'],
    ]);
    await until('valkey listens', async () =>
      (await ask({ kind: 'tcp', host: '127.0.0.1', port })) === undefined ? true : undefined,
    );
  });
  afterAll(() => server.stop());

  it('signs in and pings a real server', async () => {
    const password = { kind: 'env', name: 'GATE_TEST_REDIS' } as const;
    const to = { kind: 'redis', host: '127.0.0.1', port } as const;
    expect(await ask({ ...to, password })).toBeUndefined();
    expect(await ask({ ...to, user: 'default', password })).toBeUndefined();
    expect((await ask(to))?.reason).toMatch(/NOAUTH/);
  });

  it('says that the password is wrong', async () => {
    process.env['GATE_TEST_REDIS_WRONG'] = 'not-the-password';
    const password = { kind: 'env', name: 'GATE_TEST_REDIS_WRONG' } as const;
    const miss = await ask({ kind: 'redis', host: '127.0.0.1', port, password });
    expect(miss?.reason).toMatch(/WRONGPASS/);
  });
});

describe('a MongoDB check', () => {
  it('pings a real server, and gives up when there is none', async () => {
    const server = await startMongo();
    try {
      expect(await ask({ kind: 'mongo', url: server.url })).toBeUndefined();
      await server.stop();
      expect((await ask({ kind: 'mongo', url: server.url }, 400))?.reason).toBe('no answer within 0.4 s');
    } finally {
      await server.remove();
    }
  });
});
