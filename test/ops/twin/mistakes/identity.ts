import { ownKey, policy, trust } from './base.ts';
import type { Chapter } from './mistake.ts';
import { account } from './world.ts';

const statement = {
  Effect: 'Allow',
  Action: 's3:GetObject',
  Resource: 'arn:aws:s3:::coinestate-documents/*',
};

/** Mistakes about who may do what. */
export const identity: Chapter = {
  service: 'IAM and KMS',
  mistakes: [
    {
      what: 'Trust in a role that does not exist',
      doing: 'create',
      type: 'aws:iam/role:Role',
      right: ({ of }) => ({ name: 'deploy', assumeRolePolicy: trust({ AWS: of('role', 'arn') }) }),
      wrong: () => ({ assumeRolePolicy: trust({ AWS: `arn:aws:iam::${account}:role/Orchestration_Role` }) }),
      quote:
        'MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::12345678910:role/Orchestration_Role"',
      source: 'https://github.com/aws-actions/configure-aws-credentials/issues/332',
      at: 'update',
      says: `MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::${account}:role/Orchestration_Role"`,
    },
    {
      what: 'A principal in a policy of a role',
      doing: 'create',
      type: 'aws:iam/rolePolicy:RolePolicy',
      right: ({ of }) => ({ role: of('role'), policy: policy(statement) }),
      wrong: ({ of }) => ({ policy: policy({ ...statement, Principal: { AWS: of('log-role', 'arn') } }) }),
      quote: 'MalformedPolicyDocument: Policy document should not specify a principal.',
      source: 'https://github.com/hashicorp/terraform-provider-aws/issues/10419',
      at: 'preview',
      says: 'MalformedPolicyDocument: Policy document should not specify a principal.',
    },
    {
      what: 'A role with a name that is taken',
      doing: 'create',
      type: 'aws:iam/role:Role',
      right: () => ({ name: 'deploy', assumeRolePolicy: trust({ Service: 'ecs-tasks.amazonaws.com' }) }),
      wrong: () => ({ name: 'api' }),
      quote: 'EntityAlreadyExists: Role with name AWSAFTService already exists.',
      source: 'https://github.com/aws-ia/terraform-aws-control_tower_account_factory/issues/529',
      at: 'preview',
      says: 'EntityAlreadyExists: Role with name api already exists.',
    },
    {
      what: 'A role that is deleted with policies on it',
      doing: 'delete',
      name: 'role',
      mend: async ({ remove }) => {
        await remove('attachment');
      },
      quote: 'DeleteConflict: Cannot delete entity, must detach all policies first.',
      source: 'https://github.com/hashicorp/boundary/pull/5646',
      at: 'update',
      says: 'DeleteConflict: Cannot delete entity, must detach all policies first.',
    },
    {
      what: 'A policy that is deleted while roles have it',
      doing: 'delete',
      name: 'read-documents',
      mend: ({ remove }) => remove('read-documents-attachment'),
      quote: 'Error: DeleteConflict: Cannot delete a policy attached to entities.',
      source: 'https://github.com/serverless/components/issues/312',
      at: 'update',
      says: 'DeleteConflict: Cannot delete a policy attached to entities.',
    },
    {
      what: 'A key that nobody may administer',
      doing: 'create',
      type: 'aws:kms/key:Key',
      right: () => ({ policy: policy(ownKey) }),
      wrong: () => ({
        policy: policy({
          ...{ Effect: 'Allow', Principal: { Service: 'logs.us-east-1.amazonaws.com' } },
          ...{ Action: 'kms:Encrypt', Resource: '*' },
        }),
      }),
      quote:
        'MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.',
      source: 'https://github.com/terraform-aws-modules/terraform-aws-kms/issues/14',
      at: 'preview',
      says: 'MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.',
    },
    {
      what: 'An alias without its prefix',
      doing: 'create',
      type: 'aws:kms/alias:Alias',
      right: ({ of }) => ({ name: 'alias/rds-dbserver-8', targetKeyId: of('key') }),
      wrong: () => ({ name: 'alias-rds-dbserver-8' }),
      quote:
        'ValidationException: Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
      source: 'https://github.com/aws-controllers-k8s/community/issues/1878',
      at: 'preview',
      says: 'invalid value for name (must match (alias/)[a-zA-Z0-9:/_-]+), got alias-rds-dbserver-8',
    },
    {
      what: 'An alias with a colon',
      doing: 'create',
      type: 'aws:kms/alias:Alias',
      right: ({ of }) => ({ name: 'alias/service-test', targetKeyId: of('key') }),
      wrong: () => ({ name: 'alias/Service:Test' }),
      quote: 'ValidationException: alias/Service:Test contains invalid characters for an alias',
      source: 'https://github.com/hashicorp/terraform-provider-aws/issues/12891',
      at: 'preview',
      says: `InvalidAliasNameException: "name" must begin with 'alias/' and be comprised of only [0-9A-Za-z_/-]`,
    },
  ],
};
