import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterEvent,
  backOffMs,
  newPool,
  reserve,
  retryAfterMs,
  type EndpointEvent,
  type PoolState,
  type Probe,
  type Trouble,
} from '@cutover/chain/plan/endpoint-state.ts';
import {
  dueForCheck,
  isUsable,
  mayAnswer,
  mustBeChecked,
  nextStep,
  patienceOfFirstLook,
  troubleOf,
  usable,
} from '@cutover/chain/plan/endpoints.ts';

const well: Probe = { chainId: 1n, syncing: undefined, peers: undefined, head: undefined };

function probed(pool: PoolState, index: number, probe: Partial<Probe> = {}, now = 0): PoolState {
  const event = { kind: 'probed', probe: { ...well, ...probe }, chainId: 1, jitter: 1 } as const;
  return afterEvent(pool, index, event, now);
}

function failed(pool: PoolState, index: number, trouble: Trouble, now = 0, retryAfterMs?: number): PoolState {
  const event = { kind: 'failed', trouble, reason: trouble, retryAfterMs, jitter: 1 } as const;
  return afterEvent(pool, index, event, now);
}

/** Three endpoints that are well. */
const three = [0, 1, 2].reduce((pool, index) => probed(pool, index), newPool([5, 10, 1]));

describe('a question', () => {
  it('goes to the heaviest endpoint that is well, then to the next', () => {
    expect(nextStep(three, [0, 0, 0], 0, 1_000)).toEqual({ kind: 'try', index: 1 });
    const without = failed(three, 1, 'broken');
    expect(usable(without)).toEqual([0, 2]);
    expect(nextStep(without, [0, 1, 0], 0, 1_000)).toEqual({ kind: 'try', index: 0 });
  });

  it('goes to the first of those that weigh the same', () => {
    const pool = probed(probed(newPool([1, 1]), 1), 0);
    expect(nextStep(pool, [0, 0], 0, 1_000)).toEqual({ kind: 'try', index: 0 });
  });

  it('goes to one that was never asked before one that failed', () => {
    const pool = failed(newPool([10, 1]), 0, 'absent');
    expect(nextStep(pool, [0, 0], 0, 1_000)).toEqual({ kind: 'try', index: 1 });
  });

  it('waits for one that failed for a moment, as long as its time lasts', () => {
    const pool = failed(probed(newPool([1]), 0), 0, 'broken', 100);
    expect(nextStep(pool, [1], 100, 5_000)).toEqual({ kind: 'wait', ms: 250 });
    expect(nextStep(pool, [1], 350, 5_000)).toEqual({ kind: 'try', index: 0 });
    expect(nextStep(pool, [1], 100, 200)).toEqual({ kind: 'give up' });
    expect(nextStep(pool, [3], 350, 5_000)).toEqual({ kind: 'give up' });
  });

  it.each([
    ['absent', 'try'],
    ['broken', 'try'],
    ['denied', 'try'],
    ['lonely', 'try'],
    ['silent', 'give up'],
    ['syncing', 'give up'],
    ['another chain', 'give up'],
  ] as const)('finds nothing better than an endpoint that is %s: %s', (trouble, kind) => {
    expect(nextStep(failed(newPool([1]), 0, trouble), [0], 0, 1_000).kind).toBe(kind);
  });

  it('waits as long as an endpoint asks it to, and not less', () => {
    const pool = failed(probed(newPool([1]), 0), 0, 'busy', 0, 2_000);
    expect(nextStep(pool, [0], 0, 5_000)).toEqual({ kind: 'wait', ms: 2_000 });
    expect(nextStep(pool, [0], 0, 1_000)).toEqual({ kind: 'give up' });
    expect(nextStep(pool, [0], 2_000, 5_000)).toEqual({ kind: 'try', index: 0 });
  });
});

describe('an endpoint', () => {
  it('of another chain is never used again, whatever it does', () => {
    const banned = probed(newPool([10]), 0, { chainId: 2n });
    expect(troubleOf(banned, 0)).toBe('it is another chain, 2');
    const later = probed(afterEvent(banned, 0, { kind: 'answered' }, 1), 0, {}, 2);
    expect(later).toEqual(banned);
    expect(nextStep(later, [0], 1e9, 2e9)).toEqual({ kind: 'give up' });
    expect(dueForCheck(later, 1e9)).toEqual([]);
  });

  it('that answers again is well, when its chain is known', () => {
    const back = afterEvent(failed(three, 1, 'broken'), 1, { kind: 'answered' }, 1);
    expect(isUsable(back, 1)).toBe(true);
    const gone = afterEvent(failed(three, 1, 'absent'), 1, { kind: 'answered' }, 1);
    expect([isUsable(gone, 1), mustBeChecked(gone, 1)]).toEqual([false, true]);
    expect(isUsable(probed(gone, 1), 1)).toBe(true);
  });

  it('that has not caught up does not become well by answering', () => {
    const syncing = probed(newPool([1]), 0, { syncing: ', it is at block 1 of 2' });
    const later = afterEvent(syncing, 0, { kind: 'answered' }, 1);
    expect([isUsable(later, 0), mustBeChecked(later, 0), mayAnswer(later, 0)]).toEqual([false, true, false]);
    expect(isUsable(probed(later, 0), 0)).toBe(true);
  });

  it('without peers may answer when nothing better is left', () => {
    const lonely = probed(newPool([1]), 0, { peers: 0 });
    expect([isUsable(lonely, 0), mayAnswer(lonely, 0)]).toEqual([false, true]);
    expect(isUsable(probed(newPool([1]), 0, { peers: 1 }), 0)).toBe(true);
  });

  it('takes smaller batches each time it refuses one', () => {
    const refuse = (pool: PoolState, length: number): PoolState =>
      afterEvent(pool, 0, { kind: 'refused a batch', length }, 0);
    const sizes = [100, 10, 2].reduce<{ readonly pool: PoolState; readonly sizes: number[] }>(
      ({ pool, sizes }, length) => {
        const next = refuse(pool, length);
        return { pool: next, sizes: [...sizes, next[0]?.batchSize ?? 0] };
      },
      { pool: newPool([1]), sizes: [] },
    ).sizes;
    expect(sizes).toEqual([10, 1, 1]);
    expect(refuse(newPool([1]), 5)[0]?.batchSize).toBe(1);
  });

  it('is checked again when its rest is over, and now and then', () => {
    const pool = failed(probed(probed(newPool([10, 1]), 0), 1), 0, 'broken', 1_000);
    expect(dueForCheck(pool, 1_249)).toEqual([]);
    expect(dueForCheck(pool, 1_250)).toEqual([0]);
    expect(dueForCheck(pool, 60_000)).toEqual([0, 1]);
  });
});

describe('an old head', () => {
  const at = (number: number, time: number, seenAt: number) => ({
    probe: { head: { number, time } },
    seenAt,
  });
  const lagging = (own: ReturnType<typeof at>, best: ReturnType<typeof at>): boolean => {
    const pool = probed(probed(newPool([10, 1]), 0, own.probe, own.seenAt), 1, best.probe, best.seenAt);
    return !isUsable(pool, 0);
  };

  it.each([
    ['many blocks and long ago', at(90, 1_000, 0), at(100, 1_060, 0), true],
    ['long ago, but only some blocks', at(95, 1_000, 0), at(100, 1_060, 0), false],
    ['many blocks, but a moment ago', at(10, 1_059, 0), at(100, 1_060, 0), false],
    ['just as new, but looked at a minute earlier', at(70, 1_000, 0), at(100, 1_060, 60_000), false],
    ['newer than the others', at(100, 1_060, 0), at(90, 1_000, 0), false],
  ])('is one that is %s', (_, own, best, expected) => {
    expect(lagging(own, best)).toBe(expected);
  });

  it('is checked again soon, and used when it has caught up', () => {
    const best = probed(newPool([10, 1]), 1, { head: { number: 100, time: 1_060 } });
    const old = probed(best, 0, { head: { number: 90, time: 1_000 } });
    expect(usable(old)).toEqual([1]);
    expect([dueForCheck(old, 4_999), dueForCheck(old, 5_000)]).toEqual([[], [0]]);
    expect(usable(probed(old, 0, { head: { number: 101, time: 1_062 } }, 5_000))).toEqual([0, 1]);
  });
});

describe('a first look', () => {
  it('waits until something is well, a second for a heavier one, and a moment for the others', () => {
    const none = newPool([10, 5, 1]);
    expect(patienceOfFirstLook(none, [0, 1, 2], 0)).toBe(Infinity);
    const second = probed(none, 1);
    expect(patienceOfFirstLook(second, [0, 2], 400)).toBe(600);
    expect(patienceOfFirstLook(failed(second, 0, 'silent'), [2], 100)).toBe(150);
    expect(patienceOfFirstLook(second, [2], 300)).toBe(0);
    expect(patienceOfFirstLook(none, [], 0)).toBe(0);
  });
});

describe('patience', () => {
  it('doubles with each failure, up to half a minute', () => {
    expect([1, 2, 3, 8, 100].map((failures) => backOffMs(failures, 1))).toEqual([
      250, 500, 1_000, 30_000, 30_000,
    ]);
    expect(backOffMs(1, 0)).toBe(125);
  });

  it('reads Retry-After as seconds or as a date', () => {
    const now = Date.parse('2026-11-21T12:00:00Z');
    const read = ['2', ' 0 ', 'Sat, 21 Nov 2026 12:00:05 GMT', 'Sat, 21 Nov 2026 11:00:00 GMT', '86400'];
    expect(read.map((header) => retryAfterMs(header, now))).toEqual([2_000, 0, 5_000, 0, 3_600_000]);
    expect([null, '', 'soon'].map((header) => retryAfterMs(header, now))).toEqual(Array(3).fill(undefined));
  });

  it('keeps calls below what a second allows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.record({ calls: fc.integer({ min: 1, max: 100 }), gap: fc.nat(500) }), { maxLength: 30 }),
        (perSecond, requests) => {
          let [freeAt, now, sent] = [0, 0, 0];
          for (const { calls, gap } of requests) {
            now += gap;
            const turn = reserve(freeAt, calls, perSecond, now);
            freeAt = turn.freeAt;
            // What was sent before this turn fits into the time since the beginning.
            expect(sent).toBeLessThanOrEqual(((now + turn.waitMs) * perSecond) / 1000 + 1e-6);
            sent += calls;
          }
        },
      ),
    );
    expect(reserve(0, 100, undefined, 7)).toEqual({ waitMs: 0, freeAt: 7 });
  });
});

const trouble = fc.constantFrom<Trouble>('absent', 'silent', 'busy', 'broken', 'denied', 'syncing', 'lonely');
const happening: fc.Arbitrary<EndpointEvent> = fc.oneof(
  fc.constant({ kind: 'answered' } as const),
  fc.record({
    kind: fc.constant('failed' as const),
    trouble,
    reason: fc.constant('it failed'),
    retryAfterMs: fc.option(fc.nat(100_000), { nil: undefined }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({
    kind: fc.constant('probed' as const),
    probe: fc.record({
      chainId: fc.constantFrom(1n, 1n, 1n, 2n),
      syncing: fc.constantFrom(undefined, undefined, ''),
      peers: fc.constantFrom(undefined, 0, 3),
      head: fc.option(fc.record({ number: fc.nat(1_000), time: fc.nat(10_000) }), { nil: undefined }),
    }),
    chainId: fc.constant(1),
    jitter: fc.constant(0.5),
  }),
);
const history = fc.array(fc.record({ index: fc.nat(2), event: happening, after: fc.nat(5_000) }), {
  maxLength: 40,
});

describe('whatever happened', () => {
  it('the heaviest endpoint that is well is asked first, and one of another chain never', () => {
    fc.assert(
      fc.property(history, (events) => {
        let [pool, now] = [newPool([10, 5, 1]), 0];
        for (const { index, event, after } of events) pool = afterEvent(pool, index, event, (now += after));
        const step = nextStep(pool, [0, 0, 0], now, now + 1_000);
        const [best] = [0, 1, 2].filter((index) => isUsable(pool, index));
        if (best !== undefined) expect(step).toEqual({ kind: 'try', index: best });
        else if (step.kind === 'try')
          expect(troubleOf(pool, step.index) ?? '').not.toContain('another chain');
      }),
    );
  });

  it('a question comes to an end: no endpoint is tried more than three times, and nothing waits beyond its time', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(happening), fc.nat(20_000), (events, future, patience) => {
        let [pool, now] = [newPool([10, 5, 1]), 0];
        for (const { index, event, after } of events) pool = afterEvent(pool, index, event, (now += after));
        const [tries, deadline] = [[0, 0, 0], now + patience];
        for (let steps = 0; ; steps++) {
          expect(steps).toBeLessThan(30);
          const step = nextStep(pool, tries, now, deadline);
          if (step.kind === 'give up') break;
          if (step.kind === 'wait') {
            now += step.ms;
            expect(now).toBeLessThanOrEqual(deadline);
            continue;
          }
          tries[step.index] = (tries[step.index] ?? 0) + 1;
          expect(tries[step.index]).toBeLessThanOrEqual(3);
          const event = future.next().value as EndpointEvent | undefined;
          if (event !== undefined) pool = afterEvent(pool, step.index, event, now);
        }
      }),
    );
  });
});
