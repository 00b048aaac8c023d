import type { Kind, Question, Refusal, Values } from '../../kind.ts';
import { digitsOf, exactlyOne, hexOf, onCall, others, refusal, textAt, textOf } from '../values.ts';
import { isIpv6Cidr, isNetwork, parseCidr } from './cidr.ts';
import { internetGatewayType, subnetType } from './ec2.ts';
import { loosely, toRouteTable, toSubnet, toVpc } from './references.ts';

export const routeTableType = 'aws:ec2/routeTable:RouteTable';
export const routeType = 'aws:ec2/route:Route';
export const associationType = 'aws:ec2/routeTableAssociation:RouteTableAssociation';

const destinations = ['destinationCidrBlock', 'destinationIpv6CidrBlock', 'destinationPrefixListId'];
const targets = [
  'carrierGatewayId',
  'coreNetworkArn',
  'egressOnlyGatewayId',
  'gatewayId',
  'localGatewayId',
  'natGatewayId',
  'networkInterfaceId',
  'odbNetworkArn',
  'transitGatewayId',
  'vpcEndpointId',
  'vpcPeeringConnectionId',
];

const routeTable: Kind = {
  type: routeTableType,
  api: {
    service: 'EC2',
    create: 'CreateRouteTable',
    read: 'DescribeRouteTables',
    update: 'ReplaceRoute',
    delete: 'DeleteRouteTable',
  },
  references: [toVpc('vpcId')],
  takes: { create: 1, delete: 1 },
  id: (_question, random) => `rtb-${hexOf(random, 17)}`,
  outputs: ({ place }) => ({ ownerId: place.account, propagatingVgws: [], routes: [] }),
  arn: (_question, id) => `route-table/${id}`,
};

const route: Kind = {
  type: routeType,
  api: {
    service: 'EC2',
    create: 'CreateRoute',
    read: 'DescribeRouteTables',
    update: 'ReplaceRoute',
    delete: 'DeleteRoute',
  },
  references: [
    loosely(toRouteTable('routeTableId')),
    {
      property: 'natGatewayId',
      to: 'aws:ec2/natGateway:NatGateway',
      missing: {
        code: 'InvalidNatGatewayID.NotFound',
        message: "The natGateway ID '{value}' does not exist",
      },
    },
  ],
  takes: { create: 1, delete: 1 },
  check: (question) => [
    ...exactlyOne(question, destinations),
    ...exactlyOne(question, targets),
    ...destinationProblems(question),
    ...onCall(question, () => [...gatewayProblems(question), ...takenProblems(question)]),
  ],
  // The provider makes the id up: `r-`, the table, a hash of the destination.
  id: ({ inputs }) => `r-${textAt(inputs, 'routeTableId') ?? ''}${digitsOf(destinationOf(inputs) ?? '', 10)}`,
  importedBy: ({ inputs }) => `${textAt(inputs, 'routeTableId') ?? ''}_${destinationOf(inputs) ?? ''}`,
  outputs: () => ({
    instanceId: '',
    instanceOwnerId: '',
    networkInterfaceId: '',
    origin: 'CreateRoute',
    state: 'active',
  }),
};

const association: Kind = {
  type: associationType,
  api: {
    service: 'EC2',
    create: 'AssociateRouteTable',
    read: 'DescribeRouteTables',
    update: 'ReplaceRouteTableAssociation',
    delete: 'DisassociateRouteTable',
  },
  references: [toRouteTable('routeTableId'), loosely(toSubnet('subnetId'))],
  takes: { create: 1, delete: 1 },
  check: (question) => [
    ...exactlyOne(question, ['gatewayId', 'subnetId']),
    ...onCall(question, () => [...differentNetworks(question), ...associatedProblems(question)]),
  ],
  id: (_question, random) => `rtbassoc-${hexOf(random, 17)}`,
  importedBy: ({ inputs }) =>
    `${textAt(inputs, 'subnetId') ?? textAt(inputs, 'gatewayId') ?? ''}/${textAt(inputs, 'routeTableId') ?? ''}`,
  outputs: () => ({}),
};

export const ec2RouteKinds: readonly Kind[] = [routeTable, route, association];

function destinationOf(inputs: Values): string | undefined {
  return destinations.map((name) => textAt(inputs, name)).find((value) => value !== undefined);
}

function destinationProblems({ inputs }: Question): Refusal[] {
  const block = textAt(inputs, 'destinationCidrBlock');
  const parsed = parseCidr(block ?? '');
  const ipv6 = textAt(inputs, 'destinationIpv6CidrBlock');
  return [
    ...(block === undefined || (parsed !== undefined && isNetwork(parsed))
      ? []
      : [
          refusal(
            'InvalidParameterValue',
            `Value (${block}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`,
            'destinationCidrBlock',
          ),
        ]),
    ...(ipv6 === undefined || isIpv6Cidr(ipv6)
      ? []
      : [
          refusal(
            'InvalidParameterValue',
            `Value (${ipv6}) for parameter destinationIpv6CidrBlock is invalid. This is not a valid CIDR block.`,
            'destinationIpv6CidrBlock',
          ),
        ]),
  ];
}

/** An internet gateway that does not exist or serves another VPC. Virtual private gateways are not played. */
function gatewayProblems({ place, inputs, cloud }: Question): Refusal[] {
  const id = textAt(inputs, 'gatewayId');
  const tableId = textAt(inputs, 'routeTableId');
  if (id === undefined || tableId === undefined || id === 'local') return [];
  const gateway = cloud.get(internetGatewayType, id, place);
  if (gateway === undefined)
    return [refusal('InvalidGatewayID.NotFound', `The gateway ID '${id}' does not exist`, 'gatewayId')];
  const table = cloud.get(routeTableType, tableId, place);
  return table !== undefined && textOf(table, 'vpcId') !== textOf(gateway, 'vpcId')
    ? [
        refusal(
          'InvalidParameterValue',
          `route table ${tableId} and network gateway ${id} belong to different networks`,
          'gatewayId',
        ),
      ]
    : [];
}

function takenProblems(question: Question): Refusal[] {
  const wanted = destinationOf(question.inputs);
  const table = textAt(question.inputs, 'routeTableId');
  const taken = others(question, routeType).some(
    (each) => textOf(each, 'routeTableId') === table && destinationOf(each.inputs) === wanted,
  );
  // The provider looks before it sends, and says this in its own words.
  return taken && wanted !== undefined
    ? [
        refusal(
          'RouteAlreadyExists',
          `Route in Route Table (${table}) with destination (${wanted}) already exists`,
        ),
      ]
    : [];
}

function differentNetworks({ place, inputs, cloud }: Question): Refusal[] {
  const table = cloud.get(routeTableType, textAt(inputs, 'routeTableId') ?? '', place);
  const subnet = cloud.get(subnetType, textAt(inputs, 'subnetId') ?? '', place);
  if (table === undefined || subnet === undefined || textOf(table, 'vpcId') === textOf(subnet, 'vpcId'))
    return [];
  return [
    refusal(
      'InvalidParameterValue',
      `route table ${table.id} and subnet ${subnet.id} belong to different networks`,
      'subnetId',
    ),
  ];
}

// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route_table_association quotes the text.
function associatedProblems(question: Question): Refusal[] {
  const subnet = textAt(question.inputs, 'subnetId');
  const taken = others(question, associationType).some((each) => textOf(each, 'subnetId') === subnet);
  return taken && subnet !== undefined
    ? [
        refusal(
          'Resource.AlreadyAssociated',
          `the specified association for route table ${textAt(question.inputs, 'routeTableId')} conflicts with an existing association`,
        ),
      ]
    : [];
}
