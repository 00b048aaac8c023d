import type { PolicyArgs } from '@pulumi/aws/appautoscaling/policy.js';
import type { TargetArgs } from '@pulumi/aws/appautoscaling/target.js';
import type { LogGroup } from '@pulumi/aws/cloudwatch/logGroup.js';
import type { SecurityGroup } from '@pulumi/aws/ec2/securityGroup.js';
import { Service, type ServiceArgs } from '@pulumi/aws/ecs/service.js';
import type { TaskDefinition } from '@pulumi/aws/ecs/taskDefinition.js';
import type { RolePolicyAttachmentArgs } from '@pulumi/aws/iam/rolePolicyAttachment.js';
import * as pulumi from '@pulumi/pulumi';
import type { AlarmReceivers } from './alarm-receivers.ts';
import { Alarm, type AlarmArgs } from './alarm.ts';
import { containerProblems } from './container.ts';
import { describeTask, secretProblem, type FargateArgs, type FargateChildren } from './fargate-parts.ts';
import type { FargateSize } from './fargate-sizes.ts';
import { limitProblems, serviceAlarms, type ServiceLimits, type ServiceTraffic } from './service-alarms.ts';
import { describeFirewall, neighbourProblems, type FirewallChildren } from './service-firewall.ts';
import type { ServiceRole } from './service-role.ts';
import { countProblems, describeScaling, type TaskCount } from './service-scaling.ts';
import {
  describeSwitch,
  describeTraffic,
  trafficProblems,
  type Release,
  type Served,
  type Traffic,
  type TrafficChildren,
} from './service-traffic.ts';
import { describer, refuseWrong, regionalName, tagsOf, type AwsArgs } from './transform.ts';

/** The children of a service and their arguments, for `transform`. */
export interface FargateServiceChildren extends FargateChildren, FirewallChildren, TrafficChildren {
  switchPolicy: RolePolicyAttachmentArgs;
  service: ServiceArgs;
  scaling: TargetArgs;
  scalingPolicy: PolicyArgs;
  alarm: AlarmArgs;
}

export interface FargateServiceArgs extends AwsArgs<FargateServiceChildren>, FargateArgs {
  readonly tasks: TaskCount;
  /** The requests that it answers. @default none: nothing can connect to it */
  readonly serves?: Served;
  /** How a new version takes over. @default blueGreen where it serves, else rolling */
  readonly release?: Release;
  /** What it must keep to, and who hears when it does not; a release that breaks it is taken back. @default not watched */
  readonly watched?: { readonly receivers: AlarmReceivers; readonly limits?: ServiceLimits };
  /** Whether it may connect to the internet, by TLS: the chain, other people's services. @default true */
  readonly internet?: boolean;
  /** Lets people open shells in it; the cluster must allow it too. @default false */
  readonly exec?: boolean;
}

/**
 * A service on Fargate: tasks of one container that run as nobody in particular, with a read-only root, no
 * capabilities, and only the ways in and out that are named here. A new version takes over beside the old one and goes
 * back by itself when it fails, or when an alarm rings while both are there.
 *
 * @example
 * const api = new FargateService('coinestate-api', {
 *   site, network, cluster, logKey,
 *   container: { image: image.ref, port: 3000, environment: { NETWORK: 'ethereum' }, secrets: secrets.arns },
 *   secretGrants: [secrets.grant],
 *   size: { cpus: 1, memoryGb: 2 },
 *   tasks: { min: 2, max: 6, requestsPerMinute: 3000 },
 *   serves: { balancer, hosts: ['api.coinestate.io'], priority: 10 },
 *   watched: { receivers, limits: { errorPercent: 5 } },
 *   reaches: { database },
 * });
 * database.allow('api', api.securityGroup);
 */
export class FargateService extends pulumi.ComponentResource {
  readonly service: Service;
  readonly taskDefinition: TaskDefinition;
  /** What the tasks act as. */
  readonly taskRole: ServiceRole;
  /** What ECS acts as to start them. */
  readonly startRole: ServiceRole;
  /** Named by what lets it in. */
  readonly securityGroup: SecurityGroup;
  readonly logGroup: LogGroup;
  /** Its groups of targets and rules; undefined where it serves nothing. */
  readonly traffic?: Traffic;
  /** What each task got. */
  readonly size: FargateSize;

  constructor(name: string, args: FargateServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, network, cluster, container, serves, watched, exec = false } = args;
    const release: Release = args.release ?? { kind: serves === undefined ? 'rolling' : 'blueGreen' };
    // Its roles and alarms carry its name and eight letters more.
    refuseWrong('service', name, serviceProblems(args, release), 24);
    super('cutover:aws:FargateService', regionalName(name, site), {}, opts);
    const describe = describer(this, name, args, opts);
    const { region } = site;
    const tags = tagsOf(site, name);

    const shells = exec ? cluster.exec : undefined;
    const parts = describeTask(describer<FargateChildren>(this, name, args, opts), name, site, args, shells);
    this.size = parts.size;
    this.logGroup = parts.logGroup;
    this.taskRole = parts.taskRole;
    this.startRole = parts.startRole;
    this.taskDefinition = parts.taskDefinition;

    const firewall = describeFirewall(
      describer<FirewallChildren>(this, name, args, opts),
      name,
      site,
      network,
      {
        from:
          serves === undefined || container.port === undefined
            ? undefined
            : { balancer: serves.balancer, port: container.port },
        to: args.reaches ?? {},
        internet: args.internet ?? true,
      },
    );
    this.securityGroup = firewall.group;
    const before: pulumi.Resource[] = [network, ...firewall.rules];
    if (serves !== undefined) {
      this.traffic = describeTraffic(describe, name, site, network, container, serves, release);
      before.push(this.traffic.rule, ...(this.traffic.testRule === undefined ? [] : [this.traffic.testRule]));
    }
    const seen = trafficOf(serves, this.traffic);
    const alarms =
      watched === undefined || seen === undefined
        ? []
        : serviceAlarms(name, seen, watched.limits ?? {}).map(({ part, ...planned }) =>
            describe('alarm', Alarm, { site, receivers: watched.receivers, ...planned }, { part }),
          );
    const bake = release.kind === 'blueGreen' ? (release.bakeMinutes ?? 10) : 0;
    this.service = describe(
      'service',
      Service,
      {
        region,
        cluster: cluster.arn,
        taskDefinition: this.taskDefinition.arn,
        launchType: 'FARGATE',
        platformVersion: '1.4.0',
        desiredCount: args.tasks.min,
        deploymentMinimumHealthyPercent: 100,
        deploymentMaximumPercent: 200,
        deploymentCircuitBreaker: { enable: true, rollback: true },
        deploymentConfiguration:
          release.kind === 'blueGreen'
            ? { strategy: 'BLUE_GREEN', bakeTimeInMinutes: String(bake) }
            : { strategy: 'ROLLING' },
        ...(alarms.length === 0
          ? {}
          : {
              alarms: { enable: true, rollback: true, alarmNames: alarms.map((alarm) => alarm.name) },
            }),
        networkConfiguration: {
          subnets: network.subnets.private.map(({ id }) => id),
          securityGroups: [this.securityGroup.id],
          assignPublicIp: false,
        },
        ...(this.traffic === undefined || container.port === undefined
          ? {}
          : {
              healthCheckGracePeriodSeconds: container.health?.startSeconds ?? 60,
              loadBalancers: [
                {
                  containerName: name,
                  containerPort: container.port,
                  targetGroupArn: this.traffic.blue.arn,
                  ...describeSwitch(describe, name, args, this.traffic),
                },
              ],
            }),
        enableExecuteCommand: exec,
        enableEcsManagedTags: true,
        propagateTags: 'SERVICE',
        availabilityZoneRebalancing: 'ENABLED',
        waitForSteadyState: true,
        tags,
      },
      {
        opts: {
          dependsOn: before,
          // How many tasks there are is for scaling to say.
          ignoreChanges: ['desiredCount'],
          customTimeouts: { create: `${30 + bake}m`, update: `${30 + bake}m`, delete: '30m' },
        },
      },
    );
    describeScaling(describe, name, args, this.service, seen);
    this.registerOutputs({ service: this.service.name, logGroup: this.logGroup.name });
  }
}

function trafficOf(serves: Served | undefined, traffic: Traffic | undefined): ServiceTraffic | undefined {
  if (serves === undefined || traffic === undefined) return undefined;
  const groups = [traffic.blue, ...(traffic.green === undefined ? [] : [traffic.green])];
  return { balancer: serves.balancer.arnSuffix, groups: groups.map(({ arnSuffix }) => arnSuffix) };
}

function serviceProblems(args: FargateServiceArgs, release: Release): readonly (string | undefined)[] {
  const { container, cluster, serves, watched, tasks, exec = false } = args;
  return [
    ...containerProblems(container).map((problem) => problem && `container.${problem}`),
    ...countProblems(tasks),
    ...trafficProblems(serves, release, container.port),
    ...limitProblems(watched?.limits ?? {}),
    watched !== undefined && serves === undefined
      ? 'watched: only what serves can be watched this way; describe an Alarm'
      : undefined,
    exec && cluster.exec === undefined
      ? 'exec: its cluster allows no shells; give the cluster exec'
      : undefined,
    secretProblem(args),
    ...neighbourProblems(args.reaches),
  ];
}
