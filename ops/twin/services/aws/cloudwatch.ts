import type { Kind, Question, Refusal, Values } from '../../kind.ts';
import { flagAt, isGiven, numberAt, objectsAt, refusal, textAt } from '../values.ts';
import { actionProblems, alarmApi, metricAlarmType, watched } from './cloudwatch-composite.ts';
import { isObject, parseJson } from './documents.ts';

const metricAlarm: Kind = {
  type: metricAlarmType,
  api: { ...alarmApi, create: 'PutMetricAlarm', update: 'PutMetricAlarm' },
  naming: { property: 'name', maxLength: 255 },
  quota: {
    count: 5000,
    per: 'region',
    refusal: { code: 'LimitExceeded', message: 'The maximum limit of 5000 alarms exceeded.' },
  },
  takes: { create: 1, update: 1, delete: 1 },
  replaces: ['name'],
  defaults: () => ({ actionsEnabled: true, treatMissingData: 'missing' }),
  check: (question) => [
    ...metricProblems(question),
    ...queryProblems(question),
    ...evaluationProblems(question),
    ...actionProblems(question),
  ],
  id: ({ inputs }) => textAt(inputs, 'name') ?? '',
  outputs: () => ({ evaluateLowSampleCountPercentiles: '' }),
  arn: (_question, id) => `alarm:${id}`,
  holds: (thing, cloud) => watched(thing, cloud),
};

const dashboard: Kind = {
  type: 'aws:cloudwatch/dashboard:Dashboard',
  api: {
    service: 'CloudWatch',
    create: 'PutDashboard',
    read: 'GetDashboard',
    update: 'PutDashboard',
    delete: 'DeleteDashboards',
  },
  takes: { create: 1, update: 1, delete: 1 },
  replaces: ['dashboardName'],
  check: (question) => bodyProblems(question),
  id: ({ inputs }) => textAt(inputs, 'dashboardName') ?? '',
  outputs: ({ place }, id) => ({ dashboardArn: `arn:aws:cloudwatch::${place.account}:dashboard/${id}` }),
};

export const cloudwatchKinds: readonly Kind[] = [metricAlarm, dashboard];

function metricProblems(question: Question): Refusal[] {
  const { inputs } = question;
  const given = (name: string) => isGiven(question, name);
  if (given('evaluationCriteria')) return [];
  if (given('metricQueries'))
    return ['metricName', 'namespace', 'period', 'statistic', 'extendedStatistic', 'unit', 'dimensions']
      .filter(given)
      .map((name) => refusal('ValidationError', `"metric_query": conflicts with ${snake(name)}`, name));
  const problems = ['metricName', 'namespace', 'period']
    .filter((name) => !given(name))
    .map((name) => refusal('MissingParameter', `The parameter ${pascal(name)} is required.`, name));
  if (given('statistic') && given('extendedStatistic'))
    problems.push(
      refusal('ValidationError', '"statistic": conflicts with extended_statistic', 'extendedStatistic'),
    );
  if (!given('statistic') && !given('extendedStatistic'))
    problems.push(
      refusal(
        'ValidationError',
        'Exactly one of the parameters Statistic and ExtendedStatistic must be given.',
        'statistic',
      ),
    );
  const dimensions = Object.keys((inputs['dimensions'] as Values | undefined) ?? {});
  if (dimensions.length > 30)
    problems.push(refusal('InvalidParameterValue', 'An alarm can have at most 30 dimensions', 'dimensions'));
  return problems;
}

function queryProblems({ inputs }: Question): Refusal[] {
  const queries = objectsAt(inputs, 'metricQueries');
  if (queries.length === 0) return [];
  const watching = queries.filter((query) => flagAt(query, 'returnData') === true);
  const banded = textAt(inputs, 'thresholdMetricId') !== undefined;
  const ids = queries.map((query) => textAt(query, 'id'));
  return [
    ...(watching.length === (banded ? 2 : 1) || (banded && watching.length === 1)
      ? []
      : [
          refusal(
            'ValidationError',
            'Exactly one element of the metrics list should return data.',
            'metricQueries',
          ),
        ]),
    ...(new Set(ids).size < ids.length
      ? [refusal('ValidationError', 'The values for id in the metrics list must be unique', 'metricQueries')]
      : []),
    ...queries.flatMap((query, index) => {
      const both = query['metric'] !== undefined && query['expression'] !== undefined;
      const neither = query['metric'] === undefined && query['expression'] === undefined;
      return both || neither
        ? [
            refusal(
              'ValidationError',
              'Exactly one of Expression and MetricStat must be given in an element of the metrics list',
              `metricQueries[${index}]`,
            ),
          ]
        : periodProblems(numberAt(query, 'metric.period'), `metricQueries[${index}].metric.period`);
    }),
  ];
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
function periodProblems(period: number | undefined, property: string): Refusal[] {
  const fits = period === undefined || [10, 20, 30].includes(period) || (period > 0 && period % 60 === 0);
  return fits ? [] : [refusal('ValidationError', 'Period must be 10, 20, 30 or a multiple of 60', property)];
}

function evaluationProblems(question: Question): Refusal[] {
  const { inputs } = question;
  const period = numberAt(inputs, 'period');
  const periods = numberAt(inputs, 'evaluationPeriods');
  const points = numberAt(inputs, 'datapointsToAlarm');
  const span = (period ?? 0) * (periods ?? 0);
  const most = (period ?? 0) < 3600 ? 86_400 : 604_800;
  const problems = [...periodProblems(period, 'period')];
  if (span > most)
    problems.push(
      refusal(
        'ValidationError',
        `Metrics cannot be checked across more than ${most === 86_400 ? 'a day' : 'a week'} (EvaluationPeriods * Period must be <= ${most})`,
        'evaluationPeriods',
      ),
    );
  if (points !== undefined && periods !== undefined && points > periods)
    problems.push(
      refusal(
        'ValidationError',
        'DatapointsToAlarm must be less than or equal to EvaluationPeriods',
        'datapointsToAlarm',
      ),
    );
  const statistic = textAt(inputs, 'extendedStatistic');
  if (
    statistic !== undefined &&
    !/^(p(100|\d{1,2}(\.\d{1,10})?)|IQM|(tm|wm|tc|ts)\d{1,2}(\.\d+)?|(TM|WM|TC|TS|PR)\(.+\))$/.test(statistic)
  )
    problems.push(
      refusal(
        'ValidationError',
        `The value ${statistic} for parameter ExtendedStatistic is not supported.`,
        'extendedStatistic',
      ),
    );
  if (
    !isGiven(question, 'threshold') &&
    !isGiven(question, 'thresholdMetricId') &&
    !isGiven(question, 'evaluationCriteria')
  )
    problems.push(
      refusal('ValidationError', 'One of Threshold and ThresholdMetricId must be given', 'threshold'),
    );
  return problems;
}

// The outer sentence is CloudWatch's; the messages in the list are paraphrases.
function bodyProblems({ inputs }: Question): Refusal[] {
  const text = textAt(inputs, 'dashboardBody');
  if (text === undefined) return [];
  const body = parseJson(text)?.value;
  const widgets = isObject(body) ? body['widgets'] : undefined;
  const wrong = !isObject(body)
    ? ['The field DashboardBody must be a valid JSON object']
    : !Array.isArray(widgets)
      ? ["Should have required property 'widgets'"]
      : widgets.flatMap((widget: unknown, index) => {
          const at = `/widgets/${index}`;
          if (!isObject(widget) || typeof widget['type'] !== 'string') return [`${at} should have a type`];
          return isObject(widget['properties']) ? [] : [`${at} should have required property 'properties'`];
        });
  return wrong.length === 0
    ? []
    : [
        refusal(
          'InvalidParameterInput',
          `The dashboard body is invalid, there are ${wrong.length} validation errors: ${JSON.stringify(wrong.map((message) => ({ message })))}`,
          'dashboardBody',
        ),
      ];
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function pascal(name: string): string {
  return name.replace(/^./, (letter) => letter.toUpperCase());
}
