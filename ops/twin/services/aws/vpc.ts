import type { Kind, Question, Refusal, Values } from '../../kind.ts';
import { hexOf, isGiven, onCall, others, refusal, textAt, textOf } from '../values.ts';
import { arn } from './arn.ts';
import { isIpv6Cidr, isNetwork, parseCidr } from './cidr.ts';
import { loosely, toSecurityGroup } from './references.ts';
import { portProblems, protocolName, ruleText } from './security-group-rules.ts';

export const ingressType = 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule';
export const egressType = 'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule';
const sources = ['cidrIpv4', 'cidrIpv6', 'prefixListId', 'referencedSecurityGroupId'];

export const vpcKinds: readonly Kind[] = [
  rule(ingressType, 'AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress'),
  rule(egressType, 'AuthorizeSecurityGroupEgress', 'RevokeSecurityGroupEgress'),
];

function rule(type: string, create: string, revoke: string): Kind {
  return {
    type,
    api: {
      service: 'EC2',
      create,
      read: 'DescribeSecurityGroupRules',
      update: 'ModifySecurityGroupRules',
      delete: revoke,
    },
    // A group takes its rules with it, but stays while the rules of others name it.
    references: [loosely(toSecurityGroup('securityGroupId')), toSecurityGroup('referencedSecurityGroupId')],
    takes: { create: 1, update: 1, delete: 1 },
    check: (question) => [
      ...sourceProblems(question),
      ...portProblems(portsOf(question.inputs)),
      ...missingPorts(question),
      ...onCall(question, () => [...networkProblems(question), ...takenProblems(question, type)]),
    ],
    id: (_question, random) => `sgr-${hexOf(random, 17)}`,
    outputs: (_question, id) => ({ securityGroupRuleId: id }),
    arn: ({ place }, id) => arn('ec2', place, `security-group-rule/${id}`),
  };
}

function portsOf(inputs: Values) {
  return {
    protocol: protocolName(textAt(inputs, 'ipProtocol') ?? '-1'),
    from: inputs['fromPort'],
    to: inputs['toPort'],
  };
}

function sourceProblems(question: Question): Refusal[] {
  const given = sources.filter((name) => isGiven(question, name));
  if (given.length !== 1) {
    // The provider's own check, in its words.
    const list = 'cidr_ipv4,cidr_ipv6,prefix_list_id,referenced_security_group_id';
    return [
      refusal(
        'InvalidAttributeCombination',
        `Exactly one of these attributes must be configured: [${list}]`,
        given[1] ?? 'cidrIpv4',
      ),
    ];
  }
  const four = textAt(question.inputs, 'cidrIpv4');
  const six = textAt(question.inputs, 'cidrIpv6');
  const block = four === undefined ? undefined : parseCidr(four);
  return [
    ...(four !== undefined && block === undefined
      ? [refusal('InvalidParameterValue', `CIDR block ${four} is malformed`, 'cidrIpv4')]
      : []),
    // The provider's own check.
    ...(block !== undefined && !isNetwork(block)
      ? [
          refusal(
            'InvalidParameterValue',
            `Attribute cidr_ipv4 value must be a valid IPv4 CIDR that represents a network address, got: ${four}`,
            'cidrIpv4',
          ),
        ]
      : []),
    ...(six !== undefined && !isIpv6Cidr(six)
      ? [refusal('InvalidParameterValue', `CIDR block ${six} is malformed`, 'cidrIpv6')]
      : []),
  ];
}

function missingPorts(question: Question): Refusal[] {
  const { protocol } = portsOf(question.inputs);
  const complete = isGiven(question, 'fromPort') && isGiven(question, 'toPort');
  return (protocol === 'tcp' || protocol === 'udp') && !complete
    ? [
        refusal(
          'InvalidParameterValue',
          'Invalid value for portRange. Must specify both from and to ports with TCP/UDP.',
          isGiven(question, 'fromPort') ? 'toPort' : 'fromPort',
        ),
      ]
    : [];
}

// https://github.com/kubernetes-sigs/aws-load-balancer-controller/pull/1862; peered networks are not played.
function networkProblems({ inputs, cloud, place }: Question): Refusal[] {
  const [own, named] = ['securityGroupId', 'referencedSecurityGroupId'].map((name) => {
    const group = cloud.get('aws:ec2/securityGroup:SecurityGroup', textAt(inputs, name) ?? '', place);
    return group === undefined ? undefined : textOf(group, 'vpcId');
  });
  return own === undefined || named === undefined || own === named
    ? []
    : [
        refusal(
          'InvalidGroup.NotFound',
          'You have specified two resources that belong to different networks.',
          'referencedSecurityGroupId',
        ),
      ];
}

// https://github.com/hashicorp/terraform/issues/1874
function takenProblems(question: Question, type: string): Refusal[] {
  const textOfRule = (inputs: Values) => {
    const peer = sources.map((name) => textAt(inputs, name)).find((value) => value !== undefined);
    return peer === undefined ? undefined : ruleText(peer, portsOf(inputs));
  };
  const wanted = textOfRule(question.inputs);
  const group = textAt(question.inputs, 'securityGroupId');
  const there = others(question, type).filter((each) => textOf(each, 'securityGroupId') === group);
  if (wanted !== undefined && there.some((each) => textOfRule(each.inputs) === wanted))
    return [refusal('InvalidPermission.Duplicate', `the specified rule "${wanted}" already exists`)];
  return there.length >= 60 && question.before === undefined
    ? [
        refusal(
          'RulesPerSecurityGroupLimitExceeded',
          'The maximum number of rules per security group has been reached.',
        ),
      ]
    : [];
}
