import type { Kind, Refusal, Values } from '../../kind.ts';
import { flagAt, isUnknown, numberAt, objectsAt, refusal, textAt, valueAt } from '../values.ts';
import { settingOf } from './s3-buckets.ts';

/** When objects move to cheaper storage and when they go. */
export const s3LifecycleKind: Kind = {
  ...settingOf('BucketLifecycleConfiguration', {
    put: 'PutBucketLifecycleConfiguration',
    get: 'GetBucketLifecycleConfiguration',
    remove: 'DeleteBucketLifecycle',
  }),
  takes: { create: 10, update: 10, delete: 2 },
  updates: ['rules'],
  defaults: () => ({ transitionDefaultMinimumObjectSize: 'all_storage_classes_128K' }),
  check(question) {
    if (isUnknown(question, 'rules')) return [];
    const rules = objectsAt(question.inputs, 'rules');
    const ids = rules.map((rule) => textAt(rule, 'id'));
    const bad = (message: string): readonly Refusal[] => [refusal('InvalidRequest', message, 'rules')];
    if (rules.length === 0) return bad('At least one rule must be given.');
    if (rules.length > 1000)
      return bad('The number of lifecycle rules must not exceed the allowed limit of 1000 rules');
    if (new Set(ids).size < ids.length)
      return [
        refusal('InvalidArgument', 'Rule ID must be unique. Found same ID for more than one rule', 'rules'),
      ];
    return rules.flatMap((rule, index) => ruleProblems(rule, `rules[${index}]`));
  },
};

// S3 keeps objects at least so long in a class before they may move on.
const classes = ['STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'];
const infrequent = ['STANDARD_IA', 'ONEZONE_IA'];

function ruleProblems(rule: Values, property: string): readonly Refusal[] {
  const filter = filterText(rule);
  const say = (code: string, message: string): readonly Refusal[] => [refusal(code, message, property)];
  const status = textAt(rule, 'status');
  if (status !== undefined && status !== 'Enabled' && status !== 'Disabled')
    return say('MalformedXML', malformed);
  if (![...actions].some((each) => valueAt(rule, each) !== undefined))
    return say('InvalidRequest', 'At least one action needs to be specified in a rule.');
  const expiration = ['days', 'date'].filter((each) => valueAt(rule, `expiration.${each}`) !== undefined);
  const marker = flagAt(rule, 'expiration.expiredObjectDeleteMarker') === true;
  if (expiration.length + (marker ? 1 : 0) > 1) return say('MalformedXML', malformed);
  const tagged = valueAt(rule, 'filter.tag') !== undefined || valueAt(rule, 'filter.and.tags') !== undefined;
  if (tagged && valueAt(rule, 'abortIncompleteMultipartUpload') !== undefined)
    return say('InvalidRequest', 'AbortIncompleteMultipartUpload cannot be specified with Tags.');
  const days = numberAt(rule, 'expiration.days');
  if (days !== undefined && days <= 0)
    return say('InvalidArgument', "'Days' for Expiration action must be a positive integer");
  return [
    ...transitionProblems(rule, filter, property, 'transitions', 'days', 'Days', 'Transition', days),
    ...transitionProblems(
      rule,
      filter,
      property,
      'noncurrentVersionTransitions',
      'noncurrentDays',
      'NoncurrentDays',
      'NoncurrentVersionTransition',
      numberAt(rule, 'noncurrentVersionExpiration.noncurrentDays'),
    ),
  ];
}

const actions = [
  'transitions',
  'expiration',
  'noncurrentVersionExpiration',
  'noncurrentVersionTransitions',
  'abortIncompleteMultipartUpload',
];
const malformed = 'The XML you provided was not well-formed or did not validate against our published schema';

function transitionProblems(
  rule: Values,
  filter: string,
  property: string,
  list: string,
  argument: string,
  word: string,
  action: string,
  expires: number | undefined,
): readonly Refusal[] {
  const steps = objectsAt(rule, list).map((each) => ({
    storage: textAt(each, 'storageClass') ?? '',
    days: numberAt(each, argument),
  }));
  const say = (message: string, code = 'InvalidArgument'): readonly Refusal[] => [
    refusal(code, message, `${property}.${list}`),
  ];
  if (steps.some(({ storage }) => !classes.includes(storage))) return say(malformed, 'MalformedXML');
  for (const { storage, days } of steps) {
    if (days !== undefined && infrequent.includes(storage) && days < 30)
      return say(
        `'${word}' in ${action} action must be greater than or equal to 30 for storageClass '${storage}'`,
      );
  }
  const known = steps.filter((step): step is { storage: string; days: number } => step.days !== undefined);
  for (const first of known) {
    const early = known.find(
      (next) =>
        classes.indexOf(next.storage) > classes.indexOf(first.storage) &&
        next.days < first.days + (infrequent.includes(first.storage) ? 30 : 0),
    );
    if (early !== undefined)
      return say(
        `'${word}' in the '${action}' action for StorageClass '${early.storage}' for filter '(${filter})' must be 30 days more than 'filter '(${filter})'' in the '${action}' action for StorageClass '${first.storage}'`,
      );
  }
  const last = Math.max(0, ...known.map(({ days }) => days));
  return expires !== undefined && known.length > 0 && expires <= last
    ? say(
        `'${word}' in the ${list === 'transitions' ? 'Expiration' : 'NoncurrentVersionExpiration'} action for filter '(${filter})' must be greater than '${word}' in the ${action} action`,
      )
    : [];
}

function filterText(rule: Values): string {
  const prefix = textAt(rule, 'filter.prefix') ?? textAt(rule, 'filter.and.prefix') ?? textAt(rule, 'prefix');
  return `prefix=${prefix ?? ''}`;
}
