import { isInternet } from '../addresses.ts';
import {
  judgeTypes,
  notKnown,
  wrong,
  type Finding,
  type PolicyResource,
  type ResourceRule,
  type StackRule,
} from '../rule.ts';
import { at, listOf, textOf, unknown, type Value, type Values } from '../values.ts';

const ingressRule = 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule';
const group = 'aws:ec2/securityGroup:SecurityGroup';

/** What a rule lets in: protocol, ports and whether from the whole internet. */
interface Door {
  readonly protocol: Value;
  readonly from: Value;
  readonly to: Value;
  readonly sources: readonly Value[];
}

/** The doors that a resource opens, whichever way they are written. */
function doorsOf({ type, props }: PolicyResource): readonly Door[] {
  switch (type) {
    case ingressRule:
      return [doorOf(props, 'ipProtocol', [at(props, 'cidrIpv4'), at(props, 'cidrIpv6')])];
    case 'aws:ec2/securityGroupRule:SecurityGroupRule':
      return at(props, 'type') === 'egress' ? [] : [inlineDoor(props)];
    case group:
    case 'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup':
      return listOf(at(props, 'ingress')).map(inlineDoor);
    default:
      return [];
  }
}

function inlineDoor(rule: Value): Door {
  return doorOf(rule, 'protocol', [...listOf(at(rule, 'cidrBlocks')), ...listOf(at(rule, 'ipv6CidrBlocks'))]);
}

function doorOf(rule: Value, protocol: string, sources: readonly Value[]): Door {
  return { protocol: at(rule, protocol), from: at(rule, 'fromPort'), to: at(rule, 'toPort'), sources };
}

function isWeb({ protocol, from, to }: Door): boolean {
  return /^(tcp|6)$/i.test(textOf(protocol)) && from === to && (from === 80 || from === 443);
}

function judgeDoors(resource: PolicyResource): readonly Finding[] {
  return doorsOf(resource).flatMap((door) => {
    if (door.sources.includes(unknown)) return [notKnown('where it lets in from')];
    if (!door.sources.some(isInternet)) return [];
    if ([door.protocol, door.from, door.to].includes(unknown)) return [notKnown('at which ports it lets in')];
    if (isWeb(door)) return [];
    const ports =
      door.from === door.to
        ? `port ${textOf(door.from)}`
        : `ports ${textOf(door.from)} to ${textOf(door.to)}`;
    return [
      wrong(
        `it lets the whole internet in at ${ports}`,
        'name the security group or the network that may come in: referencedSecurityGroupId, or cidrIpv4 of a partner',
      ),
    ];
  });
}

// A list of networks is let in by its id, whatever stands in it.
function judgeList({ type, props }: PolicyResource): readonly Finding[] {
  const networks: readonly Value[] = type.startsWith('aws:ec2/managedPrefixList')
    ? [at(props, 'cidr'), ...listOf(at(props, 'entries')).map((entry) => at(entry, 'cidr'))]
    : [];
  return networks
    .filter(isInternet)
    .map((network) =>
      wrong(
        `it lists ${textOf(network)}, which is the whole internet`,
        'list the networks of partners, and write 0.0.0.0/0 in the rule of a load balancer itself',
      ),
    );
}

export const noOpenPorts: ResourceRule = {
  id: 'no-open-ports',
  looksAt: 'resource',
  wants: 'Nothing but 80 and 443 is open to the internet.',
  judge: (resource) => [...judgeDoors(resource), ...judgeList(resource)],
  passes: {
    type: ingressRule,
    props: { ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIpv4: '0.0.0.0/0' },
  },
  fails: {
    type: ingressRule,
    props: { ipProtocol: 'tcp', fromPort: 5432, toPort: 5432, cidrIpv4: '0.0.0.0/0' },
  },
};

/** The default group is used by whatever names none. */
export const emptyDefaultGroup: ResourceRule = {
  id: 'empty-default-group',
  looksAt: 'resource',
  wants: 'The default security group of a network lets nothing through.',
  judge: judgeTypes({
    'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup': (props: Values) =>
      ['ingress', 'egress'].flatMap((side) => {
        const rules = at(props, side);
        if (rules === unknown) return [notKnown(side)];
        return listOf(rules).length === 0 ? [] : [wrong(`it has rules of ${side}`, `set ${side}: []`)];
      }),
  }),
  passes: { type: 'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup', props: { ingress: [], egress: [] } },
  fails: {
    type: 'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup',
    props: { ingress: [{ protocol: '-1', self: true }] },
  },
};

const balancer = 'aws:lb/loadBalancer:LoadBalancer';
// By these properties a resource has groups; rules of other groups only tell of them.
const groupProperties = ['securityGroups', 'securityGroupIds', 'vpcSecurityGroupIds', 'networkConfiguration'];

export const openOnlyOnLoadBalancers: StackRule = {
  id: 'open-only-on-load-balancers',
  looksAt: 'stack',
  wants: '80 and 443 are open to the internet on the groups of load balancers, and on no others.',
  judge: (resources) => {
    const groupsOf = (those: readonly PolicyResource[]): ReadonlySet<string> =>
      new Set(those.flatMap(({ from }) => groupProperties.flatMap((property) => from[property] ?? [])));
    const ofBalancers = groupsOf(resources.filter(({ type }) => type === balancer));
    const ofOthers = groupsOf(resources.filter(({ type }) => type !== balancer && type !== group));
    return resources
      .filter((resource) => doorsOf(resource).some(({ sources }) => sources.some(isInternet)))
      .flatMap((resource) => {
        const groups = resource.type === group ? [resource.urn] : (resource.from['securityGroupId'] ?? []);
        if (groups.length > 0 && groups.every((urn) => ofBalancers.has(urn) && !ofOthers.has(urn))) return [];
        return [
          wrong(
            'it lets the internet in, and its security group is not one that load balancers alone have',
            'put a load balancer before it, and let in the security group of that',
            resource.urn,
          ),
        ];
      });
  },
  passes: [
    { type: group, name: 'web', props: {} },
    {
      type: 'aws:lb/loadBalancer:LoadBalancer',
      name: 'balancer',
      props: {},
      from: { securityGroups: ['web'] },
    },
    {
      type: ingressRule,
      name: 'https',
      props: { ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIpv4: '0.0.0.0/0' },
      from: { securityGroupId: ['web'] },
    },
  ],
  fails: [
    { type: group, name: 'api', props: {} },
    {
      type: ingressRule,
      name: 'https',
      props: { ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIpv4: '0.0.0.0/0' },
      from: { securityGroupId: ['api'] },
    },
  ],
};
