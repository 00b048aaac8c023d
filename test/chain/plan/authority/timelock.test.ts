import fc from 'fast-check';
import { id, Interface } from 'ethers';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { delayNote, planTimelock, type TimelockFacts } from '@cutover/chain/plan/authority/timelock.ts';
import {
  operationId,
  operationOf,
  timelockInterface,
} from '@cutover/chain/plan/authority/timelock-operation.ts';

const facts: TimelockFacts = {
  operation: { kind: 'unset' },
  now: 1000,
  minDelay: 60,
  wantedDelay: undefined,
  predecessorDone: true,
  may: { proposer: true, executor: true, canceller: true },
  cancelled: false,
  underway: false,
  stale: undefined,
  satisfied: undefined,
  again: false,
};
const waiting = { kind: 'waiting', readyAt: 1060, delay: 60 } as const;
const ready = { kind: 'ready', readyAt: 990, delay: 60 } as const;

describe('the next step of a time lock', () => {
  it('is to schedule with the delay that it demands, or a longer one that is required', () => {
    expect(planTimelock(facts)).toEqual({ kind: 'schedule', delay: 60 });
    expect(planTimelock({ ...facts, wantedDelay: 300 })).toEqual({ kind: 'schedule', delay: 300 });
    expect(planTimelock({ ...facts, wantedDelay: 10 })).toEqual({ kind: 'schedule', delay: 60 });
    expect(delayNote(60, 10)).toContain('more than the 10 s that were asked for');
    expect(delayNote(60, 300)).toContain('the 300 s that are required');
    expect(delayNote(60, 60)).toBeUndefined();
  });

  it('is to wait by the clock of the chain, then to execute', () => {
    expect(planTimelock({ ...facts, operation: waiting })).toEqual({
      kind: 'wait',
      seconds: 60,
      readyAt: 1060,
    });
    expect(planTimelock({ ...facts, operation: ready })).toEqual({ kind: 'execute' });
    expect(planTimelock({ ...facts, operation: ready, predecessorDone: false }).kind).toBe(
      'wait for predecessor',
    );
  });

  it('refuses a delay shorter than required, also where somebody else scheduled it', () => {
    for (const operation of [waiting, ready]) {
      expect(planTimelock({ ...facts, operation, wantedDelay: 172_800 })).toEqual({
        ...{ kind: 'refuse', reason: 'delay', delay: 60, wanted: 172_800 },
      });
    }
  });

  it('says before the delay, not after it, that nobody of us may execute', () => {
    const may = { ...facts.may, executor: false };
    expect(planTimelock({ ...facts, may })).toEqual({ kind: 'refuse', reason: 'role', role: 'executor' });
  });

  it('leaves what was cancelled until told otherwise, and then goes on by itself', () => {
    expect(planTimelock({ ...facts, cancelled: true }).kind).toBe('cancelled');
    expect(planTimelock({ ...facts, cancelled: true, again: true }).kind).toBe('schedule');
    expect(planTimelock({ ...facts, cancelled: true, underway: true }).kind).toBe('schedule');
  });

  it('is to cancel what nobody wants any more, before anything else', () => {
    expect(planTimelock({ ...facts, operation: ready, stale: '0x1' })).toEqual({
      kind: 'cancel',
      which: 'stale',
    });
    expect(planTimelock({ ...facts, operation: waiting, satisfied: true })).toEqual({
      kind: 'cancel',
      which: 'this',
    });
  });
});

const anyFacts: fc.Arbitrary<TimelockFacts> = fc.record({
  operation: fc.oneof(
    fc.constantFrom({ kind: 'unset' as const }, { kind: 'done' as const }),
    fc.record({
      kind: fc.constantFrom('waiting' as const, 'ready' as const),
      readyAt: fc.nat(3000),
      delay: fc.option(fc.nat(500), { nil: undefined }),
    }),
  ),
  now: fc.nat(3000),
  minDelay: fc.nat(500),
  wantedDelay: fc.option(fc.nat(500), { nil: undefined }),
  predecessorDone: fc.boolean(),
  may: fc.record({ proposer: fc.boolean(), executor: fc.boolean(), canceller: fc.boolean() }),
  cancelled: fc.boolean(),
  underway: fc.boolean(),
  stale: fc.option(fc.constant('0x1'), { nil: undefined }),
  satisfied: fc.option(fc.boolean(), { nil: undefined }),
  again: fc.boolean(),
});

describe('whatever the facts', () => {
  it('nothing is executed early, without the right, before its predecessor, or while what is wanted holds', () => {
    fc.assert(
      fc.property(anyFacts, (any) => {
        if (planTimelock(any).kind !== 'execute') return;
        expect(any.operation.kind).toBe('ready');
        expect(any.may.executor && any.predecessorDone && any.satisfied !== true).toBe(true);
        const { delay } = any.operation as { delay: number | undefined };
        if (delay !== undefined) expect(delay).toBeGreaterThanOrEqual(any.wantedDelay ?? 0);
      }),
    );
  });

  it('no delay is shorter than the contract demands or the configuration requires', () => {
    fc.assert(
      fc.property(anyFacts, (any) => {
        const step = planTimelock(any);
        if (step.kind !== 'schedule') return;
        expect(step.delay).toBeGreaterThanOrEqual(any.minDelay);
        expect(step.delay).toBeGreaterThanOrEqual(any.wantedDelay ?? 0);
        expect(any.operation.kind).toBe('unset');
        expect(any.may.proposer && any.may.executor).toBe(true);
        expect(!any.cancelled || any.again || any.underway).toBe(true);
      }),
    );
  });
});

describe('an operation', () => {
  const call = { to: `0x${'11'.repeat(20)}`, data: '0x12345678' };
  const action = { key: 'k', purpose: 'p', ...call };

  it('has the same id in every process, another one for another change, batch or round', () => {
    const ids = [
      operationOf(action, undefined, 0),
      operationOf({ ...action, key: 'l' }, undefined, 0),
      operationOf({ ...action, data: '0x' }, undefined, 0),
      operationOf({ ...action, value: 1n }, undefined, 0),
      operationOf(action, id('before'), 0),
      operationOf(action, undefined, 1),
      operationOf({ key: 'k', purpose: 'p', calls: [call, call] }, undefined, 0),
    ].map(operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(operationId(operationOf({ ...action, purpose: 'q' }, undefined, 0))).toBe(ids[0]);
  });

  it('is put in words with functions that the contract of OpenZeppelin has', () => {
    const require = createRequire(import.meta.url);
    const { abi } = require('@openzeppelin/contracts/build/contracts/TimelockController.json') as {
      abi: ConstructorParameters<typeof Interface>[0];
    };
    const signatures = (contract: Interface): string[] =>
      contract.fragments
        .filter(({ type }) => ['function', 'event', 'error'].includes(type))
        .map((fragment) => `${fragment.type} ${fragment.format('sighash')}`);
    expect(signatures(new Interface(abi))).toEqual(expect.arrayContaining(signatures(timelockInterface)));
  });
});
