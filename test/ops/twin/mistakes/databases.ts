import type { HeldMap } from '../../../../ops/twin/held.ts';
import { database } from './base.ts';
import type { Chapter } from './mistake.ts';
import type { World } from './world.ts';

const withPassword = (world: World): HeldMap => {
  const { manageMasterUserPassword: _, ...rest } = database(world);
  return { ...rest, password: 'correct-horse-battery' };
};
const cache = ({ of }: World): HeldMap => ({
  ...{ replicationGroupId: 'sessions', description: 'Sessions', engine: 'valkey', engineVersion: '8.0' },
  ...{
    nodeType: 'cache.t4g.small',
    numCacheClusters: 2,
    automaticFailoverEnabled: true,
    multiAzEnabled: true,
  },
  ...{ transitEncryptionEnabled: true, atRestEncryptionEnabled: true },
  ...{ subnetGroupName: of('caches'), securityGroupIds: [of('group')] },
});
/** Mistakes about databases and caches. */
export const databases: Chapter = {
  service: 'RDS and ElastiCache',
  mistakes: [
    {
      what: 'Subnets in one zone',
      doing: 'create',
      type: 'aws:rds/subnetGroup:SubnetGroup',
      right: ({ of }) => ({ name: 'more', subnetIds: [of('network-a'), of('network-b')] }),
      wrong: ({ of }) => ({ subnetIds: [of('network-a')] }),
      quote:
        "DBSubnetGroupDoesNotCoverEnoughAZs: The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: us-east-2a. Add subnets to cover at least 2 AZs.",
      source: 'https://github.com/terraform-aws-modules/terraform-aws-vpc/issues/821',
      at: 'preview',
      says: "DBSubnetGroupDoesNotCoverEnoughAZs: The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: us-east-1a. Add subnets to cover at least 2 AZs.",
    },
    {
      what: 'A class that the version does not run on',
      doing: 'create',
      type: 'aws:rds/instance:Instance',
      right: database,
      wrong: () => ({ instanceClass: 'db.m4.large' }),
      quote:
        'RDS does not support creating a DB instance with the following combination: DBInstanceClass=db.m4.large, Engine=postgres, EngineVersion=13.6, LicenseModel=postgresql-license. For supported combinations of instance class and database engine version, see the documentation. (Service: AmazonRDS; Status Code: 400; Error Code: InvalidParameterCombination; …)',
      source: 'https://github.com/aws-quickstart/quickstart-awx/issues/47',
      at: 'preview',
      says: 'InvalidParameterCombination: RDS does not support creating a DB instance with the following combination: DBInstanceClass=db.m4.large, Engine=postgres, EngineVersion=16.4, LicenseModel=postgresql-license. For supported combinations of instance class and database engine version, see the documentation.',
    },
    {
      what: 'A user named admin',
      doing: 'create',
      type: 'aws:rds/instance:Instance',
      right: database,
      wrong: () => ({ username: 'admin' }),
      quote:
        'InvalidParameterValue: MasterUsername admin cannot be used as it is a reserved word used by the engine',
      source: 'https://github.com/cds-snc/terraform-plan/issues/38',
      at: 'preview',
      says: 'InvalidParameterValue: MasterUsername admin cannot be used as it is a reserved word used by the engine',
    },
    {
      what: 'A password with an @',
      doing: 'create',
      type: 'aws:rds/instance:Instance',
      right: withPassword,
      wrong: () => ({ password: 'correct@horse' }),
      quote:
        "InvalidParameterValue: The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.",
      source: 'https://github.com/pulumi/examples/issues/1392',
      at: 'preview',
      says: `InvalidParameterValue: The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '"', ' ' may be used.`,
    },
    {
      what: 'A protected database that is deleted',
      doing: 'delete',
      name: 'protected-database',
      mend: ({ change }) => change('protected-database', { deletionProtection: false }),
      quote:
        'InvalidParameterCombination: Cannot delete protected DB Instance, please disable deletion protection and try again.',
      source: 'https://github.com/hashicorp/terraform-provider-aws/issues/26233',
      at: 'update',
      says: 'InvalidParameterCombination: Cannot delete protected DB Instance, please disable deletion protection and try again.',
    },
    {
      what: 'A database that is deleted without a name for its last snapshot',
      doing: 'delete',
      name: 'database-without-snapshot',
      mend: ({ change }) => change('database-without-snapshot', { finalSnapshotIdentifier: 'bare-last' }),
      quote: 'final_snapshot_identifier is required when skip_final_snapshot is false',
      source: 'https://github.com/mitodl/ol-infrastructure/pull/1576',
      at: 'update',
      says: 'InvalidParameterCombination: final_snapshot_identifier is required when skip_final_snapshot is false',
    },
    {
      what: 'Failover with one node',
      doing: 'create',
      type: 'aws:elasticache/replicationGroup:ReplicationGroup',
      right: (world) => ({ ...cache(world), multiAzEnabled: false }),
      wrong: () => ({ numCacheClusters: 1 }),
      quote:
        'InvalidParameterCombination: When using automatic failover, there must be at least 2 cache clusters in the replication group.',
      source: 'https://github.com/ministryofjustice/cloud-platform-environments/pull/5719',
      at: 'preview',
      says: 'InvalidParameterCombination: When using automatic failover, there must be at least 2 cache clusters in the replication group.',
    },
    {
      what: 'A token without TLS',
      doing: 'create',
      type: 'aws:elasticache/replicationGroup:ReplicationGroup',
      right: (world) => ({ ...cache(world), authToken: 'correct-horse-battery' }),
      wrong: () => ({ transitEncryptionEnabled: false }),
      quote: 'The AUTH token is only supported when encryption-in-transit is enabled',
      source: 'https://github.com/widdix/aws-cf-templates/issues/263',
      at: 'preview',
      says: 'InvalidParameterCombination: The AUTH token is only supported when encryption-in-transit is enabled.',
    },
  ],
};
