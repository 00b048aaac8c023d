import { beforeEach, describe, expect, it } from 'vitest';
import { Certificate } from '../../../components/aws/certificate.ts';
import { Cluster } from '../../../components/aws/cluster.ts';
import { containerProblems, volumesOf } from '../../../components/aws/container.ts';
import { DnsZone } from '../../../components/aws/dns-zone.ts';
import { FargateService, type FargateServiceArgs } from '../../../components/aws/fargate-service.ts';
import { LoadBalancer, type LoadBalancerArgs } from '../../../components/aws/load-balancer.ts';
import { Network } from '../../../components/aws/network.ts';
import { mostStorage } from '../../../components/aws/postgres-problems.ts';
import { Postgres, type PostgresArgs } from '../../../components/aws/postgres.ts';
import { planSubnets, zonesOf } from '../../../components/aws/subnets.ts';
import { inRegion } from '../../../components/aws/site.ts';
import {
  allOf,
  describeWithoutCloud,
  everything,
  inputsOf,
  namesOf,
  refusal,
  someSite,
} from './described.ts';

// Arguments that no system of ours has: each is made rightly, or refused with the fix before anything is registered.
beforeEach(describeWithoutCloud);

const key = { arn: 'arn:aws:kms:us-east-1:123456789012:key/1' };
const certificate = { arn: 'arn:aws:acm:us-east-1:123456789012:certificate/1' };
const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/api@sha256:${'b2'.repeat(32)}`;

function network(site = someSite(), more: Partial<ConstructorParameters<typeof Network>[1]> = {}): Network {
  return new Network('trial', { site, cidr: '10.20.0.0/16', logKey: key, endpoints: [], ...more });
}

function balancer(more: Partial<LoadBalancerArgs> = {}): LoadBalancer {
  const site = someSite();
  return new LoadBalancer('trial', {
    site,
    network: network(site),
    certificate,
    accessLogs: { bucket: 'logs' },
    ...more,
  });
}

function service(name: string, more: Partial<FargateServiceArgs> = {}): FargateService {
  const site = more.site ?? someSite();
  return new FargateService(name, {
    site,
    network: more.network ?? network(site),
    cluster: more.cluster ?? new Cluster('trial', { site }),
    logKey: key,
    container: { image, port: 8080 },
    size: { cpus: 0.25, memoryGb: 0.5 },
    tasks: { min: 1, max: 2 },
    ...more,
  });
}

function database(more: Partial<PostgresArgs> = {}): Postgres {
  const site = someSite();
  return new Postgres('trial', {
    site,
    network: network(site),
    database: 'orders',
    size: { cpus: 2, memoryGb: 4, storageGb: 20 },
    backupDays: 7,
    ...more,
  });
}

describe('a network', () => {
  it.each([
    '010.20.0.0/16',
    '10.20.0.0/016',
    '10.20.0.0/28',
    '10.20.0.0/21',
    '172.15.0.0/16',
    '100.64.0.0/16',
    '10.0.0.0/8',
    'fd00::/56',
  ])('is refused as %s', (cidr) => {
    expect(refusal('CUT-5401', () => planSubnets(cidr, zonesOf('eu-west-1', 2)))).toContain('fix: ');
  });

  it.each<[string, number]>([
    ['eu-west-1', 4],
    ['sa-east-1', 4],
    ['us-west-2', 5],
    ['us-east-1', -1],
    ['us-east-1', 2.5],
    ['us-east-1', Number.NaN],
    ['eu-west-1', 1],
  ])('does not span in %s %d zones that are not there', (region, zones) => {
    expect(refusal('CUT-5401', () => zonesOf(region, zones))).toContain('Give it two to');
  });

  it('spans the two zones that an account sees', async () => {
    network(inRegion(someSite(), 'us-west-1'), { zones: ['a', 'c'] });
    const subnets = await allOf('ec2/subnet:Subnet');
    expect(new Set(subnets.map(({ inputs }) => inputs['availabilityZone']))).toEqual(
      new Set(['us-west-1a', 'us-west-1c']),
    );
  });
});

describe('a load balancer', () => {
  it.each<[string, Partial<LoadBalancerArgs>, string]>([
    ['a block that begins elsewhere', { from: ['203.0.113.7/24'] }, 'write 203.0.113.0/24'],
    ['a block twice', { from: ['203.0.113.0/24', '203.0.113.0/24'] }, '203.0.113.0/24 twice'],
    ['half of the internet on trial', { test: { from: ['0.0.0.0/1', '128.0.0.0/1'] } }, 'not for everybody'],
    ['a port that there is not', { test: { port: 70_000, from: ['203.0.113.0/24'] } }, 'from 1 to 65535'],
    ['no patience', { idleSeconds: 0 }, 'from 1 to 4000'],
  ])('is refused with %s', (_, more, fix) => {
    expect(refusal('CUT-5400', () => balancer(more))).toContain(fix);
  });

  it('serves two services, whose resources do not meet', async () => {
    const site = someSite();
    const net = network(site);
    const cluster = new Cluster('trial', { site });
    const front = new LoadBalancer('trial', {
      site,
      network: net,
      certificate,
      accessLogs: { bucket: 'logs' },
    });
    const common = { site, network: net, cluster };
    service('api', { ...common, serves: { balancer: front, hosts: ['api.example.com'], priority: 1 } });
    service('api-blue', {
      ...common,
      serves: { balancer: front, hosts: ['blue.example.com'], priority: 2 },
      release: { kind: 'rolling' },
    });
    const names = (await everything()).map(({ type, name }) => `${type} ${name}`);
    expect(names.filter((each, place) => names.indexOf(each) !== place)).toEqual([]);
  });
});

describe('a service', () => {
  it.each<[string, Partial<FargateServiceArgs>, string]>([
    [
      'a neighbour called internet',
      { reaches: { internet: { port: 1, securityGroup: { id: 'sg-1' } } } },
      'give it another name',
    ],
    [
      'a neighbour with spaces',
      { reaches: { 'Orders DB': { port: 1, securityGroup: { id: 'sg-1' } } } },
      'give it another name',
    ],
    [
      'a neighbour without a port',
      { reaches: { db: { port: 0, securityGroup: { id: 'sg-1' } } } },
      'from 1 to 65535',
    ],
  ])('is refused with %s', (_, more, fix) => {
    expect(refusal('CUT-5400', () => service('api', more))).toContain(fix);
  });

  it.each(['a'.repeat(60), 'Api', 'api_v2', '2api', 'api-', 'api--v2', ''])('is refused as "%s"', (name) => {
    expect(refusal('CUT-5400', () => service(name))).toContain('must be small letters');
  });

  it('has names that AWS takes, as long as they may be, in the region with the longest name', async () => {
    const site = inRegion(someSite(), 'ap-southeast-2');
    service('a'.repeat(24), { site });
    const roles = (await allOf('iam/role:Role')).map(({ inputs }) => String(inputs['name']));
    expect(roles.length).toBeGreaterThan(1);
    expect(new Set(roles).size).toBe(roles.length);
    expect(roles.filter((name) => name.length > 64)).toEqual([]);
  });

  it('has a host and a path that a rule takes', () => {
    const front = balancer();
    const host = `${'a'.repeat(60)}.${'b'.repeat(60)}.example.com`;
    const serves = { balancer: front, hosts: [host], priority: 1 };
    expect(refusal('CUT-5400', () => service('api', { serves }))).toContain('a rule takes 128');
    const twice = { balancer: front, hosts: ['a.example.com', 'a.example.com'], priority: 1 };
    expect(refusal('CUT-5400', () => service('api', { serves: twice }))).toContain('a.example.com twice');
  });
});

describe('a container', () => {
  const problems = (more: object): string =>
    containerProblems({ image, port: 80, ...more })
      .filter(Boolean)
      .join('\n');

  it('writes into folders whose volumes have names of their own', () => {
    expect(problems({ writable: ['/tmp', '/var/.cache/nginx'] })).toBe('');
    expect(volumesOf({ image, writable: ['/var/.cache'] }, false)).toEqual([
      { name: 'var--cache', folder: '/var/.cache' },
    ]);
    expect(problems({ writable: ['/a/b', '/a-b'] })).toContain('would both be called a-b');
    expect(problems({ writable: ['/tmp', '/tmp'] })).toContain('/tmp twice');
    for (const folder of ['/', '/..', '/tmp/..', '/./x', 'tmp', '/tmp/'])
      expect(problems({ writable: [folder] }), folder).toContain('is no folder');
  });

  it('has settings that a task definition has room for', () => {
    const many = (count: number, size: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`SETTING_${index}`, 'x'.repeat(size)]));
    expect(problems({ environment: many(200, 100) })).toBe('');
    expect(problems({ environment: many(200, 400) })).toContain('a whole task definition may have 65536');
  });
});

describe('a database', () => {
  it('grows no further than RDS lets it', () => {
    const grown = (storageGb: number) => mostStorage({ size: { cpus: 2, memoryGb: 4, storageGb } });
    expect([20, 13_107, 20_000, 59_000, 65_536].map(grown)).toEqual([100, 65_535, 65_536, 65_536, undefined]);
  });

  it.each<[Partial<PostgresArgs>, string]>([
    [{ mostStorageGb: 70_000 }, 'up to 65536'],
    [{ mostStorageGb: 22.5 }, 'whole number'],
    [{ mostStorageGb: 21 }, 'a tenth more'],
    [{ database: 'template1' }, 'keeps for itself'],
    [{ database: '2orders' }, 'begin with a small letter'],
  ])('is refused with %j', (more, fix) => {
    expect(refusal('CUT-5400', () => database(more))).toContain(fix);
  });

  it('lets clients in whose names AWS takes', () => {
    const opened = database();
    expect(refusal('CUT-5400', () => opened.allow('API (blue)', { id: 'sg-1' }))).toContain('small letters');
  });
});

describe('names of the world', () => {
  const zone = (domain: string) => new DnsZone('trial', { site: someSite(), domain });

  it('may be of any language, as DNS has them', async () => {
    zone('xn--e1afmkfd.xn--p1ai');
    expect(await inputsOf('trial-zone')).toMatchObject({ name: 'xn--e1afmkfd.xn--p1ai' });
    expect(refusal('CUT-5400', () => zone('пример.рф'))).toContain('as xn--e1afmkfd.xn--p1ai');
    expect(refusal('CUT-5400', () => zone('Example.com'))).toContain('as api.coinestate.io');
  });

  it('prove a certificate each by a record of its own', async () => {
    const site = someSite();
    const io = new DnsZone('trial', { site, domain: 'example.com' });
    const alternatives = [
      '*.example.com',
      ...['a-b', 'a.b', 'c', 'd', 'e', 'f', 'g'].map((each) => `${each}.example.com`),
    ];
    new Certificate('trial', { site, zone: io, domain: 'example.com', alternatives });
    const records = await namesOf('route53/record:Record');
    expect(records).toHaveLength(8);
    expect(new Set(records).size).toBe(8);
    const domain = `${'a'.repeat(60)}.example.com`;
    expect(refusal('CUT-5400', () => new Certificate('trial', { site, zone: io, domain }))).toContain(
      'put a shorter one first',
    );
  });
});

it('takes tags that AWS takes', () => {
  expect(someSite({ tags: { 'Cost centre': 'R+D: 42/é' } }).tags['Cost centre']).toBe('R+D: 42/é');
  for (const tags of [{ 'aws:x': 'a' }, { a: 'b;c' }, { a: 'x'.repeat(257) }, { '': 'a' }] as const)
    expect(refusal('CUT-5400', () => someSite({ tags }))).toContain('a tag has a key of');
});
