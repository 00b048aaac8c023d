import type { LogGroup, LogGroupArgs } from '@pulumi/aws/cloudwatch/logGroup.js';
import { DefaultSecurityGroup, type DefaultSecurityGroupArgs } from '@pulumi/aws/ec2/defaultSecurityGroup.js';
import { Eip, type EipArgs } from '@pulumi/aws/ec2/eip.js';
import type { FlowLogArgs } from '@pulumi/aws/ec2/flowLog.js';
import { InternetGateway, type InternetGatewayArgs } from '@pulumi/aws/ec2/internetGateway.js';
import { NatGateway, type NatGatewayArgs } from '@pulumi/aws/ec2/natGateway.js';
import { Route, type RouteArgs } from '@pulumi/aws/ec2/route.js';
import { RouteTable, type RouteTableArgs } from '@pulumi/aws/ec2/routeTable.js';
import {
  RouteTableAssociation,
  type RouteTableAssociationArgs,
} from '@pulumi/aws/ec2/routeTableAssociation.js';
import type { SecurityGroupArgs } from '@pulumi/aws/ec2/securityGroup.js';
import { Subnet, type SubnetArgs } from '@pulumi/aws/ec2/subnet.js';
import { Vpc, type VpcArgs } from '@pulumi/aws/ec2/vpc.js';
import { VpcEndpoint, type VpcEndpointArgs } from '@pulumi/aws/ec2/vpcEndpoint.js';
import type { SecurityGroupIngressRuleArgs } from '@pulumi/aws/vpc/securityGroupIngressRule.js';
import * as pulumi from '@pulumi/pulumi';
import { describeEndpoints } from './network-endpoints.ts';
import { describeFlowLogs } from './network-logs.ts';
import type { ServiceRoleArgs } from './service-role.ts';
import { planSubnets, zonesOf, type PlannedSubnet, type SubnetUse } from './subnets.ts';
import { describer, refuseWrong, regionalName, tagsOf, type AwsArgs } from './transform.ts';

/** The children of a network and their arguments, for `transform`. */
export interface NetworkChildren {
  vpc: VpcArgs;
  defaultSecurityGroup: DefaultSecurityGroupArgs;
  subnet: SubnetArgs;
  internetGateway: InternetGatewayArgs;
  address: EipArgs;
  nat: NatGatewayArgs;
  routeTable: RouteTableArgs;
  route: RouteArgs;
  association: RouteTableAssociationArgs;
  gatewayEndpoint: VpcEndpointArgs;
  interfaceEndpoint: VpcEndpointArgs;
  endpointSecurityGroup: SecurityGroupArgs;
  endpointIngress: SecurityGroupIngressRuleArgs;
  logGroup: LogGroupArgs;
  logRole: ServiceRoleArgs;
  flowLog: FlowLogArgs;
}

export interface NetworkArgs extends AwsArgs<NetworkChildren> {
  /** Its addresses, /16 to /20. No two networks that are ever to be joined may overlap. */
  readonly cidr: string;
  /** How many zones, or their letters: `['a', 'c']`. @default 3 */
  readonly zones?: number | readonly string[];
  /** How private subnets reach the internet: through one gateway, one in each zone, or not. @default 'each-zone' where the site keeps data, else 'one' */
  readonly nat?: 'none' | 'one' | 'each-zone';
  /** Services that are reached inside the network. Each costs by the hour and zone. @default ecr.api, ecr.dkr, logs, ssm, secretsmanager, kms */
  readonly endpoints?: readonly string[];
  /** Adds the endpoint that a shell in a container needs. @default false */
  readonly exec?: boolean;
  /** The key that flow logs are encrypted with; its policy lets CloudWatch Logs use it. */
  readonly logKey: { readonly arn: pulumi.Input<string> };
  /** Days that flow logs are kept. @default 365 where the site keeps data, else 30 */
  readonly logDays?: number;
}

/**
 * A private network over several zones. Each zone has a public subnet for load balancers and NAT, a private one for
 * tasks, and one for data that has no way to the internet at all. Every connection is logged; the default security
 * group lets nothing through.
 *
 * @example
 * const network = new Network('coinestate', { site, cidr: '10.20.0.0/16', zones: 3, logKey });
 * new FargateService('coinestate-api', { site, network, … });
 */
export class Network extends pulumi.ComponentResource {
  readonly vpc: Vpc;
  readonly cidr: string;
  /** The subnets of each use, in the order of the zones. */
  readonly subnets: Readonly<Record<SubnetUse, readonly Subnet[]>>;
  /** Addresses from which the network's traffic reaches others: what a partner puts on its list. */
  readonly publicAddresses: readonly pulumi.Output<string>[];
  /** The addresses of S3, for security groups that let nothing else out. */
  readonly s3PrefixList: pulumi.Output<string>;
  readonly flowLogs: LogGroup;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, cidr, zones = 3, nat = site.keeps ? 'each-zone' : 'one' } = args;
    // Its role carries its name and five letters more.
    refuseWrong('network', name, [], 27);
    const plan = planSubnets(cidr, zonesOf(site.region, zones));

    super('cutover:aws:Network', regionalName(name, site), {}, opts);
    const describe = describer(this, name, args, opts);
    const { region } = site;
    const tags = (part: string): Record<string, string> => tagsOf(site, name, part);

    this.cidr = cidr;
    this.vpc = describe('vpc', Vpc, {
      region,
      cidrBlock: cidr,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: tags('vpc'),
    });
    const vpcId = this.vpc.id;
    describe('defaultSecurityGroup', DefaultSecurityGroup, {
      region,
      vpcId,
      ingress: [],
      egress: [],
      tags: tags('default-without-rules'),
    });
    const subnets = plan.map((planned) => ({ planned, subnet: describeSubnet(planned) }));
    const ofUse = (use: SubnetUse): readonly Subnet[] =>
      subnets.filter(({ planned }) => planned.use === use).map(({ subnet }) => subnet);
    this.subnets = { public: ofUse('public'), private: ofUse('private'), data: ofUse('data') };

    const gateway = describe('internetGateway', InternetGateway, {
      region,
      vpcId,
      tags: tags('internet-gateway'),
    });
    const publicTable = describeRouteTable('public', 'public');
    const outward = describeRoute('public', publicTable, { gatewayId: gateway.id });
    const letters = plan.filter(({ use }) => use === 'public').map(({ letter }) => letter);
    const nats = letters.slice(0, { none: 0, one: 1, 'each-zone': letters.length }[nat]).map(describeNat);
    this.publicAddresses = nats.map(({ address }) => address.publicIp);
    const privateTables = letters.map((letter, place) => {
      const table = describeRouteTable(`private-${letter}`, 'private', letter);
      const through = nats[place] ?? nats[0];
      if (through !== undefined) describeRoute(`private-${letter}`, table, { natGatewayId: through.nat.id });
      return table;
    });
    const dataTable = describeRouteTable('data', 'data');

    const s3 = describe(
      'gatewayEndpoint',
      VpcEndpoint,
      {
        region,
        vpcId,
        vpcEndpointType: 'Gateway',
        serviceName: `com.amazonaws.${region}.s3`,
        routeTableIds: [...privateTables, dataTable].map(({ id }) => id),
        tags: tags('s3'),
      },
      { part: 's3' },
    );
    this.s3PrefixList = s3.prefixListId;
    describeEndpoints(describe, name, args, vpcId, this.subnets.private);
    this.flowLogs = describeFlowLogs(describe, name, args, vpcId);
    this.registerOutputs({ vpcId, publicAddresses: this.publicAddresses });

    function describeSubnet({ use, letter, zone, cidr: cidrBlock }: PlannedSubnet): Subnet {
      const part = `${use}-${letter}`;
      return describe(
        'subnet',
        Subnet,
        {
          region,
          vpcId,
          availabilityZone: zone,
          cidrBlock,
          mapPublicIpOnLaunch: false,
          tags: { ...tags(part), Use: use },
        },
        { part },
      );
    }

    /** A route table with the subnets of its use, or the one of a zone. */
    function describeRouteTable(part: string, use: SubnetUse, letter?: string): RouteTable {
      const table = describe(
        'routeTable',
        RouteTable,
        { region, vpcId, tags: tags(part) },
        { part: `${part}-routes` },
      );
      for (const { planned, subnet } of subnets) {
        if (planned.use !== use || (letter !== undefined && planned.letter !== letter)) continue;
        describe(
          'association',
          RouteTableAssociation,
          { region, routeTableId: table.id, subnetId: subnet.id },
          { part: `${use}-${planned.letter}-association` },
        );
      }
      return table;
    }

    function describeRoute(part: string, table: RouteTable, target: Partial<RouteArgs>): Route {
      return describe(
        'route',
        Route,
        { region, routeTableId: table.id, destinationCidrBlock: '0.0.0.0/0', ...target },
        { part: `${part}-internet` },
      );
    }

    function describeNat(letter: string, place: number): { readonly nat: NatGateway; readonly address: Eip } {
      const address = describe(
        'address',
        Eip,
        { region, domain: 'vpc', tags: tags(`nat-${letter}`) },
        { part: `nat-${letter}-address` },
      );
      const subnet = ofUse('public')[place];
      const made = describe(
        'nat',
        NatGateway,
        {
          region,
          allocationId: address.id,
          ...(subnet === undefined ? {} : { subnetId: subnet.id }),
          tags: tags(`nat-${letter}`),
        },
        // It is made at once where its subnet has no way out yet, and then never works.
        { part: `nat-${letter}`, opts: { dependsOn: [outward] } },
      );
      return { nat: made, address };
    }
  }
}
