import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Timelock, TimelockProposal } from '@cutover/chain/plan/solana/timelock/accounts.ts';
import {
  approversOf,
  cancellationsNeeded,
  standingOf,
} from '@cutover/chain/plan/solana/timelock/standing.ts';

const lock: Timelock = {
  rules: { members: ['A', 'B', 'C'], threshold: 2, delaySeconds: 100, graceSeconds: 50 },
  createKey: 'K',
  proposals: 9n,
  firstValid: 5n,
};
const made: TimelockProposal = {
  timelock: 'T',
  index: 5n,
  state: 'open',
  proposer: 'A',
  proposedAt: 1_000,
  approvals: 0b001,
  cancellations: 0,
  action: { kind: 'handOver', account: 'X', authority: 'Y' },
};
const approved: TimelockProposal = { ...made, state: 'approved', approvedAt: 2_000, approvals: 0b011 };

describe('where a proposal stands', () => {
  it.each<[string, TimelockProposal, number, ReturnType<typeof standingOf>]>([
    ['open', made, 1_001, { state: 'open', missing: 1, from: ['B', 'C'] }],
    ['approved just now', approved, 2_000, { state: 'waiting', readyAt: 2_100 }],
    ['a second early', approved, 2_099, { state: 'waiting', readyAt: 2_100 }],
    ['on time', approved, 2_100, { state: 'ready', until: 2_150 }],
    ['at the last second', approved, 2_150, { state: 'ready', until: 2_150 }],
    ['too late', approved, 2_151, { state: 'expired', since: 2_150 }],
    ['of older rules', { ...approved, index: 4n }, 2_100, { state: 'stale' }],
    ['executed', { ...approved, state: 'executed', endedAt: 2_120 }, 9_999, { state: 'executed', at: 2_120 }],
    [
      'executed under older rules',
      { ...made, index: 1n, state: 'executed', endedAt: 3 },
      9,
      { state: 'executed', at: 3 },
    ],
    ['cancelled', { ...made, state: 'cancelled', endedAt: 1_500 }, 2_000, { state: 'cancelled', at: 1_500 }],
  ])('%s', (_, proposal, now, standing) => {
    expect(standingOf(lock, proposal, now)).toEqual(standing);
  });

  it('is ready for exactly the time of grace, whatever the times are', () => {
    const times = fc.record({
      approvedAt: fc.integer({ min: 1, max: 1e9 }),
      delaySeconds: fc.integer({ min: 0, max: 7_776_000 }),
      graceSeconds: fc.integer({ min: 1, max: 7_776_000 }),
      after: fc.integer({ min: 0, max: 2e7 }),
    });
    fc.assert(
      fc.property(times, ({ approvedAt, delaySeconds, graceSeconds, after }) => {
        const timelock = { ...lock, rules: { ...lock.rules, delaySeconds, graceSeconds } };
        const { state } = standingOf(timelock, { ...approved, approvedAt }, approvedAt + after);
        const wanted =
          after < delaySeconds ? 'waiting' : after <= delaySeconds + graceSeconds ? 'ready' : 'expired';
        expect(state).toBe(wanted);
      }),
    );
  });
});

describe('members', () => {
  it('who have approved are known by their bits', () => {
    expect(approversOf(lock, { ...made, approvals: 0b101 })).toEqual(['A', 'C']);
  });

  it.each([
    [1, 3, 3],
    [2, 3, 2],
    [3, 3, 1],
    [4, 7, 4],
  ])('can cancel where %i of %i approve: %i of them together', (threshold, count, needed) => {
    const members = Array.from({ length: count }, (_, at) => String(at));
    expect(cancellationsNeeded({ ...lock.rules, members, threshold })).toBe(needed);
  });
});
