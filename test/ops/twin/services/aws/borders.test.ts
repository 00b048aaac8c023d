import { describe, expect, it } from 'vitest';
import type { Values } from '../../../../../ops/twin/kind.ts';
import { kinds } from '../../../../../ops/twin/services/aws/index.ts';
import { ask, here, kindOf, said, type FakeThing } from '../fake-cloud.ts';

// What AWS's references say about the ends of ranges: the last value that is taken, and the first that is not.
const vpc: FakeThing = { type: 'aws:ec2/vpc:Vpc', id: 'vpc-1' };
const zone: FakeThing = {
  type: 'aws:route53/zone:Zone',
  id: 'Z1',
  region: 'global',
  inputs: { name: 'example.com' },
};
const things = [vpc, zone];
const targets = { name: 'api', port: 80, protocol: 'HTTP', targetType: 'ip', vpcId: 'vpc-1' };
const balancer = { name: 'api', subnets: ['subnet-1', 'subnet-2'] };
const path = { pathPattern: { values: ['/x'] } };
const rule = {
  listenerArn: 'l',
  actions: [{ type: 'redirect', redirect: { statusCode: 'HTTP_301', port: '1' } }],
};
const database = {
  ...{ identifier: 'd', engine: 'postgres', engineVersion: '16.4', instanceClass: 'db.t4g.medium' },
  ...{ allocatedStorage: 20, username: 'u', manageMasterUserPassword: true, dbSubnetGroupName: 'g' },
};
const group = (rules: Values): Values => ({ vpcId: 'vpc-1', name: 'g', description: 'g', ingress: [rules] });
const everything = { protocol: '-1', cidrBlocks: ['10.0.0.0/8'] };
const text = (value: string): Values => ({ zoneId: 'Z1', name: 't', type: 'TXT', ttl: 60, records: [value] });
const apex = { zoneId: 'Z1', name: 'example.com', type: 'NS', ttl: 60, records: ['ns.example.net.'] };

const borders: readonly (readonly [type: string, taken: Values, refused: Values, words: string])[] = [
  ['aws:ec2/vpc:Vpc', { instanceTenancy: 'dedicated' }, { instanceTenancy: 'host' }, 'instance_tenancy'],
  [
    'aws:ec2/securityGroup:SecurityGroup',
    group({ ...everything, fromPort: 0, toPort: 0 }),
    group({ ...everything, fromPort: 0, toPort: 65_535 }),
    `to use the 'ALL' "-1" protocol!`,
  ],
  [
    'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
    { cidrIpv4: '10.0.0.0/8' },
    { cidrIpv4: '10.0.0.5/8' },
    'network address',
  ],
  ['aws:ec2/flowLog:FlowLog', { maxAggregationInterval: 60 }, { maxAggregationInterval: 120 }, '[60 600]'],
  [
    'aws:lb/loadBalancer:LoadBalancer',
    { idleTimeout: 4000 },
    { idleTimeout: 4001 },
    'less than or equal to 4000',
  ],
  [
    'aws:lb/targetGroup:TargetGroup',
    { deregistrationDelay: 3600 },
    { deregistrationDelay: 3601 },
    'less than or equal to 3600',
  ],
  [
    'aws:lb/targetGroup:TargetGroup',
    { stickiness: { type: 'app_cookie', cookieName: 'AWSALBUM' } },
    { stickiness: { type: 'app_cookie', cookieName: 'AWSALBAPP' } },
    'reserved',
  ],
  [
    'aws:lb/listenerRule:ListenerRule',
    { conditions: [{ hostHeader: { values: ['a'.repeat(128)] } }] },
    { conditions: [path, { hostHeader: { values: ['a'.repeat(129)] } }] },
    "longer than '128'",
  ],
  [
    'aws:lb/listenerRule:ListenerRule',
    { conditions: [{ httpHeader: { httpHeaderName: 'Hosts', values: ['b'] } }] },
    { conditions: [{ httpHeader: { httpHeaderName: 'host', values: ['b'] } }] },
    'host-header',
  ],
  [
    'aws:rds/instance:Instance',
    { dbName: 'coin_estate1' },
    { dbName: 'coin-estate' },
    'DBName must begin with a letter',
  ],
  ['aws:rds/instance:Instance', { port: 1150 }, { port: 1149 }, '1150-65535'],
  [
    'aws:rds/instance:Instance',
    { finalSnapshotIdentifier: 'a-b' },
    { finalSnapshotIdentifier: 'a--b' },
    'final_snapshot_identifier',
  ],
  [
    'aws:kms/key:Key',
    { keyUsage: 'SIGN_VERIFY', customerMasterKeySpec: 'ECC_SECG_P256K1' },
    { keyUsage: 'SIGN_VERIFY' },
    'not compatible',
  ],
  [
    'aws:kms/key:Key',
    { keyUsage: 'KEY_AGREEMENT', customerMasterKeySpec: 'ECC_NIST_P256' },
    { keyUsage: 'KEY_AGREEMENT', customerMasterKeySpec: 'ECC_SECG_P256K1' },
    'not compatible',
  ],
  [
    'aws:route53/record:Record',
    text(`${'a'.repeat(255)}""${'b'.repeat(255)}`),
    text(`${'a'.repeat(256)}""b`),
    'CharacterStringTooLong',
  ],
  ['aws:route53/record:Record', { ...apex, allowOverwrite: true }, apex, 'but it already exists'],
  [
    'aws:sns/topic:Topic',
    { name: 't.fifo', fifoTopic: true, contentBasedDeduplication: true },
    { name: 't', contentBasedDeduplication: true },
    'FIFO topics',
  ],
];

const base: Readonly<Record<string, Values>> = {
  'aws:ec2/vpc:Vpc': { cidrBlock: '10.0.0.0/16' },
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': { securityGroupId: 'sg-1', ipProtocol: '-1' },
  'aws:ec2/flowLog:FlowLog': {
    vpcId: 'vpc-1',
    trafficType: 'ALL',
    logDestinationType: 's3',
    logDestination: 'b',
  },
  'aws:lb/loadBalancer:LoadBalancer': balancer,
  'aws:lb/targetGroup:TargetGroup': targets,
  'aws:lb/listenerRule:ListenerRule': rule,
  'aws:rds/instance:Instance': database,
};

describe('a value at the end of its range', () => {
  it.each(borders)('of %s is taken as %j and not as %j', (type, taken, refused, words) => {
    const global = type.startsWith('aws:route53/') ? { place: { ...here, region: 'global' } } : {};
    const answer = (inputs: Values) =>
      said(kindOf(kinds, type), ask({ ...base[type], ...inputs }, { things, ...global }));
    expect(answer(taken)).toEqual([]);
    const [problem, ...more] = answer(refused);
    expect(problem).toContain(words);
    expect(more).toEqual([]);
  });
});
