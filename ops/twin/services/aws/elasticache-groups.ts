import type { Kind, Question, Refusal } from '../../kind.ts';
import { isUnknown, refusal, textAt, textOf, textsAt } from '../values.ts';
import { subnetsOf, vpcsOf } from './networks.ts';

export const cacheSubnetGroupType = 'aws:elasticache/subnetGroup:SubnetGroup';
export const cacheParameterGroupType = 'aws:elasticache/parameterGroup:ParameterGroup';

// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
const families = [
  'memcached1.4',
  'memcached1.5',
  'memcached1.6',
  'redis2.8',
  'redis3.2',
  'redis4.0',
  'redis5.0',
  'redis6.x',
  'redis7',
  'valkey7',
  'valkey8',
  'valkey9',
];

const subnetGroup: Kind = {
  type: cacheSubnetGroupType,
  api: {
    service: 'ElastiCache',
    create: 'CreateCacheSubnetGroup',
    read: 'DescribeCacheSubnetGroups',
    update: 'ModifyCacheSubnetGroup',
    delete: 'DeleteCacheSubnetGroup',
  },
  naming: {
    property: 'name',
    maxLength: 255,
    lowercase: true,
    taken: { code: 'CacheSubnetGroupAlreadyExists', message: 'Cache subnet group {value} already exists.' },
  },
  references: [
    {
      property: 'subnetIds.*',
      to: 'aws:ec2/subnet:Subnet',
      missing: { code: 'InvalidSubnet', message: 'Subnet ids [{value}] are invalid.' },
    },
  ],
  takes: { create: 2 },
  replaces: ['name'],
  updates: ['subnetIds', 'description'],
  defaults: () => ({ description: 'Managed by Pulumi' }),
  check(question) {
    const vpcs = isUnknown(question, 'subnetIds')
      ? []
      : vpcsOf(subnetsOf(question, textsAt(question.inputs, 'subnetIds')));
    return [
      ...cacheNameProblems(question),
      ...(vpcs.length > 1
        ? [refusal('InvalidSubnet', 'Not all of the subnets are in the same VPC.', 'subnetIds')]
        : []),
    ];
  },
  id: ({ inputs }) => textAt(inputs, 'name') ?? '',
  outputs: (question) => ({
    vpcId: vpcsOf(subnetsOf(question, textsAt(question.inputs, 'subnetIds')))[0] ?? '',
  }),
  arn: (_question, id) => `subnetgroup:${id}`,
};

const parameterGroup: Kind = {
  type: cacheParameterGroupType,
  api: {
    service: 'ElastiCache',
    create: 'CreateCacheParameterGroup',
    read: 'DescribeCacheParameterGroups',
    update: 'ModifyCacheParameterGroup',
    delete: 'DeleteCacheParameterGroup',
  },
  naming: {
    property: 'name',
    maxLength: 255,
    lowercase: true,
    taken: {
      code: 'CacheParameterGroupAlreadyExists',
      message: 'Cache parameter group {value} already exists.',
    },
  },
  takes: { create: 2 },
  retries: { code: 'InvalidCacheParameterGroupState', seconds: 180 },
  replaces: ['name', 'family', 'description'],
  updates: ['parameters'],
  defaults: () => ({ description: 'Managed by Pulumi' }),
  check(question) {
    const family = textAt(question.inputs, 'family');
    return [
      ...cacheNameProblems(question),
      ...(family === undefined || families.includes(family)
        ? []
        : [
            refusal(
              'InvalidParameterValue',
              `CacheParameterGroupFamily ${family} is not a valid parameter group family.`,
              'family',
            ),
          ]),
    ];
  },
  id: ({ inputs }) => textAt(inputs, 'name') ?? '',
  outputs: () => ({ parameters: [] }),
  arn: (_question, id) => `parametergroup:${id}`,
  holds: ({ id, account, region }, cloud) =>
    cloud
      .all('aws:elasticache/replicationGroup:ReplicationGroup', { account, region })
      .some((each) => textOf(each, 'parameterGroupName') === id)
      ? refusal(
          'InvalidCacheParameterGroupState',
          `One or more cache clusters are still members of this parameter group ${id}, so the group cannot be deleted.`,
        )
      : undefined,
};

/** Groups that caches are put in. */
export const elasticacheGroupKinds: readonly Kind[] = [subnetGroup, parameterGroup];

function cacheNameProblems({ inputs }: Question): readonly Refusal[] {
  const name = textAt(inputs, 'name');
  return name === undefined ||
    (/^[a-z][a-z0-9-]*$/i.test(name) && !name.includes('--') && !name.endsWith('-'))
    ? []
    : [
        refusal(
          'InvalidParameterValue',
          `The parameter ${name} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`,
          'name',
        ),
      ];
}

/** The family that an engine's version needs: `valkey8` for Valkey 8.0. */
export function cacheFamily(engine: string, version: string): string {
  const [major = '', minor = ''] = version.split('.');
  if (engine === 'valkey' || Number(major) >= 7) return `${engine}${major}`;
  return Number(major) === 6 ? `${engine}6.x` : `${engine}${major}.${minor}`;
}
