import { describe, expect, it } from 'vitest';
import { ec2SecurityGroupKinds } from '../../../../../ops/twin/services/aws/ec2-security-groups.ts';
import { vpcKinds } from '../../../../../ops/twin/services/aws/vpc.ts';
import { ask, kindOf, made, said } from '../fake-cloud.ts';

const group = kindOf(ec2SecurityGroupKinds, 'aws:ec2/securityGroup:SecurityGroup');
const defaultGroup = kindOf(ec2SecurityGroupKinds, 'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup');
const ingressType = 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule';
const ingress = kindOf(vpcKinds, ingressType);

const https = {
  securityGroupId: 'sg-1',
  ipProtocol: 'tcp',
  fromPort: 443,
  toPort: 443,
  cidrIpv4: '0.0.0.0/0',
};

describe('a security group', () => {
  const there = {
    type: 'aws:ec2/securityGroup:SecurityGroup',
    id: 'sg-9',
    inputs: { name: 'api', vpcId: 'vpc-1' },
  };

  it('has a name of its own in its VPC', () => {
    expect(said(group, ask({ name: 'api', vpcId: 'vpc-1' }, { things: [there] }))).toEqual([
      "InvalidGroup.Duplicate: The security group 'api' already exists for VPC 'vpc-1'",
    ]);
    expect(said(group, ask({ name: 'api', vpcId: 'vpc-2' }, { things: [there] }))).toEqual([]);
    expect(said(group, ask({ name: 'api', vpcId: 'vpc-1' }, { things: [there], before: there }))).toEqual([]);
  });

  it('is not called as ids are, and is described in plain letters', () => {
    expect(said(group, ask({ name: 'sg-api' }))).toEqual([
      'InvalidParameterValue: Value (sg-api) for parameter GroupName is invalid. Group names may not be in the format sg-*.',
    ]);
    expect(said(group, ask({ name: 'api', description: 'API’s group' }))[0]).toContain(
      'Character sets beyond ASCII are not supported.',
    );
  });

  it('says a rule of its own once', () => {
    const rule = { protocol: 'tcp', fromPort: 443, toPort: 443, cidrBlocks: ['10.0.0.0/8'] };
    expect(said(group, ask({ name: 'api', ingress: [rule] }))).toEqual([]);
    expect(said(group, ask({ name: 'api', ingress: [rule, { ...rule, description: 'again' }] }))).toEqual([
      'InvalidParameterValue: The same permission must not appear multiple times',
    ]);
  });

  it('of a VPC’s own is the one that the VPC came with', () => {
    const vpc = { type: 'aws:ec2/vpc:Vpc', id: 'vpc-1', outputs: { defaultSecurityGroupId: 'sg-42' } };
    expect(made(defaultGroup, ask({ vpcId: 'vpc-1' }, { things: [vpc] })).id).toBe('sg-42');
  });
});

describe('a rule', () => {
  it('is taken with one source and its ports', () => {
    expect(said(ingress, ask(https))).toEqual([]);
    expect(said(ingress, ask({ securityGroupId: 'sg-1', ipProtocol: '-1', cidrIpv4: '10.0.0.0/8' }))).toEqual(
      [],
    );
  });

  it('has exactly one source', () => {
    const message =
      'InvalidAttributeCombination: Exactly one of these attributes must be configured: [cidr_ipv4,cidr_ipv6,prefix_list_id,referenced_security_group_id]';
    expect(said(ingress, ask({ ...https, referencedSecurityGroupId: 'sg-2' }))).toEqual([message]);
    expect(said(ingress, ask({ ...https, cidrIpv4: null }))).toEqual([message]);
    const later = ask({ ...https, cidrIpv4: null }, { unknown: ['referencedSecurityGroupId'] });
    expect(said(ingress, later)).toEqual([]);
  });

  it.each([
    [{ fromPort: -1 }, 'TCP/UDP (from) port (-1) out of range'],
    [{ toPort: 65_536 }, 'TCP/UDP (to) port (65536) out of range'],
    [{ fromPort: 444 }, 'Invalid TCP/UDP port range (444:443)'],
    [{ ipProtocol: 'tpc' }, "Invalid value 'tpc' for IP protocol. Unknown protocol."],
    [{ ipProtocol: '256' }, "Invalid value '256' for IP protocol. Unknown protocol."],
    [{ ipProtocol: 'icmp', fromPort: 256 }, 'ICMP type (256) out of range'],
    [{ toPort: null }, 'Invalid value for portRange. Must specify both from and to ports with TCP/UDP.'],
    [{ cidrIpv4: '10.0.0.0/33' }, 'CIDR block 10.0.0.0/33 is malformed'],
    [{ cidrIpv4: null, cidrIpv6: '::/129' }, 'CIDR block ::/129 is malformed'],
  ])('refuses %j', (change, message) => {
    expect(said(ingress, ask({ ...https, ...change }))).toEqual([`InvalidParameterValue: ${message}`]);
  });

  it('stands once in a group, however its protocol is written', () => {
    const there = { type: ingressType, id: 'sgr-1', inputs: { ...https, ipProtocol: '6' } };
    const message =
      'InvalidPermission.Duplicate: the specified rule "peer: 0.0.0.0/0, TCP, from port: 443, to port: 443, ALLOW" already exists';
    expect(said(ingress, ask(https, { things: [there] }))).toEqual([message]);
    expect(said(ingress, ask({ ...https, toPort: 444 }, { things: [there] }))).toEqual([]);
    expect(said(ingress, ask({ ...https, securityGroupId: 'sg-2' }, { things: [there] }))).toEqual([]);
    expect(said(ingress, ask(https, { things: [there], before: there }))).toEqual([]);
  });

  it('is one of sixty at most', () => {
    const things = Array.from({ length: 60 }, (_, index) => ({
      type: ingressType,
      id: `sgr-${index}`,
      inputs: { ...https, fromPort: index + 1 },
    }));
    expect(said(ingress, ask({ ...https, toPort: 500 }, { things }))).toEqual([
      'RulesPerSecurityGroupLimitExceeded: The maximum number of rules per security group has been reached.',
    ]);
    expect(said(ingress, ask({ ...https, toPort: 500 }, { things: things.slice(1) }))).toEqual([]);
  });
});
