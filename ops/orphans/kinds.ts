import type { Inputs } from '../prices/monthly.ts';
import { parameterName, partsOfArn, withoutStar } from './arn.ts';
import type { Found } from './plan.ts';

/** How a type of Pulumi is met in AWS, and how it is imported from there. */
export interface ImportKind {
  readonly type: string;
  /** Service and kind of its ARN: `ec2/natgateway`. */
  readonly arnKind: string;
  /** What `pulumi import` wants; undefined as long as the arguments do not tell it. */
  readonly importId: (found: Found, inputs: Inputs) => string | undefined;
  /** The argument that names it for AWS, and is the last part of its ARN. */
  readonly named: string | undefined;
  /** The call that makes it, as CloudTrail names it. */
  readonly made: string | undefined;
}

/** The kinds that something may be: by its Pulumi type, or by service and kind of its ARN. */
export function kindsOf({ type }: Pick<Found, 'type'>): readonly ImportKind[] {
  return importKinds.filter((kind) => kind.type === type || kind.arnKind === type);
}

/** The name that AWS has for something, as an argument would say it. */
export function ownNameOf({ type, id, arn }: Found): string {
  if (arn === undefined) return id;
  const parts = partsOfArn(arn);
  return type === 'ssm/parameter' || type.startsWith('aws:ssm/')
    ? parameterName(parts.name)
    : withoutStar(parts.id);
}

type Row = readonly [
  type: string,
  arnKind: string,
  importId: ImportKind['importId'],
  made?: string | undefined,
  named?: string,
];

const byId = (found: Found): string => ownNameOf(found);
const byArn = ({ arn }: Found): string | undefined => arn;
const byPath = ({ arn = '' }: Found): string => partsOfArn(arn).name;

// The ids are those of the section `Import` of each type in @pulumi/aws 7.48.
const rows: readonly Row[] = [
  ['aws:acm/certificate:Certificate', 'acm/certificate', byArn, 'RequestCertificate'],
  [
    'aws:appautoscaling/target:Target',
    'application-autoscaling/scalable-target',
    (_, inputs) => scalingId(inputs),
    'RegisterScalableTarget',
  ],
  ['aws:backup/plan:Plan', 'backup/backup-plan', byId, 'CreateBackupPlan'],
  ['aws:backup/vault:Vault', 'backup/backup-vault', byId, 'CreateBackupVault', 'name'],
  [
    'aws:cloudwatch/compositeAlarm:CompositeAlarm',
    'cloudwatch/alarm',
    byId,
    'PutCompositeAlarm',
    'alarmName',
  ],
  ['aws:cloudwatch/metricAlarm:MetricAlarm', 'cloudwatch/alarm', byId, 'PutMetricAlarm', 'name'],
  ['aws:cloudwatch/eventRule:EventRule', 'events/rule', byId, 'PutRule', 'name'],
  ['aws:cloudwatch/logGroup:LogGroup', 'logs/log-group', byId, 'CreateLogGroup', 'name'],
  ['aws:ec2/defaultSecurityGroup:DefaultSecurityGroup', 'ec2/security-group', byId],
  ['aws:ec2/eip:Eip', 'ec2/elastic-ip', byId, 'AllocateAddress'],
  ['aws:ec2/flowLog:FlowLog', 'ec2/vpc-flow-log', byId, 'CreateFlowLogs'],
  ['aws:ec2/internetGateway:InternetGateway', 'ec2/internet-gateway', byId, 'CreateInternetGateway'],
  ['aws:ec2/natGateway:NatGateway', 'ec2/natgateway', byId, 'CreateNatGateway'],
  ['aws:ec2/routeTable:RouteTable', 'ec2/route-table', byId, 'CreateRouteTable'],
  ['aws:ec2/securityGroup:SecurityGroup', 'ec2/security-group', byId, 'CreateSecurityGroup'],
  ['aws:ec2/subnet:Subnet', 'ec2/subnet', byId, 'CreateSubnet'],
  ['aws:ec2/vpc:Vpc', 'ec2/vpc', byId, 'CreateVpc'],
  ['aws:ec2/vpcEndpoint:VpcEndpoint', 'ec2/vpc-endpoint', byId, 'CreateVpcEndpoint'],
  ['aws:ecr/repository:Repository', 'ecr/repository', byPath, 'CreateRepository'],
  ['aws:ecs/cluster:Cluster', 'ecs/cluster', byId, 'CreateCluster', 'name'],
  ['aws:ecs/service:Service', 'ecs/service', byPath, 'CreateService', 'name'],
  ['aws:ecs/taskDefinition:TaskDefinition', 'ecs/task-definition', byArn, 'RegisterTaskDefinition'],
  [
    'aws:elasticache/parameterGroup:ParameterGroup',
    'elasticache/parametergroup',
    byId,
    'CreateCacheParameterGroup',
    'name',
  ],
  [
    'aws:elasticache/replicationGroup:ReplicationGroup',
    'elasticache/replicationgroup',
    byId,
    'CreateReplicationGroup',
    'replicationGroupId',
  ],
  [
    'aws:elasticache/subnetGroup:SubnetGroup',
    'elasticache/subnetgroup',
    byId,
    'CreateCacheSubnetGroup',
    'name',
  ],
  ['aws:elasticache/user:User', 'elasticache/user', byId, 'CreateUser', 'userId'],
  ['aws:elasticache/userGroup:UserGroup', 'elasticache/usergroup', byId, 'CreateUserGroup', 'userGroupId'],
  ['aws:iam/policy:Policy', 'iam/policy', byArn, 'CreatePolicy', 'name'],
  ['aws:iam/role:Role', 'iam/role', byId, 'CreateRole', 'name'],
  ['aws:kms/key:Key', 'kms/key', byId, 'CreateKey'],
  ['aws:kms/replicaKey:ReplicaKey', 'kms/key', byId, 'ReplicateKey'],
  ['aws:lb/listener:Listener', 'elasticloadbalancing/listener', byArn, 'CreateListener'],
  ['aws:lb/listenerRule:ListenerRule', 'elasticloadbalancing/listener-rule', byArn, 'CreateRule'],
  ['aws:lb/loadBalancer:LoadBalancer', 'elasticloadbalancing/loadbalancer', byArn, 'CreateLoadBalancer'],
  ['aws:lb/targetGroup:TargetGroup', 'elasticloadbalancing/targetgroup', byArn, 'CreateTargetGroup'],
  ['aws:rds/instance:Instance', 'rds/db', byId, 'CreateDBInstance', 'identifier'],
  ['aws:rds/parameterGroup:ParameterGroup', 'rds/pg', byId, 'CreateDBParameterGroup', 'name'],
  ['aws:rds/subnetGroup:SubnetGroup', 'rds/subgrp', byId, 'CreateDBSubnetGroup', 'name'],
  ['aws:resourcegroups/group:Group', 'resource-groups/group', byId, 'CreateGroup', 'name'],
  ['aws:route53/healthCheck:HealthCheck', 'route53/healthcheck', byId, 'CreateHealthCheck'],
  ['aws:route53/zone:Zone', 'route53/hostedzone', byId, 'CreateHostedZone'],
  ['aws:s3/bucket:Bucket', 's3/bucket', byId, 'CreateBucket', 'bucket'],
  ['aws:secretsmanager/secret:Secret', 'secretsmanager/secret', byArn, 'CreateSecret'],
  ['aws:sns/topic:Topic', 'sns/topic', byArn, 'CreateTopic', 'name'],
  ['aws:ssm/parameter:Parameter', 'ssm/parameter', byId, 'PutParameter', 'name'],
  [
    'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule',
    'ec2/security-group-rule',
    byId,
    'AuthorizeSecurityGroupEgress',
  ],
  [
    'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
    'ec2/security-group-rule',
    byId,
    'AuthorizeSecurityGroupIngress',
  ],
  ['aws:wafv2/webAcl:WebAcl', 'wafv2/regional', webAclId, 'CreateWebACL'],
  ['aws:wafv2/webAcl:WebAcl', 'wafv2/global', webAclId, 'CreateWebACL'],
];

const importKinds: readonly ImportKind[] = rows.map(([type, arnKind, importId, made, named]) => ({
  ...{ type, arnKind, importId, made, named },
}));

/** The types that can be imported from AWS. */
export const importedTypes: readonly string[] = [...new Set(rows.map(([type]) => type))];

function scalingId({ serviceNamespace, resourceId, scalableDimension }: Inputs): string | undefined {
  const parts = [serviceNamespace, resourceId, scalableDimension];
  return parts.every((part) => typeof part === 'string') ? parts.join('/') : undefined;
}

// `webacl/NAME/ID` stands behind the scope.
function webAclId({ arn = '' }: Found): string {
  const { kind, name } = partsOfArn(arn);
  const [, own = '', id = ''] = name.split('/');
  return `${id}/${own}/${kind === 'global' ? 'CLOUDFRONT' : 'REGIONAL'}`;
}
