import type { Kind, Question, Refusal } from '../../kind.ts';
import { flagAt, isGiven, refusal, textAt, uuidOf } from '../values.ts';
import { parseArn } from './arn.ts';
import { isObject, parseJson } from './documents.ts';
import { checkPolicy } from './policy-arguments.ts';

const topicType = 'aws:sns/topic:Topic';
const service = 'SNS';

// What a topic's policy may speak of: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
const policyActions = [
  'addpermission',
  'deletetopic',
  'getdataprotectionpolicy',
  'gettopicattributes',
  'listsubscriptionsbytopic',
  'listtagsforresource',
  'publish',
  'putdataprotectionpolicy',
  'receive',
  'removepermission',
  'settopicattributes',
  'subscribe',
];

const topic: Kind = {
  type: topicType,
  api: {
    service,
    create: 'CreateTopic',
    read: 'GetTopicAttributes',
    update: 'SetTopicAttributes',
    delete: 'DeleteTopic',
  },
  naming: {
    property: 'name',
    maxLength: 256,
    // Only a topic with the very same attributes would be taken over.
    taken: {
      code: 'InvalidParameter',
      message: 'Invalid parameter: Attributes Reason: Topic already exists with different attributes',
    },
  },
  takes: { create: 1, update: 1, delete: 1 },
  replaces: ['fifoTopic', 'name', 'namePrefix'],
  defaults: () => ({ contentBasedDeduplication: false, fifoTopic: false }),
  check: (question) => [...nameProblems(question), ...topicPolicyProblems(question)],
  id: ({ place, inputs }) => `arn:aws:sns:${place.region}:${place.account}:${textAt(inputs, 'name')}`,
  outputs: ({ place }, id) => ({
    beginningArchiveTime: '',
    fifoThroughputScope: '',
    owner: place.account,
    policy: defaultPolicy(id, place.account),
    signatureVersion: 0,
    tracingConfig: '',
  }),
  arn: (_question, id) => id,
};

const topicPolicy: Kind = {
  type: 'aws:sns/topicPolicy:TopicPolicy',
  api: {
    service,
    create: 'SetTopicAttributes',
    read: 'GetTopicAttributes',
    update: 'SetTopicAttributes',
    delete: 'SetTopicAttributes',
  },
  references: [
    {
      property: 'arn',
      to: topicType,
      by: 'arn',
      missing: { code: 'NotFound', message: 'Topic does not exist' },
    },
  ],
  takes: { create: 1, update: 1, delete: 1 },
  replaces: ['arn'],
  check: (question) => topicPolicyProblems(question),
  id: ({ inputs }) => textAt(inputs, 'arn') ?? '',
  outputs: ({ place }) => ({ owner: place.account }),
};

const subscription: Kind = {
  type: 'aws:sns/topicSubscription:TopicSubscription',
  api: {
    service,
    create: 'Subscribe',
    read: 'GetSubscriptionAttributes',
    update: 'SetSubscriptionAttributes',
    delete: 'Unsubscribe',
  },
  references: [
    {
      property: 'topic',
      to: topicType,
      by: 'arn',
      missing: { code: 'NotFound', message: 'Topic does not exist' },
    },
  ],
  takes: { create: 1, update: 1, delete: 1 },
  replaces: ['endpoint', 'protocol', 'topic'],
  defaults: () => ({
    confirmationTimeoutInMinutes: 1,
    endpointAutoConfirms: false,
    rawMessageDelivery: false,
  }),
  check: (question) => [...endpointProblems(question), ...deliveryProblems(question)],
  id: ({ inputs }, random) => `${textAt(inputs, 'topic')}:${uuidOf(random)}`,
  outputs: ({ place, inputs }) => {
    const asks = /^(email|email-json|https?)$/.test(textAt(inputs, 'protocol') ?? '');
    const confirmed = !asks || flagAt(inputs, 'endpointAutoConfirms') === true;
    return {
      confirmationWasAuthenticated: confirmed,
      filterPolicyScope: isGivenText(inputs['filterPolicy']) ? 'MessageAttributes' : '',
      ownerId: place.account,
      pendingConfirmation: !confirmed,
    };
  },
  arn: (_question, id) => id,
};

export const snsKinds: readonly Kind[] = [topic, topicPolicy, subscription];

function invalid(message: string, property: string): Refusal {
  return refusal('InvalidParameter', `Invalid parameter: ${message}`, property);
}

function isGivenText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function nameProblems({ inputs }: Question): Refusal[] {
  const name = textAt(inputs, 'name');
  if (name === undefined) return [];
  const fifo = flagAt(inputs, 'fifoTopic') === true;
  const pattern = fifo ? /^[A-Za-z0-9_-]{1,251}\.fifo$/ : /^[A-Za-z0-9_-]{1,256}$/;
  if (!pattern.test(name)) return [invalid('Topic Name', 'name')];
  // The provider's own check.
  return !fifo && flagAt(inputs, 'contentBasedDeduplication') === true
    ? [invalid('content-based deduplication can only be set for FIFO topics', 'contentBasedDeduplication')]
    : [];
}

/** A policy that IAM could not read, or that speaks of more than topics: a wildcard is refused too. */
function topicPolicyProblems(question: Question): readonly Refusal[] {
  const { document, refusals } = checkPolicy(question, 'policy', {
    code: 'InvalidParameter',
    use: 'resource',
    words: (fault) => `Invalid parameter: Policy Error: ${fault.message}`,
  });
  const actions = document?.statements.flatMap((statement) => statement.actions ?? []) ?? [];
  const outside = actions.some((action) => {
    const [vendor = '', name = ''] = action.toLowerCase().split(':');
    return vendor !== 'sns' || !policyActions.includes(name);
  });
  // Quoted in many reports and in moto's own check.
  return outside
    ? [...refusals, invalid('Policy statement action out of service scope!', 'policy')]
    : refusals;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html, https://github.com/localstack/localstack/issues/7471 */
function endpointProblems({ inputs }: Question): Refusal[] {
  const protocol = textAt(inputs, 'protocol');
  const endpoint = textAt(inputs, 'endpoint');
  if (protocol === undefined || endpoint === undefined) return [];
  const owner = parseArn(endpoint)?.service;
  switch (protocol) {
    case 'http':
    case 'https':
      return endpoint.startsWith(`${protocol}://`) && URL.canParse(endpoint)
        ? []
        : [invalid('Endpoint must match the specified protocol', 'endpoint')];
    case 'email':
    case 'email-json':
      return /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(endpoint) ? [] : [invalid('Email address', 'endpoint')];
    case 'sms':
      return /^\+?[0-9]{7,15}$/.test(endpoint)
        ? []
        : [refusal('InvalidParameter', `Invalid parameter: Invalid SMS endpoint: ${endpoint}`, 'endpoint')];
    case 'sqs':
      return owner === 'sqs' ? [] : [invalid('SQS endpoint ARN', 'endpoint')];
    case 'lambda':
      return owner === 'lambda' ? [] : [invalid('Lambda endpoint ARN', 'endpoint')];
    case 'firehose':
      return owner === 'firehose' ? [] : [invalid('Firehose endpoint ARN', 'endpoint')];
    case 'application':
      return owner === 'sns' ? [] : [invalid('Application endpoint arn invalid', 'endpoint')];
    default:
      return [invalid(`Does not support this protocol string: ${protocol}`, 'protocol')];
  }
}

function deliveryProblems(question: Question): Refusal[] {
  const { inputs } = question;
  const protocol = textAt(inputs, 'protocol') ?? '';
  const problems: Refusal[] = [];
  if (flagAt(inputs, 'rawMessageDelivery') === true && !/^(sqs|https?|firehose)$/.test(protocol))
    problems.push(
      invalid(
        `Attributes Reason: Delivery protocol [${protocol}] does not support raw message delivery.`,
        'rawMessageDelivery',
      ),
    );
  if (protocol === 'firehose' && !isGiven(question, 'subscriptionRoleArn'))
    problems.push(invalid('SubscriptionRoleArn must be set for protocol firehose', 'subscriptionRoleArn'));
  const filter = textAt(inputs, 'filterPolicy');
  if (filter !== undefined && filter !== '' && !isObject(parseJson(filter)?.value))
    problems.push(invalid('FilterPolicy: failed to parse JSON.', 'filterPolicy'));
  return problems;
}

function defaultPolicy(arn: string, account: string): string {
  return JSON.stringify({
    Id: '__default_policy_ID',
    Statement: [
      {
        Action: [
          'SNS:GetTopicAttributes',
          'SNS:SetTopicAttributes',
          'SNS:AddPermission',
          'SNS:RemovePermission',
          'SNS:DeleteTopic',
          'SNS:Subscribe',
          'SNS:ListSubscriptionsByTopic',
          'SNS:Publish',
        ],
        Condition: { StringEquals: { 'AWS:SourceOwner': account } },
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Resource: arn,
        Sid: '__default_statement_ID',
      },
    ],
    Version: '2008-10-17',
  });
}
