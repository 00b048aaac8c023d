import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '@cutover/base/free-port.ts';
import { notifyTo } from '@cutover/chain/evm/sender.ts';
import { notify } from '@cutover/chain/evm/sender/notify.ts';
import { posted } from '@cutover/chain/notify/webhook.ts';
import type { NetworkRef } from '@cutover/chain/plan/network.ts';
import type { EventKind } from '@cutover/chain/plan/notifications.ts';
import { until } from './sender/kit.ts';

interface Received {
  readonly text: string;
  readonly authorization: string | undefined;
}

const servers: Server[] = [];
notifyTo(() => undefined);
afterEach(() => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A real HTTP server that answers each request with the next of these, the last again and again. */
async function webhook(...answers: readonly (number | 'never')[]) {
  const received: Received[] = [];
  let requests = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const answer = answers[Math.min(requests++, answers.length - 1)];
      if (answer === 'never') return;
      if (answer === 200) {
        const { text } = JSON.parse(body) as { readonly text: string };
        received.push({ text, authorization: request.headers.authorization });
      }
      response.writeHead(answer ?? 500).end('hook-secret is not what we expected');
    });
  });
  servers.push(server);
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const network = networkTo(`http://127.0.0.1:${port}/services/hook-secret`);
  return { received, network, requests: () => requests };
}

let hooks = 0;

/** A network whose webhook is in a variable of its own: what is known of one webhook must not touch the next test. */
function networkTo(url: string, events?: readonly EventKind[]): NetworkRef {
  const name = `NOTIFY_TEST_${++hooks}`;
  process.env[name] = url;
  const notifications = {
    webhook: { kind: 'env', name },
    ...(events === undefined ? {} : { events }),
  } as const;
  return { name: 'test', chainId: 1, endpoints: [], notifications };
}

function tell(network: NetworkRef, text: string, kind: EventKind = 'stuck'): void {
  notify(network, { kind, account: '0xabc', text });
}

const warnings = (): string[] => {
  const lines: string[] = [];
  vi.spyOn(console, 'warn').mockImplementation((line: string) => void lines.push(line));
  return lines;
};

describe('an operator', () => {
  it('is told by the webhook, in the order of what happened', async () => {
    const { received, network } = await webhook(200);
    for (const text of ['one', 'two', 'three']) tell(network, text);
    await posted();
    expect(received.map(({ text }) => text)).toEqual([
      '[test (chain 1)] stuck: one',
      '[test (chain 1)] stuck: two',
      '[test (chain 1)] stuck: three',
    ]);
  });

  it('is told only of what was asked for', async () => {
    const { received, network } = await webhook(200);
    const notifications = { ...network.notifications, events: ['proposed'] } as NetworkRef['notifications'];
    const some = { ...network, ...(notifications === undefined ? {} : { notifications }) };
    tell(some, 'one', 'bumped');
    tell(some, 'two', 'proposed');
    await posted();
    expect(received.map(({ text }) => text)).toEqual(['[test (chain 1)] proposed: two']);
  });

  it('is told once of what goes on and on', async () => {
    const { received, network } = await webhook(200);
    for (const text of ['one', 'two', 'one', 'one']) tell(network, text);
    await posted();
    expect(received.map(({ text }) => text.slice(-3))).toEqual(['one', 'two']);
  });

  it('is told on the second attempt when the first fails', async () => {
    const { received, network, requests } = await webhook(500, 200);
    tell(network, 'one');
    await posted();
    expect([received.length, requests()]).toEqual([1, 2]);
  });

  it('is known to the webhook by the user in its URL', async () => {
    const { received, network } = await webhook(200);
    const reference = network.notifications?.webhook;
    const name = reference?.kind === 'env' ? reference.name : '';
    process.env[name] = process.env[name]?.replace('http://', 'http://ops:pass@');
    tell(network, 'one');
    await posted();
    expect(received[0]?.authorization).toBe(`Basic ${Buffer.from('ops:pass').toString('base64')}`);
  });
});

describe('a webhook', () => {
  it('that hangs costs an update a second and a half, and only once', async () => {
    const lines = warnings();
    const { network } = await webhook('never');
    tell(network, 'one');
    const began = performance.now();
    await posted();
    const first = performance.now() - began;
    await posted();
    const both = performance.now() - began;
    expect(first).toBeGreaterThan(1_000);
    expect(both).toBeLessThan(first + 100);
    expect(both).toBeLessThan(2_500);
    servers.at(-1)?.closeAllConnections();
    servers.at(-1)?.close();
    await until(() => lines.length > 0, 'it is given up');
  });

  it('that always fails is given up, said without its URL, and rested', async () => {
    const lines = warnings();
    const { network, requests } = await webhook(500);
    tell(network, 'one');
    tell(network, 'two');
    await until(() => lines.length > 0, 'it is given up');
    expect(lines).toEqual([
      expect.stringMatching(
        /^warning: the webhook env:NOTIFY_TEST_\d+ was not told of 2 events: it answers with HTTP status 500/,
      ),
    ]);
    expect(lines.join()).not.toMatch(/hook-secret|127\.0\.0\.1/);
    tell(network, 'three');
    await posted();
    expect(requests()).toBe(3);
  });

  it('that is not what a webhook is, is not asked again', async () => {
    const lines = warnings();
    const { network, requests } = await webhook(302);
    tell(network, 'one');
    await until(() => lines.length > 0, 'it is given up');
    expect(requests()).toBe(1);
  });

  it.each([
    ['that nobody named', '', /CUT-1100/],
    ['that is no URL', 'hook-secret', /no http:\/\/ or https:\/\/ URL/],
  ])('%s fails nothing', async (_, value, said) => {
    const lines = warnings();
    tell(networkTo(value), 'one');
    await posted();
    expect(lines.join()).toMatch(said);
    expect(lines.join()).not.toContain('hook-secret');
  });

  it('that is slow keeps a hundred events at most', async () => {
    const lines = warnings();
    const { network } = await webhook('never');
    for (let each = 0; each < 250; each++) tell(network, String(each));
    servers.at(-1)?.closeAllConnections();
    servers.at(-1)?.close();
    await until(() => lines.length > 0, 'it is given up');
    expect(lines[0]).toContain('was not told of 250 events');
  });
});
