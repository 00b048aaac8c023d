import { describe, expect, it } from 'vitest';
import type { HeldMap } from '../../../../../ops/twin/held.ts';
import { loadPart } from '../../../../../ops/twin/providers.ts';
import { named, toy } from '../../toy-cloud.ts';

const part = await loadPart('aws');

/** A network with a load balancer that serves a domain, made through the twin's core as the engine would. */
async function makeSite() {
  const { provider, make, cloud } = toy({}, { part });
  const made: { type: string; name: string; id: string; properties: HeldMap }[] = [];
  const add = async (type: string, name: string, args: HeldMap): Promise<HeldMap> => {
    const { id, properties } = await make(type, name, args);
    made.push({ type, name, id, properties });
    return { ...properties, id };
  };
  const vpc = await add('aws:ec2/vpc:Vpc', 'net', { cidrBlock: '10.0.0.0/16', enableDnsHostnames: true });
  const gateway = await add('aws:ec2/internetGateway:InternetGateway', 'net-igw', { vpcId: vpc['id'] ?? '' });
  const subnets: HeldMap[] = [];
  for (const [index, zone] of ['us-east-1a', 'us-east-1b'].entries()) {
    const args = { vpcId: vpc['id'] ?? '', cidrBlock: `10.0.${index}.0/24`, availabilityZone: zone };
    subnets.push(await add('aws:ec2/subnet:Subnet', `net-public-${index}`, args));
  }
  const [first, second] = subnets.map((subnet) => subnet['id'] ?? '');
  const table = await add('aws:ec2/routeTable:RouteTable', 'net-public', { vpcId: vpc['id'] ?? '' });
  await add('aws:ec2/route:Route', 'net-default', {
    ...{ routeTableId: table['id'] ?? '', destinationCidrBlock: '0.0.0.0/0', gatewayId: gateway['id'] ?? '' },
  });
  await add('aws:ec2/routeTableAssociation:RouteTableAssociation', 'net-a', {
    ...{ routeTableId: table['id'] ?? '', subnetId: first ?? '' },
  });
  const address = await add('aws:ec2/eip:Eip', 'net-nat', { domain: 'vpc' });
  await add('aws:ec2/natGateway:NatGateway', 'net-nat', {
    ...{ subnetId: first ?? '', allocationId: address['id'] ?? '' },
  });
  const group = await add('aws:ec2/securityGroup:SecurityGroup', 'lb', { vpcId: vpc['id'] ?? '' });
  await add('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'lb-https', {
    ...{ securityGroupId: group['id'] ?? '', ipProtocol: 'tcp', fromPort: 443, toPort: 443 },
    cidrIpv4: '0.0.0.0/0',
  });
  const zone = await add('aws:route53/zone:Zone', 'zone', { name: 'example.com' });
  const certificate = await add('aws:acm/certificate:Certificate', 'cert', {
    ...{ domainName: 'api.example.com', validationMethod: 'DNS' },
  });
  const [option] = certificate['domainValidationOptions'] as HeldMap[];
  const proof = await add('aws:route53/record:Record', 'cert-proof', {
    ...{ zoneId: zone['id'] ?? '', name: option?.['resourceRecordName'] ?? '', ttl: 60 },
    ...{ type: option?.['resourceRecordType'] ?? '', records: [option?.['resourceRecordValue'] ?? ''] },
  });
  await add('aws:acm/certificateValidation:CertificateValidation', 'cert-valid', {
    ...{ certificateArn: certificate['arn'] ?? '', validationRecordFqdns: [proof['fqdn'] ?? ''] },
  });
  const balancer = await add('aws:lb/loadBalancer:LoadBalancer', 'api', {
    ...{ subnets: [first ?? '', second ?? ''], securityGroups: [group['id'] ?? ''] },
  });
  const targets = await add('aws:lb/targetGroup:TargetGroup', 'api', {
    ...{ vpcId: vpc['id'] ?? '', port: 3000, protocol: 'HTTP', targetType: 'ip' },
  });
  await add('aws:lb/listener:Listener', 'api-https', {
    ...{ loadBalancerArn: balancer['arn'] ?? '', port: 443, protocol: 'HTTPS' },
    ...{ certificateArn: certificate['arn'] ?? '', sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' },
    defaultActions: [{ type: 'forward', targetGroupArn: targets['arn'] ?? '' }],
  });
  await add('aws:route53/record:Record', 'api', {
    ...{ zoneId: zone['id'] ?? '', name: 'api', type: 'A' },
    aliases: [
      { name: balancer['dnsName'] ?? '', zoneId: balancer['zoneId'] ?? '', evaluateTargetHealth: true },
    ],
  });
  const remove = ({ type, name, id, properties }: (typeof made)[number]) =>
    provider.delete({ ...named(type, name), id, olds: properties, timeoutSeconds: 0 });
  return { made, make, remove, cloud, vpc, subnets, targets };
}

describe('a network with a load balancer', () => {
  it('comes up in the order in which its parts need each other, and goes in the reverse', async () => {
    const { made, remove, cloud } = await makeSite();
    const types = [...new Set(made.map(({ type }) => type))];
    const left = () => types.flatMap((type) => cloud.view().all(type, { account: '111111111111' })).length;
    expect(left()).toBe(made.length);
    for (const each of made.toReversed()) await remove(each);
    expect(left()).toBe(0);
  });

  it('lets nothing go that another part needs', async () => {
    const { made, remove } = await makeSite();
    const refusals: Record<string, string> = {};
    for (const each of made) {
      // What goes without a word here is only what nothing needs.
      if (
        !/:(Vpc|InternetGateway|Subnet|Eip|SecurityGroup|Zone|Certificate|TargetGroup|RouteTable)$/.test(
          each.type,
        )
      )
        continue;
      await remove(each).catch((error: unknown) => {
        const code = /api error (\S+):/.exec(error instanceof Error ? error.message : '')?.[1];
        refusals[each.type.split(':').at(-1) ?? ''] = code ?? '';
      });
    }
    expect(refusals).toEqual({
      Vpc: 'DependencyViolation',
      InternetGateway: 'DependencyViolation',
      Subnet: 'DependencyViolation',
      RouteTable: 'DependencyViolation',
      Eip: 'InvalidIPAddress.InUse',
      SecurityGroup: 'DependencyViolation',
      Zone: 'HostedZoneNotEmpty',
      Certificate: 'ResourceInUseException',
      TargetGroup: 'ResourceInUse',
    });
  });

  it('refuses what lies in another region', async () => {
    const { make, vpc } = await makeSite();
    const abroad = { vpcId: vpc['id'] ?? '', cidrBlock: '10.0.9.0/24', region: 'eu-west-1' };
    await expect(make('aws:ec2/subnet:Subnet', 'abroad', abroad)).rejects.toThrow(
      /InvalidVpcID\.NotFound: The vpc ID 'vpc-[0-9a-f]{17}' does not exist/,
    );
  });

  it('gives things the ARNs of their services', async () => {
    const { made } = await makeSite();
    const arn = (type: string) => made.find((each) => each.type.endsWith(`:${type}`))?.properties['arn'];
    expect(arn('SecurityGroupIngressRule')).toMatch(
      /^arn:aws:ec2:us-east-1:111111111111:security-group-rule\/sgr-/,
    );
    expect(arn('Zone')).toMatch(/^arn:aws:route53:::hostedzone\/Z/);
    expect(arn('LoadBalancer')).toMatch(
      /^arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer\/app\//,
    );
  });
});
