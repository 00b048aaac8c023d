import type { MetricAlarmArgs } from '@pulumi/aws/cloudwatch/metricAlarm.js';
import type * as pulumi from '@pulumi/pulumi';

/** A series of numbers in CloudWatch. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, pulumi.Input<string>>>;
  /** `Sum`, `Average`, `Maximum`, `p95` … */
  readonly statistic: string;
}

/** When something is wrong. */
export interface AlarmCondition {
  /** What is looked at, each under a name of small letters. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** What is calculated from them, as CloudWatch writes it. @default the only metric itself */
  readonly expression?: string;
  readonly is: 'above' | 'below';
  readonly threshold: number;
  /** How long in a row. */
  readonly minutes: number;
  /** Length of each look: 60, or a multiple of it. @default 60 */
  readonly periodSeconds?: number;
  /** What silence means. @default 'well' */
  readonly silence?: 'well' | 'ill' | 'as before';
}

const silences = { well: 'notBreaching', ill: 'breaching', 'as before': 'ignore' } as const;
const comparisons = { above: 'GreaterThanThreshold', below: 'LessThanThreshold' } as const;

/** The arguments of an alarm that say when it rings. */
export function conditionArgs(condition: AlarmCondition): MetricAlarmArgs {
  const { metrics, expression, is, threshold, minutes, periodSeconds = 60, silence = 'well' } = condition;
  const when: MetricAlarmArgs = {
    comparisonOperator: comparisons[is],
    threshold,
    evaluationPeriods: (minutes * 60) / periodSeconds,
    treatMissingData: silences[silence],
  };
  const [only] = Object.values(metrics);
  if (expression === undefined && only !== undefined) {
    const { namespace, name, dimensions, statistic } = only;
    return {
      ...when,
      namespace,
      metricName: name,
      dimensions: { ...dimensions },
      period: periodSeconds,
      ...(isPercentile(statistic) ? { extendedStatistic: statistic } : { statistic }),
    };
  }
  return {
    ...when,
    metricQueries: [
      { id: 'result', expression: expression ?? '', label: expression ?? '', returnData: true },
      ...Object.entries(metrics).map(([id, { namespace, name, dimensions, statistic }]) => ({
        id,
        metric: {
          namespace,
          metricName: name,
          dimensions: { ...dimensions },
          stat: statistic,
          period: periodSeconds,
        },
        returnData: false,
      })),
    ],
  };
}

/** What is wrong with a condition. */
export function conditionProblems(condition: AlarmCondition): readonly (string | undefined)[] {
  const { metrics, expression, threshold, minutes, periodSeconds = 60 } = condition;
  const names = Object.keys(metrics);
  const periods = (minutes * 60) / periodSeconds;
  return [
    names.length === 0 ? 'condition.metrics: name one at least' : undefined,
    names.length > 1 && expression === undefined
      ? `condition.expression: say what to make of ${names.join(', ')}`
      : undefined,
    ...names.map((name) =>
      /^[a-z][a-z0-9_]*$/.test(name) && name !== 'result'
        ? undefined
        : `condition.metrics.${name}: names are small letters, digits and _, and not "result"`,
    ),
    Number.isFinite(threshold) ? undefined : `condition.threshold: ${threshold} is no number`,
    periodSeconds >= 60 && periodSeconds % 60 === 0
      ? undefined
      : `condition.periodSeconds: ${periodSeconds} is no multiple of 60`,
    Number.isInteger(periods) && periods >= 1
      ? undefined
      : `condition.minutes: ${minutes} is not one or more whole periods of ${periodSeconds} s`,
    // CloudWatch looks back a day at most.
    minutes <= 1440 ? undefined : 'condition.minutes: CloudWatch looks back a day at most',
  ];
}

function isPercentile(statistic: string): boolean {
  return !['Sum', 'Average', 'Maximum', 'Minimum', 'SampleCount'].includes(statistic);
}
