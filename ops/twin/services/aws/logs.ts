import { decide } from '../../iam/decide.ts';
import type { Kind, Question, Refusal, Values } from '../../kind.ts';
import { flagAt, has, isGiven, numberAt, objectsAt, onCall, refusal, textAt, textOf } from '../values.ts';
import { arn, parseArn } from './arn.ts';
import { findKey } from './kms-lookup.ts';
import { checkPolicy, readPolicy } from './policy-arguments.ts';

const logGroupType = 'aws:cloudwatch/logGroup:LogGroup';
const service = 'CloudWatch Logs';

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const retentions = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const logGroup: Kind = {
  type: logGroupType,
  api: {
    service,
    create: 'CreateLogGroup',
    read: 'DescribeLogGroups',
    update: 'PutRetentionPolicy',
    delete: 'DeleteLogGroup',
  },
  naming: {
    property: 'name',
    maxLength: 512,
    taken: {
      code: 'ResourceAlreadyExistsException',
      message: 'The specified log group already exists',
    },
  },
  takes: { create: 1, update: 1, delete: 1 },
  replaces: ['logGroupClass', 'name', 'namePrefix'],
  defaults: () => ({ retentionInDays: 0, skipDestroy: false }),
  check: (question) => [
    ...nameProblems(question),
    ...retentionProblems(question),
    ...keyArgument(question),
    ...onCall(question, () => keyProblems(question)),
  ],
  id: ({ inputs }) => textAt(inputs, 'name') ?? '',
  outputs: () => ({ deletionProtectionEnabled: false, logGroupClass: 'STANDARD' }),
  // The module of the SDK is cloudwatch, the service is not.
  arn: ({ place }, id) => arn('logs', place, `log-group:${id}`),
  // A paraphrase: the protection is too young for reports.
  holds: (thing) =>
    flagAt(thing.inputs, 'deletionProtectionEnabled') === true
      ? refusal(
          'ValidationException',
          `The log group ${thing.id} cannot be deleted because deletion protection is enabled`,
        )
      : undefined,
};

const metricFilter: Kind = {
  type: 'aws:cloudwatch/logMetricFilter:LogMetricFilter',
  api: {
    service,
    create: 'PutMetricFilter',
    read: 'DescribeMetricFilters',
    update: 'PutMetricFilter',
    delete: 'DeleteMetricFilter',
  },
  naming: { property: 'name', maxLength: 512 },
  references: [
    {
      property: 'logGroupName',
      to: logGroupType,
      missing: { code: 'ResourceNotFoundException', message: 'The specified log group does not exist.' },
    },
  ],
  takes: { create: 1, update: 1, delete: 1 },
  replaces: ['logGroupName', 'name'],
  check: (question) => [...patternProblems(question), ...transformationProblems(question)],
  // The provider keeps the name alone, which is free again in each log group.
  id: ({ inputs }) => filterId(inputs),
  providerId: (id) => id.slice(id.indexOf(':') + 1),
  cloudId: filterId,
  outputs: () => ({ applyOnTransformedLogs: false }),
};

function filterId(values: Values): string {
  return `${textAt(values, 'logGroupName') ?? ''}:${textAt(values, 'name') ?? ''}`;
}

const resourcePolicy: Kind = {
  type: 'aws:cloudwatch/logResourcePolicy:LogResourcePolicy',
  api: {
    service,
    create: 'PutResourcePolicy',
    read: 'DescribeResourcePolicies',
    update: 'PutResourcePolicy',
    delete: 'DeleteResourcePolicy',
  },
  quota: {
    count: 10,
    per: 'region',
    refusal: { code: 'LimitExceededException', message: 'Resource limit exceeded.' },
  },
  takes: { create: 1, update: 1, delete: 1 },
  check: (question) =>
    checkPolicy(question, 'policyDocument', { code: 'InvalidParameterException', use: 'resource' }).refusals,
  id: ({ inputs }) => textAt(inputs, 'policyName') ?? textAt(inputs, 'resourceArn') ?? '',
  outputs: () => ({ policyScope: 'ACCOUNT', revisionId: '' }),
};

export const logsKinds: readonly Kind[] = [logGroup, metricFilter, resourcePolicy];

function nameProblems({ inputs }: Question): Refusal[] {
  const name = textAt(inputs, 'name');
  return name === undefined || /^[.\-_/#A-Za-z0-9]{1,512}$/.test(name)
    ? []
    : [
        refusal(
          'InvalidParameterException',
          `1 validation error detected: Value '${name}' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+`,
          'name',
        ),
      ];
}

/** The provider's own check, in its words. */
function retentionProblems({ inputs }: Question): Refusal[] {
  const days = numberAt(inputs, 'retentionInDays');
  return days === undefined || retentions.includes(days)
    ? []
    : [
        refusal(
          'InvalidParameterException',
          `expected retention_in_days to be one of [${retentions.join(' ')}], got ${days}`,
          'retentionInDays',
        ),
      ];
}

function keyArgument({ inputs }: Question): Refusal[] {
  const key = textAt(inputs, 'kmsKeyId');
  return key === undefined || key === '' || parseArn(key)?.service === 'kms'
    ? []
    : [
        refusal(
          'InvalidParameterException',
          `"kms_key_id" (${key}) is an invalid ARN: arn: invalid prefix`,
          'kmsKeyId',
        ),
      ];
}

// https://github.com/hashicorp/terraform-provider-aws/issues/29282
function keyProblems(question: Question): Refusal[] {
  const { inputs, place } = question;
  const name = textAt(inputs, 'kmsKeyId');
  if (name === undefined || name === '') return [];
  const group = arn('logs', place, `log-group:${textAt(inputs, 'name')}`);
  const key = findKey(question, name);
  if (key === 'another-account') return [];
  const resource = typeof key === 'object' ? readPolicy(has(key, 'policy')) : undefined;
  const usable =
    typeof key === 'object' &&
    resource !== undefined &&
    decide(
      { resource },
      {
        caller: { kind: 'service', name: `logs.${place.region}.amazonaws.com` },
        action: 'kms:GenerateDataKey',
        resource: textOf(key, 'arn') ?? name,
        account: place.account,
        context: {
          'kms:EncryptionContext:aws:logs:arn': group,
          'aws:SourceAccount': place.account,
          'aws:SourceArn': group,
        },
      },
    ) === 'allowed';
  return usable
    ? []
    : [
        refusal(
          'AccessDeniedException',
          `The specified KMS key does not exist or is not allowed to be used with Arn '${group}'`,
          'kmsKeyId',
        ),
      ];
}

/** Patterns that open what they do not close. */
function patternProblems({ inputs }: Question): Refusal[] {
  const pattern = textAt(inputs, 'pattern')?.trim();
  const closed = { '{': '}', '[': ']', '"': '"' }[pattern?.[0] ?? ''];
  return pattern === undefined || closed === undefined || (pattern.length > 1 && pattern.endsWith(closed))
    ? []
    : [refusal('InvalidParameterException', 'Invalid metric filter pattern', 'pattern')];
}

function transformationProblems(question: Question): Refusal[] {
  const transformation = objectsAt(question.inputs, 'metricTransformation')[0] ?? {};
  const dimensions = Object.keys(objectsAt(transformation, 'dimensions')[0] ?? {});
  const problems: Refusal[] = [];
  if (dimensions.length > 0 && isGiven(question, 'metricTransformation.defaultValue'))
    problems.push(
      refusal(
        'InvalidParameterException',
        'Invalid metric transformation: dimensions and default value are mutually exclusive properties.',
        'metricTransformation.defaultValue',
      ),
    );
  if (dimensions.length > 3)
    problems.push(
      refusal(
        'InvalidParameterException',
        'Invalid metric transformation: at most 3 dimensions are allowed.',
        'metricTransformation.dimensions',
      ),
    );
  return problems;
}
