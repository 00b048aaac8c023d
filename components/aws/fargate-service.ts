import type { PolicyArgs } from '@pulumi/aws/appautoscaling/policy.js';
import type { TargetArgs } from '@pulumi/aws/appautoscaling/target.js';
import { LogGroup, type LogGroupArgs } from '@pulumi/aws/cloudwatch/logGroup.js';
import type { SecurityGroup } from '@pulumi/aws/ec2/securityGroup.js';
import { Service, type ServiceArgs } from '@pulumi/aws/ecs/service.js';
import { TaskDefinition, type TaskDefinitionArgs } from '@pulumi/aws/ecs/taskDefinition.js';
import type { RolePolicyAttachmentArgs } from '@pulumi/aws/iam/rolePolicyAttachment.js';
import * as pulumi from '@pulumi/pulumi';
import type { AlarmReceivers } from './alarm-receivers.ts';
import { Alarm, type AlarmArgs } from './alarm.ts';
import type { Cluster } from './cluster.ts';
import { containerDefinition, containerProblems, volumesOf, type ContainerArgs } from './container.ts';
import { fargateSize, type FargateSize } from './fargate-sizes.ts';
import type { Network } from './network.ts';
import type { Grant } from './policy-output.ts';
import { limitProblems, serviceAlarms, type ServiceLimits, type ServiceTraffic } from './service-alarms.ts';
import { describeFirewall, type FirewallChildren, type Neighbour } from './service-firewall.ts';
import { shellGrant, startGrants } from './service-permissions.ts';
import { ServiceRole, type ServiceRoleArgs } from './service-role.ts';
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
import { arnOf, logDays } from './site.ts';
import { describer, refuseWrong, regionalName, tagsOf, type AwsArgs } from './transform.ts';

/** The children of a service and their arguments, for `transform`. */
export interface FargateServiceChildren extends FirewallChildren, TrafficChildren {
  logGroup: LogGroupArgs;
  /** The roles of the task, of its start and of the switch. */
  role: ServiceRoleArgs;
  switchPolicy: RolePolicyAttachmentArgs;
  taskDefinition: TaskDefinitionArgs;
  service: ServiceArgs;
  scaling: TargetArgs;
  scalingPolicy: PolicyArgs;
  alarm: AlarmArgs;
}

export interface FargateServiceArgs extends AwsArgs<FargateServiceChildren> {
  readonly network: Network;
  readonly cluster: Cluster;
  readonly container: ContainerArgs;
  /** Each task: the smallest size of Fargate that has as much is taken. */
  readonly size: { readonly cpus: number; readonly memoryGb: number };
  /** What its image is built for. @default 'X86_64' */
  readonly architecture?: 'X86_64' | 'ARM64';
  readonly tasks: TaskCount;
  /** The requests that it answers. @default none: nothing can connect to it */
  readonly serves?: Served;
  /** How a new version takes over. @default blueGreen where it serves, else rolling */
  readonly release?: Release;
  /** What it must keep to, and who hears when it does not; a release that breaks it is taken back. @default not watched */
  readonly watched?: { readonly receivers: AlarmReceivers; readonly limits?: ServiceLimits };
  /** The repository of its image, where that is private. @default none */
  readonly repository?: { readonly arn: pulumi.Input<string> };
  /** What may be read to start it: the grants of the container's `secrets`. @default none */
  readonly secretGrants?: readonly Grant[];
  /** What it may do itself: as buckets, keys and databases hand it out. @default nothing */
  readonly grants?: readonly Grant[];
  /** What it connects to in the network; each side opens its own door. @default none */
  readonly reaches?: Readonly<Record<string, Neighbour>>;
  /** Whether it may connect to the internet, by TLS: the chain, other people's services. @default true */
  readonly internet?: boolean;
  /** Lets people open shells in it; the cluster must allow it too. @default false */
  readonly exec?: boolean;
  /** The key that its log is encrypted with; its policy lets CloudWatch Logs use it. */
  readonly logKey: { readonly arn: pulumi.Input<string> };
  /** Days that its log is kept. @default 365 where the site keeps data, else 30 */
  readonly logDays?: number;
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
    const size = fargateSize(args.size.cpus, args.size.memoryGb);
    // Its roles and alarms carry its name and eight letters more.
    refuseWrong('service', name, serviceProblems(args, release), 24);
    super('cutover:aws:FargateService', regionalName(name, site), {}, opts);
    const describe = describer(this, name, args, opts);
    const { region } = site;
    const tags = tagsOf(site, name);

    this.size = size;
    this.logGroup = describe('logGroup', LogGroup, {
      region,
      kmsKeyId: args.logKey.arn,
      retentionInDays: args.logDays ?? logDays(site),
      tags,
    });
    const roleFor = (part: string, service: string, description: string, grants: readonly Grant[]) =>
      describe(
        'role',
        ServiceRole,
        { site, service, description, grants, onBehalfOf: arnOf(site, 'ecs', '*') },
        { part },
      );
    this.taskRole = roleFor('task', 'ecs-tasks.amazonaws.com', `What ${name} may do`, [
      ...(args.grants ?? []),
      ...(exec && cluster.exec !== undefined ? [shellGrant(cluster.exec)] : []),
    ]);
    this.startRole = roleFor('start', 'ecs-tasks.amazonaws.com', `What starting ${name} takes`, [
      ...startGrants(this.logGroup.arn, args.repository),
      ...(args.secretGrants ?? []),
    ]);
    this.taskDefinition = describe(
      'taskDefinition',
      TaskDefinition,
      {
        region,
        family: `${site.environment}-${name}`,
        requiresCompatibilities: ['FARGATE'],
        networkMode: 'awsvpc',
        cpu: String(size.cpu),
        memory: String(size.memory),
        runtimePlatform: {
          cpuArchitecture: args.architecture ?? 'X86_64',
          operatingSystemFamily: 'LINUX',
        },
        taskRoleArn: this.taskRole.arn,
        executionRoleArn: this.startRole.arn,
        volumes: volumesOf(container, exec).map((volume) => ({ name: volume.name })),
        containerDefinitions: pulumi.jsonStringify([
          containerDefinition(name, container, { size, exec, log: { group: this.logGroup.name, region } }),
        ]),
        tags,
      },
      { part: 'task' },
    );

    const firewall = describeFirewall(describe, name, site, network, {
      from:
        serves === undefined || container.port === undefined
          ? undefined
          : { balancer: serves.balancer, port: container.port },
      to: args.reaches ?? {},
      internet: args.internet ?? true,
    });
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
    describeScaling(describe, args, this.service, seen);
    this.registerOutputs({ service: this.service.name, logGroup: this.logGroup.name });
  }
}

function trafficOf(serves: Served | undefined, traffic: Traffic | undefined): ServiceTraffic | undefined {
  if (serves === undefined || traffic === undefined) return undefined;
  const groups = [traffic.blue, ...(traffic.green === undefined ? [] : [traffic.green])];
  return { balancer: serves.balancer.arnSuffix, groups: groups.map(({ arnSuffix }) => arnSuffix) };
}

function serviceProblems(
  { container, cluster, serves, watched, tasks, exec = false, secretGrants = [] }: FargateServiceArgs,
  release: Release,
): readonly (string | undefined)[] {
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
    Object.keys(container.secrets ?? {}).length > 0 && secretGrants.flat().length === 0
      ? 'secretGrants: nothing says that its secrets may be read; give the grants that come with them'
      : undefined,
  ];
}
