import type { HeldMap } from '../../../../ops/twin/held.ts';
import { task } from './base.ts';
import type { Chapter } from './mistake.ts';
import type { World } from './world.ts';

const service = ({ of }: World): HeldMap => ({
  ...{ name: 'second', cluster: of('cluster', 'arn'), taskDefinition: of('task', 'arn') },
  ...{ launchType: 'FARGATE', desiredCount: 1 },
  networkConfiguration: { subnets: [of('network-a')], securityGroups: [of('group')] },
  ...balanced(of('targets', 'arn'), 'api', 3000),
});
const balanced = (targetGroupArn: string, containerName: string, containerPort: number): HeldMap => ({
  loadBalancers: [{ targetGroupArn, containerName, containerPort }],
});
const rule = (selection: HeldMap): HeldMap => ({
  policy: JSON.stringify({
    rules: [{ rulePriority: 1, selection, action: { type: 'expire' } }],
  }),
});

/** Mistakes about containers and their images. */
export const containers: Chapter = {
  service: 'ECS and ECR',
  mistakes: [
    {
      what: 'A size that Fargate does not have',
      doing: 'create',
      type: 'aws:ecs/taskDefinition:TaskDefinition',
      right: task,
      wrong: () => ({ cpu: '1024', memory: '1024' }),
      quote:
        'ClientException: No Fargate configuration exists for given values: 1024 CPU, 1024 memory. See the Amazon ECS documentation for the valid values.',
      source: 'https://github.com/aws-games/cloud-game-development-toolkit/issues/737',
      at: 'preview',
      says: 'ClientException: No Fargate configuration exists for given values: 1024 CPU, 1024 memory. See the Amazon ECS documentation for the valid values.',
    },
    {
      what: 'A size for the container alone',
      doing: 'create',
      type: 'aws:ecs/taskDefinition:TaskDefinition',
      right: task,
      wrong: () => ({ cpu: undefined }),
      quote: "ClientException: Fargate requires that 'cpu' be defined at the task level.",
      source: 'https://github.com/mongodb/terraform-aws-ecs-task-definition/issues/38',
      at: 'preview',
      says: "ClientException: Fargate requires that 'cpu' be defined at the task level. Examine values at 'asked.cpu'.",
    },
    {
      what: 'A container without memory, on machines',
      doing: 'create',
      type: 'aws:ecs/taskDefinition:TaskDefinition',
      right: (world) => ({
        ...{ ...task(world), requiresCompatibilities: ['EC2'] },
      }),
      wrong: () => ({ memory: undefined }),
      quote:
        "An error occurred (ClientException) when calling the RegisterTaskDefinition operation: Invalid setting for container 'aaaaaaa'. At least one of 'memory' or 'memoryReservation' must be specified.",
      source: 'https://github.com/cuttlesoft/ecs-deploy.py/issues/17',
      at: 'preview',
      says: "ClientException: Invalid setting for container 'api'. At least one of 'memory' or 'memoryReservation' must be specified.",
    },
    {
      what: 'A load balancer for a container that is not in the task',
      doing: 'create',
      type: 'aws:ecs/service:Service',
      right: service,
      wrong: ({ of }) => balanced(of('targets', 'arn'), 'web', 3000),
      quote:
        'The container web does not exist in the task definition. (Service: AmazonECS; Status Code: 400; Error Code: InvalidParameterException; Request ID: ...)',
      source: 'https://github.com/boltops-tools/ufo/issues/114',
      at: 'preview',
      says: "InvalidParameterException: The container web does not exist in the task definition. Examine values at 'asked.loadBalancers[0].containerName'.",
    },
    {
      what: 'A load balancer for a port that the container does not open',
      doing: 'create',
      type: 'aws:ecs/service:Service',
      right: service,
      wrong: ({ of }) => balanced(of('targets', 'arn'), 'api', 80),
      quote: 'InvalidParameterException: The container app did not have a container port 80 defined.',
      source: 'https://github.com/pulumi/pulumi-awsx/issues/1172',
      at: 'preview',
      says: "InvalidParameterException: The container api did not have a container port 80 defined. Examine values at 'asked.loadBalancers[0].containerPort'.",
    },
    {
      what: 'A target group that no listener forwards to',
      doing: 'create',
      type: 'aws:ecs/service:Service',
      right: service,
      wrong: ({ of }) => balanced(of('idle-targets', 'arn'), 'api', 3000),
      quote:
        'InvalidParameterException: The target group with targetGroupArn arn:aws:elasticloadbalancing:us-east-1:549567774903:targetgroup/tg-fargate-example/97c07ffe67daf38f does not have an associated load balancer.',
      source: 'https://github.com/umotif-public/terraform-aws-ecs-fargate/issues/43',
      at: 'update',
      says: 'InvalidParameterException: The target group with targetGroupArn arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/idle-targets/… does not have an associated load balancer.',
    },
    {
      what: 'A rule of images that cannot be read',
      doing: 'create',
      type: 'aws:ecr/lifecyclePolicy:LifecyclePolicy',
      right: ({ of }) => ({
        repository: of('images'),
        ...rule({ tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 5 }),
      }),
      wrong: () =>
        rule({ tagStatus: 'untagged', countType: 'imageCountMoreThan', countUnit: 'days', countNumber: 5 }),
      quote:
        "InvalidParameterException: Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: …",
      source: 'https://github.com/cloudposse/terraform-aws-ecr/issues/158',
      at: 'preview',
      says: `InvalidParameterException: Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: object instance has properties which are not allowed by the schema: ["countUnit"]'`,
    },
  ],
};

/** Mistakes about arguments, whatever they are of. */
export const plain: Chapter = {
  service: 'Arguments',
  mistakes: [
    {
      what: 'An argument that there is not',
      doing: 'create',
      type: 'aws:ec2/vpc:Vpc',
      right: () => ({ cidrBlock: '10.8.0.0/16' }),
      wrong: () => ({ cidrBlok: '10.8.0.0/16' }),
      quote: 'Invalid or unknown key',
      source: 'https://github.com/pulumi/pulumi-aws/issues/1806',
      at: 'preview',
      says: 'Invalid or unknown key "cidrBlok". Did you mean "cidrBlock"?',
    },
    {
      what: 'An argument that is left out',
      doing: 'create',
      type: 'aws:ec2/subnet:Subnet',
      right: ({ of }) => ({ vpcId: of('network'), cidrBlock: '10.0.9.0/24' }),
      wrong: () => ({ vpcId: undefined }),
      quote: 'The argument "vpc_id" is required, but no definition was found.',
      source: 'https://github.com/pulumi/pulumi-terraform-module/issues/335',
      at: 'preview',
      says: `Missing required argument. The argument "vpcId" is required, but no definition was found. Examine values at 'asked.vpcId'.`,
    },
    {
      what: 'A value that is none of those that there are',
      doing: 'create',
      type: 'aws:lb/targetGroup:TargetGroup',
      right: ({ of }) => ({
        ...{ name: 'more-targets', port: 3000, protocol: 'HTTP', targetType: 'ip', vpcId: of('network') },
      }),
      wrong: () => ({ protocol: 'SSL' }),
      quote: 'aws_lb_listener.tls: expected protocol to be one of [http https tcp], got TLS',
      source: 'https://github.com/hashicorp/terraform-provider-aws/issues/5013',
      at: 'preview',
      says: 'expected protocol to be one of ["GENEVE" "HTTP" "HTTPS" "QUIC" "TCP" "TCP_QUIC" "TCP_UDP" "TLS" "UDP"], got SSL',
    },
  ],
};
