import { describe, expect, it } from 'vitest';
import type { Values } from '../../../../../ops/twin/kind.ts';
import { healthCheckKinds } from '../../../../../ops/twin/services/aws/route53-health.ts';
import { route53RecordKinds } from '../../../../../ops/twin/services/aws/route53-record.ts';
import { route53Kinds } from '../../../../../ops/twin/services/aws/route53.ts';
import { ask, fakeCloud, kindOf, made, said, thing, type FakeThing } from '../fake-cloud.ts';

const zone = kindOf(route53Kinds, 'aws:route53/zone:Zone');
const healthCheck = kindOf(healthCheckKinds, 'aws:route53/healthCheck:HealthCheck');
const record = kindOf(route53RecordKinds, 'aws:route53/record:Record');
const place = { account: '123456789012', region: 'global' };

const theZone: FakeThing = { type: zone.type, id: 'Z1', ...place, inputs: { name: 'example.com' } };
const inputs = { zoneId: 'Z1', name: 'www', type: 'A', ttl: 60, records: ['192.0.2.1'] };
const recordThing = (given: Values): FakeThing => ({
  type: record.type,
  id: `Z1_${JSON.stringify(given['name'])}_${JSON.stringify(given['setIdentifier'])}`,
  ...place,
  inputs: { ...inputs, ...given },
});
const judged = (given: Values, ...things: FakeThing[]) =>
  said(record, ask({ ...inputs, ...given }, { place, things: [theZone, ...things] }));

describe('a hosted zone', () => {
  it('gets four name servers', () => {
    const { id, outputs } = made(zone, ask({ name: 'Example.com.' }, { place }));
    expect(id).toMatch(/^Z[A-Z0-9]{20}$/);
    expect(outputs).toMatchObject({
      name: 'example.com',
      zoneId: id,
      arn: `arn:aws:route53:::hostedzone/${id}`,
    });
    expect(outputs['nameServers']).toHaveLength(4);
  });

  it('must have the name of a domain', () => {
    expect(said(zone, ask({ name: 'exa mple.com' }, { place }))[0]).toMatch(/^InvalidDomainName/);
  });

  it('of a VPC is the only one of its name there', () => {
    const vpcs = [{ vpcId: 'vpc-1', vpcRegion: 'us-east-1' }];
    const there = { ...theZone, inputs: { name: 'example.com', vpcs } };
    expect(said(zone, ask({ name: 'example.com', vpcs }, { place, things: [there] }))).toEqual([
      'ConflictingDomainExists: The VPC vpc-1 in region us-east-1 has already been associated with the hosted zone Z1 with the same domain name.',
    ]);
    expect(said(zone, ask({ name: 'example.org', vpcs }, { place, things: [there] }))).toEqual([]);
  });

  it('stays while it has records, unless it is told to go', () => {
    const cloud = fakeCloud([recordThing({})]);
    expect(zone.holds?.(thing(theZone), cloud)?.code).toBe('HostedZoneNotEmpty');
    expect(zone.holds?.(thing({ ...theZone, inputs: { forceDestroy: true } }), cloud)).toBeUndefined();
    expect(zone.holds?.(thing(theZone), fakeCloud())).toBeUndefined();
  });
});

describe('a record', () => {
  it.each(['www', 'www.example.com', 'WWW.example.com.'])('called %s gets its whole name', (name) => {
    expect(judged({ name })).toEqual([]);
    const { outputs } = made(record, ask({ ...inputs, name }, { place, things: [theZone] }));
    expect(outputs['fqdn']).toBe('www.example.com');
  });

  it.each<[Values, string]>([
    [
      { name: 'otherexample.com' },
      'InvalidChangeBatch: [RRSet with DNS name otherexample.com. is not permitted in zone example.com.]',
    ],
    [
      { name: '', type: 'CNAME', records: ['example.org'] },
      'InvalidChangeBatch: [RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.]',
    ],
    [
      { records: ['example.org'] },
      "InvalidChangeBatch: [Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with 'example.org'']",
    ],
    [{ ttl: null }, 'InvalidInput: all of `records,ttl` must be specified'],
    [{ records: null, ttl: null }, 'InvalidInput: one of `alias,records` must be specified'],
    [
      { aliases: [{ name: 'x', zoneId: 'Z2' }] },
      'InvalidInput: only one of `alias,records` can be specified, but `alias,records` were specified.',
    ],
    [
      { weightedRoutingPolicies: [{ weight: 10 }] },
      'InvalidInput: "weighted_routing_policy": all of `set_identifier,weighted_routing_policy` must be specified',
    ],
    [
      { setIdentifier: 'blue' },
      'InvalidInput: Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, GeoProximityLocation, or CidrRoutingConfig], but found none in Change with [Action=CREATE, Name=www., Type=A, SetIdentifier=blue]',
    ],
    [
      { setIdentifier: 'one', failoverRoutingPolicies: [{ type: 'PRIMARY' }] },
      'InvalidChangeBatch: [A non-alias primary ResourceRecordSet must have an associated health check]',
    ],
  ])('refuses %j', (given, message) => {
    expect(judged(given)).toEqual([message]);
  });

  it('stands once', () => {
    expect(judged({}, recordThing({}))).toEqual([
      "InvalidChangeBatch: [Tried to create resource record set [name='www.example.com.', type='A'] but it already exists]",
    ]);
    expect(judged({ allowOverwrite: true }, recordThing({}))).toEqual([]);
    expect(judged({ type: 'AAAA', records: ['2001:db8::1'] }, recordThing({}))).toEqual([]);
    const there = recordThing({});
    const again = ask(inputs, { place, things: [theZone, there], before: there });
    expect(said(record, again)).toEqual([]);
  });

  it('of type CNAME stands alone', () => {
    const cname = { type: 'CNAME', records: ['example.org'] };
    expect(judged(cname, recordThing({}))).toEqual([
      'InvalidChangeBatch: [RRSet of type CNAME with DNS name www.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.]',
    ]);
    expect(judged({}, recordThing(cname))).toEqual([
      'InvalidChangeBatch: [RRSet of type A with DNS name www.example.com. is not permitted because a conflicting RRSet of type  CNAME with the same DNS name already exists in zone example.com.]',
    ]);
  });

  it('goes with others of its name that follow the same policy', () => {
    const weighted = (setIdentifier: string) => ({ setIdentifier, weightedRoutingPolicies: [{ weight: 1 }] });
    expect(judged(weighted('blue'), recordThing(weighted('green')))).toEqual([]);
    expect(judged(weighted('blue'), recordThing({}))).toEqual([
      'InvalidChangeBatch: [RRSet with DNS name www.example.com., type A, SetIdentifier blue cannot be created as other RRSets exist with the same name and type.]',
    ]);
    expect(judged(weighted('blue'), recordThing(weighted('blue')))).toEqual([
      "InvalidChangeBatch: [Tried to create resource record set [name='www.example.com.', type='A', set-identifier='blue'] but it already exists]",
    ]);
  });

  it('that is an alias leads to a load balancer, by the zone of its region', () => {
    const name = 'api-1234567890.us-east-1.elb.amazonaws.com';
    const balancer: FakeThing = {
      type: 'aws:lb/loadBalancer:LoadBalancer',
      id: 'arn',
      outputs: { dnsName: name, zoneId: 'Z35SXDOTRQ7X7K' },
    };
    const alias = (zoneId: string) => ({
      ttl: null,
      records: null,
      aliases: [{ name, zoneId, evaluateTargetHealth: true }],
    });
    expect(judged(alias('Z35SXDOTRQ7X7K'), balancer)).toEqual([]);
    expect(judged(alias('Z1H1FL5HABSF5'), balancer)).toEqual([
      `InvalidChangeBatch: [Tried to create an alias that targets ${name}., type A in zone Z1H1FL5HABSF5, but the alias target name does not lie within the target zone]`,
    ]);
    expect(judged(alias('Z35SXDOTRQ7X7K'))).toEqual([
      `InvalidChangeBatch: [Tried to create an alias that targets ${name}., type A in zone Z35SXDOTRQ7X7K, but that target was not found]`,
    ]);
  });
});

describe('a health check', () => {
  const basic = {
    type: 'HTTPS',
    fqdn: 'api.example.com',
    resourcePath: '/health',
    requestInterval: 30,
    failureThreshold: 3,
  };

  it('is taken, and gets the port of its protocol', () => {
    expect(said(healthCheck, ask(basic, { place }))).toEqual([]);
    expect(made(healthCheck, ask(basic, { place })).outputs).toMatchObject({ port: 443, enableSni: true });
  });

  it.each<[Values, string]>([
    [{ requestInterval: 20 }, 'Request interval must be 10 or 30 seconds, but was 20'],
    [{ failureThreshold: 11 }, 'Failure threshold must be between 1 and 10, but was 11'],
    [{ fqdn: null }, 'Basic health checks must have an IP address or a fully qualified domain name.'],
    [{ type: 'HTTP_STR_MATCH' }, 'SearchString must be specified for type HTTP_STR_MATCH'],
    [{ cloudwatchAlarmRegion: 'us-east-1' }, 'Basic health checks must not have an metric region specified.'],
    [{ ipAddress: '10.0.0.1' }, 'IP address 10.0.0.1 is private or reserved'],
    [{ regions: ['us-east-1', 'eu-west-1'] }, 'At least three regions must be specified'],
    [{ type: 'CALCULATED' }, 'Calculated health checks must have child health checks.'],
  ])('refuses %j', (change, message) => {
    expect(said(healthCheck, ask({ ...basic, ...change }, { place }))).toEqual([
      `InvalidInput: Invalid parameter : ${message}`,
    ]);
  });

  it('of an alarm needs the alarm in its own region', () => {
    const metric = {
      type: 'CLOUDWATCH_METRIC',
      cloudwatchAlarmName: 'api',
      cloudwatchAlarmRegion: 'us-east-1',
    };
    const alarm = (region: string) => ({
      type: 'aws:cloudwatch/metricAlarm:MetricAlarm',
      id: 'api',
      region,
      inputs: { name: 'api' },
    });
    expect(said(healthCheck, ask(metric, { place, things: [alarm('us-east-1')] }))).toEqual([]);
    expect(said(healthCheck, ask(metric, { place, things: [alarm('eu-west-1')] }))[0]).toContain(
      'does not exist in region us-east-1',
    );
  });
});
