import { SecurityGroup, type SecurityGroupArgs } from '@pulumi/aws/ec2/securityGroup.js';
import { Listener, type ListenerArgs } from '@pulumi/aws/lb/listener.js';
import {
  LoadBalancer as Balancer,
  type LoadBalancerArgs as BalancerArgs,
} from '@pulumi/aws/lb/loadBalancer.js';
import {
  SecurityGroupIngressRule,
  type SecurityGroupIngressRuleArgs,
} from '@pulumi/aws/vpc/securityGroupIngressRule.js';
import { WebAclAssociation, type WebAclAssociationArgs } from '@pulumi/aws/wafv2/webAclAssociation.js';
import * as pulumi from '@pulumi/pulumi';
import { aligned, readCidr, showCidr } from './cidr.ts';
import type { Network } from './network.ts';
import { describer, refuseWrong, regionalName, tagsOf, type AwsArgs } from './transform.ts';

/** The children of a load balancer and their arguments, for `transform`. */
export interface LoadBalancerChildren {
  securityGroup: SecurityGroupArgs;
  ingress: SecurityGroupIngressRuleArgs;
  balancer: BalancerArgs;
  listener: ListenerArgs;
  firewall: WebAclAssociationArgs;
}

export interface LoadBalancerArgs extends AwsArgs<LoadBalancerChildren> {
  readonly network: Network;
  /** Its certificate, validated and in the same region. */
  readonly certificate: { readonly arn: pulumi.Input<string> };
  /** Who reaches it: anybody, or only the network. @default 'public' */
  readonly reach?: 'public' | 'internal';
  /** The addresses that may connect, as blocks. @default everybody when public, else the network */
  readonly from?: readonly string[];
  /** The bucket that every request is logged to; its policy lets load balancers write. */
  readonly accessLogs: { readonly bucket: pulumi.Input<string>; readonly prefix?: string };
  /** ARN of the web ACL that looks at every request first. @default none */
  readonly firewall?: pulumi.Input<string>;
  /** A second door where a new version can be tried before it takes over, for these addresses only. @default none */
  readonly test?: { readonly port?: number; readonly from: readonly string[] };
  /** Seconds after which a silent connection is closed. @default 60 */
  readonly idleSeconds?: number;
  /** What it speaks: TLS 1.3 and the strict half of 1.2. @default 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06' */
  readonly tlsPolicy?: string;
}

/** Where a trial of a new version listens unless it is said otherwise. */
const TEST_PORT = 8443;
const everybody = ['0.0.0.0/0'];

/**
 * An application load balancer: HTTPS with a redirect from HTTP, every request logged. What no service has asked for
 * gets a 404. It lets nothing out by itself: each service opens the way to its own port.
 *
 * @example
 * const balancer = new LoadBalancer('coinestate', { site, network, certificate, accessLogs: { bucket: logs.name } });
 * new FargateService('coinestate-api', { …, serves: { balancer, hosts: ['api.coinestate.io'], priority: 10 } });
 */
export class LoadBalancer extends pulumi.ComponentResource {
  readonly balancer: Balancer;
  readonly arn: pulumi.Output<string>;
  /** `app/name/id`, its name in metrics. */
  readonly arnSuffix: pulumi.Output<string>;
  /** With `zoneId` what an alias record points to. */
  readonly dnsName: pulumi.Output<string>;
  readonly zoneId: pulumi.Output<string>;
  readonly securityGroup: SecurityGroup;
  /** Where services put their rules. */
  readonly listener: Listener;
  /** Where the next version of a service answers; undefined when there is no such door. */
  readonly testListener?: Listener;

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, network, reach = 'public', accessLogs, firewall, test, idleSeconds = 60 } = args;
    const from = args.from ?? (reach === 'public' ? everybody : [network.cidr]);
    const testPort = test?.port ?? TEST_PORT;
    refuseWrong('load balancer', name, [
      ...blockProblems('from', from),
      ...blockProblems('test.from', test?.from ?? [network.cidr]),
      test?.from.some((block) => (readCidr(block)?.prefix ?? 32) < 8) === true
        ? 'test.from: a version on trial is not for everybody; name the addresses that try it'
        : undefined,
      Number.isInteger(testPort) && testPort >= 1 && testPort <= 65_535
        ? undefined
        : `test.port: ${testPort} is not a whole number from 1 to 65535`,
      Number.isInteger(idleSeconds) && idleSeconds >= 1 && idleSeconds <= 4000
        ? undefined
        : `idleSeconds: ${idleSeconds} is not a whole number from 1 to 4000`,
      [80, 443].includes(testPort) ? `test.port: ${testPort} is taken by what everybody uses` : undefined,
    ]);
    super('cutover:aws:LoadBalancer', regionalName(name, site), {}, opts);
    const describe = describer(this, name, args, opts);
    const { region } = site;
    const tags = (part: string): Record<string, string> => tagsOf(site, name, part);

    this.securityGroup = describe(
      'securityGroup',
      SecurityGroup,
      {
        region,
        vpcId: network.vpc.id,
        description: `Who reaches the load balancer of ${name}`,
        tags: tags('balancer'),
      },
      { part: 'balancer-group' },
    );
    const group = this.securityGroup;
    for (const block of from) for (const port of [80, 443]) letIn(port, block);
    for (const block of test?.from ?? []) letIn(testPort, block);
    this.balancer = describe('balancer', Balancer, {
      region,
      loadBalancerType: 'application',
      // Load balancers have 32 letters for a name; with a prefix the cloud makes one, and the Name tag tells whose.
      namePrefix: name.slice(0, 5).replace(/-$/, '') + '-',
      internal: reach === 'internal',
      subnets: network.subnets[reach === 'public' ? 'public' : 'private'].map(({ id }) => id),
      securityGroups: [this.securityGroup.id],
      dropInvalidHeaderFields: true,
      desyncMitigationMode: 'defensive',
      enableDeletionProtection: site.keeps,
      idleTimeout: idleSeconds,
      accessLogs: { enabled: true, bucket: accessLogs.bucket, prefix: accessLogs.prefix ?? name },
      tags: tags('balancer'),
    });
    const https: Omit<ListenerArgs, 'port' | 'tags'> = {
      region,
      loadBalancerArn: this.balancer.arn,
      protocol: 'HTTPS',
      sslPolicy: args.tlsPolicy ?? 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
      certificateArn: args.certificate.arn,
      defaultActions: [
        {
          type: 'fixed-response',
          fixedResponse: { contentType: 'text/plain', messageBody: 'Not found', statusCode: '404' },
        },
      ],
    };
    this.listener = describe(
      'listener',
      Listener,
      { ...https, port: 443, tags: tags('https') },
      { part: 'https' },
    );
    describe(
      'listener',
      Listener,
      {
        region,
        loadBalancerArn: this.balancer.arn,
        port: 80,
        protocol: 'HTTP',
        defaultActions: [
          { type: 'redirect', redirect: { protocol: 'HTTPS', port: '443', statusCode: 'HTTP_301' } },
        ],
        tags: tags('http'),
      },
      { part: 'http' },
    );
    if (test !== undefined) {
      this.testListener = describe(
        'listener',
        Listener,
        { ...https, port: testPort, tags: tags('test') },
        { part: 'test' },
      );
    }
    if (firewall !== undefined) {
      describe('firewall', WebAclAssociation, {
        region,
        resourceArn: this.balancer.arn,
        webAclArn: firewall,
      });
    }
    this.arn = this.balancer.arn;
    this.arnSuffix = this.balancer.arnSuffix;
    this.dnsName = this.balancer.dnsName;
    this.zoneId = this.balancer.zoneId;
    this.registerOutputs({ arn: this.arn, dnsName: this.dnsName });

    function letIn(port: number, block: string): void {
      describe(
        'ingress',
        SecurityGroupIngressRule,
        {
          region,
          securityGroupId: group.id,
          description: `${block} to port ${port}`,
          ipProtocol: 'tcp',
          fromPort: port,
          toPort: port,
          cidrIpv4: block,
          tags: tags(`ingress-${port}`),
        },
        { part: `ingress-${port}-${block.replaceAll(/[./]/g, '-')}` },
      );
    }
  }
}

function blockProblems(argument: string, blocks: readonly string[]): (string | undefined)[] {
  if (blocks.length === 0)
    return [`${argument}: nobody could connect; name blocks of addresses, or leave it out`];
  return blocks.map((block, place) => {
    const read = readCidr(block);
    if (read === undefined)
      return `${argument}: "${block}" is no block of addresses; write it as 203.0.113.0/24`;
    const straight = showCidr(aligned(read));
    if (straight !== block)
      return `${argument}: ${block} does not begin where its prefix says; write ${straight}`;
    return blocks.indexOf(block) === place ? undefined : `${argument}: ${block} twice`;
  });
}
