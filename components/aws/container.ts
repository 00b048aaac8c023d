import { findSecretVariable } from '@cutover/base/secret-variable.ts';
import type * as pulumi from '@pulumi/pulumi';
import type { FargateSize } from './fargate-sizes.ts';

/** The one container of a task. */
export interface ContainerArgs {
  /** By its digest, never by a tag alone: `…/coinestate-api@sha256:…`. */
  readonly image: pulumi.Input<string>;
  /** @default what the image says */
  readonly command?: readonly string[];
  /** Where it listens. @default nowhere */
  readonly port?: number;
  /** Its settings; nothing secret. PORT is set already. @default none */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Variables whose values ECS fetches when a task starts, by the ARN of a parameter or secret. @default none */
  readonly secrets?: Readonly<Record<string, pulumi.Input<string>>>;
  /** User and group, never root. @default '10001:10001' */
  readonly user?: string;
  /** Asked every 30 seconds, inside the container. @default `wget` of `health.path` at its port */
  readonly health?: {
    /** @default '/health' */
    readonly path?: string;
    /** In place of a request: what is run, `['CMD', 'node', 'health.js']`. */
    readonly command?: readonly string[];
    /** Seconds after its start in which failures do not count. @default 60 */
    readonly startSeconds?: number;
  };
  /** Folders that it may write, gone with the task; the image declares them as volumes, so that its user owns them. @default /tmp */
  readonly writable?: readonly string[];
  /** Files and connections that it may have open. @default 65536 */
  readonly openFiles?: number;
  /** Seconds between being asked to end and being killed. @default 30 */
  readonly stopSeconds?: number;
}

/** Where health is asked unless it is said otherwise. */
export const HEALTH_PATH = '/health';

// A shell session is served by an agent that writes here; the root file system stays read-only.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
const agentFolders = ['/var/lib/amazon', '/var/log/amazon'];

/** The folders of a task that can be written, with the names of their volumes. */
export function volumesOf(
  { writable = ['/tmp'] }: ContainerArgs,
  exec: boolean,
): readonly { readonly name: string; readonly folder: string }[] {
  return [...writable, ...(exec ? agentFolders : [])].map((folder) => ({
    // Names of volumes have no dots.
    name: folder.slice(1).replaceAll(/[^a-z0-9_-]/gi, '-'),
    folder,
  }));
}

/** The container as a task definition wants it. It has the whole of the task's size. */
export function containerDefinition(
  name: string,
  container: ContainerArgs,
  task: {
    readonly size: FargateSize;
    readonly exec: boolean;
    readonly log: { readonly group: pulumi.Input<string>; readonly region: string };
  },
) {
  const { port, environment = {}, secrets = {}, user = '10001:10001', openFiles = 65_536 } = container;
  const settings = port === undefined ? environment : { PORT: String(port), ...environment };
  return {
    name,
    image: container.image,
    essential: true,
    cpu: task.size.cpu,
    memory: task.size.memory,
    ...(container.command === undefined ? {} : { command: container.command }),
    ...(port === undefined
      ? {}
      : { portMappings: [{ containerPort: port, hostPort: port, protocol: 'tcp' }] }),
    environment: sorted(settings).map(([key, value]) => ({ name: key, value })),
    secrets: sorted(secrets).map(([key, valueFrom]) => ({ name: key, valueFrom })),
    user,
    readonlyRootFilesystem: true,
    linuxParameters: { capabilities: { drop: ['ALL'] }, initProcessEnabled: true },
    ulimits: [{ name: 'nofile', softLimit: openFiles, hardLimit: openFiles }],
    mountPoints: volumesOf(container, task.exec).map(({ name: sourceVolume, folder }) => ({
      sourceVolume,
      containerPath: folder,
      readOnly: false,
    })),
    ...(healthCommand(container) === undefined
      ? {}
      : {
          healthCheck: {
            command: healthCommand(container),
            interval: 30,
            timeout: 5,
            retries: 3,
            startPeriod: container.health?.startSeconds ?? 60,
          },
        }),
    stopTimeout: container.stopSeconds ?? 30,
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': task.log.group,
        'awslogs-region': task.log.region,
        'awslogs-stream-prefix': name,
        // A log that cannot be written must not stop the service.
        mode: 'non-blocking',
        'max-buffer-size': '25m',
      },
    },
  };
}

function healthCommand({ port, health }: ContainerArgs): readonly string[] | undefined {
  if (health?.command !== undefined) return health.command;
  if (port === undefined) return undefined;
  // In every Alpine image; 127.0.0.1, since `localhost` is tried as ::1 first.
  return ['CMD', 'wget', '-q', '-O', '/dev/null', `http://127.0.0.1:${port}${health?.path ?? HEALTH_PATH}`];
}

/** What is wrong with a container. Values that are known only later are not looked at. */
export function containerProblems(
  container: ContainerArgs,
  /** What ends by itself has no health. */
  runs: 'on' | 'once' = 'on',
): readonly (string | undefined)[] {
  const { image, port, user = '10001:10001', environment = {}, secrets = {}, health } = container;
  const { openFiles = 65_536, stopSeconds = 30, writable = ['/tmp'] } = container;
  return [
    typeof image === 'string' && !/@sha256:[0-9a-f]{64}$/.test(image)
      ? `image: "${image}" names no digest; end it with @sha256: and 64 hexadecimal digits`
      : undefined,
    port === undefined ? undefined : wholeProblem('port', port, 1, 65_535),
    runs === 'on' && port === undefined && health?.command === undefined
      ? 'health.command: it has no port to ask; say what shows that it is well'
      : undefined,
    /^(root|0+)(:|$)/.test(user) || !/^[a-z0-9_][a-z0-9_-]*(:[a-z0-9_-]+)?$/.test(user)
      ? `user: "${user}" must be a user that is not root, as 10001:10001`
      : undefined,
    health?.path !== undefined && !health.path.startsWith('/')
      ? `health.path: "${health.path}" must begin with /`
      : undefined,
    wholeProblem('health.startSeconds', health?.startSeconds ?? 60, 0, 300),
    wholeProblem('openFiles', openFiles, 1024, 1_048_576),
    wholeProblem('stopSeconds', stopSeconds, 1, 120),
    ...writable.map((folder) =>
      /^(\/(?!\.{1,2}(\/|$))[a-z0-9._-]+)+$/i.test(folder)
        ? undefined
        : `writable: "${folder}" is no folder; write it as /tmp, and never / itself`,
    ),
    ...volumesOf(container, true).map(({ name, folder }, place, all) => {
      const first = all.find((each) => each.name === name);
      if (first === undefined || all.indexOf(first) === place) return undefined;
      return first.folder === folder
        ? `writable: ${folder} twice`
        : `writable: the volumes of ${first.folder} and ${folder} would both be called ${name}; choose another folder`;
    }),
    roomProblem(environment, secrets),
    ...Object.entries(environment).map(([key, value]) => variableProblem(key, value)),
    ...Object.keys(secrets).map((key) =>
      key in environment ? `secrets.${key}: it is in environment too` : undefined,
    ),
    ...Object.entries(secrets).map(([key, from]) =>
      typeof from === 'string' && !secretArn.test(from)
        ? `secrets.${key}: give the ARN of a parameter or secret, never the value`
        : undefined,
    ),
  ];
}

// docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html; what is known only later comes on top.
const MOST_BYTES = 64 * 1024;

/** What is wrong with variables that alone are as long as a task definition may be. */
function roomProblem(...variables: readonly Readonly<Record<string, unknown>>[]): string | undefined {
  const pairs = variables.flatMap((each) => Object.entries(each)).map(([name, value]) => ({ name, value }));
  const bytes = Buffer.byteLength(JSON.stringify(pairs.filter(({ value }) => typeof value === 'string')));
  return bytes < MOST_BYTES
    ? undefined
    : `environment: with secrets it takes ${bytes} bytes, and a whole task definition may have ${MOST_BYTES}; keep long values in the image, in a bucket or in a parameter`;
}

const secretArn = /^arn:aws:(ssm:[a-z0-9-]+:\d{12}:parameter\/|secretsmanager:[a-z0-9-]+:\d{12}:secret:)\S+$/;
const secretName =
  /(^|_)(PASSWORD|PASSWD|PASSPHRASE|SECRET|PRIVATE_KEY|SECRET_KEY|API_KEY|ACCESS_KEY|MNEMONIC|CREDENTIALS?|(ACCESS|AUTH|API|BEARER)_TOKEN)$/;

/** What is wrong with a variable of the environment; the value is never repeated. */
export function variableProblem(key: string, value: unknown): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) return `environment.${key}: it is no name of a variable`;
  // Of a value that is known later the name must say enough: a TOKEN may be a contract's address.
  const secret =
    typeof value === 'string'
      ? findSecretVariable(key, value)
      : secretName.test(key)
        ? 'a secret'
        : undefined;
  return secret === undefined
    ? undefined
    : `environment.${key}: it looks like ${secret}, which whoever sees the task would read; keep it in the parameter store and name its ARN in secrets`;
}

function wholeProblem(argument: string, value: number, least: number, most: number): string | undefined {
  return Number.isInteger(value) && value >= least && value <= most
    ? undefined
    : `${argument}: ${value} is not a whole number from ${least} to ${most}`;
}

/** By name, so that a change of order changes nothing. */
function sorted<Value>(record: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));
}
