import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { projectRoot } from '@cutover/base/project.ts';
import type { TaskRun } from '@cutover/delivery/plan/task-run.ts';

/** What the fake does wrong, on purpose; a test may change it at any time. */
export interface FakeFaults {
  /** So many calls are answered with ThrottlingException. */
  throttled: number;
  /** Tasks stay in PENDING. */
  neverStarts: boolean;
  /** Tasks stop before they run, for this reason. */
  stopsWith: string | undefined;
  /** RunTask places nothing and says why. */
  places: string | undefined;
  /** Calls of this action are refused: AccessDeniedException. */
  denied: string | undefined;
}

interface FakeTask {
  readonly arn: string;
  readonly startedBy: string;
  readonly request: string;
  readonly createdAt: number;
  status: string;
  exitCode?: number;
  stoppedReason?: string;
  child?: ChildProcess;
  readonly log: string[];
}

/** A fake of two APIs of AWS. Its tasks are real processes: their logs and exit codes are real. */
export interface FakeEcs {
  readonly endpoint: string;
  /** A place that it knows. */
  readonly run: TaskRun;
  readonly faults: FakeFaults;
  /** The actions that were asked for, in order. */
  readonly asked: readonly string[];
  readonly tasks: readonly FakeTask[];
  /** Kills its tasks and stops. */
  close(): Promise<void>;
}

class Refusal extends Error {
  override readonly name: string;
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

const account = '123456789012';
const region = 'us-east-1';
const arn = (rest: string) => `arn:aws:ecs:${region}:${account}:${rest}`;

/** Starts the fake; `environment` is what its one task definition gives to the container. */
export async function startFakeEcs(environment: () => Readonly<Record<string, string>>): Promise<FakeEcs> {
  const run: TaskRun = {
    region,
    cluster: arn('cluster/cutover'),
    taskDefinition: arn('task-definition/staging-migrate:7'),
    container: 'migrate',
    subnets: ['subnet-1'],
    securityGroups: ['sg-1'],
    logGroup: '/tasks/migrate',
    logStreamPrefix: 'migrate',
  };
  const faults: FakeFaults = {
    throttled: 0,
    neverStarts: false,
    stopsWith: undefined,
    places: undefined,
    denied: undefined,
  };
  const asked: string[] = [];
  const tasks: FakeTask[] = [];
  const tokens = new Map<string, FakeTask>();

  const shown = (task: FakeTask) => ({
    taskArn: task.arn,
    startedBy: task.startedBy,
    lastStatus: task.status,
    createdAt: task.createdAt / 1000,
    ...(task.stoppedReason === undefined ? {} : { stoppedReason: task.stoppedReason }),
    containers: [
      {
        name: run.container,
        lastStatus: task.status,
        ...(task.exitCode === undefined ? {} : { exitCode: task.exitCode }),
      },
    ],
  });

  const live = (task: FakeTask, overrides: Overrides): void => {
    task.status = 'PENDING';
    if (faults.neverStarts) return;
    if (faults.stopsWith !== undefined) {
      Object.assign(task, { status: 'STOPPED', stoppedReason: faults.stopsWith });
      return;
    }
    const [own] = overrides.containerOverrides;
    const [program = '', ...args] = own?.command ?? [];
    const told = Object.fromEntries((own?.environment ?? []).map(({ name, value }) => [name, value]));
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      cwd: projectRoot,
      env: { PATH: process.env['PATH'] ?? '', ...environment(), ...told },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    Object.assign(task, { status: 'RUNNING', child });
    let rest = '';
    const collect = (part: Buffer) => {
      const lines = (rest + part.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      task.log.push(...lines);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('close', (code, signal) => {
      if (rest !== '') task.log.push(rest);
      const stoppedReason = task.stoppedReason ?? 'Essential container in task exited';
      Object.assign(task, {
        status: 'STOPPED',
        stoppedReason,
        exitCode: code ?? (signal === 'SIGKILL' ? 137 : 143),
      });
    });
  };

  const actions: Readonly<Record<string, (body: Body) => unknown>> = {
    RunTask: (body) => {
      if (faults.places !== undefined) return { tasks: [], failures: [{ reason: faults.places }] };
      if (body.taskDefinition !== run.taskDefinition) {
        throw new Refusal('ClientException', 'TaskDefinition is inactive');
      }
      const request = JSON.stringify(body);
      const earlier = tokens.get(body.clientToken);
      if (earlier !== undefined) {
        if (earlier.request !== request) throw new Refusal('ConflictException', 'token used otherwise');
        return { tasks: [shown(earlier)] };
      }
      const task: FakeTask = {
        arn: arn(`task/cutover/${String(tasks.length + 1).padStart(32, '0')}`),
        startedBy: body.startedBy,
        request,
        createdAt: Date.now(),
        status: 'PROVISIONING',
        log: [],
      };
      tasks.push(task);
      tokens.set(body.clientToken, task);
      setTimeout(() => live(task, body.overrides), 50);
      return { tasks: [shown(task)] };
    },
    ListTasks: ({ startedBy, family, desiredStatus = 'RUNNING' }) => {
      if (startedBy !== undefined && family !== undefined) {
        throw new Refusal('InvalidParameterException', 'startedBy must be the only filter');
      }
      const found = tasks.filter(
        (task) =>
          (task.status === 'STOPPED') === (desiredStatus === 'STOPPED') &&
          (startedBy === undefined || task.startedBy === startedBy) &&
          (family === undefined || family === 'staging-migrate'),
      );
      return { taskArns: found.map((task) => task.arn) };
    },
    DescribeTasks: (body) => {
      const found = tasks.filter((task) => body.tasks.includes(task.arn));
      return { tasks: found.map(shown), failures: [] };
    },
    StopTask: (body) => {
      const task = tasks.find((each) => each.arn === body.task);
      if (task === undefined)
        throw new Refusal('InvalidParameterException', 'The referenced task was not found');
      task.stoppedReason = body.reason;
      if (task.child === undefined) task.status = 'STOPPED';
      else task.child.kill('SIGTERM');
      return { task: shown(task) };
    },
    GetLogEvents: ({ logStreamName, nextToken }) => {
      const task = tasks.find((each) => logStreamName === `migrate/migrate/${each.arn.split('/').at(-1)}`);
      if (task === undefined || task.log.length === 0) {
        throw new Refusal('ResourceNotFoundException', 'The specified log stream does not exist.');
      }
      const from = Number(nextToken?.replace('f/', '') ?? 0);
      const lines = task.log.slice(from, from + 5);
      const events = lines.map((message) => ({ message, timestamp: task.createdAt }));
      return { events, nextForwardToken: `f/${from + lines.length}`, nextBackwardToken: 'b/0' };
    },
  };

  const answer = (request: IncomingMessage, text: string): unknown => {
    const action = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    asked.push(action);
    if (faults.throttled > 0) {
      faults.throttled -= 1;
      throw new Refusal('ThrottlingException', 'Rate exceeded');
    }
    if (faults.denied === action) {
      throw new Refusal('AccessDeniedException', `User is not authorized to perform: ${action}`);
    }
    const body = JSON.parse(text) as Body;
    // The region is in what the request was signed for: arn, date, region, service.
    const signedFor = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
    const known = signedFor === region && [undefined, run.cluster].includes(body.cluster);
    if (!known) throw new Refusal('ClusterNotFoundException', 'Cluster not found.');
    const act = actions[action];
    if (act === undefined) throw new Refusal('UnknownOperationException', `the fake knows no ${action}`);
    return act(body);
  };

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const [status, body] = attempt(() => answer(request, Buffer.concat(parts).toString('utf8')));
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    });
  });
  return {
    endpoint: await listen(server),
    ...{ run, faults, asked, tasks },
    close: async () => {
      for (const { child } of tasks) child?.kill('SIGKILL');
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Overrides {
  readonly containerOverrides: readonly {
    readonly command: readonly string[];
    readonly environment: readonly { readonly name: string; readonly value: string }[];
  }[];
}

/** What requests may hold. */
interface Body {
  readonly cluster?: string;
  readonly taskDefinition: string;
  readonly clientToken: string;
  readonly startedBy: string;
  readonly overrides: Overrides;
  readonly family?: string;
  readonly desiredStatus?: string;
  readonly tasks: readonly string[];
  readonly task: string;
  readonly reason: string;
  readonly logStreamName: string;
  readonly nextToken?: string;
}

function attempt(act: () => unknown): readonly [status: number, body: unknown] {
  try {
    return [200, act()];
  } catch (error) {
    const { name, message } = error as Error;
    return [error instanceof Refusal ? 400 : 500, { __type: name, message }];
  }
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
