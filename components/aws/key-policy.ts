import type { Statement } from './policy-document.ts';
import { arnOf, type Site } from './site.ts';

/**
 * What a key encrypts. The first ones use it for whoever asks them; the last three write with it on their own.
 * - `logs`: log groups of its region.
 * - `cloudtrail`: the account's trails.
 * - `alarms`: what CloudWatch sends to topics.
 */
export type KeyUse = ViaService | 'logs' | 'cloudtrail' | 'alarms';
/** A service that uses a key for whoever asks it. */
export type ViaService = (typeof viaServices)[number];

const viaServices = [
  'rds',
  'elasticache',
  'secretsmanager',
  'ssm',
  's3',
  'ecr',
  'sns',
  'sqs',
  'backup',
] as const;

const use = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
] as const;

// All that manages a key and nothing that uses it: an administrator who wants to decrypt has to change the policy, and
// the audit trail shows that.
const manage = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListKeyRotations',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:ReplicateKey',
  'kms:RevokeGrant',
  'kms:RotateKeyOnDemand',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
  'kms:UpdatePrimaryRegion',
] as const;

/**
 * Who may do what with a key: its account manages it; whom the account's own policies allow uses it, through the named
 * services only; services that write on their own use it for things of this account only.
 */
export function keyPolicy<Text>(
  site: Pick<Site, 'account' | 'region'>,
  uses: readonly KeyUse[],
  users: readonly Text[] = [],
): readonly Statement<Text | string>[] {
  const account = { AWS: [`arn:aws:iam::${site.account}:root`] };
  const services = viaServices
    .filter((service) => uses.includes(service))
    .map((service) => `${service}.${site.region}.amazonaws.com`);
  const via = { 'kms:ViaService': services };
  return [
    { sid: 'AccountManages', principals: account, actions: manage, resources: ['*'] },
    ...(services.length === 0
      ? []
      : [
          {
            sid: 'AccountUsesThroughServices',
            principals: account,
            actions: use,
            resources: ['*'],
            conditions: { StringEquals: via },
          },
          {
            sid: 'ServicesKeepUsing',
            principals: account,
            actions: ['kms:CreateGrant'],
            resources: ['*'],
            conditions: { StringEquals: via, Bool: { 'kms:GrantIsForAWSResource': ['true'] } },
          },
        ]),
    ...uses.flatMap((each) => (isThrough(each) ? [] : serviceStatements(site, each))),
    ...(users.length === 0
      ? []
      : [{ sid: 'NamedRolesUse', principals: { AWS: users }, actions: use, resources: ['*'] }]),
  ];
}

function isThrough(kind: KeyUse): kind is ViaService {
  return (viaServices as readonly string[]).includes(kind);
}

function serviceStatements(
  site: Pick<Site, 'account' | 'region'>,
  kind: Exclude<KeyUse, ViaService>,
): readonly Statement[] {
  switch (kind) {
    case 'logs':
      return [
        {
          sid: 'LogGroups',
          principals: { Service: [`logs.${site.region}.amazonaws.com`] },
          actions: use,
          resources: ['*'],
          conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': [arnOf(site, 'logs', '*')] } },
        },
      ];
    case 'cloudtrail': {
      const trails = [`arn:aws:cloudtrail:*:${site.account}:trail/*`];
      return [
        {
          sid: 'TrailsEncrypt',
          principals: { Service: ['cloudtrail.amazonaws.com'] },
          actions: ['kms:GenerateDataKey*'],
          resources: ['*'],
          conditions: {
            StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': trails },
            StringEquals: { 'aws:SourceAccount': [site.account] },
          },
        },
        {
          sid: 'TrailsLook',
          principals: { Service: ['cloudtrail.amazonaws.com'] },
          // Decrypt: a bucket with a bucket key is asked without the trail's context.
          actions: ['kms:DescribeKey', 'kms:Decrypt'],
          resources: ['*'],
          conditions: { StringEquals: { 'aws:SourceAccount': [site.account] } },
        },
      ];
    }
    case 'alarms':
      return [
        {
          sid: 'AlarmsPublish',
          principals: { Service: ['cloudwatch.amazonaws.com'] },
          actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          resources: ['*'],
          conditions: { StringEquals: { 'aws:SourceAccount': [site.account] } },
        },
      ];
  }
}
