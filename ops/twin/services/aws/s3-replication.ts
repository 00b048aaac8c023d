import type { Kind, Question, Refusal, Values } from '../../kind.ts';
import { isUnknown, objectsAt, refusal, textAt, valueAt } from '../values.ts';
import { bucketNamed, isVersioned, settingOf } from './s3-buckets.ts';

/** Where a bucket's objects are copied to. */
export const s3ReplicationKind: Kind = {
  ...settingOf('BucketReplicationConfig', {
    put: 'PutBucketReplication',
    get: 'GetBucketReplication',
    remove: 'DeleteBucketReplication',
  }),
  references: [
    {
      property: 'bucket',
      to: 'aws:s3/bucket:Bucket',
      missing: { code: 'NoSuchBucket', message: 'The specified bucket does not exist' },
    },
    {
      property: 'role',
      to: 'aws:iam/role:Role',
      by: 'arn',
      where: 'anywhere',
      missing: { code: 'InvalidArgument', message: 'Invalid Role ARN: {value}' },
    },
  ],
  updates: ['role', 'rules'],
  check(question) {
    const bucket = textAt(question.inputs, 'bucket') ?? '';
    // In preview the versions may be turned on by the same update.
    if (question.calling !== undefined && !isVersioned(question, bucket))
      return [
        refusal(
          'InvalidRequest',
          "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
          'bucket',
        ),
      ];
    if (isUnknown(question, 'rules')) return [];
    const rules = objectsAt(question.inputs, 'rules');
    const priorities = rules.map((rule) => valueAt(rule, 'priority')).filter((each) => each !== undefined);
    return [
      ...(new Set(priorities).size < priorities.length
        ? [refusal('InvalidRequest', 'Found duplicate priority in rules', 'rules')]
        : []),
      ...rules.flatMap((rule, index) => ruleProblems(question, rule, `rules[${index}]`)),
    ];
  },
};

function ruleProblems(question: Question, rule: Values, property: string): readonly Refusal[] {
  const destination = textAt(rule, 'destination.bucket');
  const say = (message: string): readonly Refusal[] => [refusal('InvalidRequest', message, property)];
  if (valueAt(rule, 'filter') !== undefined && valueAt(rule, 'deleteMarkerReplication') === undefined)
    return say(
      'DeleteMarkerReplication must be specified for this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information.',
    );
  const encrypted = textAt(rule, 'sourceSelectionCriteria.sseKmsEncryptedObjects.status') === 'Enabled';
  if (encrypted && valueAt(rule, 'destination.encryptionConfiguration') === undefined)
    return say('ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.');
  if (destination === undefined) return [];
  if (!destination.startsWith('arn:')) return [refusal('InvalidArgument', 'Invalid bucket ARN.', property)];
  const elsewhere = textAt(rule, 'destination.account');
  if (elsewhere !== undefined && elsewhere !== question.place.account) return [];
  if (bucketNamed(question, destination) === undefined)
    return question.calling === undefined ? [] : say('Destination bucket must exist.');
  return question.calling !== undefined && !isVersioned(question, destination.split(':').at(-1) ?? '')
    ? say('Destination bucket must have versioning enabled.')
    : [];
}
