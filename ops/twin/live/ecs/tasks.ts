import { randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@cutover/base/errors.ts';
import { processStartTime, processesWithEnvironment } from '@cutover/base/process-identity.ts';
import { identify, type Identity } from '@cutover/delivery/processes/process-table.ts';
import type { Thing } from '../../kind.ts';
import { containersOf } from '../../services/aws/ecs-task-definition.ts';
import type { Container } from '../../services/aws/ecs-containers.ts';
import { textOf } from '../../services/values.ts';
import type { BodyOf, Ground } from '../body.ts';
import { logFile, type LogStream } from '../logs.ts';
import { watchHealth, type Health, type HealthWatch } from './health.ts';
import { healthCheckOf, programOf, type ContainerOverride, type Program } from './program.ts';
import { fetchSecret, StartError, type ReadSecret } from './secrets.ts';
import { taskNetworks } from './task-network.ts';
import { openTaskFiles, type Task, type TaskContainer, type TaskNetwork } from './task.ts';

/** A task that is to run. */
export interface TaskOrder {
  /** The thing whose processes they are: a service, or the cluster of one that runs once. */
  readonly body: BodyOf;
  readonly cluster: Thing;
  readonly definition: Thing;
  readonly service?: string;
  readonly startedBy: string;
  readonly token?: string;
  /** Where one that runs once is put. */
  readonly network?: TaskNetwork;
  readonly targetGroups?: readonly string[];
  readonly overrides?: readonly ContainerOverride[];
}

/** Why a task is stopped, in ECS's words. */
export interface StopReason {
  readonly code: 'UserInitiated' | 'ServiceSchedulerInitiated';
  readonly reason: string;
}

/** The tasks of ECS: processes that are started, watched and stopped. */
export interface Tasks {
  /** SIDE EFFECTS: starts processes. A task that cannot be started is one that has stopped, with its reason. */
  start(order: TaskOrder): Promise<Task>;
  /** Ends its processes in order, and waits for it. */
  stop(id: string, why: StopReason): Promise<void>;
  find(id: string): Task | undefined;
  all(): readonly Task[];
  health(id: string): Health;
  /** What its health check heard last, for people. */
  lastAnswer(id: string): string;
  /** Ends the watching; what runs goes on. */
  close(): void;
}

const lookMs = 200;
/** Stopped tasks are remembered for an hour, as ECS does it. */
const rememberedMs = 3_600_000;

/**
 * Takes up the tasks that were written down and watches them. Those that ended while nobody looked have stopped.
 * SIDE EFFECTS: reads and writes files, asks processes how they are.
 */
export function openTasks(ground: Ground, readSecret: ReadSecret, onStopped: (task: Task) => void): Tasks {
  const files = openTaskFiles(ground.folder);
  const networks = taskNetworks(ground, files);
  const tasks = new Map(files.load().map((task) => [task.id, task]));
  const watches = new Map<string, HealthWatch>();
  const endings = new Map<string, Promise<string>>();
  const stopping = new Map<string, Promise<void>>();
  let closed = false;

  const save = (task: Task): Task => {
    tasks.set(task.id, task);
    files.save(task);
    return task;
  };
  const change = (id: string, changes: Partial<Task>): void => {
    const task = tasks.get(id);
    if (task === undefined || task.status === 'STOPPED') return;
    const changed = save({ ...task, ...changes });
    if (changed.status === 'STOPPED') onStopped(changed);
  };

  const start = async (order: TaskOrder): Promise<Task> => {
    const { definition, cluster, token } = order;
    const there = token === undefined ? undefined : [...tasks.values()].find((task) => task.token === token);
    if (there !== undefined) return there;
    const task = newTask(order);
    save(task);
    try {
      networks.mustStart(task, definition);
      networks.tell(task);
      const running = await Promise.all(
        containersOf(definition).map((container) => startContainer(order, task, container)),
      );
      change(task.id, { status: 'RUNNING', containers: running });
    } catch (error) {
      const reason =
        error instanceof StartError ? error.message : `CannotStartContainerError: ${messageOf(error)}`;
      ground.log(`task ${task.id} of ${textOf(cluster, 'name')} was not started: ${reason}`);
      change(task.id, stopped('TaskFailedToStart', reason));
    }
    return tasks.get(task.id) ?? task;
  };

  const startContainer = async (
    { body, definition, overrides = [] }: TaskOrder,
    task: Task,
    container: Container,
  ): Promise<TaskContainer> => {
    const name = container.name ?? '';
    const cloudPort = container.portMappings?.[0]?.containerPort;
    const localPort = cloudPort === undefined ? undefined : await ground.freePort();
    const secrets = await Promise.all(
      (container.secrets ?? []).map(
        async (each) =>
          [each.name, await fetchSecret(ground.cloud, readSecret, each.valueFrom, definition)] as const,
      ),
    );
    const override = overrides.find((each) => each.name === name);
    const program = programOf({
      ...{ container, localPort, secrets: Object.fromEntries(secrets), authorityFile: ground.authority.file },
      ...(override !== undefined && { override }),
    });
    const log = streamOf(container, task);
    const kept = await ground.spawnKept(body, {
      ...{ file: program.file, args: program.args, workingFolder: program.workingFolder },
      log: logFile(ground.folder, log),
      environment: {
        ...inTheCloud(ground, task.region),
        ...program.environment,
        CUTOVER_TASK: `${task.id}/${name}`,
        CUTOVER_EXIT_FILE: files.exitFile(task.id, name),
        CUTOVER_BARRED: files.barredFile(task.id),
      },
    });
    endings.set(`${task.id}/${name}`, kept.ended);
    watch(task.id, container, program, localPort);
    return {
      ...{ name, essential: container.essential ?? true, log },
      process: { pid: kept.pid, started: kept.started },
      ...(cloudPort !== undefined &&
        localPort !== undefined && { port: { cloud: cloudPort, local: localPort } }),
    };
  };

  const watch = (id: string, container: Container, program: Program, localPort: number | undefined): void => {
    const check = healthCheckOf(container);
    if (check === undefined) return;
    watches.set(
      `${id}/${container.name}`,
      watchHealth(ground.cloud, container, check, { program, localPort }),
    );
  };

  /** Looks at each process of a task once. */
  const look = async (task: Task): Promise<void> => {
    const containers = await Promise.all(
      task.containers.map(async (container) => {
        if (container.process === undefined || container.exitCode !== undefined) return container;
        const { pid, started } = container.process;
        if ((await processStartTime(pid)) === started) return container;
        return { ...container, ...(await endOf(task.id, container.name)) };
      }),
    );
    const ended = containers.filter((each) => each.exitCode !== undefined || each.reason !== undefined);
    if (ended.length === 0 || tasks.get(task.id)?.status !== 'RUNNING') return;
    const over = ended.some(({ essential }) => essential) || ended.length === containers.length;
    if (!over) return void change(task.id, { containers });
    await ground.stop(containers.flatMap((each) => (ended.includes(each) ? [] : (each.process ?? []))));
    unwatch(task);
    ground.log(
      `task ${task.id} ended: ${ended.map(({ name, exitCode }) => `${name} with ${exitCode ?? 'a signal'}`).join(', ')}`,
    );
    change(task.id, {
      ...stopped('EssentialContainerExited', 'Essential container in task exited'),
      containers,
    });
  };

  const endOf = async (id: string, name: string): Promise<Pick<TaskContainer, 'exitCode' | 'reason'>> => {
    const written = files.exitCode(id, name);
    if (written !== undefined) return { exitCode: written };
    // It is gone, and we hear of it in a moment; of one that another ground started, never.
    const heard = await Promise.race([endings.get(`${id}/${name}`), sleep(1000)]);
    const [, how, what = ''] = /^(exit code|signal) (\w+)/.exec(heard ?? '') ?? [];
    if (how === 'exit code') return { exitCode: Number(what) };
    // 128 and the number of the signal.
    if (how === 'signal') return { exitCode: what === 'SIGKILL' ? 137 : 143 };
    return { reason: 'It ended while nobody looked, and did not say how.' };
  };

  const unwatch = ({ id, containers }: Task): void => {
    for (const { name } of containers) {
      watches.get(`${id}/${name}`)?.end();
      watches.delete(`${id}/${name}`);
    }
  };

  const stop = async (id: string, { code, reason }: StopReason): Promise<void> => {
    const task = tasks.get(id);
    if (task === undefined || task.status === 'STOPPED') return;
    unwatch(task);
    const seconds = secondsToStop(ground, task);
    await ground.stop(
      task.containers.flatMap((each) => each.process ?? []),
      'SIGTERM',
      seconds,
    );
    const containers = await Promise.all(
      task.containers.map(async (each) => ({ ...each, ...(await endOf(id, each.name)) })),
    );
    change(id, { ...stopped(code, reason), containers });
  };

  const adopt = async (task: Task): Promise<void> => {
    if (task.status === 'STOPPED') {
      if ((task.stoppedMs ?? 0) + rememberedMs < Date.now()) {
        tasks.delete(task.id);
        files.remove(task.id);
      }
      return;
    }
    if (task.status === 'PENDING') {
      await ground.stop(await leftOver(task));
      return change(task.id, stopped('TaskFailedToStart', 'It was being started when the ground ended.'));
    }
    const definition = ground.cloud.view().byArn(task.definition);
    for (const container of definition === undefined ? [] : containersOf(definition)) {
      const at = task.containers.find((each) => each.name === container.name)?.port?.local;
      const check = healthCheckOf(container);
      // A command beside it would need its secrets; they are fetched when it starts, and kept nowhere.
      if (check?.kind === 'ask') watch(task.id, container, nowhere, at);
    }
  };

  const adopted = Promise.all([...tasks.values()].map(adopt)).then(() => undefined);
  const round = async (): Promise<void> => {
    await adopted;
    if (closed) return;
    const running = [...tasks.values()].filter(({ id, status }) => status === 'RUNNING' && !stopping.has(id));
    networks.tellChanges(running);
    await Promise.all(running.map(look));
    if (!closed) timer = setTimeout(() => void round(), lookMs);
  };
  let timer: NodeJS.Timeout | undefined;
  void round();

  return {
    start: async (order) => {
      await adopted;
      return start(order);
    },
    stop: (id, why) => {
      const underway = stopping.get(id) ?? stop(id, why).finally(() => stopping.delete(id));
      stopping.set(id, underway);
      return underway;
    },
    find: (id) => tasks.get(id.split('/').at(-1) ?? id),
    all: () => [...tasks.values()],
    health: (id) => {
      const states = [...watches].flatMap(([key, each]) => (key.startsWith(`${id}/`) ? [each.state()] : []));
      if (states.includes('UNHEALTHY')) return 'UNHEALTHY';
      return states.length > 0 && states.every((state) => state === 'HEALTHY') ? 'HEALTHY' : 'UNKNOWN';
    },
    lastAnswer: (id) =>
      [...watches].flatMap(([key, each]) => (key.startsWith(`${id}/`) ? [each.lastAnswer()] : [])).join(', '),
    close: () => {
      closed = true;
      clearTimeout(timer);
      for (const each of watches.values()) each.end();
    },
  };
}

const nowhere: Program = { file: '', args: [], environment: {}, workingFolder: '/' };

function newTask(order: TaskOrder): Task {
  const { cluster, definition, service, network, startedBy, token, targetGroups = [] } = order;
  const { account, region } = cluster;
  const id = randomBytes(16).toString('hex');
  return {
    ...{ id, account, region, startedBy, targetGroups },
    arn: `arn:aws:ecs:${region}:${account}:task/${textOf(cluster, 'name') ?? ''}/${id}`,
    ...{ cluster: cluster.id, definition: definition.id },
    ...(service !== undefined && { service }),
    ...(network !== undefined && { network }),
    ...(token !== undefined && { token }),
    ...{ status: 'PENDING', createdMs: Date.now() },
    containers: containersOf(definition).map(({ name = '', essential = true }) => ({ name, essential })),
  };
}

function stopped(stopCode: string, stoppedReason: string): Partial<Task> {
  return { status: 'STOPPED', stoppedMs: Date.now(), stopCode, stoppedReason };
}

/** The stream that a container logs to: `prefix/container/task`. */
function streamOf({ name = '', logConfiguration }: Container, { id, region }: Task): LogStream {
  const options = logConfiguration?.options ?? {};
  return {
    region: options['awslogs-region'] ?? region,
    group: options['awslogs-group'] ?? 'no-group',
    stream: `${options['awslogs-stream-prefix'] ?? 'ecs'}/${name}/${id}`,
  };
}

/** What every process in the network of the cloud has: names, APIs and certificates as they are there. */
function inTheCloud(
  { endpointUrl, addressesFile, authority }: Ground,
  region: string,
): Readonly<Record<string, string>> {
  return {
    NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, '..', 'vpc.mjs')).href}`,
    NODE_EXTRA_CA_CERTS: authority.file,
    CUTOVER_ADDRESSES: addressesFile,
    ...{ AWS_ENDPOINT_URL: endpointUrl, AWS_REGION: region },
    ...{ AWS_ACCESS_KEY_ID: 'twin', AWS_SECRET_ACCESS_KEY: 'twin', AWS_EC2_METADATA_DISABLED: 'true' },
  };
}

function secondsToStop({ cloud }: Ground, { definition }: Task): number {
  const found = cloud.view().byArn(definition);
  const containers = found === undefined ? [] : containersOf(found);
  return Math.max(
    0,
    ...containers.map(({ stopTimeout = 30 }) => stopTimeout),
    containers.length === 0 ? 30 : 0,
  );
}

/** Processes of a task that were started and not written down, by what they carry in their environment. */
async function leftOver({ id, containers }: Task): Promise<readonly Identity[]> {
  const pids = await Promise.all(
    containers.map(({ name }) => processesWithEnvironment('CUTOVER_TASK', `${id}/${name}`)),
  );
  return identify(pids.flat());
}
