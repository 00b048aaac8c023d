import { beforeEach, describe, expect, it } from 'vitest';
import {
  lifecycleProblems,
  lifecycleRules,
  type BucketDays,
} from '../../../components/aws/bucket-lifecycle.ts';
import { EncryptionKey } from '../../../components/aws/encryption-key.ts';
import { PrivateBucket, type PrivateBucketArgs } from '../../../components/aws/private-bucket.ts';
import { ServiceRole } from '../../../components/aws/service-role.ts';
import { decide, type Caller } from '../../../ops/twin/iam/decide.ts';
import { account, ask, readPolicy } from './access.ts';
import { allOf, describeWithoutCloud, inputsOf, refusal, someSite, valueOf } from './described.ts';

beforeEach(describeWithoutCloud);

const bucket = `coinestate-kyc-staging-${account}-us-east-1`;
const logsBucket = `coinestate-logs-staging-${account}-us-east-1`;
const arn = `arn:aws:s3:::${bucket}`;
const everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';
const tls = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3' };

function someBucket(more: Partial<PrivateBucketArgs> = {}, site = someSite()): PrivateBucket {
  const key = new EncryptionKey('kyc-key', { site, description: 'Documents', uses: ['s3'] });
  const accessLogs = new PrivateBucket('coinestate-logs', {
    site,
    writers: [{ kind: 'access-logs' }, { kind: 'load-balancer-logs' }],
    days: { expire: 365 },
  });
  return new PrivateBucket('coinestate-kyc', { site, key, accessLogs, ...more });
}
const policyOf = async (name: string): Promise<string> =>
  ((await inputsOf(`${name}-policy-us-east-1`)) as { policy: string }).policy;

describe('a private bucket', () => {
  it('is closed to the public, owns its objects, keeps versions, encrypts and logs', async () => {
    const made = someBucket();
    expect(await valueOf(made.bucketName)).toBe(bucket);
    expect(await valueOf(made.arn)).toBe(arn);
    expect(await inputsOf('coinestate-kyc-public-access-us-east-1')).toMatchObject({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(await inputsOf('coinestate-kyc-ownership-us-east-1')).toMatchObject({
      rule: { objectOwnership: 'BucketOwnerEnforced' },
    });
    expect(await inputsOf('coinestate-kyc-versioning-us-east-1')).toMatchObject({
      versioningConfiguration: { status: 'Enabled' },
    });
    expect(await inputsOf('coinestate-kyc-encryption-us-east-1')).toMatchObject({
      rules: [
        {
          applyServerSideEncryptionByDefault: {
            sseAlgorithm: 'aws:kms',
            kmsMasterKeyId: await valueOf(made.bucket.arn).then(
              () => expect.stringContaining('kyc-key') as string,
            ),
          },
          bucketKeyEnabled: true,
        },
      ],
    });
    expect(await inputsOf('coinestate-kyc-access-logs-us-east-1')).toMatchObject({
      targetBucket: logsBucket,
      targetPrefix: `s3/${bucket}/`,
    });
    const all = await allOf('s3/bucket:Bucket');
    expect(all.map(({ inputs }) => inputs['region'])).toEqual(['us-east-1', 'us-east-1']);
  });

  it('refuses what comes without TLS, with old TLS, or with another key, whoever asks', async () => {
    someBucket();
    const resource = await policyOf('coinestate-kyc');
    const put = (context: Readonly<Record<string, string>>): string =>
      ask([everything], 's3:PutObject', `${arn}/passport.pdf`, context, { resource });
    const key = JSON.parse(resource) as {
      Statement: { Sid: string; Condition: { StringNotEquals: Record<string, string> } }[];
    };
    const own =
      Object.values(
        key.Statement.find(({ Sid }) => Sid === 'OnlyWithItsKey')?.Condition.StringNotEquals ?? {},
      )[0] ?? '';
    expect(put(tls)).toBe('allowed');
    expect(
      put({
        ...tls,
        's3:x-amz-server-side-encryption-aws-kms-key-id': own,
        's3:x-amz-server-side-encryption': 'aws:kms',
      }),
    ).toBe('allowed');
    expect(put({ ...tls, 'aws:SecureTransport': 'false' })).toBe('explicit-deny');
    expect(put({ ...tls, 's3:TlsVersion': '1.1' })).toBe('explicit-deny');
    expect(put({ ...tls, 's3:x-amz-server-side-encryption-aws-kms-key-id': `${own}-other` })).toBe(
      'explicit-deny',
    );
    expect(put({ ...tls, 's3:x-amz-server-side-encryption': 'AES256' })).toBe('explicit-deny');
  });

  it.each<[string, Caller, string, Readonly<Record<string, string>>, string]>([
    [
      'access logs of this account',
      { kind: 'service', name: 'logging.s3.amazonaws.com' },
      's3/x/1',
      { 'aws:SourceAccount': account },
      'allowed',
    ],
    [
      'access logs of another account',
      { kind: 'service', name: 'logging.s3.amazonaws.com' },
      's3/x/1',
      { 'aws:SourceAccount': '999999999999' },
      'implicit-deny',
    ],
    [
      'logs of load balancers',
      { kind: 'service', name: 'logdelivery.elasticloadbalancing.amazonaws.com' },
      `api/AWSLogs/${account}/elasticloadbalancing/1`,
      { 'aws:SourceAccount': account },
      'allowed',
    ],
    [
      'logs of load balancers elsewhere in it',
      { kind: 'service', name: 'logdelivery.elasticloadbalancing.amazonaws.com' },
      's3/1',
      { 'aws:SourceAccount': account },
      'implicit-deny',
    ],
    ['anything of anyone', { kind: 'anyone' }, 's3/1', {}, 'implicit-deny'],
  ])('for logs takes %s as %s', async (_, caller, path, context, expected) => {
    someBucket();
    const resource = readPolicy(await policyOf('coinestate-logs'), 'resource');
    const request = {
      caller,
      action: 's3:PutObject',
      resource: `arn:aws:s3:::${logsBucket}/${path}`,
      account,
    };
    expect(decide({ resource }, { ...request, context: { ...tls, ...context } })).toBe(expected);
  });

  it('hands out reading without writing, and neither with deleting', async () => {
    const { grants } = someBucket();
    const role = (name: string, grant: 'read' | 'write' | 'readWrite'): void => {
      new ServiceRole(name, {
        site: someSite(),
        description: 'x',
        service: 'ecs-tasks.amazonaws.com',
        grants: [grants[grant]],
      });
    };
    role('reader', 'read');
    role('writer', 'write');
    const answers = async (name: string): Promise<readonly string[]> => {
      const { policy } = (await inputsOf(`${name}-policy-us-east-1`)) as { policy: string };
      return ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:PutBucketPolicy'].map((action) =>
        ask([policy], action, action.endsWith('Policy') ? arn : `${arn}/1`),
      );
    };
    const [yes, no] = ['allowed', 'implicit-deny'];
    expect(await answers('reader')).toEqual([yes, no, no, no]);
    expect(await answers('writer')).toEqual([no, yes, no, no]);
  });

  it('is protected and not emptied where the site keeps, and comes and goes elsewhere', async () => {
    someBucket({ lock: { mode: 'compliance', days: 30 } }, someSite({ environment: 'prod' }));
    expect(await inputsOf('coinestate-kyc-bucket-us-east-1')).toMatchObject({
      forceDestroy: false,
      objectLockEnabled: true,
    });
    expect(await inputsOf('coinestate-kyc-lock-us-east-1')).toMatchObject({
      rule: { defaultRetention: { mode: 'COMPLIANCE', days: 30 } },
    });
    someBucket();
    await expect
      .poll(async () => (await allOf('s3/bucket:Bucket')).at(-1)?.inputs['forceDestroy'])
      .toBe(true);
  });

  it.each<[string, Partial<Record<keyof PrivateBucketArgs, unknown>>, string]>([
    ['no key', { key: undefined }, 'key: it has none'],
    ['no access logs', { accessLogs: undefined }, 'accessLogs: its accesses are written down nowhere'],
    [
      'a key for logs of AWS',
      { writers: [{ kind: 'access-logs' }] },
      'key: AWS does not write access-logs with a key of ours',
    ],
    ['logs that stay for ever', { writers: [{ kind: 'access-logs' }] }, 'days.expire'],
    ['a lock of no days', { lock: { mode: 'governance', days: 0 } }, 'lock.days: 0'],
    [
      'old versions that go before the lock ends',
      { lock: { mode: 'governance', days: 90 }, days: { oldVersions: 30 } },
      'before the end of the lock',
    ],
  ])('is refused with %s', (_, change, message) => {
    expect(refusal('CUT-5400', () => someBucket(change as Partial<PrivateBucketArgs>))).toContain(message);
  });

  it('is refused when its name in the world would be too long', () => {
    const site = someSite({ region: 'ap-southeast-1' });
    const make = (): unknown =>
      new PrivateBucket('meta-aggregator-order-book-s', {
        site,
        writers: [{ kind: 'access-logs' }],
        days: { expire: 1 },
      });
    expect(refusal('CUT-5400', make)).toContain('letters of 63');
  });
});

describe('the life of objects', () => {
  it('always ends for old versions, unfinished uploads and lone markers', () => {
    expect(lifecycleRules({})).toEqual([
      {
        id: 'unfinished-uploads',
        status: 'Enabled',
        filter: {},
        abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
      },
      {
        id: 'old-versions',
        status: 'Enabled',
        filter: {},
        noncurrentVersionExpiration: { noncurrentDays: 90 },
        expiration: { expiredObjectDeleteMarker: true },
      },
    ]);
  });
  it('goes from hot to warm to cold to nothing', () => {
    expect(lifecycleRules({ warm: 30, cold: 90, expire: 365 })[2]).toEqual({
      id: 'age',
      status: 'Enabled',
      filter: {},
      transitions: [
        { days: 30, storageClass: 'STANDARD_IA' },
        { days: 90, storageClass: 'GLACIER_IR' },
      ],
      expiration: { days: 365 },
    });
  });
  it.each<[BucketDays, string]>([
    [{ warm: 7 }, 'days.warm: 7 is too early'],
    [{ warm: 30, cold: 40 }, 'days.cold: 40 must be 60 or more'],
    [{ warm: 30, expire: 30 }, 'days.expire: 30 must be later'],
    [{ oldVersions: 0 }, 'days.oldVersions: 0'],
    [{ unfinishedUploads: 1.5 }, 'days.unfinishedUploads: 1.5'],
  ])('is refused as %o', (days, message) => {
    expect(lifecycleProblems(days, undefined).filter(Boolean)).toEqual([expect.stringContaining(message)]);
  });
});
