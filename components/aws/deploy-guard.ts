import {
  foundationKeys,
  parameterArns,
  rolesPath,
  trailLogArns,
  type AccountPlace,
} from './account-place.ts';
import type { Statement } from './policy-document.ts';

const changingKeys = [
  'kms:DisableKey*',
  'kms:PutKeyPolicy',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:Update*',
];
// What takes a key away, or gives it to somebody.
const managingKeys = ['kms:CreateGrant', 'kms:DeleteAlias', ...changingKeys];
// What takes a key of somebody else away, opens it, or makes it look like one of ours.
const takingKeys = ['kms:CreateAlias', ...changingKeys];

// What takes a log away, keeps it shorter, opens it to others, or writes what did not happen.
const changingLogs = [
  'logs:*DataProtectionPolicy',
  'logs:*DeletionProtection',
  'logs:*KmsKey',
  'logs:*LogGroup',
  'logs:*LogStream',
  'logs:*RetentionPolicy',
  'logs:*SubscriptionFilter',
  'logs:*Transformer',
  'logs:PutLogEvents',
  'logs:TagResource',
  'logs:UntagResource',
];

/** What stays refused whatever else is allowed, now or later. */
export function guardStatements(place: AccountPlace): readonly Statement[] {
  const { account, environment, state, endpoints = [], signers } = place;
  const readable = parameterArns(account, [...endpoints, ...(signers?.parameters ?? [])]);
  const aliases = [...new Set([foundationKeys(place), state.key, ...(signers?.keys ?? [])])];
  const refused = { effect: 'Deny', resources: ['*'] } as const;
  return [
    {
      sid: 'NoPasswords',
      ...refused,
      actions: ['secretsmanager:BatchGetSecretValue', 'secretsmanager:GetSecretValue'],
    },
    {
      sid: 'NoOtherParameters',
      effect: 'Deny',
      actions: ['ssm:GetParameter', 'ssm:GetParameterHistory', 'ssm:GetParameters'],
      ...(readable.length === 0 ? { resources: ['*'] } : { notResources: readable }),
    },
    {
      sid: 'NoContent',
      effect: 'Deny',
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      notResources: [`arn:aws:s3:::${state.bucket}/*`],
    },
    {
      sid: 'NoOtherIdentities',
      ...refused,
      actions: [
        'iam:AddUserToGroup',
        'iam:CreateAccessKey',
        'iam:CreateLoginProfile',
        'iam:CreatePolicyVersion',
        'iam:CreateUser',
        'iam:DeleteRolePermissionsBoundary',
        'iam:SetDefaultPolicyVersion',
        'iam:*OpenIDConnectProvider*',
        'iam:*SAMLProvider*',
        'organizations:*',
        'account:*',
        // A role of a service that trusted this one would open what is refused here.
        'sts:AssumeRole',
      ],
    },
    {
      sid: 'NotItself',
      effect: 'Deny',
      actions: [
        'iam:Attach*',
        'iam:Delete*',
        'iam:Detach*',
        'iam:Pass*',
        'iam:Put*',
        'iam:Tag*',
        'iam:Update*',
      ],
      resources: [`arn:aws:iam::${account}:role${rolesPath}cutover-*`],
    },
    {
      sid: 'NotTheKeysItLivesBy',
      effect: 'Deny',
      actions: managingKeys,
      resources: [`arn:aws:kms:*:${account}:key/*`],
      conditions: { 'ForAnyValue:StringLike': { 'kms:ResourceAliases': aliases } },
    },
    {
      // All of the program's begin with its environment; a key without an alias is told by its tags alone.
      sid: 'NotKeysOfOthers',
      effect: 'Deny',
      actions: takingKeys,
      resources: [`arn:aws:kms:*:${account}:key/*`],
      conditions: { 'ForAnyValue:StringNotLike': { 'kms:ResourceAliases': [`alias/${environment}/*`] } },
    },
    {
      // Rights to use keys go by aliases: one that moved would open another key.
      sid: 'NotTheirAliases',
      effect: 'Deny',
      actions: ['kms:CreateAlias', 'kms:DeleteAlias', 'kms:UpdateAlias'],
      resources: aliases.map((alias) => `arn:aws:kms:*:${account}:${alias}`),
    },
    {
      sid: 'NotTheAuditTrail',
      ...refused,
      actions: [
        'cloudtrail:DeleteTrail',
        'cloudtrail:PutEventSelectors',
        'cloudtrail:StopLogging',
        'cloudtrail:UpdateTrail',
        's3:BypassGovernanceRetention',
      ],
    },
    {
      // Filters on it are the program's to make.
      sid: 'NotItsLog',
      effect: 'Deny',
      actions: changingLogs,
      resources: trailLogArns(place),
    },
    ...(environment === 'prod'
      ? [
          {
            sid: 'NoLossOfData',
            ...refused,
            actions: [
              'backup:DeleteBackupVault',
              'backup:DeleteRecoveryPoint',
              'elasticache:DeleteReplicationGroup',
              'kms:ScheduleKeyDeletion',
              'rds:DeleteDBCluster',
              'rds:DeleteDBInstance',
              'rds:DeleteDBSnapshot',
              's3:DeleteBucket',
            ],
          },
          {
            sid: 'NoLossOfObjects',
            effect: 'Deny',
            actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
            notResources: [`arn:aws:s3:::${state.bucket}/*`],
          } as const,
        ]
      : []),
  ];
}
