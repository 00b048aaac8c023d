import { bare, type HeldMap } from '../../../../ops/twin/held.ts';
import { account, type World } from './world.ts';

/** A policy document. */
export function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

/** Who may assume a role. */
export function trust(principal: object): string {
  return policy({ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' });
}

/** What leaves a key to those who administer the account. */
export const ownKey = {
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${account}:root` },
  Action: 'kms:*',
  Resource: '*',
};

/** A container that is right. */
export const container = {
  name: 'api',
  image: `${account}.dkr.ecr.us-east-1.amazonaws.com/api@sha256:${'a'.repeat(64)}`,
  portMappings: [{ containerPort: 3000 }],
};

/** A task of Fargate that is right. */
export const task = (world: World): HeldMap => ({
  ...{ family: 'api', cpu: '512', memory: '1024', networkMode: 'awsvpc' },
  ...{ requiresCompatibilities: ['FARGATE'], executionRoleArn: world.of('role', 'arn') },
  containerDefinitions: JSON.stringify([container]),
});

/** A database that is right. */
export const database = (world: World): HeldMap => ({
  ...{ identifier: 'orders', engine: 'postgres', engineVersion: '16.4', instanceClass: 'db.t4g.medium' },
  ...{ allocatedStorage: 50, storageType: 'gp3', storageEncrypted: true },
  ...{ username: 'coinestate', manageMasterUserPassword: true, skipFinalSnapshot: true },
  ...{ dbSubnetGroupName: world.of('databases'), vpcSecurityGroupIds: [world.of('group')] },
});

/** What most systems have: two networks, a load balancer with a certificate, and what stands around them. */
export async function buildBase(world: World): Promise<void> {
  await network(world);
  await names(world);
  await balancing(world);
  await identity(world);
  await data(world);
  await containers(world);
}

async function network({ make, of }: World): Promise<void> {
  await make('aws:ec2/vpc:Vpc', 'network', { cidrBlock: '10.0.0.0/16', enableDnsHostnames: true });
  await make('aws:ec2/vpc:Vpc', 'closed', { cidrBlock: '10.1.0.0/16', enableDnsHostnames: true });
  await make('aws:ec2/internetGateway:InternetGateway', 'gateway', { vpcId: of('network') });
  for (const [vpc, second] of [
    ['network', 0],
    ['closed', 1],
  ] as const) {
    for (const [index, zone] of ['a', 'b'].entries()) {
      await make('aws:ec2/subnet:Subnet', `${vpc}-${zone}`, {
        ...{ vpcId: of(vpc), availabilityZone: `us-east-1${zone}` },
        cidrBlock: `10.${second}.${index}.0/24`,
      });
    }
  }
  await make('aws:ec2/subnet:Subnet', 'second-a', {
    ...{ vpcId: of('network'), cidrBlock: '10.0.7.0/24', availabilityZone: 'us-east-1a' },
  });
  await make('aws:ec2/routeTable:RouteTable', 'routes', { vpcId: of('network') });
  await make('aws:ec2/route:Route', 'default-route', {
    ...{ routeTableId: of('routes'), destinationCidrBlock: '0.0.0.0/0', gatewayId: of('gateway') },
  });
  await make('aws:ec2/routeTable:RouteTable', 'other-routes', { vpcId: of('network') });
  await make('aws:ec2/routeTableAssociation:RouteTableAssociation', 'association', {
    ...{ routeTableId: of('routes'), subnetId: of('network-a') },
  });
  await make('aws:ec2/securityGroup:SecurityGroup', 'group', { vpcId: of('network') });
  await make('aws:ec2/securityGroup:SecurityGroup', 'closed-group', { vpcId: of('closed') });
  await make('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'https', {
    ...{ securityGroupId: of('group'), ipProtocol: 'tcp', fromPort: 443, toPort: 443 },
    cidrIpv4: '0.0.0.0/0',
  });
  await make('aws:ec2/eip:Eip', 'address', { domain: 'vpc' });
  await make('aws:ec2/vpcEndpoint:VpcEndpoint', 'endpoint', {
    ...{ vpcId: of('network'), serviceName: 'com.amazonaws.us-east-1.ecr.api' },
    ...{ vpcEndpointType: 'Interface', privateDnsEnabled: true },
    ...{ subnetIds: [of('network-a')], securityGroupIds: [of('group')] },
  });
}

async function names(world: World): Promise<void> {
  const { make, of } = world;
  await make('aws:route53/zone:Zone', 'zone', { name: 'example.com' });
  await make('aws:route53/record:Record', 'www', {
    ...{ zoneId: of('zone'), name: 'www', type: 'A', ttl: 60, records: ['192.0.2.1'] },
  });
  await make('aws:acm/certificate:Certificate', 'unproven', {
    ...{ domainName: 'new.example.com', validationMethod: 'DNS' },
  });
  await issue(world, 'certificate', 'api.example.com', {});
  await issue(world, 'european-certificate', 'eu.example.com', { region: 'eu-west-1' });
}

/** Makes a certificate and proves that the domain is ours. */
async function issue({ make, of }: World, name: string, domain: string, place: HeldMap): Promise<void> {
  const { properties } = await make('aws:acm/certificate:Certificate', name, {
    ...{ domainName: domain, validationMethod: 'DNS', ...place },
  });
  const [option] = bare(properties['domainValidationOptions'] ?? []) as readonly HeldMap[];
  const { properties: proof } = await make('aws:route53/record:Record', `${name}-proof`, {
    ...{ zoneId: of('zone'), ttl: 60, name: option?.['resourceRecordName'] ?? '' },
    ...{ type: option?.['resourceRecordType'] ?? '', records: [option?.['resourceRecordValue'] ?? ''] },
  });
  await make('aws:acm/certificateValidation:CertificateValidation', `${name}-issued`, {
    ...{ certificateArn: of(name, 'arn'), validationRecordFqdns: [proof['fqdn'] ?? ''], ...place },
  });
}

async function balancing({ make, of }: World): Promise<void> {
  const subnets = [of('network-a'), of('network-b')];
  for (const [name, enableDeletionProtection] of [
    ['balancer', false],
    ['protected-balancer', true],
  ] as const) {
    await make('aws:lb/loadBalancer:LoadBalancer', name, {
      ...{ name, subnets, securityGroups: [of('group')], enableDeletionProtection },
    });
  }
  const group = { port: 3000, protocol: 'HTTP', targetType: 'ip' };
  for (const name of ['targets', 'idle-targets'])
    await make('aws:lb/targetGroup:TargetGroup', name, { name, vpcId: of('network'), ...group });
  await make('aws:lb/targetGroup:TargetGroup', 'closed-targets', {
    ...{ name: 'closed-targets', vpcId: of('closed'), ...group },
  });
  await make('aws:lb/listener:Listener', 'listener', {
    ...{ loadBalancerArn: of('balancer', 'arn'), port: 443, protocol: 'HTTPS' },
    ...{ certificateArn: of('certificate', 'arn'), sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' },
    defaultActions: [{ type: 'forward', targetGroupArn: of('targets', 'arn') }],
  });
  await make('aws:lb/listenerRule:ListenerRule', 'rule', {
    ...{ listenerArn: of('listener', 'arn'), priority: 10 },
    conditions: [{ hostHeader: { values: ['api.example.com'] } }],
    actions: [{ type: 'forward', targetGroupArn: of('targets', 'arn') }],
  });
}

async function identity({ make, of }: World): Promise<void> {
  await make('aws:iam/role:Role', 'role', {
    ...{ name: 'api', assumeRolePolicy: trust({ Service: 'ecs-tasks.amazonaws.com' }) },
  });
  await make('aws:iam/role:Role', 'log-role', {
    ...{ name: 'logs', assumeRolePolicy: trust({ Service: 'vpc-flow-logs.amazonaws.com' }) },
  });
  await make('aws:iam/rolePolicyAttachment:RolePolicyAttachment', 'attachment', {
    role: of('role'),
    policyArn: 'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy',
  });
  await make('aws:iam/policy:Policy', 'read-documents', {
    name: 'read-documents',
    policy: policy({
      ...{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::coinestate-documents/*' },
    }),
  });
  await make('aws:iam/rolePolicyAttachment:RolePolicyAttachment', 'read-documents-attachment', {
    ...{ role: of('log-role'), policyArn: of('read-documents', 'arn') },
  });
  await make('aws:kms/key:Key', 'key', { policy: policy(ownKey) });
  await make('aws:kms/key:Key', 'log-key', {
    policy: policy(ownKey, {
      Effect: 'Allow',
      Principal: { Service: 'logs.us-east-1.amazonaws.com' },
      Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      Resource: '*',
    }),
  });
  await make('aws:sns/topic:Topic', 'topic', { name: 'alarms' });
  await make('aws:sns/topic:Topic', 'european-topic', { name: 'alarms', region: 'eu-west-1' });
}

async function data(world: World): Promise<void> {
  const { make, of } = world;
  const subnetIds = [of('network-a'), of('network-b')];
  await make('aws:rds/subnetGroup:SubnetGroup', 'databases', { name: 'databases', subnetIds });
  await make('aws:rds/parameterGroup:ParameterGroup', 'parameters', { name: 'pg16', family: 'postgres16' });
  await make('aws:rds/parameterGroup:ParameterGroup', 'old-parameters', {
    ...{ name: 'pg15', family: 'postgres15' },
  });
  await make('aws:rds/instance:Instance', 'protected-database', {
    ...{ ...database(world), identifier: 'kept', deletionProtection: true },
  });
  await make('aws:rds/instance:Instance', 'database-without-snapshot', {
    ...{ ...database(world), identifier: 'bare', skipFinalSnapshot: false },
  });
  await make('aws:elasticache/subnetGroup:SubnetGroup', 'caches', { name: 'caches', subnetIds });
  for (const name of ['documents', 'replica', 'trail-logs', 'closed-logs'])
    await make('aws:s3/bucket:Bucket', name, { bucket: `coinestate-${name}` });
  for (const name of ['documents', 'replica'])
    await make('aws:s3/bucketVersioning:BucketVersioning', `${name}-versions`, {
      ...{ bucket: of(name), versioningConfiguration: { status: 'Enabled' } },
    });
  const trail = { Service: 'cloudtrail.amazonaws.com' };
  await make('aws:s3/bucketPolicy:BucketPolicy', 'trail-logs-policy', {
    bucket: of('trail-logs'),
    policy: policy(
      { Effect: 'Allow', Principal: trail, Action: 's3:GetBucketAcl', Resource: of('trail-logs', 'arn') },
      {
        ...{ Effect: 'Allow', Principal: trail, Action: 's3:PutObject' },
        Resource: `${of('trail-logs', 'arn')}/AWSLogs/${account}/*`,
        Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
      },
    ),
  });
  await make('aws:secretsmanager/secret:Secret', 'secret', { name: 'api/token' });
  await make('aws:ssm/parameter:Parameter', 'parameter', {
    ...{ name: '/coinestate/staging/url', type: 'String', value: 'https://example.com' },
  });
}

async function containers(world: World): Promise<void> {
  const { make, of } = world;
  await make('aws:ecr/repository:Repository', 'images', { name: 'coinestate/api' });
  await make('aws:ecs/cluster:Cluster', 'cluster', { name: 'coinestate' });
  await make('aws:ecs/taskDefinition:TaskDefinition', 'task', task(world));
  await make('aws:ecs/service:Service', 'service', {
    ...{ name: 'api', cluster: of('cluster', 'arn'), taskDefinition: of('task', 'arn') },
    ...{ launchType: 'FARGATE', desiredCount: 1 },
    networkConfiguration: { subnets: [of('network-a')], securityGroups: [of('group')] },
    loadBalancers: [{ targetGroupArn: of('targets', 'arn'), containerName: 'api', containerPort: 3000 }],
  });
  const scaled = {
    ...{ serviceNamespace: 'ecs', resourceId: 'service/coinestate/api' },
    scalableDimension: 'ecs:service:DesiredCount',
  };
  await make('aws:appautoscaling/target:Target', 'scaling', { ...scaled, minCapacity: 1, maxCapacity: 4 });
  await make('aws:appautoscaling/policy:Policy', 'on-cpu', {
    ...{ name: 'cpu', policyType: 'TargetTrackingScaling', ...scaled },
    targetTrackingScalingPolicyConfiguration: {
      targetValue: 60,
      predefinedMetricSpecification: { predefinedMetricType: 'ECSServiceAverageCPUUtilization' },
    },
  });
}
