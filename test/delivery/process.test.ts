import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decide,
  isDrift,
  type Observation,
  type ProcessRecord,
  type Wanted,
} from '@cutover/delivery/plan/process.ts';

const wanted: Wanted = { name: 'postgres', launchHash: 'l1', settleHash: 's1' };
const record: ProcessRecord = {
  name: 'postgres',
  pid: 4711,
  started: 'boot:100',
  startedAt: '2026-01-01T00:00:00.000Z',
  launchHash: 'l1',
  settleHash: 's1',
  secretsHash: 'k1',
  dataId: '1-2',
  engine: 'postgres',
  version: '18.4',
  ports: [{ use: 'sql', port: 5432 }],
  definition: { kind: 'postgres', password: { kind: 'file', name: 'secret' }, databases: [] },
};
const healthy: Observation = {
  record,
  life: 'running',
  answer: { kind: 'answers', well: true, detail: 'speaks PostgreSQL' },
  data: 'there',
  missingSecrets: [],
  secretsHash: 'k1',
};
const silent = { kind: 'silent', detail: 'it gave no answer within 1 s' } as const;

describe('what follows from what is seen', () => {
  it.each<[string, Partial<Observation>, Partial<Wanted>, string, string]>([
    [
      'nothing was started',
      { record: undefined, life: 'never started' },
      {},
      'start',
      'postgres is not running; it will be started',
    ],
    [
      'it is dead',
      { life: 'dead' },
      {},
      'start',
      'postgres (pid 4711) is dead; it will be started again with its data',
    ],
    [
      'it is dead and its data gone',
      { life: 'dead', data: 'missing' },
      {},
      'start',
      'postgres (pid 4711) is dead; it will be started again empty, since its data folder was deleted',
    ],
    [
      'it is suspended',
      { life: 'suspended' },
      {},
      'restart',
      'postgres (pid 4711) hangs: it is suspended by a signal; it will be stopped and started again with its data',
    ],
    [
      'it does not answer',
      { answer: silent },
      {},
      'restart',
      'postgres (pid 4711) hangs: it gave no answer within 1 s; it will be stopped and started again with its data',
    ],
    [
      'its data was deleted',
      { data: 'missing' },
      {},
      'restart',
      'the data folder of postgres (pid 4711) is gone while it ran; it will be stopped and started again, empty',
    ],
    [
      'its data was made anew',
      { data: 'replaced' },
      {},
      'restart',
      'the data folder of postgres (pid 4711) was deleted and made anew while it ran; it will be stopped and started again, with what its data folder holds now',
    ],
    [
      'its description changed',
      {},
      { launchHash: 'l2' },
      'restart',
      'postgres (pid 4711) is described anew; it will be restarted with its data',
    ],
    [
      'a database more is wanted',
      {},
      { settleHash: 's2' },
      'settle',
      'postgres (pid 4711) will be adjusted while it runs',
    ],
    [
      'a secret was changed',
      { secretsHash: 'k2' },
      {},
      'restart',
      'a secret of postgres (pid 4711) is another than it read; it will be restarted with its data',
    ],
    [
      'a secret is gone',
      { missingSecrets: [{ file: '.cutover/dev/secrets/x', takenUp: 'while it runs' }] },
      {},
      'settle',
      'the secret of postgres in .cutover/dev/secrets/x is gone; a new one will be made',
    ],
    [
      'a secret that is read at start is gone',
      { missingSecrets: [{ file: 'x', takenUp: 'at start' }] },
      {},
      'restart',
      'the secret of postgres in x is gone; a new one will be made',
    ],
  ])('%s', (_, seen, want, step, line) => {
    expect(decide({ ...wanted, ...want }, { ...healthy, ...seen })).toEqual({ step, why: [line] });
  });

  it('is nothing when all is as it should be', () => {
    expect(decide(wanted, healthy)).toEqual({ step: 'keep', why: [] });
  });

  it('is nothing when it answers that it is not well: that is for gates', () => {
    const unwell = { kind: 'answers', well: false, detail: 'HTTP 503' } as const;
    expect(decide(wanted, { ...healthy, answer: unwell }).step).toBe('keep');
  });
});

const observations: fc.Arbitrary<Observation> = fc.record({
  record: fc.constantFrom(
    undefined,
    record,
    { ...record, launchHash: 'old' },
    { ...record, settleHash: 'old' },
  ),
  life: fc.constantFrom('running', 'suspended', 'dead', 'never started'),
  answer: fc.constantFrom(healthy.answer, silent),
  data: fc.constantFrom('there', 'missing', 'replaced'),
  missingSecrets: fc.constantFrom([], [{ file: 'a secret', takenUp: 'at start' }]),
  secretsHash: fc.constantFrom('k1', 'k2'),
});

describe('whatever is seen', () => {
  it('the process is left alone only if it runs, answers, has its data and is what is wanted', () => {
    fc.assert(
      fc.property(observations, (seen) => {
        const asWanted =
          seen.record?.launchHash === 'l1' &&
          seen.record.settleHash === 's1' &&
          seen.life === 'running' &&
          seen.answer.kind === 'answers' &&
          seen.data === 'there' &&
          seen.missingSecrets.length === 0 &&
          seen.secretsHash === 'k1';
        expect(decide(wanted, seen).step === 'keep').toBe(asWanted);
      }),
    );
  });

  it('nothing is done on a process that does not run and answer', () => {
    fc.assert(
      fc.property(observations, (seen) => {
        const fit = seen.record !== undefined && seen.life === 'running' && seen.answer.kind === 'answers';
        expect(decide(wanted, seen).step === 'settle' && !fit).toBe(false);
      }),
    );
  });

  it('every step but `keep` has a reason, and drift is never silent', () => {
    fc.assert(
      fc.property(observations, (seen) => {
        const decision = decide(wanted, seen);
        expect(decision.why.length > 0).toBe(decision.step !== 'keep');
        if (isDrift(seen, decision)) expect(decision.why).not.toEqual([]);
      }),
    );
  });
});

describe('drift', () => {
  it('is what went wrong, not what the program asks for', () => {
    const another: Wanted = { ...wanted, launchHash: 'l2' };
    expect(isDrift(healthy, decide(another, healthy))).toBe(false);
    const dead: Observation = { ...healthy, life: 'dead' };
    expect(isDrift(dead, decide(another, dead))).toBe(true);
  });
});
