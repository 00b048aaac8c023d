import type { Kind, Question, Refusal, Thing, Values } from '../../kind.ts';
import {
  hexOf,
  isGiven,
  numberAt,
  objectsAt,
  onCall,
  others,
  refusal,
  textAt,
  textOf,
  uuidOf,
} from '../values.ts';

const targetType = 'aws:appautoscaling/target:Target';
const policyType = 'aws:appautoscaling/policy:Policy';
const service = 'Application Auto Scaling';

// The dimension and the form of the id that belong to a namespace; others are not played and pass.
const namespaces: Readonly<Record<string, { readonly dimensions: readonly string[]; readonly id: RegExp }>> =
  {
    ecs: { dimensions: ['ecs:service:DesiredCount'], id: /^service\/[^/]+\/[^/]+$/ },
    elasticache: {
      dimensions: ['elasticache:replication-group:NodeGroups', 'elasticache:replication-group:Replicas'],
      id: /^replication-group\/[^/]+$/,
    },
    rds: { dimensions: ['rds:cluster:ReadReplicaCount'], id: /^cluster:.+$/ },
  };

const target: Kind = {
  type: targetType,
  api: {
    service,
    create: 'RegisterScalableTarget',
    read: 'DescribeScalableTargets',
    update: 'RegisterScalableTarget',
    delete: 'DeregisterScalableTarget',
  },
  takes: { create: 1, update: 1, delete: 1 },
  check: (question) => [
    ...namespaceProblems(question),
    ...capacityProblems(question),
    ...onCall(question, () => serviceProblems(question)),
  ],
  // The provider keeps the resource alone; with the dimension it is what one imports.
  id: ({ inputs }) => targetId(inputs),
  providerId: (id) => partsOf(id).resource,
  cloudId: targetId,
  outputs: ({ place, inputs }) => ({
    roleArn: roleOf(place.account, textAt(inputs, 'serviceNamespace') ?? ''),
    suspendedState: {
      dynamicScalingInSuspended: false,
      dynamicScalingOutSuspended: false,
      scheduledScalingSuspended: false,
    },
  }),
  arn: ({ place }, id) =>
    `arn:aws:application-autoscaling:${place.region}:${place.account}:scalable-target/${hexOf(id, 40)}`,
};

const policy: Kind = {
  type: policyType,
  api: {
    service,
    create: 'PutScalingPolicy',
    read: 'DescribeScalingPolicies',
    update: 'PutScalingPolicy',
    delete: 'DeleteScalingPolicy',
  },
  naming: { property: 'name', maxLength: 255 },
  takes: { create: 1, update: 1, delete: 1 },
  defaults: () => ({ policyType: 'StepScaling' }),
  check: (question) => [
    ...namespaceProblems(question),
    ...configurationProblems(question),
    ...trackingProblems(question),
    ...onCall(question, () => [...registeredProblems(question), ...takenMetric(question)]),
  ],
  // The provider keeps the name alone, which is free again for each target.
  id: ({ inputs }) => policyId(inputs),
  providerId: (id) => partsOf(id).name,
  cloudId: policyId,
  outputs: ({ place, inputs }, id) => ({
    alarmArns: ['AlarmHigh', 'AlarmLow'].map(
      (level) =>
        `arn:aws:cloudwatch:${place.region}:${place.account}:alarm:TargetTracking-${textAt(inputs, 'resourceId')}-${level}-${uuidOf(`${id} ${level}`)}`,
    ),
  }),
  arn: ({ place, inputs }, id) =>
    `arn:aws:autoscaling:${place.region}:${place.account}:scalingPolicy:${uuidOf(`${id} ${textAt(inputs, 'resourceId')}`)}:resource/${textAt(inputs, 'serviceNamespace')}/${textAt(inputs, 'resourceId')}:policyName/${textAt(inputs, 'name')}`,
};

export const autoscalingKinds: readonly Kind[] = [target, policy];

function targetId(values: Values): string {
  return ['serviceNamespace', 'resourceId', 'scalableDimension']
    .map((name) => textAt(values, name) ?? '')
    .join('/');
}

function policyId(values: Values): string {
  return `${targetId(values)}/${textAt(values, 'name') ?? ''}`;
}

/** `ecs/service/main/api/ecs:service:DesiredCount/cpu`: the dimension is the first part with colons. */
function partsOf(id: string): { readonly resource: string; readonly name: string } {
  const [, resource = id, name = id] = /^[^/]*\/([^:]*)\/[^/:]*:[^/]*(?:\/(.*))?$/.exec(id) ?? [];
  return { resource, name };
}

function roleOf(account: string, namespace: string): string {
  const names: Readonly<Record<string, string>> = {
    ecs: 'ECSService',
    elasticache: 'ElastiCacheRG',
    rds: 'RDSCluster',
  };
  return `arn:aws:iam::${account}:role/aws-service-role/${namespace}.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_${names[namespace] ?? namespace}`;
}

function namespaceProblems({ inputs }: Question): Refusal[] {
  const namespace = namespaces[textAt(inputs, 'serviceNamespace') ?? ''];
  const dimension = textAt(inputs, 'scalableDimension');
  const id = textAt(inputs, 'resourceId');
  if (namespace === undefined) return [];
  const fits =
    (dimension === undefined || namespace.dimensions.includes(dimension)) &&
    (id === undefined || namespace.id.test(id));
  return fits
    ? []
    : [
        refusal(
          'ValidationException',
          'Unsupported service namespace, resource type or scalable dimension',
          dimension !== undefined && !namespace.dimensions.includes(dimension)
            ? 'scalableDimension'
            : 'resourceId',
        ),
      ];
}

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
function capacityProblems({ inputs }: Question): Refusal[] {
  const least = numberAt(inputs, 'minCapacity');
  const most = numberAt(inputs, 'maxCapacity');
  return least !== undefined && most !== undefined && most < least
    ? [refusal('ValidationException', 'Maximum capacity cannot be less than minimum capacity', 'maxCapacity')]
    : [];
}

/** The service must be there; its cluster is named by name or by ARN. */
function serviceProblems({ inputs, cloud, place }: Question): Refusal[] {
  const id = textAt(inputs, 'resourceId') ?? '';
  const [kind, cluster, name] = id.split('/');
  if (textAt(inputs, 'serviceNamespace') !== 'ecs' || kind !== 'service') return [];
  const there = cloud
    .all('aws:ecs/service:Service', place)
    .some((each) => textOf(each, 'name') === name && clusterOf(each) === cluster);
  return there ? [] : [refusal('ValidationException', `ECS service doesn't exist: ${id}`, 'resourceId')];
}

function clusterOf(thing: Thing): string {
  return (textOf(thing, 'cluster') ?? 'default').split('/').at(-1) ?? '';
}

const configurations: Readonly<Record<string, string>> = {
  PredictiveScaling: 'predictiveScalingPolicyConfiguration',
  StepScaling: 'stepScalingPolicyConfiguration',
  TargetTrackingScaling: 'targetTrackingScalingPolicyConfiguration',
};

function configurationProblems(question: Question): Refusal[] {
  const type = textAt(question.inputs, 'policyType') ?? '';
  const wanted = configurations[type];
  const wrong = Object.values(configurations).find((name) => name !== wanted && isGiven(question, name));
  const missing = wanted !== undefined && !isGiven(question, wanted);
  // A paraphrase: the API names its own parameters.
  return missing || wrong !== undefined
    ? [
        refusal(
          'ValidationException',
          `You must specify the ${wanted ?? 'configuration'} for a policy of type ${type}, and no other`,
          wrong ?? wanted ?? 'policyType',
        ),
      ]
    : [];
}

function trackingOf(inputs: Values): Values | undefined {
  return objectsAt(inputs, 'targetTrackingScalingPolicyConfiguration')[0];
}

const ecsMetrics = [
  'ALBRequestCountPerTarget',
  'ECSServiceAverageCPUUtilization',
  'ECSServiceAverageMemoryUtilization',
];

function trackingProblems(question: Question): Refusal[] {
  const tracking = trackingOf(question.inputs);
  const at = 'targetTrackingScalingPolicyConfiguration';
  if (tracking === undefined) return [];
  const given = ['customizedMetricSpecification', 'predefinedMetricSpecification'].filter((name) =>
    isGiven(question, `${at}.${name}`),
  );
  if (given.length !== 1)
    return [
      refusal(
        'ValidationException',
        'Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified',
        at,
      ),
    ];
  const metric = textAt(tracking, 'predefinedMetricSpecification.predefinedMetricType');
  const label = `${at}.predefinedMetricSpecification.resourceLabel`;
  if (metric === undefined) return [];
  if (textAt(question.inputs, 'serviceNamespace') === 'ecs' && !ecsMetrics.includes(metric))
    return [
      refusal(
        'ValidationException',
        `The predefined metric type ${metric} is not supported for service namespace ecs`,
        `${at}.predefinedMetricSpecification.predefinedMetricType`,
      ),
    ];
  const wanted = metric === 'ALBRequestCountPerTarget';
  if (!wanted && isGiven(question, label))
    return [refusal('ValidationException', `You can't specify a resource label for ${metric}`, label)];
  const text = textAt(tracking, 'predefinedMetricSpecification.resourceLabel');
  const formed = text === undefined || /^app\/[^/]+\/[0-9a-f]+\/targetgroup\/[^/]+\/[0-9a-f]+$/.test(text);
  return wanted && (!isGiven(question, label) || !formed)
    ? [
        refusal(
          'ValidationException',
          `Resource label must be specified for ${metric}, as app/<load balancer>/<id>/targetgroup/<target group>/<id>`,
          label,
        ),
      ]
    : [];
}

function registeredProblems({ inputs, cloud, place }: Question): Refusal[] {
  const [namespace, id, dimension] = ['serviceNamespace', 'resourceId', 'scalableDimension'].map((name) =>
    textAt(inputs, name),
  );
  const there = cloud
    .all(targetType, place)
    .some((each) => textOf(each, 'resourceId') === id && textOf(each, 'scalableDimension') === dimension);
  return there
    ? []
    : [
        refusal(
          'ObjectNotFoundException',
          `No scalable target registered for service namespace: ${namespace}, resource ID: ${id}, scalable dimension: ${dimension}`,
        ),
      ];
}

// https://github.com/cdklabs/cdk-ecs-service-extensions/issues/35
function takenMetric(question: Question): Refusal[] {
  const metricOf = (inputs: Values) => {
    const tracking = trackingOf(inputs);
    if (tracking === undefined) return undefined;
    const { predefinedMetricSpecification, customizedMetricSpecification } = tracking;
    return JSON.stringify(predefinedMetricSpecification ?? customizedMetricSpecification);
  };
  const wanted = metricOf(question.inputs);
  const taken = others(question, policyType).some(
    (each) =>
      textOf(each, 'resourceId') === textAt(question.inputs, 'resourceId') &&
      metricOf(each.inputs) === wanted,
  );
  return taken && wanted !== undefined
    ? [
        refusal(
          'ValidationException',
          'Only one TargetTrackingScaling policy for a given metric specification is allowed.',
        ),
      ]
    : [];
}
