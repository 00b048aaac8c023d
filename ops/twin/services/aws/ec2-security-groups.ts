import type { Kind, Question, Refusal, Values } from '../../kind.ts';
import { flagAt, hexOf, objectsAt, onCall, others, refusal, textAt, textOf, textsAt } from '../values.ts';
import { defaultGroupOf, vpcType } from './ec2.ts';
import { loosely, toSecurityGroup, toVpc } from './references.ts';
import { portProblems, protocolName, ruleText, type RulePorts } from './security-group-rules.ts';
import { arn } from './arn.ts';

export const groupType = 'aws:ec2/securityGroup:SecurityGroup';
export const defaultGroupType = 'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup';

const group: Kind = {
  type: groupType,
  api: {
    service: 'EC2',
    create: 'CreateSecurityGroup',
    read: 'DescribeSecurityGroups',
    update: 'AuthorizeSecurityGroupIngress',
    delete: 'DeleteSecurityGroup',
  },
  naming: { property: 'name', maxLength: 255 },
  references: [
    toVpc('vpcId'),
    toSecurityGroup('ingress.*.securityGroups.*'),
    toSecurityGroup('egress.*.securityGroups.*'),
  ],
  takes: { create: 2, update: 1, delete: 1 },
  retries: { code: 'DependencyViolation', seconds: 900 },
  defaults: () => ({ description: 'Managed by Pulumi', revokeRulesOnDelete: false }),
  check: (question) => [
    ...nameProblems(question),
    ...descriptionProblems(question),
    ...inlineProblems(question, 'ingress'),
    ...inlineProblems(question, 'egress'),
  ],
  id: (_question, random) => `sg-${hexOf(random, 17)}`,
  outputs: ({ place }) => ({ ownerId: place.account, ingress: [], egress: [] }),
  arn: (_question, id) => `security-group/${id}`,
};

// The group is there since the VPC is; the provider takes it over, strips its rules and never deletes it.
const defaultGroup: Kind = {
  type: defaultGroupType,
  api: {
    service: 'EC2',
    create: 'RevokeSecurityGroupIngress',
    read: 'DescribeSecurityGroups',
    update: 'AuthorizeSecurityGroupIngress',
    delete: 'DescribeSecurityGroups',
  },
  references: [loosely(toVpc('vpcId'))],
  takes: { create: 1, update: 1 },
  defaults: () => ({ revokeRulesOnDelete: false }),
  check: (question) => [...inlineProblems(question, 'ingress'), ...inlineProblems(question, 'egress')],
  id({ place, inputs, cloud }) {
    const network = cloud.get(vpcType, textAt(inputs, 'vpcId') ?? '', place);
    return network === undefined
      ? defaultGroupOf(textAt(inputs, 'vpcId') ?? `default of ${place.region}`)
      : (textOf(network, 'defaultSecurityGroupId') ?? '');
  },
  outputs: ({ place }) => ({
    name: 'default',
    namePrefix: '',
    description: 'default VPC security group',
    ownerId: place.account,
    ingress: [],
    egress: [],
  }),
  arn: ({ place }, id) => arn('ec2', place, `security-group/${id}`),
};

export const ec2SecurityGroupKinds: readonly Kind[] = [group, defaultGroup];

function nameProblems(question: Question): readonly Refusal[] {
  const name = textAt(question.inputs, 'name');
  const network = textAt(question.inputs, 'vpcId');
  if (name === undefined) return [];
  if (name.startsWith('sg-'))
    return [
      refusal(
        'InvalidParameterValue',
        `Value (${name}) for parameter GroupName is invalid. Group names may not be in the format sg-*.`,
        'name',
      ),
    ];
  return onCall(question, () =>
    others(question, groupType).some(
      (each) => textOf(each, 'name') === name && textOf(each, 'vpcId') === network,
    )
      ? [
          refusal(
            'InvalidGroup.Duplicate',
            `The security group '${name}' already exists for VPC '${network}'`,
          ),
        ]
      : [],
  );
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html names the characters.
function descriptionProblems({ inputs }: Question): Refusal[] {
  const text = textAt(inputs, 'description');
  if (text === undefined || /^[a-zA-Z0-9. _:/()#,@[\]+=&;{}!$*-]{1,255}$/.test(text)) return [];
  return [
    refusal(
      'InvalidParameterValue',
      `Value (${text}) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.`,
      'description',
    ),
  ];
}

/** Rules that are written in the group: each needs a source, and none may come twice. */
function inlineProblems({ inputs }: Question, property: 'ingress' | 'egress'): Refusal[] {
  const seen = new Set<string>();
  return objectsAt(inputs, property).flatMap((rule, index) => {
    const at = `${property}[${index}]`;
    const ports: RulePorts = {
      protocol: protocolName(textAt(rule, 'protocol') ?? '-1'),
      from: rule['fromPort'],
      to: rule['toPort'],
    };
    const peers = peersOf(rule);
    const again = peers.map((peer) => ruleText(peer, ports)).filter((text) => seen.has(text));
    for (const peer of peers) seen.add(ruleText(peer, ports));
    return [
      ...portProblems(ports, at),
      ...again.map(() =>
        refusal('InvalidParameterValue', 'The same permission must not appear multiple times', at),
      ),
    ];
  });
}

function peersOf(rule: Values): readonly string[] {
  return [
    ...['cidrBlocks', 'ipv6CidrBlocks', 'prefixListIds', 'securityGroups'].flatMap((name) =>
      textsAt(rule, name),
    ),
    ...(flagAt(rule, 'self') === true ? ['self'] : []),
  ];
}
