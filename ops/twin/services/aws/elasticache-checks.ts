import type { Question, Refusal } from '../../kind.ts';
import { flagAt, isGiven, isUnknown, numberAt, refusal, textAt, textOf, textsAt } from '../values.ts';
import { cacheFamily, cacheParameterGroupType, cacheSubnetGroupType } from './elasticache-groups.ts';
import { keyProblems, keyRefusal } from './kms-lookup.ts';
import { strayGroup } from './networks.ts';
import { windowLength, windowsOverlap } from './windows.ts';

const combination = (message: string, property: string): readonly Refusal[] => [
  refusal('InvalidParameterCombination', message, property),
];
const value = (message: string, property: string): readonly Refusal[] => [
  refusal('InvalidParameterValue', message, property),
];

/** The version that runs where none is named. */
export const usualVersions: Readonly<Record<string, string>> = { redis: '7.1', valkey: '8.0' };

/** Whether the group is made of shards. */
export function isClustered({ inputs }: Pick<Question, 'inputs'>): boolean {
  return (
    (numberAt(inputs, 'numNodeGroups') ?? 1) > 1 ||
    textAt(inputs, 'clusterMode') === 'enabled' ||
    textAt(inputs, 'parameterGroupName')?.endsWith('.cluster.on') === true
  );
}

/** Engine, version, node type and parameter group must go together. */
export function cacheEngineProblems(question: Question): readonly Refusal[] {
  const { inputs, cloud, place, calling } = question;
  const engine = textAt(inputs, 'engine') ?? 'redis';
  const version = textAt(inputs, 'engineVersion') ?? usualVersions[engine] ?? '';
  const nodeType = textAt(inputs, 'nodeType');
  if (!(engine in usualVersions)) return value(`Invalid engine: ${engine}`, 'engine');
  const [major = 0] = version.split('.').map(Number);
  const exists =
    /^\d+\.(\d+|x)(\.\d+)?$/.test(version) &&
    (engine === 'valkey' ? major >= 7 && major <= 9 : major >= 3 && major <= 7);
  if (!exists) return combination(`Cannot find version ${version} for ${engine}`, 'engineVersion');
  if (
    nodeType !== undefined &&
    !/^cache\.[a-z][a-z0-9]*\.(micro|small|medium|large|\d*xlarge)$/.test(nodeType)
  )
    return value(`Invalid cache node type: ${nodeType}`, 'nodeType');
  if (
    nodeType === undefined &&
    !isGiven(question, 'nodeType') &&
    !isGiven(question, 'globalReplicationGroupId')
  )
    return value('The parameter CacheNodeType must be provided and must not be blank.', 'nodeType');
  const groupName = textAt(inputs, 'parameterGroupName');
  if (groupName === undefined) return [];
  const wanted = cacheFamily(engine, version);
  const group = cloud.get(cacheParameterGroupType, groupName, place);
  const family = groupName.startsWith('default.')
    ? groupName.replace(/^default\./, '').replace(/\.cluster\.on$/, '')
    : group && textOf(group, 'family');
  if (family === undefined)
    return calling === undefined
      ? []
      : [
          refusal(
            'CacheParameterGroupNotFound',
            `CacheParameterGroup ${groupName} not found.`,
            'parameterGroupName',
          ),
        ];
  // In preview a group of the program may be about to change; those of ElastiCache stay.
  const stays = calling !== undefined || groupName.startsWith('default.');
  return family === wanted || !stays
    ? []
    : combination(
        `Expected a parameter group of family ${wanted} but found one of family ${family}`,
        'parameterGroupName',
      );
}

/** How many nodes there are and what happens when one is lost. */
export function failoverProblems(question: Question): readonly Refusal[] {
  const { inputs } = question;
  if (
    ['automaticFailoverEnabled', 'numCacheClusters', 'numNodeGroups', 'multiAzEnabled'].some((each) =>
      isUnknown(question, each),
    )
  )
    return [];
  const failover = flagAt(inputs, 'automaticFailoverEnabled') === true;
  const clusters = numberAt(inputs, 'numCacheClusters');
  const replicas = numberAt(inputs, 'replicasPerNodeGroup');
  const shards = numberAt(inputs, 'numNodeGroups');
  if (clusters !== undefined && (replicas !== undefined || shards !== undefined))
    return combination(
      `"num_cache_clusters": conflicts with ${shards === undefined ? 'replicas_per_node_group' : 'num_node_groups'}`,
      'numCacheClusters',
    );
  if (clusters !== undefined && (clusters < 1 || clusters > 6))
    return value('Number of cache clusters must be between 1 and 6.', 'numCacheClusters');
  if (replicas !== undefined && (replicas < 0 || replicas > 5))
    return value('Replicas per node group must be between 0 and 5.', 'replicasPerNodeGroup');
  // The provider says this one itself.
  if (flagAt(inputs, 'multiAzEnabled') === true && !failover)
    return combination(
      'automatic_failover_enabled must be true if multi_az_enabled is true',
      'multiAzEnabled',
    );
  if (isClustered(question) && !failover)
    return combination(
      'Redis with cluster mode enabled cannot be created with auto failover turned off.',
      'automaticFailoverEnabled',
    );
  const nodes = clusters ?? (shards ?? 1) * ((replicas ?? 0) + 1);
  if (failover && !isClustered(question) && nodes < 2)
    return combination(
      'When using automatic failover, there must be at least 2 cache clusters in the replication group.',
      'automaticFailoverEnabled',
    );
  return nodes > 90 * 6
    ? combination('The number of nodes in the replication group is exceeded.', 'numNodeGroups')
    : [];
}

/** Encryption on the way, tokens and groups of users. */
export function accessProblems(question: Question): readonly Refusal[] {
  const { inputs } = question;
  const transit =
    flagAt(inputs, 'transitEncryptionEnabled') === true || isUnknown(question, 'transitEncryptionEnabled');
  const token = textAt(inputs, 'authToken');
  const tokenGiven = isGiven(question, 'authToken') || isGiven(question, 'authTokenWo');
  const users = isGiven(question, 'userGroupIds');
  // https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html; paraphrases.
  if (tokenGiven && !transit)
    return combination(
      'The AUTH token is only supported when encryption-in-transit is enabled.',
      'authToken',
    );
  if (users && !transit)
    return combination(
      'User group based access control requires encryption-in-transit to be enabled.',
      'userGroupIds',
    );
  if (users && tokenGiven) return combination('"user_group_ids": conflicts with auth_token', 'userGroupIds');
  if (isGiven(question, 'transitEncryptionMode') && !transit)
    return combination('The transit encryption mode needs encryption-in-transit.', 'transitEncryptionMode');
  if (token !== undefined && (token.length < 16 || token.length > 128))
    return value('"auth_token" must contain from 16 to 128 alphanumeric characters or symbols', 'authToken');
  if (token !== undefined && !/^[^@"/\s]+$/.test(token))
    return value(
      'only alphanumeric characters or symbols (excluding @, ", and /) allowed in "auth_token"',
      'authToken',
    );
  return flagAt(inputs, 'atRestEncryptionEnabled') === false && isGiven(question, 'kmsKeyId')
    ? combination('A KMS key can only be given when encryption at rest is enabled.', 'kmsKeyId')
    : keyProblems(question, 'kmsKeyId', keyRefusal('InvalidKMSKeyFault', 'kmsKeyId'));
}

/** Snapshots and maintenance, and the network that the group is in. */
export function placementProblems(question: Question): readonly Refusal[] {
  const { inputs, cloud, place } = question;
  const days = numberAt(inputs, 'snapshotRetentionLimit');
  const snapshot = textAt(inputs, 'snapshotWindow');
  const maintenance = textAt(inputs, 'maintenanceWindow');
  if (days !== undefined && (days < 0 || days > 35))
    return value(
      `expected snapshot_retention_limit to be in the range (0 - 35), got ${days}`,
      'snapshotRetentionLimit',
    );
  const short = [snapshot, maintenance].find((each) => each !== undefined && (windowLength(each) ?? 0) < 60);
  if (short !== undefined)
    return value(
      `Invalid ${short === snapshot ? 'snapshot' : 'maintenance'} window ${short}. It must be at least 60 minutes long.`,
      short === snapshot ? 'snapshotWindow' : 'maintenanceWindow',
    );
  // https://github.com/hashicorp/terraform/issues/17247
  if (snapshot !== undefined && maintenance !== undefined && windowsOverlap(snapshot, maintenance))
    return value('The snapshot window and maintenance window must not overlap.', 'snapshotWindow');
  const group = cloud.get(cacheSubnetGroupType, textAt(inputs, 'subnetGroupName') ?? '', place);
  const vpcId = group === undefined ? undefined : textOf(group, 'vpcId');
  const stray = strayGroup(question, textsAt(inputs, 'securityGroupIds'), vpcId);
  // A paraphrase: that it is refused is documented, the words are not.
  return stray === undefined
    ? []
    : combination(
        `The security group ${stray.id} is in ${stray.vpcId} and the cache subnet group is in ${vpcId ?? ''}.`,
        'securityGroupIds',
      );
}

/** Letters, digits and single hyphens, a letter first; at most 40 of them. */
export function groupIdProblems({ inputs }: Question): readonly Refusal[] {
  const id = textAt(inputs, 'replicationGroupId');
  if (id === undefined) return [];
  if (id.length > 40)
    return value(
      `expected length of replication_group_id to be in the range (1 - 40), got ${id}`,
      'replicationGroupId',
    );
  return /^[a-z][a-z0-9-]*$/i.test(id) && !id.includes('--') && !id.endsWith('-')
    ? []
    : value(
        'The parameter ReplicationGroupId is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
        'replicationGroupId',
      );
}
