import { SecurityGroup } from '@pulumi/aws/ec2/securityGroup.js';
import type { Subnet } from '@pulumi/aws/ec2/subnet.js';
import { VpcEndpoint } from '@pulumi/aws/ec2/vpcEndpoint.js';
import { SecurityGroupIngressRule } from '@pulumi/aws/vpc/securityGroupIngressRule.js';
import type * as pulumi from '@pulumi/pulumi';
import type { NetworkArgs, NetworkChildren } from './network.ts';
import { tagsOf, type Describe } from './transform.ts';

/** What private tasks ask of AWS without leaving the network: their image, where to log, their secrets. */
const usualEndpoints = ['ecr.api', 'ecr.dkr', 'logs', 'ssm', 'secretsmanager', 'kms'] as const;

/** Services of AWS inside a network, for whoever is in it. */
export function describeEndpoints(
  describe: Describe<NetworkChildren>,
  name: string,
  { site, cidr, endpoints = usualEndpoints, exec = false }: NetworkArgs,
  vpcId: pulumi.Input<string>,
  subnets: readonly Subnet[],
): void {
  const services = new Set([...endpoints, ...(exec ? ['ssmmessages'] : [])]);
  if (services.size === 0) return;
  const { region } = site;
  const group = describe(
    'endpointSecurityGroup',
    SecurityGroup,
    {
      region,
      vpcId,
      description: `Services of AWS inside ${name}`,
      tags: tagsOf(site, name, 'endpoints'),
    },
    { part: 'endpoints' },
  );
  describe(
    'endpointIngress',
    SecurityGroupIngressRule,
    {
      region,
      securityGroupId: group.id,
      description: 'From the network',
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
      cidrIpv4: cidr,
      tags: tagsOf(site, name, 'endpoints-from-network'),
    },
    { part: 'endpoints-from-network' },
  );
  for (const service of services) {
    const part = service.replaceAll('.', '-');
    describe(
      'interfaceEndpoint',
      VpcEndpoint,
      {
        region,
        vpcId,
        vpcEndpointType: 'Interface',
        serviceName: `com.amazonaws.${region}.${service}`,
        subnetIds: subnets.map(({ id }) => id),
        securityGroupIds: [group.id],
        privateDnsEnabled: true,
        tags: tagsOf(site, name, part),
      },
      { part },
    );
  }
}
