import { describe, expect, it } from 'vitest';
import type { Values } from '../../../../../ops/twin/kind.ts';
import { eventsKinds } from '../../../../../ops/twin/services/aws/events.ts';
import { logsKinds } from '../../../../../ops/twin/services/aws/logs.ts';
import { ask, fakeCloud, kindOf, made, said, thing, type FakeThing } from '../fake-cloud.ts';

const group = kindOf(logsKinds, 'aws:cloudwatch/logGroup:LogGroup');
const filter = kindOf(logsKinds, 'aws:cloudwatch/logMetricFilter:LogMetricFilter');
const rule = kindOf(eventsKinds, 'aws:cloudwatch/eventRule:EventRule');
const target = kindOf(eventsKinds, 'aws:cloudwatch/eventTarget:EventTarget');

describe('a log group', () => {
  const keyArn = 'arn:aws:kms:us-east-1:123456789012:key/1';
  const key = (principal: Values, condition?: Values): FakeThing => ({
    type: 'aws:kms/key:Key',
    id: '1',
    inputs: {
      policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: principal,
            Action: 'kms:*',
            Resource: '*',
            ...(condition && { Condition: condition }),
          },
        ],
      }),
    },
    outputs: { arn: keyArn },
  });
  const logs = { Service: 'logs.us-east-1.amazonaws.com' };
  const judged = (...things: FakeThing[]) => said(group, ask({ name: 'api', kmsKeyId: keyArn }, { things }));

  it('is known by an ARN of its service', () => {
    expect(made(group, ask({ name: 'api' })).outputs['arn']).toBe(
      'arn:aws:logs:us-east-1:123456789012:log-group:api',
    );
    expect(made(rule, ask({ name: 'daily' })).outputs['arn']).toBe(
      'arn:aws:events:us-east-1:123456789012:rule/daily',
    );
  });

  it('keeps its lines as long as CloudWatch knows how to', () => {
    expect(said(group, ask({ name: 'api', retentionInDays: 30 }))).toEqual([]);
    expect(said(group, ask({ name: 'api', retentionInDays: 10 }))[0]).toContain(
      'expected retention_in_days to be one of [0 1 3 5 7 14 30 60',
    );
    expect(said(group, ask({ name: 'api logs' }))[0]).toContain("Value 'api logs' at 'logGroupName'");
  });

  it('is encrypted with a key whose policy lets the logs of its region use it', () => {
    const refused =
      "AccessDeniedException: The specified KMS key does not exist or is not allowed to be used with Arn 'arn:aws:logs:us-east-1:123456789012:log-group:api'";
    const bound = (arn: string) => ({ ArnLike: { 'kms:EncryptionContext:aws:logs:arn': arn } });
    expect(judged()).toEqual([refused]);
    expect(judged(key({ AWS: 'arn:aws:iam::123456789012:root' }))).toEqual([refused]);
    expect(judged(key({ Service: 'logs.eu-west-1.amazonaws.com' }))).toEqual([refused]);
    expect(judged(key(logs))).toEqual([]);
    expect(judged(key(logs, bound('arn:aws:logs:us-east-1:123456789012:log-group:*')))).toEqual([]);
    expect(judged(key(logs, bound('arn:aws:logs:us-east-1:123456789012:log-group:other')))).toEqual([
      refused,
    ]);
  });

  it('names its key by the ARN', () => {
    expect(said(group, ask({ name: 'api', kmsKeyId: 'alias/logs' }, { preview: true }))).toEqual([
      'InvalidParameterException: "kms_key_id" (alias/logs) is an invalid ARN: arn: invalid prefix',
    ]);
  });

  it('stays while it is protected', () => {
    const held = { type: group.type, id: 'api', inputs: { deletionProtectionEnabled: true } };
    expect(group.holds?.(thing(held), fakeCloud())?.code).toBe('ValidationException');
    expect(group.holds?.(thing({ ...held, inputs: {} }), fakeCloud())).toBeUndefined();
  });
});

describe('a metric of log lines', () => {
  const inputs = {
    name: 'errors',
    logGroupName: 'api',
    pattern: '{ $.level = "error" }',
    metricTransformation: { name: 'Errors', namespace: 'CoinEstate', value: '1' },
  };

  it('is counted with dimensions or with a default, not with both', () => {
    const dimensions = { level: '$.level' };
    const both = { ...inputs.metricTransformation, dimensions, defaultValue: '0' };
    expect(said(filter, ask(inputs))).toEqual([]);
    expect(said(filter, ask({ ...inputs, metricTransformation: both }))).toEqual([
      'InvalidParameterException: Invalid metric transformation: dimensions and default value are mutually exclusive properties.',
    ]);
  });

  it.each(['{ $.level = "error"', '[ip, user', '"error'])('does not read %s', (pattern) => {
    expect(said(filter, ask({ ...inputs, pattern }))).toEqual([
      'InvalidParameterException: Invalid metric filter pattern',
    ]);
  });
});

describe('a rule for events', () => {
  it.each(['rate(1 minute)', 'rate(5 minutes)', 'cron(0 3 * * ? *)', 'cron(0/5 8-17 ? * MON-FRI *)'])(
    'runs at %s',
    (scheduleExpression) => {
      expect(said(rule, ask({ name: 'daily', scheduleExpression }))).toEqual([]);
    },
  );

  it.each([
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(0 minutes)',
    'cron(0 3 * * * *)',
    'cron(0 3 * * ?)',
    'daily',
  ])('does not know when %s is', (scheduleExpression) => {
    expect(said(rule, ask({ name: 'daily', scheduleExpression }))).toEqual([
      'ValidationException: Parameter ScheduleExpression is not valid.',
    ]);
  });

  it('has a pattern or a schedule', () => {
    expect(said(rule, ask({ name: 'daily' }))).toEqual([
      'ValidationException: one of `event_pattern,schedule_expression` must be specified',
    ]);
    expect(said(rule, ask({ name: 'tasks', eventPattern: '{"source":["aws.ecs"]}' }))).toEqual([]);
    expect(said(rule, ask({ name: 'tasks', eventPattern: '{"source":"aws.ecs"}' }))[0]).toContain(
      '"source" must be an object or an array',
    );
  });
});

describe('a target of events', () => {
  const inputs = { rule: 'daily', arn: 'arn:aws:sns:us-east-1:123456789012:p0' };
  const theRule = { type: rule.type, id: 'daily', inputs: { name: 'daily', eventBusName: 'default' } };
  const cluster = { ...inputs, arn: 'arn:aws:ecs:us-east-1:123456789012:cluster/api' };

  it('belongs to a rule that is there, and holds it', () => {
    expect(said(target, ask(inputs, { things: [theRule] }))).toEqual([]);
    expect(said(target, ask(inputs))).toEqual([
      'ResourceNotFoundException: Rule daily does not exist on EventBus default.',
    ]);
    const aimed = made(target, ask(inputs, { things: [theRule] }));
    expect(aimed.outputs['targetId']).toBe(aimed.id.replace('daily-', ''));
    expect(rule.holds?.(thing(theRule), fakeCloud([aimed]))?.message).toBe(
      "Rule can't be deleted since it has targets.",
    );
    expect(rule.holds?.(thing(theRule), fakeCloud())).toBeUndefined();
  });

  it.each<[Values, string]>([
    [{ arn: 'p0' }, 'Parameter p0 is not valid. Reason: Provided Arn is not in correct format.'],
    [cluster, `RoleArn is required for target ${cluster.arn}.`],
    [
      { input: '{', inputPath: null },
      'JSON syntax error in input for target: the constant must be valid JSON',
    ],
    [{ input: '{}', inputPath: '$.detail' }, '"input": conflicts with input_path'],
  ])('refuses %j', (change, message) => {
    expect(said(target, ask({ ...inputs, ...change }, { things: [theRule] }))).toEqual([
      `ValidationException: ${message}`,
    ]);
  });

  it('is one of five at most', () => {
    const things = Array.from({ length: 5 }, (_, index) => ({
      type: target.type,
      id: `daily-${index}`,
      inputs: { ...inputs, eventBusName: 'default' },
    }));
    expect(said(target, ask(inputs, { things: [theRule, ...things] }))[0]).toMatch(/^LimitExceededException/);
    expect(said(target, ask(inputs, { things: [theRule, ...things.slice(1)] }))).toEqual([]);
  });
});
