import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ids, Progress, Stage } from '@cutover/chain/plan/authority/progress.ts';
import {
  isNews,
  planChangeDiff,
  planHash,
  type ChangePlan,
  type ChangeQuestion,
} from '@cutover/chain/plan/change.ts';

const quiet: ChangeQuestion = {
  moved: [],
  plan: { kind: 'nothing' },
  gone: false,
  otherInputsDiffer: false,
  waiting: false,
  knownDrift: false,
};
const change: ChangePlan = { kind: 'change', steps: [], lines: ['~'] };
const watch: ChangePlan = { kind: 'watch', lines: ['~'] };

describe('whether an update has something to do', () => {
  it.each([
    ['not when all is as wanted', {}, 'same'],
    ['when the chain differs', { plan: change }, 'update'],
    ['not when it differs and is only watched', { plan: watch }, 'same'],
    ['not when what is watched was told before', { plan: watch, knownDrift: true }, 'same'],
    ['when drift in the state is over', { knownDrift: true }, 'update'],
    ['when the contract is gone', { plan: undefined, gone: true }, 'update'],
    ['when other inputs are to be kept', { otherInputsDiffer: true }, 'update'],
    ['when an approval may have come', { waiting: true }, 'update'],
    ['not when no endpoint answers', { plan: undefined }, 'same'],
    ['not when no endpoint answers and drift is known', { plan: undefined, knownDrift: true }, 'same'],
    ['as another resource when what it is about moved', { moved: ['contract'], plan: change }, 'replace'],
  ] as const satisfies readonly (readonly [string, Partial<ChangeQuestion>, string])[])(
    '%s',
    (_, question, kind) => {
      expect(planChangeDiff({ ...quiet, ...question }).kind).toBe(kind);
    },
  );

  it('never replaces unless something moved, and then names it', () => {
    const question = fc.record<ChangeQuestion>({
      moved: fc.subarray(['contract', 'network', 'set']),
      plan: fc.constantFrom<ChangePlan | undefined>(undefined, { kind: 'nothing' }, change, watch),
      gone: fc.boolean(),
      otherInputsDiffer: fc.boolean(),
      waiting: fc.boolean(),
      knownDrift: fc.boolean(),
    });
    fc.assert(
      fc.property(question, (asked) => {
        const diff = planChangeDiff(asked);
        if (diff.kind === 'replace') expect(diff.because).toEqual(asked.moved);
        else expect(asked.moved).toEqual([]);
        if (asked.plan?.kind === 'change') expect(diff.kind).not.toBe('same');
      }),
    );
  });
});

describe('a change that is carried through', () => {
  const waiting = (stage: Stage, ids: Ids = { safeTxHash: '0xaa' }): Progress => ({
    ...{ kind: 'proposed', stage, ids, missing: [{ what: '1 of 2 approvals' }], transactions: [] },
  });
  const done: Progress = { kind: 'done', ids: {}, transactions: [], transactionHash: '0x1', blockNumber: 1 };

  it('is news when it begins to wait, or waits for something else', () => {
    const approvals = waiting('approvals');
    expect(isNews(approvals, undefined)).toBe(true);
    expect(isNews(approvals, done)).toBe(true);
    expect(isNews(waiting('queue'), approvals)).toBe(true);
    expect(isNews(waiting('approvals', { safeTxHash: '0xbb' }), approvals)).toBe(true);
    expect(isNews(waiting('delay', { operationId: '0x2' }), waiting('delay', { operationId: '0x1' }))).toBe(
      true,
    );
  });

  it('is no news while it waits for the same, or when it is done', () => {
    const block = waiting('approvals', { safeTxHash: '0xaa', block: 9 });
    expect(isNews(waiting('approvals'), block)).toBe(false);
    expect(isNews(done, waiting('approvals'))).toBe(false);
  });

  it('is known by what a reviewer was shown', () => {
    const plan = (lines: readonly string[]): ChangePlan => ({ kind: 'change', steps: [], lines });
    expect(planHash(plan(['+ a']))).toBe(planHash(plan(['+ a'])));
    expect(planHash(plan(['+ a', '+ b']))).not.toBe(planHash(plan(['+ a'])));
    expect([planHash({ kind: 'nothing' }), planHash({ kind: 'watch', lines: ['+ a'] })]).toEqual([
      undefined,
      undefined,
    ]);
  });
});
