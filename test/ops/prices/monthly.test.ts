import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { postgresClasses } from '../../../components/aws/postgres-classes.ts';
import { databaseHour } from '../../../ops/prices/list.ts';
import { costText, monthlyCost, sumOf, type Inputs } from '../../../ops/prices/monthly.ts';

const task = { cpu: '512', memory: '1024', runtimePlatform: { cpuArchitecture: 'ARM64' } };
const db = { engine: 'postgres', instanceClass: 'db.t4g.medium', allocatedStorage: 100 };

/** The cost as a table shows it. */
const shown = (type: string, inputs: Inputs | undefined): string =>
  costText(monthlyCost(type, inputs, (property) => (property === 'taskDefinition' ? task : undefined)));

describe('the cost of a month', () => {
  it.each<[string, string, Inputs, string]>([
    ['a NAT gateway', 'aws:ec2/natGateway:NatGateway', {}, '32.85'],
    ['a public address', 'aws:ec2/eip:Eip', {}, '3.65'],
    [
      'an endpoint in two zones',
      'aws:ec2/vpcEndpoint:VpcEndpoint',
      { vpcEndpointType: 'Interface', subnetIds: ['a', 'b'] },
      '14.60',
    ],
    ['an endpoint of S3', 'aws:ec2/vpcEndpoint:VpcEndpoint', { vpcEndpointType: 'Gateway' }, '-'],
    ['a load balancer in two zones', 'aws:lb/loadBalancer:LoadBalancer', { subnets: ['a', 'b'] }, '23.73'],
    ['an internal load balancer', 'aws:lb/loadBalancer:LoadBalancer', { internal: true }, '16.43'],
    ['a database', 'aws:rds/instance:Instance', db, '58.95'],
    ['a database with a standby', 'aws:rds/instance:Instance', { ...db, multiAz: true }, '117.90'],
    ['three tasks on Graviton', 'aws:ecs/service:Service', { desiredCount: 3 }, '43.25'],
    ['no task', 'aws:ecs/service:Service', { desiredCount: 0 }, '0.00'],
    ['a secret in two more regions', 'aws:secretsmanager/secret:Secret', { replicas: [{}, {}] }, '1.20'],
    [
      'a check by HTTPS that measures',
      'aws:route53/healthCheck:HealthCheck',
      { type: 'HTTPS', measureLatency: true },
      '2.50',
    ],
    ['a check of other checks', 'aws:route53/healthCheck:HealthCheck', { type: 'CALCULATED' }, '0.50'],
    ['a firewall with three rules', 'aws:wafv2/webAcl:WebAcl', { rules: [{}, {}, {}] }, '8.00'],
    ['an alarm', 'aws:cloudwatch/metricAlarm:MetricAlarm', { metricName: 'CPU' }, '0.10'],
    [
      'an alarm that looks every ten seconds',
      'aws:cloudwatch/metricAlarm:MetricAlarm',
      { period: 10 },
      '0.30',
    ],
    [
      'an alarm on a ratio',
      'aws:cloudwatch/metricAlarm:MetricAlarm',
      { metricQueries: [{ expression: 'a/b' }, { metric: { period: 60 } }, { metric: { period: 60 } }] },
      '0.20',
    ],
    ['a parameter', 'aws:ssm/parameter:Parameter', {}, '-'],
    [
      'a cache of two nodes',
      'aws:elasticache/replicationGroup:ReplicationGroup',
      { nodeType: 'cache.t4g.small', numCacheClusters: 2 },
      '46.72',
    ],
    [
      'the same with Valkey',
      'aws:elasticache/replicationGroup:ReplicationGroup',
      { engine: 'valkey', nodeType: 'cache.t4g.small', numCacheClusters: 2 },
      '37.38',
    ],
    ['a bucket', 'aws:s3/bucket:Bucket', {}, 'by use'],
    ['a setting of a bucket', 'aws:s3/bucketVersioning:BucketVersioning', {}, '-'],
    ['a role', 'aws:iam/role:Role', {}, '-'],
    ['what nobody has priced', 'aws:eks/cluster:Cluster', {}, '?'],
  ])('%s', (_, type, inputs, text) => {
    expect(shown(type, inputs)).toBe(text);
  });

  it.each<[string, string, Inputs | undefined]>([
    ['a class without a price', 'aws:rds/instance:Instance', { ...db, instanceClass: 'db.x2g.large' }],
    ['another engine', 'aws:rds/instance:Instance', { ...db, engine: 'oracle-ee' }],
    [
      'a size that only an update will tell',
      'aws:rds/instance:Instance',
      { ...db, allocatedStorage: 'later' },
    ],
    [
      'zones that only an update will tell',
      'aws:ec2/vpcEndpoint:VpcEndpoint',
      { vpcEndpointType: 'Interface', subnetIds: 'later' },
    ],
    ['arguments that nobody tells', 'aws:ec2/vpcEndpoint:VpcEndpoint', undefined],
    [
      'queries that only an update will tell',
      'aws:cloudwatch/metricAlarm:MetricAlarm',
      { metricQueries: 'later' },
    ],
  ])('is not guessed: %s', (_, type, inputs) => {
    expect(shown(type, inputs)).toBe('?');
  });

  it('of a service is not known without its task', () => {
    expect(monthlyCost('aws:ecs/service:Service', { desiredCount: 1 })).toEqual({ kind: 'unknown' });
  });

  it('is known for every class of databases that a stack can have', () => {
    expect(postgresClasses.filter(({ name }) => databaseHour[name] === undefined)).toEqual([]);
  });

  it('is known, or its kind is, for every type that the program makes', () => {
    const { types } = JSON.parse(readFileSync(fromRoot('ops/twin/facts/aws.json'), 'utf8')) as {
      types: object;
    };
    const unpriced = Object.keys(types).filter(
      (type) => type.startsWith('aws:') && monthlyCost(type, {}).kind === 'unknown',
    );
    expect(unpriced).toEqual([
      // They cost what their size says.
      'aws:ecs/service:Service',
      'aws:elasticache/globalReplicationGroup:GlobalReplicationGroup',
      'aws:elasticache/replicationGroup:ReplicationGroup',
      'aws:lb/loadBalancer:LoadBalancer',
      'aws:rds/cluster:Cluster',
      'aws:rds/clusterInstance:ClusterInstance',
      'aws:rds/instance:Instance',
      'aws:secretsmanager/secretRotation:SecretRotation',
    ]);
  });
});

it('a sum is of what is fixed, to the cent, and counts what it leaves out', () => {
  const fixed = (usd: number) => ({ kind: 'fixed', usd }) as const;
  expect(
    sumOf([fixed(0.1), fixed(0.2), { kind: 'by use' }, { kind: 'unknown' }, { kind: 'nothing' }]),
  ).toEqual({
    usd: 0.3,
    unknown: 1,
  });
});
