import type { Kind } from '../../../ops/twin/kind.ts';
import type { Part } from '../../../ops/twin/providers.ts';

// Three kinds that have one of everything: a network, a subnet in it, and a secret with a name. What is tested with
// them is the core; the real kinds have tests of their own.
const network: Kind = {
  type: 'aws:ec2/vpc:Vpc',
  api: {
    service: 'EC2',
    create: 'CreateVpc',
    read: 'DescribeVpcs',
    update: 'ModifyVpcAttribute',
    delete: 'DeleteVpc',
  },
  quota: {
    count: 3,
    per: 'region',
    refusal: { code: 'VpcLimitExceeded', message: 'The maximum is reached.' },
  },
  takes: { create: 2, delete: 1 },
  retries: { code: 'DependencyViolation', seconds: 300 },
  defaults: () => ({ enableDnsSupport: true }),
  check: ({ inputs }) =>
    inputs['cidrBlock'] === '0.0.0.0/0'
      ? [{ code: 'InvalidVpc.Range', message: `The CIDR '0.0.0.0/0' is invalid.`, property: 'cidrBlock' }]
      : [],
  id: (_question, random) => `vpc-${random.slice(0, 17)}`,
  outputs: ({ place }, id) => ({ ownerId: place.account, mainRouteTableId: id.replace('vpc', 'rtb') }),
  arn: (_question, id) => `vpc/${id}`,
};

const subnet: Kind = {
  type: 'aws:ec2/subnet:Subnet',
  api: {
    service: 'EC2',
    create: 'CreateSubnet',
    read: 'DescribeSubnets',
    update: 'ModifySubnetAttribute',
    delete: 'DeleteSubnet',
  },
  references: [
    {
      property: 'vpcId',
      to: 'aws:ec2/vpc:Vpc',
      missing: { code: 'InvalidVpcID.NotFound', message: "The vpc ID '{value}' does not exist" },
      blocks: {
        code: 'DependencyViolation',
        message: "The vpc '{id}' has dependencies and cannot be deleted.",
      },
    },
  ],
  takes: { create: 1 },
  check: ({ inputs, cloud, place, before }) =>
    cloud
      .all('aws:ec2/subnet:Subnet', place)
      .some(
        (each) =>
          each.id !== before?.id &&
          each.inputs['vpcId'] === inputs['vpcId'] &&
          each.inputs['cidrBlock'] === inputs['cidrBlock'],
      )
      ? [{ code: 'InvalidSubnet.Conflict', message: 'The CIDR conflicts with another subnet' }]
      : [],
  id: (_question, random) => `subnet-${random.slice(0, 17)}`,
  outputs: () => ({ availabilityZone: 'us-east-1a' }),
  arn: (_question, id) => `subnet/${id}`,
};

const parameter: Kind = {
  type: 'aws:ssm/parameter:Parameter',
  api: {
    service: 'SSM',
    create: 'PutParameter',
    read: 'GetParameter',
    update: 'PutParameter',
    delete: 'DeleteParameter',
  },
  naming: {
    property: 'name',
    maxLength: 30,
    taken: { code: 'ParameterAlreadyExists', message: 'The parameter {value} already exists.' },
  },
  check: ({ inputs }) =>
    inputs['value'] === 'forbidden-value'
      ? [{ code: 'ValidationException', message: `The value ${inputs['value']} is not allowed` }]
      : [],
  id: ({ inputs }) => inputs['name'] as string,
  outputs: ({ before }) => ({ version: before === undefined ? 1 : Number(before.outputs['version']) + 1 }),
  arn: (_question, id) => `parameter/${id}`,
  holds: ({ inputs }) =>
    inputs['description'] === 'protected'
      ? { code: 'OperationNotPermitted', message: 'The parameter is protected' }
      : undefined,
};

const text = { type: 'string' } as const;
const tags = { type: 'map', items: text } as const;

export const part: Part = {
  regional: true,
  provider: {
    name: 'aws',
    kinds: [network, subnet, parameter],
    functions: {
      'aws:index/getCallerIdentity:getCallerIdentity': (_inputs, { account }) => ({
        accountId: account,
        id: account,
      }),
    },
  },
  table: {
    provider: 'aws',
    version: '7.48.0',
    sources: [],
    types: {
      'pulumi:providers:aws': {
        inputs: {
          region: text,
          skipRegionValidation: { type: 'boolean' },
          skipCredentialsValidation: { type: 'boolean' },
          allowedAccountIds: { type: 'list', items: text },
          defaultTags: { type: 'object', fields: { tags } },
        },
        outputs: {},
        replaces: [],
        secret: [],
      },
      'aws:ec2/vpc:Vpc': {
        inputs: {
          cidrBlock: { type: 'string', required: true, pattern: String.raw`[\d.]+/\d+` },
          enableDnsSupport: { type: 'boolean' },
          enableDnsHostnames: { type: 'boolean' },
          instanceTenancy: { type: 'string', enum: ['default', 'dedicated'] },
          region: text,
          tags,
        },
        outputs: { arn: 'string', ownerId: 'string', mainRouteTableId: 'string', tagsAll: 'map' },
        replaces: ['cidrBlock'],
        secret: [],
      },
      'aws:ec2/subnet:Subnet': {
        inputs: { cidrBlock: text, vpcId: { type: 'string', required: true }, region: text, tags },
        outputs: { arn: 'string', availabilityZone: 'string', tagsAll: 'map' },
        replaces: ['cidrBlock', 'vpcId'],
        secret: [],
      },
      'aws:ssm/parameter:Parameter': {
        inputs: {
          name: text,
          namePrefix: text,
          type: { type: 'string', required: true, enum: ['String', 'SecureString'] },
          value: { type: 'string', maxLength: 40 },
          description: text,
          region: text,
        },
        outputs: { arn: 'string', version: 'number' },
        replaces: ['name'],
        secret: ['value'],
      },
    },
  },
};
