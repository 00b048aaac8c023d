import { describe, expect, it } from 'vitest';
import type { AccountPlace } from '../../../components/aws/account-place.ts';
import { boundaryArn } from '../../../components/aws/account-place.ts';
import { accountRoles, accountRolesProblems, type RolePlan } from '../../../components/aws/account-roles.ts';
import { decide, type Caller } from '../../../ops/twin/iam/decide.ts';
import { account, ask, readPolicy } from './access.ts';

const place: AccountPlace = {
  account,
  environment: 'prod',
  regions: ['us-east-1', 'eu-west-1'],
  repository: 'coinestate/platform',
  people: {
    read: [`arn:aws:iam::${account}:user/ada`],
    breakGlass: [`arn:aws:iam::${account}:user/grace`],
  },
  state: { bucket: 'cutover-state-prod-123456789012-us-east-1', key: 'alias/cutover-prod-state' },
  endpoints: ['/cutover/prod/rpc/*'],
  signers: {
    parameters: ['/coinestate/prod/blockchain/private-key'],
    keys: ['alias/coinestate-prod-minter'],
  },
};
const prod = accountRoles(place);
const staging = accountRoles({ ...place, environment: 'staging' });

const here = { 'aws:RequestedRegion': 'us-east-1' };
const key = `arn:aws:kms:us-east-1:${account}:key/1`;
const ownKey = { ...here, 'aws:ResourceTag/Environment': 'prod', 'aws:ResourceTag/ManagedBy': 'cutover' };
const another = ['alias/payroll'];
const bucket = `arn:aws:s3:::coinestate-kyc-prod-${account}-us-east-1`;
const state = `arn:aws:s3:::${place.state.bucket}`;
const role = `arn:aws:iam::${account}:role/cutover/prod/services/prod-api-task-us-east-1`;
const own = `arn:aws:iam::${account}:role/cutover/cutover-prod-deploy`;
const breakGlass = `arn:aws:iam::${account}:role/cutover/cutover-prod-break-glass`;
const issuerArn = `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`;
const trailBucket = `arn:aws:s3:::cutover-trail-${account}-us-east-1-prod`;
const trailLog = `arn:aws:logs:us-east-1:${account}:log-group:/cutover/trail/prod`;
const trailRole = `arn:aws:iam::${account}:role/cutover/cutover-prod-trail`;
const parameter = (name: string): string => `arn:aws:ssm:us-east-1:${account}:parameter${name}`;
const boundary = { 'iam:PermissionsBoundary': boundaryArn(place) };

type Row = readonly [
  action: string,
  resource: string,
  context?: Readonly<Record<string, string | readonly string[]>>,
];

function decisions(plan: RolePlan, rows: readonly Row[]): readonly string[] {
  return rows.map(([action, resource, context]) => {
    const decision = ask(Object.values(plan.policies), action, resource, context);
    return `${action} on ${resource}: ${decision === 'allowed' ? 'yes' : 'no'}`;
  });
}

function expectAll(plan: RolePlan, rows: readonly Row[], answer: 'yes' | 'no'): void {
  expect(decisions(plan, rows)).toEqual(
    rows.map(([action, resource]) => `${action} on ${resource}: ${answer}`),
  );
}

const deployMust: readonly Row[] = [
  ['ec2:CreateVpc', `arn:aws:ec2:us-east-1:${account}:vpc/*`, here],
  ['ec2:CreateNatGateway', `arn:aws:ec2:us-east-1:${account}:natgateway/*`, here],
  ['ec2:AuthorizeSecurityGroupIngress', `arn:aws:ec2:us-east-1:${account}:security-group/sg-1`, here],
  ['ec2:DescribeAvailabilityZones', '*', here],
  ['ecs:CreateService', `arn:aws:ecs:us-east-1:${account}:service/api/api`, here],
  ['ecs:RegisterTaskDefinition', '*', here],
  ['rds:CreateDBInstance', `arn:aws:rds:us-east-1:${account}:db:prod-coinestate`, here],
  [
    'elasticloadbalancing:CreateLoadBalancer',
    `arn:aws:elasticloadbalancing:us-east-1:${account}:loadbalancer/app/a/1`,
    here,
  ],
  ['ecr:PutImage', `arn:aws:ecr:us-east-1:${account}:repository/prod/api`, here],
  ['logs:CreateLogGroup', `arn:aws:logs:us-east-1:${account}:log-group:a`, here],
  ['cloudwatch:PutMetricAlarm', `arn:aws:cloudwatch:us-east-1:${account}:alarm:a`, here],
  ['logs:PutMetricFilter', `${trailLog}:*`, here],
  ['logs:DescribeMetricFilters', `${trailLog}:*`, here],
  ['logs:DeleteMetricFilter', `${trailLog}:*`, here],
  ['route53:ChangeResourceRecordSets', 'arn:aws:route53:::hostedzone/Z1'],
  ['s3:CreateBucket', bucket, here],
  ['s3:PutBucketPolicy', bucket, here],
  ['kms:CreateKey', '*', here],
  [
    'kms:CreateGrant',
    key,
    { 'kms:ViaService': 'rds.us-east-1.amazonaws.com', 'kms:GrantIsForAWSResource': 'true' },
  ],
  ['iam:CreateRole', role, boundary],
  ['iam:PutRolePolicy', role, boundary],
  ['iam:PassRole', role, { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' }],
  ['s3:PutObject', `${state}/.pulumi/stacks/prod.json`],
  ['s3:DeleteObject', `${state}/.pulumi/locks/1.json`],
  ['kms:Decrypt', key, { 'kms:ResourceAliases': ['alias/cutover-prod-state'] }],
  ['kms:Sign', key, { 'kms:ResourceAliases': ['alias/coinestate-prod-minter'] }],
  ['ssm:GetParameter', parameter('/coinestate/prod/blockchain/private-key')],
  ['ssm:GetParameter', parameter('/cutover/prod/rpc/ethereum')],
  ['ssm:GetParametersByPath', parameter('/coinestate/prod/')],
  ['cloudtrail:DescribeTrails', '*'],
];
const deployMustNot: readonly Row[] = [
  ['ec2:RunInstances', `arn:aws:ec2:us-east-1:${account}:instance/*`, here],
  ['ec2:CreateVpc', `arn:aws:ec2:us-east-1:${account}:vpc/*`, { 'aws:RequestedRegion': 'us-west-1' }],
  ['lambda:CreateFunction', `arn:aws:lambda:us-east-1:${account}:function:a`, here],
  ['iam:CreateRole', role],
  ['iam:CreateRole', role, { 'iam:PermissionsBoundary': 'arn:aws:iam::aws:policy/AdministratorAccess' }],
  ['iam:CreateRole', `arn:aws:iam::${account}:role/elsewhere`, boundary],
  ['iam:AttachRolePolicy', own, boundary],
  ['iam:UpdateAssumeRolePolicy', own],
  ['iam:UpdateAssumeRolePolicy', `arn:aws:iam::${account}:role/cutover/cutover-prod-break-glass`],
  ['iam:DeleteRolePermissionsBoundary', role, boundary],
  ['iam:CreatePolicyVersion', boundaryArn(place)],
  ['iam:CreateUser', `arn:aws:iam::${account}:user/eve`],
  ['iam:CreateAccessKey', `arn:aws:iam::${account}:user/ada`],
  ['iam:PassRole', own, { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' }],
  ['iam:PassRole', role, { 'iam:PassedToService': 'lambda.amazonaws.com' }],
  ['sts:AssumeRole', role],
  ['secretsmanager:GetSecretValue', `arn:aws:secretsmanager:us-east-1:${account}:secret:rds!db-1`, here],
  ['ssm:GetParameter', parameter('/coinestate/prod/jwt/secret')],
  ['kms:Decrypt', key, { 'kms:ViaService': 's3.us-east-1.amazonaws.com' }],
  ['kms:Decrypt', key, { 'kms:EncryptionContext:PARAMETER_ARN': parameter('/coinestate/prod/jwt/secret') }],
  ['kms:Sign', key, { 'kms:ResourceAliases': ['alias/godark-prod-deployer'] }],
  ['s3:GetObject', `${bucket}/passport.pdf`],
  ['s3:DeleteObject', `${bucket}/passport.pdf`],
  ['s3:DeleteBucket', bucket],
  ['s3:PutBucketPolicy', 'arn:aws:s3:::somebody-elses'],
  ['rds:DeleteDBInstance', `arn:aws:rds:us-east-1:${account}:db:prod-coinestate`, here],
  ['kms:ScheduleKeyDeletion', key, ownKey],
  // Keys of somebody else in the account: without our tags, and with them where an alias tells whose they are.
  ['kms:PutKeyPolicy', key, here],
  ['kms:PutKeyPolicy', key, { ...ownKey, 'aws:ResourceTag/Environment': 'other' }],
  ['kms:DisableKey', key, here],
  ['kms:PutKeyPolicy', key, { ...ownKey, 'kms:ResourceAliases': another }],
  ['kms:PutKeyPolicy', key, { ...ownKey, 'kms:ResourceAliases': ['alias/prod/mine', ...another] }],
  ['kms:TagResource', key, { ...here, 'kms:ResourceAliases': another }],
  ['kms:CreateAlias', key, { ...here, 'kms:ResourceAliases': another }],
  ['kms:UpdateAlias', key, { ...here, 'kms:ResourceAliases': another }],
  ['cloudtrail:StopLogging', `arn:aws:cloudtrail:us-east-1:${account}:trail/prod-audit`, here],
  ['cloudtrail:DeleteTrail', `arn:aws:cloudtrail:us-east-1:${account}:trail/prod-audit`, here],
  ['cloudtrail:UpdateTrail', `arn:aws:cloudtrail:us-east-1:${account}:trail/cutover-prod`, here],
  ...[
    'logs:CreateLogGroup',
    'logs:DeleteLogGroup',
    'logs:DeleteLogStream',
    'logs:DeleteRetentionPolicy',
    'logs:DisassociateKmsKey',
    'logs:PutDataProtectionPolicy',
    'logs:PutLogEvents',
    'logs:PutRetentionPolicy',
    'logs:PutSubscriptionFilter',
    'logs:PutTransformer',
  ].map((action) => [action, `${trailLog}:*`, here] as const),
  ['logs:TagResource', trailLog, here],
  ...['iam:CreateRole', 'iam:PutRolePolicy', 'iam:PutRolePermissionsBoundary'].map(
    (action) => [action, trailRole, boundary] as const,
  ),
  ['iam:DeleteRole', trailRole],
  ['iam:UpdateAssumeRolePolicy', trailRole],
  ['iam:PassRole', trailRole, { 'iam:PassedToService': 'cloudtrail.amazonaws.com' }],
  ['s3:BypassGovernanceRetention', `${bucket}/passport.pdf`],
  ['organizations:LeaveOrganization', '*'],
];
const stateKey = { ...here, 'kms:ResourceAliases': ['alias/cutover-prod-state'] };
const trailKey = { ...here, 'kms:ResourceAliases': ['alias/cutover-prod-trail'] };
const signingKey = { ...here, 'kms:ResourceAliases': ['alias/coinestate-prod-minter'] };
const aliasArn = (alias: string): string => `arn:aws:kms:us-east-1:${account}:${alias}`;
// What everything is encrypted or signed with, in staging as in prod.
const deployMustNeverTouch: readonly Row[] = [
  ['kms:DisableKey', key, stateKey],
  ['kms:ScheduleKeyDeletion', key, stateKey],
  ['kms:PutKeyPolicy', key, stateKey],
  ['kms:DeleteAlias', key, stateKey],
  ['kms:DeleteAlias', aliasArn('alias/cutover-prod-state'), here],
  ['kms:UpdateAlias', aliasArn('alias/cutover-prod-state'), here],
  ['kms:DisableKey', key, trailKey],
  ['kms:ScheduleKeyDeletion', key, trailKey],
  ['kms:ScheduleKeyDeletion', key, signingKey],
  ['kms:PutKeyPolicy', key, signingKey],
  ['kms:UpdateAlias', aliasArn('alias/coinestate-prod-minter'), here],
  ['kms:CreateAlias', aliasArn('alias/coinestate-prod-minter'), here],
];
// The same with keys that the program has made.
const deployMayManage: readonly Row[] = [
  ['kms:PutKeyPolicy', key, { ...ownKey, 'kms:ResourceAliases': ['alias/prod/coinestate-key'] }],
  ['kms:PutKeyPolicy', key, ownKey],
  ['kms:DisableKey', key, ownKey],
  ['kms:UpdateAlias', key, { ...here, 'kms:ResourceAliases': ['alias/prod/coinestate-key'] }],
  ['kms:CreateAlias', key, here],
  ['kms:CreateAlias', aliasArn('alias/prod/coinestate-key'), here],
  ['kms:TagResource', key, here],
];
const readMust: readonly Row[] = [
  ['ec2:DescribeVpcs', '*'],
  ['ecs:DescribeServices', `arn:aws:ecs:us-east-1:${account}:service/api/api`],
  ['ecs:ListTasks', '*'],
  ['rds:DescribeDBInstances', `arn:aws:rds:us-east-1:${account}:db:prod-coinestate`],
  ['elasticloadbalancing:DescribeTargetHealth', '*'],
  ['cloudwatch:GetMetricData', '*'],
  ['cloudwatch:DescribeAlarms', '*'],
  ['logs:GetLogEvents', `arn:aws:logs:us-east-1:${account}:log-group:api:log-stream:1`],
  ['logs:FilterLogEvents', `arn:aws:logs:us-east-1:${account}:log-group:api:log-stream:`],
  ['logs:StartQuery', `arn:aws:logs:us-east-1:${account}:log-group:api`],
  ['iam:GetRolePolicy', role],
  ['kms:GetKeyPolicy', key],
  ['kms:DescribeKey', key],
  ['route53:ListResourceRecordSets', 'arn:aws:route53:::hostedzone/Z1'],
  ['s3:GetBucketPolicy', bucket],
  ['s3:ListAllMyBuckets', '*'],
  ['s3:GetObject', `${state}/.pulumi/stacks/prod.json`],
  ['s3:ListBucket', state],
  ['kms:Decrypt', key, { 'kms:ResourceAliases': ['alias/cutover-prod-state'] }],
  ['ssm:GetParameter', parameter('/cutover/prod/rpc/ethereum')],
  ['kms:Decrypt', key, { 'kms:EncryptionContext:PARAMETER_ARN': parameter('/cutover/prod/rpc/ethereum') }],
  ['ssm:GetParametersByPath', parameter('/coinestate/prod/')],
  ['secretsmanager:DescribeSecret', `arn:aws:secretsmanager:us-east-1:${account}:secret:rds!db-1`],
];
const readMustNot: readonly Row[] = [
  ['ec2:CreateVpc', '*', here],
  ['ecs:UpdateService', `arn:aws:ecs:us-east-1:${account}:service/api/api`],
  ['ecs:ExecuteCommand', `arn:aws:ecs:us-east-1:${account}:task/api/1`],
  ['rds:ModifyDBInstance', `arn:aws:rds:us-east-1:${account}:db:prod-coinestate`],
  ['rds-db:connect', `arn:aws:rds-db:us-east-1:${account}:dbuser:db-1/owner`],
  ['s3:GetObject', `${bucket}/passport.pdf`],
  ['s3:GetObjectVersion', `${bucket}/passport.pdf`],
  ['s3:PutObject', `${state}/.pulumi/stacks/prod.json`],
  ['s3:DeleteObject', `${state}/.pulumi/stacks/prod.json`],
  ['s3:PutBucketPolicy', bucket],
  ['ssm:GetParameter', parameter('/coinestate/prod/jwt/secret')],
  ['ssm:GetParameter', parameter('/coinestate/prod/blockchain/private-key')],
  ['ssm:PutParameter', parameter('/coinestate/prod/jwt/secret')],
  ['secretsmanager:GetSecretValue', `arn:aws:secretsmanager:us-east-1:${account}:secret:rds!db-1`],
  ['kms:Decrypt', key],
  ['kms:Decrypt', key, { 'kms:EncryptionContext:PARAMETER_ARN': parameter('/coinestate/prod/jwt/secret') }],
  ['kms:Sign', key, { 'kms:ResourceAliases': ['alias/coinestate-prod-minter'] }],
  ['iam:CreateRole', role, boundary],
  ['iam:PassRole', role],
  ['sts:AssumeRole', own],
  ['cloudtrail:StopLogging', `arn:aws:cloudtrail:us-east-1:${account}:trail/prod-audit`],
  ['logs:DeleteLogGroup', `arn:aws:logs:us-east-1:${account}:log-group:api`],
  ['logs:PutMetricFilter', `${trailLog}:*`],
  ['ecr:GetDownloadUrlForLayer', `arn:aws:ecr:us-east-1:${account}:repository/prod/api`],
];
const emergencyMust: readonly Row[] = [
  ['rds:RestoreDBInstanceToPointInTime', '*'],
  ['rds:DeleteDBInstance', `arn:aws:rds:us-east-1:${account}:db:prod-coinestate`],
  ['ecs:UpdateService', '*'],
  ['route53:ChangeResourceRecordSets', 'arn:aws:route53:::hostedzone/Z1'],
  ['ec2:RevokeSecurityGroupIngress', '*'],
  ['kms:CancelKeyDeletion', key],
  ['iam:PutRolePolicy', role],
  ['s3:GetObject', `${bucket}/passport.pdf`],
];
const emergencyMustNot: readonly Row[] = [
  ['cloudtrail:StopLogging', `arn:aws:cloudtrail:us-east-1:${account}:trail/prod-audit`],
  ['cloudtrail:DeleteTrail', `arn:aws:cloudtrail:us-east-1:${account}:trail/prod-audit`],
  ['cloudtrail:PutEventSelectors', `arn:aws:cloudtrail:us-east-1:${account}:trail/prod-audit`],
  ['s3:BypassGovernanceRetention', `${bucket}/passport.pdf`],
  ['organizations:LeaveOrganization', '*'],
  ['iam:CreateAccessKey', `arn:aws:iam::${account}:user/grace`],
  ['iam:CreateUser', `arn:aws:iam::${account}:user/eve`],
  ['iam:UpdateAssumeRolePolicy', own],
  ['iam:PutRolePolicy', breakGlass],
  ['iam:DeleteRole', breakGlass],
  ['iam:PutRolePermissionsBoundary', own],
  ['iam:CreatePolicyVersion', `arn:aws:iam::${account}:policy/cutover/cutover-prod-break-glass-everything`],
  ['iam:SetDefaultPolicyVersion', `arn:aws:iam::${account}:policy/cutover/cutover-prod-deploy-guard`],
  ['iam:CreatePolicyVersion', boundaryArn(place)],
  ['iam:CreateLoginProfile', `arn:aws:iam::${account}:user/eve`],
  ['iam:PutUserPolicy', `arn:aws:iam::${account}:user/grace`],
  ['iam:AddUserToGroup', `arn:aws:iam::${account}:group/administrators`],
  ['iam:DeactivateMFADevice', `arn:aws:iam::${account}:user/ada`],
  ['iam:UpdateOpenIDConnectProviderThumbprint', issuerArn],
  ['iam:AddClientIDToOpenIDConnectProvider', issuerArn],
  ['s3:PutBucketObjectLockConfiguration', trailBucket],
  ['s3:PutLifecycleConfiguration', trailBucket],
  ['s3:PutBucketPolicy', trailBucket],
  ['s3:DeleteBucket', trailBucket],
  ['s3:DeleteObjectVersion', `${trailBucket}/AWSLogs/1.json.gz`],
  ...[
    'logs:DeleteLogGroup',
    'logs:DeleteMetricFilter',
    'logs:PutMetricFilter',
    'logs:PutRetentionPolicy',
  ].map((action) => [action, `${trailLog}:*`] as const),
  ['logs:DisassociateKmsKey', trailLog],
  ['cloudwatch:DeleteAlarms', `arn:aws:cloudwatch:us-east-1:${account}:alarm:audit-root-use-alarm-1`],
  [
    'cloudwatch:DisableAlarmActions',
    `arn:aws:cloudwatch:us-east-1:${account}:alarm:audit-break-glass-alarm-1`,
  ],
  ['iam:UpdateAssumeRolePolicy', trailRole],
  ['iam:DeleteRole', trailRole],
  ['kms:DisableKey', key, trailKey],
  ['kms:ScheduleKeyDeletion', key, stateKey],
];

describe('the roles of an account', () => {
  it('lets CI do what a deployment takes', () => {
    expectAll(prod.deploy, deployMust, 'yes');
  });
  it('lets CI neither read data and secrets, nor give itself more, nor lose what is kept', () => {
    expectAll(prod.deploy, deployMustNot, 'no');
  });
  it('keeps CI from taking on a role that would trust it', () => {
    const trusting = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: own }, Action: 'sts:AssumeRole' }],
    };
    const caller: Caller = { kind: 'role', arn: own, account };
    const identity = Object.values(prod.deploy.policies).map((text) => readPolicy(text, 'identity'));
    const resource = readPolicy(JSON.stringify(trusting), 'trust');
    const request = { caller, action: 'sts:AssumeRole', resource: role };
    expect(decide({ resource }, request)).toBe('allowed');
    expect(decide({ identity, resource }, request)).toBe('explicit-deny');
  });
  it('lets CI take down staging with its data, and nothing else that prod refuses', () => {
    const removes = /^(s3:DeleteBucket|rds:DeleteDBInstance|kms:ScheduleKeyDeletion)$/;
    const inStaging = <Given>(given: Given): Given =>
      JSON.parse(JSON.stringify(given).replaceAll('prod', 'staging')) as Given;
    const rows = inStaging(deployMustNot).filter(([, resource]) => !resource.includes('passport'));
    const roles = accountRoles(inStaging(place));
    expectAll(
      roles.deploy,
      rows.filter(([action]) => !removes.test(action)),
      'no',
    );
    expectAll(
      roles.deploy,
      rows.filter(([action]) => removes.test(action)),
      'yes',
    );
  });
  it.each(['prod', 'staging'] as const)('keeps CI of %s from the keys that it lives by', (environment) => {
    const there = <Given>(given: Given): Given =>
      JSON.parse(JSON.stringify(given).replaceAll('prod', environment)) as Given;
    const { deploy } = accountRoles(there(place));
    expectAll(deploy, there(deployMustNeverTouch), 'no');
    expectAll(deploy, there(deployMayManage), 'yes');
  });
  it('lets previews and people see how things are', () => {
    expectAll(prod.readOnly, readMust, 'yes');
  });
  it('lets previews and people change nothing and read no content', () => {
    expectAll(prod.readOnly, readMustNot, 'no');
  });
  it('lets an emergency be dealt with', () => {
    expectAll(prod.breakGlass, emergencyMust, 'yes');
  });
  it('keeps the audit trail and the roles themselves from whoever acts in an emergency', () => {
    expectAll(prod.breakGlass, emergencyMustNot, 'no');
  });

  const bounded = (action: string, resource: string): string =>
    ask(
      ['{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'],
      action,
      resource,
      {},
      { boundary: prod.boundary.document },
    );
  it.each([
    ['logs:PutLogEvents', `arn:aws:logs:us-east-1:${account}:log-group:api:log-stream:1`],
    ['s3:GetObject', `${bucket}/passport.pdf`],
    ['ssm:GetParameters', parameter('/coinestate/prod/jwt/secret')],
    ['kms:Decrypt', key],
    ['ecr:BatchGetImage', `arn:aws:ecr:us-east-1:${account}:repository/prod/api`],
    ['rds-db:connect', `arn:aws:rds-db:us-east-1:${account}:dbuser:db-1/api`],
  ])('leaves services %s', (action, resource) => {
    expect(bounded(action, resource)).toBe('allowed');
  });
  it.each([
    ['iam:CreateUser', '*'],
    ['iam:PassRole', role],
    ['sts:AssumeRole', own],
    ['s3:PutBucketPolicy', bucket],
    ['s3:GetObject', 'arn:aws:s3:::somebody-elses/file'],
    ['s3:GetObject', `${state.replace('prod', 'other')}/x`],
    ['kms:Decrypt', 'arn:aws:kms:us-east-1:999999999999:key/1'],
    ['kms:PutKeyPolicy', key],
    ['rds:DeleteDBInstance', '*'],
    ['ecs:UpdateService', '*'],
    ['ec2:RunInstances', '*'],
    ['ssm:PutParameter', parameter('/coinestate/prod/jwt/secret')],
    ['ssm:GetParameter', 'arn:aws:ssm:us-east-1:999999999999:parameter/x'],
    ['secretsmanager:PutSecretValue', `arn:aws:secretsmanager:us-east-1:${account}:secret:rds!db-1`],
    ['kms:ScheduleKeyDeletion', key],
    ['ecr:PutImage', `arn:aws:ecr:us-east-1:${account}:repository/prod/api`],
    ['route53:ChangeResourceRecordSets', 'arn:aws:route53:::hostedzone/Z1'],
    ['cloudtrail:StopLogging', `arn:aws:cloudtrail:us-east-1:${account}:trail/prod-audit`],
    ['logs:DeleteLogGroup', `arn:aws:logs:us-east-1:${account}:log-group:api`],
    ['s3:DeleteBucket', bucket],
    ['iam:PutRolePolicy', role],
  ])('never lets a service %s, whatever its policies say', (action, resource) => {
    expect(bounded(action, resource)).toBe('implicit-deny');
  });

  const enters = (plan: RolePlan, caller: Caller, context: Readonly<Record<string, string>>): boolean =>
    decide(
      { resource: readPolicy(plan.trust, 'trust') },
      {
        caller,
        action: caller.kind === 'federated' ? 'sts:AssumeRoleWithWebIdentity' : 'sts:AssumeRole',
        resource: own,
        context,
      },
    ) === 'allowed';
  const workflow: Caller = {
    kind: 'federated',
    provider: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`,
  };
  const token = (sub: string, aud = 'sts.amazonaws.com'): Readonly<Record<string, string>> => ({
    'token.actions.githubusercontent.com:sub': sub,
    'token.actions.githubusercontent.com:aud': aud,
  });
  const person = (name: string): Caller => ({
    kind: 'role',
    arn: `arn:aws:iam::${account}:user/${name}`,
    account,
  });

  it.each<[string, boolean]>([
    ['repo:coinestate/platform:environment:prod', true],
    ['repo:coinestate/platform:environment:prod2', false],
    ['repo:coinestate/platform:environment:staging', false],
    ['repo:coinestate/platform:ref:refs/heads/main', false],
    ['repo:coinestate/platform:pull_request', false],
    ['repo:eve/platform:environment:prod', false],
    ['repo:coinestate/platform-fork:environment:prod', false],
  ])('opens the deploy role of prod to %s: %s', (sub, expected) => {
    expect(enters(prod.deploy, workflow, token(sub))).toBe(expected);
  });
  it('opens the deploy role of staging to its own environment only', () => {
    expect(enters(staging.deploy, workflow, token('repo:coinestate/platform:environment:staging'))).toBe(
      true,
    );
    expect(enters(staging.deploy, workflow, token('repo:coinestate/platform:environment:prod'))).toBe(false);
  });
  it('opens roles neither to tokens for others nor to other issuers', () => {
    const sub = 'repo:coinestate/platform:environment:prod';
    expect(enters(prod.deploy, workflow, token(sub, 'https://github.com/eve'))).toBe(false);
    expect(enters(prod.deploy, { kind: 'federated', provider: 'accounts.google.com' }, token(sub))).toBe(
      false,
    );
    expect(enters(prod.deploy, person('ada'), token(sub))).toBe(false);
    expect(enters(prod.readOnly, workflow, token('repo:coinestate/platform:pull_request'))).toBe(true);
    expect(enters(prod.breakGlass, workflow, token(sub))).toBe(false);
  });
  it.each<[string, string, Readonly<Record<string, string>>, boolean]>([
    [
      'grace',
      'with a fresh second factor',
      { 'aws:MultiFactorAuthPresent': 'true', 'aws:MultiFactorAuthAge': '60' },
      true,
    ],
    ['grace', 'without one', {}, false],
    [
      'grace',
      'with one of this morning',
      { 'aws:MultiFactorAuthPresent': 'true', 'aws:MultiFactorAuthAge': '20000' },
      false,
    ],
    [
      'ada',
      'who is not named',
      { 'aws:MultiFactorAuthPresent': 'true', 'aws:MultiFactorAuthAge': '60' },
      false,
    ],
  ])('opens the break-glass role to %s %s', (name, _, context, expected) => {
    expect(enters(prod.breakGlass, person(name), context)).toBe(expected);
  });

  it('has sessions no longer than their work, and documents that AWS takes', () => {
    const roles = [prod, staging].flatMap(({ deploy, readOnly, breakGlass }) => [
      deploy,
      readOnly,
      breakGlass,
    ]);
    expect(roles.map(({ name, maxSessionSeconds }) => [name, maxSessionSeconds])).toEqual([
      ['cutover-prod-deploy', 7200],
      ['cutover-prod-read-only', 14_400],
      ['cutover-prod-break-glass', 3600],
      ['cutover-staging-deploy', 7200],
      ['cutover-staging-read-only', 14_400],
      ['cutover-staging-break-glass', 3600],
    ]);
    for (const { trust, policies } of roles) {
      readPolicy(trust, 'trust');
      for (const document of Object.values(policies)) readPolicy(document, 'identity');
    }
    readPolicy(prod.boundary.document, 'identity');
  });

  it.each<[string, Partial<AccountPlace>, string]>([
    ['a repository with a wildcard', { repository: 'coinestate/*' }, 'repository'],
    ['no region', { regions: [] }, 'regions'],
    ['nobody for emergencies', { people: { read: [], breakGlass: [] } }, 'people.breakGlass'],
    [
      'everybody of an account',
      { people: { read: [`arn:aws:iam::${account}:root`], breakGlass: place.people.breakGlass } },
      'people.read',
    ],
    ['a key by its id', { state: { ...place.state, key: '1234' } }, 'state.key'],
  ])('are refused for %s', (_, change, argument) => {
    const problems = accountRolesProblems({ ...place, ...change }).filter((problem) => problem !== undefined);
    expect(problems).toEqual([expect.stringContaining(argument)]);
  });
  it('are taken as described above', () => {
    expect(accountRolesProblems(place).filter((problem) => problem !== undefined)).toEqual([]);
  });
});
