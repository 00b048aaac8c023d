import { describe, expect, it } from 'vitest';
import { type Example } from '../../policy/rule.ts';
import { unknown, type Value, type Values } from '../../policy/values.ts';
import { refused, refusedIn, said } from './kit.ts';

// Resources as other people write them: what rules refuse, what they pass, and what they put off until it is known.

const aws = (type: string, props: Values): Example => ({
  type: `aws:${type}:${type.split('/')[1]?.replace(/^./, (first) => first.toUpperCase()) ?? ''}`,
  props,
});
const pod = (spec: Values): Example => ({ type: 'kubernetes:core/v1:Pod', props: { spec } });
const task = (...containers: readonly object[]): Example =>
  aws('ecs/taskDefinition', { containerDefinitions: JSON.stringify(containers) });
const variable = (name: string, value: string): Example =>
  task({ name: 'api', environment: [{ name, value }] });
const inGroup = (rule: Values): Example => aws('ec2/securityGroup', { ingress: [rule] });
const web = { protocol: 'tcp', fromPort: 443, toPort: 443, cidrBlocks: ['0.0.0.0/0'] };
const listener = (props: Values): Example => aws('lb/listener', props);
const allow = (more: Values): Values => ({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*', ...more });
const document = (...statements: readonly Values[]): Value =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const bucketPolicy = (more: Values): Example => aws('s3/bucketPolicy', { policy: document(allow(more)) });
const policy = (more: Values): Example => aws('iam/policy', { policy: document(allow(more)) });
const whoIs = (operator: string, key: string, value: Value): Example =>
  bucketPolicy({ Principal: '*', Condition: { [operator]: { [key]: value } } });
const github = 'token.actions.githubusercontent.com';
const trust = (condition: Values): Example =>
  aws('iam/role', {
    assumeRolePolicy: document({
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${github}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: condition,
    }),
  });
const audience = { [`${github}:aud`]: 'sts.amazonaws.com' };

it.each<[rule: string, what: string, example: Example]>([
  ['no-open-resource-policy', 'everybody but one', bucketPolicy({ NotPrincipal: { AWS: '123456789012' } })],
  ['no-open-resource-policy', 'everybody outside', whoIs('StringNotEquals', 'aws:PrincipalOrgID', 'o-1')],
  ['no-open-resource-policy', 'everybody by a star', whoIs('StringLike', 'aws:PrincipalArn', '*')],
  ['no-open-resource-policy', 'who names none', whoIs('StringEqualsIfExists', 'aws:SourceAccount', '1')],
  ['no-open-resource-policy', 'the internet by address', whoIs('IpAddress', 'aws:SourceIp', '0.0.0.0/0')],
  ['no-open-resource-policy', 'half of it', whoIs('IpAddress', 'aws:SourceIp', ['0.0.0.0/1', '128.0.0.0/1'])],
  ['no-open-resource-policy', 'a topic', aws('sns/topic', { policy: document(allow({ Principal: '*' })) })],
  ['no-open-resource-policy', 'a queue', aws('sqs/queue', { policy: document(allow({ Principal: '*' })) })],
  ['no-open-resource-policy', 'a bucket', aws('s3/bucket', { policy: document(allow({ Principal: '*' })) })],
  ['no-open-resource-policy', 'a key', aws('kms/keyPolicy', { policy: document(allow({ Principal: '*' })) })],
  [
    'no-open-resource-policy',
    'a secret',
    aws('secretsmanager/secret', { policy: document(allow({ Principal: '*' })) }),
  ],
  ['no-open-resource-policy', 'a trust in every workflow of GitHub', trust({ StringEquals: audience })],
  [
    'no-open-resource-policy',
    'a trust by a star',
    trust({ StringLike: { ...audience, [`${github}:sub`]: 'repo:*' } }),
  ],
  ['no-open-resource-policy', 'a trust by a whole star', trust({ StringLike: { [`${github}:sub`]: '*' } })],
  [
    'no-open-resource-policy',
    'a function',
    aws('lambda/permission', { principal: '*', action: 'lambda:InvokeFunction' }),
  ],
  ['no-open-resource-policy', 'a shared snapshot', aws('rds/snapshot', { sharedAccounts: ['all'] })],
  ['no-administrator', 'all actions but some', policy({ Action: undefined, NotAction: 'iam:*' })],
  ['no-administrator', 'a star in another form', policy({ Action: '**' })],
  [
    'no-administrator',
    'all resources but some',
    policy({ Action: '*', Resource: undefined, NotResource: 'arn:aws:s3:::a' }),
  ],
  [
    'no-administrator',
    'a group',
    aws('iam/groupPolicyAttachment', { policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
  ],
  [
    'no-administrator',
    'an attachment of many',
    aws('iam/policyAttachment', { policyArn: 'arn:aws:iam::aws:policy/IAMFullAccess' }),
  ],
  [
    'no-public-bucket',
    'a grant to all',
    aws('s3/bucket', {
      grants: [{ uri: 'http://acs.amazonaws.com/groups/global/AllUsers', permissions: ['READ'] }],
    }),
  ],
  [
    'no-public-bucket',
    'a grant to whoever has an account',
    aws('s3/bucketAcl', {
      accessControlPolicy: {
        grants: [
          {
            permission: 'READ',
            grantee: { type: 'Group', uri: 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers' },
          },
        ],
      },
    }),
  ],
  ['no-public-bucket', 'the older type', aws('s3/bucketV2', { acl: 'public-read' })],
  ['protected-in-prod', 'the older type', aws('s3/bucketV2', {})],
  ['deletion-protection', 'the other name of a balancer', aws('alb/loadBalancer', {})],
  ['deletion-protection', 'a database that copies nothing', aws('rds/instance', { replicateSourceDb: null })],
  ['protected-in-prod', 'a database that copies nothing', aws('rds/instance', { replicateSourceDb: '' })],
  ['backups-on', 'a disk that is not', aws('efs/backupPolicy', { backupPolicy: { status: 'DISABLED' } })],
  ['no-open-ports', 'a list of networks', aws('ec2/managedPrefixList', { entries: [{ cidr: '0.0.0.0/0' }] })],
  ['no-open-ports', 'an entry of a list', aws('ec2/managedPrefixListEntry', { cidr: '::/0' })],
  [
    'http-only-redirects',
    'a listener that says no protocol',
    listener({ port: 80, defaultActions: [{ type: 'forward' }] }),
  ],
  ['no-privileged-container', 'small and large letters', task({ Name: 'api', Privileged: true })],
  [
    'no-secret-in-environment',
    'small and large letters',
    task({ Name: 'a', Environment: [{ Name: 'JWT_SECRET', Value: 'x' }] }),
  ],
  ['no-secret-in-environment', 'a name of PostgreSQL', variable('PGPASSWORD', 'hunter2')],
  ['no-secret-in-environment', 'a name of MySQL', variable('MYSQL_PWD', 'hunter2')],
  ['no-secret-in-environment', 'a name of Django', variable('DJANGO_SECRET_KEY', 'hunter2')],
  ['no-secret-in-environment', 'a name of Rails', variable('SECRET_KEY_BASE', 'hunter2')],
  ['no-secret-in-environment', 'a key to encrypt with', variable('ENCRYPTION_KEY', 'hunter2')],
  ['no-secret-in-environment', 'a camel', variable('dbPassword', 'hunter2')],
  ['no-secret-in-environment', 'a kebab', variable('db-password', 'hunter2')],
  [
    'no-secret-in-environment',
    'a command',
    task({ name: 'a', command: ['serve', '--rpc=https://u:hunter2@node.example'] }),
  ],
  ['no-secret-in-environment', 'a switch', task({ name: 'a', command: ['serve', '--db-password=hunter2'] })],
  [
    'no-secret-in-environment',
    'a map of Kubernetes',
    { type: 'kubernetes:core/v1:ConfigMap', props: { data: { JWT_SECRET: 'hunter2' } } },
  ],
  [
    'no-privileged-container',
    'a container for a look',
    pod({ containers: [], ephemeralContainers: [{ name: 'debug', securityContext: { privileged: true } }] }),
  ],
  [
    'no-privileged-container',
    'an older version',
    {
      type: 'kubernetes:apps/v1beta1:Deployment',
      props: { spec: { template: { spec: { containers: [{ name: 'a' }] } } } },
    },
  ],
  [
    'no-privileged-container',
    'a rollout',
    {
      type: 'kubernetes:argoproj.io/v1alpha1:Rollout',
      props: { spec: { template: { spec: { containers: [{ name: 'a' }] } } } },
    },
  ],
  [
    'no-host-access',
    'a port of the machine',
    pod({ containers: [{ name: 'a', ports: [{ containerPort: 80, hostPort: 80 }] }] }),
  ],
  [
    'no-public-address',
    'a template',
    aws('ec2/launchTemplate', { networkInterfaces: [{ associatePublicIpAddress: 'true' }] }),
  ],
  [
    'no-public-address',
    'a task by the clock',
    aws('cloudwatch/eventTarget', { ecsTarget: { networkConfiguration: { assignPublicIp: true } } }),
  ],
  [
    'rotated-keys',
    'a key with a purpose',
    aws('kms/key', { customerMasterKeySpec: 'SYMMETRIC_DEFAULT', enableKeyRotation: false }),
  ],
  [
    'sound-trail',
    'a trail that is off',
    aws('cloudtrail/trail', {
      isMultiRegionTrail: true,
      enableLogFileValidation: true,
      enableLogging: false,
    }),
  ],
  [
    'strict-headers',
    'a balancer under its other name',
    aws('alb/loadBalancer', { dropInvalidHeaderFields: true, desyncMitigationMode: 'monitor' }),
  ],
  ['caches-ask-who', 'a user without a password', aws('elasticache/user', { noPasswordRequired: true })],
  ['explicit-region', 'no region at all', { ...aws('sns/topic', { region: null }), provider: 'aws' }],
])('%s refuses %s', (rule, _, example) => {
  expect(refused(rule, example)).toHaveLength(1);
});

it.each<[rule: string, what: string, example: Example]>([
  ['no-open-resource-policy', 'an account', whoIs('StringEquals', 'aws:SourceAccount', '123456789012')],
  ['no-open-resource-policy', 'a network', whoIs('StringEquals', 'aws:sourceVpce', 'vpce-1')],
  ['no-open-resource-policy', 'an office', whoIs('IpAddress', 'aws:SourceIp', '203.0.113.0/24')],
  [
    'no-open-resource-policy',
    'things of an account',
    whoIs('ArnLike', 'aws:SourceArn', 'arn:aws:s3:*:123456789012:*'),
  ],
  ['no-open-resource-policy', 'one bucket', whoIs('ArnLike', 'aws:SourceArn', 'arn:aws:s3:::documents')],
  [
    'no-open-resource-policy',
    'a trust in one repository',
    trust({ StringLike: { ...audience, [`${github}:sub`]: 'repo:unicorn/cutover:*' } }),
  ],
  [
    'no-open-resource-policy',
    'a trust in one repository by its number',
    trust({ StringEquals: { ...audience, [`${github}:repository_id`]: '1' } }),
  ],
  [
    'no-open-resource-policy',
    'a snapshot for an account',
    aws('rds/snapshot', { sharedAccounts: ['123456789012'] }),
  ],
  ['no-open-ports', 'large letters', inGroup({ ...web, protocol: 'TCP' })],
  [
    'no-open-ports',
    'a list of partners',
    aws('ec2/managedPrefixList', { entries: [{ cidr: '203.0.113.0/24' }] }),
  ],
  ['http-only-redirects', 'a gateway', listener({ defaultActions: [{ type: 'forward' }] })],
  [
    'http-only-redirects',
    'TCP',
    listener({ protocol: 'TCP', port: 5432, defaultActions: [{ type: 'forward' }] }),
  ],
  ['deletion-protection', 'three weeks', aws('kms/key', { deletionWindowInDays: 21 })],
  ['deletion-protection', 'ten days', aws('secretsmanager/secret', { recoveryWindowInDays: 10 })],
  [
    'encrypted-in-transit',
    'no shared disk',
    aws('ecs/taskDefinition', { volumes: [{ name: 'tmp', efsVolumeConfiguration: null }] }),
  ],
  [
    'no-host-access',
    'no folder of the machine',
    aws('ecs/taskDefinition', {
      volumes: [
        { name: 'tmp', hostPath: null },
        { name: 'b', hostPath: '' },
      ],
    }),
  ],
  ['no-secret-in-environment', 'a token of a chain', variable('NATIVE_TOKEN', 'USDC')],
  [
    'no-secret-in-environment',
    'a token of Solana',
    variable('PROPERTY_TOKEN', 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'),
  ],
  ['no-secret-in-environment', 'the number of a key', variable('AWS_ACCESS_KEY_ID_PARAMETER', '/a/b')],
  ['no-secret-in-environment', 'a public key', variable('JWT_PUBLIC_KEY', 'abc')],
  ['no-secret-in-environment', 'a hash', variable('MERKLE_ROOT', `0x${'ab'.repeat(32)}`)],
  ['no-secret-in-environment', 'how long a token lives', variable('JWT_TOKEN_TTL', '15m')],
  [
    'no-secret-in-environment',
    'a file',
    task({ name: 'a', command: ['serve', '--password-file', '/run/secrets/db'] }),
  ],
  [
    'no-secret-in-environment',
    'a map of numbers',
    {
      type: 'kubernetes:core/v1:ConfigMap',
      props: { data: { 'nginx.conf': 'server {}', LOG_LEVEL: 'info' } },
    },
  ],
  ['read-only-root', 'letters as Kubernetes has them', task({ name: 'a', readOnlyRootFilesystem: true })],
  [
    'container-limits',
    'limits of the pod',
    pod({ resources: { limits: { cpu: '1', memory: '1Gi' } }, containers: [{ name: 'a' }] }),
  ],
  [
    'rotated-keys',
    'a key of a chain',
    aws('kms/key', { customerMasterKeySpec: 'ECC_SECG_P256K1', keyUsage: 'SIGN_VERIFY' }),
  ],
  ['strict-headers', 'a balancer of packets', aws('lb/loadBalancer', { loadBalancerType: 'network' })],
  ['caches-ask-who', 'a copy', aws('elasticache/replicationGroup', { globalReplicationGroupId: 'g' })],
  ['explicit-region', 'a registrar', { ...aws('route53domains/registeredDomain', {}), provider: 'aws' }],
  [
    'explicit-region',
    'the block of an account',
    { ...aws('s3/accountPublicAccessBlock', {}), provider: 'aws' },
  ],
  ['pinned-images', 'a tag with its digest', task({ name: 'a', image: `a/b:1.2@sha256:${'a'.repeat(64)}` })],
  ['no-administrator', 'a refusal', policy({ Effect: 'Deny', Action: undefined, NotAction: 'iam:*' })],
  [
    'no-administrator',
    'every service but one on one thing',
    policy({ Action: undefined, NotAction: 's3:Delete*', Resource: 'arn:aws:s3:::documents/*' }),
  ],
  [
    'required-tags',
    'tags that come later',
    aws('sns/topic', { tags: { System: unknown, Environment: unknown, ManagedBy: unknown } }),
  ],
  [
    'buckets-with-tls',
    'the recipe of AWS',
    aws('s3/bucketPolicy', {
      policy: document({
        Sid: 'tls',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: ['s3:*'],
        Resource: ['arn:aws:s3:::a', 'arn:aws:s3:::a/*'],
        Condition: { Bool: { 'aws:SecureTransport': ['false'] } },
      }),
    }),
  ],
])('%s passes %s', (rule, _, example) => {
  expect(said(rule, example)).toEqual([]);
});

it.each<[rule: string, what: string, example: Example]>([
  [
    'no-open-resource-policy',
    'a condition',
    aws('s3/bucketPolicy', {
      policy: {
        Statement: [
          { Effect: 'Allow', Principal: '*', Condition: { StringEquals: { 'aws:SourceAccount': unknown } } },
        ],
      },
    }),
  ],
  [
    'no-open-resource-policy',
    'a principal',
    aws('s3/bucketPolicy', { policy: { Statement: [{ Effect: 'Allow', Principal: { AWS: unknown } }] } }),
  ],
  ['no-open-ports', 'a port', inGroup({ ...web, fromPort: unknown, toPort: unknown })],
  ['no-open-ports', 'rules', aws('ec2/securityGroup', { ingress: unknown })],
  ['no-host-access', 'volumes', aws('ecs/taskDefinition', { volumes: unknown })],
  ['no-host-access', 'volumes of a pod', pod({ volumes: unknown, containers: [] })],
  ['strong-tls', 'a protocol', listener({ protocol: unknown, port: 443 })],
  ['http-only-redirects', 'actions', listener({ protocol: 'HTTP', defaultActions: unknown })],
  [
    'no-administrator',
    'an action',
    aws('iam/policy', { policy: { Statement: [{ Effect: 'Allow', Action: unknown, Resource: '*' }] } }),
  ],
  [
    'encrypted-in-transit',
    'parameters',
    aws('rds/parameterGroup', { family: 'postgres14', parameters: unknown }),
  ],
  [
    'dropped-capabilities',
    'capabilities',
    pod({ containers: [{ name: 'a', securityContext: { capabilities: { drop: [unknown] } } }] }),
  ],
  ['no-secret-in-environment', 'variables', pod({ containers: [{ name: 'a', env: unknown }] })],
])('%s puts off %s', (rule, _, example) => {
  expect(said(rule, example)).toEqual(['later']);
});

describe('a group of a load balancer', () => {
  const group = { type: 'aws:ec2/securityGroup:SecurityGroup', name: 'web', props: {} };
  const https: Example = {
    ...aws('vpc/securityGroupIngressRule', {
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
      cidrIpv4: '0.0.0.0/0',
    }),
    name: 'https',
    from: { securityGroupId: ['web'] },
  };
  const balancer = (type: string): Example => ({
    ...aws(type, {}),
    name: 'front',
    from: { securityGroups: ['web'] },
  });

  it('is not one that a service has as well', () => {
    const service = { ...aws('ecs/service', {}), name: 'api', from: { networkConfiguration: ['web'] } };
    expect(refusedIn('open-only-on-load-balancers', [group, https, balancer('lb/loadBalancer')])).toEqual([]);
    expect(
      refusedIn('open-only-on-load-balancers', [group, https, balancer('alb/loadBalancer'), service]),
    ).toHaveLength(1);
  });

  it('may be told of in the rules of other groups', () => {
    const inner = {
      ...aws('vpc/securityGroupIngressRule', { ipProtocol: 'tcp' }),
      name: 'inner',
      from: { referencedSecurityGroupId: ['web'] },
    };
    expect(
      refusedIn('open-only-on-load-balancers', [group, https, inner, balancer('lb/loadBalancer')]),
    ).toEqual([]);
  });
});
