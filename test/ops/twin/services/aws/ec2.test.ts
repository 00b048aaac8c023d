import { describe, expect, it } from 'vitest';
import { ec2AddressKinds } from '../../../../../ops/twin/services/aws/ec2-addresses.ts';
import { ec2EndpointKinds } from '../../../../../ops/twin/services/aws/ec2-endpoints.ts';
import { flowLogKinds } from '../../../../../ops/twin/services/aws/ec2-flow-logs.ts';
import { ec2RouteKinds } from '../../../../../ops/twin/services/aws/ec2-routes.ts';
import { ec2Kinds } from '../../../../../ops/twin/services/aws/ec2.ts';
import { ask, fakeCloud, kindOf, made, refusals, said, type FakeThing } from '../fake-cloud.ts';

const kinds = [...ec2Kinds, ...ec2RouteKinds, ...ec2AddressKinds, ...ec2EndpointKinds, ...flowLogKinds];
const kind = (name: string) => kindOf(kinds, `aws:ec2/${name[0]?.toLowerCase()}${name.slice(1)}:${name}`);

const vpc: FakeThing = {
  type: 'aws:ec2/vpc:Vpc',
  id: 'vpc-1',
  inputs: { cidrBlock: '10.0.0.0/16', enableDnsSupport: true },
};
const igw: FakeThing = {
  type: 'aws:ec2/internetGateway:InternetGateway',
  id: 'igw-1',
  inputs: { vpcId: 'vpc-1' },
};
const subnet = (id: string, cidrBlock: string, availabilityZone = 'us-east-1a'): FakeThing => ({
  type: 'aws:ec2/subnet:Subnet',
  id,
  inputs: { vpcId: 'vpc-1', cidrBlock, availabilityZone },
});
const table: FakeThing = { type: 'aws:ec2/routeTable:RouteTable', id: 'rtb-1', inputs: { vpcId: 'vpc-1' } };
const eip: FakeThing = {
  type: 'aws:ec2/eip:Eip',
  id: 'eipalloc-1',
  outputs: { publicIp: '198.18.0.9', allocationId: 'eipalloc-1' },
};

describe('a VPC', () => {
  it.each([
    ['10.0.0.0/15', "InvalidVpc.Range: The CIDR '10.0.0.0/15' is invalid."],
    ['10.0.0.0/29', "InvalidVpc.Range: The CIDR '10.0.0.0/29' is invalid."],
    ['10.0.0.1/16', "InvalidVpc.Range: The CIDR '10.0.0.1/16' is invalid."],
    [
      'home',
      'InvalidParameterValue: Value (home) for parameter cidrBlock is invalid. This is not a valid CIDR block.',
    ],
  ])('refuses %s', (cidrBlock, message) => {
    expect(said(kind('Vpc'), ask({ cidrBlock }))).toEqual([message]);
  });

  it.each(['10.0.0.0/16', '10.0.0.0/28'])('takes %s', (cidrBlock) => {
    expect(said(kind('Vpc'), ask({ cidrBlock }))).toEqual([]);
  });

  it('needs a block, unless it is known only later', () => {
    expect(said(kind('Vpc'), ask({}))).toEqual([
      'MissingParameter: Either CidrBlock or Ipv4IpamPoolId must be provided',
    ]);
    expect(said(kind('Vpc'), ask({}, { unknown: ['cidrBlock'] }))).toEqual([]);
  });

  it('comes with a security group, a route table and an ACL of its own', () => {
    const { id, outputs } = made(kind('Vpc'), ask({ cidrBlock: '10.0.0.0/16' }));
    expect(id).toMatch(/^vpc-[0-9a-f]{17}$/);
    expect(outputs).toMatchObject({
      arn: `vpc/${id}`,
      ownerId: '123456789012',
      defaultSecurityGroupId: expect.stringMatching(/^sg-[0-9a-f]{17}$/) as string,
      enableDnsHostnames: false,
    });
  });
});

describe('a subnet', () => {
  const inputs = { vpcId: 'vpc-1', cidrBlock: '10.0.1.0/24', availabilityZone: 'us-east-1b' };

  it('must lie in its VPC', () => {
    const question = ask({ ...inputs, cidrBlock: '10.1.0.0/24' }, { things: [vpc] });
    expect(said(kind('Subnet'), question)).toEqual([
      "InvalidSubnet.Range: The CIDR '10.1.0.0/24' is invalid.",
    ]);
  });

  it.each(['10.0.1.0/24', '10.0.0.0/20', '10.0.1.128/25'])('must not lie over another: %s', (cidrBlock) => {
    const question = ask({ ...inputs, cidrBlock }, { things: [vpc, subnet('subnet-9', '10.0.1.0/24')] });
    expect(said(kind('Subnet'), question)).toEqual([
      `InvalidSubnet.Conflict: The CIDR '${cidrBlock}' conflicts with another subnet`,
    ]);
  });

  it('may lie where it lay before, where another VPC has one, and in preview where one is that may go', () => {
    const there = subnet('subnet-9', '10.0.1.0/24');
    const elsewhere = { ...there, inputs: { ...there.inputs, vpcId: 'vpc-2' } };
    expect(said(kind('Subnet'), ask(inputs, { things: [vpc, there], before: there }))).toEqual([]);
    expect(said(kind('Subnet'), ask(inputs, { things: [vpc, elsewhere] }))).toEqual([]);
    expect(said(kind('Subnet'), ask(inputs, { things: [vpc, there], preview: true }))).toEqual([]);
  });

  it('must be in a zone of its region', () => {
    const question = ask({ ...inputs, availabilityZone: 'us-west-2a' }, { things: [vpc] });
    expect(refusals(kind('Subnet'), question)).toEqual([
      {
        code: 'InvalidParameterValue',
        message:
          'Value (us-west-2a) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: us-east-1a, us-east-1b, us-east-1c, us-east-1d, us-east-1e, us-east-1f.',
        property: 'availabilityZone',
      },
    ]);
  });

  it('gets a zone where none is asked for', () => {
    const { outputs } = made(
      kind('Subnet'),
      ask({ vpcId: 'vpc-1', cidrBlock: '10.0.1.0/24' }, { things: [vpc] }),
    );
    expect(outputs).toMatchObject({ availabilityZone: 'us-east-1a', availabilityZoneId: 'use1-az1' });
  });
});

describe('an internet gateway', () => {
  it('is the only one of its VPC', () => {
    expect(said(kind('InternetGateway'), ask({ vpcId: 'vpc-1' }, { things: [vpc, igw] }))).toEqual([
      'InvalidParameterValue: Network vpc-1 already has an internet gateway attached',
    ]);
  });

  it('stays while a NAT gateway has a public address', () => {
    const nat = { type: 'aws:ec2/natGateway:NatGateway', id: 'nat-1', inputs: { subnetId: 'subnet-1' } };
    const cloud = fakeCloud([vpc, igw, subnet('subnet-1', '10.0.1.0/24'), nat]);
    const [gateway] = cloud.all('aws:ec2/internetGateway:InternetGateway', {
      account: '123456789012',
    });
    expect(gateway && kind('InternetGateway').holds?.(gateway, cloud)?.code).toBe('DependencyViolation');
    expect(gateway && kind('InternetGateway').holds?.(gateway, fakeCloud([vpc, igw]))).toBeUndefined();
  });
});

describe('a route', () => {
  const route = { routeTableId: 'rtb-1', destinationCidrBlock: '0.0.0.0/0', gatewayId: 'igw-1' };
  const things = [vpc, igw, table];

  it('is taken when it has one destination and one target', () => {
    expect(said(kind('Route'), ask(route, { things }))).toEqual([]);
  });

  it('has exactly one target and exactly one destination', () => {
    const two = said(kind('Route'), ask({ ...route, natGatewayId: 'nat-1' }, { things }));
    expect(two[0]).toContain('only one of `carrierGatewayId,');
    const none = said(
      kind('Route'),
      ask({ routeTableId: 'rtb-1', destinationCidrBlock: '0.0.0.0/0' }, { things }),
    );
    expect(none[0]).toContain('must be specified');
    const nowhere = said(kind('Route'), ask({ routeTableId: 'rtb-1', gatewayId: 'igw-1' }, { things }));
    expect(nowhere[0]).toContain('destinationCidrBlock,destinationIpv6CidrBlock');
  });

  it('waits for a target that is known only later', () => {
    const question = ask(
      { routeTableId: 'rtb-1', destinationCidrBlock: '0.0.0.0/0' },
      { things, unknown: ['natGatewayId'], preview: true },
    );
    expect(said(kind('Route'), question)).toEqual([]);
  });

  it('is the only one to its destination', () => {
    const other = { type: 'aws:ec2/route:Route', id: 'r-1', inputs: { ...route, gatewayId: 'local' } };
    expect(said(kind('Route'), ask(route, { things: [...things, other] }))).toEqual([
      'RouteAlreadyExists: Route in Route Table (rtb-1) with destination (0.0.0.0/0) already exists',
    ]);
  });

  it('leads to a gateway that exists, of the same VPC', () => {
    expect(said(kind('Route'), ask({ ...route, gatewayId: 'igw-9' }, { things }))).toEqual([
      "InvalidGatewayID.NotFound: The gateway ID 'igw-9' does not exist",
    ]);
    const foreign = { ...igw, id: 'igw-2', inputs: { vpcId: 'vpc-2' } };
    const question = ask({ ...route, gatewayId: 'igw-2' }, { things: [...things, foreign] });
    expect(said(kind('Route'), question)).toEqual([
      'InvalidParameterValue: route table rtb-1 and network gateway igw-2 belong to different networks',
    ]);
  });
});

describe('an association of a route table', () => {
  const things = [vpc, table, subnet('subnet-1', '10.0.1.0/24')];

  it('is the only one of a subnet', () => {
    const other = {
      type: 'aws:ec2/routeTableAssociation:RouteTableAssociation',
      id: 'rtbassoc-1',
      inputs: { subnetId: 'subnet-1', routeTableId: 'rtb-2' },
    };
    const inputs = { routeTableId: 'rtb-1', subnetId: 'subnet-1' };
    expect(said(kind('RouteTableAssociation'), ask(inputs, { things }))).toEqual([]);
    expect(said(kind('RouteTableAssociation'), ask(inputs, { things: [...things, other] }))).toEqual([
      'Resource.AlreadyAssociated: the specified association for route table rtb-1 conflicts with an existing association',
    ]);
  });

  it('joins what is in one VPC', () => {
    const foreign = { ...table, id: 'rtb-2', inputs: { vpcId: 'vpc-2' } };
    const question = ask({ routeTableId: 'rtb-2', subnetId: 'subnet-1' }, { things: [...things, foreign] });
    expect(said(kind('RouteTableAssociation'), question)).toEqual([
      'InvalidParameterValue: route table rtb-2 and subnet subnet-1 belong to different networks',
    ]);
  });
});

describe('a NAT gateway', () => {
  const inputs = { subnetId: 'subnet-1', allocationId: 'eipalloc-1' };
  const things = [vpc, igw, eip, subnet('subnet-1', '10.0.1.0/24')];

  it('takes the address of its allocation and one of its subnet', () => {
    expect(said(kind('NatGateway'), ask(inputs, { things }))).toEqual([]);
    const { outputs } = made(kind('NatGateway'), ask(inputs, { things }));
    expect(outputs).toMatchObject({ publicIp: '198.18.0.9', vpcId: 'vpc-1' });
    expect(outputs['privateIp']).toMatch(/^10\.0\.1\.\d+$/);
  });

  it('needs an allocation where it is public, and takes none where it is private', () => {
    expect(said(kind('NatGateway'), ask({ subnetId: 'subnet-1' }, { things }))).toEqual([
      'MissingParameter: The request must contain the parameter AllocationId',
    ]);
    const question = ask({ ...inputs, connectivityType: 'private' }, { things });
    expect(said(kind('NatGateway'), question)).toEqual([
      'InvalidParameterCombination: `allocation_id` is not supported with connectivity_type = "private"',
    ]);
  });

  it('needs an internet gateway in its VPC', () => {
    const question = ask(inputs, { things: things.filter((thing) => thing !== igw) });
    expect(said(kind('NatGateway'), question)).toEqual([
      'Gateway.NotAttached: Network vpc-1 has no Internet gateway attached',
    ]);
  });

  it('has an address to itself', () => {
    const other = { type: 'aws:ec2/natGateway:NatGateway', id: 'nat-1', inputs };
    expect(said(kind('NatGateway'), ask(inputs, { things: [...things, other] }))).toEqual([
      'Resource.AlreadyAssociated: Elastic IP address [eipalloc-1] is already associated',
    ]);
  });
});

describe('an endpoint of a VPC', () => {
  const dns = { ...vpc, outputs: { enableDnsHostnames: true } };
  const interfaceInputs = {
    vpcId: 'vpc-1',
    serviceName: 'com.amazonaws.us-east-1.ecr.api',
    vpcEndpointType: 'Interface',
    privateDnsEnabled: true,
    subnetIds: ['subnet-1', 'subnet-2'],
  };
  const things = [dns, subnet('subnet-1', '10.0.1.0/24'), subnet('subnet-2', '10.0.2.0/24', 'us-east-1b')];

  it('is taken with a subnet in each zone', () => {
    expect(said(kind('VpcEndpoint'), ask(interfaceInputs, { things }))).toEqual([]);
  });

  it.each([
    [
      { serviceName: 'com.amazonaws.us-east-1.nothing' },
      "InvalidServiceName: The Vpc Endpoint Service 'com.amazonaws.us-east-1.nothing' does not exist",
    ],
    [
      { serviceName: 'com.amazonaws.eu-west-1.ecr.api' },
      "InvalidServiceName: The Vpc Endpoint Service 'com.amazonaws.eu-west-1.ecr.api' does not exist",
    ],
    [
      { vpcEndpointType: 'Gateway', subnetIds: [], privateDnsEnabled: false },
      'InvalidParameter: Endpoint type (Gateway) does not match available service types ([Interface]).',
    ],
    [
      { routeTableIds: ['rtb-1'] },
      'InvalidParameter: routeTableIds is only supported for Gateway type VPC Endpoint.',
    ],
  ])('refuses %j', (change, message) => {
    expect(said(kind('VpcEndpoint'), ask({ ...interfaceInputs, ...change }, { things }))).toContain(message);
  });

  it('of a gateway may say that it has no subnets and no private names', () => {
    const inputs = {
      vpcId: 'vpc-1',
      serviceName: 'com.amazonaws.us-east-1.s3',
      subnetIds: [],
      privateDnsEnabled: false,
    };
    expect(said(kind('VpcEndpoint'), ask(inputs, { things }))).toEqual([]);
    expect(said(kind('VpcEndpoint'), ask({ ...inputs, subnetIds: ['subnet-1'] }, { things }))).toEqual([
      'InvalidParameter: subnetIds is only supported for Interface type VPC Endpoint.',
    ]);
  });

  it('has one subnet in a zone', () => {
    const same = [dns, subnet('subnet-1', '10.0.1.0/24'), subnet('subnet-2', '10.0.2.0/24')];
    expect(said(kind('VpcEndpoint'), ask(interfaceInputs, { things: same }))[0]).toMatch(
      /^DuplicateSubnetsInSameZone: Found another VPC endpoint subnet in the availability zone of subnet-2\./,
    );
  });

  it('has private names only where the VPC has DNS, and only once', () => {
    const without = [vpc, ...things.slice(1)];
    expect(said(kind('VpcEndpoint'), ask(interfaceInputs, { things: without }))).toEqual([
      'InvalidParameter: Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for vpc-1',
    ]);
    const other = { type: 'aws:ec2/vpcEndpoint:VpcEndpoint', id: 'vpce-1', inputs: interfaceInputs };
    expect(said(kind('VpcEndpoint'), ask(interfaceInputs, { things: [...things, other] }))).toEqual([
      'InvalidParameter: private-dns-enabled cannot be set because there is already a conflicting DNS domain for api.ecr.us-east-1.amazonaws.com in the VPC vpc-1',
    ]);
  });

  it('of a gateway gives a table one route to its list', () => {
    const inputs = { vpcId: 'vpc-1', serviceName: 'com.amazonaws.us-east-1.s3', routeTableIds: ['rtb-1'] };
    const { id, outputs } = made(kind('VpcEndpoint'), ask(inputs, { things }));
    expect(outputs['prefixListId']).toBe('pl-63a5400a');
    const other = { type: 'aws:ec2/vpcEndpoint:VpcEndpoint', id, inputs, outputs };
    expect(said(kind('VpcEndpoint'), ask(inputs, { things: [...things, other] }))).toEqual([
      'RouteAlreadyExists: route table rtb-1 already has a route with destination-prefix-list-id pl-63a5400a',
    ]);
  });
});

describe('a flow log', () => {
  const inputs = {
    vpcId: 'vpc-1',
    trafficType: 'ALL',
    logDestination: 'arn:aws:logs:us-east-1:123456789012:log-group:flows',
    iamRoleArn: 'arn:aws:iam::123456789012:role/flows',
  };

  it.each([
    [
      { iamRoleArn: null },
      "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
    ],
    [{ logDestinationType: 's3' }, 'DeliverLogsPermissionArn is not applicable for s3 delivery'],
    [{ subnetId: 'subnet-1' }, 'only one of `eniId,'],
    [{ vpcId: null }, 'must be specified'],
    [{ trafficType: null }, 'The request must contain the parameter TrafficType'],
  ])('refuses %j', (change, message) => {
    expect(said(kind('FlowLog'), ask({ ...inputs, ...change }))[0]).toContain(message);
  });

  it('is the only one of a VPC to a destination', () => {
    const other = { type: 'aws:ec2/flowLog:FlowLog', id: 'fl-1', inputs };
    expect(said(kind('FlowLog'), ask(inputs))).toEqual([]);
    expect(said(kind('FlowLog'), ask(inputs, { things: [other] }))).toEqual([
      'FlowLogAlreadyExists: Error. There is an existing Flow Log with the same configuration and log destination.',
    ]);
  });
});
