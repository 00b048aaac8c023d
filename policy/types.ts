/** The type by which rules know a resource: AWS has load balancers and buckets under a second, older name. */
export function typeOf(type: string): string {
  return type.replace(/^aws:alb\//, 'aws:lb/').replace(/^(aws:s3\/bucket\w*)V2:(Bucket\w*)V2$/, '$1:$2');
}

/**
 * Types of AWS that have to carry tags, as far as they are used or will be. A test holds them against the table of the
 * twin.
 */
export const taggedTypes: ReadonlySet<string> = new Set(
  [
    'acm/certificate:Certificate',
    'appautoscaling/target:Target',
    'backup/plan:Plan',
    'backup/vault:Vault',
    'cloudfront/distribution:Distribution',
    'cloudtrail/trail:Trail',
    'cloudwatch/compositeAlarm:CompositeAlarm',
    'cloudwatch/eventRule:EventRule',
    'cloudwatch/logGroup:LogGroup',
    'cloudwatch/metricAlarm:MetricAlarm',
    'docdb/cluster:Cluster',
    'dynamodb/table:Table',
    'ebs/volume:Volume',
    'ec2/defaultSecurityGroup:DefaultSecurityGroup',
    'ec2/eip:Eip',
    'ec2/flowLog:FlowLog',
    'ec2/instance:Instance',
    'ec2/internetGateway:InternetGateway',
    'ec2/natGateway:NatGateway',
    'ec2/routeTable:RouteTable',
    'ec2/securityGroup:SecurityGroup',
    'ec2/subnet:Subnet',
    'ec2/vpc:Vpc',
    'ec2/vpcEndpoint:VpcEndpoint',
    'ecr/repository:Repository',
    'ecs/cluster:Cluster',
    'ecs/service:Service',
    'ecs/taskDefinition:TaskDefinition',
    'efs/fileSystem:FileSystem',
    'elasticache/parameterGroup:ParameterGroup',
    'elasticache/replicationGroup:ReplicationGroup',
    'elasticache/subnetGroup:SubnetGroup',
    'elasticache/user:User',
    'elasticache/userGroup:UserGroup',
    'iam/instanceProfile:InstanceProfile',
    'iam/openIdConnectProvider:OpenIdConnectProvider',
    'iam/policy:Policy',
    'iam/role:Role',
    'iam/serviceLinkedRole:ServiceLinkedRole',
    'kms/key:Key',
    'kms/replicaKey:ReplicaKey',
    'lambda/function:Function',
    'lb/listener:Listener',
    'lb/listenerRule:ListenerRule',
    'lb/loadBalancer:LoadBalancer',
    'lb/targetGroup:TargetGroup',
    'memorydb/cluster:Cluster',
    'opensearch/domain:Domain',
    'rds/cluster:Cluster',
    'rds/clusterInstance:ClusterInstance',
    'rds/instance:Instance',
    'rds/parameterGroup:ParameterGroup',
    'rds/subnetGroup:SubnetGroup',
    'resourcegroups/group:Group',
    'route53/healthCheck:HealthCheck',
    'route53/zone:Zone',
    's3/bucket:Bucket',
    'secretsmanager/secret:Secret',
    'sns/topic:Topic',
    'sqs/queue:Queue',
    'ssm/parameter:Parameter',
    'vpc/securityGroupEgressRule:SecurityGroupEgressRule',
    'vpc/securityGroupIngressRule:SecurityGroupIngressRule',
    'wafv2/webAcl:WebAcl',
  ].map((type) => `aws:${type}`),
);

const globalServices =
  /^aws:(account|bcmdata|billing|budgets|cloudfront|costexplorer|costoptimizationhub|cur|globalaccelerator|iam|networkmanager|notifications|organizations|rolesanywhere|route53|route53domains|route53recoverycontrol|route53recoveryreadiness|shield|waf)\//;
const globalTypes: ReadonlySet<string> = new Set(
  [
    'backup/globalSettings:GlobalSettings',
    'cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount',
    'directconnect/gateway:Gateway',
    'fms/adminAccount:AdminAccount',
    'ram/sharingWithOrganization:SharingWithOrganization',
    's3/accountPublicAccessBlock:AccountPublicAccessBlock',
  ].map((type) => `aws:${type}`),
);

/** Whether things of a type are in one region: all of AWS but what is known to be everywhere. */
export function isRegional(type: string): boolean {
  return type.startsWith('aws:') && !globalServices.test(type) && !globalTypes.has(type);
}

/** Types that hold what cannot be made again. */
export const statefulTypes: ReadonlySet<string> = new Set(
  [
    'docdb/cluster:Cluster',
    'dynamodb/table:Table',
    'ebs/volume:Volume',
    'ecr/repository:Repository',
    'efs/fileSystem:FileSystem',
    'kms/key:Key',
    'opensearch/domain:Domain',
    'rds/cluster:Cluster',
    'rds/instance:Instance',
    's3/bucket:Bucket',
    'route53/zone:Zone',
  ].map((type) => `aws:${type}`),
);
