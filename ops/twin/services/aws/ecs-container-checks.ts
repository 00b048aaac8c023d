import type { Container } from './ecs-containers.ts';

/** What of a task its containers depend on. */
export interface TaskShape {
  readonly fargate: boolean;
  readonly awsvpc: boolean;
  readonly executionRole: boolean;
  readonly cpu: number | undefined;
  readonly memory: number | undefined;
  readonly volumes: readonly string[];
}

/** What ECS says of the containers of a task, in its words where they are known. */
export function containerProblems(containers: readonly Container[], task: TaskShape): readonly string[] {
  return [
    ...togetherProblems(containers, task),
    ...containers.flatMap((each) => oneProblem(each, containers, task)),
  ];
}

function togetherProblems(containers: readonly Container[], { cpu, memory }: TaskShape): readonly string[] {
  const names = containers.map(({ name }) => name);
  const twice = names.find((name, index) => name !== undefined && names.indexOf(name) < index);
  const wanted = containers.reduce((sum, each) => sum + (each.cpu ?? 0), 0);
  const reserved = containers.reduce((sum, each) => sum + (each.memoryReservation ?? 0), 0);
  const ports = containers.flatMap(({ portMappings = [] }) => portMappings.map((each) => each.containerPort));
  const port = ports.find((each, index) => each !== undefined && ports.indexOf(each) < index);
  return [
    // Paraphrases: that these are refused is documented, the words are not.
    ...(twice === undefined ? [] : [`Container names must be unique within a task definition: '${twice}'.`]),
    ...(containers.every(({ essential }) => essential === false)
      ? ['A task definition must contain at least one essential container.']
      : []),
    ...(port === undefined ? [] : [`The container port ${port} is used by more than one container.`]),
    // https://github.com/klothoplatform/klotho/issues/892
    ...(cpu !== undefined && wanted > cpu
      ? ["The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'."]
      : []),
    ...(memory !== undefined && reserved > memory
      ? [
          "The sum of all container 'memoryReservation' values cannot be greater than the value of the task 'memory'.",
        ]
      : []),
  ];
}

function oneProblem(container: Container, all: readonly Container[], task: TaskShape): readonly string[] {
  const { name = '', image = '', memory } = container;
  if (name === '') return ['Container.name should not be null or empty.'];
  if (image === '') return ['Container.image should not be null or empty.'];
  return [
    ...(/^[a-zA-Z0-9_-]{1,255}$/.test(name) ? [] : [`Invalid 'name' setting for container '${name}'.`]),
    ...(memory !== undefined && task.memory !== undefined && memory > task.memory
      ? [`The 'memory' setting for container '${name}' is greater than for the task.`]
      : []),
    ...(memory !== undefined && memory < (container.memoryReservation ?? 0)
      ? [
          // A paraphrase.
          `Invalid 'memoryReservation' setting for container '${name}'. It cannot be greater than 'memory'.`,
        ]
      : []),
    ...(task.memory === undefined && memory === undefined && container.memoryReservation === undefined
      ? [
          `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
        ]
      : []),
    ...portProblems(container, name, task),
    ...secretProblems(container, task),
    ...logProblems(container, task),
    ...healthProblems(container, name),
    ...fargateProblems(container, name, task),
    ...dependencyProblems(container, name, all),
    ...(container.mountPoints ?? [])
      .filter(({ sourceVolume }) => !task.volumes.includes(sourceVolume))
      .map(({ sourceVolume }) => `Unknown volume '${sourceVolume}'.`),
    ...(task.awsvpc && container.hostname !== undefined
      ? ['hostname is not supported on container when networkMode=awsvpc.']
      : []),
    ...(task.awsvpc && (container.links ?? []).length > 0
      ? ['Links are not supported when networkMode=awsvpc.']
      : []),
    ...(task.fargate && !task.executionRole && /\.dkr\.ecr\./.test(image)
      ? ['Fargate requires task definition to have execution role ARN to support ECR images.']
      : []),
  ];
}

function portProblems(
  { portMappings = [] }: Container,
  name: string,
  { awsvpc }: TaskShape,
): readonly string[] {
  return portMappings.flatMap(({ containerPort, hostPort, containerPortRange }) => {
    if (containerPort === undefined && containerPortRange !== undefined) return [];
    if (containerPort === undefined || containerPort < 1 || containerPort > 65_535)
      return [`Invalid 'containerPort' setting for container '${name}'.`];
    return awsvpc && hostPort !== undefined && hostPort !== 0 && hostPort !== containerPort
      ? ['When networkMode=awsvpc, the host ports and container ports in port mappings must match.']
      : [];
  });
}

function secretProblems(container: Container, { executionRole }: TaskShape): readonly string[] {
  const secrets = [...(container.secrets ?? []), ...(container.logConfiguration?.secretOptions ?? [])];
  const variables = (container.environment ?? []).map(({ name }) => name);
  const names = (container.secrets ?? []).map(({ name }) => name);
  const shared = names.find((each, index) => variables.includes(each) || names.indexOf(each) < index);
  const odd = secrets.find(({ valueFrom }) => !isSecretReference(valueFrom));
  return [
    ...(secrets.length > 0 && !executionRole
      ? ["When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."]
      : []),
    ...(shared === undefined
      ? []
      : [
          `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '${shared}'.`,
        ]),
    ...(odd === undefined ? [] : [`Invalid 'valueFrom' setting for secret '${odd.name}'.`]),
  ];
}

/** A parameter by name or ARN, or a secret by ARN with a key, a stage and a version behind it. */
function isSecretReference(valueFrom: string): boolean {
  if (!valueFrom.startsWith('arn:')) return /^[a-zA-Z0-9_.\-/]+$/.test(valueFrom);
  return /^arn:aws[a-z-]*:(ssm:[a-z0-9-]+:\d{12}:parameter\/\S+|secretsmanager:[a-z0-9-]+:\d{12}:secret:[^\s:]+(:[^\s:]*){0,3})$/.test(
    valueFrom,
  );
}

function logProblems(
  { logConfiguration }: Container,
  { fargate, executionRole }: TaskShape,
): readonly string[] {
  if (logConfiguration === undefined) return [];
  const { logDriver, options = {} } = logConfiguration;
  if (fargate && !['awslogs', 'splunk', 'awsfirelens'].includes(logDriver))
    return [`Fargate compatible task definitions do not support log driver ${logDriver}.`];
  if (logDriver !== 'awslogs') return [];
  const needed = ['awslogs-region', 'awslogs-group', ...(fargate ? ['awslogs-stream-prefix'] : [])];
  const missing = needed.filter((each) => (options[each] ?? '') === '');
  return [
    ...(missing.length > 0 ? [`Log driver awslogs requires options: ${missing.join(', ')}`] : []),
    ...(fargate && !executionRole
      ? ['Fargate requires task definition to have execution role ARN to support log driver awslogs.']
      : []),
  ];
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html; the words are a paraphrase.
const ranges = { interval: [5, 300], timeout: [2, 120], retries: [1, 10], startPeriod: [0, 300] } as const;

function healthProblems({ healthCheck }: Container, name: string): readonly string[] {
  if (healthCheck === undefined) return [];
  const [first = '', ...rest] = healthCheck.command;
  const odd = (['interval', 'timeout', 'retries', 'startPeriod'] as const).filter((each) => {
    const given = healthCheck[each];
    return given !== undefined && (given < ranges[each][0] || given > ranges[each][1]);
  });
  return [
    ...(['CMD', 'CMD-SHELL'].includes(first) && rest.length > 0
      ? []
      : [
          `Invalid 'command' setting for the health check of container '${name}': it must begin with CMD or CMD-SHELL.`,
        ]),
    ...odd.map(
      (each) =>
        `Invalid '${each}' setting for the health check of container '${name}': it must be between ${ranges[each][0]} and ${ranges[each][1]}.`,
    ),
  ];
}

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-linux-parameters
function fargateProblems(container: Container, name: string, { fargate }: TaskShape): readonly string[] {
  if (!fargate) return [];
  const { capabilities = {}, ...linux } = container.linuxParameters ?? {};
  const added = (capabilities.add ?? []).filter((each) => each !== 'SYS_PTRACE');
  const refused = [
    ...(container.privileged === true ? ['privileged'] : []),
    ...(['devices', 'sharedMemorySize', 'maxSwap', 'swappiness'] as const).filter(
      (each) => linux[each] !== undefined,
    ),
    ...(
      [
        'dnsServers',
        'dnsSearchDomains',
        'extraHosts',
        'dockerSecurityOptions',
        'resourceRequirements',
      ] as const
    ).filter((each) => (container[each] ?? []).length > 0),
  ];
  return [
    ...refused.map(
      (each) => `Fargate compatible task definitions do not support ${each} (container '${name}').`,
    ),
    ...added.map(
      (each) =>
        `Fargate compatible task definitions do not support adding the capability ${each} (container '${name}').`,
    ),
    ...(container.ulimits ?? [])
      .filter((each) => each.name !== 'nofile')
      .map(
        (each) =>
          `Fargate compatible task definitions do not support the ulimit ${each.name} (container '${name}').`,
      ),
  ];
}

function dependencyProblems(
  { dependsOn = [] }: Container,
  name: string,
  all: readonly Container[],
): readonly string[] {
  return dependsOn.flatMap(({ containerName, condition }) => {
    const other = all.find((each) => each.name === containerName);
    if (other === undefined || containerName === name)
      return [
        `Container '${name}' depends on container '${containerName}', which is not in the task definition.`,
      ];
    if (condition === 'HEALTHY' && other.healthCheck === undefined)
      return [`Container '${name}' waits for '${containerName}' to be healthy, which has no health check.`];
    return (condition === 'SUCCESS' || condition === 'COMPLETE') && other.essential !== false
      ? ['A dependency container with SUCCESS or COMPLETE condition cannot be an essential container']
      : [];
  });
}
