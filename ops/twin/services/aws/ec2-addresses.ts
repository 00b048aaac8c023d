import type { Kind, Question, Refusal, Thing } from '../../kind.ts';
import { hexOf, isGiven, onCall, others, refusal, textAt, textOf } from '../values.ts';
import { addressText, parseCidr, startOf } from './cidr.ts';
import { internetGatewayType, subnetType, vpcType } from './ec2.ts';
import { toSubnet } from './references.ts';

export const natGatewayType = 'aws:ec2/natGateway:NatGateway';
const eipType = 'aws:ec2/eip:Eip';

const eip: Kind = {
  type: eipType,
  api: {
    service: 'EC2',
    create: 'AllocateAddress',
    read: 'DescribeAddresses',
    update: 'AssociateAddress',
    delete: 'ReleaseAddress',
  },
  quota: {
    count: 5,
    per: 'region',
    refusal: {
      code: 'AddressLimitExceeded',
      message: 'The maximum number of addresses has been reached.',
    },
  },
  takes: { create: 1, delete: 1 },
  check: ({ inputs }) =>
    textAt(inputs, 'domain') === 'standard'
      ? [
          refusal(
            'UnsupportedOperation',
            'Allocating an address in EC2-Classic is no longer supported.',
            'domain',
          ),
        ]
      : [],
  id: (_question, random) => `eipalloc-${hexOf(random, 17)}`,
  outputs: ({ place }, id) => {
    const address = publicAddress(id);
    const name = address.replaceAll('.', '-');
    return {
      allocationId: id,
      ipamPoolId: '',
      publicIp: address,
      publicDns:
        place.region === 'us-east-1'
          ? `ec2-${name}.compute-1.amazonaws.com`
          : `ec2-${name}.${place.region}.compute.amazonaws.com`,
      domain: 'vpc',
      networkBorderGroup: place.region,
      publicIpv4Pool: 'amazon',
      associationId: '',
      carrierIp: '',
      customerOwnedIp: '',
      customerOwnedIpv4Pool: '',
      instance: '',
      networkInterface: '',
      privateDns: '',
      privateIp: '',
      ptrRecord: '',
    };
  },
  arn: (_question, id) => `elastic-ip/${id}`,
};

const natGateway: Kind = {
  type: natGatewayType,
  api: {
    service: 'EC2',
    create: 'CreateNatGateway',
    read: 'DescribeNatGateways',
    update: 'AssociateNatGatewayAddress',
    delete: 'DeleteNatGateway',
  },
  references: [
    toSubnet('subnetId'),
    {
      property: 'allocationId',
      to: eipType,
      missing: {
        code: 'InvalidAllocationID.NotFound',
        message: "The allocation ID '{value}' does not exist",
      },
      blocks: {
        code: 'InvalidIPAddress.InUse',
        message: "Address with allocation id '{id}' cannot be released because it is in use.",
      },
    },
  ],
  takes: { create: 95, delete: 45 },
  defaults: () => ({ connectivityType: 'public' }),
  check: (question) => [
    ...allocationProblems(question),
    ...onCall(question, () => [
      ...internetProblems(question),
      ...associatedProblems(question),
      ...zoneLimit(question),
    ]),
  ],
  id: (_question, random) => `nat-${hexOf(random, 17)}`,
  outputs: ({ place, inputs, cloud }, id) => {
    const subnet = cloud.get(subnetType, textAt(inputs, 'subnetId') ?? '', place);
    const address = cloud.get(eipType, textAt(inputs, 'allocationId') ?? '', place);
    return {
      associationId: address === undefined ? '' : `eipassoc-${hexOf(id, 17)}`,
      availabilityMode: 'zonal',
      networkInterfaceId: `eni-${hexOf(id, 17)}`,
      privateIp: privateAddress(subnet, id),
      publicIp: address === undefined ? '' : (textOf(address, 'publicIp') ?? ''),
      secondaryAllocationIds: [],
      secondaryPrivateIpAddressCount: 0,
      secondaryPrivateIpAddresses: [],
      vpcId: subnet === undefined ? '' : (textOf(subnet, 'vpcId') ?? ''),
      availabilityZoneAddresses: [],
      regionalNatGatewayAddresses: [],
      regionalNatGatewayAutoMode: '',
      autoProvisionZones: '',
      autoScalingIps: '',
      routeTableId: '',
    };
  },
};

export const ec2AddressKinds: readonly Kind[] = [eip, natGateway];

// 198.18.0.0/15 is set apart for measurements and routed nowhere (RFC 2544): no real host is ever named.
function publicAddress(seed: string): string {
  const first = startOf(parseCidr('198.18.0.0/15') ?? { address: 0, length: 0 });
  return addressText(first + (Number.parseInt(hexOf(seed, 8), 16) % 2 ** 17));
}

/** An address of a subnet that is not one of the five that AWS keeps. */
function privateAddress(subnet: Thing | undefined, seed: string): string {
  const block = parseCidr(subnet === undefined ? '' : (textOf(subnet, 'cidrBlock') ?? ''));
  if (block === undefined) return '';
  const room = 2 ** (32 - block.length) - 5;
  return addressText(startOf(block) + 4 + (Number.parseInt(hexOf(seed, 8), 16) % room));
}

function isPublic({ inputs }: Question): boolean {
  return textAt(inputs, 'connectivityType') !== 'private';
}

function allocationProblems(question: Question): Refusal[] {
  if (textAt(question.inputs, 'availabilityMode') === 'regional') return [];
  const given = isGiven(question, 'allocationId');
  if (!isGiven(question, 'subnetId'))
    return [refusal('MissingParameter', 'The request must contain the parameter subnetId', 'subnetId')];
  if (isPublic(question) && !given)
    return [
      refusal('MissingParameter', 'The request must contain the parameter AllocationId', 'allocationId'),
    ];
  // The provider refuses this before it sends anything, in these words.
  return given && !isPublic(question)
    ? [
        refusal(
          'InvalidParameterCombination',
          '`allocation_id` is not supported with connectivity_type = "private"',
          'allocationId',
        ),
      ]
    : [];
}

// https://github.com/hashicorp/terraform-provider-aws/issues/709: without a gateway the NAT gateway ends in `failed`.
function internetProblems(question: Question): Refusal[] {
  const { place, inputs, cloud } = question;
  const subnet = cloud.get(subnetType, textAt(inputs, 'subnetId') ?? '', place);
  const network = subnet === undefined ? undefined : textOf(subnet, 'vpcId');
  if (network === undefined || cloud.get(vpcType, network, place) === undefined || !isPublic(question))
    return [];
  const attached = cloud.all(internetGatewayType, place).some((each) => textOf(each, 'vpcId') === network);
  return attached
    ? []
    : [refusal('Gateway.NotAttached', `Network ${network} has no Internet gateway attached`)];
}

function associatedProblems(question: Question): Refusal[] {
  const allocation = textAt(question.inputs, 'allocationId');
  const taken = others(question, natGatewayType).some((each) => textOf(each, 'allocationId') === allocation);
  return taken && allocation !== undefined
    ? [refusal('Resource.AlreadyAssociated', `Elastic IP address [${allocation}] is already associated`)]
    : [];
}

function zoneLimit(question: Question): Refusal[] {
  const { place, inputs, cloud } = question;
  const zoneOf = (id: string) => {
    const subnet = cloud.get(subnetType, id, place);
    return subnet === undefined ? undefined : textOf(subnet, 'availabilityZone');
  };
  const zone = zoneOf(textAt(inputs, 'subnetId') ?? '');
  const there = others(question, natGatewayType).filter(
    (each) => zoneOf(textOf(each, 'subnetId') ?? '') === zone,
  );
  return zone !== undefined && there.length >= 5
    ? [
        refusal(
          'NatGatewayLimitExceeded',
          'Performing this operation would exceed the limit of 5 NAT gateways',
        ),
      ]
    : [];
}
