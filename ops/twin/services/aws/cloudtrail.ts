import { decide } from '../../iam/decide.ts';
import type { AccessRequest } from '../../iam/decide.ts';
import type { Kind, Question, Refusal } from '../../kind.ts';
import { flagAt, isGiven, objectsAt, others, refusal, textAt, textOf } from '../values.ts';
import { arn } from './arn.ts';
import { findKey } from './kms-lookup.ts';
import { readPolicy } from './policy-arguments.ts';
import { bucketNamed, settingIn } from './s3-buckets.ts';

const trailType = 'aws:cloudtrail/trail:Trail';
const cloudTrail = { kind: 'service', name: 'cloudtrail.amazonaws.com' } as const;

const trail: Kind = {
  type: trailType,
  api: {
    service: 'CloudTrail',
    create: 'CreateTrail',
    read: 'DescribeTrails',
    update: 'UpdateTrail',
    delete: 'DeleteTrail',
  },
  naming: { property: 'name', maxLength: 128 },
  references: [
    {
      property: 'cloudWatchLogsRoleArn',
      to: 'aws:iam/role:Role',
      by: 'arn',
      where: 'anywhere',
      missing: {
        code: 'InvalidCloudWatchLogsRoleArnException',
        message: 'CloudTrail cannot validate the specified role ARN.',
      },
    },
  ],
  takes: { create: 5, update: 3, delete: 2 },
  replaces: ['name'],
  updates: ['isMultiRegionTrail', 's3BucketName', 'kmsKeyId'],
  defaults: () => ({
    enableLogFileValidation: false,
    enableLogging: true,
    includeGlobalServiceEvents: true,
    isMultiRegionTrail: false,
    isOrganizationTrail: false,
  }),
  check: (question) => [
    ...nameProblems(question),
    ...eventProblems(question),
    ...logGroupProblems(question),
    ...logRoleProblems(question),
    ...bucketProblems(question),
    ...keyProblems(question),
  ],
  id: (question) => trailArn(question),
  outputs: ({ place }) => ({
    homeRegion: place.region,
    snsTopicArn: '',
    advancedEventSelectors: [],
    eventSelectors: [],
    insightSelectors: [],
  }),
  arn: (_question, id) => id,
};

/** The log of who did what. */
export const cloudtrailKinds: readonly Kind[] = [trail];

function trailArn({ place, inputs }: Question): string {
  return arn('cloudtrail', place, `trail/${textAt(inputs, 'name') ?? ''}`);
}

function nameProblems(question: Question): readonly Refusal[] {
  const { inputs, place, before } = question;
  const name = textAt(inputs, 'name');
  const here = others(question, trailType);
  const say = (message: string): readonly Refusal[] => [
    refusal('InvalidTrailNameException', message, 'name'),
  ];
  if (before === undefined && here.length >= 5)
    return [
      refusal(
        'MaximumNumberOfTrailsExceededException',
        `User: ${place.account} already has 5 trails in ${place.region}.`,
      ),
    ];
  if (name === undefined) return [];
  if (name.length < 3)
    return say(
      'Trail name too short. Minimum allowed length: 3 characters. Specified name length: ' +
        `${name.length} characters.`,
    );
  if (name.length > 128)
    return say(
      `Trail name too long. Maximum allowed length: 128 characters. Specified name length: ${name.length} characters.`,
    );
  if (!/^[a-zA-Z0-9._-]+$/.test(name))
    return say(
      'Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).',
    );
  if (!/^[a-zA-Z0-9].*[a-zA-Z0-9]$/.test(name))
    return say('Trail name must start and end with a letter or number.');
  return here.some((each) => textOf(each, 'name') === name)
    ? [
        refusal(
          'TrailAlreadyExistsException',
          `Trail ${name} already exists for customer: ${place.account}`,
          'name',
        ),
      ]
    : [];
}

function eventProblems({ inputs }: Question): readonly Refusal[] {
  if (flagAt(inputs, 'isMultiRegionTrail') === true && flagAt(inputs, 'includeGlobalServiceEvents') === false)
    return [
      refusal(
        'InvalidParameterCombinationException',
        'Multi-Region trail must include global service events.',
        'includeGlobalServiceEvents',
      ),
    ];
  const both =
    objectsAt(inputs, 'eventSelectors').length > 0 && objectsAt(inputs, 'advancedEventSelectors').length > 0;
  return both
    ? [
        refusal(
          'InvalidEventSelectorsException',
          '"event_selector": conflicts with advanced_event_selector',
          'eventSelectors',
        ),
      ]
    : [];
}

function logGroupProblems(question: Question): readonly Refusal[] {
  const { inputs, cloud, calling } = question;
  const group = textAt(inputs, 'cloudWatchLogsGroupArn');
  const say = (message: string): readonly Refusal[] => [
    refusal('InvalidCloudWatchLogsLogGroupArnException', message, 'cloudWatchLogsGroupArn'),
  ];
  const [withGroup, withRole] = ['cloudWatchLogsGroupArn', 'cloudWatchLogsRoleArn'].map((each) =>
    isGiven(question, each),
  );
  if (withGroup !== withRole)
    return [
      refusal(
        'InvalidParameterCombinationException',
        'You must specify both the CloudWatch Logs log group ARN and the role ARN.',
        withGroup ? 'cloudWatchLogsRoleArn' : 'cloudWatchLogsGroupArn',
      ),
    ];
  if (group === undefined) return [];
  if (!/^arn:aws[a-z-]*:logs:[a-z0-9-]+:\d{12}:log-group:[^:]+:\*$/.test(group))
    return say('CloudTrail cannot validate the specified log group ARN.');
  return calling !== undefined && cloud.byArn(group.replace(/:\*$/, '')) === undefined
    ? say('CloudTrail cannot validate the specified log group ARN.')
    : [];
}

/**
 * CloudTrail takes on the role without saying for whom, so conditions on that shut it out:
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
 */
function logRoleProblems({ inputs, cloud, calling }: Question): readonly Refusal[] {
  const name = textAt(inputs, 'cloudWatchLogsRoleArn') ?? '';
  const trust = readPolicy(cloud.byArn(name)?.inputs['assumeRolePolicy']);
  if (trust === undefined || calling === undefined) return [];
  const request = { caller: cloudTrail, action: 'sts:AssumeRole', resource: name } as const;
  return decide({ resource: trust }, request) === 'allowed'
    ? []
    : [
        refusal(
          'InvalidCloudWatchLogsRoleArnException',
          'Access denied. Check the trust relationships for your role.',
          'cloudWatchLogsRoleArn',
        ),
      ];
}

/** CloudTrail tries whether the bucket lets it in: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html */
function bucketProblems(question: Question): readonly Refusal[] {
  const { inputs, place, calling } = question;
  const name = textAt(inputs, 's3BucketName');
  if (name === undefined || calling === undefined) return [];
  if (bucketNamed(question, name) === undefined)
    return [refusal('S3BucketDoesNotExistException', `S3 bucket ${name} does not exist!`, 's3BucketName')];
  const setting = settingIn(question, 'aws:s3/bucketPolicy:BucketPolicy', name, place.account);
  const policy = setting && readPolicy(setting.inputs['policy']);
  const prefix = textAt(inputs, 's3KeyPrefix');
  const key = `${prefix === undefined ? '' : `${prefix}/`}AWSLogs/${place.account}/x`;
  const context = {
    'aws:SourceArn': trailArn(question),
    'aws:SourceAccount': place.account,
    'aws:SecureTransport': 'true',
    's3:x-amz-acl': 'bucket-owner-full-control',
  };
  const needed: readonly AccessRequest[] = [
    { caller: cloudTrail, action: 's3:GetBucketAcl', resource: `arn:aws:s3:::${name}`, context },
    { caller: cloudTrail, action: 's3:PutObject', resource: `arn:aws:s3:::${name}/${key}`, context },
  ];
  const open =
    policy !== undefined && needed.every((each) => decide({ resource: policy }, each) === 'allowed');
  return open
    ? []
    : [
        refusal(
          'InsufficientS3BucketPolicyException',
          `Incorrect S3 bucket policy is detected for bucket: ${name}`,
          's3BucketName',
        ),
      ];
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html */
function keyProblems(question: Question): readonly Refusal[] {
  const { inputs, place, calling } = question;
  const name = textAt(inputs, 'kmsKeyId');
  if (name === undefined) return [];
  const key = findKey(question, name);
  if (key === 'another-region' || (key === undefined && calling !== undefined))
    return [refusal('KmsKeyNotFoundException', `KMS key not found: ${name}`, 'kmsKeyId')];
  if (typeof key !== 'object' || calling === undefined) return [];
  const policy = readPolicy(key.inputs['policy'] ?? key.outputs['policy']);
  const context = {
    'aws:SourceArn': trailArn(question),
    'aws:SourceAccount': place.account,
    'kms:EncryptionContext:aws:cloudtrail:arn': trailArn(question),
  };
  const open =
    policy !== undefined &&
    ['kms:GenerateDataKey', 'kms:DescribeKey'].every(
      (action) =>
        decide(
          { resource: policy },
          { caller: cloudTrail, action, resource: textOf(key, 'arn') ?? '*', context },
        ) === 'allowed',
    );
  return open
    ? []
    : [
        refusal(
          'InsufficientEncryptionPolicyException',
          `Insufficient permissions to access S3 bucket ${textAt(inputs, 's3BucketName') ?? ''} or KMS key ${name}.`,
          'kmsKeyId',
        ),
      ];
}
