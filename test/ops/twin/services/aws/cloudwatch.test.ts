import { describe, expect, it } from 'vitest';
import type { Values } from '../../../../../ops/twin/kind.ts';
import { compositeAlarmKinds } from '../../../../../ops/twin/services/aws/cloudwatch-composite.ts';
import { cloudwatchKinds } from '../../../../../ops/twin/services/aws/cloudwatch.ts';
import { ask, fakeCloud, kindOf, made, said, thing, type FakeThing } from '../fake-cloud.ts';

const alarm = kindOf(cloudwatchKinds, 'aws:cloudwatch/metricAlarm:MetricAlarm');
const composite = kindOf(compositeAlarmKinds, 'aws:cloudwatch/compositeAlarm:CompositeAlarm');
const dashboard = kindOf(cloudwatchKinds, 'aws:cloudwatch/dashboard:Dashboard');

const inputs = {
  name: 'api-errors',
  namespace: 'AWS/ApplicationELB',
  metricName: 'HTTPCode_Target_5XX_Count',
  statistic: 'Sum',
  period: 60,
  evaluationPeriods: 5,
  threshold: 10,
  comparisonOperator: 'GreaterThanThreshold',
  alarmActions: ['arn:aws:sns:us-east-1:123456789012:p0'],
};
const query = (id: string, returnData: boolean, rest: Values = { expression: 'm1 / m2' }): Values => ({
  id,
  returnData,
  ...rest,
});
const byMath = { ...inputs, namespace: null, metricName: null, statistic: null, period: null };

describe('an alarm', () => {
  it('is taken for a metric and for an expression', () => {
    expect(said(alarm, ask(inputs))).toEqual([]);
    expect(said(alarm, ask({ ...byMath, metricQueries: [query('e1', true)] }))).toEqual([]);
    expect(made(alarm, ask(inputs)).outputs['arn']).toBe('alarm:api-errors');
  });

  it.each<[Values, string]>([
    [{ period: 45 }, 'ValidationError: Period must be 10, 20, 30 or a multiple of 60'],
    [
      { period: 300, evaluationPeriods: 300 },
      'ValidationError: Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)',
    ],
    [
      { period: 3600, evaluationPeriods: 200 },
      'ValidationError: Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800)',
    ],
    [{ extendedStatistic: 'p99' }, 'ValidationError: "statistic": conflicts with extended_statistic'],
    [
      { statistic: null },
      'ValidationError: Exactly one of the parameters Statistic and ExtendedStatistic must be given.',
    ],
    [
      { statistic: null, extendedStatistic: 'p999' },
      'ValidationError: The value p999 for parameter ExtendedStatistic is not supported.',
    ],
    [
      { datapointsToAlarm: 6 },
      'ValidationError: DatapointsToAlarm must be less than or equal to EvaluationPeriods',
    ],
    [{ threshold: null }, 'ValidationError: One of Threshold and ThresholdMetricId must be given'],
    [{ alarmActions: ['p0'] }, 'ValidationError: Invalid arn syntax: p0'],
    [
      { okActions: ['arn:aws:sns:eu-west-1:123456789012:p0'] },
      'ValidationError: Invalid region eu-west-1 specified. Only us-east-1 is supported.',
    ],
    [
      { dimensions: Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`d${index}`, 'x'])) },
      'InvalidParameterValue: An alarm can have at most 30 dimensions',
    ],
    [
      { metricQueries: [query('e1', true)], ...byMath, unit: 'Count' },
      'ValidationError: "metric_query": conflicts with unit',
    ],
    [
      { ...byMath, metricQueries: [query('e1', false)] },
      'ValidationError: Exactly one element of the metrics list should return data.',
    ],
    [
      { ...byMath, metricQueries: [query('e1', true, {})] },
      'ValidationError: Exactly one of Expression and MetricStat must be given in an element of the metrics list',
    ],
    [
      { ...byMath, metricQueries: [query('m1', true, { metric: { period: 45 } })] },
      'ValidationError: Period must be 10, 20, 30 or a multiple of 60',
    ],
  ])('refuses %j', (change, message) => {
    expect(said(alarm, ask({ ...inputs, ...change }))).toEqual([message]);
  });
});

describe('a composite alarm', () => {
  const there = (name: string): FakeThing => ({ type: alarm.type, id: name, inputs: { name } });
  const judged = (alarmRule: string, ...names: string[]) =>
    said(composite, ask({ alarmName: 'all', alarmRule }, { things: names.map(there) }));

  it.each([
    'ALARM(one)',
    'ALARM("one") OR ALARM("two")',
    '(ALARM(one) AND NOT OK(two)) OR FALSE',
    'ALARM("arn:aws:cloudwatch:us-east-1:123456789012:alarm:one")',
  ])('is taken with the rule %s', (rule) => {
    expect(judged(rule, 'one', 'two')).toEqual([]);
  });

  it('names alarms that are there', () => {
    expect(judged('ALARM(one) OR ALARM(two)', 'one')).toEqual([
      'ValidationError: Could not save the composite alarm as alarms [two] in the alarm rule do not exist',
    ]);
  });

  it.each([
    ['()', "Unsupported token ')' at char 1"],
    ['ALARM(one) ALARM(one)', "Unsupported token 'ALARM(one)' at char 11"],
    ['ALARM(one) XOR ALARM(one)', "Unsupported token 'X' at char 11"],
    ['(ALARM(one)', "Unsupported token '' at char 11"],
    ['ALARM(one) OR', "Unsupported token '' at char 13"],
  ])('cannot be read as %s', (rule, message) => {
    expect(judged(rule, 'one')).toEqual([`ValidationError: Error in AlarmRule [${message}]`]);
  });

  it('keeps the alarms that it names', () => {
    const cloud = fakeCloud([
      { type: composite.type, id: 'all', inputs: { alarmName: 'all', alarmRule: 'ALARM(one)' } },
    ]);
    expect(alarm.holds?.(thing(there('one')), cloud)?.message).toBe(
      'Cannot delete one as there are composite alarm(s) depending on it.',
    );
    expect(alarm.holds?.(thing(there('two')), cloud)).toBeUndefined();
  });
});

describe('a dashboard', () => {
  const judged = (body: unknown) =>
    said(
      dashboard,
      ask({ dashboardName: 'api', dashboardBody: typeof body === 'string' ? body : JSON.stringify(body) }),
    );

  it('is a list of widgets', () => {
    expect(judged({ widgets: [{ type: 'metric', properties: {} }] })).toEqual([]);
    expect(judged('{')[0]).toContain('The dashboard body is invalid, there are 1 validation errors');
    expect(judged({})[0]).toContain("Should have required property 'widgets'");
    expect(judged({ widgets: [{ type: 'metric' }, {}] })[0]).toContain('there are 2 validation errors');
  });
});
