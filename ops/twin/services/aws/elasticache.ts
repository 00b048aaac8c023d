import type { Kind, Question, Refusal, Values } from '../../kind.ts';
import { flagAt, hexOf, numberAt, refusal, textAt, textOf } from '../values.ts';
import {
  accessProblems,
  cacheEngineProblems,
  failoverProblems,
  groupIdProblems,
  isClustered,
  placementProblems,
  usualVersions,
} from './elasticache-checks.ts';
import { cacheFamily, cacheSubnetGroupType, elasticacheGroupKinds } from './elasticache-groups.ts';
import { elasticacheUserKinds, userGroupType } from './elasticache-users.ts';
import { keyArn } from './kms-lookup.ts';
import { toSecurityGroup } from './references.ts';

export const replicationGroupType = 'aws:elasticache/replicationGroup:ReplicationGroup';

const replicationGroup: Kind = {
  type: replicationGroupType,
  api: {
    service: 'ElastiCache',
    create: 'CreateReplicationGroup',
    read: 'DescribeReplicationGroups',
    update: 'ModifyReplicationGroup',
    delete: 'DeleteReplicationGroup',
  },
  naming: {
    property: 'replicationGroupId',
    maxLength: 40,
    lowercase: true,
    taken: {
      code: 'ReplicationGroupAlreadyExists',
      message: 'Replication group {value} already exists.',
    },
  },
  references: [
    {
      property: 'subnetGroupName',
      to: cacheSubnetGroupType,
      missing: {
        code: 'CacheSubnetGroupNotFoundFault',
        message: 'Cache Subnet Group {value} does not exist.',
      },
      blocks: {
        code: 'CacheSubnetGroupInUse',
        message: 'Cache subnet group {id} is currently in use by a cache cluster.',
      },
    },
    {
      property: 'userGroupIds.*',
      to: userGroupType,
      missing: { code: 'UserGroupNotFound', message: 'User group {value} not found.' },
    },
    toSecurityGroup('securityGroupIds.*', 'InvalidParameterValue'),
  ],
  takes: { create: 600, update: 300, delete: 300 },
  replaces: [
    'atRestEncryptionEnabled',
    'dataTieringEnabled',
    'kmsKeyId',
    'port',
    'preferredCacheClusterAzs',
    'replicationGroupId',
    'securityGroupNames',
    'snapshotArns',
    'snapshotName',
    'subnetGroupName',
    'networkType',
  ],
  updates: [
    'engine',
    'engineVersion',
    'nodeType',
    'numCacheClusters',
    'numNodeGroups',
    'replicasPerNodeGroup',
    'authToken',
    'transitEncryptionMode',
  ],
  secret: ['authToken'],
  defaults: () => ({ autoMinorVersionUpgrade: true, multiAzEnabled: false, automaticFailoverEnabled: false }),
  check: (question) => [
    ...groupIdProblems(question),
    ...cacheEngineProblems(question),
    ...failoverProblems(question),
    ...accessProblems(question),
    ...placementProblems(question),
  ],
  id: ({ inputs }) => (textAt(inputs, 'replicationGroupId') ?? '').toLowerCase(),
  outputs: groupOutputs,
  arn: (_question, id) => `replicationgroup:${id}`,
};

const globalReplicationGroup: Kind = {
  type: 'aws:elasticache/globalReplicationGroup:GlobalReplicationGroup',
  api: {
    service: 'ElastiCache',
    create: 'CreateGlobalReplicationGroup',
    read: 'DescribeGlobalReplicationGroups',
    update: 'ModifyGlobalReplicationGroup',
    delete: 'DeleteGlobalReplicationGroup',
  },
  references: [
    {
      property: 'primaryReplicationGroupId',
      to: replicationGroupType,
      missing: { code: 'ReplicationGroupNotFoundFault', message: 'ReplicationGroup {value} not found.' },
      blocks: {
        code: 'InvalidReplicationGroupState',
        message:
          'Replication group {id} is the primary of a global replication group and must be disassociated before it is deleted.',
      },
    },
  ],
  takes: { create: 900, delete: 600 },
  replaces: ['globalReplicationGroupIdSuffix', 'primaryReplicationGroupId'],
  updates: ['automaticFailoverEnabled', 'cacheNodeType', 'engineVersion', 'numNodeGroups'],
  check: globalProblems,
  id: ({ inputs, place }) =>
    `${prefixes[place.region] ?? 'twndf'}-${textAt(inputs, 'globalReplicationGroupIdSuffix') ?? ''}`,
  outputs(question, id) {
    const primary = primaryOf(question);
    return {
      globalReplicationGroupId: id,
      atRestEncryptionEnabled: flagAt(primary?.inputs ?? {}, 'atRestEncryptionEnabled') ?? false,
      authTokenEnabled: textAt(primary?.inputs ?? {}, 'authToken') !== undefined,
      automaticFailoverEnabled: flagAt(primary?.inputs ?? {}, 'automaticFailoverEnabled') ?? false,
      cacheNodeType: textAt(primary?.inputs ?? {}, 'nodeType') ?? '',
      clusterEnabled: primary?.outputs['clusterEnabled'] === true,
      engine: (primary && textOf(primary, 'engine')) ?? '',
      engineVersion: (primary && textOf(primary, 'engineVersion')) ?? '',
      engineVersionActual: (primary && textOf(primary, 'engineVersionActual')) ?? '',
      globalNodeGroups: [],
      numNodeGroups: numberAt(primary?.inputs ?? {}, 'numNodeGroups') ?? 1,
      transitEncryptionEnabled: flagAt(primary?.inputs ?? {}, 'transitEncryptionEnabled') ?? false,
    };
  },
  arn: ({ place }, id) => `arn:aws:elasticache::${place.account}:globalreplicationgroup:${id}`,
};

/** Caches, their groups and their users. */
export const elasticacheKinds: readonly Kind[] = [
  replicationGroup,
  ...elasticacheUserKinds,
  globalReplicationGroup,
  ...elasticacheGroupKinds,
];

// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Clusters-Console.html
const prefixes: Readonly<Record<string, string>> = {
  'us-east-1': 'ldgnf',
  'us-east-2': 'fpkhr',
  'us-west-2': 'sgaui',
  'eu-west-1': 'gxeiz',
  'ap-southeast-1': 'mdjqs',
};

function groupOutputs(question: Question, id: string): Values {
  const { inputs, place } = question;
  const engine = textAt(inputs, 'engine') ?? 'redis';
  const version = textAt(inputs, 'engineVersion') ?? usualVersions[engine] ?? '';
  const clustered = isClustered(question);
  const shards = numberAt(inputs, 'numNodeGroups') ?? 1;
  const nodes =
    numberAt(inputs, 'numCacheClusters') ?? shards * ((numberAt(inputs, 'replicasPerNodeGroup') ?? 0) + 1);
  const tls = flagAt(inputs, 'transitEncryptionEnabled') === true;
  const host = `${hexOf(`${place.account} cache`, 6)}.${place.region.replaceAll('-', '').slice(0, 4)}1.cache.amazonaws.com`;
  const key = textAt(inputs, 'kmsKeyId');
  return {
    replicationGroupId: id,
    applyImmediately: false,
    nodeGroupConfigurations: [],
    clusterEnabled: clustered,
    clusterMode: clustered ? 'enabled' : 'disabled',
    configurationEndpointAddress: clustered ? `${tls ? 'clustercfg.' : ''}${id}.${host}` : '',
    primaryEndpointAddress: clustered ? '' : `${tls ? 'master.' : ''}${id}.${host}`,
    readerEndpointAddress: clustered ? '' : `${tls ? 'replica.' : ''}${id}.${host}`,
    memberClusters: Array.from({ length: nodes }, (_, index) =>
      clustered
        ? `${id}-${String(Math.floor(index / (nodes / shards)) + 1).padStart(4, '0')}-${String((index % (nodes / shards)) + 1).padStart(3, '0')}`
        : `${id}-${String(index + 1).padStart(3, '0')}`,
    ),
    engine,
    engineVersion: version,
    engineVersionActual: version.split('.').length < 3 ? `${version}.0` : version,
    // Valkey is encrypted at rest unless told otherwise, Redis is not.
    atRestEncryptionEnabled: engine === 'valkey',
    transitEncryptionEnabled: engine === 'valkey',
    transitEncryptionMode: tls ? 'required' : '',
    parameterGroupName: `default.${cacheFamily(engine, version)}${clustered ? '.cluster.on' : ''}`,
    port: 6379,
    maintenanceWindow: 'sun:05:00-sun:06:00',
    snapshotWindow: '03:00-04:00',
    snapshotRetentionLimit: 0,
    networkType: 'ipv4',
    ipDiscovery: 'ipv4',
    dataTieringEnabled: false,
    globalReplicationGroupId: '',
    numCacheClusters: nodes,
    numNodeGroups: shards,
    replicasPerNodeGroup: nodes / shards - 1,
    kmsKeyId: key === undefined ? '' : keyArn(question, key),
    securityGroupIds: [],
    securityGroupNames: [],
    subnetGroupName: 'default',
  };
}

function primaryOf({ inputs, cloud, place }: Question): ReturnType<Question['cloud']['get']> {
  return cloud.get(replicationGroupType, textAt(inputs, 'primaryReplicationGroupId') ?? '', place);
}

// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-Getting-Started.html
function globalProblems(question: Question): readonly Refusal[] {
  const nodeType = textAt(primaryOf(question)?.inputs ?? {}, 'nodeType');
  return nodeType !== undefined && /^cache\.(t\d|m[1-4]|r[1-4])/.test(nodeType)
    ? [
        refusal(
          'InvalidParameterValue',
          `Global Datastore is not supported for cache node type ${nodeType}.`,
          'primaryReplicationGroupId',
        ),
      ]
    : [];
}
