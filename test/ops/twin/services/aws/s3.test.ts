import { describe, expect, it } from 'vitest';
import { s3Kinds } from '../../../../../ops/twin/services/aws/s3.ts';
import { ask, fakeCloud, kindOf, made, said, thing, type FakeThing } from '../fake-cloud.ts';

const kind = (name: string) =>
  kindOf(s3Kinds, `aws:s3/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`);
const bucket = kind('Bucket');
const here: FakeThing = { type: bucket.type, id: 'kyc' };
const setting = (name: string, inputs: object): FakeThing => ({
  type: kind(name).type,
  id: 'kyc',
  inputs: { bucket: 'kyc', ...inputs },
});
const versioned = setting('BucketVersioning', { versioningConfiguration: { status: 'Enabled' } });
const suspended = setting('BucketVersioning', { versioningConfiguration: { status: 'Suspended' } });

describe('a bucket', () => {
  it('has the names of its region', () => {
    expect(made(bucket, ask({ bucket: 'kyc' }))).toMatchObject({
      id: 'kyc',
      outputs: {
        arn: 'arn:aws:s3:::kyc',
        bucketRegionalDomainName: 'kyc.s3.us-east-1.amazonaws.com',
        hostedZoneId: 'Z3AQBSTGFJSTF',
      },
    });
  });

  it.each([
    'ab',
    'Kyc',
    'kyc_docs',
    '-kyc',
    'kyc-',
    'k..yc',
    '192.168.1.1',
    'xn--kyc',
    'kyc-s3alias',
    'a'.repeat(64),
  ])('is not named %s', (name) => {
    expect(said(bucket, ask({ bucket: name }))).toEqual([
      `InvalidBucketName: The specified bucket is not valid: ${name}`,
    ]);
  });

  it('is named by letters, digits, hyphens and dots', () => {
    for (const name of ['kyc', 'my-bucket.logs', '0-9'])
      expect(said(bucket, ask({ bucket: name }))).toEqual([]);
  });

  it('takes settings as resources of their own', () => {
    expect(said(bucket, ask({ bucket: 'kyc', versioning: { enabled: true } }))[0]).toContain(
      'aws.s3.BucketVersioning',
    );
  });

  it('stays while the program has objects in it', () => {
    const object = { type: 'aws:s3/bucketObjectv2:BucketObjectv2', id: 'o', inputs: { bucket: 'kyc' } };
    const own = (forceDestroy: boolean) => thing({ ...here, inputs: { forceDestroy } });
    expect(bucket.holds?.(own(false), fakeCloud([object]))?.code).toBe('BucketNotEmpty');
    expect(bucket.holds?.(own(true), fakeCloud([object]))).toBeUndefined();
  });
});

describe('a bucket policy', () => {
  const says = (statement: object, things: FakeThing[] = [here]) =>
    said(
      kind('BucketPolicy'),
      ask(
        {
          bucket: 'kyc',
          policy: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] }),
        },
        { things },
      ),
    );
  const own = { Principal: { AWS: '123456789012' } };
  const tls = {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: ['arn:aws:s3:::kyc', 'arn:aws:s3:::kyc/*'],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };

  it.each<[object, string | undefined]>([
    [tls, undefined],
    [
      {
        ...own,
        Action: ['s3:GetObject', 's3:ListBucket'],
        Resource: ['arn:aws:s3:::kyc', 'arn:aws:s3:::kyc/*'],
      },
      undefined,
    ],
    [{ ...own, Action: 's3:*', Resource: 'arn:aws:s3:::kyc*' }, undefined],
    [{ ...own, Action: 's3:PutBucketObjectLockConfiguration', Resource: 'arn:aws:s3:::kyc' }, undefined],
    [
      { ...own, Action: ['s3:GetObject', 's3:ListBucket'], Resource: 'arn:aws:s3:::kyc/*' },
      'MalformedPolicy: Action does not apply to any resource(s) in statement',
    ],
    [
      { ...own, Action: 's3:PutObject', Resource: 'arn:aws:s3:::kyc' },
      'MalformedPolicy: Action does not apply to any resource(s) in statement',
    ],
    [
      { ...own, Action: 's3:GetObject', Resource: 'arn:aws:s3:::other/*' },
      'MalformedPolicy: Policy has invalid resource',
    ],
    [{ ...own, Action: 's3:*', Resource: '*' }, 'MalformedPolicy: Policy has invalid resource'],
    [
      { ...own, Action: 's3:GetObjects', Resource: 'arn:aws:s3:::kyc/*' },
      'MalformedPolicy: Policy has invalid action',
    ],
    [
      { ...own, Action: 'ec2:RunInstances', Resource: 'arn:aws:s3:::kyc/*' },
      'MalformedPolicy: Policy has invalid action',
    ],
    [{ ...own, Action: 's3:GetObject' }, 'MalformedPolicy: Statement is missing required element'],
    [
      { Action: 's3:GetObject', Resource: 'arn:aws:s3:::kyc/*' },
      'MalformedPolicy: Missing required field Principal',
    ],
    [
      { Principal: { AWS: 'me' }, Action: 's3:GetObject', Resource: 'arn:aws:s3:::kyc/*' },
      'MalformedPolicy: Invalid principal in policy',
    ],
  ])('with %j is taken or refused', (statement, message) => {
    expect(says(statement)[0]).toBe(message);
  });

  it('for anyone is refused unless public policies are let through', () => {
    const open = { Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::kyc/*' };
    const message =
      'because public policies are blocked by the BlockPublicPolicy block public access setting.';
    expect(says(open)[0]).toContain(message);
    expect(says(open, [here, setting('BucketPublicAccessBlock', { blockPublicPolicy: true })])[0]).toContain(
      message,
    );
    expect(says(open, [here, setting('BucketPublicAccessBlock', { blockPublicPolicy: false })])).toEqual([]);
  });
});

describe('settings of a bucket', () => {
  it.each<[string, object, FakeThing[], string | undefined]>([
    ['BucketVersioning', { versioningConfiguration: { status: 'On' } }, [here], 'MalformedXML'],
    [
      'BucketVersioning',
      { versioningConfiguration: { status: 'Suspended' } },
      [{ ...here, inputs: { objectLockEnabled: true } }],
      'InvalidBucketState: An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
    ],
    [
      'BucketObjectLockConfiguration',
      {},
      [here],
      "InvalidBucketState: Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
    ],
    ['BucketObjectLockConfiguration', {}, [here, suspended], 'InvalidBucketState'],
    [
      'BucketObjectLockConfiguration',
      { rule: { defaultRetention: { mode: 'GOVERNANCE', days: 30 } } },
      [here, versioned],
      undefined,
    ],
    [
      'BucketObjectLockConfiguration',
      { rule: { defaultRetention: { mode: 'GOVERNANCE', days: 30, years: 1 } } },
      [here, versioned],
      'MalformedXML',
    ],
    [
      'BucketServerSideEncryptionConfiguration',
      { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256', kmsMasterKeyId: 'k' } }] },
      [here],
      'InvalidArgument: a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
    ],
    [
      'BucketServerSideEncryptionConfiguration',
      { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: 'k' } }] },
      [here],
      "KMS.NotFoundException: Key 'k' does not exist",
    ],
    [
      'BucketServerSideEncryptionConfiguration',
      { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'kms' } }] },
      [here],
      'MalformedXML',
    ],
    ['BucketOwnershipControls', { rule: { objectOwnership: 'Owner' } }, [here], 'MalformedXML'],
    [
      'BucketLogging',
      { targetBucket: 'logs', targetPrefix: '' },
      [here],
      'InvalidTargetBucketForLogging: The target bucket for logging does not exist',
    ],
    [
      'BucketLogging',
      { targetBucket: 'logs', targetPrefix: '' },
      [here, { type: bucket.type, id: 'logs', region: 'eu-west-1' }],
      'CrossLocationLoggingProhibitted',
    ],
    [
      'BucketLogging',
      { targetBucket: 'logs', targetPrefix: '' },
      [here, { type: bucket.type, id: 'logs' }],
      undefined,
    ],
    [
      'BucketNotification',
      { topics: [{ topicArn: 'arn:aws:sns:us-east-1:123456789012:t', events: ['s3:ObjectCreated:*'] }] },
      [here],
      'InvalidArgument: Unable to validate the following destination configurations',
    ],
    [
      'BucketNotification',
      { queues: [{ queueArn: 'q', events: ['ObjectCreated'] }] },
      [here],
      'A specified event is not supported for notifications',
    ],
  ])('%s with %j', (name, inputs, things, message) => {
    const [first] = said(kind(name), ask({ bucket: 'kyc', ...inputs }, { things }));
    if (message === undefined) expect(first).toBeUndefined();
    else expect(first).toContain(message);
  });

  it('say nothing in preview of what may still come', () => {
    const preview = { things: [here], preview: true } as const;
    expect(said(kind('BucketObjectLockConfiguration'), ask({ bucket: 'kyc' }, preview))).toEqual([]);
    expect(said(kind('BucketLogging'), ask({ bucket: 'kyc', targetBucket: 'later' }, preview))).toEqual([]);
  });
});

describe('a lifecycle', () => {
  const days = (storageClass: string, count: number) => ({ storageClass, days: count });
  it.each<[object, string | undefined]>([
    [{ transitions: [days('STANDARD_IA', 30), days('GLACIER', 60)], expiration: { days: 365 } }, undefined],
    [
      {
        noncurrentVersionExpiration: { noncurrentDays: 30 },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
      },
      undefined,
    ],
    [{}, 'InvalidRequest: At least one action needs to be specified in a rule.'],
    [{ status: 'On', expiration: { days: 1 } }, 'MalformedXML'],
    [{ expiration: { days: 1, expiredObjectDeleteMarker: true } }, 'MalformedXML'],
    [
      { transitions: [days('STANDARD_IA', 29)] },
      "InvalidArgument: 'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'",
    ],
    [{ transitions: [days('COLD', 30)] }, 'MalformedXML'],
    [
      { transitions: [days('STANDARD_IA', 30), days('GLACIER', 45)] },
      "'Days' in the 'Transition' action for StorageClass 'GLACIER' for filter '(prefix=)' must be 30 days more than",
    ],
    [
      { transitions: [days('GLACIER', 60)], expiration: { days: 60 } },
      "'Days' in the Expiration action for filter '(prefix=)' must be greater than 'Days' in the Transition action",
    ],
    [
      { noncurrentVersionTransitions: [{ storageClass: 'STANDARD_IA', noncurrentDays: 10 }] },
      "'NoncurrentDays' in NoncurrentVersionTransition action",
    ],
    [
      {
        filter: { tag: { key: 'a', value: 'b' } },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
      },
      'AbortIncompleteMultipartUpload cannot be specified with Tags.',
    ],
  ])('with %j is taken or refused', (rule, message) => {
    const inputs = { bucket: 'kyc', rules: [{ id: 'a', status: 'Enabled', ...rule }] };
    const [first] = said(kind('BucketLifecycleConfiguration'), ask(inputs));
    if (message === undefined) expect(first).toBeUndefined();
    else expect(first).toContain(message);
  });

  it('names its rules apart', () => {
    const rule = { id: 'a', status: 'Enabled', expiration: { days: 1 } };
    expect(said(kind('BucketLifecycleConfiguration'), ask({ bucket: 'kyc', rules: [rule, rule] }))).toEqual([
      'InvalidArgument: Rule ID must be unique. Found same ID for more than one rule',
    ]);
  });
});

describe('a replication', () => {
  const target = { type: bucket.type, id: 'copy', region: 'eu-west-1' };
  const copies = {
    type: kind('BucketVersioning').type,
    id: 'copy',
    region: 'eu-west-1',
    inputs: { bucket: 'copy', versioningConfiguration: { status: 'Enabled' } },
  };
  const rule = { status: 'Enabled', destination: { bucket: 'arn:aws:s3:::copy' } };
  const says = (things: FakeThing[], change: object = {}) =>
    said(
      kind('BucketReplicationConfig'),
      ask({ bucket: 'kyc', role: 'r', rules: [{ ...rule, ...change }] }, { things }),
    );

  it('needs versions on both sides', () => {
    expect(says([here, versioned, target, copies])).toEqual([]);
    expect(says([here, target, copies])).toEqual([
      "InvalidRequest: Versioning must be 'Enabled' on the bucket to apply a replication configuration",
    ]);
    expect(says([here, versioned, target])).toEqual([
      'InvalidRequest: Destination bucket must have versioning enabled.',
    ]);
    expect(says([here, versioned])).toEqual(['InvalidRequest: Destination bucket must exist.']);
  });

  it.each<[object, string]>([
    [{ filter: { prefix: '' } }, 'DeleteMarkerReplication must be specified'],
    [
      { sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } } },
      'ReplicaKmsKeyID must be specified',
    ],
    [{ destination: { bucket: 'copy' } }, 'Invalid bucket ARN.'],
  ])('with %j is refused', (change, message) => {
    expect(says([here, versioned, target, copies], change)[0]).toContain(message);
  });
});
