import { isPublic } from '../../iam/public.ts';
import type { Kind, Question, Reference, Refusal } from '../../kind.ts';
import {
  flagAt,
  hexOf,
  isGiven,
  isUnknown,
  numberAt,
  objectsAt,
  others,
  refusal,
  textAt,
  textOf,
  uuidOf,
} from '../values.ts';
import { arn } from './arn.ts';
import { keyProblems } from './kms-lookup.ts';
import { checkPolicy } from './policy-arguments.ts';

const secretType = 'aws:secretsmanager/secret:Secret';
const day = 86_400_000;

const secret: Kind = {
  type: secretType,
  api: {
    service: 'Secrets Manager',
    create: 'CreateSecret',
    read: 'DescribeSecret',
    update: 'UpdateSecret',
    delete: 'DeleteSecret',
  },
  naming: { property: 'name', maxLength: 512 },
  quota: {
    count: 500_000,
    per: 'region',
    refusal: { code: 'LimitExceededException', message: 'You have reached the maximum number of secrets.' },
  },
  takes: { create: 1, delete: 1 },
  replaces: ['name', 'namePrefix', 'type'],
  updates: [
    'description',
    'forceOverwriteReplicaSecret',
    'kmsKeyId',
    'policy',
    'recoveryWindowInDays',
    'replicas',
  ],
  defaults: () => ({ forceOverwriteReplicaSecret: false, recoveryWindowInDays: 30 }),
  check: (question) => [
    ...nameProblems(question),
    ...windowProblems(question),
    ...replicaProblems(question),
    ...policyProblems(question),
    ...keyProblems(question, 'kmsKeyId', (_why, key) =>
      refusal('InvalidParameterException', `KMS key ARN ${key} is invalid or does not exist.`, 'kmsKeyId'),
    ),
  ],
  // Six letters of chance behind the name: whoever makes the secret again gets another ARN.
  id: ({ place, inputs }, random) =>
    arn('secretsmanager', place, `secret:${textAt(inputs, 'name') ?? ''}-${hexOf(random, 6)}`),
  outputs: () => ({ policy: '', replicas: [] }),
  arn: (_question, id) => id,
};

const toSecret = (property: string): Reference => ({
  property,
  to: secretType,
  missing: {
    code: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
  },
});

const secretVersion: Kind = {
  type: 'aws:secretsmanager/secretVersion:SecretVersion',
  api: {
    service: 'Secrets Manager',
    create: 'PutSecretValue',
    read: 'GetSecretValue',
    update: 'UpdateSecretVersionStage',
    delete: 'UpdateSecretVersionStage',
  },
  references: [toSecret('secretId')],
  takes: { create: 1 },
  replaces: ['secretBinary', 'secretId', 'secretString'],
  updates: ['versionStages'],
  secret: ['secretBinary', 'secretString'],
  check(question) {
    const { inputs } = question;
    const given = ['secretString', 'secretBinary', 'secretStringWo'].filter((each) =>
      isGiven(question, each),
    );
    const value = textAt(inputs, 'secretString') ?? textAt(inputs, 'secretBinary') ?? '';
    const say = (message: string): readonly Refusal[] => [
      refusal('InvalidParameterException', message, given[0] ?? 'secretString'),
    ];
    if (given.length > 1)
      return say(
        "You can't specify both a binary secret value and a string secret value in the same secret.",
      );
    if (given.length === 0) return say('You must provide either SecretString or SecretBinary.');
    return Buffer.byteLength(value) > 65_536
      ? say(
          "1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to 65536",
        )
      : [];
  },
  id: ({ inputs }, random) => `${textAt(inputs, 'secretId') ?? ''}|${uuidOf(random)}`,
  outputs: ({ inputs }, id) => ({
    arn: textAt(inputs, 'secretId') ?? '',
    hasSecretStringWo: textAt(inputs, 'secretStringWo') !== undefined,
    secretArn: textAt(inputs, 'secretId') ?? '',
    versionId: id.split('|').at(-1) ?? '',
    versionStages: ['AWSCURRENT'],
  }),
};

const secretRotation: Kind = {
  type: 'aws:secretsmanager/secretRotation:SecretRotation',
  api: {
    service: 'Secrets Manager',
    create: 'RotateSecret',
    read: 'DescribeSecret',
    update: 'RotateSecret',
    delete: 'CancelRotateSecret',
  },
  takes: { create: 5 },
  replaces: ['secretId'],
  updates: ['rotateImmediately', 'rotationLambdaArn', 'rotationRules'],
  defaults: () => ({ rotateImmediately: true }),
  check: rotationProblems,
  id: ({ inputs }) => textAt(inputs, 'secretId') ?? '',
  outputs: () => ({ rotationEnabled: true }),
};

const secretPolicy: Kind = {
  type: 'aws:secretsmanager/secretPolicy:SecretPolicy',
  api: {
    service: 'Secrets Manager',
    create: 'PutResourcePolicy',
    read: 'GetResourcePolicy',
    update: 'PutResourcePolicy',
    delete: 'DeleteResourcePolicy',
  },
  references: [toSecret('secretArn')],
  takes: { create: 1 },
  replaces: ['secretArn'],
  updates: ['blockPublicPolicy', 'policy'],
  check: policyProblems,
  id: ({ inputs }) => textAt(inputs, 'secretArn') ?? '',
  outputs: () => ({}),
};

/** Secrets, their values and who may read them. */
export const secretsmanagerKinds: readonly Kind[] = [secret, secretVersion, secretRotation, secretPolicy];

function nameProblems(question: Question): readonly Refusal[] {
  const { inputs, cloud, place, before } = question;
  const name = textAt(inputs, 'name');
  if (name === undefined) return [];
  if (!/^[a-zA-Z0-9/_+=.@-]{1,512}$/.test(name))
    return [
      refusal(
        'ValidationException',
        'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
        'name',
      ),
    ];
  if (before !== undefined) return [];
  if (others(question, secretType).some((each) => textOf(each, 'name') === name))
    return [
      refusal(
        'ResourceExistsException',
        `The operation failed because the secret ${name} already exists.`,
        'name',
      ),
    ];
  const waiting = (cloud.deleted?.(secretType, place) ?? []).some(
    (each) =>
      textOf(each, 'name') === name &&
      cloud.now < each.deletedMs + (numberAt(each.inputs, 'recoveryWindowInDays') ?? 30) * day,
  );
  return waiting
    ? [
        refusal(
          'InvalidRequestException',
          "You can't create this secret because a secret with this name is already scheduled for deletion.",
          'name',
        ),
      ]
    : [];
}

function windowProblems({ inputs }: Question): readonly Refusal[] {
  const days = numberAt(inputs, 'recoveryWindowInDays');
  return days === undefined || days === 0 || (days >= 7 && days <= 30)
    ? []
    : [
        refusal(
          'InvalidParameterException',
          'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
          'recoveryWindowInDays',
        ),
      ];
}

function replicaProblems({ inputs, place }: Question): readonly Refusal[] {
  return objectsAt(inputs, 'replicas').some((each) => textAt(each, 'region') === place.region)
    ? [
        refusal(
          'InvalidParameterException',
          'Invalid replica region. You cannot replicate to the region of the primary secret.',
          'replicas',
        ),
      ]
    : [];
}

function policyProblems(question: Question): readonly Refusal[] {
  const { document, refusals } = checkPolicy(question, 'policy', {
    code: 'MalformedPolicyDocumentException',
    use: 'resource',
    words: ({ kind, message }) =>
      kind === 'principal' ? 'This resource policy contains an unsupported principal.' : message,
  });
  const blocked = flagAt(question.inputs, 'blockPublicPolicy') === true;
  return document !== undefined && refusals.length === 0 && blocked && isPublic(document)
    ? [
        refusal(
          'PublicPolicyException',
          'You specified a resource policy that grants broad access to your secret.',
          'policy',
        ),
      ]
    : refusals;
}

function rotationProblems(question: Question): readonly Refusal[] {
  const { inputs, cloud, place, calling } = question;
  const id = textAt(inputs, 'secretId') ?? '';
  const days = numberAt(inputs, 'rotationRules.automaticallyAfterDays');
  const schedule = textAt(inputs, 'rotationRules.scheduleExpression');
  // What another service manages, `rds!…`, is rotated by that service.
  const managed = /:secret:[a-z-]+!/.test(id);
  const say = (code: string, message: string, property: string): readonly Refusal[] => [
    refusal(code, message, property),
  ];
  if (!managed && calling !== undefined && cloud.get(secretType, id, place) === undefined)
    return say('ResourceNotFoundException', "Secrets Manager can't find the specified secret.", 'secretId');
  if (!managed && !isGiven(question, 'rotationLambdaArn') && !isUnknown(question, 'secretId'))
    return say(
      'InvalidRequestException',
      'No Lambda rotation function ARN is associated with this secret.',
      'rotationLambdaArn',
    );
  if (days !== undefined && schedule !== undefined)
    return say(
      'InvalidParameterException',
      'You can specify either AutomaticallyAfterDays or ScheduleExpression, but not both.',
      'rotationRules',
    );
  if (days !== undefined && (days < 1 || days > 1000))
    return say(
      'InvalidParameterException',
      `1 validation error detected: Value '${days}' at 'rotationRules.automaticallyAfterDays' failed to satisfy constraint: Member must have value ${days < 1 ? 'greater than or equal to 1' : 'less than or equal to 1000'}`,
      'rotationRules.automaticallyAfterDays',
    );
  return schedule !== undefined && !/^(rate|cron)\(.+\)$/.test(schedule)
    ? say(
        'InvalidParameterException',
        `Invalid schedule expression: ${schedule}`,
        'rotationRules.scheduleExpression',
      )
    : [];
}
