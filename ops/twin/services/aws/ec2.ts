import type { Kind, Question, Refusal } from '../../kind.ts';
import { flagAt, hexOf, isGiven, onCall, others, refusal, textAt, textOf } from '../values.ts';
import { contains, isNetwork, overlaps, parseCidr } from './cidr.ts';
import { toVpc } from './references.ts';
import { zoneId, zonesOf } from './regions.ts';

export const vpcType = 'aws:ec2/vpc:Vpc';
export const subnetType = 'aws:ec2/subnet:Subnet';
export const internetGatewayType = 'aws:ec2/internetGateway:InternetGateway';

const vpc: Kind = {
  type: vpcType,
  api: {
    service: 'EC2',
    create: 'CreateVpc',
    read: 'DescribeVpcs',
    update: 'ModifyVpcAttribute',
    delete: 'DeleteVpc',
  },
  quota: {
    count: 5,
    per: 'region',
    refusal: { code: 'VpcLimitExceeded', message: 'The maximum number of VPCs has been reached.' },
  },
  takes: { create: 2, delete: 1 },
  retries: { code: 'DependencyViolation', seconds: 300 },
  defaults: () => ({ enableDnsSupport: true, instanceTenancy: 'default' }),
  check: (question) => [
    ...tenancyProblems(question),
    ...(isGiven(question, 'cidrBlock') || isGiven(question, 'ipv4IpamPoolId')
      ? blockProblems(question, 'InvalidVpc.Range')
      : [refusal('MissingParameter', 'Either CidrBlock or Ipv4IpamPoolId must be provided', 'cidrBlock')]),
  ],
  id: (_question, random) => `vpc-${hexOf(random, 17)}`,
  outputs: ({ place, inputs }, id) => ({
    ownerId: place.account,
    defaultNetworkAclId: `acl-${hexOf(`${id} acl`, 17)}`,
    defaultRouteTableId: `rtb-${hexOf(`${id} rtb`, 17)}`,
    defaultSecurityGroupId: defaultGroupOf(id),
    mainRouteTableId: `rtb-${hexOf(`${id} rtb`, 17)}`,
    dhcpOptionsId: `dopt-${hexOf(`${place.account} ${place.region}`, 17)}`,
    enableDnsHostnames: false,
    enableNetworkAddressUsageMetrics: false,
    ipv6AssociationId:
      flagAt(inputs, 'assignGeneratedIpv6CidrBlock') === true ? `vpc-cidr-assoc-${hexOf(id, 17)}` : '',
    ipv6CidrBlock: '',
    ipv6CidrBlockNetworkBorderGroup: '',
  }),
  arn: (_question, id) => `vpc/${id}`,
};

const subnet: Kind = {
  type: subnetType,
  api: {
    service: 'EC2',
    create: 'CreateSubnet',
    read: 'DescribeSubnets',
    update: 'ModifySubnetAttribute',
    delete: 'DeleteSubnet',
  },
  references: [toVpc('vpcId')],
  takes: { create: 1, delete: 1 },
  retries: { code: 'DependencyViolation', seconds: 1200 },
  defaults: () => ({
    assignIpv6AddressOnCreation: false,
    enableDns64: false,
    enableResourceNameDnsARecordOnLaunch: false,
    enableResourceNameDnsAaaaRecordOnLaunch: false,
    ipv6Native: false,
    mapPublicIpOnLaunch: false,
  }),
  check: (question) => [
    ...blockProblems(question, 'InvalidSubnet.Range'),
    ...zoneProblems(question),
    ...onCall(question, () => rangeProblems(question)),
  ],
  id: (_question, random) => `subnet-${hexOf(random, 17)}`,
  outputs: ({ place, inputs }, id) => {
    const wanted = textAt(inputs, 'availabilityZoneId');
    const zones = zonesOf(place.region);
    const byId = zones.find((zone) => zoneId(place.region, zone) === wanted);
    // Without a wish EC2 chooses; here it is the first.
    const zone = textAt(inputs, 'availabilityZone') ?? byId ?? zones[0] ?? '';
    return {
      availabilityZone: zone,
      availabilityZoneId: zoneId(place.region, zone),
      ownerId: place.account,
      privateDnsHostnameTypeOnLaunch: 'ip-name',
      ipv6CidrBlock: '',
      ipv6CidrBlockAssociationId:
        textAt(inputs, 'ipv6CidrBlock') === undefined ? '' : `subnet-cidr-assoc-${hexOf(id, 17)}`,
    };
  },
  arn: (_question, id) => `subnet/${id}`,
};

const internetGateway: Kind = {
  type: internetGatewayType,
  api: {
    service: 'EC2',
    create: 'CreateInternetGateway',
    read: 'DescribeInternetGateways',
    update: 'AttachInternetGateway',
    delete: 'DeleteInternetGateway',
  },
  references: [toVpc('vpcId')],
  quota: {
    count: 5,
    per: 'region',
    refusal: {
      code: 'InternetGatewayLimitExceeded',
      message: 'The maximum number of internet gateways has been reached.',
    },
  },
  takes: { create: 1, delete: 1 },
  retries: { code: 'DependencyViolation', seconds: 1200 },
  // https://github.com/terraform-aws-modules/terraform-aws-vpc/issues/282
  check: (question) =>
    onCall(question, () => {
      const wanted = textAt(question.inputs, 'vpcId');
      const taken = others(question, internetGatewayType).some((each) => textOf(each, 'vpcId') === wanted);
      return wanted !== undefined && taken
        ? [refusal('InvalidParameterValue', `Network ${wanted} already has an internet gateway attached`)]
        : [];
    }),
  id: (_question, random) => `igw-${hexOf(random, 17)}`,
  outputs: ({ place }) => ({ ownerId: place.account }),
  arn: (_question, id) => `internet-gateway/${id}`,
  // Addresses of gateways that are still there; what makes them waits for the internet gateway too, see ec2-addresses.ts.
  holds(thing, cloud) {
    const network = textOf(thing, 'vpcId') ?? '';
    const subnets = cloud.all(subnetType, thing).filter((each) => textOf(each, 'vpcId') === network);
    const mapped = cloud
      .all('aws:ec2/natGateway:NatGateway', thing)
      .filter((each) => textOf(each, 'connectivityType') !== 'private')
      .some((gateway) => subnets.some(({ id }) => id === textOf(gateway, 'subnetId')));
    return mapped
      ? refusal(
          'DependencyViolation',
          `Network ${network} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
        )
      : undefined;
  },
};

export const ec2Kinds: readonly Kind[] = [vpc, subnet, internetGateway];

/** The group that EC2 makes with a VPC. */
export function defaultGroupOf(vpcId: string): string {
  return `sg-${hexOf(`${vpcId} sg`, 17)}`;
}

/** A network cannot have the tenancy of hosts, as instances can; the words are the provider's. */
function tenancyProblems({ inputs }: Question): Refusal[] {
  const tenancy = textAt(inputs, 'instanceTenancy');
  return tenancy === undefined || ['default', 'dedicated'].includes(tenancy)
    ? []
    : [
        refusal(
          'InvalidParameterValue',
          `expected instance_tenancy to be one of ["default" "dedicated"], got ${tenancy}`,
          'instanceTenancy',
        ),
      ];
}

/** What is wrong with `cidrBlock` by itself. */
function blockProblems({ inputs }: Question, outOfRange: string): Refusal[] {
  const text = textAt(inputs, 'cidrBlock');
  if (text === undefined) return [];
  const block = parseCidr(text);
  if (block === undefined) {
    return [
      refusal(
        'InvalidParameterValue',
        `Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
        'cidrBlock',
      ),
    ];
  }
  const fits = isNetwork(block) && block.length >= 16 && block.length <= 28;
  return fits ? [] : [refusal(outOfRange, `The CIDR '${text}' is invalid.`, 'cidrBlock')];
}

/** Zones that the region does not have. Regions that the twin does not know are not judged. */
function zoneProblems({ place, inputs }: Question): Refusal[] {
  const zones = zonesOf(place.region);
  const zone = textAt(inputs, 'availabilityZone');
  if (zone === undefined || zones.length === 0 || zones.includes(zone)) return [];
  return [
    refusal(
      'InvalidParameterValue',
      `Value (${zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones.join(', ')}.`,
      'availabilityZone',
    ),
  ];
}

/** Blocks that lie outside the VPC or over another subnet's. */
function rangeProblems(question: Question): Refusal[] {
  const { place, inputs, cloud } = question;
  const network = cloud.get(vpcType, textAt(inputs, 'vpcId') ?? '', place);
  const block = parseCidr(textAt(inputs, 'cidrBlock') ?? '');
  const whole = parseCidr(network === undefined ? '' : (textOf(network, 'cidrBlock') ?? ''));
  if (network === undefined || block === undefined || whole === undefined) return [];
  const text = textAt(inputs, 'cidrBlock') ?? '';
  if (!contains(whole, block))
    return [refusal('InvalidSubnet.Range', `The CIDR '${text}' is invalid.`, 'cidrBlock')];
  const taken = others(question, subnetType)
    .filter((each) => textOf(each, 'vpcId') === network.id)
    .map((each) => parseCidr(textOf(each, 'cidrBlock') ?? ''))
    .some((other) => other !== undefined && overlaps(other, block));
  // https://github.com/hashicorp/terraform/issues/33470
  return taken ? [refusal('InvalidSubnet.Conflict', `The CIDR '${text}' conflicts with another subnet`)] : [];
}
