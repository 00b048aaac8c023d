import type { LifecycleRule as S3Rule } from '@aws-sdk/client-s3';
import type { LifecycleRule } from '../../components/aws/bucket-lifecycle.ts';

/** Rules for S3, from the one form in which they are compared: a list of one is its value there. */
export function rulesForS3(text: string): S3Rule[] {
  const rules = [JSON.parse(text) as LifecycleRule | LifecycleRule[]].flat();
  return rules.map((rule) => {
    const { abortIncompleteMultipartUpload: abort, noncurrentVersionExpiration: old, expiration } = rule;
    const transitions = rule.transitions === undefined ? [] : [rule.transitions].flat();
    return {
      ID: rule.id,
      Status: rule.status,
      Filter: { Prefix: '' },
      ...(abort === undefined
        ? {}
        : { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abort.daysAfterInitiation } }),
      ...(old === undefined ? {} : { NoncurrentVersionExpiration: { NoncurrentDays: old.noncurrentDays } }),
      ...(expiration === undefined
        ? {}
        : {
            Expiration:
              'days' in expiration ? { Days: expiration.days } : { ExpiredObjectDeleteMarker: true },
          }),
      ...(transitions.length === 0
        ? {}
        : {
            Transitions: transitions.map(({ days, storageClass }) => ({
              Days: days,
              StorageClass: storageClass,
            })),
          }),
    };
  });
}

/** A rule as S3 tells it, in the words in which rules are described. */
export function ruleFromS3(rule: S3Rule): object {
  const {
    AbortIncompleteMultipartUpload: abort,
    NoncurrentVersionExpiration: old,
    Expiration,
    Transitions,
  } = rule;
  const { DaysAfterInitiation } = abort ?? {};
  const { NoncurrentDays } = old ?? {};
  const prefix = rule.Filter?.Prefix ?? '';
  return {
    id: rule.ID,
    status: rule.Status,
    filter: prefix === '' ? {} : { prefix },
    ...(DaysAfterInitiation === undefined
      ? {}
      : { abortIncompleteMultipartUpload: { daysAfterInitiation: DaysAfterInitiation } }),
    ...(NoncurrentDays === undefined
      ? {}
      : { noncurrentVersionExpiration: { noncurrentDays: NoncurrentDays } }),
    ...(Expiration === undefined
      ? {}
      : {
          expiration:
            Expiration.Days === undefined ? { expiredObjectDeleteMarker: true } : { days: Expiration.Days },
        }),
    ...(Transitions === undefined || Transitions.length === 0
      ? {}
      : {
          transitions: Transitions.map(({ Days, StorageClass }) => ({
            days: Days,
            storageClass: StorageClass,
          })),
        }),
  };
}
