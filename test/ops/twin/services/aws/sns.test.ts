import { describe, expect, it } from 'vitest';
import type { Values } from '../../../../../ops/twin/kind.ts';
import { snsKinds } from '../../../../../ops/twin/services/aws/sns.ts';
import { ask, kindOf, made, said } from '../fake-cloud.ts';

const topic = kindOf(snsKinds, 'aws:sns/topic:Topic');
const policy = kindOf(snsKinds, 'aws:sns/topicPolicy:TopicPolicy');
const subscription = kindOf(snsKinds, 'aws:sns/topicSubscription:TopicSubscription');
const arn = 'arn:aws:sns:us-east-1:123456789012:p0';

describe('a topic', () => {
  it('is known by its ARN', () => {
    expect(said(topic, ask({ name: 'p0' }))).toEqual([]);
    expect(made(topic, ask({ name: 'p0' }))).toMatchObject({
      id: arn,
      outputs: { arn, owner: '123456789012' },
    });
  });

  it.each<Values>([{ name: 'p 0' }, { name: 'p0', fifoTopic: true }, { name: 'p0.fifo' }])(
    'refuses %j',
    (given) => {
      expect(said(topic, ask(given))).toEqual(['InvalidParameter: Invalid parameter: Topic Name']);
    },
  );
});

describe('a topic’s policy', () => {
  const judged = (action: string) =>
    said(
      policy,
      ask({
        arn,
        policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'cloudwatch.amazonaws.com' },
              Action: action,
              Resource: arn,
            },
          ],
        }),
      }),
    );

  it('speaks of topics only', () => {
    const refused = 'InvalidParameter: Invalid parameter: Policy statement action out of service scope!';
    expect(judged('sns:Publish')).toEqual([]);
    expect(judged('SNS:Publish')).toEqual([]);
    expect(judged('sns:*')).toEqual([refused]);
    expect(judged('sns:CreateTopic')).toEqual([refused]);
  });

  it('is JSON', () => {
    expect(said(policy, ask({ arn, policy: '{' }))).toHaveLength(1);
  });
});

describe('a subscription', () => {
  const judged = (given: Values) => said(subscription, ask({ topic: arn, ...given }));

  it.each<[string, string]>([
    ['email', 'ops@example.com'],
    ['https', 'https://events.example.com/alerts'],
    ['sms', '+15555550100'],
    ['sqs', 'arn:aws:sqs:us-east-1:123456789012:alerts'],
    ['lambda', 'arn:aws:lambda:us-east-1:123456789012:function:alerts'],
  ])('by %s goes to %s', (protocol, endpoint) => {
    expect(judged({ protocol, endpoint })).toEqual([]);
  });

  it.each<[Values, string]>([
    [{ protocol: 'email', endpoint: 'ops' }, 'Email address'],
    [{ protocol: 'https', endpoint: 'http://example.com' }, 'Endpoint must match the specified protocol'],
    [{ protocol: 'sms', endpoint: 'x-xxx' }, 'Invalid SMS endpoint: x-xxx'],
    [{ protocol: 'sqs', endpoint: 'https://sqs.us-east-1.amazonaws.com/alerts' }, 'SQS endpoint ARN'],
    [{ protocol: 'pigeon', endpoint: 'loft' }, 'Does not support this protocol string: pigeon'],
    [
      { protocol: 'email', endpoint: 'ops@example.com', rawMessageDelivery: true },
      'Attributes Reason: Delivery protocol [email] does not support raw message delivery.',
    ],
    [
      { protocol: 'email', endpoint: 'ops@example.com', filterPolicy: '[]' },
      'FilterPolicy: failed to parse JSON.',
    ],
  ])('refuses %j', (given, message) => {
    expect(judged(given)).toEqual([`InvalidParameter: Invalid parameter: ${message}`]);
  });

  it('by mail waits until somebody confirms it', () => {
    const pending = (protocol: string, endpoint: string) =>
      made(subscription, ask({ topic: arn, protocol, endpoint })).outputs['pendingConfirmation'];
    expect(pending('email', 'ops@example.com')).toBe(true);
    expect(pending('sqs', 'arn:aws:sqs:us-east-1:123456789012:alerts')).toBe(false);
  });
});
