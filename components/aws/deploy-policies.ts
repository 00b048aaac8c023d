import { boundaryArn, parameterArns, type AccountPlace } from './account-place.ts';
import { parameterStatements, stateStatements, useKey } from './account-access.ts';
import { guardStatements } from './deploy-guard.ts';
import type { Statement } from './policy-document.ts';
import { ownTags, rolePath } from './site.ts';

// What the program makes. Nothing here runs machines of its own, so there is no ec2:*.
const infrastructure = [
  'acm:*',
  'application-autoscaling:*',
  'backup:*',
  'backup-storage:*',
  'cloudwatch:*',
  'ec2:*Address*',
  'ec2:*FlowLogs',
  'ec2:*InternetGateway*',
  'ec2:*NatGateway*',
  'ec2:*NetworkAcl*',
  'ec2:*Route*',
  'ec2:*SecurityGroup*',
  'ec2:*Subnet*',
  'ec2:*Tags',
  'ec2:*Vpc*',
  'ec2:Describe*',
  'ec2:Get*',
  'ecr:*',
  'ecs:*',
  'elasticache:*',
  'elasticloadbalancing:*',
  'events:*',
  'logs:*',
  'rds:*',
  'resource-groups:*',
  'sns:*',
  'tag:*',
  'wafv2:*',
];

const keyMaking = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:CreateKey',
  'kms:DeleteAlias',
  'kms:Describe*',
  'kms:EnableKey*',
  'kms:Get*Policy',
  'kms:GetKeyRotationStatus',
  'kms:List*',
  'kms:TagResource',
  'kms:UpdateAlias',
];

// None of it is needed in the first minutes of a key: KMS may take five until it judges by tags,
// https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
const keyChanging = [
  'kms:DisableKey',
  'kms:PutKeyPolicy',
  'kms:ScheduleKeyDeletion',
  'kms:UntagResource',
  'kms:UpdateKeyDescription',
];

const bucketManagement = [
  's3:CreateBucket',
  's3:DeleteBucket*',
  's3:GetAccelerateConfiguration',
  's3:GetBucket*',
  's3:GetEncryptionConfiguration',
  's3:GetLifecycleConfiguration',
  's3:GetReplicationConfiguration',
  's3:ListBucket*',
  's3:PutBucket*',
  's3:PutEncryptionConfiguration',
  's3:PutLifecycleConfiguration',
  's3:PutReplicationConfiguration',
];

const linkedServices = [
  'ecs.amazonaws.com',
  'ecs.application-autoscaling.amazonaws.com',
  'elasticache.amazonaws.com',
  'elasticloadbalancing.amazonaws.com',
  'rds.amazonaws.com',
  'replication.ecr.amazonaws.com',
];

const passedTo = [
  'backup.amazonaws.com',
  'ecs-tasks.amazonaws.com',
  'ecs.amazonaws.com',
  'monitoring.rds.amazonaws.com',
  's3.amazonaws.com',
  'vpc-flow-logs.amazonaws.com',
];

/** What CI may do: build the systems, and neither read what they hold nor give itself more. */
export function deployPolicies(place: AccountPlace): Readonly<Record<string, readonly Statement[]>> {
  return {
    infrastructure: infrastructureStatements(place),
    data: dataStatements(place),
    roles: roleStatements(place),
    update: updateStatements(place),
    guard: guardStatements(place),
  };
}

function infrastructureStatements({ regions }: AccountPlace): readonly Statement[] {
  const inRegions = { StringEquals: { 'aws:RequestedRegion': regions } };
  return [
    {
      sid: 'Infrastructure',
      actions: infrastructure,
      resources: ['*'],
      conditions: inRegions,
      reason: 'Ids of what is to be made are not known before; regions, kinds and the guard limit it.',
    },
    {
      sid: 'Names',
      actions: ['route53:*'],
      resources: ['*'],
      reason: 'Zones have ids that are not known before; registering domains is another service.',
    },
  ];
}

function dataStatements({ account, environment, regions }: AccountPlace): readonly Statement[] {
  const inRegions = { 'aws:RequestedRegion': regions };
  const through = (...services: readonly string[]): readonly string[] =>
    regions.flatMap((region) => services.map((service) => `${service}.${region}.amazonaws.com`));
  const keys = [`arn:aws:kms:*:${account}:key/*`];
  return [
    {
      sid: 'Buckets',
      actions: bucketManagement,
      // As PrivateBucket names them.
      resources: [`arn:aws:s3:::*-${environment}-${account}-*`],
    },
    ...(environment === 'prod'
      ? []
      : [
          {
            sid: 'EmptyBuckets',
            actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
            resources: [`arn:aws:s3:::*-${environment}-${account}-*/*`],
          },
        ]),
    {
      sid: 'Keys',
      actions: keyMaking,
      resources: ['*'],
      conditions: { StringEquals: inRegions },
      reason: 'Ids of keys are not known before; using or changing them is not among the actions.',
    },
    {
      sid: 'OwnKeys',
      actions: keyChanging,
      resources: keys,
      conditions: {
        StringEquals: {
          ...inRegions,
          [`aws:ResourceTag/${ownTags.environment}`]: [environment],
          [`aws:ResourceTag/${ownTags.managedBy}`]: ['cutover'],
        },
      },
    },
    {
      sid: 'KeysForServices',
      actions: ['kms:CreateGrant'],
      resources: keys,
      conditions: {
        StringEquals: { 'kms:ViaService': through('rds', 'elasticache', 'ecr', 'backup') },
        Bool: { 'kms:GrantIsForAWSResource': ['true'] },
      },
    },
    {
      // What RDS asks of who lets it make a password; reading that password is refused below.
      sid: 'KeysForPasswords',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: keys,
      conditions: { StringEquals: { 'kms:ViaService': through('secretsmanager') } },
    },
    {
      sid: 'ManagedPasswords',
      actions: [
        'secretsmanager:CreateSecret',
        'secretsmanager:DescribeSecret',
        'secretsmanager:RotateSecret',
        'secretsmanager:TagResource',
      ],
      resources: [`arn:aws:secretsmanager:*:${account}:secret:*`],
    },
    {
      // Names and kinds; without the keys the values stay encrypted.
      sid: 'WhichSecretsThereAre',
      actions: ['ssm:GetParametersByPath'],
      resources: [`arn:aws:ssm:*:${account}:parameter/*`],
    },
    {
      sid: 'AuditTrails',
      actions: ['cloudtrail:Describe*', 'cloudtrail:Get*', 'cloudtrail:List*'],
      resources: ['*'],
    },
  ];
}

function roleStatements(place: AccountPlace): readonly Statement[] {
  const { account } = place;
  const roles = [`arn:aws:iam::${account}:role${rolePath(place)}*`];
  return [
    {
      sid: 'RolesWithinBoundary',
      actions: [
        'iam:AttachRolePolicy',
        'iam:CreateRole',
        'iam:DeleteRolePolicy',
        'iam:DetachRolePolicy',
        'iam:PutRolePermissionsBoundary',
        'iam:PutRolePolicy',
      ],
      resources: roles,
      conditions: { StringEquals: { 'iam:PermissionsBoundary': [boundaryArn(place)] } },
    },
    {
      sid: 'Roles',
      actions: [
        'iam:DeleteRole',
        'iam:TagRole',
        'iam:UntagRole',
        'iam:UpdateAssumeRolePolicy',
        'iam:UpdateRole',
        'iam:UpdateRoleDescription',
      ],
      resources: roles,
    },
    {
      sid: 'HandRolesOn',
      actions: ['iam:PassRole'],
      resources: roles,
      conditions: { StringEquals: { 'iam:PassedToService': passedTo } },
    },
    {
      sid: 'RolesOfServices',
      actions: ['iam:CreateServiceLinkedRole'],
      resources: [`arn:aws:iam::${account}:role/aws-service-role/*`],
      conditions: { StringEquals: { 'iam:AWSServiceName': linkedServices } },
    },
    { sid: 'LookAtIdentities', actions: ['iam:Get*', 'iam:List*'], resources: ['*'] },
  ];
}

function updateStatements(place: AccountPlace): readonly Statement[] {
  const { account, endpoints = [], signers } = place;
  const parameters = parameterArns(account, [...endpoints, ...(signers?.parameters ?? [])]);
  return [
    ...stateStatements(place, 'write'),
    ...parameterStatements(account, parameters),
    ...(signers === undefined || signers.keys.length === 0
      ? []
      : [useKey('SignTransactions', account, ['kms:GetPublicKey', 'kms:Sign'], signers.keys)]),
  ];
}
