import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWanted, type ChangeMessage } from '../../services/indexer/changes.ts';
import { feed, type FeedEnd } from '../../services/indexer/feed.ts';
import { readRequest } from '../../services/indexer/messages.ts';

function change(sequence: number): ChangeMessage {
  const event = sequence % 3 === 0 ? 'Third' : 'Other';
  return { sequence, contract: 'C', event, bytes: Buffer.from(String(sequence).padEnd(100)) };
}

/** A tail and a database of changes, and a socket whose far end takes what it is told to. */
function bench(options: {
  keep: number;
  bufferBytes: number;
  from: number;
  events?: string[];
  stallMs?: number;
}) {
  const all: ChangeMessage[] = [];
  const listeners = new Set<() => void>();
  const sent: number[] = [];
  const waiting: (() => void)[] = [];
  const stop = new AbortController();
  let buffered = 0;
  let most = 0;
  let pages = 0;
  const live: number[] = [];
  const ended: Promise<FeedEnd> = feed({
    socket: {
      get bufferedAmount() {
        return buffered;
      },
      send: (bytes, done) => {
        sent.push(Number(bytes.toString()));
        buffered += bytes.length;
        most = Math.max(most, buffered);
        waiting.push(() => {
          buffered -= bytes.length;
          done();
        });
      },
    },
    tail: {
      latest: () => all.length,
      after: (sequence) => (sequence < all.length - options.keep ? undefined : all.slice(sequence)),
      onChange: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    changes: {
      page: (after, upTo, limit, filter = {}) => {
        pages += 1;
        const found = all.slice(after, upTo).filter((each) => isWanted(filter, each));
        return Promise.resolve(found.slice(0, limit));
      },
    },
    filter: { events: options.events },
    from: options.from,
    bufferBytes: options.bufferBytes,
    stallMs: options.stallMs ?? 1000,
    signal: stop.signal,
    onLive: (sequence) => live.push(sequence),
  });
  return {
    ...{ all, sent, live, ended, listeners },
    most: () => most,
    pages: () => pages,
    add: (count: number) => {
      for (let n = 0; n < count; n++) all.push(change(all.length + 1));
      for (const listener of listeners) listener();
    },
    take: (count: number) => {
      for (const done of waiting.splice(0, count)) done();
    },
    stop: () => stop.abort(),
  };
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('a feed', () => {
  it('sends each wanted change once, in order, within its buffer, whatever the subscriber does', async () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('add' as const), count: fc.integer({ min: 1, max: 300 }) }),
        fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 50 }) }),
      ),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 400 }),
        fc.boolean(),
        async (plan, keep, buffers, from, thirds) => {
          const events = thirds ? { events: ['Third'] } : {};
          const here = bench({ keep, bufferBytes: buffers * 150, from: 0, ...events });
          here.add(from);
          for (const { kind, count } of plan) {
            here[kind](count);
            await tick();
          }
          const wanted = here.all.filter((each) => isWanted(events, each)).map(({ sequence }) => sequence);
          for (let n = 0; n < 20_000 && here.sent.length < wanted.length; n++) {
            here.take(50);
            await tick();
          }
          await tick();
          here.stop();
          expect(await here.ended).toEqual({ kind: 'closed' });
          expect(here.sent).toEqual(wanted);
          expect(here.most()).toBeLessThan(buffers * 150 + 100);
          expect(here.listeners.size).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('reads from the tail while it keeps up, and from the database when it is far behind', async () => {
    const here = bench({ keep: 10, bufferBytes: 1000, from: 0 });
    for (let n = 0; n < 50; n++) {
      here.add(1);
      here.take(1);
      await tick();
    }
    expect(here.pages()).toBe(0);
    here.add(100);
    for (let n = 0; n < 50; n++) {
      here.take(5);
      await tick();
    }
    expect(here.pages()).toBeGreaterThan(0);
    expect(here.sent).toHaveLength(150);
    here.stop();
    await here.ended;
  });

  it('gives up a subscriber that takes nothing, and says from where it goes on', async () => {
    const here = bench({ keep: 1000, bufferBytes: 1000, from: 0, stallMs: 50 });
    here.add(100);
    expect(await here.ended).toEqual({ kind: 'too slow', resumeFrom: 10 });
    expect(here.sent).toHaveLength(10);
  });

  it('keeps one that takes a little in time', async () => {
    const here = bench({ keep: 1000, bufferBytes: 1000, from: 0, stallMs: 200 });
    here.add(60);
    for (let n = 0; n < 12; n++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      here.take(6);
    }
    expect(here.sent.length).toBeGreaterThan(50);
    here.stop();
    expect(await here.ended).toEqual({ kind: 'closed' });
  });

  it('ends when there are fewer changes than it has sent', async () => {
    const here = bench({ keep: 10, bufferBytes: 1000, from: 5 });
    expect(await here.ended).toEqual({ kind: 'history lost' });
  });
});

describe('a message of a subscriber', () => {
  const known = { contracts: ['A', 'B'], events: ['X', 'Y'] };

  it('is understood', () => {
    const text = JSON.stringify({ subscribe: { contracts: ['A'], events: ['X', 'Y'], from: 7 } });
    expect(readRequest(text, known)).toEqual({
      kind: 'subscribe',
      subscription: { contracts: ['A'], events: ['X', 'Y'], from: 7 },
    });
    expect(readRequest('{"subscribe":{}}', known)).toMatchObject({ subscription: { from: 'latest' } });
  });

  it('is a subscription of known names or a reason, whatever it is', () => {
    const names = fc.oneof(fc.constantFrom('A', 'B', 'X', 'Y'), fc.string());
    const messages = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.record({ subscribe: fc.anything() }),
      fc.record({
        subscribe: fc.record(
          {
            contracts: fc.oneof(fc.array(names), fc.anything()),
            events: fc.oneof(fc.array(names), fc.anything()),
            from: fc.oneof(fc.integer(), fc.constant('latest'), fc.anything()),
          },
          { requiredKeys: [] },
        ),
      }),
    );
    fc.assert(
      fc.property(messages, (message) => {
        let text: string | undefined;
        try {
          text = typeof message === 'string' ? message : JSON.stringify(message);
        } catch {
          return;
        }
        const request = readRequest(text ?? '', known);
        if (request.kind === 'wrong') return void expect(request.error).not.toBe('');
        const { contracts = [], events = [], from } = request.subscription;
        expect(contracts.every((name) => known.contracts.includes(name))).toBe(true);
        expect(events.every((name) => known.events.includes(name))).toBe(true);
        expect(from === 'latest' || (Number.isSafeInteger(from) && from >= 0)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
