import { describe, expect, it } from 'vitest';
import {
  conditionArgs,
  conditionProblems,
  type AlarmCondition,
  type Metric,
} from '../../../components/aws/alarm-condition.ts';
import {
  receiversOf,
  routes,
  severities,
  teams,
  type Receiver,
} from '../../../components/aws/alarm-routes.ts';
import { limitProblems, serviceAlarms } from '../../../components/aws/service-alarms.ts';
import { countProblems, scalingPolicies } from '../../../components/aws/service-scaling.ts';

const cpu: Metric = {
  namespace: 'AWS/ECS',
  name: 'CPUUtilization',
  dimensions: { ServiceName: 'api' },
  statistic: 'Average',
};
const condition: AlarmCondition = { metrics: { cpu }, is: 'above', threshold: 85, minutes: 15 };

describe('the condition of an alarm', () => {
  it('is one metric where there is no more to it', () => {
    expect(conditionArgs(condition)).toEqual({
      comparisonOperator: 'GreaterThanThreshold',
      threshold: 85,
      evaluationPeriods: 15,
      treatMissingData: 'notBreaching',
      namespace: 'AWS/ECS',
      metricName: 'CPUUtilization',
      dimensions: { ServiceName: 'api' },
      period: 60,
      statistic: 'Average',
    });
  });

  it('asks for a percentile where AWS wants it asked for', () => {
    const args = conditionArgs({ ...condition, metrics: { cpu: { ...cpu, statistic: 'p95' } } });
    expect(args).toMatchObject({ extendedStatistic: 'p95' });
    expect(args).not.toHaveProperty('statistic');
  });

  it('calculates from several, and only the result is looked at', () => {
    const { metricQueries, metricName, period } = conditionArgs({
      ...condition,
      metrics: { a: cpu, b: { ...cpu, name: 'MemoryUtilization' } },
      expression: 'MAX([a, b])',
      periodSeconds: 300,
    });
    expect({ metricName, period }).toEqual({ metricName: undefined, period: undefined });
    expect(metricQueries).toMatchObject([
      { id: 'result', expression: 'MAX([a, b])', returnData: true },
      { id: 'a', metric: { metricName: 'CPUUtilization', period: 300, stat: 'Average' }, returnData: false },
      { id: 'b', metric: { metricName: 'MemoryUtilization' }, returnData: false },
    ]);
  });

  it.each<[string, Partial<AlarmCondition>, RegExp]>([
    ['no metric', { metrics: {} }, /name one at least/],
    ['two metrics and no sum', { metrics: { a: cpu, b: cpu } }, /say what to make of a, b/],
    ['a name that CloudWatch refuses', { metrics: { Cpu: cpu } }, /names are small letters/],
    ['the name of the result', { metrics: { result: cpu } }, /not "result"/],
    ['half a period', { minutes: 7, periodSeconds: 300 }, /7 is not one or more whole periods of 300 s/],
    ['a period of 45 seconds', { periodSeconds: 45 }, /45 is no multiple of 60/],
    ['no threshold', { threshold: Number.NaN }, /NaN is no number/],
    ['two days', { minutes: 2880 }, /a day at most/],
  ])('is refused with %s', (_, wrong, message) => {
    expect(conditionProblems({ ...condition, ...wrong }).join('\n')).toMatch(message);
  });

  it('is fine when it is', () => {
    expect(conditionProblems(condition).filter((problem) => problem !== undefined)).toEqual([]);
  });
});

describe('who hears of an alarm', () => {
  const at = (team: string): Receiver => ({ kind: 'email', address: `${team}@coinestate.io` });
  const byTeam = {
    'on-call-lead': [at('lead')],
    operations: [at('ops'), { kind: 'https', url: 'https://status.coinestate.io/alarms' }],
    security: [at('ops')],
    development: [at('dev')],
    product: [at('product')],
    business: [at('business')],
  } as const;

  it.each([
    ['P0', ['lead@coinestate.io', 'ops@coinestate.io', 'https://status.coinestate.io/alarms']],
    ['P1', ['dev@coinestate.io', 'ops@coinestate.io', 'https://status.coinestate.io/alarms']],
    ['P2', ['dev@coinestate.io']],
    ['P3', ['product@coinestate.io', 'business@coinestate.io']],
  ] as const)('%s: %j, each once', (severity, expected) => {
    const endpoints = receiversOf(severity, byTeam).map((each) =>
      each.kind === 'email' ? each.address : each.url,
    );
    expect(endpoints).toEqual(expected);
  });

  it('is somebody for each severity, and every team hears of something', () => {
    expect(severities.every((severity) => routes[severity].length > 0)).toBe(true);
    expect(new Set(severities.flatMap((severity) => routes[severity]))).toEqual(new Set(teams));
  });
});

describe('the alarms of a service', () => {
  const traffic = { balancer: 'app/api/1', groups: ['targetgroup/blue/1', 'targetgroup/green/2'] };
  const alarmOf = (part: string, limits = {}) =>
    serviceAlarms('coinestate-api', traffic, limits).find((alarm) => alarm.part === part)?.condition;

  it('ring at more than 5 % of errors for 5 minutes, over both groups', () => {
    expect(alarmOf('errors')).toMatchObject({
      expression:
        'IF(FILL(r0, 0) + FILL(r1, 0) > 0, 100 * (FILL(e0, 0) + FILL(e1, 0)) / (FILL(r0, 0) + FILL(r1, 0)), 0)',
      is: 'above',
      threshold: 5,
      minutes: 5,
      metrics: {
        e0: {
          name: 'HTTPCode_Target_5XX_Count',
          dimensions: { LoadBalancer: 'app/api/1', TargetGroup: 'targetgroup/blue/1' },
        },
        e1: { dimensions: { TargetGroup: 'targetgroup/green/2' } },
        r0: { name: 'RequestCount', statistic: 'Sum' },
      },
    });
  });

  it('ring at answers that take more than twice the usual for 10 minutes, in seconds as AWS counts', () => {
    expect(alarmOf('latency')).toBeUndefined();
    expect(alarmOf('latency', { latency: { usualMilliseconds: 500 } })).toMatchObject({
      expression: 'MAX([FILL(t0, 0), FILL(t1, 0)])',
      threshold: 1,
      minutes: 10,
    });
  });

  it.each([
    [1, 1],
    [3, 2],
    [4, 3],
  ])('ring at more than %d failed checks of 30 seconds after %d minutes', (failedChecks, minutes) => {
    expect(alarmOf('checks', { failedChecks })).toMatchObject({ minutes, threshold: 0 });
  });

  it('are all such as CloudWatch takes', () => {
    for (const { condition: each } of serviceAlarms('api', traffic, {
      latency: { usualMilliseconds: 500 },
    })) {
      expect(conditionProblems(each).filter((problem) => problem !== undefined)).toEqual([]);
      expect(conditionArgs(each).metricQueries).toBeDefined();
    }
  });

  it.each([
    [{ errorPercent: 0 }, /errorPercent: 0/],
    [{ errorPercent: 101 }, /errorPercent: 101/],
    [{ failedChecks: 0 }, /failedChecks: 0/],
    [{ latency: { usualMilliseconds: 0 } }, /usualMilliseconds: 0/],
  ])('are refused with %j', (limits, message) => {
    expect(limitProblems(limits).join('\n')).toMatch(message);
  });
});

describe('the scaling of a service', () => {
  const traffic = { balancer: 'app/api/1', groups: ['blue', 'green'] };

  it('follows CPU and memory, and requests only when they are asked for', () => {
    expect(scalingPolicies({ min: 1, max: 4 }, traffic).map(({ part }) => part)).toEqual(['cpu', 'memory']);
    expect(scalingPolicies({ min: 1, max: 4, requestsPerMinute: 100 }, undefined)).toHaveLength(2);
  });

  it('counts the requests of both groups, since only one has traffic and which one changes', () => {
    const [, , requests] = scalingPolicies({ min: 1, max: 4, requestsPerMinute: 3000 }, traffic);
    expect(requests?.tracking).toMatchObject({
      targetValue: 3000,
      customizedMetricSpecification: {
        metrics: [
          { id: 'r0', returnData: false, metricStat: { metric: { metricName: 'RequestCountPerTarget' } } },
          { id: 'r1', returnData: false },
          { id: 'requests', expression: 'FILL(r0, 0) + FILL(r1, 0)', returnData: true },
        ],
      },
    });
  });

  it.each([
    [{ min: 3, max: 2 }, /from 3 to 2 is no range/],
    [{ min: 0, max: 0 }, /from 0 to 0 is no range/],
    [{ min: 1.5, max: 2 }, /from 1.5 to 2 is no range/],
    [{ min: 1, max: 2, cpuPercent: 95 }, /cpuPercent: 95 is not from 10 to 90/],
    [{ min: 1, max: 2, requestsPerMinute: 0 }, /requestsPerMinute: 0 is not above 0/],
  ])('is refused with %j', (tasks, message) => {
    expect(countProblems(tasks).join('\n')).toMatch(message);
  });
});
