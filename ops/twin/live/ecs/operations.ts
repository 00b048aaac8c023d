import { clusterType, findCluster } from '../../services/aws/ecs-service-checks.ts';
import { findTaskDefinition } from '../../services/aws/ecs-task-definition.ts';
import { textOf } from '../../services/values.ts';
import type { Ground } from '../body.ts';
import { computeOf } from '../compute.ts';
import { refused, type Answer, type Asked, type Operations } from '../operations.ts';
import type { ContainerOverride } from './program.ts';
import type { Task } from './task.ts';

interface RunTask {
  readonly cluster?: string;
  readonly taskDefinition?: string;
  readonly count?: number;
  readonly startedBy?: string;
  readonly clientToken?: string;
  readonly networkConfiguration?: {
    readonly awsvpcConfiguration?: {
      readonly subnets?: readonly string[];
      readonly securityGroups?: readonly string[];
      readonly assignPublicIp?: 'ENABLED' | 'DISABLED';
    };
  };
  readonly overrides?: { readonly containerOverrides?: readonly ContainerOverride[] };
}

interface ListTasks {
  readonly cluster?: string;
  readonly startedBy?: string;
  readonly family?: string;
  readonly serviceName?: string;
  readonly desiredStatus?: string;
}

/** What ECS answers to those who run something once: RunTask, DescribeTasks, ListTasks, StopTask. */
export function taskOperations(ground: () => Ground): Operations {
  const target = (operation: string): string => `AmazonEC2ContainerServiceV20141113.${operation}`;
  return {
    [target('RunTask')]: (asked) => runTask(ground(), asked),
    [target('DescribeTasks')]: ({ body }) => describeTasks(ground(), body['tasks'] as readonly string[]),
    [target('ListTasks')]: (asked) => listTasks(ground(), asked),
    [target('StopTask')]: async ({ body }) => {
      const { tasks } = computeOf(ground());
      const task = tasks.find(String(body['task']));
      if (task === undefined)
        return refused('InvalidParameterException', 'The referenced task was not found.');
      const { reason = 'Task stopped by user' } = body as { readonly reason?: string };
      await tasks.stop(task.id, { code: 'UserInitiated', reason });
      return [200, { task: shown(tasks.find(task.id) ?? task) }];
    },
  };
}

async function runTask(ground: Ground, { body, place }: Asked): Promise<Answer> {
  const { cluster: name = 'default', taskDefinition = '', count = 1, ...rest } = body as RunTask;
  const view = ground.cloud.view();
  const cluster = findCluster({ cloud: view, place }, name);
  if (cluster === undefined) return refused('ClusterNotFoundException', 'Cluster not found.');
  const definition = findTaskDefinition({ cloud: view, place }, taskDefinition);
  if (definition === undefined) return refused('ClientException', 'TaskDefinition not found.');
  const { startedBy = '', clientToken, overrides } = rest;
  const network = rest.networkConfiguration?.awsvpcConfiguration;
  const { tasks } = computeOf(ground);
  const started = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      tasks.start({
        body: { type: clusterType, id: cluster.id, account: cluster.account, region: cluster.region },
        ...{ cluster, definition, startedBy },
        ...(network !== undefined && {
          network: {
            subnets: network.subnets ?? [],
            groups: network.securityGroups ?? [],
            isPublic: network.assignPublicIp === 'ENABLED',
          },
        }),
        ...(clientToken !== undefined && { token: `${clientToken} ${index}` }),
        overrides: overrides?.containerOverrides ?? [],
      }),
    ),
  );
  return [200, { tasks: started.map(shown), failures: [] }];
}

function describeTasks(ground: Ground, ids: readonly string[]): Answer {
  const { tasks } = computeOf(ground);
  const found = ids.map((id) => ({ id, task: tasks.find(id) }));
  return [
    200,
    {
      tasks: found.flatMap(({ task }) => (task === undefined ? [] : [shown(task)])),
      failures: found.flatMap(({ id, task }) => (task === undefined ? [{ arn: id, reason: 'MISSING' }] : [])),
    },
  ];
}

function listTasks(ground: Ground, { body, place }: Asked): Answer {
  const {
    cluster: name = 'default',
    startedBy,
    family,
    serviceName,
    desiredStatus = 'RUNNING',
  } = body as ListTasks;
  const view = ground.cloud.view();
  const cluster = findCluster({ cloud: view, place }, name);
  if (cluster === undefined) return refused('ClusterNotFoundException', 'Cluster not found.');
  const taskArns = computeOf(ground)
    .tasks.all()
    .filter((task) => task.cluster === cluster.id)
    .filter(({ status }) => (status === 'STOPPED') === (desiredStatus === 'STOPPED'))
    .filter((task) => startedBy === undefined || task.startedBy === startedBy)
    .filter(({ definition }) => family === undefined || familyOf(definition) === family)
    .filter(({ service = '' }) => {
      const thing = serviceName === undefined ? undefined : view.byArn(service);
      return serviceName === undefined || (thing !== undefined && textOf(thing, 'name') === serviceName);
    })
    .map(({ arn }) => arn);
  return [200, { taskArns }];
}

function familyOf(definition: string): string {
  return definition.split('task-definition/').at(-1)?.replace(/:\d+$/, '') ?? '';
}

function shown(task: Task): object {
  const {
    arn,
    cluster,
    definition,
    service,
    startedBy,
    status,
    createdMs,
    stoppedMs,
    stopCode,
    stoppedReason,
  } = task;
  return {
    ...{ taskArn: arn, clusterArn: cluster, taskDefinitionArn: definition, startedBy },
    group: service === undefined ? `family:${familyOf(definition)}` : `service:${service.split('/').at(-1)}`,
    ...{
      lastStatus: status,
      desiredStatus: status === 'STOPPED' ? 'STOPPED' : 'RUNNING',
      launchType: 'FARGATE',
    },
    createdAt: createdMs / 1000,
    ...(stoppedMs !== undefined && { stoppedAt: stoppedMs / 1000 }),
    ...(stopCode !== undefined && { stopCode }),
    ...(stoppedReason !== undefined && { stoppedReason }),
    containers: task.containers.map(({ name, exitCode, reason }) => ({
      ...{ name, taskArn: arn, lastStatus: status },
      ...(exitCode !== undefined && { exitCode }),
      ...(reason !== undefined && { reason }),
    })),
  };
}
