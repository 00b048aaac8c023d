import type { Kind, Question, Refusal } from '../../kind.ts';
import { numberAt, objectsAt, others, refusal, textAt, textOf, textsAt } from '../values.ts';
import { arn } from './arn.ts';
import {
  balancerProblems,
  clusterName,
  clusterProblems,
  clusterType,
  definitionProblems,
  serviceNetworkProblems,
} from './ecs-service-checks.ts';
import { deploymentProblems } from './ecs-deployment-checks.ts';
import { taskDefinitionKind } from './ecs-task-definition.ts';
import { toSecurityGroup, toSubnet } from './references.ts';

const serviceType = 'aws:ecs/service:Service';

const cluster: Kind = {
  type: clusterType,
  api: {
    service: 'ECS',
    create: 'CreateCluster',
    read: 'DescribeClusters',
    update: 'UpdateCluster',
    delete: 'DeleteCluster',
  },
  naming: { property: 'name', maxLength: 255 },
  quota: {
    count: 10_000,
    per: 'region',
    refusal: { code: 'LimitExceededException', message: 'The maximum number of clusters has been reached.' },
  },
  takes: { create: 10, delete: 10 },
  retries: { code: 'ClusterContainsServicesException', seconds: 600 },
  replaces: ['name'],
  updates: ['configuration', 'serviceConnectDefaults', 'settings'],
  check: clusterArguments,
  id: ({ place, inputs }) => arn('ecs', place, `cluster/${textAt(inputs, 'name') ?? ''}`),
  importedBy: ({ inputs }) => textAt(inputs, 'name') ?? '',
  outputs: () => ({ settings: [{ name: 'containerInsights', value: 'disabled' }] }),
  arn: (_question, id) => id,
  holds: ({ id, account, region }, cloud) =>
    cloud
      .all(serviceType, { account, region })
      .some(({ inputs }) => clusterName(inputs) === id.split('/').at(-1))
      ? refusal(
          'ClusterContainsServicesException',
          'The Cluster cannot be deleted while Services are active.',
        )
      : undefined,
};

const capacityProviders: Kind = {
  type: 'aws:ecs/clusterCapacityProviders:ClusterCapacityProviders',
  api: {
    service: 'ECS',
    create: 'PutClusterCapacityProviders',
    read: 'DescribeClusters',
    update: 'PutClusterCapacityProviders',
    delete: 'PutClusterCapacityProviders',
  },
  references: [
    {
      property: 'clusterName',
      to: clusterType,
      by: 'name',
      missing: { code: 'ClusterNotFoundException', message: 'Cluster not found.' },
    },
  ],
  takes: { create: 5, update: 5, delete: 5 },
  replaces: ['clusterName'],
  updates: ['capacityProviders', 'defaultCapacityProviderStrategies'],
  check({ inputs }) {
    const providers = textsAt(inputs, 'capacityProviders');
    const strategy = objectsAt(inputs, 'defaultCapacityProviderStrategies');
    const stray = strategy.find((each) => !providers.includes(textAt(each, 'capacityProvider') ?? ''));
    const bases = strategy.filter((each) => (numberAt(each, 'base') ?? 0) > 0);
    const say = (message: string): readonly Refusal[] => [
      refusal('InvalidParameterException', message, 'defaultCapacityProviderStrategies'),
    ];
    if (stray !== undefined)
      return say(
        'The specified default capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Specify the capacity provider and try again.',
      );
    return bases.length > 1
      ? say('Only one capacity provider in a capacity provider strategy can have a base defined.')
      : [];
  },
  id: ({ inputs }) => textAt(inputs, 'clusterName') ?? '',
  outputs: () => ({}),
};

const service: Kind = {
  type: serviceType,
  api: {
    service: 'ECS',
    create: 'CreateService',
    read: 'DescribeServices',
    update: 'UpdateService',
    delete: 'DeleteService',
  },
  naming: { property: 'name', maxLength: 255 },
  references: [
    toSubnet('networkConfiguration.subnets.*', 'InvalidParameterException'),
    toSecurityGroup('networkConfiguration.securityGroups.*', 'InvalidParameterException'),
  ],
  quota: {
    count: 5000,
    per: 'region',
    refusal: {
      code: 'InvalidParameterException',
      message: 'The maximum number of services has been reached.',
    },
  },
  takes: { create: 120, update: 120, delete: 60 },
  replaces: ['cluster', 'iamRole', 'launchType', 'name', 'schedulingStrategy'],
  updates: [
    'alarms',
    'capacityProviderStrategies',
    'deploymentCircuitBreaker',
    'deploymentConfiguration',
    'deploymentController',
    'desiredCount',
    'loadBalancers',
    'networkConfiguration',
    'platformVersion',
    'taskDefinition',
  ],
  defaults: () => ({
    deploymentMaximumPercent: 200,
    deploymentMinimumHealthyPercent: 100,
    enableEcsManagedTags: false,
    enableExecuteCommand: false,
    schedulingStrategy: 'REPLICA',
    waitForSteadyState: false,
  }),
  check: (question) => [
    ...serviceNameProblems(question),
    ...clusterProblems(question),
    ...definitionProblems(question),
    ...serviceNetworkProblems(question),
    ...balancerProblems(question),
    ...deploymentProblems(question),
  ],
  id: ({ place, inputs }) =>
    arn('ecs', place, `service/${clusterName(inputs)}/${textAt(inputs, 'name') ?? ''}`),
  importedBy: ({ inputs }) => `${clusterName(inputs)}/${textAt(inputs, 'name') ?? ''}`,
  outputs: ({ place, inputs }) => ({
    availabilityZoneRebalancing: 'DISABLED',
    deploymentConfiguration: { bakeTimeInMinutes: '0', strategy: 'ROLLING' },
    desiredCount: 0,
    iamRole: arn(
      'iam',
      { ...place, region: 'global' },
      'role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS',
    ),
    launchType: objectsAt(inputs, 'capacityProviderStrategies').length > 0 ? '' : 'EC2',
    platformVersion: 'LATEST',
    triggers: {},
  }),
  arn: (_question, id) => id,
};

/** Clusters, and what runs in them. */
export const ecsKinds: readonly Kind[] = [cluster, capacityProviders, taskDefinitionKind, service];

function clusterArguments(question: Question): readonly Refusal[] {
  const { inputs } = question;
  const name = textAt(inputs, 'name');
  const say = (message: string, property: string): readonly Refusal[] => [
    refusal('InvalidParameterException', message, property),
  ];
  if (name !== undefined && !/^[a-zA-Z0-9_-]{1,255}$/.test(name))
    return say(
      'Cluster name must contain at most 255 letters (uppercase and lowercase), numbers, underscores, and hyphens.',
      'name',
    );
  // Making a cluster that is there returns it; the program would then share what another one owns.
  if (others(question, clusterType).some((each) => textOf(each, 'name') === name))
    return say(`The cluster ${name ?? ''} is there already: CreateCluster would return it.`, 'name');
  const setting = objectsAt(inputs, 'settings').find((each) => textAt(each, 'name') !== 'containerInsights');
  if (setting !== undefined)
    return say(`Invalid cluster setting name: ${textAt(setting, 'name') ?? ''}`, 'settings');
  const value = objectsAt(inputs, 'settings').map((each) => textAt(each, 'value'))[0];
  return value === undefined || ['enabled', 'disabled', 'enhanced'].includes(value)
    ? []
    : say(`Invalid value for containerInsights: ${value}`, 'settings');
}

function serviceNameProblems(question: Question): readonly Refusal[] {
  const { inputs } = question;
  const name = textAt(inputs, 'name');
  if (name === undefined) return [];
  if (!/^[a-zA-Z0-9_-]{1,255}$/.test(name))
    return [
      refusal(
        'InvalidParameterException',
        'Service name must contain at most 255 letters (uppercase and lowercase), numbers, underscores, and hyphens.',
        'name',
      ),
    ];
  const twin = others(question, serviceType).some(
    (each) => textOf(each, 'name') === name && clusterName(each.inputs) === clusterName(inputs),
  );
  return twin
    ? [refusal('InvalidParameterException', 'Creation of service was not idempotent.', 'name')]
    : [];
}
