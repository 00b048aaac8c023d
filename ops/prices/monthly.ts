import { cacheHour, databaseHour, hoursPerMonth, perHour, perMonth, valkeyFactor } from './list.ts';

/** What a thing costs in a month by its being there. What comes by use, traffic, requests, data, is on top of `fixed`. */
export type Cost =
  | { readonly kind: 'fixed'; readonly usd: number }
  | { readonly kind: 'by use' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown' };

/** The arguments of a resource. What is not known yet may hold anything: it is read with care. */
export type Inputs = Readonly<Record<string, unknown>>;

/** What an argument names, as its own arguments: the task definition of a service. Undefined where that is not known. */
export type LookUp = (property: string) => Inputs | undefined;

/** The cost of one thing in a month, by its Pulumi type and its arguments; without them many cannot be told. */
export function monthlyCost(
  type: string,
  inputs: Inputs | undefined,
  lookUp: LookUp = () => undefined,
): Cost {
  const constant = constants[type];
  if (constant !== undefined) return fixed(constant);
  const priced = pricedByInputs[type];
  if (priced !== undefined) return inputs === undefined ? unknown : priced(inputs, lookUp);
  return byUse.has(type) ? { kind: 'by use' } : isFree(type) ? { kind: 'nothing' } : { kind: 'unknown' };
}

/** The sum of what is fixed, and how many things of unknown cost it leaves out. */
export function sumOf(costs: readonly Cost[]): { readonly usd: number; readonly unknown: number } {
  const cents = costs.map((cost) => (cost.kind === 'fixed' ? Math.round(cost.usd * 100) : 0));
  return {
    usd: cents.reduce((a, b) => a + b, 0) / 100,
    unknown: costs.filter(({ kind }) => kind === 'unknown').length,
  };
}

/** A cost as it stands in a table. */
export function costText(cost: Cost): string {
  switch (cost.kind) {
    case 'fixed':
      return cost.usd.toFixed(2);
    case 'by use':
      return 'by use';
    case 'nothing':
      return '-';
    case 'unknown':
      return '?';
  }
}

type Price = (inputs: Inputs, lookUp: LookUp) => Cost;

const unknown: Cost = { kind: 'unknown' };
const fixed = (usd: number): Cost => ({ kind: 'fixed', usd });
const hourly = (usd: number): Cost => fixed(usd * hoursPerMonth);

const constants: Readonly<Record<string, number>> = {
  'aws:ec2/natGateway:NatGateway': perHour.natGateway * hoursPerMonth,
  'aws:ec2/eip:Eip': perHour.publicIpv4 * hoursPerMonth,
  'aws:kms/key:Key': perMonth.key,
  'aws:kms/replicaKey:ReplicaKey': perMonth.key,
  'aws:route53/zone:Zone': perMonth.hostedZone,
  'aws:cloudwatch/compositeAlarm:CompositeAlarm': perMonth.alarm.composite,
  'aws:cloudwatch/dashboard:Dashboard': perMonth.dashboard,
};

const pricedByInputs: Readonly<Record<string, Price>> = {
  'aws:ec2/vpcEndpoint:VpcEndpoint': endpoint,
  'aws:lb/loadBalancer:LoadBalancer': balancer,
  'aws:ecs/service:Service': service,
  'aws:secretsmanager/secret:Secret': ({ replicas = [] }) =>
    Array.isArray(replicas) ? fixed(perMonth.secret * (1 + replicas.length)) : unknown,
  'aws:route53/healthCheck:HealthCheck': healthCheck,
  'aws:wafv2/webAcl:WebAcl': ({ rules = [] }) =>
    Array.isArray(rules) ? fixed(perMonth.webAcl.own + rules.length * perMonth.webAcl.rule) : unknown,
  'aws:cloudwatch/metricAlarm:MetricAlarm': alarm,
  'aws:ssm/parameter:Parameter': ({ tier }) =>
    tier === 'Advanced' ? fixed(perMonth.advancedParameter) : { kind: 'nothing' },
  'aws:rds/instance:Instance': database,
  'aws:elasticache/replicationGroup:ReplicationGroup': cache,
};

const byUse = new Set([
  'aws:backup/vault:Vault',
  'aws:cloudtrail/trail:Trail',
  'aws:cloudwatch/logGroup:LogGroup',
  'aws:ec2/flowLog:FlowLog',
  'aws:ecr/repository:Repository',
  'aws:s3/bucket:Bucket',
  'aws:sns/topic:Topic',
]);

// Settings, links and descriptions of something else, which carries the cost.
const freeServices = /^aws:(acm|appautoscaling|iam|resourcegroups|vpc)\//;
const free = new Set([
  'aws:backup/plan:Plan',
  'aws:backup/selection:Selection',
  'aws:backup/vaultLockConfiguration:VaultLockConfiguration',
  'aws:cloudwatch/eventRule:EventRule',
  'aws:cloudwatch/eventTarget:EventTarget',
  'aws:cloudwatch/logMetricFilter:LogMetricFilter',
  'aws:cloudwatch/logResourcePolicy:LogResourcePolicy',
  'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup',
  'aws:ec2/internetGateway:InternetGateway',
  'aws:ec2/route:Route',
  'aws:ec2/routeTable:RouteTable',
  'aws:ec2/routeTableAssociation:RouteTableAssociation',
  'aws:ec2/securityGroup:SecurityGroup',
  'aws:ec2/subnet:Subnet',
  'aws:ec2/vpc:Vpc',
  'aws:ecr/lifecyclePolicy:LifecyclePolicy',
  'aws:ecr/replicationConfiguration:ReplicationConfiguration',
  'aws:ecr/repositoryPolicy:RepositoryPolicy',
  'aws:ecs/cluster:Cluster',
  'aws:ecs/clusterCapacityProviders:ClusterCapacityProviders',
  'aws:ecs/taskDefinition:TaskDefinition',
  'aws:elasticache/parameterGroup:ParameterGroup',
  'aws:elasticache/subnetGroup:SubnetGroup',
  'aws:elasticache/user:User',
  'aws:elasticache/userGroup:UserGroup',
  'aws:kms/alias:Alias',
  'aws:lb/listener:Listener',
  'aws:lb/listenerRule:ListenerRule',
  'aws:lb/targetGroup:TargetGroup',
  'aws:rds/parameterGroup:ParameterGroup',
  'aws:rds/subnetGroup:SubnetGroup',
  'aws:route53/record:Record',
  'aws:secretsmanager/secretPolicy:SecretPolicy',
  'aws:secretsmanager/secretVersion:SecretVersion',
  'aws:sns/topicPolicy:TopicPolicy',
  'aws:sns/topicSubscription:TopicSubscription',
  'aws:wafv2/webAclAssociation:WebAclAssociation',
  'aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration',
]);

function isFree(type: string): boolean {
  // bucketVersioning, bucketPolicy, …
  return freeServices.test(type) || free.has(type) || type.startsWith('aws:s3/bucket');
}

function endpoint({ vpcEndpointType = 'Gateway', subnetIds }: Inputs): Cost {
  if (vpcEndpointType === 'Gateway') return { kind: 'nothing' };
  return Array.isArray(subnetIds) ? hourly(perHour.interfaceEndpoint * subnetIds.length) : unknown;
}

/** One that faces the internet has a public address in each zone. */
function balancer({ internal, subnets }: Inputs): Cost {
  if (internal === true) return hourly(perHour.loadBalancer);
  return Array.isArray(subnets)
    ? hourly(perHour.loadBalancer + perHour.publicIpv4 * subnets.length)
    : unknown;
}

function service({ desiredCount = 1 }: Inputs, lookUp: LookUp): Cost {
  const task = lookUp('taskDefinition');
  if (task === undefined || typeof desiredCount !== 'number') return unknown;
  const { cpuArchitecture = 'X86_64' } = (task['runtimePlatform'] ?? {}) as Inputs;
  const rates = cpuArchitecture === 'ARM64' ? perHour.fargate.ARM64 : perHour.fargate.X86_64;
  // 1024 units are a CPU, memory is told in MB.
  const [cpus, memoryGb] = [Number(task['cpu']) / 1024, Number(task['memory']) / 1024];
  if (!(cpus > 0 && memoryGb > 0)) return unknown;
  return hourly(desiredCount * (cpus * rates.cpu + memoryGb * rates.memoryGb));
}

function healthCheck({ type, requestInterval, measureLatency }: Inputs): Cost {
  if (type === 'CALCULATED' || type === 'CLOUDWATCH_METRIC') return fixed(perMonth.healthCheck.basic);
  const options = [
    String(type).startsWith('HTTPS'),
    String(type).endsWith('STR_MATCH'),
    requestInterval === 10,
    measureLatency === true,
  ];
  return fixed(perMonth.healthCheck.basic + options.filter(Boolean).length * perMonth.healthCheck.option);
}

function alarm({ metricQueries, period = 60 }: Inputs): Cost {
  if (metricQueries !== undefined && !Array.isArray(metricQueries)) return unknown;
  // Expressions cost nothing, the metrics below them do.
  const metrics = (metricQueries ?? [{ metric: { period } }]).flatMap(({ metric }: Inputs) =>
    metric === undefined ? [] : [(metric as Inputs)['period']],
  );
  const { metric, fastMetric } = perMonth.alarm;
  return fixed(
    metrics.reduce<number>(
      (sum, each) => sum + (typeof each === 'number' && each < 60 ? fastMetric : metric),
      0,
    ),
  );
}

function database({ engine, instanceClass, allocatedStorage, multiAz }: Inputs): Cost {
  const hour = typeof instanceClass === 'string' ? databaseHour[instanceClass] : undefined;
  if (engine !== 'postgres' || hour === undefined || typeof allocatedStorage !== 'number') return unknown;
  const zones = multiAz === true ? 2 : 1;
  return fixed(zones * (hour * hoursPerMonth + allocatedStorage * perMonth.databaseStorageGb));
}

function cache({
  engine,
  nodeType,
  numCacheClusters,
  numNodeGroups = 1,
  replicasPerNodeGroup = 0,
}: Inputs): Cost {
  const hour = typeof nodeType === 'string' ? cacheHour[nodeType] : undefined;
  const nodes =
    numCacheClusters === undefined
      ? Number(numNodeGroups) * (1 + Number(replicasPerNodeGroup))
      : Number(numCacheClusters);
  if (hour === undefined || !(nodes > 0)) return unknown;
  return hourly(nodes * hour * (engine === 'valkey' ? valkeyFactor : 1));
}
