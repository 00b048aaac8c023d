import { documentSize } from '../../iam/document.ts';
import type { Kind, Question, Reference, Refusal } from '../../kind.ts';
import { capitalsOf, others, refusal, textAt, textOf, valueAt } from '../values.ts';
import { arn } from './arn.ts';
import { managedPolicyProblems } from './iam-managed-policies.ts';
import { globally, inlineSizeProblems, nameProblems, pathProblems, roleType } from './iam-roles.ts';
import { checkPolicy, policyText } from './policy-arguments.ts';

const attachmentType = 'aws:iam/rolePolicyAttachment:RolePolicyAttachment';
const rolePolicyType = 'aws:iam/rolePolicy:RolePolicy';

const policy: Kind = {
  type: 'aws:iam/policy:Policy',
  api: {
    service: 'IAM',
    create: 'CreatePolicy',
    read: 'GetPolicy',
    update: 'CreatePolicyVersion',
    delete: 'DeletePolicy',
  },
  scope: 'global',
  naming: {
    property: 'name',
    maxLength: 128,
    unique: 'account',
    taken: {
      code: 'EntityAlreadyExists',
      message: 'A policy called {value} already exists. Duplicate names are not allowed.',
    },
  },
  quota: {
    count: 1500,
    per: 'account',
    refusal: { code: 'LimitExceeded', message: 'Cannot exceed quota for PoliciesPerAccount: 1500' },
  },
  takes: { create: 2 },
  replaces: ['name', 'namePrefix', 'path', 'description'],
  updates: ['policy'],
  defaults: () => ({ path: '/' }),
  check: (question) => [
    ...nameProblems(question, 'policyName', 128),
    ...pathProblems(question),
    ...checkPolicy(question, 'policy', { code: 'MalformedPolicyDocument', use: 'identity' }).refusals,
    ...managedSize(question),
  ],
  id: ({ place, inputs }) =>
    arn(
      'iam',
      globally(place.account),
      `policy${textAt(inputs, 'path') ?? '/'}${textAt(inputs, 'name') ?? ''}`,
    ),
  outputs: (_question, id) => ({ attachmentCount: 0, policyId: `ANPA${capitalsOf(id, 17)}` }),
  arn: (_question, id) => id,
  holds: ({ id, account }, cloud) =>
    cloud.all(attachmentType, { account }).some((each) => textOf(each, 'policyArn') === id) ||
    cloud.all(roleType, { account }).some((each) => textOf(each, 'permissionsBoundary') === id)
      ? refusal('DeleteConflict', 'Cannot delete a policy attached to entities.')
      : undefined,
};

const rolePolicy: Kind = {
  type: rolePolicyType,
  api: {
    service: 'IAM',
    create: 'PutRolePolicy',
    read: 'GetRolePolicy',
    update: 'PutRolePolicy',
    delete: 'DeleteRolePolicy',
  },
  scope: 'global',
  naming: { property: 'name', maxLength: 128 },
  references: [toRole('Cannot delete entity, must delete policies first.')],
  takes: { create: 1 },
  replaces: ['name', 'namePrefix', 'role'],
  updates: ['policy'],
  check: (question) => [
    ...nameProblems(question, 'policyName', 128),
    ...checkPolicy(question, 'policy', { code: 'MalformedPolicyDocument', use: 'identity' }).refusals,
    ...inlineTotal(question),
  ],
  id: ({ inputs }) => `${textAt(inputs, 'role') ?? ''}:${textAt(inputs, 'name') ?? ''}`,
  outputs: () => ({}),
};

const rolePolicyAttachment: Kind = {
  type: attachmentType,
  api: {
    service: 'IAM',
    create: 'AttachRolePolicy',
    read: 'ListAttachedRolePolicies',
    delete: 'DetachRolePolicy',
  },
  scope: 'global',
  references: [toRole('Cannot delete entity, must detach all policies first.')],
  takes: { create: 1 },
  replaces: ['policyArn', 'role'],
  check: (question) => {
    const policyArn = textAt(question.inputs, 'policyArn');
    const role = textAt(question.inputs, 'role');
    const attached = others(question, attachmentType).filter((each) => textOf(each, 'role') === role);
    return [
      ...(policyArn === undefined ? [] : managedPolicyProblems(question, policyArn, 'policyArn')),
      ...(role !== undefined && attached.length >= 10
        ? [refusal('LimitExceeded', 'Cannot exceed quota for PoliciesPerRole: 10')]
        : []),
    ];
  },
  id: ({ inputs }) => `${textAt(inputs, 'role') ?? ''}/${textAt(inputs, 'policyArn') ?? ''}`,
  outputs: () => ({}),
};

/** Policies, and how roles come by them. */
export const iamPolicyKinds: readonly Kind[] = [policy, rolePolicy, rolePolicyAttachment];

function toRole(held: string): Reference {
  return {
    property: 'role',
    to: roleType,
    missing: { code: 'NoSuchEntity', message: 'The role with name {value} cannot be found.' },
    blocks: { code: 'DeleteConflict', message: held },
  };
}

function managedSize({ inputs }: Question): readonly Refusal[] {
  const text = policyText(valueAt(inputs, 'policy'));
  return text !== undefined && documentSize(text) > 6144
    ? [refusal('LimitExceeded', 'Cannot exceed quota for PolicySize: 6144', 'policy')]
    : [];
}

function inlineTotal(question: Question): readonly Refusal[] {
  const role = textAt(question.inputs, 'role');
  const texts = others(question, rolePolicyType)
    .filter((each) => textOf(each, 'role') === role)
    .map(({ inputs }) => inputs['policy']);
  const size = [...texts, valueAt(question.inputs, 'policy')].reduce<number>(
    (sum, each) => sum + documentSize(policyText(each) ?? ''),
    0,
  );
  return inlineSizeProblems(size, role ?? '', 'policy');
}
