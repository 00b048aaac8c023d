import type { LogGroup } from '@pulumi/aws/cloudwatch/logGroup.js';
import type { SecurityGroup } from '@pulumi/aws/ec2/securityGroup.js';
import type { TaskDefinition } from '@pulumi/aws/ecs/taskDefinition.js';
import type { TaskRun } from '@cutover/delivery/plan/task-run.ts';
import * as pulumi from '@pulumi/pulumi';
import { containerProblems } from './container.ts';
import { describeTask, secretProblem, type FargateArgs, type FargateChildren } from './fargate-parts.ts';
import type { FargateSize } from './fargate-sizes.ts';
import { describeFirewall, neighbourProblems, type FirewallChildren } from './service-firewall.ts';
import type { ServiceRole } from './service-role.ts';
import { describer, refuseWrong, regionalName, type AwsArgs } from './transform.ts';

/** The children of a task and their arguments, for `transform`. */
export interface FargateTaskChildren extends FirewallChildren, FargateChildren {}

export interface FargateTaskArgs extends AwsArgs<FargateTaskChildren>, FargateArgs {
  /** Whether it may connect to the internet, by TLS. @default false */
  readonly internet?: boolean;
}

/**
 * Something that runs once on Fargate, in the network of a service, when it is told to: a migration, a repair. It has
 * what a service's tasks have, roles, a security group, a log, and nothing that starts it; who starts it takes `run`.
 *
 * @example
 * const task = new FargateTask('coinestate-migrate', {
 *   site, network, cluster, logKey, repository,
 *   container: {
 *     image: image.ref,
 *     environment: { MIGRATIONS: 'migrations/coinestate', DATABASE_URL: postgres.url },
 *     secrets: { DATABASE_PASSWORD: postgres.passwordFrom },
 *   },
 *   secretGrants: [postgres.grants.readPassword],
 *   size: { cpus: 0.25, memoryGb: 0.5 },
 *   reaches: { database: postgres },
 * });
 * const door = postgres.allow('migrate', task.securityGroup);
 * new PostgresMigrations('coinestate-migrations', { …, runs: task.run }, { dependsOn: [network, task, door] });
 */
export class FargateTask extends pulumi.ComponentResource {
  readonly taskDefinition: TaskDefinition;
  /** What it acts as. */
  readonly taskRole: ServiceRole;
  /** What ECS acts as to start it. */
  readonly startRole: ServiceRole;
  /** Named by what lets it in. */
  readonly securityGroup: SecurityGroup;
  readonly logGroup: LogGroup;
  /** What running it takes, as a whole. Who runs it waits for the network and for doors that others open as well. */
  readonly run: pulumi.Output<TaskRun>;
  /** What it got. */
  readonly size: FargateSize;

  constructor(name: string, args: FargateTaskArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, network, cluster, container } = args;
    // Its roles carry its name and six letters more.
    refuseWrong(
      'task',
      name,
      [
        ...containerProblems(container, 'once').map((problem) => problem && `container.${problem}`),
        container.port === undefined ? undefined : 'container.port: nothing can connect to it; leave it out',
        secretProblem(args),
        ...neighbourProblems(args.reaches),
      ],
      26,
    );
    super('cutover:aws:FargateTask', regionalName(name, site), {}, opts);

    const parts = describeTask(describer<FargateChildren>(this, name, args, opts), name, site, args);
    const describe = describer<FirewallChildren>(this, name, args, opts);
    const firewall = describeFirewall(describe, name, site, network, {
      to: args.reaches ?? {},
      internet: args.internet ?? false,
    });
    this.logGroup = parts.logGroup;
    this.taskRole = parts.taskRole;
    this.startRole = parts.startRole;
    this.taskDefinition = parts.taskDefinition;
    this.size = parts.size;
    this.securityGroup = firewall.group;
    this.run = pulumi.output({
      region: site.region,
      cluster: cluster.arn,
      taskDefinition: this.taskDefinition.arn,
      container: name,
      subnets: network.subnets.private.map(({ id }) => id),
      securityGroups: [this.securityGroup.id],
      logGroup: this.logGroup.name,
      logStreamPrefix: name,
    });
    this.registerOutputs({ run: this.run });
  }
}
