import type { Kind, Question, Refusal, Values } from '../../kind.ts';
import { exactlyOne, hexOf, isGiven, numberAt, onCall, others, refusal, textAt } from '../values.ts';
import { loosely, toSubnet, toVpc } from './references.ts';

const flowLogType = 'aws:ec2/flowLog:FlowLog';

const flowLog: Kind = {
  type: flowLogType,
  api: {
    service: 'EC2',
    create: 'CreateFlowLogs',
    read: 'DescribeFlowLogs',
    delete: 'DeleteFlowLogs',
  },
  references: [
    loosely(toVpc('vpcId')),
    loosely(toSubnet('subnetId')),
    {
      property: 'iamRoleArn',
      to: 'aws:iam/role:Role',
      by: 'arn',
      where: 'anywhere',
      missing: {
        code: 'InvalidParameter',
        message: "Access Denied for LogDestination: the role '{value}' does not exist",
      },
    },
  ],
  takes: { create: 2, delete: 1 },
  defaults: () => ({ logDestinationType: 'cloud-watch-logs', maxAggregationInterval: 600 }),
  check: (question) => [...flowLogProblems(question), ...onCall(question, () => flowLogTaken(question))],
  id: (_question, random) => `fl-${hexOf(random, 17)}`,
  outputs: () => ({
    logFormat:
      '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}',
  }),
  arn: (_question, id) => `vpc-flow-log/${id}`,
};

export const flowLogKinds: readonly Kind[] = [flowLog];

const watched = [
  'eniId',
  'regionalNatGatewayId',
  'subnetId',
  'transitGatewayAttachmentId',
  'transitGatewayId',
  'vpcId',
];

function flowLogProblems(question: Question): Refusal[] {
  const { inputs } = question;
  const toLogs = textAt(inputs, 'logDestinationType') === 'cloud-watch-logs';
  const problems = exactlyOne(question, watched);
  const given = watched.filter((name) => isGiven(question, name));
  if (!isGiven(question, 'trafficType') && !given.some((name) => name.startsWith('transitGateway')))
    problems.push(
      refusal('MissingParameter', 'The request must contain the parameter TrafficType', 'trafficType'),
    );
  if (!isGiven(question, 'logDestination'))
    problems.push(refusal('InvalidParameter', 'LogDestination cannot be empty', 'logDestination'));
  if (toLogs && !isGiven(question, 'iamRoleArn'))
    problems.push(
      refusal(
        'InvalidParameter',
        "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
        'iamRoleArn',
      ),
    );
  // https://github.com/aws-samples/aws-secure-environment-accelerator/issues/1111
  if (textAt(inputs, 'logDestinationType') === 's3' && isGiven(question, 'iamRoleArn'))
    problems.push(
      refusal('InvalidParameter', 'DeliverLogsPermissionArn is not applicable for s3 delivery', 'iamRoleArn'),
    );
  const seconds = numberAt(inputs, 'maxAggregationInterval');
  if (seconds !== undefined && ![60, 600].includes(seconds))
    problems.push(
      refusal(
        'InvalidParameter',
        `expected max_aggregation_interval to be one of [60 600], got ${seconds}`,
        'maxAggregationInterval',
      ),
    );
  return problems;
}

function flowLogTaken(question: Question): Refusal[] {
  const same = (inputs: Values) =>
    [...watched, 'logDestination'].map((name) => textAt(inputs, name) ?? '').join(' ');
  const taken = others(question, flowLogType).some((each) => same(each.inputs) === same(question.inputs));
  return taken
    ? [
        refusal(
          'FlowLogAlreadyExists',
          'Error. There is an existing Flow Log with the same configuration and log destination.',
        ),
      ]
    : [];
}
