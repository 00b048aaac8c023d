import type { CloudView, Place, Thing, Values } from '../../kind.ts';
import { endpointType } from '../../services/aws/ec2-endpoints.ts';
import { defaultGroupOf, subnetType } from '../../services/aws/ec2.ts';
import { targetGroupsOf } from '../../services/aws/elbv2-actions.ts';
import { listenerType, ruleType } from '../../services/aws/elbv2-targets.ts';
import { loadBalancerType, subnetsOf } from '../../services/aws/elbv2.ts';
import { cacheSubnetGroupType } from '../../services/aws/elasticache-groups.ts';
import { replicationGroupType } from '../../services/aws/elasticache.ts';
import { subnetGroupType } from '../../services/aws/rds-groups.ts';
import { instanceType } from '../../services/aws/rds-instance-checks.ts';
import { flagAt, textAt, textOf, textsAt } from '../../services/values.ts';
import type { Task, TaskNetwork } from '../ecs/task.ts';

/** Where something is in the network of the cloud. */
export interface NetworkPlace extends Place {
  readonly vpc: string;
  readonly subnets: readonly Thing[];
  readonly groups: readonly string[];
  /** Whether it has an address of the internet of its own. */
  readonly isPublic: boolean;
}

/** Where a server of the cloud is; undefined where nothing says so. */
export function placeOfServer(view: CloudView, thing: Thing): NetworkPlace | undefined {
  const { type, inputs } = thing;
  const inGroup = (groupType: string, name: string): readonly string[] =>
    textsAt(view.get(groupType, textOf(thing, name) ?? '', thing)?.inputs ?? {}, 'subnetIds');
  if (type === instanceType) {
    const subnets = inGroup(subnetGroupType, 'dbSubnetGroupName');
    const isPublic = flagAt(inputs, 'publiclyAccessible') === true;
    return placed(view, thing, { subnets, groups: textsAt(inputs, 'vpcSecurityGroupIds'), isPublic });
  }
  if (type === replicationGroupType) {
    const subnets = inGroup(cacheSubnetGroupType, 'subnetGroupName');
    return placed(view, thing, { subnets, groups: textsAt(inputs, 'securityGroupIds'), isPublic: false });
  }
  if (type === endpointType) {
    const groups = textsAt(inputs, 'securityGroupIds');
    return placed(view, thing, { subnets: textsAt(inputs, 'subnetIds'), groups, isPublic: false });
  }
  if (type !== loadBalancerType) return undefined;
  const isPublic = flagAt(inputs, 'internal') !== true;
  return placed(view, thing, {
    subnets: subnetsOf(inputs),
    groups: textsAt(inputs, 'securityGroups'),
    isPublic,
  });
}

/** Where a task is: one of a service where its service is now. */
export function placeOfTask(
  view: CloudView,
  task: Pick<Task, 'account' | 'region' | 'service' | 'network'>,
): NetworkPlace | undefined {
  const service = task.service === undefined ? undefined : view.byArn(task.service);
  const network = service === undefined ? task.network : networkOfService(service);
  return network === undefined ? undefined : placed(view, task, network);
}

/** The load balancer that asks the targets of a group; undefined where none does. */
export function balancerOfGroup(view: CloudView, group: string, place: Place): Thing | undefined {
  const listener =
    view
      .all(ruleType, place)
      .filter(({ inputs }) => targetGroupsOf(inputs, 'actions').includes(group))
      .flatMap((rule) => view.byArn(textOf(rule, 'listenerArn') ?? '') ?? [])[0] ??
    view
      .all(listenerType, place)
      .find(({ inputs }) => targetGroupsOf(inputs, 'defaultActions').includes(group));
  return listener === undefined ? undefined : view.byArn(textOf(listener, 'loadBalancerArn') ?? '');
}

/** Where a service has its tasks. */
function networkOfService({ inputs }: Thing): TaskNetwork | undefined {
  const network = inputs['networkConfiguration'] as Values | undefined;
  return network === undefined
    ? undefined
    : {
        subnets: textsAt(network, 'subnets'),
        groups: textsAt(network, 'securityGroups'),
        isPublic: flagAt(network, 'assignPublicIp') === true,
      };
}

function placed(
  view: CloudView,
  { account, region }: Place,
  { subnets: ids, groups, isPublic }: TaskNetwork,
): NetworkPlace | undefined {
  const subnets = ids.flatMap((id) => view.get(subnetType, id, { account, region }) ?? []);
  const vpc = subnets.map((each) => textAt(each.inputs, 'vpcId')).find((each) => each !== undefined);
  if (vpc === undefined) return undefined;
  // Who names no group is in the default one of the network.
  return {
    account,
    region,
    vpc,
    subnets,
    groups: groups.length > 0 ? groups : [defaultGroupOf(vpc)],
    isPublic,
  };
}
