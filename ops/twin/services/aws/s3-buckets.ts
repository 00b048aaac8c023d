import type { Kind, Question, Reference, Thing } from '../../kind.ts';
import { textAt, textOf } from '../values.ts';

/** The bucket that a setting belongs to; a bucket takes its settings along when it goes. */
export const toBucket: Reference = {
  property: 'bucket',
  to: 'aws:s3/bucket:Bucket',
  missing: { code: 'NoSuchBucket', message: 'The specified bucket does not exist' },
};

/** What all settings of buckets have in common: one a bucket, named by it. */
export function settingOf(
  name: string,
  api: { readonly put: string; readonly get: string; readonly remove: string },
): Pick<Kind, 'type' | 'api' | 'references' | 'takes' | 'replaces' | 'id' | 'outputs'> {
  return {
    type: `aws:s3/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`,
    api: { service: 'S3', create: api.put, read: api.get, update: api.put, delete: api.remove },
    references: [toBucket],
    takes: { create: 1, delete: 1 },
    replaces: ['bucket'],
    id: ({ inputs }) => textAt(inputs, 'bucket') ?? '',
    outputs: () => ({}),
  };
}

/** A setting of a bucket that is in the cloud. */
export function settingIn(
  { cloud }: Pick<Question, 'cloud'>,
  type: string,
  bucket: string,
  account: string,
): Thing | undefined {
  return cloud.all(type, { account }).find((each) => textOf(each, 'bucket') === bucket);
}

/** Whether a bucket keeps versions: object lock brings that along. */
export function isVersioned(question: Pick<Question, 'cloud' | 'place'>, bucket: string): boolean {
  const { account } = question.place;
  const setting = settingIn(question, 'aws:s3/bucketVersioning:BucketVersioning', bucket, account);
  if (setting !== undefined) return textAt(setting.inputs, 'versioningConfiguration.status') === 'Enabled';
  return bucketNamed(question, bucket)?.inputs['objectLockEnabled'] === true;
}

/** A bucket by its name or ARN, in whatever region. */
export function bucketNamed(
  { cloud, place }: Pick<Question, 'cloud' | 'place'>,
  name: string,
): Thing | undefined {
  const plain = name.replace(/^arn:aws[a-z-]*:s3:::/, '');
  return cloud.all('aws:s3/bucket:Bucket', { account: place.account }).find(({ id }) => id === plain);
}
