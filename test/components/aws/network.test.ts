import { beforeEach, describe, expect, it } from 'vitest';
import { Network, type NetworkArgs } from '../../../components/aws/network.ts';
import { inRegion } from '../../../components/aws/site.ts';
import {
  allOf,
  describeWithoutCloud,
  everything,
  inputsOf,
  namesOf,
  refusal,
  someSite,
  valueOf,
} from './described.ts';

beforeEach(describeWithoutCloud);

const logKey = { arn: 'arn:aws:kms:us-east-1:123456789012:key/1' };
const network = (more: Partial<NetworkArgs> = {}): Network =>
  new Network('coinestate', { site: someSite(), cidr: '10.20.0.0/16', zones: 3, logKey, ...more });

describe('a network', () => {
  it('has a public, a private and a data subnet in each zone, none of which gives out public addresses', async () => {
    const { subnets } = network();
    expect([subnets.public.length, subnets.private.length, subnets.data.length]).toEqual([3, 3, 3]);
    const made = await allOf('ec2/subnet:Subnet');
    expect(made.map(({ name }) => name)).toContain('coinestate-data-c-us-east-1');
    expect(made.every(({ inputs }) => inputs['mapPublicIpOnLaunch'] === false)).toBe(true);
    expect(await inputsOf('coinestate-private-b-us-east-1')).toMatchObject({
      cidrBlock: '10.20.32.0/20',
      availabilityZone: 'us-east-1b',
      tags: {
        Name: 'coinestate-private-b',
        System: 'coinestate',
        Environment: 'staging',
        ManagedBy: 'cutover',
      },
    });
  });

  it('lets data have no way to the internet', async () => {
    network();
    const routes = await allOf('ec2/route:Route');
    expect(routes.map(({ name }) => name).sort()).toEqual([
      'coinestate-private-a-internet-us-east-1',
      'coinestate-private-b-internet-us-east-1',
      'coinestate-private-c-internet-us-east-1',
      'coinestate-public-internet-us-east-1',
    ]);
    const dataTable = 'coinestate-data-routes-us-east-1-id';
    expect(routes.some(({ inputs }) => inputs['routeTableId'] === dataTable)).toBe(false);
    expect(await inputsOf('coinestate-data-b-association-us-east-1')).toMatchObject({
      routeTableId: dataTable,
    });
  });

  it.each([
    ['staging', undefined, ['a']],
    ['prod', undefined, ['a', 'b', 'c']],
    ['prod', 'one', ['a']],
    ['prod', 'none', []],
  ] as const)('in %s with nat %s leaves through gateways in zones %j', async (environment, nat, letters) => {
    const made = network({ site: someSite({ environment }), ...(nat === undefined ? {} : { nat }) });
    expect(await namesOf('ec2/natGateway:NatGateway')).toEqual(
      letters.map((letter) => `coinestate-nat-${letter}-us-east-1`),
    );
    expect(made.publicAddresses).toHaveLength(letters.length);
    const through = (await allOf('ec2/route:Route')).flatMap(({ inputs }) => inputs['natGatewayId'] ?? []);
    expect(new Set(through)).toEqual(
      new Set(letters.map((letter) => `coinestate-nat-${letter}-us-east-1-id`)),
    );
  });

  it('takes all rules from the default security group', async () => {
    network();
    expect(await inputsOf('coinestate-default-security-group-us-east-1')).toMatchObject({
      ingress: [],
      egress: [],
    });
  });

  it('reaches AWS inside: S3 by its routes, the rest from its own addresses only', async () => {
    network();
    expect((await allOf('ec2/vpcEndpoint:VpcEndpoint')).map(({ inputs }) => inputs['serviceName'])).toEqual(
      ['s3', 'ecr.api', 'ecr.dkr', 'logs', 'ssm', 'secretsmanager', 'kms'].map(
        (service) => `com.amazonaws.us-east-1.${service}`,
      ),
    );
    expect(await inputsOf('coinestate-s3-us-east-1')).toMatchObject({
      vpcEndpointType: 'Gateway',
      routeTableIds: [
        'coinestate-private-a-routes-us-east-1-id',
        'coinestate-private-b-routes-us-east-1-id',
        'coinestate-private-c-routes-us-east-1-id',
        'coinestate-data-routes-us-east-1-id',
      ],
    });
    const ingress = await allOf('vpc/securityGroupIngressRule:SecurityGroupIngressRule');
    expect(ingress.map(({ inputs }) => [inputs['cidrIpv4'], inputs['fromPort'], inputs['toPort']])).toEqual([
      ['10.20.0.0/16', 443, 443],
    ]);
  });

  it('has the endpoint of shells only with the flag, and none at all when none is wanted', async () => {
    network({ exec: true, endpoints: ['logs'] });
    expect(await inputsOf('coinestate-ssmmessages-us-east-1')).toMatchObject({ privateDnsEnabled: true });
    await describeWithoutCloud();
    network({ endpoints: [] });
    expect(await namesOf('ec2/vpcEndpoint:VpcEndpoint')).toEqual(['coinestate-s3-us-east-1']);
    expect(await namesOf('ec2/securityGroup:SecurityGroup')).toEqual([]);
  });

  it.each([
    ['staging', 30],
    ['prod', 365],
  ] as const)('logs every connection in %s for %d days, encrypted', async (environment, days) => {
    network({ site: someSite({ environment }) });
    expect(await inputsOf('coinestate-flow-logs-us-east-1')).toMatchObject({
      kmsKeyId: logKey.arn,
      retentionInDays: days,
    });
    const flowLog = await inputsOf('coinestate-flow-log-us-east-1');
    expect(flowLog).toMatchObject({ trafficType: 'ALL', logDestinationType: 'cloud-watch-logs' });
    const [policy] = await allOf('iam/rolePolicy:RolePolicy');
    const [statement] = (
      JSON.parse(String(policy?.inputs['policy'])) as { Statement: { Resource: string[] }[] }
    ).Statement;
    expect(statement?.Resource).toEqual([
      flowLog['logDestination'],
      `${String(flowLog['logDestination'])}:*`,
    ]);
  });

  it('keeps the subnets of two regions apart by name', async () => {
    const site = someSite();
    network({ site });
    network({ site: inRegion(site, 'eu-west-1'), cidr: '10.21.0.0/16' });
    expect(await namesOf('ec2/vpc:Vpc')).toEqual(['coinestate-vpc-eu-west-1', 'coinestate-vpc-us-east-1']);
    expect(await inputsOf('coinestate-data-a-eu-west-1')).toMatchObject({
      region: 'eu-west-1',
      availabilityZone: 'eu-west-1a',
    });
  });

  it('says its region, its tags and its provider on everything that has them', async () => {
    network({ exec: true });
    const untagged = ['Route', 'RouteTableAssociation', 'RolePolicy'];
    for (const { type, name, inputs, provider } of await everything()) {
      if (!type.startsWith('aws:iam/')) expect(inputs['region'], name).toBe('us-east-1');
      if (!untagged.some((each) => type.endsWith(`:${each}`)))
        expect(inputs['tags'], name).toMatchObject({ System: 'coinestate', ManagedBy: 'cutover' });
      expect(provider, name).toContain('pulumi:providers:aws::account');
    }
  });

  it('lets each kind of child be changed, but not moved to another parent', async () => {
    const parts: string[] = [];
    const made = network({
      transform: {
        subnet: (args, opts, part) => {
          parts.push(part);
          return [{ ...args, enableDns64: part === 'public-a' }, opts];
        },
        vpc: (args, { parent: _, ...opts }) => [{ ...args, enableNetworkAddressUsageMetrics: true }, opts],
      },
    });
    expect(parts.slice(0, 3)).toEqual(['private-a', 'public-a', 'data-a']);
    expect(await inputsOf('coinestate-public-a-us-east-1')).toMatchObject({ enableDns64: true });
    expect(await inputsOf('coinestate-vpc-us-east-1')).toMatchObject({
      enableNetworkAddressUsageMetrics: true,
    });
    expect(await valueOf(made.vpc.urn)).toContain('cutover:aws:Network$aws:ec2/vpc:Vpc');
  });

  it('hands on what it waits for, and protects nothing that is cheap to make again', async () => {
    const first = network();
    const seen: unknown[] = [];
    new Network(
      'second',
      {
        site: someSite({ environment: 'prod' }),
        cidr: '10.22.0.0/16',
        logKey,
        transform: {
          vpc: (args, opts) => {
            seen.push(opts.dependsOn, opts.protect);
            return [args, opts];
          },
        },
      },
      { dependsOn: [first] },
    );
    expect(seen).toEqual([[first], undefined]);
    await everything();
  });

  it.each([
    ['Coin Estate', 'must be small letters'],
    ['coinestate-with-a-very-long-name-indeed', 'at most 27'],
  ])('named "%s" is refused before anything is there', async (name, message) => {
    const args = { site: someSite(), cidr: '10.20.0.0/16', logKey };
    expect(refusal('CUT-5400', () => new Network(name, args))).toContain(message);
    expect(await everything()).toEqual([]);
  });

  it('whose addresses cannot be divided is refused before anything is there', async () => {
    expect(refusal('CUT-5401', () => network({ cidr: '10.20.0.0/24' }))).toContain('fix: Give it at least');
    expect(await everything()).toEqual([]);
  });
});

describe('a site', () => {
  it.each([
    [{ account: '12345' }, 'account: "12345" is no account'],
    [{ region: 'Virginia' }, 'region: "Virginia" is no region'],
    [{ tags: { System: 'other' } }, 'tags.System: every site sets it itself'],
  ])('with %j is refused', (wrong, message) => {
    expect(refusal('CUT-5400', () => someSite(wrong))).toContain(message);
  });

  it('keeps data in prod, unless it is said otherwise', () => {
    expect(
      [someSite(), someSite({ environment: 'prod' }), someSite({ keeps: true })].map(({ keeps }) => keeps),
    ).toEqual([false, true, true]);
  });
});
