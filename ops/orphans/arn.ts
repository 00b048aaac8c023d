/** What an ARN tells. */
export interface ArnParts {
  readonly service: string;
  /** Empty for what has none. */
  readonly region: string;
  /** `vpc`, `log-group`; of buckets and topics, whose ARNs tell none, what they are. */
  readonly kind: string;
  /** Everything behind the kind. */
  readonly name: string;
  /** The last part of the name. */
  readonly id: string;
}

/** Takes an ARN apart: `arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1`. */
export function partsOfArn(arn: string): ArnParts {
  const [, , service = '', region = '', , ...rest] = arn.split(':');
  const resource = rest.join(':');
  const bare = { s3: 'bucket', sns: 'topic' }[service];
  if (bare !== undefined) return { service, region, kind: bare, name: resource, id: resource };
  const [, kind = '', name = resource] = /^([^/:]+)[/:](.+)$/s.exec(resource) ?? [];
  const id = service === 'logs' || service === 'cloudwatch' ? name : (name.split(/[/:]/).at(-1) ?? name);
  return { service, region, kind, name, id };
}

/** The name of a parameter: its ARN leaves out the slash before a path. */
export function parameterName(name: string): string {
  return name.includes('/') ? `/${name}` : name;
}

/** The name of a log group, which is told with `:*` and without. */
export function withoutStar(id: string): string {
  return id.replace(/:\*$/, '');
}

/**
 * Whether AWS made it for something of ours, gave it the same tags, and deletes it by itself: tasks of a service, its
 * network interfaces, automated snapshots, backups.
 */
export function ofService(arn: string): boolean {
  const { service, kind, name } = partsOfArn(arn);
  const of = `${service}/${kind}`;
  if (of === 'rds/snapshot' || of === 'rds/cluster-snapshot') return /^(rds|awsbackup):/.test(name);
  if (of === 'secretsmanager/secret') return name.startsWith('rds!');
  return [
    'ecs/task',
    'ecs/task-set',
    'ecs/service-deployment',
    'ecs/service-revision',
    'ec2/network-interface',
    'backup/recovery-point',
  ].includes(of);
}
