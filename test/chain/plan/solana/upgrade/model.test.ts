import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UpgradePlan } from '@cutover/chain/plan/solana/upgrade/plan.ts';
import { ann, bob, cid } from './kit.ts';
import { hashOf, Model } from './model.ts';

const member = fc.constantFrom(ann, bob, cid);
const place = fc.nat(5);
const build = fc.integer({ min: 0, max: 3 });

/** What happens between two steps, by us or by others. */
type Happening = (model: Model) => void;
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Happening>((model) => void model.run([])) },
  {
    weight: 2,
    arbitrary: fc.subarray([ann, bob, cid]).map(
      (keys): Happening =>
        (model) =>
          void model.run(keys),
    ),
  },
  // Killed behind a step, before it was noted.
  {
    weight: 2,
    arbitrary: fc.nat(6).map(
      (after): Happening =>
        (model) =>
          void model.run([ann, bob], after),
    ),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(place, member).map(
      ([at, who]): Happening =>
        (m) =>
          m.vote(at, who, 'for'),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(place, member).map(
      ([at, who]): Happening =>
        (m) =>
          m.vote(at, who, 'against'),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.integer({ min: 1, max: 80 }).map(
      (seconds): Happening =>
        (m) =>
          void (m.now += seconds),
    ),
  },
  {
    weight: 2,
    arbitrary: place.map(
      (at): Happening =>
        (model) =>
          void model.execute(at),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(place, build).map(
      ([at, to]): Happening =>
        (model) =>
          model.tamper(at, to),
    ),
  },
  {
    weight: 1,
    arbitrary: build.map(
      (to): Happening =>
        (model) =>
          model.proposeByOthers(to),
    ),
  },
  {
    weight: 1,
    arbitrary: build.map(
      (to): Happening =>
        (model) =>
          model.want(to),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map(
      (again): Happening =>
        (model) =>
          model.again(again),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Happening>((model) => void (model.staleUpTo = model.proposals.length - 1)),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 90 }).map(
      (delay): Happening =>
        (m) =>
          void (m.delay = delay),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Happening>((model) => void (model.record = undefined)) },
);
const history = fc.array(happening, { maxLength: 40 });

function settled({ kind }: UpgradePlan): boolean {
  return kind !== 'wait' && kind !== 'step';
}

describe('an upgrade among others who do what they like', () => {
  it('never is executed early, never out of a buffer with another hash, never when it is stale', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const model = new Model(60, 48);
        for (const happen of happenings) happen(model);
        expect(model.wrongs).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });

  it('comes to an end from wherever it is, once members vote as they are asked', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const model = new Model(60, 48);
        for (const happen of happenings) happen(model);
        let plan = model.run([ann, bob, cid]);
        for (let runs = 0; runs < 6 && !settled(plan); runs++) {
          model.now += 100;
          plan = model.run([ann, bob, cid]);
        }
        expect(settled(plan)).toBe(true);
        expect(model.wrongs).toEqual([]);
        // And it stays there.
        const before = model.proposals.length;
        expect(model.run([ann, bob, cid]).kind).toBe(plan.kind === 'nothing' ? 'nothing' : plan.kind);
        expect(model.proposals.length).toBe(before);
      }),
      { numRuns: 600 },
    );
  });

  it('brings the build when members agree and nobody interferes, whatever was wanted before', () => {
    fc.assert(
      fc.property(fc.array(build, { minLength: 1, maxLength: 5 }), fc.array(fc.nat(8)), (builds, crashes) => {
        const model = new Model(60, 48);
        for (const [at, wanted] of builds.entries()) {
          model.want(wanted);
          model.run([], crashes[at] ?? Infinity);
          if (at % 2 === 0) model.vote(model.proposals.length - 1, bob, 'for');
        }
        for (let runs = 0; runs < 6; runs++) {
          model.run([ann, bob, cid]);
          model.now += 61;
        }
        expect(model.hash).toBe(model.desired.hash);
        expect(['done', 'executed elsewhere', 'nothing']).toContain(model.run([]).kind);
        expect(model.told.filter((key) => key === `executed ${model.hash}`).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });

  it('tells everything once, but what a crash let it forget', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom([], [ann], [ann, bob]), { minLength: 1, maxLength: 8 }),
        (keys) => {
          const model = new Model(60, 48);
          for (const each of keys) {
            model.run(each);
            model.now += 30;
          }
          expect(new Set(model.told).size).toBe(model.told.length);
          if (model.hash === hashOf(1)) expect(model.told).toHaveLength(3);
        },
      ),
      { numRuns: 300 },
    );
  });
});
