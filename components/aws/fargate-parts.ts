import { LogGroup, type LogGroupArgs } from '@pulumi/aws/cloudwatch/logGroup.js';
import { TaskDefinition, type TaskDefinitionArgs } from '@pulumi/aws/ecs/taskDefinition.js';
import * as pulumi from '@pulumi/pulumi';
import type { Cluster } from './cluster.ts';
import { containerDefinition, volumesOf, type ContainerArgs } from './container.ts';
import { fargateSize, type FargateSize } from './fargate-sizes.ts';
import type { Network } from './network.ts';
import type { Grant } from './policy-output.ts';
import type { Neighbour } from './service-firewall.ts';
import { shellGrant, startGrants } from './service-permissions.ts';
import { ServiceRole, type ServiceRoleArgs } from './service-role.ts';
import { arnOf, logDays, type Site } from './site.ts';
import { tagsOf, type Describe } from './transform.ts';

/** The children that everything on Fargate has, for `transform`. */
export interface FargateChildren {
  logGroup: LogGroupArgs;
  /** The roles of the task and of its start. */
  role: ServiceRoleArgs;
  taskDefinition: TaskDefinitionArgs;
}

/** What everything on Fargate takes. */
export interface FargateArgs {
  readonly network: Network;
  readonly cluster: Cluster;
  readonly container: ContainerArgs;
  /** Each task: the smallest size of Fargate that has as much is taken. */
  readonly size: { readonly cpus: number; readonly memoryGb: number };
  /** What its image is built for. @default 'X86_64' */
  readonly architecture?: 'X86_64' | 'ARM64';
  /** The repository of its image, where that is private. @default none */
  readonly repository?: { readonly arn: pulumi.Input<string> };
  /** What may be read to start it: the grants of the container's `secrets`. @default none */
  readonly secretGrants?: readonly Grant[];
  /** What it may do itself: as buckets, keys and databases hand it out. @default nothing */
  readonly grants?: readonly Grant[];
  /** What it connects to in the network; each side opens its own door. @default none */
  readonly reaches?: Readonly<Record<string, Neighbour>>;
  /** The key that its log is encrypted with; its policy lets CloudWatch Logs use it. */
  readonly logKey: { readonly arn: pulumi.Input<string> };
  /** Days that its log is kept. @default 365 where the site keeps data, else 30 */
  readonly logDays?: number;
}

/** What a task is made of, whether a service runs it or it runs once. */
export interface FargateParts {
  readonly logGroup: LogGroup;
  readonly taskRole: ServiceRole;
  readonly startRole: ServiceRole;
  readonly taskDefinition: TaskDefinition;
  readonly size: FargateSize;
}

/** Describes the log, the roles and the definition of a task. */
export function describeTask(
  describe: Describe<FargateChildren>,
  name: string,
  site: Site,
  args: FargateArgs,
  /** Where shells in it are logged; undefined where nobody opens any. */
  shells?: Cluster['exec'],
): FargateParts {
  const { container } = args;
  const { region } = site;
  const exec = shells !== undefined;
  const size = fargateSize(args.size.cpus, args.size.memoryGb);
  const tags = tagsOf(site, name);

  const logGroup = describe('logGroup', LogGroup, {
    region,
    kmsKeyId: args.logKey.arn,
    retentionInDays: args.logDays ?? logDays(site),
    tags,
  });
  const roleFor = (part: string, description: string, grants: readonly Grant[]) =>
    describe(
      'role',
      ServiceRole,
      {
        site,
        service: 'ecs-tasks.amazonaws.com',
        description,
        grants,
        onBehalfOf: arnOf(site, 'ecs', '*'),
      },
      { part },
    );
  const taskRole = roleFor('task', `What ${name} may do`, [
    ...(args.grants ?? []),
    ...(shells === undefined ? [] : [shellGrant(shells)]),
  ]);
  const startRole = roleFor('start', `What starting ${name} takes`, [
    ...startGrants(logGroup.arn, args.repository),
    ...(args.secretGrants ?? []),
  ]);
  const taskDefinition = describe(
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
      taskRoleArn: taskRole.arn,
      executionRoleArn: startRole.arn,
      volumes: volumesOf(container, exec).map((volume) => ({ name: volume.name })),
      containerDefinitions: pulumi.jsonStringify([
        containerDefinition(name, container, { size, exec, log: { group: logGroup.name, region } }),
      ]),
      tags,
    },
    { part: 'task' },
  );
  return { logGroup, taskRole, startRole, taskDefinition, size };
}

/** What is wrong with the secrets of a container, where nothing says that they may be read. */
export function secretProblem({ container, secretGrants = [] }: FargateArgs): string | undefined {
  return Object.keys(container.secrets ?? {}).length > 0 && secretGrants.flat().length === 0
    ? 'secretGrants: nothing says that its secrets may be read; give the grants that come with them'
    : undefined;
}
