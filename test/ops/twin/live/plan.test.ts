import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bodyKey,
  gone,
  planBodies,
  type BodyStep,
  type StandingBody,
  type WantedBody,
} from '../../../../ops/twin/live/plan.ts';

const place = { account: '1', region: 'r' };
const names = ['a', 'b', 'c', 'd'];
const of = (id: string) => ({ ...place, type: 't', id });

const wantedBody = fc.record({
  id: fc.constantFrom(...names),
  createdMs: fc.constantFrom(1, 2),
  digest: fc.constantFrom('x', 'y'),
});
const wantedBodies = fc
  .uniqueArray(wantedBody, { selector: ({ id }) => id })
  .map((all): WantedBody[] => all.map((each) => ({ ...of(each.id), ...each })));
const standingBody = fc.record({
  id: fc.constantFrom(...names),
  createdMs: fc.constantFrom(1, 2),
  digest: fc.constantFrom(gone, 'x', 'y'),
  state: fc.constantFrom('starting', 'ready', 'failed'),
  alive: fc.boolean(),
  asked: fc.boolean(),
  busy: fc.boolean(),
});
const standingBodies = fc
  .uniqueArray(standingBody, { selector: ({ id }) => id })
  .map((all): StandingBody[] => all.map((each) => ({ ...of(each.id), ...each })));

/** What stands after the steps, where each succeeds, and what was busy is done with its work. */
function after(steps: readonly BodyStep[], bodies: readonly StandingBody[]): StandingBody[] {
  const standing = new Map(bodies.map((body) => [bodyKey(body), { ...body, busy: false }]));
  for (const step of steps) {
    if (step.do === 'remove') standing.delete(bodyKey(step.of));
    else
      standing.set(bodyKey(step.of), {
        ...step.of,
        ...{ state: 'ready', alive: true, asked: false, busy: false },
      });
  }
  return [...standing.values()];
}

describe('the plan of bodies', () => {
  it('leads from whatever stands to what is wanted, in three looks at most', () => {
    fc.assert(
      fc.property(wantedBodies, standingBodies, (wanted, bodies) => {
        let now = bodies.map((body) => ({ ...body, asked: true }));
        for (let look = 0; look < 3; look++) now = after(planBodies(wanted, now), now);
        expect(planBodies(wanted, now)).toEqual([]);
        const seen = now.map(({ id, createdMs, digest, state }) => ({ id, createdMs, digest, state }));
        const expected = wanted.map(({ id, createdMs, digest }) => ({
          id,
          createdMs,
          digest,
          state: 'ready',
        }));
        const byName = (one: { id: string }, other: { id: string }): number => one.id.localeCompare(other.id);
        expect(seen.sort(byName)).toEqual(expected.sort(byName));
      }),
    );
  });

  it('touches nothing that is as wanted, nothing that is busy, and each body once', () => {
    fc.assert(
      fc.property(wantedBodies, standingBodies, (wanted, bodies) => {
        const keys = planBodies(wanted, bodies).map((step) => bodyKey(step.of));
        expect(new Set(keys).size).toBe(keys.length);
        for (const body of bodies) {
          const want = wanted.find(({ id }) => id === body.id);
          const fine =
            want?.createdMs === body.createdMs &&
            want.digest === body.digest &&
            body.state === 'ready' &&
            body.alive;
          if (fine || body.busy) expect(keys).not.toContain(bodyKey(body));
        }
      }),
    );
  });

  it('lets what failed rest until somebody asks or something changes', () => {
    const wanted: WantedBody[] = [{ ...of('a'), createdMs: 1, digest: 'x' }];
    const failed: StandingBody = {
      ...{ ...of('a'), createdMs: 1, digest: 'x', state: 'failed' },
      ...{ alive: false, asked: false, busy: false },
    };
    expect(planBodies(wanted, [failed])).toEqual([]);
    expect(planBodies(wanted, [{ ...failed, asked: true }])).toMatchObject([{ because: 'asked' }]);
    expect(planBodies(wanted, [{ ...failed, digest: 'y' }])).toMatchObject([{ because: 'changed' }]);
    const stuck: StandingBody = { ...failed, digest: gone };
    expect(planBodies([], [stuck])).toEqual([]);
    expect(planBodies([], [{ ...stuck, asked: true }])).toMatchObject([{ do: 'remove' }]);
  });

  it('removes the body of an older thing of the same id before it brings that of the new one', () => {
    const wanted: WantedBody[] = [{ ...of('a'), createdMs: 2, digest: 'x' }];
    const old: StandingBody = {
      ...{ ...of('a'), createdMs: 1, digest: 'x', state: 'ready' },
      ...{ alive: true, asked: false, busy: false },
    };
    const first = planBodies(wanted, [old]);
    expect(first).toMatchObject([{ do: 'remove' }]);
    expect(planBodies(wanted, after(first, [old]))).toMatchObject([{ do: 'bring', because: 'new' }]);
  });
});
