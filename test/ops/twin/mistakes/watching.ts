import type { HeldMap } from '../../../../ops/twin/held.ts';
import type { Chapter } from './mistake.ts';
import type { World } from './world.ts';

const alarm = ({ of }: World): HeldMap => ({
  ...{ name: 'errors', namespace: 'AWS/ApplicationELB', metricName: 'HTTPCode_Target_5XX_Count' },
  ...{ comparisonOperator: 'GreaterThanThreshold', statistic: 'Sum', threshold: 5, period: 60 },
  ...{ evaluationPeriods: 3, alarmActions: [of('topic', 'arn')] },
});
const metric = (id: string, returnData: boolean): HeldMap => ({
  ...{ id, returnData },
  metric: { metricName: 'RequestCount', namespace: 'AWS/ApplicationELB', period: 60, stat: 'Sum' },
});
const scaled: HeldMap = {
  ...{ serviceNamespace: 'ecs', resourceId: 'service/coinestate/api' },
  scalableDimension: 'ecs:service:DesiredCount',
};

/** Mistakes about what watches, filters and scales. */
export const watching: Chapter = {
  service: 'Firewalls, logs, alarms, topics and scaling',
  mistakes: [
    {
      what: 'A firewall for CloudFront in another region than us-east-1',
      doing: 'create',
      type: 'aws:wafv2/webAcl:WebAcl',
      right: () => ({
        ...{ name: 'edge', scope: 'CLOUDFRONT', defaultAction: { allow: {} }, region: 'us-east-1' },
        visibilityConfig: {
          cloudwatchMetricsEnabled: true,
          metricName: 'edge',
          sampledRequestsEnabled: true,
        },
      }),
      wrong: () => ({ region: 'eu-west-3' }),
      quote: 'Error reason: The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT',
      source: 'https://github.com/aws-solutions/aws-waf-security-automations/issues/300',
      at: 'preview',
      says: 'WAFInvalidParameterException: Error reason: The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT',
    },
    {
      what: 'Logs with a key whose policy does not let them',
      doing: 'create',
      type: 'aws:cloudwatch/logGroup:LogGroup',
      right: ({ of }) => ({ name: 'vpc-flow-logs', kmsKeyId: of('log-key', 'arn') }),
      wrong: ({ of }) => ({ kmsKeyId: of('key', 'arn') }),
      quote:
        "AccessDeniedException: The specified KMS key does not exist or is not allowed to be used with Arn 'arn:aws:logs:eu-west-2:1234567890:log-group:vpc-flow-logs'",
      source: 'https://github.com/hashicorp/terraform-provider-aws/issues/29282',
      at: 'update',
      says: "AccessDeniedException: The specified KMS key does not exist or is not allowed to be used with Arn 'arn:aws:logs:us-east-1:123456789012:log-group:vpc-flow-logs'",
    },
    {
      what: 'Logs that are kept for 100 days',
      doing: 'create',
      type: 'aws:cloudwatch/logGroup:LogGroup',
      right: () => ({ name: 'api', retentionInDays: 90 }),
      wrong: () => ({ retentionInDays: 100 }),
      quote:
        'Possible values are: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, and 3653.',
      source:
        'https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html',
      at: 'preview',
      says: 'expected retentionInDays to be one of [0 1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653], got 100',
    },
    {
      what: 'More points than there are periods',
      doing: 'create',
      type: 'aws:cloudwatch/metricAlarm:MetricAlarm',
      right: alarm,
      wrong: () => ({ evaluationPeriods: 1, datapointsToAlarm: 15 }),
      quote: 'ValidationError: DatapointsToAlarm must be less than or equal to EvaluationPeriods',
      source: 'https://github.com/hashicorp/terraform/issues/24070',
      at: 'preview',
      says: 'ValidationError: DatapointsToAlarm must be less than or equal to EvaluationPeriods',
    },
    {
      what: 'Two metrics that both return data',
      doing: 'create',
      type: 'aws:cloudwatch/metricAlarm:MetricAlarm',
      right: () => ({
        ...{ name: 'share', comparisonOperator: 'GreaterThanThreshold', threshold: 1, evaluationPeriods: 1 },
        metricQueries: [metric('m1', true), metric('m2', false)],
      }),
      wrong: () => ({ metricQueries: [metric('m1', true), metric('m2', true)] }),
      quote: 'ValidationError: Exactly one element of the metrics list should return data.',
      source: 'https://github.com/hashicorp/terraform-provider-aws/issues/29894',
      at: 'preview',
      says: 'ValidationError: Exactly one element of the metrics list should return data.',
    },
    {
      what: 'A period of 45 seconds',
      doing: 'create',
      type: 'aws:cloudwatch/metricAlarm:MetricAlarm',
      right: alarm,
      wrong: () => ({ period: 45 }),
      quote: 'Valid values are 10, 20, 30, and any multiple of 60.',
      source:
        'https://sdk.amazonaws.com/kotlin/api/latest/cloudwatch/aws.sdk.kotlin.services.cloudwatch.model/-put-metric-alarm-request/-builder/period.html',
      at: 'preview',
      says: 'ValidationError: Period must be 10, 20, 30 or a multiple of 60',
    },
    {
      what: 'A queue that is named by its address',
      doing: 'create',
      type: 'aws:sns/topicSubscription:TopicSubscription',
      right: ({ of }) => ({
        ...{ topic: of('topic', 'arn'), protocol: 'sqs' },
        endpoint: 'arn:aws:sqs:us-east-1:123456789012:email',
      }),
      wrong: () => ({ endpoint: 'https://sqs.us-east-1.amazonaws.com/123456789012/email' }),
      quote:
        'An error occurred (InvalidParameter) when calling the Subscribe operation: Invalid parameter: SQS endpoint ARN',
      source: 'https://github.com/localstack/localstack/issues/8111',
      at: 'preview',
      says: 'InvalidParameter: Invalid parameter: SQS endpoint ARN',
    },
    {
      what: 'A maximum below the minimum',
      doing: 'create',
      type: 'aws:appautoscaling/target:Target',
      right: () => ({ ...scaled, minCapacity: 2, maxCapacity: 4 }),
      wrong: () => ({ maxCapacity: 1 }),
      before: async ({ remove }) => {
        for (const name of ['on-cpu', 'scaling']) await remove(name);
      },
      quote:
        'Application Auto Scaling scaling policies will not scale capacity to values that are outside of the minimum and maximum range.',
      source:
        'https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html',
      at: 'preview',
      says: 'ValidationException: Maximum capacity cannot be less than minimum capacity',
    },
    {
      what: 'Two policies that track one metric',
      doing: 'create',
      type: 'aws:appautoscaling/policy:Policy',
      right: () => ({
        ...{ name: 'second', policyType: 'TargetTrackingScaling', ...scaled },
        targetTrackingScalingPolicyConfiguration: {
          targetValue: 60,
          predefinedMetricSpecification: { predefinedMetricType: 'ECSServiceAverageMemoryUtilization' },
        },
      }),
      wrong: () => ({
        targetTrackingScalingPolicyConfiguration: {
          targetValue: 60,
          predefinedMetricSpecification: { predefinedMetricType: 'ECSServiceAverageCPUUtilization' },
        },
      }),
      quote: 'Only one TargetTrackingScaling policy for a given metric',
      source: 'https://github.com/hashicorp/terraform-provider-aws/issues/41179',
      at: 'update',
      says: 'ValidationException: Only one TargetTrackingScaling policy for a given metric specification is allowed.',
    },
  ],
};
