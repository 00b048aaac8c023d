import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planSafe, type Execution, type SafeFacts } from '@cutover/chain/plan/authority/safe.ts';
import type { Approval } from '@cutover/chain/plan/authority/safe-signatures.ts';

const names = ['0xA', '0xB', '0xC', '0xD'];
const approval = (owner: string): Approval => ({ owner, data: '0x', how: 'signature' });
const facts: SafeFacts = {
  owners: ['0xA', '0xB', '0xC'],
  threshold: 2,
  nonce: 5,
  proposal: { nonce: 5, approvals: [], execution: { kind: 'none' }, awaited: false },
  queue: [],
  keys: [],
  satisfied: undefined,
  again: false,
};
const withProposal = (
  rest: Partial<NonNullable<SafeFacts['proposal']>>,
  more: Partial<SafeFacts> = {},
): SafeFacts => ({
  ...facts,
  proposal: { nonce: 5, approvals: [], execution: { kind: 'none' }, awaited: false, ...rest },
  ...more,
});

describe('the next step of a Safe', () => {
  it('is to propose what is not proposed, behind what waits', () => {
    expect(planSafe({ ...facts, proposal: undefined, queue: [6, 5, 8] })).toMatchObject({
      kind: 'propose',
      nonce: 7,
    });
  });

  it('is nothing when what is wanted holds already', () => {
    expect(planSafe({ ...facts, proposal: undefined, satisfied: true }).kind).toBe('executed elsewhere');
    expect(planSafe({ ...facts, satisfied: true }).kind).toBe('executed elsewhere');
  });

  it('is to sign with the keys of owners that are at hand, no more than are missing', () => {
    const step = planSafe(withProposal({ approvals: [approval('0xA')] }, { keys: ['0xC', '0xB', '0xZ'] }));
    expect(step).toEqual({ kind: 'sign', owners: ['0xB'] });
  });

  it('is to gather what is missing from those who have not approved', () => {
    expect(planSafe(withProposal({ approvals: [approval('0xB')] }))).toEqual({
      kind: 'gather',
      missing: 1,
      who: ['0xA', '0xC'],
    });
  });

  it('is to wait for its turn, or to move up where its turn can never come', () => {
    const approvals = [approval('0xA'), approval('0xB')];
    expect(planSafe(withProposal({ nonce: 7, approvals }, { queue: [5, 6] }))).toEqual({
      kind: 'queue',
      before: 2,
    });
    expect(planSafe(withProposal({ nonce: 7, approvals }, { queue: [5] }))).toMatchObject({
      kind: 'propose',
      nonce: 6,
    });
    // Nobody knows what else waits: better to wait than to take a place.
    expect(planSafe(withProposal({ nonce: 7, approvals }, { queue: undefined })).kind).toBe('queue');
  });

  it('is to propose again what was undone since, and to complain of what was without effect', () => {
    const execution = { kind: 'success', transactionHash: '0x1', blockNumber: 3 } as const;
    const executed = withProposal({ nonce: 4, execution });
    expect(planSafe(executed).kind).toBe('done');
    expect(planSafe({ ...executed, satisfied: false })).toMatchObject({ kind: 'propose', nonce: 5 });
    const awaited = withProposal({ nonce: 4, execution, awaited: true }, { satisfied: false });
    expect(planSafe(awaited)).toMatchObject({ kind: 'refuse', reason: 'without effect' });
    expect(planSafe({ ...awaited, again: true }).kind).toBe('propose');
  });

  it('never is to propose what nobody can say was not executed, unless told to', () => {
    const lost = withProposal({ nonce: 4, execution: { kind: 'unknown' } });
    expect(planSafe(lost)).toEqual({ kind: 'refuse', reason: 'cannot tell' });
    expect(planSafe({ ...lost, satisfied: false }).kind).toBe('propose');
    expect(planSafe({ ...lost, again: true }).kind).toBe('propose');
  });
});

const executions: fc.Arbitrary<Execution> = fc.constantFrom(
  { kind: 'none' },
  { kind: 'unknown' },
  { kind: 'success', transactionHash: '0x1', blockNumber: 3 },
  { kind: 'failure', transactionHash: '0x2', blockNumber: 4 },
);
const anyFacts: fc.Arbitrary<SafeFacts> = fc
  .record({
    owners: fc.subarray(names, { minLength: 1 }),
    threshold: fc.integer({ min: 1, max: 4 }),
    nonce: fc.nat(6),
    queue: fc.option(fc.array(fc.nat(9)), { nil: undefined }),
    keys: fc.subarray(names),
    satisfied: fc.option(fc.boolean(), { nil: undefined }),
    again: fc.boolean(),
    proposed: fc.option(
      fc.record({ nonce: fc.nat(9), execution: executions, awaited: fc.boolean(), by: fc.subarray(names) }),
      { nil: undefined },
    ),
  })
  .map(({ proposed, ...rest }) => ({
    ...rest,
    proposal: proposed && {
      ...proposed,
      approvals: proposed.by.filter((name) => rest.owners.includes(name)).map(approval),
    },
  }));

describe('whatever the facts', () => {
  it('a Safe executes only what enough owners approved, when it is its turn and nothing of it is done', () => {
    fc.assert(
      fc.property(anyFacts, (any) => {
        if (planSafe(any).kind !== 'execute') return;
        expect(any.proposal?.approvals.length).toBeGreaterThanOrEqual(any.threshold);
        expect(any.proposal?.nonce).toBe(any.nonce);
        expect(['none', 'unknown']).toContain(any.proposal?.execution.kind);
        expect(any.satisfied).not.toBe(true);
      }),
    );
  });

  it('nothing is proposed at a nonce that is used or that others have, nor while what is wanted holds', () => {
    fc.assert(
      fc.property(anyFacts, (any) => {
        const step = planSafe(any);
        if (step.kind !== 'propose') return;
        expect(step.nonce).toBeGreaterThanOrEqual(any.nonce);
        expect(any.queue ?? []).not.toContain(step.nonce);
        expect(any.satisfied).not.toBe(true);
        const { execution } = any.proposal ?? {};
        // What succeeded comes again only when it was undone since.
        if (execution?.kind === 'success') expect(any.satisfied).toBe(false);
        if (execution?.kind === 'failure') expect(any.again).toBe(true);
      }),
    );
  });

  it('a new proposal is not at once proposed once more', () => {
    fc.assert(
      fc.property(anyFacts, (any) => {
        const step = planSafe(any);
        if (step.kind !== 'propose') return;
        const proposal = {
          nonce: step.nonce,
          approvals: [],
          execution: { kind: 'none' as const },
          awaited: false,
        };
        expect(planSafe({ ...any, proposal }).kind).not.toBe('propose');
      }),
    );
  });
});

describe('a Safe whose owners sign, come and go, and whose nonce others take', () => {
  type Event =
    { readonly kind: 'sign' | 'replace'; readonly who: number } | { readonly kind: 'take' | 'run' };
  const events: fc.Arbitrary<Event> = fc.oneof(
    { weight: 4, arbitrary: fc.nat(3).map((who): Event => ({ kind: 'sign', who })) },
    { weight: 1, arbitrary: fc.nat(3).map((who): Event => ({ kind: 'replace', who })) },
    { weight: 1, arbitrary: fc.constant<Event>({ kind: 'take' }) },
    { weight: 5, arbitrary: fc.constant<Event>({ kind: 'run' }) },
  );

  it('executes the action once and comes to an end when its owners agree', () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 30 }), (story) => {
        const safe = { owners: names.slice(0, 3), threshold: 2, nonce: 0 };
        let proposal: { nonce: number; by: Set<string>; done: boolean } | undefined;
        let executed = 0;
        const run = (): string => {
          for (let turn = 0; turn < 10; turn++) {
            const seen = proposal && {
              nonce: proposal.nonce,
              approvals: [...proposal.by].filter((name) => safe.owners.includes(name)).map(approval),
              execution: proposal.done
                ? ({ kind: 'success', transactionHash: '0x1', blockNumber: 1 } as const)
                : ({ kind: 'none' } as const),
              awaited: true,
            };
            const step = planSafe({ ...facts, ...safe, proposal: seen, queue: [] });
            if (step.kind === 'propose') proposal = { nonce: step.nonce, by: new Set(), done: false };
            else if (step.kind === 'execute' && proposal !== undefined) {
              expect(proposal.nonce).toBe(safe.nonce);
              safe.nonce++;
              proposal.done = true;
              executed++;
            } else return step.kind;
          }
          return 'restless';
        };
        for (const event of story) {
          if (event.kind === 'sign') proposal?.by.add(names[event.who] ?? '');
          if (event.kind === 'replace') safe.owners = names.filter((_, index) => index !== event.who);
          if (event.kind === 'take' && proposal?.done !== true) safe.nonce++;
          if (event.kind === 'run') expect(run()).not.toBe('restless');
        }
        run();
        for (const owner of safe.owners) proposal?.by.add(owner);
        expect(run()).toBe('done');
        expect(executed).toBe(1);
      }),
    );
  });
});
