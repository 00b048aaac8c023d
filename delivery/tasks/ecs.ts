import type { Task } from '@aws-sdk/client-ecs';
import { requestLimits } from '@cutover/base/aws-requests.ts';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import {
  familyOf,
  idOf,
  logStream,
  overridesOf,
  type SeenTask,
  type TaskOrder,
  type TaskRun,
} from '../plan/task-run.ts';

// A crowded account is throttled for many seconds at a time; the SDK waits longer each time, up to 20 s.
const ATTEMPTS = 10;
// A task that is asked for again is the same one: it has a token.
const TIMEOUTS = requestLimits(10_000, 30_000);
/** Stopped tasks are remembered for an hour; this many pages of a hundred are looked through. */
const MOST_PAGES = 10;

/** Lines of a log, and where to go on. */
export interface LogPart {
  readonly lines: readonly string[];
  readonly next: string | undefined;
}

/** What is asked of ECS and of the log, at one place. Every failure is CUT-4154. */
export interface TaskService {
  /** The tasks of the family that this mark started: running ones, and those that stopped in the last hour. */
  find(mark: string): Promise<readonly SeenTask[]>;
  /** SIDE EFFECTS: starts a task, once for a token. */
  start(order: TaskOrder, token: string): Promise<SeenTask>;
  /** Undefined while ECS does not know it yet. */
  look(arn: string): Promise<SeenTask | undefined>;
  /** SIDE EFFECTS: stops the task. */
  stop(arn: string, reason: string): Promise<void>;
  /** The next part of its log; nothing while there is none. */
  log(arn: string, next: string | undefined): Promise<LogPart>;
  close(): void;
}

/** Opens ECS and CloudWatch Logs in a region; AWS_ENDPOINT_URL leads elsewhere. `directory` is for messages. */
export async function openTaskService(run: TaskRun, directory: string): Promise<TaskService> {
  // Loaded only here: the AWS SDK takes 60 ms to load.
  const [ecs, logs] = await Promise.all([
    import('@aws-sdk/client-ecs'),
    import('@aws-sdk/client-cloudwatch-logs'),
  ]);
  const options = { region: run.region, maxAttempts: ATTEMPTS, requestHandler: TIMEOUTS };
  const client = new ecs.ECSClient(options);
  const logClient = new logs.CloudWatchLogsClient(options);
  const { cluster } = run;

  const asked = async <Answer>(action: string, call: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await call();
    } catch (error) {
      throw refusalOf(error, { action, directory, region: run.region, cluster: idOf(cluster) });
    }
  };
  const describe = async (tasks: string[]): Promise<readonly SeenTask[]> => {
    if (tasks.length === 0) return [];
    const answer = await client.send(new ecs.DescribeTasksCommand({ cluster, tasks }));
    return (answer.tasks ?? []).map((task) => seen(task, run.container));
  };
  const list = async (filter: { startedBy: string } | { family: string; desiredStatus: 'STOPPED' }) => {
    const found: SeenTask[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer = await client.send(
        new ecs.ListTasksCommand({ cluster, maxResults: 100, nextToken, ...filter }),
      );
      found.push(...(await describe(answer.taskArns ?? [])));
      nextToken = answer.nextToken;
      if (nextToken === undefined) break;
    }
    return found;
  };

  return {
    find: (mark) =>
      asked('list the tasks', async () => {
        // startedBy may be the only filter of a list, so stopped tasks are looked through.
        const running = await list({ startedBy: mark });
        const stopped = await list({ family: familyOf(run), desiredStatus: 'STOPPED' });
        const known = new Set(running.map(({ arn }) => arn));
        return [...running, ...stopped.filter(({ arn }) => !known.has(arn))].filter(
          ({ startedBy }) => startedBy === mark,
        );
      }),
    start: (order, token) =>
      asked('start a task', async () => {
        const { tasks = [], failures = [] } = await client.send(
          new ecs.RunTaskCommand({
            cluster,
            taskDefinition: run.taskDefinition,
            launchType: 'FARGATE',
            platformVersion: '1.4.0',
            count: 1,
            startedBy: order.mark,
            clientToken: token,
            networkConfiguration: {
              awsvpcConfiguration: {
                subnets: [...run.subnets],
                securityGroups: [...run.securityGroups],
                assignPublicIp: 'DISABLED',
              },
            },
            overrides: overridesOf(run, order),
          }),
        );
        const [task] = tasks;
        if (task !== undefined) return seen(task, run.container);
        const reasons = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': '));
        throw new PlacementError(reasons.join('; ') || 'no task, and no reason');
      }),
    look: (arn) => asked('describe the task', async () => (await describe([arn]))[0]),
    stop: (task, reason) =>
      asked('stop the task', async () => {
        await client.send(new ecs.StopTaskCommand({ cluster, task, reason }));
      }),
    log: (arn, nextToken) =>
      asked('read the log of the task', async () => {
        const place = { logGroupName: run.logGroup, logStreamName: logStream(run, arn) };
        try {
          const command = new logs.GetLogEventsCommand({ ...place, startFromHead: true, nextToken });
          const { events = [], nextForwardToken } = await logClient.send(command);
          return { lines: events.map(({ message }) => message ?? ''), next: nextForwardToken };
        } catch (error) {
          // The stream is made with the first line.
          if (error instanceof logs.ResourceNotFoundException) return { lines: [], next: nextToken };
          throw error;
        }
      }),
    close: () => {
      client.destroy();
      logClient.destroy();
    },
  };
}

/** ECS answered, and placed no task. */
class PlacementError extends Error {}

function seen(task: Task, container: string): SeenTask {
  const own = task.containers?.find(({ name }) => name === container);
  return {
    arn: task.taskArn ?? '',
    startedBy: task.startedBy ?? '',
    status: task.lastStatus ?? 'PROVISIONING',
    createdAt: task.createdAt?.getTime() ?? 0,
    exitCode: own?.exitCode,
    reasons: [task.stoppedReason, own?.reason].flatMap((reason) => (reason ? [reason] : [])),
  };
}

interface Asked {
  readonly action: string;
  readonly directory: string;
  readonly region: string;
  readonly cluster: string;
}

/** Without its cause: the SDK hangs the whole answer on its errors. */
function refusalOf(error: unknown, asked: Asked): CutoverError {
  const name = error instanceof Error ? error.name : '';
  const { $fault, code } = error as { readonly $fault?: unknown; readonly code?: unknown };
  const own = $fault !== undefined || error instanceof PlacementError || /Credentials|Token/.test(name);
  const said = own ? messageOf(error) : typeof code === 'string' ? code : name;
  const known = fixes.find(({ when }) => when.test(`${name} ${said}`))?.fix;
  return new CutoverError('CUT-4154', {
    ...asked,
    message: name === 'Error' || name === '' || said.includes(name) ? said : `${name}: ${said}`,
    fix: known ?? 'See that AWS can be reached from here and that the credentials are those of the account.',
  });
}

const fixes: readonly { readonly when: RegExp; readonly fix: string }[] = [
  {
    when: /ClusterNotFound/,
    fix: 'See that `runs.region` is the region of the cluster and that the credentials are those of its account.',
  },
  {
    when: /AccessDenied|not authorized/i,
    fix: 'Allow who deploys ecs:RunTask, ecs:ListTasks, ecs:DescribeTasks, ecs:StopTask, logs:GetLogEvents, and iam:PassRole of both roles of the task.',
  },
  { when: /Throttl|TooManyRequests|Rate exceeded/i, fix: 'AWS asks for patience: wait a minute.' },
  {
    when: /Credentials|ExpiredToken|UnrecognizedClient|InvalidSignature/i,
    fix: 'Sign in to AWS anew: the credentials are missing or have expired.',
  },
  {
    when: /TaskDefinition|inactive/i,
    fix: 'Run `pulumi refresh`: the task definition is not there any more.',
  },
  { when: /capacity/i, fix: 'AWS has no free capacity in these zones; wait some minutes.' },
];
