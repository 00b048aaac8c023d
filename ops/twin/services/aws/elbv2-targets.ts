import type { Question, Refusal, Thing } from '../../kind.ts';
import { others, refusal, textOf } from '../values.ts';
import { subnetType } from './ec2.ts';
import { targetGroupsOf } from './elbv2-actions.ts';
import { subnetsOf, vpcOf } from './elbv2.ts';

export const listenerType = 'aws:lb/listener:Listener';
export const ruleType = 'aws:lb/listenerRule:ListenerRule';

/** Target groups of another VPC, of a protocol that the load balancer does not speak, or behind another one already. */
export function targetProblems(
  question: Question,
  property: 'actions' | 'defaultActions',
  balancer: Thing | undefined,
): Refusal[] {
  if (balancer === undefined) return [];
  const { cloud } = question;
  const vpc =
    textOf(balancer, 'vpcId') ??
    vpcOf(subnetsOf(balancer.inputs).map((id) => cloud.get(subnetType, id, balancer)));
  const application = (textOf(balancer, 'loadBalancerType') ?? 'application') === 'application';
  return targetGroupsOf(question.inputs, property).flatMap((arn) => {
    const group = cloud.byArn(arn);
    if (group === undefined) return [];
    const given = textOf(group, 'vpcId');
    // https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1045
    if (given !== undefined && vpc !== undefined && given !== vpc)
      return [
        refusal(
          'InvalidConfigurationRequest',
          `Target group '${arn}' is in a different VPC than load balancer '${balancer.id}'`,
          property,
        ),
      ];
    const speaks = (textOf(group, 'protocol') ?? 'HTTP').startsWith('HTTP');
    if (speaks !== application && textOf(group, 'targetType') !== 'lambda')
      return [
        refusal(
          'IncompatibleProtocols',
          `The listener and the following target groups have incompatible protocols: '${arn}'`,
          property,
        ),
      ];
    const elsewhere = balancersOf(question, arn).some((other) => other !== balancer.id);
    return elsewhere
      ? [
          refusal(
            'TargetGroupAssociationLimit',
            `The following target groups cannot be associated with more than one load balancer: ${arn}`,
            property,
          ),
        ]
      : [];
  });
}

/** The load balancers whose listeners and rules, the one asked about aside, forward to a target group. */
function balancersOf(question: Question, targetGroup: string): readonly string[] {
  const { cloud } = question;
  const heard = others(question, listenerType)
    .filter((each) => targetGroupsOf(each.inputs, 'defaultActions').includes(targetGroup))
    .map((each) => textOf(each, 'loadBalancerArn') ?? '');
  const ruled = others(question, ruleType)
    .filter((each) => targetGroupsOf(each.inputs, 'actions').includes(targetGroup))
    .map((each) => cloud.byArn(textOf(each, 'listenerArn') ?? ''))
    .map((each) => (each && textOf(each, 'loadBalancerArn')) ?? '');
  return [...heard, ...ruled].filter((arn) => arn !== '');
}
