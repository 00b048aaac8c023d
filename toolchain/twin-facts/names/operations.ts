import type { Origin } from '../names.ts';

/** Containers, scaling, alarms, logs, events and the audit trail. */
export const operationsOrigins = {
  'appautoscaling.Policy': {
    cloudFormation: 'AWS::ApplicationAutoScaling::ScalingPolicy',
    api: 'application-autoscaling.PutScalingPolicy',
    names: { name: 'PolicyName' },
  },
  'appautoscaling.Target': {
    cloudFormation: 'AWS::ApplicationAutoScaling::ScalableTarget',
    api: 'application-autoscaling.RegisterScalableTarget',
  },
  'cloudtrail.Trail': {
    cloudFormation: 'AWS::CloudTrail::Trail',
    api: 'cloudtrail.CreateTrail',
    names: { cloudWatchLogsGroupArn: 'CloudWatchLogsLogGroupArn', name: 'TrailName' },
  },
  'cloudwatch.CompositeAlarm': {
    cloudFormation: 'AWS::CloudWatch::CompositeAlarm',
    api: 'cloudwatch.PutCompositeAlarm',
  },
  'cloudwatch.Dashboard': { cloudFormation: 'AWS::CloudWatch::Dashboard', api: 'cloudwatch.PutDashboard' },
  'cloudwatch.EventRule': {
    cloudFormation: 'AWS::Events::Rule',
    api: 'events.PutRule',
    replaces: ['eventBusName', 'namePrefix'],
  },
  'cloudwatch.EventTarget': {
    cloudFormation: 'AWS::Events::Rule/Targets.*',
    api: 'events.PutTargets/Targets.*',
    names: { targetId: 'Id' },
    replaces: ['eventBusName', 'rule', 'targetId'],
  },
  'cloudwatch.LogGroup': {
    cloudFormation: 'AWS::Logs::LogGroup',
    api: 'logs.CreateLogGroup',
    names: { name: 'LogGroupName' },
    replaces: ['logGroupClass', 'namePrefix'],
    also: { retentionInDays: [0] },
  },
  'cloudwatch.LogMetricFilter': {
    cloudFormation: 'AWS::Logs::MetricFilter',
    api: 'logs.PutMetricFilter',
    names: { name: 'FilterName', pattern: 'FilterPattern' },
  },
  'cloudwatch.LogResourcePolicy': {
    cloudFormation: 'AWS::Logs::ResourcePolicy',
    api: 'logs.PutResourcePolicy',
    // Its pattern takes exponential time on a name that does not match.
    names: { policyName: false },
    replaces: ['policyName', 'resourceArn'],
  },
  'cloudwatch.MetricAlarm': {
    cloudFormation: 'AWS::CloudWatch::Alarm',
    api: 'cloudwatch.PutMetricAlarm',
    names: { metricQueries: 'Metrics', 'metricQueries.*.metric': false, name: 'AlarmName' },
  },
  'ecs.Cluster': {
    cloudFormation: 'AWS::ECS::Cluster',
    api: 'ecs.CreateCluster',
    names: { name: 'ClusterName', settings: 'ClusterSettings' },
  },
  'ecs.ClusterCapacityProviders': {
    cloudFormation: 'AWS::ECS::ClusterCapacityProviderAssociations',
    api: 'ecs.PutClusterCapacityProviders',
    names: { clusterName: 'Cluster' },
  },
  'ecs.Service': {
    cloudFormation: 'AWS::ECS::Service',
    api: 'ecs.CreateService',
    names: {
      iamRole: 'Role',
      name: 'ServiceName',
      orderedPlacementStrategies: 'PlacementStrategies',
    },
    replaces: ['launchType'],
  },
  'ecs.TaskDefinition': {
    cloudFormation: 'AWS::ECS::TaskDefinition',
    api: 'ecs.RegisterTaskDefinition',
    // There a list of objects, here their JSON.
    names: { containerDefinitions: false },
    replaces: ['containerDefinitions'],
  },
  'resourcegroups.Group': {
    cloudFormation: 'AWS::ResourceGroups::Group',
    api: 'resource-groups.CreateGroup',
  },
  'sns.Topic': {
    cloudFormation: 'AWS::SNS::Topic',
    api: 'sns.CreateTopic',
    names: { name: 'TopicName' },
    replaces: ['namePrefix'],
  },
  'sns.TopicPolicy': { replaces: ['arn'] },
  'sns.TopicSubscription': {
    cloudFormation: 'AWS::SNS::Subscription',
    api: 'sns.Subscribe',
    names: { topic: 'TopicArn' },
  },
} as const satisfies Readonly<Record<string, Origin>>;
