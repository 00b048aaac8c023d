import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import type { Progress } from '@cutover/chain/plan/authority/progress.ts';
import { pauseKeys } from '../../infra/pauses.ts';
import {
  outcomeOf,
  pauseLines,
  wishes,
  type PauseOutputs,
  type PauseReport,
} from '../../ops/pause-report.ts';
import { configOf, edited } from '../infra/config-kit.ts';
import { readConfig } from '../../infra/config.ts';

const hash = `0x${'ab'.repeat(32)}`;
const done: Progress = { kind: 'done', transactionHash: hash, blockNumber: 7, ids: {}, transactions: [hash] };
const proposed: Progress = {
  kind: 'proposed',
  stage: 'approvals',
  missing: [{ what: '2 approvals', who: ['0x01', '0x02'] }],
  ...{ ids: {}, transactions: [] },
};
const outputs = (isPaused: boolean | undefined, progress: readonly Progress[] = []): PauseOutputs => ({
  contract: '0xC0',
  ...(isPaused === undefined ? {} : { isPaused }),
  progress: Object.fromEntries(progress.map((each, index) => [`step ${index}`, each])),
  drift: isPaused === undefined ? ['it waits until what it changes is there'] : [],
});
const ended = { outcome: 'done', changed: 1 } as const;

describe('the systems that can be paused', () => {
  it('are the four with contracts of their own, by the names that are printed elsewhere', () => {
    expect(Object.keys(pauseKeys(configOf('dev')))).toEqual([
      ...['gemforce', 'meta-aggregator', 'sop-138', 'coinestate'],
    ]);
  });

  it('have a Pause of that name in the program', () => {
    for (const [system, { resource }] of Object.entries(pauseKeys(configOf('dev')))) {
      const program = readFileSync(join(projectRoot, 'infra', 'systems', `${system}.ts`), 'utf8');
      expect(program).toMatch(new RegExp(`new Pause\\(\\s*'${resource}'`));
    }
  });

  it('say what the stack file wants', () => {
    for (const [system, { path, paused }] of Object.entries(pauseKeys(configOf('dev')))) {
      expect([system, paused]).toEqual([system, false]);
      const values = edited('dev', { [path.join('.')]: true });
      expect(pauseKeys(readConfig(values, { stack: 'dev' }))[system]?.paused).toBe(true);
    }
  });
});

describe('the values that the stack file goes through', () => {
  it.each([
    ['to pause', 'paused', { isPaused: false, drift: [] }, [true]],
    [
      "to pause what somebody paused: it is the program's from then on",
      'paused',
      { isPaused: true, drift: ['x'] },
      [true],
    ],
    ["to end the program's own pause", 'running', { isPaused: true, drift: [] }, [false]],
    [
      "to end somebody else's: it is taken over first",
      'running',
      { isPaused: true, drift: ['x'] },
      [true, false],
    ],
    ['to resume what runs', 'running', { isPaused: false, drift: [] }, [false]],
    ['to resume what somebody resumed', 'running', { isPaused: false, drift: ['x'] }, [false]],
    ['to resume where the chain does not answer', 'running', undefined, [false]],
  ] as const)('%s', (_, wanted, found, values) => {
    expect(wishes(wanted, found)).toEqual(values);
  });
});

describe('how it ended', () => {
  it('is read from the state: reached, with the transaction of this update', () => {
    expect(outcomeOf('paused', ended, outputs(true, [done]), 'paused')).toMatchObject({
      outcome: 'paused',
      transaction: hash,
    });
    expect(outcomeOf('running', ended, outputs(false, [done]), 'running').outcome).toBe('running');
  });

  it('names no transaction of an earlier update', () => {
    const nothing = { outcome: 'done', changed: 0 } as const;
    expect(outcomeOf('paused', nothing, outputs(true, [done]), 'paused').transaction).toBeUndefined();
  });

  it('is proposed when an authority has to agree, with what is missing', () => {
    const { outcome, waits } = outcomeOf('running', ended, outputs(true, [proposed]), 'paused');
    expect(outcome).toBe('proposed');
    expect(waits).toContain('2 approvals from any of 0x01, 0x02');
  });

  it('is proposed while the contract itself is not there yet', () => {
    expect(outcomeOf('paused', ended, outputs(undefined), 'unknown')).toMatchObject({
      outcome: 'proposed',
      waits: 'it waits until what it changes is there',
    });
  });

  it("is not ended when somebody's pause holds, and failed when the update failed, whatever the state says", () => {
    expect(outcomeOf('running', ended, outputs(true), 'paused').outcome).toBe('not ended');
    for (const outcome of ['failed', 'interrupted'] as const) {
      expect(outcomeOf('paused', { outcome, changed: 0 }, outputs(true), 'paused').outcome).toBe('failed');
    }
  });

  it('is failed while the chain is away, even where the update had nothing to do', () => {
    const nothing = { outcome: 'done', changed: 0 } as const;
    expect(outcomeOf('paused', nothing, outputs(true, [done]), 'unknown').outcome).toBe('failed');
  });
});

describe('what an operator reads', () => {
  const report = (more: Partial<PauseReport>): PauseReport => ({
    ...{ stack: 'dev', system: 'gemforce', what: 'the diamond', contract: '0xC0', network: 'local (31337)' },
    ...{ wanted: 'paused', before: 'running', outcome: 'paused', now: 'paused', file: 'paused' },
    ...{ transaction: hash, waits: undefined, milliseconds: 3210, errors: [] },
    ...more,
  });
  const told = (more: Partial<PauseReport>): string => pauseLines(report(more)).join('\n');

  it('says what was paused, where, by which transaction, and how to resume', () => {
    expect(told({})).toBe(
      `Paused: the diamond at 0xC0 on local (31337), by ${hash} (3.2 s).\n` +
        'Pulumi.dev.yaml says paused: true, so updates keep it so. ./cutover resume dev gemforce lets it run again.',
    );
  });

  it('says when nothing was to be done', () => {
    expect(told({ before: 'paused', transaction: undefined })).toMatch(
      /^Paused already: .* nothing was sent/,
    );
    const runs = {
      wanted: 'running',
      outcome: 'running',
      before: 'running',
      transaction: undefined,
    } as const;
    expect(told(runs)).toMatch(/^Runs already: .* nothing was sent/);
  });

  it('says what a proposal waits for and how it goes on', () => {
    const text = told({ outcome: 'proposed', now: 'running', waits: 'waits for 2 approvals' });
    expect(text).toMatch(/^Proposed, and not in force yet: .* is running/);
    expect(text).toContain('waits for 2 approvals');
    expect(text).toContain('./cutover approve dev');
    expect(text).toContain('./cutover pause dev gemforce, or any update, then goes on');
  });

  it('says what stands after a failure, and what the file says', () => {
    const pause = told({ outcome: 'failed', now: 'unknown' });
    expect(pause).toContain('is not known, its chain does not answer');
    expect(pause).toContain('Pulumi.dev.yaml says paused: true: ./cutover pause dev gemforce tries again');
    const resume = told({ wanted: 'running', outcome: 'failed', now: 'paused', file: 'paused' });
    expect(resume).toContain('is paused.');
    expect(resume).toContain('says paused: true, so that later updates do not fail for it');
  });
});
