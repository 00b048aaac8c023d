import type { Origin } from '../names.ts';

/** Roles, keys, secrets and parameters. */
export const identityOrigins = {
  'iam.InstanceProfile': {
    cloudFormation: 'AWS::IAM::InstanceProfile',
    api: 'iam.CreateInstanceProfile',
    names: { name: 'InstanceProfileName' },
    replaces: ['namePrefix'],
  },
  'iam.OpenIdConnectProvider': {
    cloudFormation: 'AWS::IAM::OIDCProvider',
    api: 'iam.CreateOpenIDConnectProvider',
  },
  'iam.Policy': {
    cloudFormation: 'AWS::IAM::ManagedPolicy',
    api: 'iam.CreatePolicy',
    names: { name: 'PolicyName' },
    replaces: ['name', 'namePrefix'],
  },
  'iam.Role': {
    cloudFormation: 'AWS::IAM::Role',
    api: 'iam.CreateRole',
    names: { name: 'RoleName' },
    replaces: ['namePrefix'],
  },
  'iam.RolePolicy': {
    cloudFormation: 'AWS::IAM::RolePolicy',
    api: 'iam.PutRolePolicy',
    names: { name: 'PolicyName', role: 'RoleName' },
    replaces: ['namePrefix'],
  },
  'iam.RolePolicyAttachment': { api: 'iam.AttachRolePolicy', replaces: ['policyArn', 'role'] },
  'iam.ServiceLinkedRole': {
    cloudFormation: 'AWS::IAM::ServiceLinkedRole',
    api: 'iam.CreateServiceLinkedRole',
  },
  'kms.Alias': {
    cloudFormation: 'AWS::KMS::Alias',
    api: 'kms.CreateAlias',
    names: { name: 'AliasName' },
    replaces: ['namePrefix'],
  },
  'kms.Key': {
    cloudFormation: 'AWS::KMS::Key',
    api: 'kms.CreateKey',
    names: { customerMasterKeySpec: 'KeySpec', deletionWindowInDays: 'PendingWindowInDays' },
    replaces: ['customKeyStoreId', 'customerMasterKeySpec', 'keyUsage', 'multiRegion', 'xksKeyId'],
  },
  'kms.ReplicaKey': {
    cloudFormation: 'AWS::KMS::ReplicaKey',
    api: 'kms.ReplicateKey',
    names: { deletionWindowInDays: 'PendingWindowInDays' },
  },
  'secretsmanager.Secret': {
    cloudFormation: 'AWS::SecretsManager::Secret',
    api: 'secretsmanager.CreateSecret',
    replaces: ['namePrefix'],
  },
  'secretsmanager.SecretPolicy': {
    api: 'secretsmanager.PutResourcePolicy',
    names: { secretArn: 'SecretId' },
    replaces: ['secretArn'],
  },
  'secretsmanager.SecretRotation': {
    cloudFormation: 'AWS::SecretsManager::RotationSchedule',
    api: 'secretsmanager.RotateSecret',
  },
  'secretsmanager.SecretVersion': {
    api: 'secretsmanager.PutSecretValue',
    replaces: ['secretBinary', 'secretId', 'secretString', 'secretStringWoVersion'],
  },
  'ssm.Parameter': {
    cloudFormation: 'AWS::SSM::Parameter',
    api: 'ssm.PutParameter',
    replaces: ['dataType'],
    also: { dataType: ['aws:ssm:integration'] },
  },
} as const satisfies Readonly<Record<string, Origin>>;
