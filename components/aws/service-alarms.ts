import type * as pulumi from '@pulumi/pulumi';
import type { AlarmCondition, Metric } from './alarm-condition.ts';
import type { Severity } from './alarm-routes.ts';

/** What a service must keep to. What exceeds it rings, and takes a release back. */
export interface ServiceLimits {
  /** Failed requests above this share … @default 5 */
  readonly errorPercent?: number;
  /** … for so many minutes. @default 5 */
  readonly errorMinutes?: number;
  /** Answers that take longer than a share of what they take usually. @default not watched */
  readonly latency?: {
    /** What one request of twenty exceeds usually. */
    readonly usualMilliseconds: number;
    /** @default 200 */
    readonly percent?: number;
    /** @default 10 */
    readonly minutes?: number;
  };
  /** A task that fails more health checks in a row than this; one is made every 30 seconds. @default 3 */
  readonly failedChecks?: number;
}

/** An alarm as it will be made. */
export interface PlannedAlarm {
  readonly part: string;
  readonly severity: Severity;
  readonly message: string;
  readonly condition: AlarmCondition;
}

/** Where a service is seen in metrics: by its load balancer and the groups of its targets, one or two. */
export interface ServiceTraffic {
  readonly balancer: pulumi.Input<string>;
  readonly groups: readonly pulumi.Input<string>[];
}

/**
 * The alarms of a service behind a load balancer. All of its groups count, since traffic moves from one to the other
 * with each release.
 */
export function serviceAlarms(
  title: string,
  traffic: ServiceTraffic,
  { errorPercent = 5, errorMinutes = 5, latency, failedChecks = 3 }: ServiceLimits,
): readonly PlannedAlarm[] {
  const errors = series(traffic, 'e', 'HTTPCode_Target_5XX_Count', 'Sum');
  const requests = series(traffic, 'r', 'RequestCount', 'Sum');
  const ill = series(traffic, 'u', 'UnHealthyHostCount', 'Maximum');
  const slow = series(traffic, 't', 'TargetResponseTime', 'p95');
  const alarms: PlannedAlarm[] = [
    {
      part: 'errors',
      severity: 'P0',
      message: `More than ${errorPercent} % of requests to ${title} failed for ${errorMinutes} minutes. Look at its log; a release that did it is taken back by itself.`,
      condition: {
        metrics: { ...errors.metrics, ...requests.metrics },
        expression: `IF(${requests.sum} > 0, 100 * (${errors.sum}) / (${requests.sum}), 0)`,
        is: 'above',
        threshold: errorPercent,
        minutes: errorMinutes,
      },
    },
    {
      part: 'checks',
      severity: 'P1',
      message: `A task of ${title} failed more than ${failedChecks} health checks in a row. Its last lines in the log tell why.`,
      condition: {
        metrics: ill.metrics,
        expression: ill.sum,
        is: 'above',
        threshold: 0,
        // Two checks a minute.
        minutes: Math.ceil((failedChecks + 1) / 2),
      },
    },
  ];
  if (latency === undefined) return alarms;
  const { usualMilliseconds, percent = 200, minutes = 10 } = latency;
  return [
    ...alarms,
    {
      part: 'latency',
      severity: 'P1',
      message: `Answers of ${title} take more than ${percent} % of the usual ${usualMilliseconds} ms for ${minutes} minutes. Look at the database and the chain's endpoints first.`,
      condition: {
        metrics: slow.metrics,
        expression: `MAX([${slow.filled.join(', ')}])`,
        is: 'above',
        threshold: (usualMilliseconds * percent) / 100_000,
        minutes,
      },
    },
  ];
}

/** One metric of every group, and the sum; a group without traffic counts as nothing instead of hiding the others. */
export function series(
  { balancer, groups }: ServiceTraffic,
  id: string,
  metric: string,
  statistic: string,
): {
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly filled: readonly string[];
  readonly sum: string;
} {
  const metrics = Object.fromEntries(
    groups.map((group, place): [string, Metric] => [
      `${id}${place}`,
      {
        namespace: 'AWS/ApplicationELB',
        name: metric,
        statistic,
        dimensions: { LoadBalancer: balancer, TargetGroup: group },
      },
    ]),
  );
  const filled = Object.keys(metrics).map((each) => `FILL(${each}, 0)`);
  return { metrics, filled, sum: filled.join(' + ') };
}

/** What is wrong with limits. */
export function limitProblems({
  errorPercent = 5,
  latency,
  failedChecks = 3,
}: ServiceLimits): readonly (string | undefined)[] {
  return [
    errorPercent > 0 && errorPercent <= 100
      ? undefined
      : `watched.limits.errorPercent: ${errorPercent} is not above 0 and at most 100`,
    Number.isInteger(failedChecks) && failedChecks >= 1
      ? undefined
      : `watched.limits.failedChecks: ${failedChecks} is not a whole number from 1`,
    latency !== undefined && !(latency.usualMilliseconds > 0)
      ? `watched.limits.latency.usualMilliseconds: ${latency.usualMilliseconds} is not above 0`
      : undefined,
  ];
}
