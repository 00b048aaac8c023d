import { documentSize } from '../../iam/document.ts';
import type { Kind, Question, Refusal } from '../../kind.ts';
import { capitalsOf, numberAt, objectsAt, refusal, textAt, textsAt, valueAt } from '../values.ts';
import { arn } from './arn.ts';
import { managedPolicyProblems } from './iam-managed-policies.ts';
import { checkPolicy, policyText } from './policy-arguments.ts';

export const roleType = 'aws:iam/role:Role';

const entityName = /^[\w+=,.@-]+$/;

const role: Kind = {
  type: roleType,
  api: { service: 'IAM', create: 'CreateRole', read: 'GetRole', update: 'UpdateRole', delete: 'DeleteRole' },
  scope: 'global',
  naming: {
    property: 'name',
    maxLength: 64,
    unique: 'account',
    taken: { code: 'EntityAlreadyExists', message: 'Role with name {value} already exists.' },
  },
  quota: {
    count: 1000,
    per: 'account',
    refusal: { code: 'LimitExceeded', message: 'Cannot exceed quota for RolesPerAccount: 1000' },
  },
  takes: { create: 5, delete: 1 },
  retries: { code: 'DeleteConflict', seconds: 120 },
  replaces: ['name', 'namePrefix', 'path'],
  updates: ['assumeRolePolicy', 'permissionsBoundary', 'maxSessionDuration', 'description', 'inlinePolicies'],
  defaults: () => ({ path: '/', maxSessionDuration: 3600, forceDetachPolicies: false }),
  check: (question) => [
    ...nameProblems(question, 'roleName', 64),
    ...pathProblems(question),
    ...checkPolicy(question, 'assumeRolePolicy', { code: 'MalformedPolicyDocument', use: 'trust' }).refusals,
    ...trustSize(question),
    ...inlineProblems(question),
    ...sessionProblems(question),
    ...textsAt(question.inputs, 'managedPolicyArns').flatMap((each) =>
      managedPolicyProblems(question, each, 'managedPolicyArns'),
    ),
    ...boundaryProblems(question),
  ],
  id: ({ inputs }) => textAt(inputs, 'name') ?? '',
  outputs: ({ inputs, cloud }, id) => ({
    name: id,
    createDate: new Date(cloud.now).toISOString().replace(/\.\d+Z$/, 'Z'),
    uniqueId: `AROA${capitalsOf(id, 17)}`,
    inlinePolicies: [],
    managedPolicyArns: [],
    permissionsBoundary: '',
    description: textAt(inputs, 'description') ?? '',
  }),
  arn: ({ place, inputs }, id) =>
    arn('iam', globally(place.account), `role${textAt(inputs, 'path') ?? '/'}${id}`),
};

const instanceProfile: Kind = {
  type: 'aws:iam/instanceProfile:InstanceProfile',
  api: {
    service: 'IAM',
    create: 'CreateInstanceProfile',
    read: 'GetInstanceProfile',
    update: 'AddRoleToInstanceProfile',
    delete: 'DeleteInstanceProfile',
  },
  scope: 'global',
  naming: {
    property: 'name',
    maxLength: 128,
    unique: 'account',
    taken: { code: 'EntityAlreadyExists', message: 'Instance Profile {value} already exists.' },
  },
  references: [
    {
      property: 'role',
      to: roleType,
      missing: { code: 'NoSuchEntity', message: 'The role with name {value} cannot be found.' },
      blocks: {
        code: 'DeleteConflict',
        message: 'Cannot delete entity, must remove roles from instance profile first.',
      },
    },
  ],
  replaces: ['name', 'namePrefix', 'path'],
  updates: ['role'],
  defaults: () => ({ path: '/' }),
  check: (question) => [...nameProblems(question, 'instanceProfileName', 128), ...pathProblems(question)],
  id: ({ inputs }) => textAt(inputs, 'name') ?? '',
  outputs: ({ cloud }, id) => ({
    name: id,
    createDate: new Date(cloud.now).toISOString(),
    uniqueId: `AIPA${capitalsOf(id, 17)}`,
  }),
  arn: ({ place, inputs }, id) =>
    arn('iam', globally(place.account), `instance-profile${textAt(inputs, 'path') ?? '/'}${id}`),
};

/** Roles and what carries them to machines. */
export const iamRoleKinds: readonly Kind[] = [role, instanceProfile];

/** IAM has no regions. */
export function globally(account: string): { readonly account: string; readonly region: string } {
  return { account, region: 'global' };
}

/** Names of IAM's entities: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export function nameProblems({ inputs }: Question, argument: string, maxLength: number): readonly Refusal[] {
  const name = textAt(inputs, 'name');
  if (name === undefined) return [];
  if (!entityName.test(name))
    return [
      refusal(
        'ValidationError',
        `The specified value for ${argument} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
        'name',
      ),
    ];
  return name.length <= maxLength
    ? []
    : [
        refusal(
          'ValidationError',
          `1 validation error detected: Value at '${argument}' failed to satisfy constraint: Member must have length less than or equal to ${maxLength}`,
          'name',
        ),
      ];
}

/** Paths begin and end with a slash. */
export function pathProblems({ inputs }: Question): readonly Refusal[] {
  const path = textAt(inputs, 'path');
  return path === undefined || /^\/([!-~]+\/)?$/.test(path)
    ? []
    : [
        refusal(
          'ValidationError',
          'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
          'path',
        ),
      ];
}

function trustSize({ inputs }: Question): readonly Refusal[] {
  const text = policyText(valueAt(inputs, 'assumeRolePolicy'));
  return text !== undefined && documentSize(text) > 2048
    ? [refusal('LimitExceeded', 'Cannot exceed quota for ACLSizePerRole: 2048', 'assumeRolePolicy')]
    : [];
}

function inlineProblems(question: Question): readonly Refusal[] {
  const name = textAt(question.inputs, 'name') ?? '';
  const inline = objectsAt(question.inputs, 'inlinePolicies');
  const size = inline.reduce((sum, { policy }) => sum + documentSize(policyText(policy) ?? ''), 0);
  const malformed = inline.flatMap((inputs) =>
    checkPolicy({ ...question, inputs, unknown: new Set() }, 'policy', {
      code: 'MalformedPolicyDocument',
      use: 'identity',
    }).refusals.map((each) => ({ ...each, property: 'inlinePolicies' })),
  );
  return [...malformed, ...inlineSizeProblems(size, name, 'inlinePolicies')];
}

/** What all inline policies of a role may weigh together. */
export function inlineSizeProblems(size: number, role: string, property: string): readonly Refusal[] {
  return size > 10_240
    ? [refusal('LimitExceeded', `Maximum policy size of 10240 bytes exceeded for role ${role}`, property)]
    : [];
}

function sessionProblems({ inputs }: Question): readonly Refusal[] {
  const seconds = numberAt(inputs, 'maxSessionDuration');
  if (seconds === undefined || (seconds >= 3600 && seconds <= 43_200)) return [];
  const bound = seconds < 3600 ? 'greater than or equal to 3600' : 'less than or equal to 43200';
  return [
    refusal(
      'ValidationError',
      `1 validation error detected: Value '${seconds}' at 'maxSessionDuration' failed to satisfy constraint: Member must have value ${bound}`,
      'maxSessionDuration',
    ),
  ];
}

function boundaryProblems({ inputs, cloud, place, calling }: Question): readonly Refusal[] {
  const boundary = textAt(inputs, 'permissionsBoundary');
  if (boundary === undefined || calling === undefined || boundary.includes(':aws:policy/')) return [];
  const there = boundary.includes(`:${place.account}:policy/`) && cloud.byArn(boundary) !== undefined;
  return there
    ? []
    : [
        refusal(
          'NoSuchEntity',
          `Scope ARN: ${boundary} does not exist or is not attachable.`,
          'permissionsBoundary',
        ),
      ];
}
