import { SecurityGroup, type SecurityGroupArgs } from '@pulumi/aws/ec2/securityGroup.js';
import {
  SecurityGroupEgressRule,
  type SecurityGroupEgressRuleArgs,
} from '@pulumi/aws/vpc/securityGroupEgressRule.js';
import {
  SecurityGroupIngressRule,
  type SecurityGroupIngressRuleArgs,
} from '@pulumi/aws/vpc/securityGroupIngressRule.js';
import type * as pulumi from '@pulumi/pulumi';
import type { LoadBalancer } from './load-balancer.ts';
import type { Network } from './network.ts';
import type { Site } from './site.ts';
import { tagsOf, type Describe } from './transform.ts';

export interface FirewallChildren {
  securityGroup: SecurityGroupArgs;
  ingress: SecurityGroupIngressRuleArgs;
  egress: SecurityGroupEgressRuleArgs;
}

/** Something in the network that tasks connect to: a database, a cache, as a whole. */
export interface Neighbour {
  readonly securityGroup: { readonly id: pulumi.Input<string> };
  readonly port: number;
}

// Ways that a service has of itself.
const ownWays = ['internet', 'endpoints', 's3'];

/** What is wrong with the neighbours of a service; their names become parts of names. */
export function neighbourProblems(reaches: Readonly<Record<string, Neighbour>> = {}): (string | undefined)[] {
  return Object.entries(reaches).flatMap(([neighbour, { port }]) => [
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(neighbour) && !ownWays.includes(neighbour)
      ? undefined
      : `reaches.${neighbour}: give it another name: small letters, digits and single hyphens, and none of ${ownWays.join(', ')}`,
    Number.isInteger(port) && port >= 1 && port <= 65_535
      ? undefined
      : `reaches.${neighbour}.port: ${port} is not a whole number from 1 to 65535`,
  ]);
}

/** Who may connect to a service, and where it may connect to. */
export function describeFirewall(
  describe: Describe<FirewallChildren>,
  name: string,
  site: Site,
  network: Network,
  ways: {
    /** Who asks it, at its port. */
    readonly from?: { readonly balancer: LoadBalancer; readonly port: number } | undefined;
    readonly to: Readonly<Record<string, Neighbour>>;
    readonly internet: boolean;
  },
): { readonly group: SecurityGroup; readonly rules: readonly pulumi.Resource[] } {
  const { region } = site;
  const group = describe('securityGroup', SecurityGroup, {
    region,
    vpcId: network.vpc.id,
    description: `Tasks of ${name}`,
    tags: tagsOf(site, name),
  });
  const rules: pulumi.Resource[] = [];
  if (ways.from !== undefined) {
    const { balancer, port } = ways.from;
    const sides = { ipProtocol: 'tcp', fromPort: port, toPort: port };
    rules.push(
      describe(
        'ingress',
        SecurityGroupIngressRule,
        {
          region,
          securityGroupId: group.id,
          referencedSecurityGroupId: balancer.securityGroup.id,
          description: 'From the load balancer',
          ...sides,
          tags: tagsOf(site, name, 'from-balancer'),
        },
        { part: 'from-balancer' },
      ),
      describe(
        'egress',
        SecurityGroupEgressRule,
        {
          region,
          securityGroupId: balancer.securityGroup.id,
          referencedSecurityGroupId: group.id,
          description: `To ${name}`,
          ...sides,
          tags: tagsOf(site, name, 'balancer-to-tasks'),
        },
        { part: 'balancer-to-tasks' },
      ),
    );
  }
  for (const [neighbour, { securityGroup, port }] of Object.entries(ways.to)) {
    rules.push(letOut(`to-${neighbour}`, port, { referencedSecurityGroupId: securityGroup.id }));
  }
  if (ways.internet) {
    rules.push(letOut('to-internet', 443, { cidrIpv4: '0.0.0.0/0' }));
  } else {
    // Endpoints are in the network; S3, where layers of images are, has addresses of its own.
    rules.push(
      letOut('to-endpoints', 443, { cidrIpv4: network.cidr }),
      letOut('to-s3', 443, { prefixListId: network.s3PrefixList }),
    );
  }
  return { group, rules };

  function letOut(
    part: string,
    port: number,
    to: Pick<SecurityGroupEgressRuleArgs, 'referencedSecurityGroupId' | 'cidrIpv4' | 'prefixListId'>,
  ): pulumi.Resource {
    return describe(
      'egress',
      SecurityGroupEgressRule,
      {
        region,
        securityGroupId: group.id,
        description: `${name} ${part.replaceAll('-', ' ')}`,
        ipProtocol: 'tcp',
        fromPort: port,
        toPort: port,
        ...to,
        tags: tagsOf(site, name, part),
      },
      { part },
    );
  }
}
