import { z } from 'zod';

// ECS's own shapes: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
const pair = z.strictObject({ name: z.string(), value: z.string() });
const secret = z.strictObject({ name: z.string(), valueFrom: z.string() });
const capability = z.array(z.string());

const container = z.strictObject({
  name: z.string().optional(),
  image: z.string().optional(),
  repositoryCredentials: z.strictObject({ credentialsParameter: z.string() }).optional(),
  cpu: z.int().min(0).optional(),
  memory: z.int().min(4).optional(),
  memoryReservation: z.int().min(4).optional(),
  links: z.array(z.string()).optional(),
  portMappings: z
    .array(
      z.strictObject({
        containerPort: z.int().optional(),
        hostPort: z.int().optional(),
        protocol: z.enum(['tcp', 'udp']).optional(),
        name: z.string().optional(),
        appProtocol: z.enum(['http', 'http2', 'grpc']).optional(),
        containerPortRange: z.string().optional(),
      }),
    )
    .optional(),
  essential: z.boolean().optional(),
  restartPolicy: z
    .strictObject({
      enabled: z.boolean(),
      ignoredExitCodes: z.array(z.int()).optional(),
      restartAttemptPeriod: z.int().optional(),
    })
    .optional(),
  entryPoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: z.array(pair).optional(),
  environmentFiles: z.array(z.strictObject({ value: z.string(), type: z.literal('s3') })).optional(),
  mountPoints: z
    .array(
      z.strictObject({
        sourceVolume: z.string(),
        containerPath: z.string(),
        readOnly: z.boolean().optional(),
      }),
    )
    .optional(),
  volumesFrom: z
    .array(z.strictObject({ sourceContainer: z.string(), readOnly: z.boolean().optional() }))
    .optional(),
  linuxParameters: z
    .strictObject({
      capabilities: z.strictObject({ add: capability.optional(), drop: capability.optional() }).optional(),
      devices: z.array(z.unknown()).optional(),
      initProcessEnabled: z.boolean().optional(),
      sharedMemorySize: z.int().optional(),
      tmpfs: z
        .array(
          z.strictObject({
            containerPath: z.string(),
            size: z.int(),
            mountOptions: z.array(z.string()).optional(),
          }),
        )
        .optional(),
      maxSwap: z.int().optional(),
      swappiness: z.int().min(0).max(100).optional(),
    })
    .optional(),
  secrets: z.array(secret).optional(),
  dependsOn: z
    .array(
      z.strictObject({
        containerName: z.string(),
        condition: z.enum(['START', 'COMPLETE', 'SUCCESS', 'HEALTHY']),
      }),
    )
    .optional(),
  startTimeout: z.int().min(2).max(120).optional(),
  stopTimeout: z.int().min(0).max(120).optional(),
  versionConsistency: z.enum(['enabled', 'disabled']).optional(),
  hostname: z.string().optional(),
  user: z.string().optional(),
  workingDirectory: z.string().optional(),
  disableNetworking: z.boolean().optional(),
  privileged: z.boolean().optional(),
  readonlyRootFilesystem: z.boolean().optional(),
  dnsServers: z.array(z.string()).optional(),
  dnsSearchDomains: z.array(z.string()).optional(),
  extraHosts: z.array(z.strictObject({ hostname: z.string(), ipAddress: z.string() })).optional(),
  dockerSecurityOptions: z.array(z.string()).optional(),
  interactive: z.boolean().optional(),
  pseudoTerminal: z.boolean().optional(),
  dockerLabels: z.record(z.string(), z.string()).optional(),
  ulimits: z.array(z.strictObject({ name: z.string(), softLimit: z.int(), hardLimit: z.int() })).optional(),
  logConfiguration: z
    .strictObject({
      logDriver: z.enum([
        'json-file',
        'syslog',
        'journald',
        'gelf',
        'fluentd',
        'awslogs',
        'splunk',
        'awsfirelens',
      ]),
      options: z.record(z.string(), z.string()).optional(),
      secretOptions: z.array(secret).optional(),
    })
    .optional(),
  healthCheck: z
    .strictObject({
      command: z.array(z.string()).min(1),
      interval: z.int().optional(),
      timeout: z.int().optional(),
      retries: z.int().optional(),
      startPeriod: z.int().optional(),
    })
    .optional(),
  systemControls: z.array(z.strictObject({ namespace: z.string(), value: z.string() })).optional(),
  resourceRequirements: z
    .array(z.strictObject({ value: z.string(), type: z.enum(['GPU', 'InferenceAccelerator']) }))
    .optional(),
  firelensConfiguration: z
    .strictObject({
      type: z.enum(['fluentd', 'fluentbit']),
      options: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  credentialSpecs: z.array(z.string()).optional(),
});

/** A container of a task, as ECS takes it. */
export type Container = z.infer<typeof container>;

/** Reads container definitions; a text that says why where they cannot be read. */
export function readContainers(text: string): readonly Container[] | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `ECS Task Definition container_definitions is invalid: decoding JSON: ${(error as Error).message}`;
  }
  if (!Array.isArray(value))
    return 'ECS Task Definition container_definitions is invalid: decoding JSON: not an array of container definitions';
  // ECS leaves empty members out before it looks.
  const { data, error } = z.array(container).safeParse(withoutNull(value));
  if (error === undefined) return data.length === 0 ? 'Container list cannot be empty.' : data;
  const [issue] = error.issues;
  const where = `containerDefinitions${(issue?.path ?? []).map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')}`;
  if (issue?.code !== 'unrecognized_keys') return `Invalid value for ${where}: ${issue?.message ?? ''}`;
  const known = issue.path.length === 1 ? `, must be one of: ${Object.keys(container.shape).join(', ')}` : '';
  return `Unknown parameter in ${where}: "${issue.keys.join('", "')}"${known}`;
}

function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(entries.map(([name, each]) => [name, withoutNull(each)]));
}
