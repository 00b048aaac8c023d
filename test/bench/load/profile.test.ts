import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivals, figuresOf, profile, shortened, type Answered } from './profile.ts';

describe('a load', () => {
  it('has as many requests as its rates say', () => {
    // 27.5, 50 and 75 a second on the average.
    expect(arrivals(profile)).toHaveLength(1650 + 6000 + 4500);
    expect(arrivals(shortened(profile, 0.1))).toHaveLength(165 + 600 + 450);
  });

  it('comes at the rate of each moment', () => {
    const due = arrivals(profile);
    const between = (from: number, to: number): number =>
      due.filter(({ atMs }) => atMs >= from * 1000 && atMs < to * 1000).length;
    expect(between(0, 1)).toBeGreaterThanOrEqual(5);
    expect(between(0, 1)).toBeLessThanOrEqual(7);
    expect(between(100, 101)).toBe(50);
    expect(Math.abs(between(239, 240) - 100)).toBeLessThanOrEqual(1);
  });

  it('is never out of order, and ends in time', () => {
    const stage = fc.record({
      name: fc.constant('any'),
      from: fc.integer({ min: 1, max: 200 }),
      to: fc.integer({ min: 1, max: 200 }),
      seconds: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(stage, { minLength: 1, maxLength: 4 }), (stages) => {
        const times = arrivals(stages).map(({ atMs }) => atMs);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        const all = stages.reduce((sum, { seconds }) => sum + seconds, 0);
        expect(times.at(-1)).toBeLessThanOrEqual(all * 1000 + 1);
      }),
    );
  });

  it('is told by stage, what failed included', () => {
    const answers: Answered[] = Array.from({ length: 100 }, (_, index) => ({
      atMs: index,
      stage: 'sustained',
      tookMs: index + 1,
      wrong: index < 3 ? 'status 500' : undefined,
    }));
    const [, sustained] = figuresOf(profile, answers);
    expect(sustained).toEqual({
      ...{ stage: 'sustained', requests: 100, failed: 3, medianMs: 51, p95Ms: 96, p99Ms: 100, mostMs: 100 },
    });
  });
});
