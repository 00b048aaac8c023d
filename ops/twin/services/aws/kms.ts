import { decide } from '../../iam/decide.ts';
import type { PolicyDocument } from '../../iam/document.ts';
import type { Kind, Question, Refusal } from '../../kind.ts';
import { flagAt, hexOf, numberAt, others, refusal, textAt, textOf, uuidOf } from '../values.ts';
import { arn, parseArn } from './arn.ts';
import { aliasType, findKey, keyArn, keyType, replicaKeyType } from './kms-lookup.ts';
import { checkPolicy } from './policy-arguments.ts';

const symmetric = 'SYMMETRIC_DEFAULT';

const key: Kind = {
  type: keyType,
  api: {
    service: 'KMS',
    create: 'CreateKey',
    read: 'DescribeKey',
    update: 'PutKeyPolicy',
    delete: 'ScheduleKeyDeletion',
  },
  takes: { create: 5, update: 2, delete: 2 },
  replaces: ['customKeyStoreId', 'customerMasterKeySpec', 'keyUsage', 'multiRegion', 'xksKeyId'],
  defaults: () => ({
    bypassPolicyLockoutSafetyCheck: false,
    customerMasterKeySpec: symmetric,
    enableKeyRotation: false,
    isEnabled: true,
    keyUsage: 'ENCRYPT_DECRYPT',
  }),
  check: (question) => [
    ...policyProblems(question),
    ...windowProblems(question),
    ...usageProblems(question),
    ...rotationProblems(question),
  ],
  id: ({ inputs }, random) =>
    flagAt(inputs, 'multiRegion') === true ? `mrk-${hexOf(random, 32)}` : uuidOf(random),
  outputs: ({ place, inputs }, id) => ({
    keyId: id,
    description: '',
    multiRegion: false,
    policy: defaultPolicy(place.account),
    // A year, where keys are rotated at all.
    rotationPeriodInDays: flagAt(inputs, 'enableKeyRotation') === true ? 365 : 0,
  }),
  arn: (_question, id) => `key/${id}`,
};

const replicaKey: Kind = {
  type: replicaKeyType,
  api: {
    service: 'KMS',
    create: 'ReplicateKey',
    read: 'DescribeKey',
    update: 'PutKeyPolicy',
    delete: 'ScheduleKeyDeletion',
  },
  takes: { create: 10, delete: 2 },
  replaces: ['primaryKeyArn'],
  defaults: () => ({ bypassPolicyLockoutSafetyCheck: false, enabled: true }),
  check: (question) => [
    ...policyProblems(question),
    ...windowProblems(question),
    ...primaryProblems(question),
  ],
  id: ({ inputs }) => textAt(inputs, 'primaryKeyArn')?.split('/').at(-1) ?? '',
  outputs: ({ place, inputs, cloud }, id) => {
    const primary = cloud.byArn(textAt(inputs, 'primaryKeyArn') ?? '');
    return {
      keyId: id,
      description: '',
      keyRotationEnabled: primary?.inputs['enableKeyRotation'] === true,
      keySpec: symmetric,
      keyUsage: 'ENCRYPT_DECRYPT',
      policy: defaultPolicy(place.account),
    };
  },
  arn: (_question, id) => `key/${id}`,
};

const alias: Kind = {
  type: aliasType,
  api: {
    service: 'KMS',
    create: 'CreateAlias',
    read: 'ListAliases',
    update: 'UpdateAlias',
    delete: 'DeleteAlias',
  },
  naming: { property: 'name', maxLength: 256, prefix: 'alias/' },
  takes: { create: 1 },
  replaces: ['name', 'namePrefix'],
  updates: ['targetKeyId'],
  check: (question) => [...aliasNameProblems(question), ...targetProblems(question)],
  id: ({ inputs }) => textAt(inputs, 'name') ?? '',
  outputs: (question) => ({ targetKeyArn: keyArn(question, textAt(question.inputs, 'targetKeyId') ?? '') }),
  arn: (_question, id) => id,
};

/** Keys and their names. */
export const kmsKinds: readonly Kind[] = [key, replicaKey, alias];

function defaultPolicy(account: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });
}

function policyProblems(question: Question): readonly Refusal[] {
  const { document, refusals } = checkPolicy(question, 'policy', {
    code: 'MalformedPolicyDocumentException',
    use: 'resource',
    words: ({ kind, message }) =>
      kind === 'principal' ? 'Policy contains a statement with one or more invalid principals.' : message,
  });
  if (document === undefined || refusals.length > 0) return refusals;
  const bypassed = flagAt(question.inputs, 'bypassPolicyLockoutSafetyCheck') === true;
  return bypassed || staysOpen(document, question)
    ? []
    : [
        refusal(
          'MalformedPolicyDocumentException',
          'The new key policy will not allow you to update the key policy in the future.',
          'policy',
        ),
      ];
}

/** Whether the caller, whom the twin takes for an administrator of the account, may still change the policy. */
function staysOpen(document: PolicyDocument, { place }: Question): boolean {
  const everything: PolicyDocument = {
    statements: [{ effect: 'Allow', actions: ['*'], resources: ['*'], conditions: [] }],
  };
  const caller = {
    kind: 'role',
    arn: arn('iam', { ...place, region: 'global' }, 'role/twin'),
    account: place.account,
  };
  const decision = decide(
    { identity: [everything], resource: document },
    { caller: { ...caller, kind: 'role' }, action: 'kms:PutKeyPolicy', resource: '*' },
  );
  return decision === 'allowed' || namesOwnRole(document, place.account);
}

// A policy may leave the key to a named role of the account instead; the caller could be that role.
function namesOwnRole({ statements }: PolicyDocument, account: string): boolean {
  return statements.some(
    ({ effect, actions = [], principals = [] }) =>
      effect === 'Allow' &&
      actions.some((action) => /^(\*|kms:\*|kms:Put\*|kms:PutKeyPolicy)$/i.test(action)) &&
      principals.some(({ type, name }) => type === 'AWS' && name.includes(`::${account}:role/`)),
  );
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html: what keys of a spec are for. */
function usageProblems({ inputs }: Question): readonly Refusal[] {
  const spec = textAt(inputs, 'customerMasterKeySpec') ?? symmetric;
  const usage = textAt(inputs, 'keyUsage') ?? 'ENCRYPT_DECRYPT';
  const able = usages.find(([specs]) => specs.test(spec))?.[1];
  return able === undefined || able.includes(usage)
    ? []
    : [
        refusal(
          'ValidationException',
          `KeyUsage ${usage} is not compatible with KeySpec ${spec}`,
          'keyUsage',
        ),
      ];
}

const usages: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^SYMMETRIC_DEFAULT$/, ['ENCRYPT_DECRYPT']],
  [/^HMAC_/, ['GENERATE_VERIFY_MAC']],
  [/^RSA_/, ['ENCRYPT_DECRYPT', 'SIGN_VERIFY']],
  [/^(ECC_SECG_P256K1|ECC_NIST_EDWARDS25519)$/, ['SIGN_VERIFY']],
  [/^ECC_NIST_P\d+$/, ['SIGN_VERIFY', 'KEY_AGREEMENT']],
  [/^ML_DSA_/, ['SIGN_VERIFY']],
];

function windowProblems({ inputs }: Question): readonly Refusal[] {
  const days = numberAt(inputs, 'deletionWindowInDays');
  return days === undefined || (days >= 7 && days <= 30)
    ? []
    : [
        refusal(
          'ValidationException',
          `expected deletion_window_in_days to be in the range (7 - 30), got ${days}`,
          'deletionWindowInDays',
        ),
      ];
}

function rotationProblems({ inputs }: Question): readonly Refusal[] {
  const spec = textAt(inputs, 'customerMasterKeySpec') ?? symmetric;
  const rotates = flagAt(inputs, 'enableKeyRotation') === true;
  const days = numberAt(inputs, 'rotationPeriodInDays');
  // https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html; a paraphrase.
  if (rotates && spec !== symmetric)
    return [
      refusal(
        'UnsupportedOperationException',
        `Automatic key rotation is not supported for keys of spec ${spec}.`,
        'enableKeyRotation',
      ),
    ];
  if (days === undefined) return [];
  if (!rotates)
    return [
      refusal(
        'ValidationException',
        '"rotation_period_in_days": all of `enable_key_rotation,rotation_period_in_days` must be specified',
        'rotationPeriodInDays',
      ),
    ];
  return days >= 90 && days <= 2560
    ? []
    : [
        refusal(
          'ValidationException',
          `expected rotation_period_in_days to be in the range (90 - 2560), got ${days}`,
          'rotationPeriodInDays',
        ),
      ];
}

function primaryProblems({ inputs, place, cloud, calling }: Question): readonly Refusal[] {
  const name = textAt(inputs, 'primaryKeyArn');
  if (name === undefined) return [];
  const parts = parseArn(name);
  if (parts?.service !== 'kms')
    return [refusal('ValidationException', `"primary_key_arn" (${name}) is an invalid ARN`, 'primaryKeyArn')];
  if (parts.region === place.region)
    return [
      refusal(
        'AlreadyExistsException',
        `Replica key already exists in ${place.region} region`,
        'primaryKeyArn',
      ),
    ];
  const primary = cloud.byArn(name);
  if (primary === undefined)
    return calling === undefined
      ? []
      : [refusal('NotFoundException', `Key '${name}' does not exist`, 'primaryKeyArn')];
  return primary.inputs['multiRegion'] === true
    ? []
    : [refusal('UnsupportedOperationException', `${name} is not a multi-Region key.`, 'primaryKeyArn')];
}

function aliasNameProblems(question: Question): readonly Refusal[] {
  const name = textAt(question.inputs, 'name');
  if (name === undefined) return [];
  if (name.startsWith('alias/aws/'))
    return [
      refusal(
        'InvalidAliasNameException',
        `"name" cannot begin with reserved AWS CMK prefix 'alias/aws/'`,
        'name',
      ),
    ];
  if (!/^alias\/[0-9A-Za-z_/-]+$/.test(name))
    return [
      refusal(
        'InvalidAliasNameException',
        `"name" must begin with 'alias/' and be comprised of only [0-9A-Za-z_/-]`,
        'name',
      ),
    ];
  return others(question, aliasType).some((each) => textOf(each, 'name') === name)
    ? [
        refusal(
          'AlreadyExistsException',
          `An alias with the name ${arn('kms', question.place, name)} already exists`,
          'name',
        ),
      ]
    : [];
}

function targetProblems(question: Question): readonly Refusal[] {
  const target = textAt(question.inputs, 'targetKeyId');
  if (target === undefined) return [];
  const found = findKey(question, target);
  if (found === 'another-region' || found === 'another-account' || (found === undefined && question.calling))
    return [refusal('NotFoundException', `Key '${target}' does not exist`, 'targetKeyId')];
  return [];
}
