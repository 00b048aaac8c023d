import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { areGapless, subscribe, type Subscriber } from './indexer-support.ts';
import { worlds, type World } from './indexer-world.ts';
import { until } from './processes.ts';

const world = worlds();

/** What the library can do and its old types do not know. */
interface Pausable {
  pause(): void;
  resume(): void;
}

function pausable({ socket }: Subscriber): Pausable {
  return socket as unknown as Pausable;
}

async function hasAll(subscriber: Subscriber, count: number, timeoutMs?: number): Promise<void> {
  const look = () => (subscriber.changes().length >= count ? true : undefined);
  await until(`${count} changes`, look, timeoutMs);
  expect(subscriber.changes()).toHaveLength(count);
}

/** Events with so much in them that buffers of the system fill up. */
async function emitMuch({ emitter }: World, transactions: number): Promise<void> {
  for (let n = 0; n < transactions; n++) await emitter.send('emitPadded', n * 400, 400, 2048);
}

describe('a subscriber', () => {
  it('gets what it asked for, from where it asked for it', async () => {
    const here = await world();
    const indexer = await here.start();
    await here.emitter.send('emitNumbered', 0, 5);
    await here.emitter.send('emitPadded', 0, 2, 8);
    await here.untilTableIsChain();
    await until('7 changes', async () =>
      (await indexer.metric('indexer_sequence')) === 7 ? true : undefined,
    );
    const all = await subscribe(indexer.url, { from: 0 });
    const some = await subscribe(indexer.url, { from: 3 });
    const padded = await subscribe(indexer.url, { from: 0, events: ['Padded'], contracts: ['Emitter'] });
    const latest = await subscribe(indexer.url, {});
    await hasAll(all, 7);
    await hasAll(some, 4);
    await hasAll(padded, 2);
    expect(areGapless(some.changes(), 3)).toBe(true);
    await until('it is live', () => latest.messages.find(({ type }) => type === 'live'));
    await here.emitter.send('emitNumbered', 9, 1);
    await hasAll(latest, 1);
    await hasAll(all, 8);
    expect(all.messages[0]).toEqual({
      type: 'hello',
      chainId: 31337,
      sequence: 7,
      contracts: ['Emitter'],
      events: ['Drawn', 'Numbered', 'Padded'],
    });
    expect(latest.messages.map(({ type }) => type)).toEqual(['hello', 'subscribed', 'live', 'event']);
    expect(latest.changes()[0]).toMatchObject({
      ...{ type: 'event', sequence: 8, contract: 'Emitter', event: 'Numbered' },
      args: { n: '9', note: 'numbered' },
    });
    expect(padded.changes().every(({ event }) => event === 'Padded')).toBe(true);
  });

  it('reads the same changes page by page over HTTP', async () => {
    const here = await world();
    const indexer = await here.start();
    await here.emitter.send('emitNumbered', 0, 25);
    await here.untilTableIsChain();
    const found: unknown[] = [];
    let after = 0;
    for (let page = 0; page < 4; page++) {
      const response = await indexer.get(`/events?after=${after}&limit=10`);
      const body = (await response.json()) as { events: unknown[]; next: number; latest: number };
      expect(body.latest).toBe(25);
      found.push(...body.events);
      after = body.next;
    }
    const subscriber = await subscribe(indexer.url, { from: 0 });
    await hasAll(subscriber, 25);
    expect(found).toEqual(subscriber.changes());
    for (const query of ['after=-1', 'limit=0', 'limit=1001', 'after=x', 'after=1e3']) {
      expect((await indexer.get(`/events?${query}`)).status).toBe(400);
    }
    expect((await indexer.get('/nothing')).status).toBe(404);
  });

  it('is told what is wrong with what it sent, and can go on', async () => {
    const here = await world();
    const indexer = await here.start();
    const { socket, messages } = await subscribe(indexer.url);
    const wrong = [
      ['hello', /not JSON/],
      ['[]', /is not \{"subscribe"/],
      ['{"subscribe":{"from":-1}}', /from is neither/],
      ['{"subscribe":{"from":99}}', /the last change is 0/],
      ['{"subscribe":{"contracts":["Emiter"]}}', /"Emiter" is not followed here/],
      ['{"subscribe":{"event":["Padded"]}}', /no "event"/],
    ] as const;
    const errors = () => messages.filter(({ type }) => type === 'error').map(({ error }) => error);
    for (const [index, [text, words]] of wrong.entries()) {
      socket.send(text);
      expect(await until('it is answered', () => errors()[index])).toMatch(words);
    }
    socket.send(JSON.stringify({ subscribe: { from: 0 } }));
    await until('it is live', () => messages.find(({ type }) => type === 'live'));
    socket.send(JSON.stringify({ subscribe: { from: 0 } }));
    const last = await until('it is answered', () => errors()[wrong.length]);
    expect(last).toContain('one subscription for each connection');
  });

  it('cannot bring it down with anything that it sends', async () => {
    const here = await world();
    const indexer = await here.start({ MAX_MESSAGE_BYTES: '4096' });
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.string({ unit: 'binary', maxLength: 200 }),
            fc.json(),
            fc.uint8Array({ maxLength: 6000 }),
            fc.record({ subscribe: fc.anything() }).map((message) => JSON.stringify(message) ?? ''),
          ),
          { minLength: 1, maxLength: 30 },
        ),
        async (payloads) => {
          const { socket, closed } = await subscribe(indexer.url);
          socket.on('error', () => undefined);
          for (const payload of payloads) socket.send(payload, () => undefined);
          socket.close();
          await closed;
        },
      ),
      { numRuns: 40 },
    );
    // And what is no websocket at all.
    const { port } = new URL(indexer.url);
    const raw = connect(Number(port), '127.0.0.1');
    raw.on('error', () => undefined);
    raw.write(
      'GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    raw.write(Buffer.from([0xff, 0xff, 0, 1, 2, 3]));
    raw.resume();
    await once(raw, 'close');
    expect(indexer.process.child.exitCode).toBeNull();
    const last = await subscribe(indexer.url, { from: 0 });
    await here.emitter.send('emitNumbered', 0, 1);
    await hasAll(last, 1);
    expect(indexer.process.output()).not.toContain('"level":"error"');
  });

  it('is sent away after too many messages, too long a message, or a silence', async () => {
    const here = await world();
    const indexer = await here.start({ HEARTBEAT_MS: '2000', MAX_MESSAGE_BYTES: '1000' });
    const talker = await subscribe(indexer.url);
    for (let n = 0; n < 30; n++) talker.socket.send('x');
    expect((await talker.closed).code).toBe(1008);
    const long = await subscribe(indexer.url);
    long.socket.send('x'.repeat(2000));
    expect((await long.closed).code).toBe(1009);
    const dead = await subscribe(indexer.url, { from: 0 });
    const alive = await subscribe(indexer.url, { from: 0 });
    pausable(dead).pause();
    await until('it is gone', async () =>
      (await indexer.metric('indexer_clients')) === 1 ? true : undefined,
    );
    expect(alive.socket.readyState).toBe(WebSocket.OPEN);
    const text = await (await indexer.get('/metrics')).text();
    expect(text).toMatch(/indexer_clients_departed_total\{why="no heartbeat",.*\} 1/);
    expect(text).toMatch(/indexer_clients_departed_total\{why="broke the rules",.*\} 2/);
  });

  it('is turned away where there are too many, and elsewhere than at /ws', async () => {
    const here = await world();
    const indexer = await here.start({ MAX_CLIENTS: '2' });
    await subscribe(indexer.url);
    const second = await subscribe(indexer.url);
    const refusal = async (url: string): Promise<number | undefined> => {
      const socket = new WebSocket(url.replace('http', 'ws'));
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number }];
      return response.statusCode;
    };
    expect(await refusal(`${indexer.url}/ws`)).toBe(503);
    expect(await refusal(`${indexer.url}/elsewhere`)).toBe(404);
    second.socket.close();
    await second.closed;
    await until('there is room', async () => subscribe(indexer.url));
  });
});

describe('a slow subscriber', () => {
  it('costs one buffer and delays nobody; it is sent away with the number to resume from', async () => {
    const here = await world();
    const bufferBytes = 262_144;
    const tailBytes = 1_048_576;
    const indexer = await here.start({
      CLIENT_BUFFER_BYTES: String(bufferBytes),
      CLIENT_STALL_MS: '3000',
      TAIL_BYTES: String(tailBytes),
      // Else who reads nothing would be taken for dead before the end.
      HEARTBEAT_MS: '600000',
    });
    const fast = await subscribe(indexer.url, { from: 0 });
    const slow = await subscribe(indexer.url, { from: 0 });
    const others = await Promise.all(Array.from({ length: 19 }, () => subscribe(indexer.url, { from: 0 })));
    for (const each of [slow, ...others]) pausable(each).pause();
    const memoryBefore = await indexer.metric('process_resident_memory_bytes');
    const most = { waiting: 0, kept: 0 };
    let isDone = false;
    const watching = (async () => {
      while (!isDone) {
        most.waiting = Math.max(most.waiting, await indexer.metric('indexer_client_buffered_bytes'));
        most.kept = Math.max(most.kept, await indexer.metric('indexer_tail_bytes'));
        await delay(100);
      }
    })();
    try {
      // 9600 changes of 4.5 kB, 43 MB: far more than the system's own buffers.
      await emitMuch(here, 24);
      await hasAll(fast, 9600, 120_000);
      const sentAway = () => indexer.process.output().split('a slow client is sent away').length - 1;
      await until('all 20 are sent away', () => (sentAway() === 20 ? true : undefined));
    } finally {
      isDone = true;
      await watching;
    }
    const memoryAfter = await indexer.metric('process_resident_memory_bytes');
    const message = 5000;
    expect(most.waiting).toBeGreaterThan(bufferBytes / 2);
    expect(most.waiting).toBeLessThan(21 * (bufferBytes + message));
    expect(most.kept).toBeLessThanOrEqual(tailBytes);
    // A queue for each would hold 20 times 39 MB by now. What there is is garbage of reading and writing.
    expect(memoryAfter - memoryBefore).toBeLessThan(450_000_000);

    pausable(slow).resume();
    const { code, reason } = await slow.closed;
    expect([code, reason]).toEqual([4008, expect.stringMatching(/^too slow; resume from \d+$/)]);
    const from = Number(/\d+$/.exec(reason)?.[0]);
    expect(slow.changes().at(-1)?.sequence).toBe(from);
    expect(from).toBeLessThan(9600);
    const resumed = await subscribe(indexer.url, { from });
    await hasAll(resumed, 9600 - from, 30_000);
    expect(areGapless([...slow.changes(), ...resumed.changes()], 0)).toBe(true);
  }, 240_000);

  it('that takes a little all the time is kept, and gets everything from the database', async () => {
    const here = await world();
    const indexer = await here.start({
      CLIENT_BUFFER_BYTES: '65536',
      CLIENT_STALL_MS: '2000',
      TAIL_BYTES: '100000',
    });
    const slow = await subscribe(indexer.url, { from: 0 });
    let paused = true;
    pausable(slow).pause();
    const stutter = setInterval(() => {
      if (paused) pausable(slow).resume();
      else pausable(slow).pause();
      paused = !paused;
    }, 50);
    await emitMuch(here, 20);
    await hasAll(slow, 8000, 120_000);
    clearInterval(stutter);
    expect(areGapless(slow.changes(), 0)).toBe(true);
    expect(slow.socket.readyState).toBe(WebSocket.OPEN);
  }, 240_000);
});

describe('200 subscribers', () => {
  it('all get everything once, in order', async () => {
    const here = await world();
    const indexer = await here.start();
    await here.emitter.send('emitNumbered', 0, 100);
    await here.untilTableIsChain();
    const subscribers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => subscribe(indexer.url, { from: index % 2 === 0 ? 0 : 100 })),
    );
    expect(await indexer.metric('indexer_clients')).toBe(200);
    for (let n = 0; n < 20; n++) {
      await here.emitter.send('emitNumbered', 1000 + n * 10, 10);
      await delay(20);
    }
    for (const [index, subscriber] of subscribers.entries()) {
      await hasAll(subscriber, index % 2 === 0 ? 300 : 200, 30_000);
      expect(areGapless(subscriber.changes(), index % 2 === 0 ? 0 : 100)).toBe(true);
    }
  });
});
