import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  beginGate,
  decide,
  observe,
  type CheckMiss,
  type GateProgress,
  type GateTiming,
} from '@cutover/delivery/plan/gate.ts';
import { waitForGate } from '@cutover/delivery/gates/wait.ts';

const miss: CheckMiss = {
  check: 'api',
  target: 'GET http://x/',
  reason: 'expected 200, got 503',
  answer: '503',
};
const timing: GateTiming = { timeoutMs: 10_000, holdMs: 3_000, intervalMs: 1_000 };

/** Plays a gate on a clock of its own. `good` says whether a look at that time is; `lookMs` how long a look takes. */
async function play(given: GateTiming, good: (at: number) => boolean, lookMs = 0) {
  let clock = 0;
  const looks: { at: number; endedAt: number; good: boolean }[] = [];
  const lines: string[] = [];
  const outcome = await waitForGate('gate x/backend', given, {
    now: () => clock,
    sleep: (ms) => {
      clock += Math.max(0, ms);
      return Promise.resolve();
    },
    look: () => {
      const at = clock;
      clock += lookMs;
      looks.push({ at, endedAt: clock, good: good(at) });
      return Promise.resolve(good(at) ? undefined : miss);
    },
    say: (line) => lines.push(line),
  });
  return { ...outcome, looks, lines, endedAt: clock };
}

describe('a gate', () => {
  it('passes at the first good look when nothing must hold', async () => {
    const { kind, endedAt, looks } = await play({ ...timing, holdMs: 0 }, () => true);
    expect({ kind, endedAt, looks: looks.length }).toEqual({ kind: 'passed', endedAt: 0, looks: 1 });
  });

  it('passes exactly when the hold is over', async () => {
    const { kind, endedAt } = await play(timing, () => true);
    expect({ kind, endedAt }).toEqual({ kind: 'passed', endedAt: 3_000 });
  });

  it('looks often at first, so that what starts quickly is not waited for', async () => {
    const { looks } = await play({ ...timing, holdMs: 0 }, (at) => at >= 600);
    expect(looks.map(({ at }) => at)).toEqual([0, 100, 300, 700]);
  });

  it('starts the hold anew after a miss', async () => {
    const { kind, endedAt } = await play(timing, (at) => at < 2_000 || at > 2_500);
    expect(kind).toBe('passed');
    expect(endedAt).toBeGreaterThan(5_500);
  });

  it('fails when time is up, and remembers how long it held at most', async () => {
    const { kind, endedAt, progress } = await play(timing, (at) => at < 2_000);
    expect({ kind, endedAt }).toEqual({ kind: 'failed', endedAt: 10_000 });
    expect(progress.longestHoldMs).toBeGreaterThan(1_000);
    expect(progress.lastMiss).toEqual(miss);
  });

  it('lets a hold that is underway finish after the time is up', async () => {
    expect(await play(timing, (at) => at >= 9_000)).toMatchObject({ kind: 'passed' });
  });

  it('fails at the first miss of a hold that is underway after the time is up', async () => {
    const { kind, endedAt } = await play(timing, (at) => at >= 9_000 && at < 11_000);
    expect(kind).toBe('failed');
    expect(endedAt).toBeLessThan(12_500);
  });

  it('says after five seconds what it waits for, and then every ten', async () => {
    const { lines } = await play({ ...timing, timeoutMs: 30_000 }, () => false);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(
      /^gate x\/backend: waiting, 5\.\d s of 30 s, \d+ attempts; api: expected 200, got 503$/,
    );
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const outcome = await waitForGate('gate', timing, {
      look: () => {
        stop.abort();
        return Promise.resolve(miss);
      },
      say: () => undefined,
      signal: stop.signal,
    });
    expect(outcome.kind).toBe('stopped');
  });
});

describe('whatever the checked thing does', () => {
  const timings = fc.record({
    timeoutMs: fc.integer({ min: 0, max: 60_000 }),
    holdMs: fc.integer({ min: 0, max: 20_000 }),
    intervalMs: fc.integer({ min: 50, max: 5_000 }),
  });
  const lookMs = fc.integer({ min: 0, max: 3_000 });
  // Times at which its health turns over, starting sick.
  const turns = fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 12 });
  const healthAt = (times: number[]) => (at: number) => times.filter((time) => time <= at).length % 2 === 1;

  it('passes only after an unbroken run of good looks that spans the hold', async () => {
    await fc.assert(
      fc.asyncProperty(timings, lookMs, turns, async (given, ms, times) => {
        const { kind, looks } = await play(given, healthAt(times), ms);
        const lastMiss = looks.findLastIndex((look) => !look.good);
        const run = looks.slice(lastMiss + 1);
        const spans = run.length > 0 && (run.at(-1)?.endedAt ?? 0) - (run[0]?.endedAt ?? 0) >= given.holdMs;
        expect(kind === 'passed').toBe(spans);
      }),
    );
  });

  it('ends within timeout, hold and one look', async () => {
    await fc.assert(
      fc.asyncProperty(timings, lookMs, turns, async (given, ms, times) => {
        const { endedAt } = await play(given, healthAt(times), ms);
        expect(endedAt).toBeLessThanOrEqual(given.timeoutMs + given.holdMs + 2 * ms);
      }),
    );
  });

  it('never gives up before the time is up', async () => {
    await fc.assert(
      fc.asyncProperty(timings, lookMs, turns, async (given, ms, times) => {
        const { kind, endedAt } = await play(given, healthAt(times), ms);
        if (kind === 'failed') expect(endedAt).toBeGreaterThanOrEqual(given.timeoutMs);
      }),
    );
  });

  it('never asks for a look in the past, nor waits longer than the interval after the last one', () => {
    fc.assert(
      fc.property(timings, fc.array(fc.tuple(fc.nat(3_000), fc.boolean())), (given, looks) => {
        let progress: GateProgress = beginGate(0);
        for (const [took, good] of looks) {
          const verdict = decide(given, progress);
          if (verdict.kind !== 'waiting') return;
          expect(verdict.nextAttemptAt).toBeGreaterThanOrEqual(progress.lastEndedAt);
          expect(verdict.nextAttemptAt - progress.lastEndedAt).toBeLessThanOrEqual(given.intervalMs);
          const startedAt = verdict.nextAttemptAt;
          progress = observe(progress, {
            startedAt,
            endedAt: startedAt + took,
            miss: good ? undefined : miss,
          });
        }
      }),
    );
  });
});
