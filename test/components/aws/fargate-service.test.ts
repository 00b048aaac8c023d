import { beforeEach, describe, expect, it } from 'vitest';
import { AlarmReceivers } from '../../../components/aws/alarm-receivers.ts';
import { Cluster } from '../../../components/aws/cluster.ts';
import { FargateService, type FargateServiceArgs } from '../../../components/aws/fargate-service.ts';
import { LoadBalancer, type LoadBalancerArgs } from '../../../components/aws/load-balancer.ts';
import { Network } from '../../../components/aws/network.ts';
import type { Site } from '../../../components/aws/site.ts';
import {
  allOf,
  describeWithoutCloud,
  everything,
  inputsOf,
  namesOf,
  refusal,
  someSite,
} from './described.ts';

beforeEach(describeWithoutCloud);

const key = { arn: 'arn:aws:kms:us-east-1:123456789012:key/1' };
const secret = 'arn:aws:ssm:us-east-1:123456789012:parameter/coinestate/staging/jwt/secret';
const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/api@sha256:${'b2'.repeat(32)}`;
const email = (address: string) => [{ kind: 'email', address } as const];

/** What a service stands on. */
function ground(site: Site, more: { exec?: boolean; balancer?: Partial<LoadBalancerArgs> } = {}) {
  const network = new Network('coinestate', { site, cidr: '10.20.0.0/16', logKey: key, endpoints: [] });
  const cluster = new Cluster('coinestate', { site, ...(more.exec === true ? { exec: { key } } : {}) });
  const balancer = new LoadBalancer('coinestate', {
    site,
    network,
    certificate: { arn: 'arn:aws:acm:us-east-1:123456789012:certificate/1' },
    accessLogs: { bucket: 'logs' },
    ...more.balancer,
  });
  const receivers = new AlarmReceivers('coinestate', {
    site,
    key,
    teams: {
      'on-call-lead': email('lead@coinestate.io'),
      operations: email('ops@coinestate.io'),
      security: email('security@coinestate.io'),
      development: email('dev@coinestate.io'),
      product: email('product@coinestate.io'),
      business: email('business@coinestate.io'),
    },
  });
  return { network, cluster, balancer, receivers };
}

/** An API behind a load balancer, changed by `more`. */
function service(
  more: Partial<FargateServiceArgs> = {},
  { site = someSite(), ...on }: { site?: Site; exec?: boolean; balancer?: Partial<LoadBalancerArgs> } = {},
): FargateService {
  const { network, cluster, balancer, receivers } = ground(site, on);
  return new FargateService('coinestate-api', {
    site,
    network,
    cluster,
    container: { image, port: 3000, environment: { NETWORK: 'sepolia' }, secrets: { JWT_SECRET: secret } },
    secretGrants: [[{ sid: 'ReadSecrets', actions: ['ssm:GetParameters'], resources: [secret] }]],
    size: { cpus: 0.5, memoryGb: 1 },
    tasks: { min: 1, max: 4 },
    serves: { balancer, hosts: ['api.coinestate.io'], priority: 10 },
    watched: { receivers },
    logKey: key,
    ...more,
  });
}

interface Policy {
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Action: string | string[];
    readonly Resource: unknown;
  }[];
}

/** What a role of the service may do. */
async function policyOf(part: string): Promise<Policy['Statement']> {
  const { policy } = await inputsOf(`coinestate-api-${part}-policy-us-east-1`);
  return (JSON.parse(String(policy)) as Policy).Statement;
}

async function container(): Promise<Record<string, unknown>> {
  const { containerDefinitions } = await inputsOf('coinestate-api-task-us-east-1');
  return (JSON.parse(String(containerDefinitions)) as Record<string, unknown>[])[0] ?? {};
}

describe('a service on Fargate', () => {
  it('runs one container, unprivileged, in private subnets, without a public address', async () => {
    service();
    expect(await container()).toMatchObject({
      name: 'coinestate-api',
      image,
      user: '10001:10001',
      readonlyRootFilesystem: true,
      linuxParameters: { capabilities: { drop: ['ALL'] } },
      secrets: [{ name: 'JWT_SECRET', valueFrom: secret }],
      logConfiguration: { options: { 'awslogs-group': 'coinestate-api-log-group-us-east-1' } },
    });
    expect(await inputsOf('coinestate-api-task-us-east-1')).toMatchObject({
      cpu: '512',
      memory: '1024',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      volumes: [{ name: 'tmp' }],
    });
    expect(await inputsOf('coinestate-api-service-us-east-1')).toMatchObject({
      launchType: 'FARGATE',
      networkConfiguration: {
        assignPublicIp: false,
        subnets: ['a', 'b', 'c'].map((letter) => `coinestate-private-${letter}-us-east-1-id`),
        securityGroups: ['coinestate-api-security-group-us-east-1-id'],
      },
      enableExecuteCommand: false,
      propagateTags: 'SERVICE',
    });
    expect(await inputsOf('coinestate-api-log-group-us-east-1')).toMatchObject({
      kmsKeyId: key.arn,
      retentionInDays: 30,
    });
  });

  it('lets only the load balancer in, at one port, and only TLS out', async () => {
    service();
    const own = (each: { inputs: Readonly<Record<string, unknown>> }) =>
      each.inputs['securityGroupId'] === 'coinestate-api-security-group-us-east-1-id';
    const ingress = (await allOf('vpc/securityGroupIngressRule:SecurityGroupIngressRule')).filter(own);
    expect(ingress.map(({ inputs }) => inputs)).toMatchObject([
      { referencedSecurityGroupId: 'coinestate-balancer-group-us-east-1-id', fromPort: 3000, toPort: 3000 },
    ]);
    const egress = (await allOf('vpc/securityGroupEgressRule:SecurityGroupEgressRule')).filter(own);
    expect(egress.map(({ inputs }) => [inputs['cidrIpv4'], inputs['fromPort'], inputs['toPort']])).toEqual([
      ['0.0.0.0/0', 443, 443],
    ]);
    expect(await inputsOf('coinestate-api-balancer-to-tasks-us-east-1')).toMatchObject({
      securityGroupId: 'coinestate-balancer-group-us-east-1-id',
      referencedSecurityGroupId: 'coinestate-api-security-group-us-east-1-id',
      fromPort: 3000,
    });
  });

  it('without the internet reaches AWS, S3 and its neighbours, and nothing else', async () => {
    service({ internet: false, reaches: { database: { securityGroup: { id: 'sg-database' }, port: 5432 } } });
    const egress = (await allOf('vpc/securityGroupEgressRule:SecurityGroupEgressRule')).filter(
      ({ inputs }) => inputs['securityGroupId'] === 'coinestate-api-security-group-us-east-1-id',
    );
    expect(
      egress.map(({ inputs }) => [
        inputs['referencedSecurityGroupId'] ?? inputs['cidrIpv4'] ?? inputs['prefixListId'],
        inputs['toPort'],
      ]),
    ).toEqual([
      ['sg-database', 5432],
      ['10.20.0.0/16', 443],
      ['pl-1', 443],
    ]);
  });

  it('starts with a role that reads exactly its secrets, its image and its log', async () => {
    service({ repository: { arn: 'arn:aws:ecr:us-east-1:123456789012:repository/api' } });
    const statements = await policyOf('start');
    expect(statements.map(({ Sid, Resource }) => [Sid, Resource])).toEqual([
      ['WriteLog', expect.stringMatching(/coinestate-api-log-group-us-east-1:\*$/)],
      ['SignInToRegistry', '*'],
      ['PullImage', 'arn:aws:ecr:us-east-1:123456789012:repository/api'],
      ['ReadSecrets', secret],
    ]);
  });

  it('acts with a role that may do nothing but what it was given', async () => {
    service();
    expect(await namesOf('iam/rolePolicy:RolePolicy')).not.toContain('coinestate-api-task-policy-us-east-1');
    await describeWithoutCloud();
    const read = { sid: 'ReadOrders', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::orders/*'] };
    service({ grants: [[read]] });
    expect(await policyOf('task')).toMatchObject([{ Sid: 'ReadOrders', Resource: 'arn:aws:s3:::orders/*' }]);
  });

  it('is scaled by load, and an update does not take that back', async () => {
    const ignored: unknown[] = [];
    service({
      tasks: { min: 2, max: 6, requestsPerMinute: 3000 },
      transform: {
        service: (args, opts) => {
          ignored.push(opts.ignoreChanges);
          return [args, opts];
        },
      },
    });
    expect(ignored).toEqual([['desiredCount']]);
    expect(await inputsOf('coinestate-api-scaling-us-east-1')).toMatchObject({
      minCapacity: 2,
      maxCapacity: 6,
      resourceId: 'service/coinestate-cluster-us-east-1/coinestate-api-service-us-east-1',
    });
    expect(await namesOf('appautoscaling/policy:Policy')).toEqual([
      'coinestate-api-by-cpu-us-east-1',
      'coinestate-api-by-memory-us-east-1',
      'coinestate-api-by-requests-us-east-1',
    ]);
  });
});

describe('a release of a service', () => {
  it('comes up beside the old one, is switched by ECS, and goes back when an alarm rings', async () => {
    const opts: unknown[] = [];
    service({
      release: { kind: 'blueGreen', bakeMinutes: 60 },
      transform: {
        rule: (args, given) => {
          opts.push(given.ignoreChanges);
          return [args, given];
        },
        service: (args, given) => {
          opts.push(given.customTimeouts);
          return [args, given];
        },
      },
    });
    expect(await inputsOf('coinestate-api-service-us-east-1')).toMatchObject({
      deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: '60' },
      deploymentCircuitBreaker: { enable: true, rollback: true },
      alarms: {
        enable: true,
        rollback: true,
        alarmNames: ['coinestate-api-errors-alarm-us-east-1', 'coinestate-api-checks-alarm-us-east-1'],
      },
      loadBalancers: [
        {
          containerName: 'coinestate-api',
          containerPort: 3000,
          targetGroupArn: expect.stringContaining('coinestate-api-blue') as string,
          advancedConfiguration: {
            alternateTargetGroupArn: expect.stringContaining('coinestate-api-green') as string,
            productionListenerRule: expect.stringContaining('coinestate-api-rule') as string,
          },
        },
      ],
    });
    expect(await inputsOf('coinestate-api-rule-us-east-1')).toMatchObject({
      priority: 10,
      conditions: [{ hostHeader: { values: ['api.coinestate.io'] } }],
      actions: [{ type: 'forward', forward: { targetGroups: [{ weight: 100 }, { weight: 0 }] } }],
    });
    // ECS moves the weights; and an update waits longer than the bake.
    expect(opts).toEqual([['actions'], { create: '90m', update: '90m', delete: '30m' }]);
    expect(await inputsOf('coinestate-api-switch-policy-us-east-1')).toMatchObject({
      policyArn: 'arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers',
    });
  });

  it('can be tried at the second door where the load balancer has one', async () => {
    service({}, { balancer: { test: { from: ['203.0.113.0/24'] } } });
    const [loadBalancer] = (await inputsOf('coinestate-api-service-us-east-1'))['loadBalancers'] as {
      advancedConfiguration: Record<string, string>;
    }[];
    expect(loadBalancer?.advancedConfiguration['testListenerRule']).toContain('coinestate-api-test-rule');
    expect(await inputsOf('coinestate-api-test-rule-us-east-1')).toMatchObject({
      listenerArn: expect.stringContaining('coinestate-test-us-east-1') as string,
    });
  });

  it('task by task has one group of targets and no role that switches', async () => {
    service({ release: { kind: 'rolling' } });
    expect(await namesOf('lb/targetGroup:TargetGroup')).toEqual(['coinestate-api-blue-us-east-1']);
    const { deploymentConfiguration, loadBalancers } = await inputsOf('coinestate-api-service-us-east-1');
    expect(deploymentConfiguration).toEqual({ strategy: 'ROLLING' });
    expect(loadBalancers).toEqual([
      expect.not.objectContaining({ advancedConfiguration: expect.anything() as object }),
    ]);
    expect((await namesOf('iam/role:Role')).filter((name) => name.includes('switch'))).toEqual([]);
  });

  it('of what nobody asks is task by task, without a way in', async () => {
    const site = someSite();
    const { network, cluster } = ground(site);
    new FargateService('worker', {
      site,
      network,
      cluster,
      container: { image, health: { command: ['CMD', 'true'] } },
      size: { cpus: 0.25, memoryGb: 0.5 },
      tasks: { min: 1, max: 1 },
      logKey: key,
    });
    const described = await inputsOf('worker-service-us-east-1');
    expect(described).toMatchObject({ deploymentConfiguration: { strategy: 'ROLLING' } });
    expect(described).not.toHaveProperty('loadBalancers');
    const ingress = await allOf('vpc/securityGroupIngressRule:SecurityGroupIngressRule');
    expect(ingress.filter(({ name }) => name.startsWith('worker'))).toEqual([]);
  });
});

describe('a shell in a service', () => {
  it('needs the flag of the service and of the cluster', () => {
    expect(refusal('CUT-5400', () => service({ exec: true }))).toContain('its cluster allows no shells');
  });

  it('is encrypted, logged, and opened by the task itself', async () => {
    service({ exec: true }, { exec: true });
    expect(await inputsOf('coinestate-api-service-us-east-1')).toMatchObject({ enableExecuteCommand: true });
    expect((await policyOf('task')).map(({ Sid, Resource }) => [Sid, Resource])).toEqual([
      ['OpenShell', '*'],
      ['EncryptShell', key.arn],
      ['FindShellLog', '*'],
      ['LogShell', expect.stringMatching(/coinestate-shells-us-east-1:\*$/)],
    ]);
    expect(await inputsOf('coinestate-cluster-us-east-1')).toMatchObject({
      configuration: {
        executeCommandConfiguration: {
          kmsKeyId: key.arn,
          logging: 'OVERRIDE',
          logConfiguration: { cloudWatchEncryptionEnabled: true },
        },
      },
    });
    expect((await container())['readonlyRootFilesystem']).toBe(true);
  });
});

describe('a service that is described wrongly', () => {
  it.each<[string, Partial<FargateServiceArgs>, string]>([
    [
      'a tag',
      { container: { image: 'api:latest', port: 3000 } },
      'container.image: "api:latest" names no digest',
    ],
    ['tasks of no range', { tasks: { min: 4, max: 1 } }, 'tasks: from 4 to 1 is no range'],
    [
      'a bake of two days',
      { release: { kind: 'blueGreen', bakeMinutes: 2880 } },
      'release.bakeMinutes: 2880',
    ],
    [
      'secrets that nobody may read',
      { secretGrants: [] },
      'secretGrants: nothing says that its secrets may be read',
    ],
    [
      'a secret in the open',
      { container: { image, port: 3000, environment: { JWT_SECRET: 'x' } } },
      'container.environment.JWT_SECRET: it looks like a secret',
    ],
    [
      'limits of nothing',
      { watched: { receivers: {} as never, limits: { errorPercent: 0 } } },
      'errorPercent: 0',
    ],
  ])('is refused with %s, before anything of it is there', async (_, wrong, message) => {
    expect(refusal('CUT-5400', () => service(wrong))).toContain(message);
    expect((await everything()).filter(({ name }) => name.startsWith('coinestate-api'))).toEqual([]);
  });

  it('is refused with a size that Fargate has not', () => {
    expect(refusal('CUT-5402', () => service({ size: { cpus: 32, memoryGb: 64 } }))).toContain(
      'at most 16 CPUs',
    );
  });

  it('tells all that is wrong at once', () => {
    const message = refusal('CUT-5400', () =>
      service({ container: { image: 'x', port: 0, user: 'root' }, tasks: { min: 2, max: 1 } }),
    );
    expect(message.match(/^ {2}- /gm)).toHaveLength(4);
  });
});

describe('a load balancer', () => {
  it('speaks TLS to everybody, redirects the rest, logs every request and drops what is malformed', async () => {
    ground(someSite({ environment: 'prod' }));
    expect(await inputsOf('coinestate-balancer-us-east-1')).toMatchObject({
      internal: false,
      dropInvalidHeaderFields: true,
      enableDeletionProtection: true,
      accessLogs: { enabled: true, bucket: 'logs', prefix: 'coinestate' },
      subnets: ['a', 'b', 'c'].map((letter) => `coinestate-public-${letter}-us-east-1-id`),
    });
    expect(await inputsOf('coinestate-https-us-east-1')).toMatchObject({
      protocol: 'HTTPS',
      sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
      defaultActions: [{ type: 'fixed-response', fixedResponse: { statusCode: '404' } }],
    });
    expect(await inputsOf('coinestate-http-us-east-1')).toMatchObject({
      defaultActions: [{ type: 'redirect', redirect: { protocol: 'HTTPS', statusCode: 'HTTP_301' } }],
    });
    const ingress = await allOf('vpc/securityGroupIngressRule:SecurityGroupIngressRule');
    expect(ingress.map(({ inputs }) => [inputs['cidrIpv4'], inputs['toPort']])).toEqual([
      ['0.0.0.0/0', 80],
      ['0.0.0.0/0', 443],
    ]);
  });

  it('of the inside is reached from the network alone, and a firewall looks first where there is one', async () => {
    const firewall = 'arn:aws:wafv2:us-east-1:123456789012:regional/webacl/api/1';
    ground(someSite(), { balancer: { reach: 'internal', firewall } });
    expect(await inputsOf('coinestate-balancer-us-east-1')).toMatchObject({
      internal: true,
      enableDeletionProtection: false,
      subnets: ['a', 'b', 'c'].map((letter) => `coinestate-private-${letter}-us-east-1-id`),
    });
    const ingress = await allOf('vpc/securityGroupIngressRule:SecurityGroupIngressRule');
    expect(new Set(ingress.map(({ inputs }) => inputs['cidrIpv4']))).toEqual(new Set(['10.20.0.0/16']));
    expect(await inputsOf('coinestate-firewall-us-east-1')).toMatchObject({ webAclArn: firewall });
  });

  it('gives names that AWS takes: a prefix of at most six letters', async () => {
    service();
    const [balancer] = await allOf('lb/loadBalancer:LoadBalancer');
    const groups = await allOf('lb/targetGroup:TargetGroup');
    expect(groups).toHaveLength(2);
    for (const { inputs } of [...groups, ...(balancer === undefined ? [] : [balancer])]) {
      expect(inputs['namePrefix']).toMatch(/^[a-z][a-z-]{0,5}$/);
    }
  });

  it.each<[Partial<LoadBalancerArgs>, string]>([
    [{ from: ['everybody'] }, 'from: "everybody" is no block of addresses'],
    [{ from: [] }, 'from: nobody could connect'],
    [{ test: { from: ['0.0.0.0/0'] } }, 'test.from: a version on trial is not for everybody'],
    [{ test: { from: ['203.0.113.0/24'], port: 443 } }, 'test.port: 443 is taken'],
  ])('is refused with %j', (wrong, message) => {
    expect(refusal('CUT-5400', () => ground(someSite(), { balancer: wrong }))).toContain(message);
  });
});

describe('receivers of alarms', () => {
  it('are an encrypted topic for each severity, which only alarms of this account write to', async () => {
    ground(someSite());
    expect(await namesOf('sns/topic:Topic')).toEqual(
      ['p0', 'p1', 'p2', 'p3'].map((part) => `coinestate-${part}-us-east-1`),
    );
    expect(await inputsOf('coinestate-p0-us-east-1')).toMatchObject({ kmsMasterKeyId: key.arn });
    const policy = JSON.parse(String((await inputsOf('coinestate-p0-policy-us-east-1'))['policy'])) as Policy;
    expect(policy.Statement).toMatchObject([
      { Effect: 'Allow', Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } } },
      { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ]);
    const p0 = (await allOf('sns/topicSubscription:TopicSubscription')).filter(({ name }) =>
      name.startsWith('coinestate-p0'),
    );
    expect(p0.map(({ inputs }) => inputs['endpoint'])).toEqual([
      'lead@coinestate.io',
      'ops@coinestate.io',
      'security@coinestate.io',
    ]);
  });

  it('hear of the alarms of a service by its severity, and when they are over', async () => {
    service();
    const alarm = await inputsOf('coinestate-api-errors-alarm-us-east-1');
    expect(alarm['alarmActions']).toEqual([expect.stringContaining('coinestate-p0-us-east-1')]);
    expect(alarm['okActions']).toEqual(alarm['alarmActions']);
    expect(alarm).toMatchObject({
      tags: { Severity: 'P0' },
      alarmDescription: expect.stringMatching(/^P0 More than 5 %/) as string,
    });
  });

  it.each([
    [[], 'teams.product: nobody hears its alarms'],
    [email('nobody'), 'teams.product[0].address: "nobody" is no address'],
    [
      [
        {
          kind: 'https',
          url: 'https://events.example.com/integration/9aa3d95b3bc440fa88ea12eaa4456161',
        } as const,
      ],
      'teams.product[0].url: it seems to carry a key',
    ],
    [[{ kind: 'https', url: 'http://example.com' } as const], 'must begin with https://'],
  ])('are refused with %j', (product, message) => {
    const others = email('ops@coinestate.io');
    const teams = {
      'on-call-lead': others,
      operations: others,
      security: others,
      development: others,
      business: others,
    };
    const args = { site: someSite(), key, teams: { ...teams, product } };
    const told = refusal('CUT-5400', () => new AlarmReceivers('coinestate', args));
    expect(told).toContain(message);
    expect(told).not.toContain('9aa3d95b');
  });
});
