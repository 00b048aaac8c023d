import type { Kind, Question, Refusal } from '../../kind.ts';
import { isUnknown, numberAt, objectsAt, refusal, textAt, textsAt, valueAt } from '../values.ts';
import { keyProblems } from './kms-lookup.ts';
import { bucketNamed, isVersioned, settingIn, settingOf } from './s3-buckets.ts';

const objectLockType = 'aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration';
const malformed = 'The XML you provided was not well-formed or did not validate against our published schema';

const versioning: Kind = {
  ...settingOf('BucketVersioning', {
    put: 'PutBucketVersioning',
    get: 'GetBucketVersioning',
    remove: 'PutBucketVersioning',
  }),
  updates: ['versioningConfiguration', 'mfa'],
  check(question) {
    const { inputs, place } = question;
    const bucket = textAt(inputs, 'bucket') ?? '';
    const status = textAt(inputs, 'versioningConfiguration.status');
    if (status !== undefined && !['Enabled', 'Suspended', 'Disabled'].includes(status))
      return [refusal('MalformedXML', malformed, 'versioningConfiguration.status')];
    const locked =
      bucketNamed(question, bucket)?.inputs['objectLockEnabled'] === true ||
      settingIn(question, objectLockType, bucket, place.account) !== undefined;
    return locked && status !== undefined && status !== 'Enabled'
      ? [
          refusal(
            'InvalidBucketState',
            'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
            'versioningConfiguration.status',
          ),
        ]
      : [];
  },
};

const encryption: Kind = {
  ...settingOf('BucketServerSideEncryptionConfiguration', {
    put: 'PutBucketEncryption',
    get: 'GetBucketEncryption',
    remove: 'DeleteBucketEncryption',
  }),
  updates: ['rules'],
  check: (question) =>
    objectsAt(question.inputs, 'rules').flatMap((rule, index) => {
      const property = `rules[${index}].applyServerSideEncryptionByDefault`;
      const algorithm = textAt(rule, 'applyServerSideEncryptionByDefault.sseAlgorithm');
      const key = valueAt(rule, 'applyServerSideEncryptionByDefault.kmsMasterKeyId');
      if (algorithm !== undefined && !['AES256', 'aws:kms', 'aws:kms:dsse'].includes(algorithm))
        return [refusal('MalformedXML', malformed, `${property}.sseAlgorithm`)];
      if (algorithm === 'AES256' && key !== undefined && key !== '')
        return [
          refusal(
            'InvalidArgument',
            'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
            `${property}.kmsMasterKeyId`,
          ),
        ];
      const inner = { ...question, inputs: { key: key ?? null } };
      // S3 stores a key that is not there and fails at the first object; the twin says it at once.
      return keyProblems(inner, 'key', (_why, name) =>
        refusal('KMS.NotFoundException', `Key '${name}' does not exist`, `${property}.kmsMasterKeyId`),
      );
    }),
};

const publicAccessBlock: Kind = {
  ...settingOf('BucketPublicAccessBlock', {
    put: 'PutPublicAccessBlock',
    get: 'GetPublicAccessBlock',
    remove: 'DeletePublicAccessBlock',
  }),
  updates: [
    'blockPublicAcls',
    'blockPublicPolicy',
    'ignorePublicAcls',
    'restrictPublicBuckets',
    'skipDestroy',
  ],
  defaults: () => ({
    blockPublicAcls: false,
    blockPublicPolicy: false,
    ignorePublicAcls: false,
    restrictPublicBuckets: false,
  }),
};

const ownership: Kind = {
  ...settingOf('BucketOwnershipControls', {
    put: 'PutBucketOwnershipControls',
    get: 'GetBucketOwnershipControls',
    remove: 'DeleteBucketOwnershipControls',
  }),
  updates: ['rule'],
  check({ inputs }) {
    const wanted = textAt(inputs, 'rule.objectOwnership');
    return wanted === undefined ||
      ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'].includes(wanted)
      ? []
      : [refusal('MalformedXML', malformed, 'rule.objectOwnership')];
  },
};

const logging: Kind = {
  ...settingOf('BucketLogging', {
    put: 'PutBucketLogging',
    get: 'GetBucketLogging',
    remove: 'PutBucketLogging',
  }),
  updates: ['targetBucket', 'targetGrants', 'targetObjectKeyFormat', 'targetPrefix'],
  check(question) {
    const name = textAt(question.inputs, 'targetBucket');
    if (name === undefined) return [];
    const target = bucketNamed(question, name);
    if (target === undefined)
      return question.calling === undefined
        ? []
        : [
            refusal(
              'InvalidTargetBucketForLogging',
              'The target bucket for logging does not exist',
              'targetBucket',
            ),
          ];
    return target.region === question.place.region
      ? []
      : [
          refusal(
            'CrossLocationLoggingProhibitted',
            'Cross S3 location logging not allowed.',
            'targetBucket',
          ),
        ];
  },
};

const objectLock: Kind = {
  ...settingOf('BucketObjectLockConfiguration', {
    put: 'PutObjectLockConfiguration',
    get: 'GetObjectLockConfiguration',
    remove: 'PutObjectLockConfiguration',
  }),
  updates: ['rule'],
  defaults: () => ({ objectLockEnabled: 'Enabled' }),
  check(question) {
    const bucket = textAt(question.inputs, 'bucket') ?? '';
    if (question.calling !== undefined && !isVersioned(question, bucket))
      return [
        refusal(
          'InvalidBucketState',
          "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
          'bucket',
        ),
      ];
    return retentionProblems(question);
  },
};

const notification: Kind = {
  ...settingOf('BucketNotification', {
    put: 'PutBucketNotificationConfiguration',
    get: 'GetBucketNotificationConfiguration',
    remove: 'PutBucketNotificationConfiguration',
  }),
  updates: ['eventbridge', 'lambdaFunctions', 'queues', 'topics'],
  defaults: () => ({ eventbridge: false }),
  check: notificationProblems,
};

/** Settings of buckets, a resource each. */
export const s3SettingKinds: readonly Kind[] = [
  versioning,
  encryption,
  publicAccessBlock,
  ownership,
  logging,
  objectLock,
  notification,
];

function retentionProblems(question: Question): readonly Refusal[] {
  const { inputs } = question;
  if (valueAt(inputs, 'rule') === undefined || isUnknown(question, 'rule')) return [];
  const mode = textAt(inputs, 'rule.defaultRetention.mode');
  const periods = ['days', 'years'].map((each) => numberAt(inputs, `rule.defaultRetention.${each}`));
  const given = periods.filter((each) => each !== undefined);
  if (given.length !== 1 || (mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE'))
    return [refusal('MalformedXML', malformed, 'rule.defaultRetention')];
  return (given[0] ?? 0) > 0 && (periods[0] ?? 0) <= 36_500 && (periods[1] ?? 0) <= 100
    ? []
    : [
        refusal(
          'InvalidArgument',
          'Default retention period must be a positive integer value',
          'rule.defaultRetention',
        ),
      ];
}

function notificationProblems(question: Question): readonly Refusal[] {
  const { inputs, cloud, calling } = question;
  const events = ['topics', 'queues', 'lambdaFunctions'].flatMap((each) =>
    objectsAt(inputs, each).flatMap((item) => textsAt(item, 'events')),
  );
  const odd = events.find(
    (each) =>
      !/^s3:(ObjectCreated|ObjectRemoved|ObjectRestore|ObjectTagging|ObjectAcl|Replication|LifecycleTransition|LifecycleExpiration|IntelligentTiering|ReducedRedundancyLostObject|TestEvent)(:|$)/.test(
        each,
      ),
  );
  if (odd !== undefined)
    return [
      refusal('InvalidArgument', `A specified event is not supported for notifications: ${odd}`, 'topics'),
    ];
  const topics = objectsAt(inputs, 'topics').map((each) => textAt(each, 'topicArn'));
  const missing = topics.find((each) => each !== undefined && cloud.byArn(each) === undefined);
  return missing !== undefined && calling !== undefined
    ? [refusal('InvalidArgument', 'Unable to validate the following destination configurations', 'topics')]
    : [];
}
