import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checksBefore, type LaunchFacts } from '../../ops/launch/checks.ts';
import { measuredIn } from '../../ops/launch/metrics.ts';
import {
  begun,
  launchStages,
  planLaunch,
  type LaunchRecord,
  type LaunchStage,
} from '../../ops/launch/plan.ts';
import { launchLines, launchReport } from '../../ops/launch/report.ts';
import { criteriaFigures, targetFigures } from '../../ops/launch/targets.ts';

const at = '2027-01-15T14:00:00.000Z';
const zero = Date.parse(at);
const hour = 3_600_000;
const fresh: LaunchRecord = { at, done: {}, samples: [] };
const doneAt = (record: LaunchRecord, stage: LaunchStage, now: number): LaunchRecord => ({
  ...record,
  done: { ...record.done, [stage]: { at: new Date(now).toISOString(), note: '' } },
});

describe('the course of a launch', () => {
  it('is verification two hours before, health one hour before, then limits and announcement, then a day of watch', () => {
    expect(planLaunch(fresh, zero - 3 * hour)).toEqual({
      kind: 'wait',
      stage: 'verification',
      seconds: 3600,
    });
    expect(planLaunch(fresh, zero - 2 * hour)).toEqual({ kind: 'stage', stage: 'verification' });
    const verified = doneAt(fresh, 'verification', zero - 2 * hour);
    expect(planLaunch(verified, zero - 2 * hour)).toEqual({ kind: 'wait', stage: 'health', seconds: 3600 });
    const healthy = doneAt(verified, 'health', zero - hour);
    expect(planLaunch(healthy, zero - 1)).toEqual({ kind: 'wait', stage: 'limits', seconds: 1 });
    const late = zero + 5 * hour;
    const lifted = doneAt(healthy, 'limits', late);
    expect(planLaunch(lifted, late)).toEqual({ kind: 'stage', stage: 'announcement' });
    const announced = doneAt(lifted, 'announcement', late);
    // The day begins when the limits were lifted, late as that was.
    expect(planLaunch(announced, zero + 24 * hour)).toEqual({ kind: 'look', seconds: 5 * 3600 });
    expect(planLaunch(announced, late + 24 * hour)).toEqual({ kind: 'stage', stage: 'watch' });
    expect(planLaunch(doneAt(announced, 'watch', late), late)).toEqual({ kind: 'done' });
  });

  it('leaves no stage out and does none early, whenever it is run', () => {
    const runs = fc.array(fc.integer({ min: -4 * hour, max: 30 * hour }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(runs, (times) => {
        let record = fresh;
        const order: LaunchStage[] = [];
        for (const now of times.toSorted((a, b) => a - b).map((time) => zero + time)) {
          for (let plan = planLaunch(record, now); plan.kind === 'stage'; plan = planLaunch(record, now)) {
            if (plan.stage === 'limits') expect(now).toBeGreaterThanOrEqual(zero);
            order.push(plan.stage);
            record = doneAt(record, plan.stage, now);
          }
        }
        expect(order).toEqual(launchStages.slice(0, order.length));
      }),
    );
  });

  const given = { stack: 'dev', system: 'godark', what: 'the exchange' };
  it('begins in two hours, now, or at a time; another time for one that was begun is refused', () => {
    expect(begun(undefined, given, zero - 2 * hour)).toEqual(fresh);
    expect(begun(undefined, { ...given, at: 'now' }, zero)).toEqual(fresh);
    expect(begun(undefined, { ...given, at: '2027-01-15T14:00:00Z' }, 0)).toEqual(fresh);
    const verified = doneAt(fresh, 'verification', zero);
    expect(begun(verified, given, 0)).toBe(verified);
    expect(begun(verified, { ...given, at: '2027-01-15T14:00Z' }, 0)).toBe(verified);
    expect(begun(fresh, { ...given, at: '2027-01-16T14:00Z' }, 0).at).toBe('2027-01-16T14:00:00.000Z');
    expect(() => begun(verified, { ...given, at: '2027-01-16T14:00Z' }, 0)).toThrow(
      /CUT-5581[^]*verification/,
    );
    expect(() => begun(undefined, { ...given, at: 'soon' }, 0)).toThrow('CUT-5582 soon');
  });
});

const facts: LaunchFacts = {
  ...{ release: 'v1', wanted: 'a', runs: 'a', mode: 'running', limited: true, users: 3, admin: 'Admin' },
  ...{ authority: 'Vault', heldBy: 'Vault', isChanging: false, wallets: undefined, health: 'HEALTHY' },
  processes: [{ name: 'godark-api', healthy: true, state: 'healthy' }],
};

describe('what must hold before a launch', () => {
  it.each<[string, Partial<LaunchFacts>, string]>([
    ['another build runs', { runs: 'b' }, 'the program runs v1'],
    ['no program is there', { runs: undefined, wanted: undefined }, 'the program runs v1'],
    [
      'the deployer still has the authority',
      { authority: 'Admin', heldBy: 'Admin' },
      'its authority is the council’s',
    ],
    ['somebody else has it', { authority: 'Other' }, 'its authority is the council’s'],
    ['nobody has it', { authority: undefined, heldBy: undefined }, 'its authority is the council’s'],
    ['an upgrade waits', { isChanging: true }, 'no upgrade and no rollback is under way'],
    ['it is paused', { mode: 'stopped' }, 'the exchange runs'],
    [
      'the guardian is out of SOL',
      { wallets: { admin: 10n ** 9n, guardian: 5000n } },
      'guardian and admin can pay for a pause and its end',
    ],
    [
      'a process is down',
      { processes: [{ name: 'api', healthy: false, state: 'dead' }] },
      'all processes are healthy',
    ],
    ['no process is there', { processes: [] }, 'all processes are healthy'],
    ['the API is silent', { health: undefined }, 'the API and all it depends on are healthy'],
    ['the API is degraded', { health: 'DEGRADED' }, 'the API and all it depends on are healthy'],
  ])('is wrong at T-0 when %s', (_, change, what) => {
    const wrong = checksBefore('limits', { ...facts, ...change }).filter(({ isWell }) => !isWell);
    expect(wrong.map((each) => each.what)).toEqual([what]);
  });

  it('is well otherwise', () => {
    const wallets = { admin: 10n ** 9n, guardian: 10n ** 9n };
    expect(checksBefore('limits', { ...facts, wallets }).every(({ isWell }) => isWell)).toBe(true);
    expect(checksBefore('verification', facts)).toHaveLength(5);
    expect(checksBefore('health', facts)).toHaveLength(2);
  });
});

describe('what is measured', () => {
  const bucket = (le: string, route: string, count: number): string =>
    `api_response_time_seconds_bucket{le="${le}",system="godark",route="${route}",status="200"} ${count}`;

  it('is the p95 of what users asked, over all routes, and none of the probes', () => {
    const page = [
      '# TYPE api_response_time_seconds histogram',
      ...[bucket('0.05', '/orders', 60), bucket('0.1', '/orders', 90), bucket('+Inf', '/orders', 90)],
      ...[bucket('0.05', '/fills', 0), bucket('0.1', '/fills', 10), bucket('+Inf', '/fills', 10)],
      ...[bucket('0.05', '/health', 0), bucket('0.1', '/health', 0), bucket('+Inf', '/health', 1000)],
    ].join('\n');
    // 60 of 100 below 50 ms, all below 100 ms: the 95th is at 50 + 50 * 35 / 40.
    expect(measuredIn(page)).toEqual({ p95Ms: 93.75 });
  });

  it('is the share of settlements, trades and their volume where the API has them', () => {
    const page = [
      'settlements_total{result="settled"} 995',
      'settlements_total{result="failed"} 5',
      'trades_total{market="SOL-PERP"} 300',
      'trades_total{market="BTC-PERP"} 250',
      'trade_volume_usd_total 1.25e5',
    ].join('\n');
    expect(measuredIn(page)).toEqual({ settled: 0.995, trades: 550, volumeUsd: 125_000 });
  });

  it('is nothing where there is nothing: no figure is made up', () => {
    expect(measuredIn('')).toEqual({});
    expect(measuredIn('<html>502 Bad Gateway</html>')).toEqual({});
    expect(measuredIn(bucket('+Inf', '/orders', 0))).toEqual({});
    const figures = [criteriaFigures([]), ...targetFigures([]).map((each) => each.figures)].flat();
    expect(new Set(figures.map(({ state }) => state))).toEqual(new Set(['not measured']));
  });
});

describe('figures beside what is wanted', () => {
  const look = (healthy: boolean, more = {}) => ({ at, healthy, users: 120, ...more });
  it('are reached, not yet, or not measured', () => {
    const samples = [
      look(true),
      look(true),
      look(false),
      look(true, { p95Ms: 99.9, settled: 0.99, trades: 500 }),
    ];
    expect(criteriaFigures(samples).map(({ state }) => state)).toEqual(['reached', 'not yet']);
    const [day, week] = targetFigures(samples).map(({ figures }) => figures.map(({ state }) => state));
    expect(day).toEqual(['reached', 'reached', 'not measured', 'not yet']);
    expect(week?.[0]).toBe('not yet');
  });

  it('are told with what comes next, and with what no command sees', () => {
    const place = { stack: 'dev', system: 'godark', isDryRun: false };
    const lines = (record: LaunchRecord, now: number, isDryRun = false): string =>
      launchLines(
        launchReport({ ...place, isDryRun }, record, checksBefore('health', facts), planLaunch(record, now)),
      ).join('\n');
    expect(lines(fresh, zero - 3 * hour)).toMatch(
      /well {3}all processes[^]*Next: verification, in 1 h[^]*audited/,
    );
    expect(lines(fresh, zero, true)).toContain('Nothing was changed.');
    const watched = launchStages.reduce((record, stage) => doneAt(record, stage, zero), {
      ...fresh,
      samples: [look(true)],
    } as LaunchRecord);
    expect(lines(watched, zero)).toMatch(/p95 of answers {2}not measured[^]*The launch is done/);
  });
});
