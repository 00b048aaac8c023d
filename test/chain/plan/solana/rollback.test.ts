import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeRollback,
  planRollback,
  rollbackSteps,
  type RollbackFacts,
  type RollbackPlan,
  type RollbackStep,
  type RollbackWish,
} from '@cutover/chain/plan/solana/rollback.ts';

const from = { version: 'v2.0.0', hash: 'b'.repeat(64), layouts: ['user 1', 'user 2'] };
const to = { version: 'v1.4.0', hash: 'a'.repeat(64), layouts: ['user 1'] };
const wish: RollbackWish = { title: 'godark-perps', from, to };
const running: RollbackFacts = {
  paused: false,
  positions: 3,
  owed: 5,
  hash: from.hash,
  layouts: new Map([['user 1', 9]]),
};

/** A chain on which a step was done. */
function after(facts: RollbackFacts, step: RollbackStep): RollbackFacts {
  switch (step) {
    case 'pause':
      return { ...facts, paused: true };
    case 'close positions':
      return { ...facts, positions: 0 };
    case 'return funds':
      return { ...facts, owed: 0 };
    case 'old program':
      return { ...facts, hash: to.hash };
    case 'resume':
      return { ...facts, paused: false };
  }
}

function refusalOf(plan: RollbackPlan): string {
  return plan.kind === 'refuse' ? plan.error.message : '';
}

describe('a rollback', () => {
  it('pauses, closes, returns, puts the old program back and resumes, in this order', () => {
    let facts = running;
    const done: RollbackStep[] = [];
    for (let plan = planRollback(wish, facts); plan.kind === 'step'; plan = planRollback(wish, facts)) {
      expect(plan.confirmed).toEqual(done);
      expect([...plan.confirmed, ...plan.left]).toEqual(rollbackSteps);
      done.push(plan.step);
      facts = after(facts, plan.step);
    }
    expect(done).toEqual(rollbackSteps);
    expect(planRollback(wish, facts)).toEqual({ kind: 'done' });
  });

  it('goes on from wherever it stopped, and never takes a step before the chain confirms those before it', () => {
    const anywhere = fc.record({
      paused: fc.boolean(),
      positions: fc.nat(2),
      owed: fc.nat(2),
      hash: fc.constantFrom(from.hash, to.hash),
      layouts: fc.constant(new Map([['user 1', 1]])),
    });
    fc.assert(
      fc.property(anywhere, (start) => {
        let facts: RollbackFacts = start;
        for (let count = 0; count <= rollbackSteps.length; count += 1) {
          const plan = planRollback(wish, facts);
          if (plan.kind === 'done') {
            expect(facts).toMatchObject({ paused: false, hash: to.hash });
            return;
          }
          if (plan.kind !== 'step') throw new Error(plan.kind);
          const { step } = plan;
          if (step !== 'pause') expect(facts.paused).toBe(true);
          if (step === 'return funds') expect(facts.positions).toBe(0);
          if (step === 'old program') expect(facts).toMatchObject({ positions: 0, owed: 0 });
          facts = after(facts, step);
        }
        throw new Error('it never ends');
      }),
    );
  });

  it('waits, paused, where the old program is proposed and others have to act', () => {
    const missing = [{ what: '1 more approval', who: ['member'] }];
    const paused = { ...running, paused: true, positions: 0, owed: 0, waiting: missing };
    expect(planRollback(wish, paused)).toMatchObject({
      kind: 'wait',
      missing,
      confirmed: ['pause', 'close positions', 'return funds'],
    });
    // What waits does not keep the steps before it from being done.
    expect(planRollback(wish, { ...running, waiting: missing })).toMatchObject({
      kind: 'step',
      step: 'pause',
    });
    expect(planRollback(wish, { ...paused, waiting: [] })).toMatchObject({ step: 'old program' });
  });

  it('is refused, before anything is done, where the old build does not know accounts that are there', () => {
    const facts = {
      ...running,
      layouts: new Map([
        ['user 3', 1],
        ['user 2', 7],
        ['user 1', 4],
      ]),
    };
    const refusal = refusalOf(planRollback(wish, facts));
    expect(refusal).toContain('CUT-2430');
    expect(refusal).toContain(
      'v1.4.0 reads accounts of layout user 1, and there are 7 of layout user 2 and 1 of layout user 3',
    );
    const knowing = { ...wish, to: { ...to, layouts: ['user 1', 'user 2', 'user 3'] } };
    expect(planRollback(knowing, facts)).toMatchObject({ step: 'pause' });
    expect(planRollback(wish, { ...running, layouts: new Map([['user 2', 0]]) })).toMatchObject({
      step: 'pause',
    });
  });

  it('is not resumed on a build that does not know the accounts', () => {
    const facts = { ...running, paused: true, hash: to.hash, layouts: new Map([['user 2', 1]]) };
    expect(refusalOf(planRollback(wish, facts))).toContain('CUT-2430');
  });

  it('is refused where somebody else changed the program', () => {
    const refusal = refusalOf(planRollback(wish, { ...running, hash: 'c'.repeat(64) }));
    expect(refusal).toContain('CUT-2431');
    expect(refusal).toContain('c'.repeat(64));
  });

  it('is told with what is done, what is next and what comes then', () => {
    const paused = { ...running, paused: true };
    expect(describeRollback(planRollback(wish, paused), wish)).toEqual([
      `godark-perps from v2.0.0 (${from.hash}) back to v1.4.0 (${to.hash})`,
      '  done   pause',
      '  next   close positions',
      '  then   return funds',
      '  then   old program',
      '  then   resume',
    ]);
    const waiting = { ...paused, positions: 0, owed: 0, waiting: [{ what: '1 more approval' }] };
    expect(describeRollback(planRollback(wish, waiting), wish).slice(-3)).toEqual([
      '  waits  old program',
      '  then   resume',
      'waits for 1 more approval',
    ]);
    expect(describeRollback({ kind: 'done' }, wish)).toEqual([
      `godark-perps runs v1.4.0 (${to.hash}) and is not paused: the rollback is done`,
    ]);
  });
});
