import {
  auditAlarmsName,
  boundaryArn,
  foundationKeys,
  parameterArns,
  rolesPath,
  trailBucketArn,
  trailLogArns,
  type AccountPlace,
} from './account-place.ts';
import type { Statement } from './policy-document.ts';

/** Reading some parameters: the names, and their keys for these alone. */
export function parameterStatements(account: string, parameters: readonly string[]): readonly Statement[] {
  if (parameters.length === 0) return [];
  return [
    { sid: 'Parameters', actions: ['ssm:GetParameter', 'ssm:GetParameters'], resources: parameters },
    {
      sid: 'ParameterKeys',
      actions: ['kms:Decrypt'],
      resources: [`arn:aws:kms:*:${account}:key/*`],
      conditions: { ArnLike: { 'kms:EncryptionContext:PARAMETER_ARN': parameters } },
    },
  ];
}

/** Keys by their aliases: their ids are not known before they are made. */
export function useKey(
  sid: string,
  account: string,
  actions: readonly string[],
  aliases: readonly string[],
): Statement {
  return {
    sid,
    actions,
    resources: [`arn:aws:kms:*:${account}:key/*`],
    conditions: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': aliases } },
  };
}

/** The stack's state: read for a preview, written by an update. */
export function stateStatements(
  { account, state }: AccountPlace,
  use: 'read' | 'write',
): readonly Statement[] {
  const write = use === 'write';
  return [
    {
      sid: 'State',
      actions: ['s3:GetObject', ...(write ? ['s3:PutObject', 's3:DeleteObject'] : [])],
      resources: [`arn:aws:s3:::${state.bucket}/*`],
    },
    {
      sid: 'StateList',
      actions: ['s3:ListBucket', 's3:GetBucketLocation'],
      resources: [`arn:aws:s3:::${state.bucket}`],
    },
    useKey(
      'StateKey',
      account,
      ['kms:Decrypt', ...(write ? ['kms:Encrypt', 'kms:GenerateDataKey'] : [])],
      [state.key],
    ),
  ];
}

// The verbs that each service has for looking.
const looks: Readonly<Record<string, readonly ('Describe' | 'Get' | 'List')[]>> = {
  acm: ['Describe', 'Get', 'List'],
  'application-autoscaling': ['Describe', 'Get', 'List'],
  backup: ['Describe', 'Get', 'List'],
  cloudtrail: ['Describe', 'Get', 'List'],
  cloudwatch: ['Describe', 'Get', 'List'],
  ec2: ['Describe', 'Get', 'List'],
  ecr: ['Describe', 'Get', 'List'],
  ecs: ['Describe', 'Get', 'List'],
  elasticache: ['Describe', 'List'],
  elasticloadbalancing: ['Describe', 'Get'],
  events: ['Describe', 'List'],
  iam: ['Get', 'List'],
  kms: ['Describe', 'Get', 'List'],
  logs: ['Describe', 'Get', 'List'],
  rds: ['Describe', 'List'],
  'resource-groups': ['Get', 'List'],
  route53: ['Get', 'List'],
  sns: ['Get', 'List'],
  tag: ['Describe', 'Get', 'List'],
  wafv2: ['Describe', 'Get', 'List'],
};

/** What a preview and people who look may do: how things are, logs and figures, and no content of stores. */
export function readStatements(place: AccountPlace): readonly Statement[] {
  const { account, endpoints = [], state } = place;
  const readable = parameterArns(account, endpoints);
  return [
    {
      sid: 'Look',
      actions: Object.entries(looks).flatMap(([service, verbs]) =>
        verbs.map((verb) => `${service}:${verb}*`),
      ),
      resources: ['*'],
    },
    {
      sid: 'LookAtBuckets',
      actions: [
        's3:GetBucket*',
        's3:GetEncryptionConfiguration',
        's3:GetLifecycleConfiguration',
        's3:ListAllMyBuckets',
      ],
      resources: ['*'],
    },
    {
      sid: 'LookAtLogs',
      actions: ['logs:FilterLogEvents', 'logs:StartQuery', 'logs:StopQuery'],
      resources: [`arn:aws:logs:*:${account}:log-group:*`],
    },
    {
      sid: 'WhichSecretsThereAre',
      actions: ['secretsmanager:DescribeSecret', 'ssm:GetParametersByPath'],
      resources: [`arn:aws:ssm:*:${account}:parameter/*`, `arn:aws:secretsmanager:*:${account}:secret:*`],
    },
    ...stateStatements(place, 'read'),
    ...parameterStatements(account, readable),
    {
      sid: 'NoPasswords',
      effect: 'Deny',
      actions: ['secretsmanager:BatchGetSecretValue', 'secretsmanager:GetSecretValue'],
      resources: ['*'],
    },
    {
      sid: 'NoContent',
      effect: 'Deny',
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      notResources: [`arn:aws:s3:::${state.bucket}/*`],
    },
    {
      sid: 'NoImages',
      effect: 'Deny',
      // They would be read with the others' Get*; what is in an image is nobody's to look at.
      actions: ['ecr:GetAuthorizationToken', 'ecr:GetDownloadUrlForLayer'],
      resources: ['*'],
    },
  ];
}

/** All that an emergency may need. What happened stays written down, whoever acts. */
export function breakGlassStatements(place: AccountPlace): readonly Statement[] {
  const { environment, account } = place;
  return [
    {
      sid: 'Everything',
      actions: ['*'],
      resources: ['*'],
      reason:
        'Nobody knows an emergency before. Named people, a second factor, an hour, and an alarm limit it.',
    },
    {
      sid: 'NotTheAuditTrail',
      effect: 'Deny',
      actions: [
        'cloudtrail:DeleteTrail',
        'cloudtrail:PutEventSelectors',
        'cloudtrail:StopLogging',
        'cloudtrail:UpdateTrail',
        'organizations:LeaveOrganization',
        's3:BypassGovernanceRetention',
      ],
      resources: ['*'],
    },
    {
      sid: 'NotWhatItWrote',
      effect: 'Deny',
      actions: ['s3:Delete*', 's3:Put*', 's3:Replicate*'],
      resources: [trailBucketArn(place), `${trailBucketArn(place)}/*`],
    },
    {
      // Nor the filters on it: its own use rings before anybody can silence it.
      sid: 'NotItsLog',
      effect: 'Deny',
      actions: ['logs:*KmsKey', 'logs:Create*', 'logs:Delete*', 'logs:Put*', 'logs:Tag*', 'logs:Untag*'],
      resources: trailLogArns(place),
    },
    {
      sid: 'NotItsAlarms',
      effect: 'Deny',
      actions: [
        'cloudwatch:DeleteAlarms',
        'cloudwatch:DisableAlarmActions',
        'cloudwatch:PutMetricAlarm',
        'cloudwatch:SetAlarmState',
      ],
      resources: [`arn:aws:cloudwatch:*:${account}:alarm:${auditAlarmsName}-*`],
    },
    {
      sid: 'NotItsKey',
      effect: 'Deny',
      actions: ['kms:DeleteAlias', 'kms:DisableKey', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion'],
      resources: [`arn:aws:kms:*:${account}:key/*`],
      conditions: { 'ForAnyValue:StringLike': { 'kms:ResourceAliases': [foundationKeys(place)] } },
    },
    {
      sid: 'NotWhoMayDoThis',
      effect: 'Deny',
      actions: [
        'iam:Add*',
        'iam:Attach*',
        'iam:Create*',
        'iam:Deactivate*',
        'iam:Delete*',
        'iam:Detach*',
        'iam:Put*',
        'iam:SetDefaultPolicyVersion',
        'iam:Update*',
      ],
      // Roles of services are elsewhere, and stay what an emergency may mend.
      resources: [
        `arn:aws:iam::${account}:role${rolesPath}cutover-${environment}-*`,
        `arn:aws:iam::${account}:policy${rolesPath}cutover-${environment}-*`,
        boundaryArn(place),
        `arn:aws:iam::${account}:user/*`,
        `arn:aws:iam::${account}:group/*`,
        `arn:aws:iam::${account}:oidc-provider/*`,
        `arn:aws:iam::${account}:saml-provider/*`,
      ],
    },
  ];
}

const noGrant = 'A boundary allows nothing by itself; the policies of each role name their things.';

/**
 * The most that any role of a service may do, whatever its policies say: work with data, logs, keys and messages of
 * this account. It can make nothing, hand no role on, and change nobody's rights. It grants nothing by itself.
 */
export function serviceBoundary({
  account,
  environment,
}: Pick<AccountPlace, 'account' | 'environment'>): readonly Statement[] {
  return [
    {
      sid: 'WorkOfServices',
      actions: [
        'cloudwatch:PutMetricData',
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:GetAuthorizationToken',
        'ecr:GetDownloadUrlForLayer',
        'elasticache:Connect',
        'elasticloadbalancing:*',
        'logs:CreateLogGroup',
        'logs:CreateLogStream',
        'logs:Describe*',
        'logs:PutLogEvents',
        'logs:PutRetentionPolicy',
        'rds-db:connect',
        'ssmmessages:*',
        'xray:Put*',
      ],
      resources: ['*'],
      reason: noGrant,
    },
    {
      sid: 'ThingsOfThisAccount',
      actions: [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:Encrypt',
        'kms:GenerateDataKey*',
        'kms:GetPublicKey',
        'kms:Sign',
        'secretsmanager:GetSecretValue',
        'sns:Publish',
        'ssm:GetParameter*',
      ],
      resources: [
        `arn:aws:kms:*:${account}:key/*`,
        `arn:aws:secretsmanager:*:${account}:secret:*`,
        `arn:aws:sns:*:${account}:*`,
        `arn:aws:ssm:*:${account}:parameter/*`,
      ],
      reason: noGrant,
    },
    {
      sid: 'ObjectsOfThisAccount',
      actions: [
        's3:AbortMultipartUpload',
        's3:DeleteObject',
        's3:Get*',
        's3:ListBucket',
        's3:PutObject',
        's3:Replicate*',
      ],
      resources: [
        `arn:aws:s3:::*-${environment}-${account}-*`,
        // Layers of images are kept in a bucket of ECR's.
        'arn:aws:s3:::prod-*-starport-layer-bucket/*',
      ],
    },
  ];
}
