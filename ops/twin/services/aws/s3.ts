import type { Kind, Question, Refusal } from '../../kind.ts';
import { flagAt, refusal, textAt, textOf } from '../values.ts';
import { partitionOf } from './arn.ts';
import { s3LifecycleKind } from './s3-lifecycle.ts';
import { s3PolicyKind } from './s3-policy.ts';
import { s3ReplicationKind } from './s3-replication.ts';
import { s3SettingKinds } from './s3-settings.ts';

const bucketType = 'aws:s3/bucket:Bucket';

const bucket: Kind = {
  type: bucketType,
  api: {
    service: 'S3',
    create: 'CreateBucket',
    read: 'HeadBucket',
    update: 'PutBucketTagging',
    delete: 'DeleteBucket',
  },
  naming: {
    property: 'bucket',
    maxLength: 63,
    lowercase: true,
    unique: 'world',
    taken: {
      code: 'BucketAlreadyExists',
      message:
        'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    },
  },
  quota: {
    count: 10_000,
    per: 'account',
    refusal: {
      code: 'TooManyBuckets',
      message: 'You have attempted to create more buckets than allowed',
    },
  },
  takes: { create: 3, delete: 2 },
  replaces: ['bucket', 'bucketPrefix', 'objectLockEnabled'],
  updates: ['forceDestroy'],
  defaults: () => ({ forceDestroy: false }),
  check: (question) => [...bucketNameProblems(question), ...oldArguments(question)],
  id: ({ inputs }) => textAt(inputs, 'bucket') ?? '',
  outputs: ({ place }, id) => ({
    accelerationStatus: '',
    corsRules: [],
    grants: [],
    lifecycleRules: [],
    policy: '',
    serverSideEncryptionConfiguration: {
      rule: { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } },
    },
    versioning: { enabled: false, mfaDelete: false },
    bucketDomainName: `${id}.s3.amazonaws.com`,
    bucketNamespace: 'global',
    bucketRegion: place.region,
    bucketRegionalDomainName: `${id}.s3.${place.region}.amazonaws.com`,
    hostedZoneId: hostedZones[place.region] ?? 'Z3AQBSTGFJSTF',
    objectLockEnabled: false,
    requestPayer: 'BucketOwner',
    websiteDomain: '',
    websiteEndpoint: '',
  }),
  arn: ({ place }, id) => `arn:${partitionOf(place.region)}:s3:::${id}`,
  // Only what the program puts there is known here; what services write would hold a bucket as well.
  holds: ({ id, inputs, account }, cloud) =>
    flagAt(inputs, 'forceDestroy') !== true &&
    objectTypes.some((type) => cloud.all(type, { account }).some((each) => textOf(each, 'bucket') === id))
      ? refusal('BucketNotEmpty', 'The bucket you tried to delete is not empty')
      : undefined,
};

/** Buckets and everything that is set on them. */
export const s3Kinds: readonly Kind[] = [
  bucket,
  s3PolicyKind,
  s3LifecycleKind,
  s3ReplicationKind,
  ...s3SettingKinds,
];

const objectTypes = ['aws:s3/bucketObject:BucketObject', 'aws:s3/bucketObjectv2:BucketObjectv2'];

// https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints
const hostedZones: Readonly<Record<string, string>> = {
  'us-east-1': 'Z3AQBSTGFJSTF',
  'us-east-2': 'Z2O1EMRO9K5GLX',
  'us-west-1': 'Z2F56UZL2M1ACD',
  'us-west-2': 'Z3BJ6K6RIION7M',
  'eu-central-1': 'Z21DNDUVLTQW6Q',
  'eu-west-1': 'Z1BKCTXD74EZPE',
  'eu-west-2': 'Z3GKZC51ZF0DB4',
  'ap-southeast-1': 'Z3O0J2DXBE1FTB',
  'ap-southeast-2': 'Z1WCIGYICN2BYD',
  'ap-northeast-1': 'Z2M4EHUR26P7ZW',
};

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
function bucketNameProblems({ inputs }: Question): readonly Refusal[] {
  const name = textAt(inputs, 'bucket');
  if (name === undefined) return [];
  const good =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^\d{1,3}(\.\d{1,3}){3}$/.test(name) &&
    !/^(xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name);
  return good ? [] : [refusal('InvalidBucketName', `The specified bucket is not valid: ${name}`, 'bucket')];
}

// The provider warns of settings inside a bucket and still sets them; the twin plays the resources made for them alone.
function oldArguments({ inputs }: Question): readonly Refusal[] {
  const old: Readonly<Record<string, string>> = {
    lifecycleRules: 'BucketLifecycleConfiguration',
    logging: 'BucketLogging',
    policy: 'BucketPolicy',
    replicationConfiguration: 'BucketReplicationConfig',
    serverSideEncryptionConfiguration: 'BucketServerSideEncryptionConfiguration',
    versioning: 'BucketVersioning',
  };
  return Object.entries(old)
    .filter(([name]) => inputs[name] !== undefined)
    .map(([name, resource]) =>
      refusal(
        'Deprecated',
        `${name} is deprecated, and the twin does not play it. Use aws.s3.${resource}.`,
        name,
      ),
    );
}
