import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterAnswer,
  beginLook,
  beginTurn,
  endTurn,
  isDue,
  isGivenUp,
  newStanding,
  type Answer,
  type Standing,
  type Turn,
} from '@cutover/chain/plan/verification/standing.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const minute = 60_000;
const day = 24 * 60 * minute;

const reason = fc.constantFrom('why', 'why not');
const answers: fc.Arbitrary<Answer> = fc.oneof(
  fc.constantFrom<Answer>(
    { kind: 'verified' },
    { kind: 'verified', match: 'exact' },
    { kind: 'unverified' },
    { kind: 'pending' },
    { kind: 'at work already' },
    { kind: 'lost' },
  ),
  fc.record({ kind: fc.constant('accepted' as const), job: fc.constantFrom('a', 'b') }),
  fc.record({
    kind: fc.constantFrom('lagging' as const, 'rejected' as const, 'unprepared' as const),
    reason,
  }),
  fc.record({
    kind: fc.constant('busy' as const),
    reason,
    retryAfterMs: fc.integer({ min: 0, max: 100_000 }),
  }),
  fc.record({
    kind: fc.constant('unreachable' as const),
    trouble: fc.constantFrom('silent' as const, 'absent' as const, 'denied' as const, 'broken' as const),
    reason,
  }),
);

/** One update: answers come until there is nothing more to ask, or its time is over. */
function update(standing: Standing, given: readonly Answer[], now: number, patienceMs = minute): Standing {
  let turn = beginTurn(standing, now, 'due');
  let time = now;
  for (const answer of given) {
    if (turn.next === 'nothing' || turn.readyAt > now + patienceMs) break;
    time = Math.max(time + 1, turn.readyAt);
    turn = afterAnswer(turn, answer, time, 1_000);
  }
  return endTurn(turn, time);
}

/** Several updates, each when the one before wants it. */
function updates(given: readonly (readonly Answer[])[]): readonly { standing: Standing; now: number }[] {
  const seen: { standing: Standing; now: number }[] = [];
  let standing = newStanding(start);
  let now = start;
  for (const answersOfOne of given) {
    standing = update(standing, answersOfOne, now);
    seen.push({ standing, now });
    now = Math.max(now + minute, Date.parse(standing.retryAt ?? ''), now) || now + minute;
  }
  return seen;
}

const histories = fc.array(fc.array(answers, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 });
const turnOf = (...given: readonly Answer[]): Turn =>
  given.reduce(
    (turn, answer) => afterAnswer(turn, answer, start, 1_000),
    beginTurn(newStanding(start), start, 'due'),
  );

describe('how far a verification is', () => {
  it('is verified for good, whatever comes: only a refresh that is told so takes it back', () => {
    fc.assert(
      fc.property(histories, fc.array(answers), (history, more) => {
        for (const { standing, now } of updates(history)) {
          if (standing.status !== 'verified') continue;
          expect(isDue(standing, now + 1000 * day)).toBe(false);
          expect(update(standing, more, now)).toEqual(standing);
        }
      }),
    );
  });

  it('rests after each update that changed nothing, a day at most, or is given up after three refusals', () => {
    fc.assert(
      fc.property(histories, (history) => {
        for (const { standing, now } of updates(history)) {
          if (standing.status === 'verified') continue;
          if (isGivenUp(standing)) expect(standing.attempts).toBeGreaterThanOrEqual(3);
          else expect(isDue(standing, now + minute + day + minute)).toBe(true);
          if (standing.retryAt !== undefined) {
            expect(isDue(standing, Date.parse(standing.retryAt) - 1)).toBe(false);
            expect(isDue(standing, Date.parse(standing.retryAt))).toBe(true);
          }
        }
      }),
    );
  });

  it('waits ever longer within an update, so that a minute has few questions', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Answer>({ kind: 'pending' }, { kind: 'lagging', reason: 'x' }),
        (answer) => {
          let turn = turnOf({ kind: 'unverified' }, { kind: 'accepted', job: 'a' });
          let questions = 0;
          for (; turn.readyAt < start + minute; questions++) {
            const before = turn.readyAt;
            turn = afterAnswer(turn, answer, turn.readyAt, 1_000);
            expect(turn.readyAt - before).toBeLessThanOrEqual(15_000);
          }
          expect(questions).toBeLessThan(12);
        },
      ),
    );
  });

  it('keeps the job until the explorer has decided about it or lost it', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const jobs = updates(history).map(({ standing }) => ('job' in standing ? standing.job : undefined));
        for (const job of jobs) expect(['a', 'b', undefined]).toContain(job);
      }),
    );
    const silent: Answer = { kind: 'unreachable', trouble: 'silent', reason: 'x' };
    const turn = turnOf({ kind: 'unverified' }, { kind: 'accepted', job: 'a' }, { kind: 'pending' }, silent);
    const left = endTurn(turn, start);
    expect(left).toMatchObject({ status: 'unreachable', job: 'a' });
    expect(beginTurn(left, start + minute, 'due').next).toBe('check');
    expect(turnOf({ kind: 'unverified' }, { kind: 'accepted', job: 'a' }, { kind: 'lost' }).standing).toEqual(
      {
        status: 'unknown',
        since: new Date(start).toISOString(),
        attempts: 0,
      },
    );
  });

  it('asks what is shown before it submits, and submits before it asks what became of it', () => {
    expect(turnOf().next).toBe('look');
    expect(turnOf({ kind: 'unverified' }).next).toBe('submit');
    expect(turnOf({ kind: 'unverified' }, { kind: 'accepted', job: 'a' }).next).toBe('check');
    expect(turnOf({ kind: 'verified' }).next).toBe('nothing');
  });

  it('is left alone as long as an explorer wants it', () => {
    const turn = turnOf({ kind: 'busy', reason: 'x', retryAfterMs: 30_000 });
    expect(turn).toMatchObject({ next: 'look', readyAt: start + 30_000 });
  });

  it('begins to rest anew when a refusal follows on silence', () => {
    const silent: Answer = { kind: 'unreachable', trouble: 'silent', reason: 'x' };
    const refused: Answer[] = [{ kind: 'unverified' }, { kind: 'rejected', reason: 'no' }];
    const seen = updates([[silent], [silent], [silent], [silent], refused, refused, refused]);
    expect(seen.map(({ standing }) => standing.attempts)).toEqual([1, 2, 3, 4, 1, 2, 3]);
    expect(seen.map(({ standing }) => isGivenUp(standing))).toEqual([...Array<boolean>(6).fill(false), true]);
  });

  it('keeps the time since when it is so', () => {
    const silent: Answer = { kind: 'unreachable', trouble: 'silent', reason: 'x' };
    const [first, second] = updates([[silent], [{ kind: 'busy', reason: 'y' }, silent]]);
    expect(second?.standing.since).toBe(first?.standing.since);
  });

  it('counts a date that cannot be read as past', () => {
    expect(isDue({ ...newStanding(start), retryAt: 'soon' }, start)).toBe(true);
  });

  it('is tried in spite of its rest when a setting was changed', () => {
    const left = endTurn(turnOf({ kind: 'unverified' }, { kind: 'rejected', reason: 'no' }), start);
    expect(beginTurn(left, start, 'due').next).toBe('nothing');
    expect(beginTurn(left, start, 'always').next).toBe('look');
  });
});

describe('a refresh', () => {
  it('changes nothing but what is certain', () => {
    fc.assert(
      fc.property(histories, answers, (history, answer) => {
        for (const { standing, now } of updates(history)) {
          const turn = afterAnswer(beginLook(standing, now), answer, now, 1_000);
          const after = endTurn(turn, now);
          expect(turn.next).toBe(answer.kind === 'busy' ? 'look' : 'nothing');
          if (answer.kind === 'verified') expect(after.status).toBe('verified');
          else if (answer.kind === 'unverified' && standing.status === 'verified') {
            expect(after.status).toBe('unknown');
          } else expect(after).toEqual(standing);
        }
      }),
    );
  });
});
