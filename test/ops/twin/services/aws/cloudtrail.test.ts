import { describe, expect, it } from 'vitest';
import { cloudtrailKinds } from '../../../../../ops/twin/services/aws/cloudtrail.ts';
import { ask, kindOf, made, said, type FakeThing } from '../fake-cloud.ts';

const trail = kindOf(cloudtrailKinds, 'aws:cloudtrail/trail:Trail');
const account = '123456789012';
const arn = `arn:aws:cloudtrail:us-east-1:${account}:trail/audit`;
const service = { Service: 'cloudtrail.amazonaws.com' };
const write = (action: string, resource: string, condition?: object) => ({
  Effect: 'Allow',
  Principal: service,
  Action: action,
  Resource: resource,
  ...(condition && { Condition: condition }),
});
const acl = { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', 'aws:SourceArn': arn } };
const list = write('s3:GetBucketAcl', 'arn:aws:s3:::logs');
const put = write('s3:PutObject', `arn:aws:s3:::logs/AWSLogs/${account}/*`, acl);
const bucket: FakeThing = { type: 'aws:s3/bucket:Bucket', id: 'logs' };
const bucketPolicy = (...statements: object[]): FakeThing => ({
  type: 'aws:s3/bucketPolicy:BucketPolicy',
  id: 'logs',
  inputs: { bucket: 'logs', policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }) },
});
const keyOf = (...statements: object[]): FakeThing => ({
  type: 'aws:kms/key:Key',
  id: 'k',
  inputs: { policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }) },
  outputs: { arn: `arn:aws:kms:us-east-1:${account}:key/k` },
});
const right = { name: 'audit', s3BucketName: 'logs', isMultiRegionTrail: true };
const open = [bucket, bucketPolicy(list, put)];
const about = (change: object, things: FakeThing[] = open) =>
  said(trail, ask({ ...right, ...change }, { things }));

describe('a trail', () => {
  it('writes where it is let in', () => {
    expect(about({})).toEqual([]);
    expect(made(trail, ask(right)).id).toBe(arn);
  });

  it.each<[string, FakeThing[]]>([
    ['no policy', [bucket]],
    ['no right to look', [bucket, bucketPolicy(put)]],
    ['no right to write', [bucket, bucketPolicy(list)]],
    [
      'another account',
      [bucket, bucketPolicy(list, write('s3:PutObject', 'arn:aws:s3:::logs/AWSLogs/999999999999/*'))],
    ],
    [
      'another trail',
      [
        bucket,
        bucketPolicy(
          list,
          write('s3:PutObject', 'arn:aws:s3:::logs/*', { StringEquals: { 'aws:SourceArn': `${arn}2` } }),
        ),
      ],
    ],
    ['a deny beside', [bucket, bucketPolicy(list, put, { ...put, Effect: 'Deny', Principal: '*' })]],
  ])('is refused by a bucket with %s', (_what, things) => {
    expect(about({}, things)).toEqual([
      'InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for bucket: logs',
    ]);
  });

  it('writes over TLS, so that a bucket may insist on it', () => {
    const tls = {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: ['arn:aws:s3:::logs', 'arn:aws:s3:::logs/*'],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    };
    expect(about({}, [bucket, bucketPolicy(list, put, tls)])).toEqual([]);
  });

  it('needs a key that lets it in', () => {
    const use = {
      Effect: 'Allow',
      Principal: service,
      Action: ['kms:GenerateDataKey*', 'kms:DescribeKey'],
      Resource: '*',
    };
    const root = {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: 'kms:*',
      Resource: '*',
    };
    const kmsKeyId = `arn:aws:kms:us-east-1:${account}:key/k`;
    expect(about({ kmsKeyId }, [...open, keyOf(root, use)])).toEqual([]);
    expect(about({ kmsKeyId }, [...open, keyOf(root)])).toEqual([
      `InsufficientEncryptionPolicyException: Insufficient permissions to access S3 bucket logs or KMS key ${kmsKeyId}.`,
    ]);
    expect(about({ kmsKeyId })[0]).toContain('KmsKeyNotFoundException');
  });

  it.each<[object, string]>([
    [{ name: 'ab' }, 'InvalidTrailNameException: Trail name too short.'],
    [{ name: 'a b' }, 'InvalidTrailNameException'],
    [{ s3BucketName: 'none' }, 'S3BucketDoesNotExistException: S3 bucket none does not exist!'],
    [
      { includeGlobalServiceEvents: false },
      'InvalidParameterCombinationException: Multi-Region trail must include global service events.',
    ],
    [{ cloudWatchLogsGroupArn: `arn:aws:logs:us-east-1:${account}:log-group:t:*` }, 'You must specify both'],
    [
      { cloudWatchLogsGroupArn: `arn:aws:logs:us-east-1:${account}:log-group:t`, cloudWatchLogsRoleArn: 'r' },
      'InvalidCloudWatchLogsLogGroupArnException: CloudTrail cannot validate the specified log group ARN.',
    ],
    [
      {
        cloudWatchLogsGroupArn: `arn:aws:logs:us-east-1:${account}:log-group:t:*`,
        cloudWatchLogsRoleArn: 'r',
      },
      'InvalidCloudWatchLogsLogGroupArnException',
    ],
  ])('with %j is refused', (change, message) => {
    expect(about(change)[0]).toContain(message);
  });

  it.each([
    [undefined, []],
    [
      { StringEquals: { 'aws:SourceAccount': account } },
      ['InvalidCloudWatchLogsRoleArnException: Access denied. Check the trust relationships for your role.'],
    ],
    [
      { ArnLike: { 'aws:SourceArn': arn } },
      ['InvalidCloudWatchLogsRoleArnException: Access denied. Check the trust relationships for your role.'],
    ],
  ])('is written to a log group by a role with the condition %j: %j', (Condition, refusals) => {
    const roleArn = `arn:aws:iam::${account}:role/t`;
    const trust = {
      Effect: 'Allow',
      Principal: service,
      Action: 'sts:AssumeRole',
      ...(Condition && { Condition }),
    };
    const role: FakeThing = {
      ...{ type: 'aws:iam/role:Role', id: 't', region: 'global', outputs: { arn: roleArn } },
      inputs: { assumeRolePolicy: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }) },
    };
    const group = `arn:aws:logs:us-east-1:${account}:log-group:t`;
    const logs: FakeThing = { type: 'aws:cloudwatch/logGroup:LogGroup', id: 't', outputs: { arn: group } };
    const change = { cloudWatchLogsGroupArn: `${group}:*`, cloudWatchLogsRoleArn: roleArn };
    expect(about(change, [...open, role, logs])).toEqual(refusals);
  });

  it('is one of five in a region', () => {
    const five = Array.from({ length: 5 }, (_, index) => ({ type: trail.type, id: String(index) }));
    expect(about({}, [...open, ...five])[0]).toContain(`User: ${account} already has 5 trails in us-east-1.`);
  });

  it('says nothing in preview of what comes later', () => {
    expect(said(trail, ask(right, { preview: true }))).toEqual([]);
  });
});
