import { Policy, type PolicyArgs } from '@pulumi/aws/appautoscaling/policy.js';
import { Target } from '@pulumi/aws/appautoscaling/target.js';
import type { Service } from '@pulumi/aws/ecs/service.js';
import * as pulumi from '@pulumi/pulumi';
import type { FargateServiceArgs, FargateServiceChildren } from './fargate-service.ts';
import { series, type ServiceTraffic } from './service-alarms.ts';
import { tagsOf, type Describe } from './transform.ts';

/** How many tasks, and what decides between the bounds. */
export interface TaskCount {
  readonly min: number;
  readonly max: number;
  /** Share of its CPU that a task is kept at. @default 60 */
  readonly cpuPercent?: number;
  /** Share of its memory. @default 70 */
  readonly memoryPercent?: number;
  /** Requests of each task in a minute. @default not looked at */
  readonly requestsPerMinute?: number;
}

type Tracking = NonNullable<PolicyArgs['targetTrackingScalingPolicyConfiguration']>;

/** Comes fast and goes slowly: a task too many is cheap. */
const pace = { scaleOutCooldown: 60, scaleInCooldown: 300 };

/** What a service is scaled by: whichever asks for most tasks decides. */
export function scalingPolicies(
  tasks: TaskCount,
  traffic: ServiceTraffic | undefined,
): readonly { readonly part: string; readonly tracking: Tracking }[] {
  const { cpuPercent = 60, memoryPercent = 70, requestsPerMinute } = tasks;
  const usual = (part: string, metric: string, targetValue: number) => ({
    part,
    tracking: { targetValue, ...pace, predefinedMetricSpecification: { predefinedMetricType: metric } },
  });
  const always = [
    usual('cpu', 'ECSServiceAverageCPUUtilization', cpuPercent),
    usual('memory', 'ECSServiceAverageMemoryUtilization', memoryPercent),
  ];
  if (requestsPerMinute === undefined || traffic === undefined) return always;
  // The predefined metric follows one group of targets; with blue and green that is the wrong one after every other
  // release (https://github.com/aws/containers-roadmap/issues/1681). Only one of them has traffic, so their sum is it.
  const requests = series(traffic, 'r', 'RequestCountPerTarget', 'Sum');
  const metrics = Object.entries(requests.metrics).map(
    ([id, { namespace, name, dimensions, statistic }]) => ({
      id,
      metricStat: {
        metric: {
          namespace,
          metricName: name,
          dimensions: Object.entries(dimensions).map(([dimension, value]) => ({ name: dimension, value })),
        },
        stat: statistic,
      },
      returnData: false,
    }),
  );
  const sum = { id: 'requests', expression: requests.sum, label: 'Requests of each task', returnData: true };
  return [
    ...always,
    {
      part: 'requests',
      tracking: {
        targetValue: requestsPerMinute,
        ...pace,
        customizedMetricSpecification: { metrics: [...metrics, sum] },
      },
    },
  ];
}

/** How many tasks there are, by load. */
export function describeScaling(
  describe: Describe<FargateServiceChildren>,
  name: string,
  { site, cluster, tasks }: FargateServiceArgs,
  service: Service,
  traffic: ServiceTraffic | undefined,
): void {
  const { region } = site;
  const what = {
    region,
    serviceNamespace: 'ecs',
    scalableDimension: 'ecs:service:DesiredCount',
    resourceId: pulumi.interpolate`service/${cluster.name}/${service.name}`,
  };
  const target = describe('scaling', Target, {
    ...what,
    minCapacity: tasks.min,
    maxCapacity: tasks.max,
    tags: tagsOf(site, name),
  });
  for (const { part, tracking } of scalingPolicies(tasks, traffic)) {
    describe(
      'scalingPolicy',
      Policy,
      {
        ...what,
        resourceId: target.resourceId,
        policyType: 'TargetTrackingScaling',
        targetTrackingScalingPolicyConfiguration: tracking,
      },
      { part: `by-${part}` },
    );
  }
}

/** What is wrong with the number of tasks. */
export function countProblems({ min, max, ...tasks }: TaskCount): readonly (string | undefined)[] {
  const { cpuPercent = 60, memoryPercent = 70, requestsPerMinute = 1 } = tasks;
  const whole = (value: number): boolean => Number.isInteger(value) && value >= 0;
  return [
    whole(min) && whole(max) && min <= max && max > 0
      ? undefined
      : `tasks: from ${min} to ${max} is no range; give whole numbers, the first no larger than the second`,
    ...Object.entries({ cpuPercent, memoryPercent }).map(([argument, value]) =>
      value >= 10 && value <= 90 ? undefined : `tasks.${argument}: ${value} is not from 10 to 90`,
    ),
    requestsPerMinute > 0 ? undefined : `tasks.requestsPerMinute: ${requestsPerMinute} is not above 0`,
  ];
}
