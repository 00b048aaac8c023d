import { parameterName, partsOfArn, type ArnParts } from './arn.ts';
import type { Found } from './plan.ts';

interface Target extends Pick<ArnParts, 'name' | 'id'> {
  readonly arn: string;
  /** The option that names the region, and nothing for what has none. */
  readonly at: string;
}

/** Orphans in the order in which they can go: what others name last. */
export function inDeletionOrder(orphans: readonly Found[]): readonly Found[] {
  const rank = ({ type }: Found): number => {
    const at = order.indexOf(type);
    // What is not known goes before what it may stand on.
    return at < 0 ? 0 : at;
  };
  return [...orphans].sort((one, other) => rank(one) - rank(other));
}

/**
 * The lines of shell that delete something in AWS, ready to be copied; none for what goes by no line of its own. They
 * keep data: a database leaves a snapshot, keys and secrets can be called back for 30 days, a bucket must be empty.
 */
export function deletionLines({ type, arn, region }: Found): readonly string[] {
  const command = commands[type];
  if (command === undefined || arn === undefined) return [];
  const { name, id } = partsOfArn(arn);
  const at = region === 'global' ? '' : ` --region ${quoted(region)}`;
  return [command({ name: quoted(name), id: quoted(id), arn: quoted(arn), at })].flat();
}

const load =
  (what: string) =>
  ({ arn, at }: Target) =>
    `aws elbv2 delete-${what} --${what}-arn ${arn}${at}`;
const ec2 =
  (what: string) =>
  ({ id, at }: Target) =>
    `aws ec2 ${what} ${id}${at}`;
const cache =
  (what: string, option: string) =>
  ({ id, at }: Target) =>
    `aws elasticache delete-${what} --${option} ${id}${at}`;

// In the order in which things can go.
const commands: Readonly<Record<string, (target: Target) => string | readonly string[]>> = {
  // Only a search tells what its ARN is of.
  'application-autoscaling/scalable-target': ({ arn, at }) =>
    `aws application-autoscaling describe-scalable-targets --service-namespace ecs${at} --query "ScalableTargets[?ScalableTargetARN=='${arn}'].[ResourceId,ScalableDimension]" --output text | while read -r id dimension; do aws application-autoscaling deregister-scalable-target --service-namespace ecs --resource-id "$id" --scalable-dimension "$dimension"${at}; done`,
  'cloudwatch/alarm': ({ id, at }) => `aws cloudwatch delete-alarms --alarm-names ${id}${at}`,
  'events/rule': ({ id, at }) => [
    `for target in $(aws events list-targets-by-rule --rule ${id}${at} --query 'Targets[].Id' --output text); do aws events remove-targets --rule ${id} --ids "$target"${at}; done`,
    `aws events delete-rule --name ${id}${at}`,
  ],
  'ecs/service': ({ arn, at }) => {
    const [, cluster = ''] = /:service\/([^/]+)\//.exec(arn) ?? [];
    return `aws ecs delete-service --force --service ${arn}${cluster === '' ? '' : ` --cluster ${cluster}`}${at}`;
  },
  'ecs/task-definition': ({ arn, at }) => `aws ecs deregister-task-definition --task-definition ${arn}${at}`,
  'ecs/cluster': ({ arn, at }) => `aws ecs delete-cluster --cluster ${arn}${at}`,
  'elasticloadbalancing/listener-rule': load('rule'),
  'elasticloadbalancing/listener': load('listener'),
  'elasticloadbalancing/loadbalancer': load('load-balancer'),
  'elasticloadbalancing/targetgroup': load('target-group'),
  'wafv2/regional': ({ name, at }) => webAcl(name, 'REGIONAL', at),
  'wafv2/global': ({ name, at }) => webAcl(name, 'CLOUDFRONT', at),
  'acm/certificate': ({ arn, at }) => `aws acm delete-certificate --certificate-arn ${arn}${at}`,
  'route53/healthcheck': ({ id }) => `aws route53 delete-health-check --health-check-id ${id}`,
  'route53/hostedzone': ({ id }) => `aws route53 delete-hosted-zone --id ${id}`,
  'rds/db': ({ id, at }) =>
    `aws rds delete-db-instance --db-instance-identifier ${id} --final-db-snapshot-identifier ${id}-orphan${at}`,
  'rds/cluster': ({ id, at }) =>
    `aws rds delete-db-cluster --db-cluster-identifier ${id} --final-db-snapshot-identifier ${id}-orphan${at}`,
  'rds/subgrp': ({ id, at }) => `aws rds delete-db-subnet-group --db-subnet-group-name ${id}${at}`,
  'rds/pg': ({ id, at }) => `aws rds delete-db-parameter-group --db-parameter-group-name ${id}${at}`,
  'elasticache/replicationgroup': ({ id, at }) =>
    `aws elasticache delete-replication-group --replication-group-id ${id} --final-snapshot-identifier ${id}-orphan${at}`,
  'elasticache/usergroup': cache('user-group', 'user-group-id'),
  'elasticache/user': cache('user', 'user-id'),
  'elasticache/subnetgroup': cache('cache-subnet-group', 'cache-subnet-group-name'),
  'elasticache/parametergroup': cache('cache-parameter-group', 'cache-parameter-group-name'),
  'backup/backup-plan': ({ id, at }) => `aws backup delete-backup-plan --backup-plan-id ${id}${at}`,
  'backup/backup-vault': ({ id, at }) => `aws backup delete-backup-vault --backup-vault-name ${id}${at}`,
  'cloudtrail/trail': ({ arn, at }) => `aws cloudtrail delete-trail --name ${arn}${at}`,
  'ecr/repository': ({ name, at }) => `aws ecr delete-repository --repository-name ${name}${at}`,
  'sns/topic': ({ arn, at }) => `aws sns delete-topic --topic-arn ${arn}${at}`,
  'logs/log-group': ({ id, at }) => `aws logs delete-log-group --log-group-name ${id}${at}`,
  'ssm/parameter': ({ name, at }) => `aws ssm delete-parameter --name ${parameterName(name)}${at}`,
  'secretsmanager/secret': ({ arn, at }) =>
    `aws secretsmanager delete-secret --secret-id ${arn} --recovery-window-in-days 30${at}`,
  's3/bucket': ({ name, at }) => `aws s3api delete-bucket --bucket ${name}${at}`,
  'resource-groups/group': ({ arn, at }) => `aws resource-groups delete-group --group ${arn}${at}`,
  'iam/instance-profile': ({ id }) => `aws iam delete-instance-profile --instance-profile-name ${id}`,
  'iam/role': ({ id }) => [
    `for policy in $(aws iam list-attached-role-policies --role-name ${id} --query 'AttachedPolicies[].PolicyArn' --output text); do aws iam detach-role-policy --role-name ${id} --policy-arn "$policy"; done`,
    `for policy in $(aws iam list-role-policies --role-name ${id} --query 'PolicyNames[]' --output text); do aws iam delete-role-policy --role-name ${id} --policy-name "$policy"; done`,
    `aws iam delete-role --role-name ${id}`,
  ],
  'iam/policy': ({ arn }) => `aws iam delete-policy --policy-arn ${arn}`,
  'iam/oidc-provider': ({ arn }) =>
    `aws iam delete-open-id-connect-provider --open-id-connect-provider-arn ${arn}`,
  'ec2/vpc-flow-log': ec2('delete-flow-logs --flow-log-ids'),
  'ec2/vpc-endpoint': ec2('delete-vpc-endpoints --vpc-endpoint-ids'),
  'ec2/natgateway': ec2('delete-nat-gateway --nat-gateway-id'),
  'ec2/elastic-ip': ec2('release-address --allocation-id'),
  'ec2/security-group': ec2('delete-security-group --group-id'),
  'ec2/subnet': ec2('delete-subnet --subnet-id'),
  'ec2/route-table': ec2('delete-route-table --route-table-id'),
  'ec2/internet-gateway': ({ id, at }) => [
    `for vpc in $(aws ec2 describe-internet-gateways --internet-gateway-ids ${id}${at} --query 'InternetGateways[].Attachments[].VpcId' --output text); do aws ec2 detach-internet-gateway --internet-gateway-id ${id} --vpc-id "$vpc"${at}; done`,
    `aws ec2 delete-internet-gateway --internet-gateway-id ${id}${at}`,
  ],
  'ec2/vpc': ec2('delete-vpc --vpc-id'),
  'kms/key': ({ id, at }) => `aws kms schedule-key-deletion --key-id ${id} --pending-window-in-days 30${at}`,
};

const order = Object.keys(commands);

/** The types for which there is a line. */
export const deletableTypes: readonly string[] = order;

// `webacl/NAME/ID` stands behind the scope.
function webAcl(path: string, scope: string, at: string): string {
  const [, name = '', id = ''] = path.split('/');
  const which = `--name ${name} --id ${id} --scope ${scope}${at}`;
  return `aws wafv2 delete-web-acl ${which} --lock-token "$(aws wafv2 get-web-acl ${which} --query LockToken --output text)"`;
}

/** A word for the shell, as it stands where it needs no quotes. */
function quoted(word: string): string {
  return /^[\w./:@+=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
