import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { staleFiles } from '../../toolchain/twin-facts/files.ts';
import { limitInputs, replacedBy } from '../../toolchain/twin-facts/limits.ts';
import { misfits } from '../../toolchain/twin-facts/misfits.ts';
import { bareName, wholePattern, type Shape } from '../../toolchain/twin-facts/shape.ts';
import type { Fact, Facts, FactTable } from '../../toolchain/twin-facts/table.ts';
import { bringWheels } from '../../toolchain/twin-facts/wheels.ts';

const table = JSON.parse(readFileSync(fromRoot('ops/twin/facts/aws.json'), 'utf8')) as FactTable;

/** Every fact of the table with its type and path. */
function everyFact(): { readonly at: string; readonly fact: Fact }[] {
  const below = (at: string, fact: Fact): { readonly at: string; readonly fact: Fact }[] => [
    { at, fact },
    ...(fact.items === undefined ? [] : below(`${at}.*`, fact.items)),
    ...Object.entries(fact.fields ?? {}).flatMap(([name, each]) => below(`${at}.${name}`, each)),
  ];
  return Object.entries(table.types).flatMap(([type, { inputs }]) =>
    Object.entries(inputs).flatMap(([name, fact]) => below(`${type} ${name}`, fact)),
  );
}

/** A fact of the table: `aws:kms/key:Key`, `deletionWindowInDays`. */
function factAt(type: string, path: string): Fact {
  const found = everyFact().find(({ at }) => at === `${type} ${path}`);
  if (found === undefined) throw new Error(`the table has no ${type} ${path}`);
  return found.fact;
}

describe('the table of facts', () => {
  it('is that of the installed SDK', () => {
    const { version } = JSON.parse(
      readFileSync(fromRoot('node_modules/@pulumi/aws/package.json'), 'utf8'),
    ) as { version: string };
    expect(table.version).toBe(version);
    expect(table.sources.map(({ name }) => name)).toEqual(['@pulumi/aws', 'cfn-lint', 'botocore']);
  });

  it('stays small', () => {
    const files = ['facts/aws.json', 'facts/engines.json'].map((file) => fromRoot(`ops/twin/${file}`));
    expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(700_000);
  });

  it('names only arguments and outputs that there are', () => {
    for (const [type, { inputs, outputs, replaces, secret }] of Object.entries(table.types)) {
      expect(Object.keys(inputs), type).toEqual(expect.arrayContaining([...replaces]));
      expect(Object.keys({ ...inputs, ...outputs }), type).toEqual(expect.arrayContaining([...secret]));
    }
    const alike = everyFact().filter(({ fact }) => fact.like !== undefined);
    expect(alike.length).toBeGreaterThan(0);
    for (const { at, fact } of alike) {
      expect(factAt(at.split(' ')[0] ?? '', fact.like ?? '').fields, at).toBeDefined();
    }
  });

  it('limits an argument in ways that its type has', () => {
    const of: Readonly<Record<string, readonly Fact['type'][]>> = {
      enum: ['string', 'number'],
      pattern: ['string'],
      minLength: ['string'],
      maxLength: ['string'],
      min: ['number'],
      max: ['number'],
      minItems: ['list'],
      maxItems: ['list'],
      items: ['list', 'map'],
      fields: ['object'],
    };
    const wrong = everyFact().filter(({ fact }) =>
      Object.entries(of).some(([limit, types]) => limit in fact && !types.includes(fact.type)),
    );
    expect(wrong).toEqual([]);
  });

  it('has bounds that leave something', () => {
    const wrong = everyFact().filter(
      ({ fact: { min = -Infinity, max = Infinity, minLength = 0, maxLength = Infinity } }) =>
        min > max || minLength > maxLength,
    );
    expect(wrong).toEqual([]);
    expect(everyFact().filter(({ fact }) => fact.enum?.length === 0)).toEqual([]);
  });

  it('has patterns that are understood, and answer soon whatever is given', () => {
    const patterns = new Set(everyFact().flatMap(({ fact }) => fact.pattern ?? []));
    expect(patterns.size).toBeGreaterThan(50);
    const hard = ['a', '-', '.', '/', 'a-', 'a.', 'a/', '1:', ' a'].map(
      (part) => `${part.repeat(2000)}\u0000`,
    );
    for (const pattern of patterns) {
      const whole = new RegExp(`^(?:${pattern})$`, 'u');
      const began = performance.now();
      for (const text of hard) whole.test(text);
      expect(performance.now() - began, pattern).toBeLessThan(10_000);
    }
  });

  it('says that a resource is replaced when it changes its region', () => {
    const still = Object.entries(table.types).filter(
      ([type, { inputs, replaces }]) =>
        type.startsWith('aws:') && 'region' in inputs && !replaces.includes('region'),
    );
    expect(still).toEqual([]);
  });

  it('knows what the provider gives back and keeps secret', () => {
    const instance = table.types['aws:rds/instance:Instance'];
    expect(instance?.outputs).toMatchObject({ arn: 'string', endpoint: 'string', masterUserSecrets: 'list' });
    expect(instance?.secret).toEqual(['password', 'passwordWo']);
    expect(table.types['aws:ssm/parameter:Parameter']?.secret).toContain('value');
  });
});

// As AWS's API reference or the provider's documentation has it.
describe('what AWS documents is in the table:', () => {
  it.each<[type: string, path: string, fact: Partial<Fact>]>([
    ['aws:kms/key:Key', 'deletionWindowInDays', { min: 7, max: 30 }],
    ['aws:kms/key:Key', 'rotationPeriodInDays', { min: 90, max: 2560 }],
    ['aws:iam/role:Role', 'maxSessionDuration', { min: 3600, max: 43200 }],
    ['aws:iam/role:Role', 'name', { maxLength: 64, pattern: '[\\w+=,.@-]+' }],
    ['aws:iam/role:Role', 'description', { maxLength: 1000 }],
    ['aws:iam/openIdConnectProvider:OpenIdConnectProvider', 'thumbprintLists', { maxItems: 5 }],
    [
      'aws:iam/openIdConnectProvider:OpenIdConnectProvider',
      'thumbprintLists.*',
      { minLength: 40, maxLength: 40 },
    ],
    ['aws:lb/targetGroup:TargetGroup', 'healthCheck.interval', { min: 5, max: 300 }],
    ['aws:lb/targetGroup:TargetGroup', 'healthCheck.timeout', { min: 2, max: 120 }],
    ['aws:lb/targetGroup:TargetGroup', 'healthCheck.healthyThreshold', { min: 2, max: 10 }],
    ['aws:lb/targetGroup:TargetGroup', 'targetType', { enum: ['alb', 'instance', 'ip', 'lambda'] }],
    ['aws:lb/listener:Listener', 'port', { min: 1, max: 65535 }],
    ['aws:lb/listenerRule:ListenerRule', 'priority', { min: 1, max: 50000 }],
    ['aws:route53/healthCheck:HealthCheck', 'failureThreshold', { min: 1, max: 10 }],
    ['aws:route53/healthCheck:HealthCheck', 'regions', { minItems: 3, maxItems: 64 }],
    ['aws:route53/record:Record', 'weightedRoutingPolicies.*.weight', { min: 0, max: 255 }],
    ['aws:route53/record:Record', 'setIdentifier', { maxLength: 128 }],
    ['aws:route53/record:Record', 'failoverRoutingPolicies.*.type', { enum: ['PRIMARY', 'SECONDARY'] }],
    ['aws:acm/certificate:Certificate', 'subjectAlternativeNames', { maxItems: 100 }],
    ['aws:cloudwatch/metricAlarm:MetricAlarm', 'alarmActions', { maxItems: 5 }],
    ['aws:cloudwatch/compositeAlarm:CompositeAlarm', 'alarmRule', { minLength: 1, maxLength: 10240 }],
    ['aws:cloudwatch/eventTarget:EventTarget', 'retryPolicy.maximumRetryAttempts', { min: 0, max: 185 }],
    [
      'aws:cloudwatch/logGroup:LogGroup',
      'logGroupClass',
      { enum: ['DELIVERY', 'INFREQUENT_ACCESS', 'STANDARD'] },
    ],
    [
      'aws:ecr/repository:Repository',
      'encryptionConfigurations.*.encryptionType',
      { enum: ['AES256', 'KMS', 'KMS_DSSE'] },
    ],
    [
      'aws:ecs/service:Service',
      'deploymentConfiguration.strategy',
      { enum: ['BLUE_GREEN', 'CANARY', 'LINEAR', 'ROLLING'] },
    ],
    ['aws:ecs/service:Service', 'capacityProviderStrategies.*.base', { min: 0, max: 100000 }],
    ['aws:ecs/taskDefinition:TaskDefinition', 'networkMode', { enum: ['awsvpc', 'bridge', 'host', 'none'] }],
    ['aws:elasticache/replicationGroup:ReplicationGroup', 'replicasPerNodeGroup', { min: 0, max: 5 }],
    [
      'aws:s3/bucketVersioning:BucketVersioning',
      'versioningConfiguration.status',
      { enum: ['Disabled', 'Enabled', 'Suspended'] },
    ],
    [
      'aws:s3/bucketOwnershipControls:BucketOwnershipControls',
      'rule.objectOwnership',
      { enum: ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'] },
    ],
    ['aws:s3/bucket:Bucket', 'bucket', { maxLength: 63 }],
    [
      'aws:secretsmanager/secretRotation:SecretRotation',
      'rotationRules.automaticallyAfterDays',
      { min: 1, max: 1000 },
    ],
    ['aws:ssm/parameter:Parameter', 'type', { enum: ['SecureString', 'String', 'StringList'] }],
    ['aws:ssm/parameter:Parameter', 'tier', { enum: ['Advanced', 'Intelligent-Tiering', 'Standard'] }],
    ['aws:wafv2/webAcl:WebAcl', 'scope', { enum: ['CLOUDFRONT', 'REGIONAL'] }],
    ['aws:wafv2/webAcl:WebAcl', 'captchaConfig.immunityTimeProperty.immunityTime', { min: 60, max: 259200 }],
  ])('%s %s', (type, path, fact) => {
    expect(factAt(type, path)).toMatchObject(fact);
  });

  it('a log group that is never emptied has retention 0', () => {
    const { enum: days } = factAt('aws:cloudwatch/logGroup:LogGroup', 'retentionInDays');
    expect(days).toEqual([
      0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
      3653,
    ]);
  });
});

describe('what replaces a resource', () => {
  it.each<[type: string, replaces: string[], updates: string[]]>([
    // https://github.com/hashicorp/terraform-provider-aws/issues/32590
    [
      'aws:rds/instance:Instance',
      ['engine', 'username', 'storageEncrypted', 'kmsKeyId'],
      ['identifier', 'dbSubnetGroupName', 'instanceClass'],
    ],
    // https://github.com/hashicorp/terraform-provider-aws/issues/35596
    [
      'aws:rds/clusterInstance:ClusterInstance',
      ['identifier', 'clusterIdentifier'],
      ['instanceClass', 'promotionTier'],
    ],
    [
      'aws:elasticache/replicationGroup:ReplicationGroup',
      ['replicationGroupId', 'atRestEncryptionEnabled', 'port'],
      ['replicasPerNodeGroup', 'nodeType', 'numCacheClusters'],
    ],
    ['aws:route53/record:Record', ['name', 'zoneId'], ['type', 'ttl', 'setIdentifier']],
    [
      'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
      ['securityGroupId'],
      ['cidrIpv4', 'fromPort', 'ipProtocol'],
    ],
    [
      'aws:ecs/taskDefinition:TaskDefinition',
      ['containerDefinitions', 'cpu', 'family'],
      ['tags', 'skipDestroy'],
    ],
    [
      'aws:ecs/service:Service',
      ['cluster', 'launchType', 'name'],
      ['taskDefinition', 'desiredCount', 'loadBalancers'],
    ],
    [
      'aws:kms/key:Key',
      ['keyUsage', 'multiRegion', 'customerMasterKeySpec'],
      ['policy', 'description', 'enableKeyRotation'],
    ],
    ['aws:cloudwatch/logGroup:LogGroup', ['name', 'logGroupClass'], ['retentionInDays', 'kmsKeyId']],
    ['aws:ssm/parameter:Parameter', ['name', 'dataType'], ['value', 'type', 'tier']],
    ['aws:ec2/subnet:Subnet', ['cidrBlock', 'vpcId', 'availabilityZone'], ['mapPublicIpOnLaunch', 'tags']],
    ['aws:s3/bucket:Bucket', ['bucket', 'bucketPrefix', 'objectLockEnabled'], ['forceDestroy', 'tags']],
  ])('%s', (type, replaces, updates) => {
    const known = table.types[type];
    expect(known?.replaces).toEqual(expect.arrayContaining(replaces));
    expect(Object.keys(known?.inputs ?? {})).toEqual(expect.arrayContaining(updates));
    expect(known?.replaces.filter((name) => updates.includes(name))).toEqual([]);
  });
});

describe('a name', () => {
  it.each([
    ['vpcSecurityGroupIds', 'VPCSecurityGroupId'],
    ['rotationPolicies', 'RotationPolicy'],
    ['multiAz', 'MultiAZ'],
  ])('%s is the same as %s', (one, other) => {
    expect(bareName(one)).toBe(bareName(other));
  });
});

describe('a pattern', () => {
  it.each<[as: string, written: string, kept: string | undefined]>([
    ['loses its anchors', '^[a-z]{2}$', '[a-z]{2}'],
    ['loses them in every part', '^$|^[a-z]+$', '|[a-z]+'],
    ['without anchors is meant for the whole', '[\\w+=,.@-]+', '[\\w+=,.@-]+'],
    ['of one character is searched for', '\\S', '[\\s\\S]*(?:\\S)[\\s\\S]*'],
    ['anchored at one side is searched for', '^[^:]', '[\\s\\S]*(?:^[^:])[\\s\\S]*'],
    ['loses escapes that JavaScript forbids', '^[a-z\\_\\@]+$', '[a-z_@]+'],
    ['keeps a hyphen that stands for itself', '^[\\w-.]+$', '[\\w\\-.]+'],
    ['that takes anything is none', '^[\\s\\S]*$', undefined],
    ['that JavaScript does not know is none', '^\\p{Alnum}+$', undefined],
  ])('%s', (_, written, kept) => {
    expect(wholePattern(written)).toBe(kept);
  });
});

describe('limits are taken over', () => {
  const text = (limits: Shape['limits']): Shape => ({ type: 'string', limits });
  const object = (fields: Readonly<Record<string, Shape>>): Shape => ({
    type: 'object',
    limits: {},
    fields: () => new Map(Object.entries(fields)),
  });
  const inputs: Facts = { name: { type: 'string' }, port: { type: 'number' } };

  it('by name, or by the name that is written for it', () => {
    const source = object({ ThingName: text({ maxLength: 9 }), Name: text({ maxLength: 5 }) });
    expect(limitInputs(inputs, [source], {})['name']).toMatchObject({ maxLength: 5 });
    expect(limitInputs(inputs, [source], { names: { name: 'ThingName' } })['name']).toMatchObject({
      maxLength: 9,
    });
    expect(limitInputs(inputs, [source], { names: { name: false } })['name']).toEqual({ type: 'string' });
  });

  it('only where the value has the same type', () => {
    const source = object({ Port: text({ pattern: '[0-9]+' }) });
    expect(limitInputs(inputs, [source], {})['port']).toEqual({ type: 'number' });
  });

  it('in the looser way where two sources differ', () => {
    const sources = [
      object({ Name: text({ enum: ['a', 'b'], maxLength: 5, minLength: 3 }) }),
      object({ name: text({ enum: ['b', 'c'], maxLength: 8, minLength: 2, pattern: 'x' }) }),
    ];
    expect(limitInputs(inputs, sources, { also: { name: [''] } })['name']).toEqual({
      type: 'string',
      enum: ['', 'a', 'b', 'c'],
      maxLength: 8,
      minLength: 2,
      pattern: 'x',
    });
  });

  it('without a least length of one where the argument may be left out', () => {
    const source = object({ Name: text({ minLength: 1 }) });
    expect(limitInputs(inputs, [source], {})['name']).toEqual({ type: 'string' });
    const required: Facts = { name: { type: 'string', required: true } };
    expect(limitInputs(required, [source], {})['name']).toMatchObject({ minLength: 1 });
  });

  it('inside lists of one, which are objects elsewhere, and the reverse', () => {
    const inner: Fact = { type: 'object', fields: { mode: { type: 'string' } } };
    const facts: Facts = { rules: { type: 'list', items: inner }, rule: inner };
    const mode = object({ Mode: text({ enum: ['on'] }) });
    const source = object({ Rule: mode });
    const list = object({ Rule: { type: 'list', limits: { maxItems: 1 }, items: () => mode } });
    const limited = { type: 'object', fields: { mode: { type: 'string', enum: ['on'] } } };
    expect(limitInputs(facts, [source], {})).toEqual({
      rules: { type: 'list', items: limited },
      rule: limited,
    });
    expect(limitInputs(facts, [list], {})['rule']).toEqual(limited);
  });

  it('and what is create-only replaces, unless it is written otherwise', () => {
    const source = object({ Name: text({}), Port: { type: 'number', limits: {} } });
    const facts: Facts = { ...inputs, region: { type: 'string' } };
    expect(replacedBy(facts, ['Name'], source, {})).toEqual(['name', 'region']);
    expect(replacedBy(facts, ['Name'], source, { updates: ['name'], replaces: ['port'] })).toEqual([
      'port',
      'region',
    ]);
  });

  it('and what is written by hand and fits nothing is told', () => {
    const source = object({ Name: text({}), Port: text({}) });
    const origin = {
      cloudFormation: 'AWS::No::Thing',
      names: { port: 'Nowhere', gone: 'Name' },
      replaces: ['name'],
      updates: ['port'],
    };
    expect(
      misfits('x.Y', inputs, origin, { schema: source, input: undefined, createOnly: ['Name'] }),
    ).toEqual([
      'x.Y: there is no argument gone',
      'x.Y: port is called Nowhere, which is nowhere',
      'x.Y: name is create-only by itself',
      'x.Y: port is not create-only',
    ]);
    expect(
      misfits('x.Y', inputs, { api: 'x.Z' }, { schema: source, input: undefined, createOnly: [] }),
    ).toEqual(['x.Y: there is no x.Z']);
  });
});

describe('the generator', () => {
  it('sees a file that is old, and one that is missing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cutover-facts-test-'));
    try {
      await writeFile(join(folder, 'same'), 'text\n');
      await writeFile(join(folder, 'old'), 'text');
      const files = { same: 'text\n', old: 'text\n', missing: 'text\n' };
      expect(await staleFiles(files, folder)).toEqual(['old', 'missing']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says what it needs where there is no Python', async () => {
    const { PATH: path, XDG_CACHE_HOME: cache } = process.env;
    const folder = await mkdtemp(join(tmpdir(), 'cutover-facts-test-'));
    Object.assign(process.env, { PATH: folder, XDG_CACHE_HOME: folder });
    try {
      await expect(bringWheels({ doing: () => undefined })).rejects.toThrow('CUT-5350');
    } finally {
      process.env['PATH'] = path;
      if (cache === undefined) delete process.env['XDG_CACHE_HOME'];
      else process.env['XDG_CACHE_HOME'] = cache;
      await rm(folder, { recursive: true });
    }
  });
});
