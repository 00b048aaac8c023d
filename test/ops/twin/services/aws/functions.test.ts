import { describe, expect, it } from 'vitest';
import type { Values } from '../../../../../ops/twin/kind.ts';
import { functions } from '../../../../../ops/twin/services/aws/functions.ts';
import { regions, zoneId, zonesOf } from '../../../../../ops/twin/services/aws/regions.ts';
import { fakeCloud, here, type FakeThing } from '../fake-cloud.ts';

const call = (token: string, inputs: Values = {}, things: readonly FakeThing[] = [], region = here.region) =>
  functions[token]?.(inputs, { ...here, region }, fakeCloud(things));

describe('functions of AWS', () => {
  it('tell who asks, and where', () => {
    expect(call('aws:index/getCallerIdentity:getCallerIdentity')).toMatchObject({ accountId: here.account });
    expect(call('aws:index/getRegion:getRegion', {}, [], 'eu-west-1')).toMatchObject({
      name: 'eu-west-1',
      endpoint: 'ec2.eu-west-1.amazonaws.com',
    });
    expect(call('aws:index/getPartition:getPartition')).toMatchObject({ partition: 'aws' });
  });

  it('tell the zones of a region, without those that are not wanted', () => {
    const zones = (inputs: Values, region?: string) =>
      call('aws:index/getAvailabilityZones:getAvailabilityZones', inputs, [], region)?.['names'];
    expect(zones({ state: 'available' }, 'ap-southeast-1')).toEqual([
      'ap-southeast-1a',
      'ap-southeast-1b',
      'ap-southeast-1c',
    ]);
    expect(zones({ excludeNames: ['eu-west-1a'], excludeZoneIds: ['euw1-az3'] }, 'eu-west-1')).toEqual([
      'eu-west-1b',
    ]);
    expect(zones({ state: 'unavailable' })).toEqual([]);
    expect(() => zones({}, 'us-middle-1')).toThrow('no region us-middle-1');
  });

  it('find lists of addresses by name', () => {
    const name = 'com.amazonaws.us-east-1.s3';
    expect(call('aws:ec2/getPrefixList:getPrefixList', { name })).toMatchObject({ id: 'pl-63a5400a', name });
    expect(call('aws:ec2/getManagedPrefixList:getManagedPrefixList', { name })).toMatchObject({
      ownerId: 'AWS',
    });
    expect(() => call('aws:ec2/getPrefixList:getPrefixList', { name: 'mine' })).toThrow(
      'no matching prefix list',
    );
  });

  it('find the one zone of a name', () => {
    const zone = (id: string, inputs: Values = {}): FakeThing => ({
      type: 'aws:route53/zone:Zone',
      id,
      region: 'global',
      inputs: { name: 'example.com', ...inputs },
      outputs: { nameServers: ['ns-1.example'] },
    });
    const inside = zone('Z2', { vpcs: [{ vpcId: 'vpc-1' }] });
    const find = (inputs: Values, ...things: FakeThing[]) =>
      call('aws:route53/getZone:getZone', inputs, things);
    expect(find({ name: 'example.com.' }, zone('Z1'), inside)).toMatchObject({
      zoneId: 'Z1',
      privateZone: false,
    });
    expect(find({ name: 'example.com', privateZone: true }, zone('Z1'), inside)).toMatchObject({
      zoneId: 'Z2',
    });
    expect(() => find({ name: 'example.org' }, zone('Z1'))).toThrow('no matching Route 53 Hosted Zone found');
    expect(() => find({ name: 'example.com' }, zone('Z1'), zone('Z3'))).toThrow(
      'multiple Route 53 Hosted Zones',
    );
  });

  it('know the accounts and zones that load balancers have in a region', () => {
    expect(call('aws:elb/getServiceAccount:getServiceAccount', {}, [], 'eu-west-1')).toMatchObject({
      id: '156460612806',
    });
    expect(call('aws:lb/getHostedZoneId:getHostedZoneId', {}, [], 'ap-southeast-1')).toMatchObject({
      id: 'Z1LMS91P8CMLE5',
    });
  });
});

describe('regions', () => {
  it.each(regions.map((region) => [region.name, region] as const))('%s is told in full', (name, region) => {
    expect(zonesOf(name).length).toBeGreaterThanOrEqual(2);
    expect(zoneId(name, zonesOf(name)[0] ?? '')).toBe(`${region.code}-az1`);
    expect(region.applicationZoneId).toMatch(/^Z[A-Z0-9]{12,13}$/);
    expect(region.networkZoneId).toMatch(/^Z[A-Z0-9]{11,13}$/);
    expect(region.loadBalancerAccount).toMatch(/^\d{12}$/);
    expect(region.s3PrefixListId).toMatch(/^pl-[0-9a-f]{8}$/);
    expect(region.description).toContain('(');
  });
});
