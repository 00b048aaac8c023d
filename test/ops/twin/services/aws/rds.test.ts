import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rdsKinds } from '../../../../../ops/twin/services/aws/rds.ts';
import { windowLength, windowsOverlap } from '../../../../../ops/twin/services/aws/windows.ts';
import { ask, fakeCloud, kindOf, made, said, thing, type FakeThing } from '../fake-cloud.ts';

const instance = kindOf(rdsKinds, 'aws:rds/instance:Instance');
const subnetGroup = kindOf(rdsKinds, 'aws:rds/subnetGroup:SubnetGroup');
const parameterGroup = kindOf(rdsKinds, 'aws:rds/parameterGroup:ParameterGroup');

const subnet = (id: string, zone: string, vpcId = 'vpc-1'): FakeThing => ({
  type: 'aws:ec2/subnet:Subnet',
  id,
  inputs: { vpcId, availabilityZone: `us-east-1${zone}` },
});
const group = (id: string, vpcId = 'vpc-1'): FakeThing => ({
  type: 'aws:ec2/securityGroup:SecurityGroup',
  id,
  inputs: { vpcId },
});
const subnets = [subnet('subnet-a', 'a'), subnet('subnet-b', 'b'), subnet('subnet-c', 'a', 'vpc-2')];
const network = [
  ...subnets,
  group('sg-1'),
  group('sg-2', 'vpc-2'),
  {
    type: subnetGroup.type,
    id: 'db',
    inputs: { subnetIds: ['subnet-a', 'subnet-b'] },
    outputs: { vpcId: 'vpc-1' },
  },
  { type: parameterGroup.type, id: 'pg16', inputs: { family: 'postgres16' } },
  { type: parameterGroup.type, id: 'pg15', inputs: { family: 'postgres15' } },
];
const right = {
  identifier: 'api',
  engine: 'postgres',
  engineVersion: '16.4',
  instanceClass: 'db.t4g.medium',
  allocatedStorage: 50,
  storageType: 'gp3',
  storageEncrypted: true,
  username: 'coinestate',
  manageMasterUserPassword: true,
  dbSubnetGroupName: 'db',
  vpcSecurityGroupIds: ['sg-1'],
  parameterGroupName: 'pg16',
  backupRetentionPeriod: 7,
  backupWindow: '02:00-03:00',
  maintenanceWindow: 'sun:04:00-sun:05:00',
};
const about = (wrong: object) => said(instance, ask({ ...right, ...wrong }, { things: network }));

describe('a database', () => {
  it('comes up with an address, and its password in a secret of its own', () => {
    expect(about({})).toEqual([]);
    const { id, outputs } = made(instance, ask(right, { things: network }));
    expect(id).toMatch(/^db-[A-Z0-9]{26}$/);
    expect(outputs).toMatchObject({
      arn: 'db:api',
      port: 5432,
      availabilityZone: 'us-east-1a',
      engineVersionActual: '16.4',
      masterUserSecrets: [{ secretArn: expect.stringContaining(':secret:rds!db-') as string }],
    });
    expect(outputs['endpoint']).toMatch(/^api\.[0-9a-f]{12}\.us-east-1\.rds\.amazonaws\.com:5432$/);
  });

  it.each<[object, string]>([
    [{ identifier: 'Api' }, 'only lowercase alphanumeric characters and hyphens allowed in "identifier"'],
    [{ identifier: '1api' }, 'first character of "identifier" must be a letter'],
    [{ identifier: 'a--b' }, '"identifier" cannot contain two consecutive hyphens'],
    [{ identifier: 'api-' }, '"identifier" cannot end with a hyphen'],
    [{ engine: 'postgresql' }, 'InvalidParameterValue: Invalid DB engine: postgresql'],
    [{ engineVersion: '99.1' }, 'InvalidParameterCombination: Cannot find version 99.1 for postgres'],
    [
      { instanceClass: 'db.t2.micro' },
      'InvalidParameterCombination: RDS does not support creating a DB instance with the following combination: DBInstanceClass=db.t2.micro, Engine=postgres, EngineVersion=16.4, LicenseModel=postgresql-license.',
    ],
    [{ instanceClass: 't4g.medium' }, 'RDS does not support creating a DB instance'],
    [
      { parameterGroupName: 'pg15' },
      'The Parameter Group pg15 with DBParameterGroupFamily postgres15 cannot be used for this instance. Please use a Parameter Group with DBParameterGroupFamily postgres16',
    ],
    [{ parameterGroupName: 'none' }, 'DBParameterGroupNotFound: DBParameterGroup not found: none'],
    [
      { enabledCloudwatchLogsExports: ['audit'] },
      "You cannot use the log types 'audit' with engine version postgres 16.4.",
    ],
    [
      { allocatedStorage: 10 },
      'InvalidParameterCombination: Invalid storage size for engine name postgres and storage type gp3: 10',
    ],
    [
      { allocatedStorage: undefined },
      'The parameter AllocatedStorage must be provided and must not be null.',
    ],
    [
      { iops: 3000 },
      "InvalidParameterCombination: You can't specify IOPS or storage throughput for engine postgres and a storage size less than 400.",
    ],
    [{ storageThroughput: 500 }, "You can't specify IOPS or storage throughput"],
    [
      { allocatedStorage: 400, iops: 3000 },
      'Invalid iops for engine name postgres and storage type gp3: 3000',
    ],
    [{ allocatedStorage: 400, iops: 12_000, storageThroughput: 4001 }, 'Invalid storage throughput'],
    [{ storageType: 'io1', allocatedStorage: 100 }, 'The storage type io1 requires iops to be specified.'],
    [
      { storageType: 'io1', allocatedStorage: 10_000, iops: 3000 },
      'Invalid iops to storage (GB) ratio for engine name postgres and storage type io1: 0.3000',
    ],
    [{ storageType: 'gp2', iops: 3000 }, "You can't specify iops for storage type gp2."],
    [{ storageType: 'gp4' }, 'Invalid storage type: gp4'],
    [{ maxAllocatedStorage: 40 }, 'Max storage size must be greater than storage size'],
    [
      { storageEncrypted: false, kmsKeyId: 'alias/aws/rds' },
      'InvalidParameterCombination: You must enable StorageEncrypted when you specify KmsKeyId',
    ],
    [{ kmsKeyId: 'none' }, 'KMSKeyNotAccessibleFault: The specified KMS key [none] does not exist'],
    [
      { username: 'admin' },
      'InvalidParameterValue: MasterUsername admin cannot be used as it is a reserved word used by the engine',
    ],
    [{ username: '1a' }, 'MasterUsername must begin with a letter'],
    [{ username: undefined }, 'The parameter MasterUsername must be provided and must not be blank.'],
    [{ password: 'long enough' }, '"manage_master_user_password": conflicts with password'],
    [{ manageMasterUserPassword: false }, 'The parameter MasterUserPassword must be provided'],
    [
      { manageMasterUserPassword: false, password: 'short' },
      'The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.',
    ],
    [
      { manageMasterUserPassword: false, password: 'with@sign' },
      "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.",
    ],
    [{ dbSubnetGroupName: undefined }, 'InvalidSubnet: No default subnet detected in VPC.'],
    [
      { vpcSecurityGroupIds: ['sg-2'] },
      'InvalidParameterCombination: The DB instance and EC2 security group are in different VPCs. The DB instance is in vpc-1 and the EC2 security group is in vpc-2',
    ],
    [
      { multiAz: true, availabilityZone: 'us-east-1a' },
      'Requesting a specific availability zone is not valid for Multi-AZ instances.',
    ],
    [{ backupRetentionPeriod: 36 }, 'in the range (0 - 35), got 36'],
    [
      { backupWindow: '04:30-05:30' },
      'InvalidParameterValue: The backup window and maintenance window must not overlap.',
    ],
    [{ backupWindow: '2am' }, '"backup_window" must satisfy the format'],
    [{ maintenanceWindow: 'sun:04:00-sun:04:10' }, 'The maintenance window must be at least 30 minutes.'],
    [
      { monitoringInterval: 60 },
      'InvalidParameterCombination: A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.',
    ],
    [
      { monitoringRoleArn: 'arn:aws:iam::123456789012:role/x' },
      'You must specify a MonitoringInterval value other than 0 when you specify a MonitoringRoleARN value.',
    ],
    [{ monitoringInterval: 7 }, 'one of [0 1 5 10 15 30 60], got 7'],
    [
      { performanceInsightsEnabled: true, performanceInsightsRetentionPeriod: 8 },
      'Invalid Performance Insights retention period: 8.',
    ],
    [{ performanceInsightsRetentionPeriod: 7 }, 'you must enable Performance Insights'],
  ])('with %j is refused', (wrong, message) => {
    const [first = 'nothing'] = about(wrong);
    expect(first).toContain(message);
  });

  it('says nothing in preview of what comes later', () => {
    const inputs = { ...right, kmsKeyId: 'later', parameterGroupName: 'later', dbSubnetGroupName: 'later' };
    expect(said(instance, ask(inputs, { preview: true }))).toEqual([]);
    const { password: _, ...rest } = { ...right, password: '', manageMasterUserPassword: false };
    expect(said(instance, ask(rest, { unknown: ['password'], things: network, preview: true }))).toEqual([]);
  });

  it('is upgraded, not downgraded, and to another family only when that is said', () => {
    const before = { type: instance.type, id: 'x', inputs: right, outputs: { engineVersionActual: '16.4' } };
    const update = (change: object) =>
      said(
        instance,
        ask(
          { ...right, parameterGroupName: 'default.postgres16', ...change },
          {
            things: network,
            before,
          },
        ),
      );
    expect(update({ engineVersion: '16.6' })).toEqual([]);
    expect(update({ engineVersion: '16' })).toEqual([]);
    expect(update({ engineVersion: '16.3' })).toEqual([
      'InvalidParameterCombination: Cannot upgrade postgres from 16.4 to 16.3',
    ]);
    const major = { engineVersion: '17.4', parameterGroupName: 'default.postgres17' };
    expect(update(major)).toEqual([
      'InvalidParameterCombination: The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.',
    ]);
    expect(update({ ...major, allowMajorVersionUpgrade: true })).toEqual([]);
    expect(update({ allocatedStorage: 40 })).toEqual([
      'InvalidParameterCombination: Invalid storage size for engine name postgres and storage type gp3: 40',
    ]);
  });

  it.each<[object, string | undefined]>([
    [
      { deletionProtection: true, skipFinalSnapshot: true },
      'Cannot delete protected DB Instance, please disable deletion protection and try again.',
    ],
    [{ skipFinalSnapshot: false }, 'final_snapshot_identifier is required when skip_final_snapshot is false'],
    [
      { replicateSourceDb: 'api', finalSnapshotIdentifier: 'x' },
      'FinalDBSnapshotIdentifier can not be specified when deleting a replica instance',
    ],
    [{ finalSnapshotIdentifier: 'x' }, undefined],
    [{ skipFinalSnapshot: true }, undefined],
  ])('with %j is deleted or held', (inputs, message) => {
    expect(
      instance.holds?.(thing({ type: instance.type, id: 'x', inputs: inputs as never }), fakeCloud())
        ?.message,
    ).toBe(message);
  });
});

describe('a replica', () => {
  const source = {
    type: instance.type,
    id: 'db-1',
    inputs: right,
    outputs: { arn: 'arn:aws:rds:us-east-1:123456789012:db:api', identifier: 'api' },
  };
  const place = { account: '123456789012', region: 'eu-west-1' };
  const inputs = {
    identifier: 'copy',
    instanceClass: 'db.t4g.medium',
    replicateSourceDb: source.outputs.arn,
    skipFinalSnapshot: true,
  };

  it('in another region needs a key of that region', () => {
    expect(said(instance, ask(inputs, { things: [source], place }))).toEqual([
      'InvalidParameterCombination: Cannot create a cross region unencrypted read replica from encrypted source.',
    ]);
    const key = { type: 'aws:kms/key:Key', id: 'k', ...place };
    expect(said(instance, ask({ ...inputs, kmsKeyId: 'k' }, { things: [source, key], place }))).toEqual([]);
  });

  it('needs a source that is there and backed up', () => {
    expect(said(instance, ask(inputs, { place }))[0]).toContain('DBInstanceNotFound');
    const bare = { ...source, inputs: { ...right, backupRetentionPeriod: 0 } };
    expect(said(instance, ask({ ...inputs, replicateSourceDb: 'api' }, { things: [bare] }))[0]).toContain(
      'InvalidDBInstanceState: Automated backups are not enabled for this database instance.',
    );
  });
});

describe('groups', () => {
  it('of subnets reach over two zones of one VPC', () => {
    const covering = (...subnetIds: string[]) =>
      said(subnetGroup, ask({ name: 'db', subnetIds }, { things: subnets }));
    expect(covering('subnet-a', 'subnet-b')).toEqual([]);
    expect(covering('subnet-a')).toEqual([
      "DBSubnetGroupDoesNotCoverEnoughAZs: The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: us-east-1a. Add subnets to cover at least 2 AZs.",
    ]);
    expect(covering('subnet-b', 'subnet-c')).toEqual([
      'InvalidSubnet: Not all of the subnets are in the same Vpc',
    ]);
  });

  it.each<[object, string]>([
    [{ family: 'postgres99' }, 'ParameterGroupFamily postgres99 is not a valid parameter group family'],
    [{ name: 'Api' }, 'only lowercase alphanumeric characters'],
    [
      { parameters: [{ name: 'max_connections', value: '100' }] },
      'InvalidParameterCombination: cannot use immediate apply method for static parameter',
    ],
    [
      { parameters: [{ name: 'rds.force_ssl', value: '2' }] },
      'Invalid parameter value: 2 for: rds.force_ssl',
    ],
    [
      {
        parameters: [
          { name: 'a', value: '1' },
          { name: 'a', value: '2' },
        ],
      },
      'Parameter a is given more than once',
    ],
  ])('of parameters with %j are refused', (wrong, message) => {
    expect(said(parameterGroup, ask({ name: 'api', family: 'postgres16', ...wrong }))[0]).toContain(message);
  });

  it('of parameters stay while a database is in them', () => {
    const user = { type: instance.type, id: 'x', inputs: { parameterGroupName: 'api' } };
    const own = thing({ type: parameterGroup.type, id: 'api' });
    expect(parameterGroup.holds?.(own, fakeCloud([user]))?.code).toBe('InvalidDBParameterGroupState');
    expect(parameterGroup.holds?.(own, fakeCloud())).toBeUndefined();
  });
});

describe('windows', () => {
  it.each([
    ['02:00-03:00', 'sun:02:30-sun:03:30', true],
    ['02:00-03:00', 'sun:03:00-sun:04:00', false],
    ['23:30-00:30', 'mon:00:00-mon:00:30', true],
    ['sun:23:30-mon:00:30', '00:00-01:00', true],
    ['sun:23:00-sun:23:30', 'sun:23:30-mon:00:30', false],
  ])('%s and %s', (one, other, overlap) => {
    expect(windowsOverlap(one, other)).toBe(overlap);
    expect(windowsOverlap(other, one)).toBe(overlap);
  });

  it('of other forms are none', () => {
    expect(['', '2:00-3:00', '24:00-25:00', 'xyz:00:00-xyz:01:00'].map(windowLength)).toEqual(
      Array(4).fill(undefined),
    );
  });

  it('overlap themselves unless they are empty', () => {
    const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }));
    const write = ([hours, minutes]: [number, number]) =>
      `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
    fc.assert(
      fc.property(time, time, (from, to) => {
        const window = `${write(from)}-${write(to)}`;
        expect(windowsOverlap(window, window)).toBe(windowLength(window) !== 0);
      }),
    );
  });
});
