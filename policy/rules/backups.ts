import { isAtLeast, isOneOf, isTrue, where } from '../demands.ts';
import {
  inProd,
  judgeTypes,
  wrong,
  type PolicyResource,
  type ResourceRule,
  type StackRule,
} from '../rule.ts';
import { at, isThere, type Values } from '../values.ts';

const isReplica = (props: Values): boolean =>
  isThere(at(props, 'replicateSourceDb')) || isThere(at(props, 'replicationSourceIdentifier'));
const ownData = (props: Values): boolean => !isReplica(props);

// X-10 says on; how long each system keeps them, its own file says.
const leastDays = 7;

export const backupsOn: ResourceRule = {
  id: 'backups-on',
  looksAt: 'resource',
  wants: `Databases and caches with data back themselves up: kept for a day, in prod for ${leastDays}.`,
  judge: (resource, place) => {
    const days = place.environment === 'prod' ? leastDays : 1;
    return judgeTypes({
      'aws:rds/instance:Instance': where(ownData, isAtLeast('backupRetentionPeriod', days)),
      'aws:rds/cluster:Cluster': where(ownData, isAtLeast('backupRetentionPeriod', days)),
      'aws:docdb/cluster:Cluster': isAtLeast('backupRetentionPeriod', days),
      'aws:elasticache/replicationGroup:ReplicationGroup': isAtLeast('snapshotRetentionLimit', 1),
      'aws:dynamodb/table:Table': isTrue('pointInTimeRecovery.enabled'),
      'aws:efs/backupPolicy:BackupPolicy': isOneOf('backupPolicy.status', ['ENABLED']),
      'aws:s3/bucketVersioning:BucketVersioning': isOneOf('versioningConfiguration.status', ['Enabled']),
    })(resource, place);
  },
  passes: { type: 'aws:rds/instance:Instance', props: { backupRetentionPeriod: 30 } },
  fails: { type: 'aws:rds/instance:Instance', props: { backupRetentionPeriod: 0 } },
};

const bucket = 'aws:s3/bucket:Bucket';
const disk = 'aws:efs/fileSystem:FileSystem';

/** What a stateful thing needs beside itself, by the property that leads to it. */
const companions: Readonly<
  Record<string, readonly { readonly type: string; readonly by: string; readonly remedy: string }[]>
> = {
  [bucket]: [
    {
      type: 'aws:s3/bucketVersioning:BucketVersioning',
      by: 'bucket',
      remedy: 'add a BucketVersioning of it; PrivateBucket has one',
    },
  ],
  [disk]: [
    {
      type: 'aws:efs/backupPolicy:BackupPolicy',
      by: 'fileSystemId',
      remedy: 'add a BackupPolicy of it that is ENABLED',
    },
  ],
};

/** Databases say it themselves, see backups-on; buckets and disks by a resource beside them. */
export const nothingWithoutBackup: StackRule = {
  id: 'nothing-without-backup',
  looksAt: 'stack',
  wants: 'In prod nothing that keeps data is without a way back: versions of objects, backups of disks.',
  judge: (resources, { environment }) =>
    environment === 'prod'
      ? resources.flatMap((resource) =>
          (companions[resource.type] ?? [])
            .filter(
              ({ type, by }) =>
                !resources.some((other) => other.type === type && belongsTo(other, by, resource)),
            )
            .map(({ remedy }) => wrong('nothing of it could be brought back', remedy, resource.urn)),
        )
      : [],
  passes: [
    { type: bucket, name: 'documents', props: { bucket: 'documents' } },
    {
      type: 'aws:s3/bucketVersioning:BucketVersioning',
      name: 'versions',
      props: { bucket: 'documents' },
      from: { bucket: ['documents'] },
    },
  ],
  fails: [{ type: bucket, name: 'documents', props: { bucket: 'documents' } }],
};

/** Buckets are open to ACLs and to other accounts' policies until they are closed. */
export const closedBuckets: StackRule = {
  id: 'closed-buckets',
  looksAt: 'stack',
  wants: 'Every bucket has its public access blocked, and a policy that asks for TLS.',
  judge: (resources) =>
    resources
      .filter(({ type }) => type === bucket)
      .flatMap((each) =>
        [
          ['aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock', 'its public access is not blocked'],
          ['aws:s3/bucketPolicy:BucketPolicy', 'it has no policy, so that it answers without TLS'],
        ]
          .filter(
            ([type]) => !resources.some((other) => other.type === type && belongsTo(other, 'bucket', each)),
          )
          .map(([type = '', what = '']) =>
            wrong(what, `add a ${type.split(':').at(-1) ?? ''} of it; PrivateBucket has one`, each.urn),
          ),
      ),
  passes: [
    { type: bucket, name: 'documents', props: {} },
    {
      type: 'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock',
      name: 'block',
      props: {},
      from: { bucket: ['documents'] },
    },
    { type: 'aws:s3/bucketPolicy:BucketPolicy', name: 'policy', props: {}, from: { bucket: ['documents'] } },
  ],
  fails: [{ type: bucket, name: 'documents', props: {} }],
};

/** By where its property comes from, or by the name where that is written out. */
function belongsTo(other: PolicyResource, by: string, owner: PolicyResource): boolean {
  if ((other.from[by] ?? []).includes(owner.urn)) return true;
  const named = at(other.props, by);
  return typeof named === 'string' && [at(owner.props, 'bucket'), at(owner.props, 'id')].includes(named);
}

export const deletionProtection: ResourceRule = {
  id: 'deletion-protection',
  looksAt: 'resource',
  wants:
    'In prod AWS itself refuses to delete databases, tables, keys, secrets and load balancers, and what they hold.',
  judge: inProd(
    judgeTypes({
      'aws:rds/instance:Instance': where(ownData, (props) => [
        ...isTrue('deletionProtection')(props),
        ...isOneOf('skipFinalSnapshot', [false], false)(props),
      ]),
      'aws:rds/cluster:Cluster': where(ownData, (props) => [
        ...isTrue('deletionProtection')(props),
        ...isOneOf('skipFinalSnapshot', [false], false)(props),
      ]),
      'aws:docdb/cluster:Cluster': isTrue('deletionProtection'),
      'aws:dynamodb/table:Table': isTrue('deletionProtectionEnabled'),
      'aws:lb/loadBalancer:LoadBalancer': isTrue('enableDeletionProtection'),
      'aws:s3/bucket:Bucket': isOneOf('forceDestroy', [false], false),
      'aws:ecr/repository:Repository': isOneOf('forceDelete', [false], false),
      'aws:kms/key:Key': isAtLeast('deletionWindowInDays', 14, 30),
      'aws:secretsmanager/secret:Secret': isAtLeast('recoveryWindowInDays', 7, 30),
    }),
  ),
  passes: { type: 'aws:rds/instance:Instance', props: { deletionProtection: true } },
  fails: { type: 'aws:rds/instance:Instance', props: { deletionProtection: false } },
};
