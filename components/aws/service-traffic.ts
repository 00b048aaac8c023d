import { RolePolicyAttachment } from '@pulumi/aws/iam/rolePolicyAttachment.js';
import { ListenerRule, type ListenerRuleArgs } from '@pulumi/aws/lb/listenerRule.js';
import { TargetGroup, type TargetGroupArgs } from '@pulumi/aws/lb/targetGroup.js';
import * as pulumi from '@pulumi/pulumi';
import { HEALTH_PATH, type ContainerArgs } from './container.ts';
import { domainProblem } from './domain-name.ts';
import type { FargateServiceArgs, FargateServiceChildren } from './fargate-service.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Network } from './network.ts';
import { ServiceRole } from './service-role.ts';
import { arnOf, type Site } from './site.ts';
import { tagsOf, type Describe } from './transform.ts';

/** Which requests of a load balancer a service answers. */
export interface Served {
  readonly balancer: LoadBalancer;
  /** The hosts, and `*.` for all below one. At most five values with the paths. */
  readonly hosts: readonly string[];
  /** @default every path */
  readonly paths?: readonly string[];
  /** Services are asked in this order, each number once for a load balancer. */
  readonly priority: number;
}

/**
 * How a new version takes over.
 * - `rolling`: task by task.
 * - `blueGreen`: beside the old one, all traffic at once, and the old one stays for the bake so that it can go back
 *   within seconds.
 */
export type Release =
  | { readonly kind: 'rolling' }
  | {
      readonly kind: 'blueGreen';
      /** How long the old version stays after the switch. @default 10 */
      readonly bakeMinutes?: number;
    };

export interface TrafficChildren {
  targetGroup: TargetGroupArgs;
  rule: ListenerRuleArgs;
}

/** What a load balancer has for a service. */
export interface Traffic {
  readonly blue: TargetGroup;
  /** Where the next version is put; undefined when it takes over task by task. */
  readonly green?: TargetGroup;
  readonly rule: ListenerRule;
  readonly testRule?: ListenerRule;
}

/** The groups of targets of a service, and the rules that lead to them. */
export function describeTraffic(
  describe: Describe<FargateServiceChildren>,
  name: string,
  site: Site,
  network: Network,
  container: ContainerArgs,
  { balancer, hosts, paths = [], priority }: Served,
  release: Release,
): Traffic {
  const { region } = site;
  const conditions: ListenerRuleArgs['conditions'] = [
    { hostHeader: { values: [...hosts] } },
    ...(paths.length === 0 ? [] : [{ pathPattern: { values: [...paths] } }]),
  ];
  const blue = describeGroup('blue');
  if (release.kind === 'rolling') {
    return { blue, rule: describeRule('rule', balancer.listener.arn, [{ arn: blue.arn, weight: 100 }]) };
  }
  const green = describeGroup('green');
  const weights = [
    { arn: blue.arn, weight: 100 },
    { arn: green.arn, weight: 0 },
  ];
  const rule = describeRule('rule', balancer.listener.arn, weights);
  return balancer.testListener === undefined
    ? { blue, green, rule }
    : { blue, green, rule, testRule: describeRule('test-rule', balancer.testListener.arn, weights) };

  function describeGroup(colour: 'blue' | 'green'): TargetGroup {
    return describe(
      'targetGroup',
      TargetGroup,
      {
        region,
        // Groups have 32 letters for a name: the cloud makes one, and the Name tag tells whose.
        namePrefix: `${colour}-`.slice(0, 6),
        vpcId: network.vpc.id,
        targetType: 'ip',
        protocol: 'HTTP',
        port: container.port ?? 80,
        deregistrationDelay: 30,
        loadBalancingAlgorithmType: 'least_outstanding_requests',
        healthCheck: {
          enabled: true,
          path: container.health?.path ?? HEALTH_PATH,
          protocol: 'HTTP',
          port: 'traffic-port',
          matcher: '200',
          interval: 30,
          timeout: 5,
          healthyThreshold: 2,
          unhealthyThreshold: 3,
        },
        tags: tagsOf(site, name, colour),
      },
      { part: colour },
    );
  }

  function describeRule(
    part: string,
    listenerArn: pulumi.Input<string>,
    targetGroups: { arn: pulumi.Input<string>; weight: number }[],
  ): ListenerRule {
    return describe(
      'rule',
      ListenerRule,
      {
        region,
        listenerArn,
        priority,
        conditions,
        actions: [{ type: 'forward', forward: { targetGroups } }],
        tags: tagsOf(site, name, part),
      },
      // ECS moves the weights itself (https://github.com/hashicorp/terraform-provider-aws/issues/45678).
      { part, opts: release.kind === 'blueGreen' ? { ignoreChanges: ['actions'] } : {} },
    );
  }
}

/** Lets ECS move the weights of listener rules; Amazon keeps it as narrow as that needs. */
const SWITCH_POLICY = 'arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers';

/** The role with which ECS moves traffic from one group of targets to the other; nothing where tasks are replaced. */
export function describeSwitch(
  describe: Describe<FargateServiceChildren>,
  name: string,
  { site }: FargateServiceArgs,
  { green, rule, testRule }: Traffic,
) {
  if (green === undefined) return {};
  const role = describe(
    'role',
    ServiceRole,
    {
      site,
      service: 'ecs.amazonaws.com',
      description: `Moves the traffic of ${name}`,
      onBehalfOf: arnOf(site, 'ecs', '*'),
    },
    { part: 'switch' },
  );
  const policy = describe('switchPolicy', RolePolicyAttachment, {
    role: role.role.name,
    policyArn: SWITCH_POLICY,
  });
  return {
    advancedConfiguration: {
      alternateTargetGroupArn: green.arn,
      productionListenerRule: rule.arn,
      ...(testRule === undefined ? {} : { testListenerRule: testRule.arn }),
      // A role without its policy could switch nothing: the service waits for both.
      roleArn: pulumi.all([role.role.arn, policy.id]).apply(([arn]) => arn),
    },
  };
}

// docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#host-conditions
const LONGEST_VALUE = 128;

/** What is wrong with what a service serves and how it takes over. */
export function trafficProblems(
  serves: Served | undefined,
  release: Release,
  port: number | undefined,
): readonly (string | undefined)[] {
  const bake = release.kind === 'blueGreen' ? (release.bakeMinutes ?? 10) : 0;
  const bakeProblem =
    Number.isInteger(bake) && bake >= 0 && bake <= 1440
      ? undefined
      : `release.bakeMinutes: ${bake} is not a whole number from 0 to 1440`;
  if (serves === undefined) {
    return [
      bakeProblem,
      release.kind === 'blueGreen'
        ? 'release: blue and green are switched by a load balancer; give serves, or take { kind: "rolling" }'
        : undefined,
    ];
  }
  const { hosts, paths = [], priority } = serves;
  return [
    bakeProblem,
    port === undefined ? 'port: a load balancer needs one to ask' : undefined,
    hosts.length === 0 ? 'serves.hosts: name one at least' : undefined,
    ...hosts.map((host) => domainProblem('serves.hosts', host)),
    ...[...hosts, ...paths].map((value) =>
      value.length > LONGEST_VALUE
        ? `serves: "${value}" has ${value.length} letters, and a rule takes ${LONGEST_VALUE}; make it wider, as *.example.com or /api/*`
        : undefined,
    ),
    ...[...hosts, ...paths].map((value, place, all) =>
      all.indexOf(value) === place ? undefined : `serves: ${value} twice`,
    ),
    ...paths.map((path) => (path.startsWith('/') ? undefined : `serves.paths: "${path}" must begin with /`)),
    hosts.length + paths.length > 5
      ? 'serves: a rule has at most five hosts and paths; make the paths wider, as /api/*'
      : undefined,
    Number.isInteger(priority) && priority >= 1 && priority <= 50_000
      ? undefined
      : `serves.priority: ${priority} is not a whole number from 1 to 50000`,
  ];
}
