import type { Kind, Question, Refusal, Thing, Values } from '../../kind.ts';
import {
  digitsOf,
  flagAt,
  hexOf,
  isGiven,
  numberAt,
  objectsAt,
  onCall,
  refusal,
  textAt,
  textOf,
  textsAt,
} from '../values.ts';
import { internetGatewayType, subnetType } from './ec2.ts';
import { logProblems } from './elbv2-logs.ts';
import { toSecurityGroup, toSubnet } from './references.ts';
import { regionOf } from './regions.ts';

export const loadBalancerType = 'aws:lb/loadBalancer:LoadBalancer';

const loadBalancer: Kind = {
  type: loadBalancerType,
  api: {
    service: 'Elastic Load Balancing v2',
    create: 'CreateLoadBalancer',
    read: 'DescribeLoadBalancers',
    update: 'ModifyLoadBalancerAttributes',
    delete: 'DeleteLoadBalancer',
  },
  naming: {
    property: 'name',
    maxLength: 32,
    taken: {
      code: 'DuplicateLoadBalancerName',
      message: "A load balancer with the same name '{value}' exists, but with different settings",
    },
  },
  references: [
    toSubnet('subnets.*', 'SubnetNotFound'),
    toSubnet('subnetMappings.*.subnetId', 'SubnetNotFound'),
    toSecurityGroup('securityGroups.*', 'InvalidSecurityGroup'),
  ],
  quota: {
    count: 50,
    per: 'region',
    refusal: {
      code: 'TooManyLoadBalancers',
      message: 'The maximum number of load balancers has been reached.',
    },
  },
  takes: { create: 150, update: 5, delete: 20 },
  replaces: ['internal', 'loadBalancerType', 'name', 'namePrefix'],
  defaults: () => ({
    clientKeepAlive: 3600,
    desyncMitigationMode: 'defensive',
    dnsRecordClientRoutingPolicy: 'any_availability_zone',
    dropInvalidHeaderFields: false,
    enableCrossZoneLoadBalancing: false,
    enableDeletionProtection: false,
    enableHttp2: true,
    enableTlsVersionAndCipherSuiteHeaders: false,
    enableWafFailOpen: false,
    enableXffClientPort: false,
    enableZonalShift: false,
    idleTimeout: 60,
    loadBalancerType: 'application',
    preserveHostHeader: false,
    xffHeaderProcessingMode: 'append',
  }),
  check: (question) => [
    ...nameProblems(question.inputs, 'load balancer'),
    ...subnetArguments(question),
    ...rangeProblems('idleTimeout', numberAt(question.inputs, 'idleTimeout'), 1, 4000),
    ...onCall(question, () => [...networkProblems(question), ...logProblems(question)]),
  ],
  id: ({ place, inputs }, random) =>
    `arn:aws:elasticloadbalancing:${place.region}:${place.account}:loadbalancer/${familyOf(inputs)}/${textAt(inputs, 'name')}/${hexOf(random, 16)}`,
  outputs({ place, inputs, cloud }, id) {
    const region = regionOf(place.region);
    const subnets = subnetsOf(inputs).map((subnet) => cloud.get(subnetType, subnet, place));
    const internal = flagAt(inputs, 'internal') === true;
    const name = `${internal ? 'internal-' : ''}${textAt(inputs, 'name')}-${digitsOf(id, 10)}`;
    const application = familyOf(inputs) === 'app';
    return {
      arnSuffix: suffixOf(id),
      dnsName: application
        ? `${name}.${place.region}.elb.amazonaws.com`
        : `${name}.elb.${place.region}.amazonaws.com`,
      zoneId:
        (application ? region?.applicationZoneId : region?.networkZoneId) ??
        `Z${hexOf(place.region, 12).toUpperCase()}`,
      vpcId: vpcOf(subnets) ?? '',
      enablePrefixForIpv6SourceNat: '',
      enforceSecurityGroupInboundRulesOnPrivateLinkTraffic: '',
      internal,
      ipAddressType: 'ipv4',
      secondaryIpsAutoAssignedPerSubnet: 0,
      securityGroups: [],
      subnets: subnetsOf(inputs),
      subnetMappings: subnetsOf(inputs).map((subnetId) => ({ subnetId })),
    };
  },
  arn: (_question, id) => id,
  // https://github.com/rebuy-de/aws-nuke/issues/1240
  holds: (thing) =>
    flagAt(thing.inputs, 'enableDeletionProtection') === true
      ? refusal(
          'OperationNotPermitted',
          `Load balancer '${thing.id}' cannot be deleted because deletion protection is enabled`,
        )
      : undefined,
};

export const loadBalancerKinds: readonly Kind[] = [loadBalancer];

/** The last part of the ARN of a load balancer or a target group, as CloudWatch's dimensions have it. */
export function suffixOf(arn: string): string {
  return arn
    .split(':')
    .slice(5)
    .join(':')
    .replace(/^loadbalancer\//, '');
}

/** What is wrong with the name of a load balancer or a target group. */
export function nameProblems(inputs: Values, what: string): Refusal[] {
  const name = textAt(inputs, 'name');
  if (name === undefined) return [];
  const wrong = (rest: string) => [refusal('ValidationError', `The ${what} name '${name}' ${rest}`, 'name')];
  if (name.length > 32) return wrong("cannot be longer than '32' characters");
  if (!/^[A-Za-z0-9-]+$/.test(name))
    return wrong('can only contain characters that are alphanumeric characters and hyphens(-)');
  if (/^-|-$/.test(name)) return wrong('cannot begin or end with a hyphen(-)');
  return what === 'load balancer' && name.startsWith('internal-')
    ? wrong("cannot begin with 'internal-'")
    : [];
}

/** What is wrong with a number, in the shape in which all APIs of AWS refuse those out of their model's range. */
export function rangeProblems(
  property: string,
  value: number | undefined,
  least: number,
  most: number,
): Refusal[] {
  if (value === undefined || (value >= least && value <= most)) return [];
  const name = `${property.replace(/\.(\w)/, (_all, letter: string) => letter.toUpperCase())}`;
  const bound = value < least ? `greater than or equal to ${least}` : `less than or equal to ${most}`;
  return [
    refusal(
      'ValidationError',
      `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must have value ${bound}`,
      property,
    ),
  ];
}

/** The VPC that load balancers are in: that of their first subnet that is known. */
export function vpcOf(subnets: readonly (Thing | undefined)[]): string | undefined {
  return subnets.map((subnet) => subnet && textOf(subnet, 'vpcId')).find((vpc) => vpc !== undefined);
}

/** The ids of a load balancer's subnets, whichever argument names them. */
export function subnetsOf(inputs: Values): readonly string[] {
  const mapped = objectsAt(inputs, 'subnetMappings').map((mapping) => textAt(mapping, 'subnetId'));
  return [...textsAt(inputs, 'subnets'), ...mapped.filter((id) => id !== undefined)];
}

function familyOf(inputs: Values): string {
  const families: Readonly<Record<string, string>> = { network: 'net', gateway: 'gwy' };
  return families[textAt(inputs, 'loadBalancerType') ?? ''] ?? 'app';
}

function subnetArguments(question: Question): Refusal[] {
  const both = isGiven(question, 'subnets') && isGiven(question, 'subnetMappings');
  if (both)
    return [
      refusal('ValidationError', 'You can specify either subnets or subnet mappings', 'subnetMappings'),
    ];
  if (question.unknown.has('subnets') || question.unknown.has('subnetMappings')) return [];
  const least = familyOf(question.inputs) === 'app' ? 2 : 1;
  return subnetsOf(question.inputs).length >= least ? [] : [tooFewZones(least)];
}

// https://github.com/kasmtech/terraform/issues/5
function tooFewZones(least: number): Refusal {
  return least === 1
    ? refusal('ValidationError', 'At least one subnet must be specified', 'subnets')
    : refusal(
        'ValidationError',
        'At least two subnets in two different Availability Zones must be specified',
        'subnets',
      );
}

function networkProblems(question: Question): Refusal[] {
  const { place, inputs, cloud } = question;
  const subnets = subnetsOf(inputs).map((id) => cloud.get(subnetType, id, place));
  if (subnets.some((subnet) => subnet === undefined)) return [];
  const zones = subnets.map((subnet) => subnet && textOf(subnet, 'availabilityZone'));
  const vpc = vpcOf(subnets);
  if (vpc === undefined) return [];
  // The text is a paraphrase; the code is the documented one.
  if (subnets.some((subnet) => subnet && textOf(subnet, 'vpcId') !== vpc))
    return [refusal('InvalidSubnet', `All subnets must belong to the same VPC: '${vpc}'`, 'subnets')];
  // https://github.com/robertdebock/terraform-aws-vault/issues/5
  if (new Set(zones).size < zones.length)
    return [
      refusal(
        'InvalidConfigurationRequest',
        'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
        'subnets',
      ),
    ];
  const groups = textsAt(inputs, 'securityGroups').map((id) =>
    cloud.get('aws:ec2/securityGroup:SecurityGroup', id, place),
  );
  if (groups.some((group) => group !== undefined && textOf(group, 'vpcId') !== vpc))
    return [
      refusal('InvalidConfigurationRequest', 'One or more security groups are invalid', 'securityGroups'),
    ];
  const open = cloud.all(internetGatewayType, place).some((gateway) => textOf(gateway, 'vpcId') === vpc);
  // https://github.com/openshift/installer/issues/1110
  return open || flagAt(inputs, 'internal') === true
    ? []
    : [refusal('InvalidSubnet', `VPC ${vpc} has no internet gateway`)];
}
