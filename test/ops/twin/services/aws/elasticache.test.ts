import { describe, expect, it } from 'vitest';
import { elasticacheKinds } from '../../../../../ops/twin/services/aws/elasticache.ts';
import { ask, fakeCloud, kindOf, made, said, thing } from '../fake-cloud.ts';

const group = kindOf(elasticacheKinds, 'aws:elasticache/replicationGroup:ReplicationGroup');
const subnetGroup = kindOf(elasticacheKinds, 'aws:elasticache/subnetGroup:SubnetGroup');
const parameterGroup = kindOf(elasticacheKinds, 'aws:elasticache/parameterGroup:ParameterGroup');
const user = kindOf(elasticacheKinds, 'aws:elasticache/user:User');
const userGroup = kindOf(elasticacheKinds, 'aws:elasticache/userGroup:UserGroup');
const global = kindOf(elasticacheKinds, 'aws:elasticache/globalReplicationGroup:GlobalReplicationGroup');

const things = [
  { type: subnetGroup.type, id: 'cache', outputs: { vpcId: 'vpc-1' } },
  { type: parameterGroup.type, id: 'own7', inputs: { family: 'redis7' } },
  { type: 'aws:ec2/securityGroup:SecurityGroup', id: 'sg-1', inputs: { vpcId: 'vpc-1' } },
  { type: 'aws:ec2/securityGroup:SecurityGroup', id: 'sg-2', inputs: { vpcId: 'vpc-2' } },
];
const right = {
  replicationGroupId: 'godark',
  description: 'cache',
  engine: 'valkey',
  engineVersion: '8.0',
  nodeType: 'cache.t4g.small',
  automaticFailoverEnabled: true,
  multiAzEnabled: true,
  numCacheClusters: 2,
  transitEncryptionEnabled: true,
  atRestEncryptionEnabled: true,
  subnetGroupName: 'cache',
  securityGroupIds: ['sg-1'],
};
const about = (wrong: object) => said(group, ask({ ...right, ...wrong }, { things }));

describe('a cache', () => {
  it('has a primary and a reader, or one address for all shards', () => {
    expect(about({})).toEqual([]);
    expect(made(group, ask(right)).outputs).toMatchObject({
      clusterEnabled: false,
      primaryEndpointAddress: expect.stringMatching(/^master\.godark\./) as string,
      memberClusters: ['godark-001', 'godark-002'],
      parameterGroupName: 'default.valkey8',
    });
    const { numCacheClusters: _, ...rest } = right;
    const shards = { ...rest, numNodeGroups: 3, replicasPerNodeGroup: 1 };
    expect(said(group, ask(shards, { things }))).toEqual([]);
    expect(made(group, ask(shards)).outputs).toMatchObject({
      clusterEnabled: true,
      configurationEndpointAddress: expect.stringMatching(/^clustercfg\.godark\./) as string,
      memberClusters: ['0001-001', '0001-002', '0002-001', '0002-002', '0003-001', '0003-002'].map(
        (each) => `godark-${each}`,
      ),
    });
  });

  it.each<[object, string]>([
    [{ replicationGroupId: 'a'.repeat(41) }, 'in the range (1 - 40)'],
    [{ replicationGroupId: '1a' }, 'is not a valid identifier'],
    [{ engine: 'memcache' }, 'InvalidParameterValue: Invalid engine: memcache'],
    [{ engineVersion: '9' }, 'Cannot find version 9 for valkey'],
    [
      { engine: 'redis', engineVersion: '8.0' },
      'InvalidParameterCombination: Cannot find version 8.0 for redis',
    ],
    [{ nodeType: 't4g.small' }, 'Invalid cache node type: t4g.small'],
    [
      { parameterGroupName: 'own7' },
      'InvalidParameterCombination: Expected a parameter group of family valkey8 but found one of family redis7',
    ],
    [
      { parameterGroupName: 'default.valkey7' },
      'Expected a parameter group of family valkey8 but found one of family valkey7',
    ],
    [{ parameterGroupName: 'none' }, 'CacheParameterGroupNotFound: CacheParameterGroup none not found.'],
    [
      { numCacheClusters: 1 },
      'InvalidParameterCombination: When using automatic failover, there must be at least 2 cache clusters in the replication group.',
    ],
    [{ numCacheClusters: 7 }, 'Number of cache clusters must be between 1 and 6.'],
    [{ numNodeGroups: 2 }, '"num_cache_clusters": conflicts with num_node_groups'],
    [
      { automaticFailoverEnabled: false },
      'automatic_failover_enabled must be true if multi_az_enabled is true',
    ],
    [
      {
        numCacheClusters: undefined,
        numNodeGroups: 2,
        automaticFailoverEnabled: false,
        multiAzEnabled: false,
      },
      'Redis with cluster mode enabled cannot be created with auto failover turned off.',
    ],
    [
      { transitEncryptionEnabled: false, authToken: 'a'.repeat(16) },
      'The AUTH token is only supported when encryption-in-transit is enabled.',
    ],
    [{ authToken: 'short' }, 'must contain from 16 to 128'],
    [{ authToken: 'with@sign-with@sign' }, 'excluding @'],
    [{ authToken: 'a'.repeat(16), userGroupIds: ['x'] }, '"user_group_ids": conflicts with auth_token'],
    [{ kmsKeyId: 'none' }, 'InvalidKMSKeyFault'],
    [{ atRestEncryptionEnabled: false, kmsKeyId: 'alias/aws/elasticache' }, 'encryption at rest'],
    [{ securityGroupIds: ['sg-2'] }, 'The security group sg-2 is in vpc-2'],
    [{ snapshotRetentionLimit: 36 }, 'in the range (0 - 35), got 36'],
    [{ snapshotWindow: '03:00-03:30' }, 'at least 60 minutes'],
    [
      { snapshotWindow: '03:00-04:00', maintenanceWindow: 'sun:03:30-sun:04:30' },
      'The snapshot window and maintenance window must not overlap.',
    ],
  ])('with %j is refused', (wrong, message) => {
    const [first = 'nothing'] = about(wrong);
    expect(first).toContain(message);
  });
});

describe('groups of a cache', () => {
  it('have a family that there is, and stay while they are used', () => {
    expect(said(parameterGroup, ask({ name: 'p', family: 'redis9' }))).toEqual([
      'InvalidParameterValue: CacheParameterGroupFamily redis9 is not a valid parameter group family.',
    ]);
    const member = { type: group.type, id: 'x', inputs: { parameterGroupName: 'p' } };
    const own = thing({ type: parameterGroup.type, id: 'p' });
    expect(parameterGroup.holds?.(own, fakeCloud([member]))?.code).toBe('InvalidCacheParameterGroupState');
    expect(said(subnetGroup, ask({ name: 'a b', subnetIds: [] }))[0]).toContain('is not a valid identifier');
  });
});

describe('users', () => {
  const named = (id: string, userName: string) => ({ type: user.type, id, inputs: { userName } });

  it.each<[object, string | undefined]>([
    [{ noPasswordRequired: true }, undefined],
    [{ passwords: ['a'.repeat(16)] }, undefined],
    [{ authenticationMode: { type: 'iam' } }, undefined],
    [{}, 'Input Authentication type: null is not in the allowed list'],
    [{ passwords: ['short'] }, 'Passwords length must be between 16-128 characters.'],
    [
      { passwords: ['a'.repeat(16)], noPasswordRequired: true },
      'Password field is not allowed with no-password-required.',
    ],
    [{ authenticationMode: { type: 'iam' }, userName: 'other' }, 'must be identical'],
    [{ noPasswordRequired: true, accessString: '~* +@all' }, 'Invalid access string'],
  ])('with %j are taken or refused', (rest, message) => {
    const inputs = { userId: 'api', userName: 'api', engine: 'redis', accessString: 'on ~* +@all', ...rest };
    const [first] = said(user, ask(inputs));
    if (message === undefined) expect(first).toBeUndefined();
    else expect(first).toContain(message);
  });

  it('of Redis come with one named default', () => {
    const of = (engine: string, ...things: ReturnType<typeof named>[]) =>
      said(userGroup, ask({ userGroupId: 'g', engine, userIds: things.map(({ id }) => id) }, { things }));
    expect(of('redis', named('a', 'api'))).toEqual([
      'DefaultUserRequired: User group needs to contain a user with the user name default.',
    ]);
    expect(of('redis', named('a', 'api'), named('d', 'default'))).toEqual([]);
    expect(of('valkey', named('a', 'api'))).toEqual([]);
    expect(of('valkey', named('a', 'api'), named('b', 'api'))[0]).toContain('DuplicateUserName');
  });
});

describe('a cache over regions', () => {
  it('needs large enough nodes', () => {
    const primary = (nodeType: string) => ({ type: group.type, id: 'godark', inputs: { nodeType } });
    const inputs = { globalReplicationGroupIdSuffix: 'g', primaryReplicationGroupId: 'godark' };
    expect(said(global, ask(inputs, { things: [primary('cache.t4g.small')] }))[0]).toContain(
      'Global Datastore',
    );
    expect(said(global, ask(inputs, { things: [primary('cache.r7g.large')] }))).toEqual([]);
    expect(made(global, ask(inputs)).id).toBe('ldgnf-g');
  });
});
