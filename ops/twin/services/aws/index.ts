import type { Kind } from '../../kind.ts';
import { acmKinds } from './acm.ts';
import { autoscalingKinds } from './autoscaling.ts';
import { backupKinds } from './backup.ts';
import { cloudtrailKinds } from './cloudtrail.ts';
import { compositeAlarmKinds } from './cloudwatch-composite.ts';
import { cloudwatchKinds } from './cloudwatch.ts';
import { ec2Kinds } from './ec2.ts';
import { ec2AddressKinds } from './ec2-addresses.ts';
import { ec2EndpointKinds } from './ec2-endpoints.ts';
import { flowLogKinds } from './ec2-flow-logs.ts';
import { ec2RouteKinds } from './ec2-routes.ts';
import { ec2SecurityGroupKinds } from './ec2-security-groups.ts';
import { ecrKinds } from './ecr.ts';
import { ecsKinds } from './ecs.ts';
import { elasticacheKinds } from './elasticache.ts';
import { loadBalancerKinds } from './elbv2.ts';
import { listenerKinds } from './elbv2-listener.ts';
import { listenerRuleKinds } from './elbv2-rule.ts';
import { targetGroupKinds } from './elbv2-target-group.ts';
import { eventsKinds } from './events.ts';
import { iamIdentityKinds } from './iam-identities.ts';
import { iamPolicyKinds } from './iam-policies.ts';
import { iamRoleKinds } from './iam-roles.ts';
import { kmsKinds } from './kms.ts';
import { logsKinds } from './logs.ts';
import { rdsKinds } from './rds.ts';
import { resourcegroupsKinds } from './resourcegroups.ts';
import { route53Kinds } from './route53.ts';
import { healthCheckKinds } from './route53-health.ts';
import { route53RecordKinds } from './route53-record.ts';
import { s3Kinds } from './s3.ts';
import { secretsmanagerKinds } from './secretsmanager.ts';
import { snsKinds } from './sns.ts';
import { ssmKinds } from './ssm.ts';
import { vpcKinds } from './vpc.ts';
import { wafv2LinkKinds } from './wafv2-links.ts';
import { wafv2Kinds } from './wafv2.ts';

/** Every type of AWS that the twin plays. */
export const kinds: readonly Kind[] = [
  ...ec2Kinds,
  ...ec2RouteKinds,
  ...ec2AddressKinds,
  ...ec2EndpointKinds,
  ...flowLogKinds,
  ...ec2SecurityGroupKinds,
  ...vpcKinds,
  ...loadBalancerKinds,
  ...targetGroupKinds,
  ...listenerKinds,
  ...listenerRuleKinds,
  ...acmKinds,
  ...route53Kinds,
  ...healthCheckKinds,
  ...route53RecordKinds,
  ...wafv2Kinds,
  ...wafv2LinkKinds,
  ...cloudwatchKinds,
  ...compositeAlarmKinds,
  ...logsKinds,
  ...eventsKinds,
  ...snsKinds,
  ...autoscalingKinds,
  ...backupKinds,
  ...cloudtrailKinds,
  ...ecrKinds,
  ...ecsKinds,
  ...elasticacheKinds,
  ...iamIdentityKinds,
  ...iamPolicyKinds,
  ...iamRoleKinds,
  ...kmsKinds,
  ...rdsKinds,
  ...resourcegroupsKinds,
  ...s3Kinds,
  ...secretsmanagerKinds,
  ...ssmKinds,
];
