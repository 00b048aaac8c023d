import { decide } from '../../iam/decide.ts';
import type { Question, Refusal, Thing, Values } from '../../kind.ts';
import { isGiven, isUnknown, numberAt, objectsAt, refusal, textAt, textOf, textsAt } from '../values.ts';
import { listenerType } from './elbv2-targets.ts';
import { targetGroupsOf } from './elbv2-actions.ts';
import { targetGroupType } from './elbv2-target-group.ts';
import { containersOf, findTaskDefinition, isForFargate } from './ecs-task-definition.ts';
import { strayGroup, subnetsOf, vpcsOf } from './networks.ts';
import { readPolicy } from './policy-arguments.ts';

export const clusterType = 'aws:ecs/cluster:Cluster';
const capacityType = 'aws:ecs/clusterCapacityProviders:ClusterCapacityProviders';

/** The usual refusal of ECS. */
export function invalid(message: string, property: string): Refusal {
  return refusal('InvalidParameterException', message, property);
}

/** A cluster by its name or ARN. */
export function findCluster(
  { cloud, place }: Pick<Question, 'cloud' | 'place'>,
  name: string,
): Thing | undefined {
  const plain = name.split('/').at(-1) ?? name;
  return cloud.all(clusterType, place).find((each) => textOf(each, 'name') === plain);
}

/** The name of the cluster that a service is in. */
export function clusterName(inputs: Values): string {
  return (textAt(inputs, 'cluster') ?? 'default').split('/').at(-1) ?? 'default';
}

/** The cluster is there, and has the capacity that is asked for. */
export function clusterProblems(question: Question): readonly Refusal[] {
  const { inputs, cloud, place, calling } = question;
  if (isUnknown(question, 'cluster')) return [];
  const name = clusterName(inputs);
  const cluster = findCluster(question, name);
  const providers = objectsAt(inputs, 'capacityProviderStrategies').map((each) =>
    textAt(each, 'capacityProvider'),
  );
  const launchType = textAt(inputs, 'launchType');
  if (cluster === undefined && calling !== undefined)
    return [refusal('ClusterNotFoundException', 'Cluster not found.', 'cluster')];
  if (launchType !== undefined && providers.length > 0)
    return [
      invalid(
        'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
        'launchType',
      ),
    ];
  const associated = cloud
    .all(capacityType, place)
    .filter((each) => textOf(each, 'clusterName') === name)
    .flatMap((each) => textsAt(each.inputs, 'capacityProviders'));
  const stray = providers.find((each) => each !== undefined && !associated.includes(each));
  return stray !== undefined && calling !== undefined
    ? [
        invalid(
          'The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster and try again.',
          'capacityProviderStrategies',
        ),
      ]
    : [];
}

/** The task definition is there, fits the launch type, and its roles can be taken on by ECS. */
export function definitionProblems(question: Question): readonly Refusal[] {
  const { inputs, calling } = question;
  const name = textAt(inputs, 'taskDefinition');
  if (name === undefined) return [];
  const definition = findTaskDefinition(question, name);
  if (definition === undefined)
    return calling === undefined
      ? []
      : [refusal('ClientException', 'TaskDefinition not found.', 'taskDefinition')];
  const wanted = textAt(inputs, 'launchType');
  const onFargate =
    wanted === 'FARGATE' ||
    objectsAt(inputs, 'capacityProviderStrategies').some((each) =>
      textAt(each, 'capacityProvider')?.startsWith('FARGATE'),
    );
  if (onFargate && !isForFargate(definition.inputs))
    return [invalid('Task definition does not support launch_type FARGATE.', 'launchType')];
  const platform = textAt(inputs, 'platformVersion');
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html; 1.0.0 is that of Windows.
  if (onFargate && platform !== undefined && !['LATEST', '1.4.0', '1.3.0', '1.0.0'].includes(platform))
    return [
      refusal(
        'PlatformUnknownException',
        'The specified platform version does not exist.',
        'platformVersion',
      ),
    ];
  if (textOf(definition, 'networkMode') === 'awsvpc' && !isGiven(question, 'networkConfiguration'))
    return [
      invalid(
        "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        'networkConfiguration',
      ),
    ];
  return ['executionRoleArn', 'taskRoleArn'].flatMap((each) =>
    trustProblems(question, textOf(definition, each)),
  );
}

function trustProblems({ cloud, place, calling }: Question, roleArn: string | undefined): readonly Refusal[] {
  const role = roleArn === undefined ? undefined : cloud.byArn(roleArn);
  const trust = role && readPolicy(role.inputs['assumeRolePolicy']);
  if (trust === undefined || calling === undefined) return [];
  const context = {
    'aws:SourceAccount': place.account,
    'aws:SourceArn': `arn:aws:ecs:${place.region}:${place.account}:*`,
  };
  const caller = { kind: 'service', name: 'ecs-tasks.amazonaws.com' } as const;
  return decide(
    { resource: trust },
    { caller, action: 'sts:AssumeRole', resource: roleArn ?? '', context },
  ) === 'allowed'
    ? []
    : [
        invalid(
          `ECS was unable to assume the role '${roleArn ?? ''}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.`,
          'taskDefinition',
        ),
      ];
}

/** Subnets and security groups are in one VPC. */
export function serviceNetworkProblems(question: Question): readonly Refusal[] {
  const { inputs } = question;
  const subnets = textsAt(inputs, 'networkConfiguration.subnets');
  const groups = textsAt(inputs, 'networkConfiguration.securityGroups');
  if (subnets.length > 16)
    return [invalid('subnets can have at most 16 items.', 'networkConfiguration.subnets')];
  if (groups.length > 5)
    return [invalid('securityGroups can have at most 5 items.', 'networkConfiguration.securityGroups')];
  const vpcs = vpcsOf(subnetsOf(question, subnets));
  // Paraphrases: ECS passes on what EC2 says when it makes the network interfaces.
  if (vpcs.length > 1)
    return [invalid('The subnets must be in the same VPC.', 'networkConfiguration.subnets')];
  const stray = strayGroup(question, groups, vpcs[0]);
  return stray === undefined
    ? []
    : [
        invalid(
          `Security group ${stray.id} does not appear to belong to the same VPC as the input subnets.`,
          'networkConfiguration.securityGroups',
        ),
      ];
}

/** Containers, ports and target groups of the load balancers. */
export function balancerProblems(question: Question): readonly Refusal[] {
  const { inputs } = question;
  const balancers = objectsAt(inputs, 'loadBalancers');
  const grace = numberAt(inputs, 'healthCheckGracePeriodSeconds');
  if (grace !== undefined && balancers.length === 0 && !isUnknown(question, 'loadBalancers'))
    return [
      invalid(
        'Health check grace period is only valid for services configured to use load balancers',
        'healthCheckGracePeriodSeconds',
      ),
    ];
  return balancers.flatMap((each, index) => oneBalancer(question, each, `loadBalancers[${index}]`));
}

function oneBalancer(question: Question, balancer: Values, property: string): readonly Refusal[] {
  const definition = findTaskDefinition(question, textAt(question.inputs, 'taskDefinition') ?? '');
  const name = textAt(balancer, 'containerName');
  const port = numberAt(balancer, 'containerPort');
  const container = definition && containersOf(definition).find((each) => each.name === name);
  if (definition !== undefined && name !== undefined && container === undefined)
    return [
      invalid(`The container ${name} does not exist in the task definition.`, `${property}.containerName`),
    ];
  const ports = (container?.portMappings ?? []).map(({ containerPort }) => containerPort);
  if (container !== undefined && port !== undefined && !ports.includes(port))
    return [
      invalid(
        `The container ${name ?? ''} did not have a container port ${port} defined.`,
        `${property}.containerPort`,
      ),
    ];
  const awsvpc = definition !== undefined && textOf(definition, 'networkMode') === 'awsvpc';
  return ['targetGroupArn', 'advancedConfiguration.alternateTargetGroupArn'].flatMap((each) =>
    targetProblems(question, textAt(balancer, each), awsvpc, `${property}.${each}`),
  );
}

function targetProblems(
  question: Question,
  groupArn: string | undefined,
  awsvpc: boolean,
  property: string,
): readonly Refusal[] {
  const { cloud, place, calling, inputs } = question;
  const group = groupArn === undefined ? undefined : cloud.get(targetGroupType, groupArn, place);
  if (groupArn === undefined || (group === undefined && calling === undefined)) return [];
  if (group === undefined) return [invalid(`The target group ${groupArn} does not exist.`, property)];
  const type = textOf(group, 'targetType') ?? 'instance';
  if (awsvpc && type !== 'ip')
    return [
      invalid(
        `The provided target group ${groupArn} has target type ${type}, which is incompatible with the awsvpc network mode specified in the task definition.`,
        property,
      ),
    ];
  const [vpcId] = vpcsOf(subnetsOf(question, textsAt(inputs, 'networkConfiguration.subnets')));
  const other = textOf(group, 'vpcId');
  // A paraphrase: in AWS the service comes up, and its tasks cannot be registered.
  if (vpcId !== undefined && other !== undefined && vpcId !== other)
    return [
      invalid(`The target group ${groupArn} is in ${other} and the subnets are in ${vpcId}.`, property),
    ];
  return isServed(question, groupArn) || calling === undefined
    ? []
    : [
        invalid(
          `The target group with targetGroupArn ${groupArn} does not have an associated load balancer.`,
          property,
        ),
      ];
}

function isServed({ cloud, place }: Question, groupArn: string): boolean {
  const forwards = (type: string, property: 'actions' | 'defaultActions'): boolean =>
    cloud.all(type, place).some((each) => targetGroupsOf(each.inputs, property).includes(groupArn));
  return forwards(listenerType, 'defaultActions') || forwards('aws:lb/listenerRule:ListenerRule', 'actions');
}
