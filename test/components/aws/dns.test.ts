import { beforeEach, describe, expect, it } from 'vitest';
import { Certificate } from '../../../components/aws/certificate.ts';
import { DnsRecord, type DnsRecordArgs } from '../../../components/aws/dns-record.ts';
import { DnsZone } from '../../../components/aws/dns-zone.ts';
import { domainProblem, isWithin, validationNames } from '../../../components/aws/domain-name.ts';
import { inRegion } from '../../../components/aws/site.ts';
import { allOf, describeWithoutCloud, inputsOf, namesOf, refusal, someSite, valueOf } from './described.ts';

beforeEach(describeWithoutCloud);

const someZone = () =>
  new DnsZone('coinestate', {
    site: someSite(),
    domain: 'coinestate.io',
    origin: { kind: 'found', id: 'Z0123456789ABC' },
  });

describe('a domain', () => {
  it.each(['coinestate.io', 'api.coinestate.io', '*.coinestate.io', '_dmarc.coinestate.io'])(
    '%s is one',
    (name) => {
      expect(domainProblem('domain', name)).toBeUndefined();
    },
  );
  it.each([
    '',
    'localhost',
    'API.coinestate.io',
    'api.*.io',
    'https://coinestate.io',
    `${'a'.repeat(64)}.io`,
  ])('"%s" is none', (name) => {
    expect(domainProblem('domain', name)).toMatch(/^domain: .* is no domain/);
  });
  it('lies in its zone only when a whole name does', () => {
    expect(isWithin('api.coinestate.io', 'coinestate.io')).toBe(true);
    expect(isWithin('notcoinestate.io', 'coinestate.io')).toBe(false);
  });
  it('is proved once together with its wildcard', () => {
    expect(validationNames(['coinestate.io', '*.coinestate.io', 'api.coinestate.io'])).toEqual([
      'coinestate.io',
      'api.coinestate.io',
    ]);
  });
});

describe('a zone', () => {
  it('that is found is not made', async () => {
    expect(await valueOf(someZone().id)).toBe('Z0123456789ABC');
    expect(await allOf('route53/zone:Zone')).toEqual([]);
  });

  it('of our own says which name servers the registrar must know, and has no region in its name', async () => {
    const zone = new DnsZone('coinestate', { site: someSite(), domain: 'coinestate.io' });
    expect(await valueOf(zone.nameServers)).toEqual(['ns-1.example']);
    expect(await inputsOf('coinestate-zone')).toMatchObject({ name: 'coinestate.io', forceDestroy: false });
  });

  it('is refused with a wrong id', () => {
    const origin = { kind: 'found', id: '/hostedzone/Z1' } as const;
    expect(
      refusal('CUT-5400', () => new DnsZone('zone', { site: someSite(), domain: 'x.io', origin })),
    ).toContain('is no id of a zone');
  });
});

describe('a certificate', () => {
  it('proves itself in its zone, with one record for a name and its wildcard', async () => {
    const certificate = new Certificate('coinestate', {
      site: someSite(),
      zone: someZone(),
      domain: 'coinestate.io',
      alternatives: ['*.coinestate.io'],
    });
    expect(await valueOf(certificate.arn)).toContain('coinestate-certificate-us-east-1');
    expect(await namesOf('route53/record:Record')).toEqual(['coinestate-proof-coinestate-io-us-east-1']);
    expect(await inputsOf('coinestate-proof-coinestate-io-us-east-1')).toMatchObject({
      zoneId: 'Z0123456789ABC',
      name: '_proof.coinestate.io',
      type: 'CNAME',
      records: ['_value.acm'],
    });
    expect(await inputsOf('coinestate-validation-us-east-1')).toMatchObject({
      validationRecordFqdns: ['coinestate-proof-coinestate-io-us-east-1.fqdn'],
    });
  });

  it('in a second region leaves the proof to the first, since it is the same record', async () => {
    const [site, zone] = [someSite(), someZone()];
    const first = new Certificate('api', { site, zone, domain: 'api.coinestate.io' });
    new Certificate('api', {
      site: inRegion(site, 'eu-west-1'),
      zone,
      domain: 'api.coinestate.io',
      provedBy: first,
    });
    expect(await inputsOf('api-certificate-eu-west-1')).toMatchObject({ region: 'eu-west-1' });
    expect(await namesOf('route53/record:Record')).toEqual(['api-proof-api-coinestate-io-us-east-1']);
    expect(await inputsOf('api-validation-eu-west-1')).toMatchObject({
      validationRecordFqdns: ['api-proof-api-coinestate-io-us-east-1.fqdn'],
    });
  });

  it('is refused for a name that its zone cannot prove, and for one twice', () => {
    const args = { site: someSite(), zone: someZone(), domain: 'api.godark.io' };
    expect(refusal('CUT-5400', () => new Certificate('api', args))).toContain(
      'is not in the zone coinestate.io',
    );
    const twice = { ...args, domain: 'coinestate.io', alternatives: ['coinestate.io'] };
    expect(refusal('CUT-5400', () => new Certificate('api', twice))).toContain('coinestate.io twice');
  });
});

describe('a record', () => {
  const balancer = { dnsName: 'balancer.elb', zoneId: 'ZELB' };
  const record = (more: Partial<DnsRecordArgs> = {}): DnsRecordArgs => ({
    site: someSite(),
    zone: someZone(),
    host: 'api.coinestate.io',
    target: { kind: 'alias', to: balancer },
    ...more,
  });

  it('fails over from a primary that is asked from outside every 30 seconds', async () => {
    new DnsRecord(
      'api-primary',
      record({ routing: { kind: 'failover', role: 'primary' }, health: { host: 'us-api.coinestate.io' } }),
    );
    expect(await inputsOf('api-primary-health')).toMatchObject({
      type: 'HTTPS',
      fqdn: 'us-api.coinestate.io',
      resourcePath: '/health',
      port: 443,
      requestInterval: 30,
      failureThreshold: 3,
      invertHealthcheck: false,
    });
    expect(await inputsOf('api-primary-record')).toMatchObject({
      name: 'api.coinestate.io',
      type: 'A',
      setIdentifier: 'api-primary',
      failoverRoutingPolicies: [{ type: 'PRIMARY' }],
      aliases: [{ name: 'balancer.elb', zoneId: 'ZELB', evaluateTargetHealth: true }],
      healthCheckId: 'api-primary-health-id',
    });
  });

  it('fails over by force when its check is inverted, not disabled', async () => {
    new DnsRecord('api', record({ health: { host: 'us-api.coinestate.io', inverted: true } }));
    const check = await inputsOf('api-health');
    expect(check).toMatchObject({ invertHealthcheck: true });
    expect(check).not.toHaveProperty('disabled');
  });

  it.each<[string, Partial<DnsRecordArgs>, string]>([
    [
      'a primary that nobody asks',
      { routing: { kind: 'failover', role: 'primary' } },
      'a primary without a health check never fails over',
    ],
    ['another zone', { host: 'api.godark.io' }, 'is not in the zone'],
    [
      'a CNAME at the apex',
      { host: 'coinestate.io', target: { kind: 'values', type: 'CNAME', values: ['x.io'] } },
      'use an alias',
    ],
    ['no values', { target: { kind: 'values', type: 'TXT', values: [] } }, 'give one at least'],
    [
      'a weight of 256',
      { routing: { kind: 'weighted', weight: 256 } },
      '256 is not a whole number from 0 to 255',
    ],
    [
      'a check of the name that moves',
      { routing: { kind: 'latency', region: 'us-east-1' }, health: { host: 'api.coinestate.io' } },
      'ask a host that always leads here',
    ],
    ['eleven failures', { health: { host: 'us.coinestate.io', failures: 11 } }, 'from 1 to 10'],
  ])('is refused with %s', async (_, wrong, message) => {
    expect(refusal('CUT-5400', () => new DnsRecord('api', record(wrong)))).toContain(message);
    expect(await allOf('route53/record:Record')).toEqual([]);
  });
});
