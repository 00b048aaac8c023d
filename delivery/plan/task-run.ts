import { createHash } from 'node:crypto';

/** Where something runs once as a task of ECS, in a network that nothing here reaches, and where its log is. */
export interface TaskRun {
  readonly region: string;
  /** ARN of the cluster. */
  readonly cluster: string;
  /** ARN of the task definition, with its revision. */
  readonly taskDefinition: string;
  /** The container that is told what to do, and whose exit code counts. */
  readonly container: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly logGroup: string;
  readonly logStreamPrefix: string;
}

/** What a task is told. Nothing secret: whoever sees the task sees it. */
export interface TaskOrder {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** What it is started by; the same order has the same mark, so that a run finds its own earlier task. */
  readonly mark: string;
}

/** A task as it was last seen. */
export interface SeenTask {
  readonly arn: string;
  readonly startedBy: string;
  /** PROVISIONING, PENDING, RUNNING … STOPPED. */
  readonly status: string;
  /** When it was asked for, in milliseconds. */
  readonly createdAt: number;
  /** Of the container that counts; undefined while it runs, and where it never ran. */
  readonly exitCode?: number | undefined;
  /** Why it stopped, in the words of ECS: of the task, and of its container. */
  readonly reasons: readonly string[];
}

/** What is done about an order. */
export type TaskStep =
  | { readonly kind: 'start'; readonly token: string }
  /** It is on its way already. */
  | { readonly kind: 'follow'; readonly task: SeenTask }
  /** It has ended well already, and only its end was not seen. */
  | { readonly kind: 'done'; readonly task: SeenTask };

/** How a task ended. */
export type TaskEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly exitCode: number; readonly fix: string }
  /** Its container never ran. */
  | { readonly kind: 'not-run'; readonly reason: string; readonly fix: string };

/** What ECS takes as overrides of one task, in characters of JSON. */
export const MOST_OVERRIDES = 8192;

/** The mark of what makes an order what it is. 36 characters: what ECS takes everywhere. */
export function taskMark(parts: readonly unknown[]): string {
  return `cutover-${hash(parts).slice(0, 28)}`;
}

/** The name under which log streams of one task are: `prefix/container/task`. */
export function logStream({ logStreamPrefix, container }: TaskRun, taskArn: string): string {
  return `${logStreamPrefix}/${container}/${idOf(taskArn)}`;
}

/** The last part of an ARN: how people call a task or a cluster. */
export function idOf(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}

/** The family of a task definition. */
export function familyOf({ taskDefinition }: TaskRun): string {
  return idOf(taskDefinition).replace(/:\d+$/, '');
}

/**
 * What is done about an order, given the tasks of its mark. ECS remembers a stopped task for an hour and a token for as
 * long, so a token that names the last failure starts one task and no second.
 */
export function planTask(mark: string, tasks: readonly SeenTask[]): TaskStep {
  const own = tasks
    .filter(({ startedBy }) => startedBy === mark)
    .toSorted((one, other) => one.createdAt - other.createdAt);
  const underway = own.findLast((task) => !isStopped(task));
  if (underway !== undefined) return { kind: 'follow', task: underway };
  const last = own.at(-1);
  if (last !== undefined && endOf(last).kind === 'done') return { kind: 'done', task: last };
  return { kind: 'start', token: `${mark}-${hash([last?.arn ?? 'first']).slice(0, 16)}` };
}

/** Whether a task has come to its end. */
export function isStopped({ status }: SeenTask): boolean {
  return status === 'STOPPED';
}

/** Whether a task still waits for its machine, its image or its secrets. */
export function isWaiting({ status }: SeenTask): boolean {
  return ['PROVISIONING', 'PENDING', 'ACTIVATING'].includes(status);
}

/** How a stopped task ended, and what to do when it did not end well. */
export function endOf({ exitCode, reasons }: SeenTask): TaskEnd {
  if (exitCode === 0) return { kind: 'done' };
  const reason = reasons.join('; ') || 'ECS gives no reason';
  const known = causes.find(({ seen }) => seen.test(reason))?.fix;
  if (exitCode === undefined) {
    return { kind: 'not-run', reason, fix: known ?? 'Look at the stopped task in the console of ECS.' };
  }
  // 128 and the number of the signal: 9 is what the kernel sends when there is no memory left.
  const memory = exitCode === 137 ? 'It was killed, most likely for want of memory: give the task more.' : '';
  return { kind: 'failed', exitCode, fix: known ?? memory };
}

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
const causes: readonly { readonly seen: RegExp; readonly fix: string }[] = [
  {
    seen: /CannotPull/i,
    fix: 'See that the image is in its repository by that digest, and that its subnets reach ECR and S3: by the endpoints ecr.api, ecr.dkr and s3, or by NAT.',
  },
  {
    seen: /secret|ssm|GetParameters|secretsmanager/i,
    fix: 'See that every secret of the task is there, that its start role may read them (secretGrants), and that its subnets reach secretsmanager, ssm and kms.',
  },
  {
    seen: /log(ging)? driver|log group|log stream|CreateLogStream/i,
    fix: 'See that its log group is there, that its start role may write to it, and that its subnets reach the endpoint logs.',
  },
  {
    seen: /OutOfMemory/i,
    fix: 'Give the task more memory.',
  },
  {
    seen: /assume role|AssumeRole/i,
    fix: 'See that ecs-tasks.amazonaws.com may take on both roles of the task.',
  },
  {
    seen: /CannotStartContainer|exec:|no such file/i,
    fix: 'See that the image holds what the task runs: build it from the same commit.',
  },
  {
    seen: /capacity/i,
    fix: 'AWS has no free capacity in these zones at the moment; run the same command again in some minutes.',
  },
  {
    seen: /ResourceInitializationError|timeout|timed out/i,
    fix: 'See that its subnets reach ECR, logs and secretsmanager: by endpoints, or by NAT.',
  },
  {
    seen: /UserInitiated|stopped by/i,
    fix: 'Somebody stopped it; run the same command again when it may run.',
  },
];

/** What is wrong with a place, each with its property; values that are known only later are not looked at. */
export function taskRunProblems(run: TaskRun): { readonly property: string; readonly reason: string }[] {
  const { region, cluster, taskDefinition } = run;
  const empty = Object.entries(run)
    .filter(([, value]) => (value as string | readonly string[]).length === 0)
    .map(([property]) => ({ property: `runs.${property}`, reason: 'is empty' }));
  const elsewhere = Object.entries({ cluster, taskDefinition }).flatMap(([property, arn]) => {
    const found = /^arn:aws[a-z-]*:ecs:([a-z0-9-]+):/.exec(arn)?.[1];
    if (found === region || arn === '') return [];
    const reason =
      found === undefined ? `is no ARN of ECS: ${arn}` : `is in ${found}, and \`runs.region\` is ${region}`;
    return [{ property: `runs.${property}`, reason }];
  });
  return [...empty, ...elsewhere];
}

/** What ECS is told to change in the task definition for one task. */
export function overridesOf({ container }: TaskRun, { command, environment }: TaskOrder) {
  return {
    containerOverrides: [
      {
        name: container,
        command: [...command],
        environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
      },
    ],
  };
}

function hash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
