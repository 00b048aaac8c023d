import { createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Thing } from '../../../../ops/twin/kind.ts';
import { startProxy, type Proxy } from '../../../../ops/twin/live/load-balancer/proxy.ts';
import { openTargets, type Targets } from '../../../../ops/twin/live/load-balancer/targets.ts';
import { blueArn } from './compute-help.ts';
import { liveCloud, place, until, type LiveCloud } from './ground-help.ts';

// A listener before servers of this test.
const group = blueArn;
const listener: Thing = {
  ...{ type: '', id: 'l', account: '', region: '', createdMs: 0, readyMs: 0, outputs: {} },
  inputs: { defaultActions: [{ type: 'forward', targetGroupArn: group }] },
};
let live: LiveCloud;
let targets: Targets;
let proxy: Proxy;
let obstacle: string | undefined;
let isShut = false;
const servers: Server[] = [];
beforeAll(async () => {
  live = liveCloud();
  const healthCheck = { path: '/up', matcher: '200', timeout: 1, healthyThreshold: 2, unhealthyThreshold: 2 };
  live.cloud.put({
    ...{ type: 'aws:lb/targetGroup:TargetGroup', id: group, ...place, urn: '', secrets: [] },
    ...{ inputs: { deregistrationDelay: 5 }, outputs: { arn: group, healthCheck }, createdMs: 0, readyMs: 0 },
  });
  targets = openTargets(live.cloud, () => obstacle);
  proxy = await startProxy(
    {
      ...{ protocol: 'HTTP', port: 80, listener: () => listener, rules: () => [], targets, idleMs: 1500 },
      isShut: () => isShut,
    },
    0,
  );
});
afterEach(async () => {
  await Promise.all(targets.of(group).map(({ id }) => targets.deregister(group, id)));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
afterAll(async () => {
  await proxy.close();
  targets.close();
  await live.end();
});

/** A target that answers, and says that it is up. */
async function target(id: string, answer: RequestListener): Promise<Server> {
  const server = createServer((incoming, response) => {
    if (incoming.url === '/up') response.end();
    else answer(incoming, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  targets.register(group, { id, port: (server.address() as AddressInfo).port, cloudPort: 8080 });
  expect(
    await until(
      () => targets.state(group, id),
      (state) => state === 'healthy',
    ),
  ).toBe('healthy');
  return server;
}

function send(
  path = '/',
  headers: Record<string, string> = {},
  body = '',
): Promise<IncomingMessage & { text: string }> {
  return new Promise((resolve, reject) => {
    const method = body === '' ? 'GET' : 'POST';
    const asking = request(
      { host: '127.0.0.1', port: proxy.localPort, path, headers, method, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.once('end', () => resolve(Object.assign(response, { text })));
        response.once('error', reject);
      },
    );
    asking.once('error', reject);
    asking.end(body);
  });
}

describe('what security groups forbid', () => {
  it('is a target that is never well, and no request reaches it', async () => {
    let asked = 0;
    obstacle = 'no rule of sg-1 lets sg-2 in on port 8080';
    const server = createServer((_, response) => {
      asked++;
      response.end();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    targets.register(group, { id: 'behind', port, cloudPort: 8080 });
    const state = (): unknown => targets.state(group, 'behind');
    expect(await until(state, (now) => now === 'unhealthy')).toBe('unhealthy');
    expect(targets.lastAnswer(group, 'behind')).toBe(`Request timed out: ${obstacle}`);
    // None is well, so it is asked nonetheless.
    expect([(await send()).statusCode, asked]).toEqual([504, 0]);
    obstacle = undefined;
    expect(await until(state, (now) => now === 'healthy')).toBe('healthy');
    expect((await send()).statusCode).toBe(200);
  });

  it('is a listener that takes no connection', async () => {
    isShut = true;
    await expect(send()).rejects.toThrow(/hang up|ECONNRESET/);
    isShut = false;
    expect((await send()).statusCode).toBe(503);
  });
});

describe('a listener', () => {
  it('answers 503 where nobody is registered', async () => {
    expect((await send()).statusCode).toBe(503);
  });

  it('passes requests on as they are, and says for whom', async () => {
    await target('one', (incoming, response) => {
      let body = '';
      incoming.setEncoding('utf8').on('data', (part: string) => (body += part));
      incoming.once('end', () => {
        response.writeHead(201, { 'x-own': 'yes', connection: 'close' });
        response.end(JSON.stringify({ headers: incoming.headers, url: incoming.url, body }));
      });
    });
    const { statusCode, headers, text } = await send(
      '/a?b=c',
      { host: 'api.test', 'x-forwarded-for': '203.0.113.1', connection: 'x-hop', 'x-hop': 'gone' },
      'sent',
    );
    expect([statusCode, headers['x-own']]).toEqual([201, 'yes']);
    const seen = JSON.parse(text) as { headers: Record<string, string>; url: string; body: string };
    expect([seen.url, seen.body]).toEqual(['/a?b=c', 'sent']);
    expect(seen.headers).toMatchObject({
      ...{ host: 'api.test', 'x-forwarded-for': '203.0.113.1, 127.0.0.1' },
      ...{ 'x-forwarded-proto': 'http', 'x-forwarded-port': '80' },
    });
    expect(seen.headers['x-amzn-trace-id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(seen.headers['x-hop']).toBeUndefined();
  });

  it('answers 502 where a target ends in the middle, and 504 where it says nothing', async () => {
    await target('one', (incoming, response) => {
      if (incoming.url === '/cut') response.destroy();
    });
    expect((await send('/cut')).statusCode).toBe(502);
    expect((await send('/silent')).statusCode).toBe(504);
  });

  it('gives a target that is taken out no new requests, and lets those underway end', async () => {
    const held = Promise.withResolvers<void>();
    await target('slow', (_, response) => void held.promise.then(() => response.end('slow')));
    const underway = send();
    await sleep(100);
    await target('fast', (_, response) => void response.end('fast'));
    let isOut = false;
    const out = targets.deregister(group, 'slow').then(() => (isOut = true));
    const others = await Promise.all(Array.from({ length: 5 }, () => send()));
    expect(others.map(({ text }) => text)).toEqual(Array.from({ length: 5 }, () => 'fast'));
    expect(isOut).toBe(false);
    held.resolve();
    expect((await underway).text).toBe('slow');
    await out;
    expect(targets.of(group).map(({ id }) => id)).toEqual(['fast']);
  });

  it('leaves a target out that is not well, and asks all where none is', async () => {
    const first = await target('first', (_, response) => void response.end('first'));
    await target('second', (_, response) => void response.end('second'));
    first.closeAllConnections();
    await new Promise((resolve) => first.close(resolve));
    await until(
      () => targets.state(group, 'first'),
      (state) => state === 'unhealthy',
    );
    expect((await Promise.all([send(), send(), send()])).map(({ text }) => text)).toEqual([
      ...['second', 'second', 'second'],
    ]);
    expect(targets.lastAnswer(group, 'first')).toBe('ECONNREFUSED');
    await targets.deregister(group, 'second');
    expect((await send()).statusCode).toBe(502);
  });

  it('lets connections be upgraded', async () => {
    const server = await target('one', (_, response) => void response.end());
    server.on('upgrade', (_incoming, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\nconnection: upgrade\r\n\r\n');
      socket.on('data', (part: Buffer) => socket.write(`echo ${part.toString()}`));
      // Its socket stays half open otherwise.
      socket.on('end', () => socket.end());
      socket.on('error', () => undefined);
    });
    const socket = connect(proxy.localPort, '127.0.0.1');
    let heard = '';
    socket.setEncoding('utf8').on('data', (part: string) => (heard += part));
    socket.write('GET / HTTP/1.1\r\nhost: a\r\nupgrade: echo\r\nconnection: upgrade\r\n\r\n');
    await until(
      () => heard,
      (text) => text.includes('101'),
    );
    socket.write('hello');
    expect(
      await until(
        () => heard,
        (text) => text.includes('hello'),
      ),
    ).toMatch(/^HTTP\/1.1 101 [^]*echo hello$/);
    socket.destroy();
  });
});
