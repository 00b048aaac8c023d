import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuUnits, isFargateSize, mebibytes } from '../../../../../ops/twin/services/aws/ecs-fargate.ts';
import { ecsKinds } from '../../../../../ops/twin/services/aws/ecs.ts';
import { ask, fakeCloud, kindOf, made, said, thing, type FakeThing } from '../fake-cloud.ts';

const cluster = kindOf(ecsKinds, 'aws:ecs/cluster:Cluster');
const capacity = kindOf(ecsKinds, 'aws:ecs/clusterCapacityProviders:ClusterCapacityProviders');
const definition = kindOf(ecsKinds, 'aws:ecs/taskDefinition:TaskDefinition');
const service = kindOf(ecsKinds, 'aws:ecs/service:Service');

const roleArn = 'arn:aws:iam::123456789012:role/task';
const container = {
  name: 'api',
  image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/api@sha256:00',
  portMappings: [{ containerPort: 8080 }],
  readonlyRootFilesystem: true,
  user: '1000',
  linuxParameters: { capabilities: { drop: ['ALL'] }, initProcessEnabled: true },
  environment: [{ name: 'PORT', value: '8080' }],
  secrets: [
    {
      name: 'DATABASE_URL',
      valueFrom: 'arn:aws:ssm:us-east-1:123456789012:parameter/coinestate/prod/database/url',
    },
  ],
  logConfiguration: {
    logDriver: 'awslogs',
    options: { 'awslogs-group': '/ecs/api', 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'api' },
  },
  healthCheck: { command: ['CMD-SHELL', 'wget -q -O- localhost:8080/health'], interval: 30 },
};
const task = {
  family: 'api',
  cpu: '512',
  memory: '1024',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  executionRoleArn: roleArn,
  containerDefinitions: JSON.stringify([container]),
};
const withContainer = (change: object) => ({
  ...task,
  containerDefinitions: JSON.stringify([{ ...container, ...change }]),
});

describe('a task definition', () => {
  it('is the first revision of its family, and the next one when there is one', () => {
    expect(said(definition, ask(task))).toEqual([]);
    const first = made(definition, ask(task));
    expect(first).toMatchObject({
      id: 'arn:aws:ecs:us-east-1:123456789012:task-definition/api:1',
      outputs: { revision: 1, arnWithoutRevision: 'arn:aws:ecs:us-east-1:123456789012:task-definition/api' },
    });
    expect(made(definition, ask(task, { things: [first] })).outputs['revision']).toBe(2);
  });

  it.each<[object, string]>([
    [
      { cpu: '512', memory: '512' },
      'ClientException: No Fargate configuration exists for given values: 512 CPU, 512 memory. See the Amazon ECS documentation for the valid values.',
    ],
    [{ cpu: undefined }, "Fargate requires that 'cpu' be defined at the task level."],
    [{ memory: undefined }, "Fargate requires that 'memory' be defined at the task level."],
    [{ cpu: 'many' }, "Invalid 'cpu' setting for task."],
    [{ networkMode: 'bridge' }, 'Fargate only supports network mode ‘awsvpc’.'],
    [{ requiresCompatibilities: ['LAMBDA'] }, "Invalid 'requiresCompatibilities' setting: LAMBDA."],
    [{ family: 'a b' }, 'Family contains invalid characters'],
    [{ ephemeralStorage: { sizeInGib: 20 } }, 'between 21 and 200 GiB'],
    [
      { executionRoleArn: undefined },
      "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
    ],
    [{ containerDefinitions: '[]' }, 'Container list cannot be empty.'],
    [{ containerDefinitions: '{}' }, 'container_definitions is invalid: decoding JSON'],
    [{ containerDefinitions: '[' }, 'container_definitions is invalid: decoding JSON'],
    [
      withContainer({ Image: 'x' }),
      'Unknown parameter in containerDefinitions[0]: "Image", must be one of: name, image, ',
    ],
    [
      withContainer({ linuxParameters: { capability: {} } }),
      'Unknown parameter in containerDefinitions[0].linuxParameters: "capability"',
    ],
    [withContainer({ cpu: '256' }), 'Invalid value for containerDefinitions[0].cpu'],
    [withContainer({ name: undefined }), 'Container.name should not be null or empty.'],
    [withContainer({ image: '' }), 'Container.image should not be null or empty.'],
    [withContainer({ essential: false }), 'at least one essential container'],
    [
      withContainer({ portMappings: [{ containerPort: 8080, hostPort: 80 }] }),
      'When networkMode=awsvpc, the host ports and container ports in port mappings must match.',
    ],
    [
      withContainer({ portMappings: [{ hostPort: 80 }] }),
      "Invalid 'containerPort' setting for container 'api'.",
    ],
    [
      withContainer({ memory: 2048 }),
      "The 'memory' setting for container 'api' is greater than for the task.",
    ],
    [
      withContainer({ cpu: 1024 }),
      "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.",
    ],
    [
      withContainer({ secrets: [{ name: 'PORT', valueFrom: 'x' }] }),
      "not shared with any new or existing environment variables set on the container, such as 'PORT'",
    ],
    [
      withContainer({ secrets: [{ name: 'A', valueFrom: 'arn:aws:s3:::x' }] }),
      "Invalid 'valueFrom' setting for secret 'A'.",
    ],
    [
      withContainer({ logConfiguration: { logDriver: 'awslogs', options: {} } }),
      'Log driver awslogs requires options: awslogs-region, awslogs-group, awslogs-stream-prefix',
    ],
    [withContainer({ logConfiguration: { logDriver: 'syslog' } }), 'do not support log driver syslog'],
    [withContainer({ privileged: true }), 'do not support privileged'],
    [
      withContainer({ linuxParameters: { capabilities: { add: ['NET_ADMIN'] } } }),
      'do not support adding the capability NET_ADMIN',
    ],
    [withContainer({ linuxParameters: { sharedMemorySize: 64 } }), 'do not support sharedMemorySize'],
    [withContainer({ hostname: 'api' }), 'hostname is not supported on container when networkMode=awsvpc.'],
    [withContainer({ links: ['db'] }), 'Links are not supported when networkMode=awsvpc.'],
    [
      withContainer({ healthCheck: { command: ['CMD-SHELL', 'x'], interval: 301 } }),
      "Invalid 'interval' setting",
    ],
    [withContainer({ healthCheck: { command: ['x'] } }), 'it must begin with CMD or CMD-SHELL'],
    [
      withContainer({ mountPoints: [{ sourceVolume: 'tmp', containerPath: '/tmp' }] }),
      "Unknown volume 'tmp'.",
    ],
    [
      withContainer({ dependsOn: [{ containerName: 'db', condition: 'START' }] }),
      "depends on container 'db', which is not in the task definition",
    ],
    [
      {
        containerDefinitions: JSON.stringify([
          { ...container, dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }] },
          { name: 'migrate', image: 'x' },
        ]),
      },
      'A dependency container with SUCCESS or COMPLETE condition cannot be an essential container',
    ],
    [
      { containerDefinitions: JSON.stringify([container, container]) },
      "unique within a task definition: 'api'",
    ],
  ])('with %j is refused', (wrong, message) => {
    const [first = 'nothing'] = said(definition, ask({ ...task, ...wrong }));
    expect(first).toContain(message);
  });

  it('of an image in ECR, or with logs, needs a role that fetches and writes', () => {
    const { secrets: _, logConfiguration: __, ...bare } = container;
    const { executionRoleArn: ___, ...alone } = task;
    const of = (each: object) =>
      said(definition, ask({ ...alone, containerDefinitions: JSON.stringify([each]) }));
    expect(of({ ...bare, image: 'alpine' })).toEqual([]);
    expect(of(bare)).toEqual([
      'ClientException: Fargate requires task definition to have execution role ARN to support ECR images.',
    ]);
    expect(of({ ...bare, image: 'alpine', logConfiguration: container.logConfiguration })).toEqual([
      'ClientException: Fargate requires task definition to have execution role ARN to support log driver awslogs.',
    ]);
  });
});

describe('sizes of Fargate', () => {
  it('are the documented ones', () => {
    const sizes = [256, 512, 1024, 2048, 4096, 8192, 16_384].map(
      (cpu) =>
        Array.from({ length: 300 }, (_, index) => (index + 1) * 512).filter((memory) =>
          isFargateSize(cpu, memory),
        ).length,
    );
    expect(sizes).toEqual([3, 4, 7, 13, 23, 12, 12]);
  });

  it('are written as numbers or with a unit', () => {
    expect([cpuUnits('.5 vCPU'), cpuUnits('1 vcpu'), cpuUnits('256'), cpuUnits('x')]).toEqual([
      512,
      1024,
      256,
      undefined,
    ]);
    expect([mebibytes('1 GB'), mebibytes('0.5GB'), mebibytes('512'), mebibytes('')]).toEqual([
      1024,
      512,
      512,
      undefined,
    ]);
    fc.assert(
      fc.property(fc.nat(), (units) => {
        expect(cpuUnits(String(units))).toBe(units);
      }),
    );
  });
});

const trust = (name: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: name }, Action: 'sts:AssumeRole' }],
  });
const role = (trusted: string): FakeThing => ({
  type: 'aws:iam/role:Role',
  id: 'task',
  region: 'global',
  inputs: { assumeRolePolicy: trust(trusted) },
  outputs: { arn: roleArn },
});
const targetGroup = (id: string, targetType = 'ip', vpcId = 'vpc-1'): FakeThing => ({
  type: 'aws:lb/targetGroup:TargetGroup',
  id,
  inputs: { targetType, vpcId },
  outputs: { arn: id },
});
const first = made(definition, ask(task));
const world: FakeThing[] = [
  made(cluster, ask({ name: 'main' })),
  first,
  role('ecs-tasks.amazonaws.com'),
  { type: 'aws:ec2/subnet:Subnet', id: 'subnet-a', inputs: { vpcId: 'vpc-1' } },
  { type: 'aws:ec2/subnet:Subnet', id: 'subnet-x', inputs: { vpcId: 'vpc-2' } },
  { type: 'aws:ec2/securityGroup:SecurityGroup', id: 'sg-1', inputs: { vpcId: 'vpc-1' } },
  { type: 'aws:ec2/securityGroup:SecurityGroup', id: 'sg-2', inputs: { vpcId: 'vpc-2' } },
  targetGroup('tg-blue'),
  targetGroup('tg-green'),
  targetGroup('tg-instance', 'instance'),
  targetGroup('tg-alone'),
  {
    type: 'aws:lb/listener:Listener',
    id: 'l',
    inputs: {
      defaultActions: [{ type: 'forward', targetGroupArn: 'tg-blue' }, { targetGroupArn: 'tg-instance' }],
    },
  },
  {
    type: 'aws:lb/listenerRule:ListenerRule',
    id: 'rule',
    inputs: {
      actions: [{ type: 'forward', forward: { targetGroups: [{ arn: 'tg-blue' }, { arn: 'tg-green' }] } }],
    },
  },
];
const right = {
  name: 'api',
  cluster: 'arn:aws:ecs:us-east-1:123456789012:cluster/main',
  taskDefinition: first.id,
  launchType: 'FARGATE',
  desiredCount: 2,
  networkConfiguration: { subnets: ['subnet-a'], securityGroups: ['sg-1'] },
  loadBalancers: [{ targetGroupArn: 'tg-blue', containerName: 'api', containerPort: 8080 }],
};
const advanced = { alternateTargetGroupArn: 'tg-green', productionListenerRule: 'rule', roleArn };
const balancer = (change: object) => ({ loadBalancers: [{ ...right.loadBalancers[0], ...change }] });

describe('a service', () => {
  const about = (wrong: object, things = world) => said(service, ask({ ...right, ...wrong }, { things }));

  it('runs in its cluster, switching to what is new as a whole or by and by', () => {
    expect(about({})).toEqual([]);
    expect(
      about({
        ...balancer({ advancedConfiguration: advanced }),
        deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: '10' },
      }),
    ).toEqual([]);
    expect(made(service, ask(right)).id).toBe('arn:aws:ecs:us-east-1:123456789012:service/main/api');
  });

  it.each<[object, string]>([
    [{ cluster: 'none' }, 'ClusterNotFoundException: Cluster not found.'],
    [{ taskDefinition: 'none' }, 'ClientException: TaskDefinition not found.'],
    [{ taskDefinition: 'api:7' }, 'TaskDefinition not found.'],
    [
      { networkConfiguration: undefined },
      "InvalidParameterException: Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    ],
    [{ networkConfiguration: { subnets: ['subnet-a', 'subnet-x'] } }, 'The subnets must be in the same VPC.'],
    [
      { networkConfiguration: { subnets: ['subnet-a'], securityGroups: ['sg-2'] } },
      'Security group sg-2 does not appear to belong to the same VPC as the input subnets.',
    ],
    [balancer({ containerName: 'web' }), 'The container web does not exist in the task definition.'],
    [balancer({ containerPort: 80 }), 'The container api did not have a container port 80 defined.'],
    [
      balancer({ targetGroupArn: 'tg-instance' }),
      'The provided target group tg-instance has target type instance, which is incompatible with the awsvpc network mode specified in the task definition.',
    ],
    [
      balancer({ targetGroupArn: 'tg-alone' }),
      'The target group with targetGroupArn tg-alone does not have an associated load balancer.',
    ],
    [balancer({ targetGroupArn: 'none' }), 'The target group none does not exist.'],
    [
      { loadBalancers: [], healthCheckGracePeriodSeconds: 30 },
      'Health check grace period is only valid for services configured to use load balancers',
    ],
    [
      { capacityProviderStrategies: [{ capacityProvider: 'FARGATE_SPOT' }] },
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    ],
    [
      { launchType: undefined, capacityProviderStrategies: [{ capacityProvider: 'FARGATE_SPOT' }] },
      'cannot contain a capacity provider that is not associated with the cluster',
    ],
    [
      { deploymentMinimumHealthyPercent: 100, deploymentMaximumPercent: 100 },
      'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    ],
    [{ deploymentConfiguration: { strategy: 'BLUE-GREEN' } }, 'got BLUE-GREEN'],
    [
      { deploymentConfiguration: { strategy: 'BLUE_GREEN' } },
      'ClientException: advancedConfiguration field is required for all loadBalancers when using the blue/green deployment strategy',
    ],
    [{ deploymentConfiguration: { bakeTimeInMinutes: '1441' } }, 'in the range (0 - 1440), got 1441'],
    [
      {
        ...balancer({ advancedConfiguration: { ...advanced, alternateTargetGroupArn: 'tg-blue' } }),
        deploymentConfiguration: { strategy: 'BLUE_GREEN' },
      },
      'must be another one',
    ],
    [
      {
        ...balancer({ advancedConfiguration: { ...advanced, productionListenerRule: 'none' } }),
        deploymentConfiguration: { strategy: 'BLUE_GREEN' },
      },
      'productionListenerRule none does not exist.',
    ],
    [
      {
        ...balancer({ advancedConfiguration: { ...advanced, testListenerRule: '' } }),
        deploymentConfiguration: { strategy: 'BLUE_GREEN' },
      },
      'testListenerRule must not be empty.',
    ],
    [
      { ...balancer({ advancedConfiguration: advanced }), deploymentConfiguration: { strategy: 'CANARY' } },
      'canaryConfiguration is required',
    ],
    [
      {
        deploymentCircuitBreaker: { enable: true, rollback: true },
        deploymentController: { type: 'CODE_DEPLOY' },
      },
      'Deployment circuit breaker feature can only be configured with ECS deployment controller.',
    ],
    [{ schedulingStrategy: 'DAEMON' }, 'daemon scheduling strategy is not supported'],
    [{ name: 'a b' }, 'Service name must contain at most 255 letters'],
  ])('with %j is refused', (wrong, message) => {
    const [one = 'nothing'] = about(wrong);
    expect(one).toContain(message);
  });

  it('takes on only roles that trust its tasks', () => {
    const things = world.map((each) => (each.id === 'task' ? role('ec2.amazonaws.com') : each));
    expect(about({}, things)[0]).toContain(
      `ECS was unable to assume the role '${roleArn}' that was provided for this task.`,
    );
  });

  it('is there once in its cluster', () => {
    const other = { type: service.type, id: 'x', inputs: right };
    expect(about({}, [...world, other])).toEqual([
      'InvalidParameterException: Creation of service was not idempotent.',
    ]);
    expect(about({ name: 'other' }, [...world, other])).toEqual([]);
  });

  it('says nothing in preview of what comes later', () => {
    const { taskDefinition: _, ...rest } = right;
    expect(said(service, ask(rest, { unknown: ['taskDefinition'], preview: true }))).toEqual([]);
  });
});

describe('a cluster', () => {
  it('stays while services are in it', () => {
    const own = thing(made(cluster, ask({ name: 'main' })));
    expect(cluster.holds?.(own, fakeCloud([{ type: service.type, id: 'x', inputs: right }]))).toEqual({
      code: 'ClusterContainsServicesException',
      message: 'The Cluster cannot be deleted while Services are active.',
    });
    expect(cluster.holds?.(own, fakeCloud())).toBeUndefined();
  });

  it('has settings that there are', () => {
    expect(said(cluster, ask({ name: 'main', settings: [{ name: 'insights', value: 'on' }] }))[0]).toContain(
      'Invalid cluster setting name',
    );
    expect(
      said(cluster, ask({ name: 'main', settings: [{ name: 'containerInsights', value: 'enhanced' }] })),
    ).toEqual([]);
  });

  it('uses by default only the capacity that it has', () => {
    const inputs = {
      clusterName: 'main',
      capacityProviders: ['FARGATE'],
      defaultCapacityProviderStrategies: [{ capacityProvider: 'FARGATE_SPOT' }],
    };
    expect(said(capacity, ask(inputs))[0]).toContain('not associated with the cluster');
  });
});
