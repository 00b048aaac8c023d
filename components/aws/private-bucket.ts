import { Bucket, type BucketArgs } from '@pulumi/aws/s3/bucket.js';
import {
  BucketLifecycleConfiguration,
  type BucketLifecycleConfigurationArgs,
} from '@pulumi/aws/s3/bucketLifecycleConfiguration.js';
import { BucketLogging, type BucketLoggingArgs } from '@pulumi/aws/s3/bucketLogging.js';
import {
  BucketObjectLockConfiguration,
  type BucketObjectLockConfigurationArgs,
} from '@pulumi/aws/s3/bucketObjectLockConfiguration.js';
import {
  BucketOwnershipControls,
  type BucketOwnershipControlsArgs,
} from '@pulumi/aws/s3/bucketOwnershipControls.js';
import { BucketPolicy, type BucketPolicyArgs } from '@pulumi/aws/s3/bucketPolicy.js';
import {
  BucketPublicAccessBlock,
  type BucketPublicAccessBlockArgs,
} from '@pulumi/aws/s3/bucketPublicAccessBlock.js';
import {
  BucketServerSideEncryptionConfiguration,
  type BucketServerSideEncryptionConfigurationArgs,
} from '@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js';
import { BucketVersioning, type BucketVersioningArgs } from '@pulumi/aws/s3/bucketVersioning.js';
import * as pulumi from '@pulumi/pulumi';
import { lifecycleProblems, lifecycleRules, type BucketDays } from './bucket-lifecycle.ts';
import { bucketPolicy, type BucketWriter } from './bucket-policy.ts';
import type { EncryptionKey } from './encryption-key.ts';
import { knownOnce, policyOutput, type Grant } from './policy-output.ts';
import { statefulOptions, type Site } from './site.ts';
import { describer, refuseWrong, regionalName, tagsOf, type AwsArgs } from './transform.ts';

/** The children of a bucket and their arguments, for `transform`. */
export interface PrivateBucketChildren {
  bucket: BucketArgs;
  publicAccess: BucketPublicAccessBlockArgs;
  ownership: BucketOwnershipControlsArgs;
  versioning: BucketVersioningArgs;
  encryption: BucketServerSideEncryptionConfigurationArgs;
  lock: BucketObjectLockConfigurationArgs;
  lifecycle: BucketLifecycleConfigurationArgs;
  accessLogs: BucketLoggingArgs;
  policy: BucketPolicyArgs;
}

export interface PrivateBucketArgs extends AwsArgs<PrivateBucketChildren> {
  /** What its objects are encrypted with. Left out only where AWS's own logs go: S3 and load balancers take no keys of ours for them. @default keys of S3 */
  readonly key?: EncryptionKey;
  /** Where it is written down who reads and writes it. Left out only for the bucket that is for such logs. @default nowhere */
  readonly accessLogs?: PrivateBucket;
  /** Services of AWS that write into it. @default none */
  readonly writers?: readonly BucketWriter[];
  /** How long what is in it stays where. @default current versions for ever, old ones for 90 days */
  readonly days?: BucketDays;
  /** Days in which nobody can delete or overwrite a version; `compliance` binds the account's root too, for good. Only for a new bucket. @default none */
  readonly lock?: { readonly mode: 'governance' | 'compliance'; readonly days: number };
}

/**
 * A bucket that nobody outside can read: versioned, encrypted with a key of its own, reached with TLS only, without
 * ACLs, its public access blocked and every access written down.
 *
 * @example
 * const logs = new PrivateBucket('coinestate-logs', { site, writers: [{ kind: 'access-logs' }], days: { expire: 365 } });
 * const documents = new PrivateBucket('coinestate-kyc', {
 *   site,
 *   key,
 *   accessLogs: logs,
 *   days: { warm: 90, cold: 365 },
 * });
 */
export class PrivateBucket extends pulumi.ComponentResource {
  readonly bucket: Bucket;
  /** `coinestate-kyc-staging-123456789012-us-east-1`. */
  readonly bucketName: pulumi.Output<string>;
  /** Known before the bucket is there; whatever uses it waits until the bucket has its policy. */
  readonly arn: pulumi.Output<string>;
  /** What roles can be allowed to do with it. */
  readonly grants: Readonly<Record<'read' | 'write' | 'readWrite', Grant>>;

  constructor(name: string, args: PrivateBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, key, accessLogs, writers = [], days = {}, lock } = args;
    const bucketName = bucketNameOf(name, site);
    refuseWrong('private bucket', name, [
      ...bucketProblems(bucketName, args),
      ...lifecycleProblems(days, lock?.days),
    ]);
    const arn = `arn:aws:s3:::${bucketName}`;
    const policy = policyOutput(name, 'bucket', bucketPolicy(site, arn, { key: key?.arn, writers }));

    super('cutover:aws:PrivateBucket', regionalName(name, site), {}, opts);
    const describe = describer<PrivateBucketChildren>(this, name, args, opts);
    const { region } = site;
    const bucket = describe(
      'bucket',
      Bucket,
      {
        region,
        bucket: bucketName,
        forceDestroy: !site.keeps,
        objectLockEnabled: lock !== undefined,
        tags: tagsOf(site, name),
      },
      { opts: statefulOptions(site) },
    );
    const of = { region, bucket: bucket.bucket };
    const publicAccess = describe(
      'publicAccess',
      BucketPublicAccessBlock,
      {
        ...of,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      { part: 'public-access' },
    );
    describe('ownership', BucketOwnershipControls, {
      ...of,
      rule: { objectOwnership: 'BucketOwnerEnforced' },
    });
    const versioning = describe('versioning', BucketVersioning, {
      ...of,
      versioningConfiguration: { status: 'Enabled' },
    });
    describe('encryption', BucketServerSideEncryptionConfiguration, {
      ...of,
      rules: [
        key === undefined
          ? { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }
          : {
              applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: key.arn },
              // One call of KMS for many objects.
              bucketKeyEnabled: true,
            },
      ],
    });
    if (lock !== undefined) {
      const mode = lock.mode === 'governance' ? 'GOVERNANCE' : 'COMPLIANCE';
      describe(
        'lock',
        BucketObjectLockConfiguration,
        { ...of, rule: { defaultRetention: { mode, days: lock.days } } },
        { opts: { dependsOn: [versioning] } },
      );
    }
    describe(
      'lifecycle',
      BucketLifecycleConfiguration,
      { ...of, rules: lifecycleRules(days) },
      { opts: { dependsOn: [versioning] } },
    );
    if (accessLogs !== undefined) {
      describe(
        'accessLogs',
        BucketLogging,
        { ...of, targetBucket: accessLogs.bucketName, targetPrefix: `s3/${bucketName}/` },
        { part: 'access-logs' },
      );
    }
    // Two changes of a bucket's access at once end in OperationAborted.
    const last = describe('policy', BucketPolicy, { ...of, policy }, { opts: { dependsOn: [publicAccess] } });

    this.bucket = bucket;
    this.bucketName = knownOnce(last, bucketName);
    this.arn = knownOnce(last, arn);
    this.grants = bucketGrants(this.arn, key);
    this.registerOutputs({ name: this.bucketName, arn: this.arn });
  }
}

/** Names of buckets are shared with the whole world: the account makes it ours, the region one of several. */
function bucketNameOf(name: string, { environment, account, region }: Site): string {
  return `${name}-${environment}-${account}-${region}`;
}

function bucketProblems(
  bucketName: string,
  { key, accessLogs, writers = [], lock, days }: PrivateBucketArgs,
): (string | undefined)[] {
  const logs = writers.filter(({ kind }) => kind !== 'trail').map(({ kind }) => kind);
  return [
    bucketName.length <= 63
      ? undefined
      : `name: the bucket would be called ${bucketName}, ${bucketName.length} letters of 63; take a shorter name`,
    key !== undefined && logs.length > 0
      ? `key: AWS does not write ${logs.join(' and ')} with a key of ours; leave it out`
      : undefined,
    key === undefined && logs.length === 0 ? 'key: it has none; only buckets for logs go without' : undefined,
    accessLogs === undefined && logs.length === 0
      ? 'accessLogs: its accesses are written down nowhere; name the bucket for logs'
      : undefined,
    logs.length > 0 && days?.expire === undefined
      ? 'days.expire: logs would pile up for ever; say after how many days they go'
      : undefined,
    lock !== undefined && !(Number.isInteger(lock.days) && lock.days >= 1)
      ? `lock.days: ${lock.days} must be a whole number of 1 or more`
      : undefined,
  ];
}

function bucketGrants(arn: pulumi.Output<string>, key: EncryptionKey | undefined): PrivateBucket['grants'] {
  const objects = pulumi.interpolate`${arn}/*`;
  const list = { sid: 'ListBucket', actions: ['s3:ListBucket', 's3:GetBucketLocation'], resources: [arn] };
  const get = { sid: 'ReadObjects', actions: ['s3:GetObject'], resources: [objects] };
  // Deleting is left out: a version that is overwritten stays, one that is deleted may not be wanted back.
  const put = {
    sid: 'WriteObjects',
    actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
    resources: [objects],
  };
  const read = key?.grant('read', 's3') ?? [];
  const write = key?.grant('read and write', 's3') ?? [];
  return { read: [list, get, ...read], write: [put, ...write], readWrite: [list, get, put, ...write] };
}
