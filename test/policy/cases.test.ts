import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resourceOf, type Example } from '../../policy/rule.ts';
import { resourceRules, stackRules } from '../../policy/rules.ts';
import { unknown, valueOf, type Value, type Values } from '../../policy/values.ts';
import { refused, refusedIn } from './kit.ts';

const task = (container: object, props: Values = {}): Example => ({
  type: 'aws:ecs/taskDefinition:TaskDefinition',
  props: { ...props, containerDefinitions: JSON.stringify([{ name: 'api', ...container }]) },
});
const pod = (container: Values, spec: Values = {}): Example => ({
  type: 'kubernetes:apps/v1:Deployment',
  props: { spec: { template: { spec: { ...spec, containers: [{ name: 'api', ...container }] } } } },
});
const ingress = (props: Values): Example => ({
  type: 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
  props: { ipProtocol: 'tcp', fromPort: 5432, toPort: 5432, ...props },
});

describe('what is open to the internet', () => {
  it.each([
    ['a rule of its own', ingress({ cidrIpv4: '0.0.0.0/0' })],
    ['IPv6', ingress({ cidrIpv6: '::/0' })],
    ['half of the internet', ingress({ cidrIpv4: '128.0.0.0/1' })],
    ['half of IPv6', ingress({ cidrIpv6: '8000::/1' })],
    ['all ports', ingress({ ipProtocol: '-1', fromPort: -1, toPort: -1, cidrIpv4: '0.0.0.0/0' })],
    ['a range that holds 443', ingress({ fromPort: 443, toPort: 8443, cidrIpv4: '0.0.0.0/0' })],
    ['443 of UDP', ingress({ ipProtocol: 'udp', fromPort: 443, toPort: 443, cidrIpv4: '0.0.0.0/0' })],
    [
      'a rule inside its group',
      {
        type: 'aws:ec2/securityGroup:SecurityGroup',
        props: {
          ingress: [{ protocol: 'tcp', fromPort: 22, toPort: 22, cidrBlocks: ['10.0.0.0/8', '0.0.0.0/0'] }],
        },
      },
    ],
    [
      'a rule of the older kind',
      {
        type: 'aws:ec2/securityGroupRule:SecurityGroupRule',
        props: { type: 'ingress', protocol: 'tcp', fromPort: 22, toPort: 22, ipv6CidrBlocks: ['::/0'] },
      },
    ],
  ])('refuses %s', (_, example) => {
    expect(refused('no-open-ports', example)).toHaveLength(1);
  });

  it.each([
    ['a partner', ingress({ cidrIpv4: '203.0.113.7/32' })],
    ['another group', ingress({ referencedSecurityGroupId: 'sg-1' })],
    ['a private network', ingress({ cidrIpv4: '10.0.0.0/8' })],
    [
      'the way out',
      {
        type: 'aws:ec2/securityGroupRule:SecurityGroupRule',
        props: { type: 'egress', cidrBlocks: ['0.0.0.0/0'] },
      },
    ],
  ])('passes %s', (_, example) => {
    expect(refused('no-open-ports', example)).toEqual([]);
  });

  it('refuses 443 on a group that a load balancer and nobody else has, once the balancer is gone', () => {
    const web = {
      ...ingress({ fromPort: 443, toPort: 443, cidrIpv4: '0.0.0.0/0' }),
      name: 'https',
      from: { securityGroupId: ['web'] },
    };
    const balancer = {
      type: 'aws:lb/loadBalancer:LoadBalancer',
      props: {},
      from: { securityGroups: ['web'] },
    };
    expect(refusedIn('open-only-on-load-balancers', [web, balancer])).toEqual([]);
    expect(refusedIn('open-only-on-load-balancers', [web])).toEqual([['https', expect.any(String)]]);
    // A group that is written out by its id is nobody's that the stack knows.
    expect(refusedIn('open-only-on-load-balancers', [{ ...web, from: {} }, balancer])).toHaveLength(1);
  });
});

describe('containers', () => {
  it.each([
    ['no-privileged-container', task({ privileged: true })],
    ['no-privileged-container', pod({ securityContext: { privileged: true } })],
    ['no-privileged-container', pod({ securityContext: { privileged: false } })],
    ['non-root-container', task({})],
    ['non-root-container', task({ user: 'root' })],
    ['non-root-container', task({ user: '0' })],
    ['non-root-container', task({ user: ':1000' })],
    ['non-root-container', pod({ securityContext: { runAsNonRoot: true, runAsUser: 0 } })],
    ['non-root-container', pod({})],
    ['read-only-root', task({ readonlyRootFilesystem: false })],
    ['read-only-root', pod({ securityContext: {} })],
    ['dropped-capabilities', task({ linuxParameters: { capabilities: { drop: ['NET_RAW'] } } })],
    [
      'dropped-capabilities',
      pod({ securityContext: { capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } } }),
    ],
    ['container-limits', pod({ resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1' } } })],
    ['container-health', pod({ readinessProbe: { periodSeconds: 10 } })],
    ['pinned-images', task({ image: 'nginx' })],
    ['pinned-images', pod({ image: 'nginx@sha256:abc' })],
    ['no-host-access', pod({}, { hostPID: true })],
    [
      'no-host-access',
      pod({}, { volumes: [{ name: 'socket', hostPath: { path: '/var/run/docker.sock' } }] }),
    ],
    ['no-host-access', task({}, { volumes: [{ name: 'etc', hostPath: '/etc' }] })],
  ])('%s refuses %j', (rule, example) => {
    expect(refused(rule, example)).toHaveLength(1);
  });

  it.each([
    ['no-privileged-container', pod({ securityContext: { allowPrivilegeEscalation: false } })],
    ['non-root-container', pod({}, { securityContext: { runAsNonRoot: true } })],
    ['container-limits', task({}, { cpu: '256', memory: '512' })],
    ['container-health', pod({ livenessProbe: { httpGet: { path: '/health' } } })],
    ['no-host-access', pod({}, { volumes: [{ name: 'tmp', emptyDir: {} }] })],
  ])('%s passes %j', (rule, example) => {
    expect(refused(rule, example)).toEqual([]);
  });

  it.each([
    ['no health check', {}],
    ['one every 31 seconds', { healthCheck: { command: ['CMD', 'true'], interval: 31 } }],
  ])('refuses a service with %s, and lets a task that runs once do without', (_, container) => {
    const runs = { type: 'aws:ecs/service:Service', props: {}, from: { taskDefinition: ['task'] } };
    const definition = { ...task(container), name: 'task' };
    expect(refusedIn('container-health', [definition, runs])).toEqual([['task', expect.any(String)]]);
    expect(refusedIn('container-health', [definition])).toEqual([]);
  });

  it('judges each container, init containers too', () => {
    const spec = { initContainers: [{ name: 'first', image: 'busybox' }] };
    expect(refused('pinned-images', pod({ image: 'nginx' }, spec))).toEqual([
      'the container api names its image by a tag, which can be moved',
      'the container first names its image by a tag, which can be moved',
    ]);
    // What ends by itself needs nobody to look at its health.
    expect(refused('container-health', pod({ livenessProbe: {} }, spec))).toEqual([]);
  });

  it.each(['core/v1:Pod', 'apps/v1:StatefulSet', 'apps/v1:DaemonSet', 'batch/v1:Job', 'batch/v1:CronJob'])(
    'finds them in %s',
    (type) => {
      const spec = { containers: [{ name: 'api', securityContext: { privileged: true } }] };
      const template = { spec };
      const props: Values = type.endsWith('Pod')
        ? { spec }
        : type.endsWith('CronJob')
          ? { spec: { jobTemplate: { spec: { template } } } }
          : { spec: { template } };
      expect(refused('no-privileged-container', { type: `kubernetes:${type}`, props })).toHaveLength(1);
    },
  );
});

describe('secrets in the environment', () => {
  const env = (name: string, value: string): Example => task({ environment: [{ name, value }] });
  const key = `0x${'ab12'.repeat(16)}`;

  it.each([
    ['JWT_SECRET', 'anything at all'],
    ['DATABASE_PASSWORD', 'hunter2'],
    ['ETHERSCAN_API_KEY', 'abc'],
    ['OWNER', key],
    ['DATABASE_URL', 'postgres://owner:hunter2@db/orders'],
    ['RPC', 'https://mainnet.example/v2/4f0a8c2b1d7e4a90b6c35e2f18d7a9c4'],
  ])('refuses %s, and never tells its value', (name, value) => {
    const [wrong] = refused('no-secret-in-environment', env(name, value));
    expect(wrong).toContain(`in ${name} (not shown)`);
    expect(wrong).not.toContain(value);
  });

  it.each([
    ['PROPERTY_TOKEN', '0x5FbDB2315678afecb367f032d93F642f64180aa3'],
    ['TOKEN', '42'],
    ['JWT_SECRET', 'arn:aws:ssm:us-east-1:123456789012:parameter/coinestate/prod/jwt/secret'],
    ['JWT_SECRET_FILE', '/run/secrets/jwt'],
    ['DATABASE_URL', 'postgres://owner@db.example:5432/orders'],
    ['RPC', 'https://mainnet.base.org'],
  ])('passes %s=%s', (name, value) => {
    expect(refused('no-secret-in-environment', env(name, value))).toEqual([]);
  });

  it('looks into pods, functions and plain parameters as well', () => {
    const inPod = pod({
      env: [
        { name: 'API_KEY', value: 'abc' },
        { name: 'TOKEN', valueFrom: { secretKeyRef: {} } },
      ],
    });
    expect(refused('no-secret-in-environment', inPod)).toHaveLength(1);
    const lambda = {
      type: 'aws:lambda/function:Function',
      props: { environment: { variables: { API_KEY: 'abc' } } },
    };
    expect(refused('no-secret-in-environment', lambda)).toHaveLength(1);
    const parameter = {
      type: 'aws:ssm/parameter:Parameter',
      props: { name: '/gemforce/prod/jwt/secret', value: 'abc' },
    };
    expect(
      refused('no-secret-in-environment', { ...parameter, props: { ...parameter.props, type: 'String' } }),
    ).toHaveLength(1);
    expect(
      refused('no-secret-in-environment', {
        ...parameter,
        props: { ...parameter.props, type: 'SecureString' },
      }),
    ).toEqual([]);
  });
});

// What AWS does when it is told nothing, or the least that shows the mistake.
describe('of every type that it names', () => {
  it.each<[rule: string, types: string, props?: Values]>([
    ['encrypted-at-rest', 'rds/instance:Instance rds/cluster:Cluster docdb/cluster:Cluster'],
    ['encrypted-at-rest', 'elasticache/replicationGroup:ReplicationGroup memorydb/cluster:Cluster'],
    ['encrypted-at-rest', 'ebs/volume:Volume ec2/instance:Instance efs/fileSystem:FileSystem'],
    ['encrypted-at-rest', 'ec2/launchTemplate:LaunchTemplate', { blockDeviceMappings: [{ ebs: {} }] }],
    ['encrypted-at-rest', 'dynamodb/table:Table opensearch/domain:Domain kinesis/stream:Stream'],
    ['encrypted-at-rest', 'sqs/queue:Queue sns/topic:Topic cloudwatch/logGroup:LogGroup'],
    ['encrypted-at-rest', 'cloudtrail/trail:Trail ecr/repository:Repository'],
    ['encrypted-at-rest', 'secretsmanager/secret:Secret backup/vault:Vault'],
    [
      'encrypted-at-rest',
      's3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration',
      { rules: [{ applyServerSideEncryptionByDefault: {} }] },
    ],
    ['encrypted-in-transit', 'elasticache/replicationGroup:ReplicationGroup'],
    ['encrypted-in-transit', 'memorydb/cluster:Cluster', { tlsEnabled: false }],
    [
      'encrypted-in-transit',
      'rds/clusterParameterGroup:ClusterParameterGroup',
      { family: 'aurora-postgresql13' },
    ],
    [
      'encrypted-in-transit',
      'ecs/taskDefinition:TaskDefinition',
      { volumes: [{ efsVolumeConfiguration: {} }] },
    ],
    [
      'encrypted-in-transit',
      'msk/cluster:Cluster',
      { encryptionInfo: { encryptionInTransit: { clientBroker: 'PLAINTEXT' } } },
    ],
    [
      'strong-tls',
      'cloudfront/distribution:Distribution opensearch/domain:Domain apigateway/domainName:DomainName',
    ],
    ['http-only-redirects', 'cloudfront/distribution:Distribution'],
    [
      'no-public-database',
      'rds/clusterInstance:ClusterInstance redshift/cluster:Cluster dms/replicationInstance:ReplicationInstance',
      { publiclyAccessible: true },
    ],
    ['no-public-database', 'opensearch/domain:Domain'],
    ['no-public-bucket', 's3/bucket:Bucket s3/bucketAcl:BucketAcl', { acl: 'public-read' }],
    ['no-public-address', 'ec2/instance:Instance', { associatePublicIpAddress: true }],
    ['no-public-address', 'ec2/subnet:Subnet', { mapPublicIpOnLaunch: true }],
    [
      'no-open-resource-policy',
      'kms/key:Key kms/replicaKey:ReplicaKey sns/topicPolicy:TopicPolicy sqs/queuePolicy:QueuePolicy secretsmanager/secretPolicy:SecretPolicy ecr/repositoryPolicy:RepositoryPolicy',
      { policy: { Statement: [{ Effect: 'Allow', Principal: '*' }] } },
    ],
    [
      'no-open-resource-policy',
      'iam/role:Role',
      { assumeRolePolicy: { Statement: [{ Effect: 'Allow', Principal: '*' }] } },
    ],
    ['pinned-images', 'ecr/repository:Repository', { imageTagMutability: 'MUTABLE' }],
    ['backups-on', 'rds/cluster:Cluster docdb/cluster:Cluster elasticache/replicationGroup:ReplicationGroup'],
    ['backups-on', 'dynamodb/table:Table s3/bucketVersioning:BucketVersioning'],
    ['nothing-without-backup', 'efs/fileSystem:FileSystem'],
    ['deletion-protection', 'rds/cluster:Cluster docdb/cluster:Cluster dynamodb/table:Table'],
    ['deletion-protection', 'ecr/repository:Repository', { forceDelete: true }],
    ['deletion-protection', 'kms/key:Key', { deletionWindowInDays: 7 }],
    ['deletion-protection', 'secretsmanager/secret:Secret', { recoveryWindowInDays: 0 }],
    [
      'protected-in-prod',
      'rds/cluster:Cluster kms/key:Key ecr/repository:Repository efs/fileSystem:FileSystem route53/zone:Zone',
    ],
  ])('%s refuses %s', (rule, types, props = {}) => {
    const silent = types
      .split(' ')
      .filter((type) => refused(rule, { type: `aws:${type}`, props }).length === 0);
    expect(silent).toEqual([]);
  });
});

describe('what prod asks for beyond the others', () => {
  it.each([
    ['deletion-protection', 'aws:rds/instance:Instance', {}],
    ['deletion-protection', 'aws:s3/bucket:Bucket', { forceDestroy: true }],
    ['deletion-protection', 'aws:lb/loadBalancer:LoadBalancer', {}],
    ['protected-in-prod', 'aws:s3/bucket:Bucket', {}],
    ['backups-on', 'aws:rds/instance:Instance', { backupRetentionPeriod: 3 }],
    ['nothing-without-backup', 'aws:s3/bucket:Bucket', {}],
  ])('%s of %s', (rule, type, props) => {
    expect(refused(rule, { type, props })).toHaveLength(1);
    expect(refused(rule, { type, props }, 'other')).toEqual([]);
  });

  it('asks nobody to back up a copy', () => {
    const props = { replicateSourceDb: 'main', backupRetentionPeriod: 0 };
    for (const rule of ['backups-on', 'deletion-protection', 'protected-in-prod'])
      expect(refused(rule, { type: 'aws:rds/instance:Instance', props })).toEqual([]);
  });
});

describe('policies of access', () => {
  const statement = (more: Values): Values => ({
    policy: JSON.stringify({
      Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: '*', ...more },
    }),
  });
  const bucket = 'aws:s3/bucketPolicy:BucketPolicy';

  it.each([
    [{ Principal: '*' }],
    [{ Principal: { AWS: '*' } }],
    [{ Principal: { AWS: ['*'] }, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }],
  ])('refuse everybody: %j', (more) => {
    expect(refused('no-open-resource-policy', { type: bucket, props: statement(more) })).toHaveLength(1);
  });

  it.each([
    [{ Principal: { Service: 'cloudtrail.amazonaws.com' } }],
    [{ Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }],
    [{ Effect: 'Deny', Principal: '*' }],
  ])('pass somebody: %j', (more) => {
    expect(refused('no-open-resource-policy', { type: bucket, props: statement(more) })).toEqual([]);
  });

  it('pass every action on something, and something on everything', () => {
    const policy = (more: Values) => ({ type: 'aws:iam/policy:Policy', props: statement(more) });
    expect(
      refused('no-administrator', policy({ Action: '*', Resource: 'arn:aws:s3:::documents/*' })),
    ).toEqual([]);
    expect(refused('no-administrator', policy({ Action: 's3:*', Resource: '*' }))).toEqual([]);
    expect(refused('no-administrator', policy({ Effect: 'Deny', Action: '*', Resource: '*' }))).toEqual([]);
  });

  it('refuse an administrator in every form', () => {
    const all = { Action: ['s3:GetObject', '*'], Resource: ['*'] };
    expect(
      refused('no-administrator', { type: 'aws:iam/rolePolicy:RolePolicy', props: statement(all) }),
    ).toHaveLength(1);
    const inline = { inlinePolicies: [{ name: 'all', ...statement(all) }] };
    expect(refused('no-administrator', { type: 'aws:iam/role:Role', props: inline })).toHaveLength(1);
    const attached = { policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' };
    expect(
      refused('no-administrator', {
        type: 'aws:iam/rolePolicyAttachment:RolePolicyAttachment',
        props: attached,
      }),
    ).toHaveLength(1);
  });
});

describe('TLS', () => {
  const listener = (props: Values): Example => ({ type: 'aws:lb/listener:Listener', props });

  it.each([
    undefined,
    'ELBSecurityPolicy-TLS-1-0-2015-04',
    'ELBSecurityPolicy-TLS13-1-0-2021-06',
    'ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06',
  ])('refuses %s', (sslPolicy) => {
    expect(refused('strong-tls', listener({ protocol: 'HTTPS', sslPolicy }))).toHaveLength(1);
  });

  it.each(['ELBSecurityPolicy-TLS13-1-3-2021-06', 'ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04'])(
    'passes %s',
    (sslPolicy) => {
      expect(refused('strong-tls', listener({ protocol: 'HTTPS', sslPolicy }))).toEqual([]);
    },
  );

  it('asks old versions of PostgreSQL to force it, and takes new ones at their word', () => {
    const group = (family: string, parameters: readonly Value[] = []) =>
      refused('encrypted-in-transit', {
        type: 'aws:rds/parameterGroup:ParameterGroup',
        props: { family, parameters },
      });
    expect(group('postgres14')).toHaveLength(1);
    expect(group('postgres18')).toEqual([]);
    expect(group('postgres18', [{ name: 'rds.force_ssl', value: '0' }])).toHaveLength(1);
    expect(group('mysql8.0')).toEqual([]);
  });
});

describe('alarms', () => {
  const topic = { type: 'aws:sns/topic:Topic', name: 'on-call', props: { arn: 'arn:t' } };
  const mail = {
    type: 'aws:sns/topicSubscription:TopicSubscription',
    props: {},
    from: { topic: ['on-call'] },
  };
  const alarm = (props: Values, from: Example['from'] = {}): Example => ({
    type: 'aws:cloudwatch/metricAlarm:MetricAlarm',
    name: 'errors',
    props,
    from,
  });

  it('are heard in a preview, where topics have no ARN yet', () => {
    const rings = alarm({ alarmActions: [unknown] }, { alarmActions: ['on-call'] });
    const later: Example = { ...topic, props: { arn: unknown } };
    expect(refusedIn('alarms-are-heard', [later, mail, rings])).toEqual([]);
    expect(refusedIn('alarms-are-heard', [later, rings])).toHaveLength(1);
  });

  it('must not be silenced', () => {
    const silent = alarm({ alarmActions: ['arn:t'], actionsEnabled: false });
    expect(refusedIn('alarms-are-heard', [topic, mail, silent])).toEqual([
      ['errors', 'it rings and tells nobody'],
    ]);
  });

  it('may tell through an alarm that is made of them', () => {
    const part = alarm({ name: 'errors' });
    const whole = {
      type: 'aws:cloudwatch/compositeAlarm:CompositeAlarm',
      name: 'down',
      props: { alarmRule: 'ALARM("errors") AND ALARM("slow")', alarmActions: ['arn:t'] },
    };
    expect(refusedIn('alarms-are-heard', [topic, mail, part])).toHaveLength(1);
    expect(refusedIn('alarms-are-heard', [topic, mail, part, whole])).toEqual([]);
  });
});

it('takes whatever the engine hands over, and never breaks', () => {
  const types = [
    ...new Set(
      [...resourceRules, ...stackRules].flatMap(({ fails }) => [fails].flat().map(({ type }) => type)),
    ),
  ];
  const names = [
    'containerDefinitions',
    'policy',
    'ingress',
    'rules',
    'tags',
    'spec',
    'defaultActions',
    'volumes',
    'alarmActions',
  ];
  const props = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), fc.jsonValue());
  fc.assert(
    fc.property(fc.constantFrom(...types), props, fc.boolean(), (type, given, asText) => {
      const values = Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name, asText ? JSON.stringify(value) : valueOf(value)]),
      );
      const resource = resourceOf({ type, props: values as Values });
      for (const rule of resourceRules) rule.judge(resource, { environment: 'prod' });
      for (const rule of stackRules) rule.judge([resource], { environment: 'prod' });
    }),
    { numRuns: 500 },
  );
});
