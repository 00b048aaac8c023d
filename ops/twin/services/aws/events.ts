import type { Kind, Question, Refusal } from '../../kind.ts';
import { hexOf, isGiven, onCall, others, refusal, textAt, textOf } from '../values.ts';
import { arn, parseArn } from './arn.ts';
import { isObject, parseJson } from './documents.ts';

const ruleType = 'aws:cloudwatch/eventRule:EventRule';
const targetType = 'aws:cloudwatch/eventTarget:EventTarget';
const service = 'EventBridge';

const rule: Kind = {
  type: ruleType,
  api: {
    service,
    create: 'PutRule',
    read: 'DescribeRule',
    update: 'PutRule',
    delete: 'DeleteRule',
  },
  naming: { property: 'name', maxLength: 64 },
  quota: {
    count: 300,
    per: 'region',
    refusal: {
      code: 'LimitExceededException',
      message: 'The requested resource exceeds the maximum number allowed.',
    },
  },
  takes: { create: 1, update: 1, delete: 1 },
  retries: { code: 'ValidationException', seconds: 300 },
  replaces: ['eventBusName', 'name', 'namePrefix'],
  defaults: () => ({ eventBusName: 'default', forceDestroy: false }),
  check: (question) => [
    ...triggerProblems(question),
    ...scheduleProblems(question),
    ...patternProblems(question),
  ],
  id: ({ inputs }) => {
    const bus = busOf(inputs['eventBusName']);
    return `${bus === 'default' ? '' : `${bus}/`}${textAt(inputs, 'name')}`;
  },
  outputs: () => ({ isEnabled: true, state: 'ENABLED' }),
  arn: ({ place }, id) => arn('events', place, `rule/${id}`),
  holds(thing, cloud) {
    const aimed = cloud
      .all(targetType, thing)
      .some(
        (target) =>
          textOf(target, 'rule') === textOf(thing, 'name') &&
          busOf(target.inputs['eventBusName']) === busOf(thing.inputs['eventBusName']),
      );
    return aimed && thing.inputs['forceDestroy'] !== true
      ? refusal('ValidationException', "Rule can't be deleted since it has targets.")
      : undefined;
  },
};

const target: Kind = {
  type: targetType,
  api: {
    service,
    create: 'PutTargets',
    read: 'ListTargetsByRule',
    update: 'PutTargets',
    delete: 'RemoveTargets',
  },
  takes: { create: 1, update: 1, delete: 1 },
  replaces: ['eventBusName', 'rule', 'targetId'],
  defaults: () => ({ eventBusName: 'default', forceDestroy: false }),
  check: (question) => [
    ...arnProblems(question),
    ...inputProblems(question),
    ...onCall(question, () => ruleProblems(question)),
  ],
  id: (question, random) => {
    const bus = busOf(question.inputs['eventBusName']);
    const name = textAt(question.inputs, 'targetId') ?? madeUpId(random);
    return [...(bus === 'default' ? [] : [bus]), textAt(question.inputs, 'rule'), name].join('-');
  },
  outputs: ({ inputs }, id) => ({
    targetId: id.slice(id.indexOf(`${textAt(inputs, 'rule')}-`) + (textAt(inputs, 'rule') ?? '').length + 1),
  }),
};

export const eventsKinds: readonly Kind[] = [rule, target];

/** A bus is named by its name or its ARN. */
function busOf(name: unknown): string {
  return typeof name === 'string' ? name.replace(/^arn:.*:event-bus\//, '') : 'default';
}

function madeUpId(random: string): string {
  return `terraform-${hexOf(random, 26)}`;
}

function triggerProblems(question: Question): Refusal[] {
  const problems: Refusal[] = [];
  if (!isGiven(question, 'eventPattern') && !isGiven(question, 'scheduleExpression'))
    problems.push(
      refusal(
        'ValidationException',
        'one of `event_pattern,schedule_expression` must be specified',
        'eventPattern',
      ),
    );
  if (isGiven(question, 'isEnabled') && isGiven(question, 'state'))
    problems.push(refusal('ValidationException', '"is_enabled": conflicts with state', 'isEnabled'));
  return problems;
}

/** `rate(5 minutes)` and `cron(0 3 * * ? *)`: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
function scheduleProblems({ inputs }: Question): Refusal[] {
  const expression = textAt(inputs, 'scheduleExpression');
  if (expression === undefined || expression === '') return [];
  const rate = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression);
  const fields = /^cron\(([^()]+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/);
  const plural = rate?.[3] === 's';
  const valid =
    rate !== null
      ? Number(rate[1]) > 0 && plural === Number(rate[1]) > 1
      : fields?.length === 6 &&
        fields.every((field) => /^[A-Za-z0-9*?,/#-]+$/.test(field)) &&
        // One of day of month and day of week says nothing, and only one.
        (fields[2] === '?') !== (fields[4] === '?');
  return valid
    ? []
    : [refusal('ValidationException', 'Parameter ScheduleExpression is not valid.', 'scheduleExpression')];
}

function patternProblems({ inputs }: Question): Refusal[] {
  const text = textAt(inputs, 'eventPattern');
  if (text === undefined || text === '') return [];
  const pattern = parseJson(text)?.value;
  if (!isObject(pattern))
    return [
      refusal(
        'InvalidEventPatternException',
        'Event pattern is not valid. Reason: Filter is not an object',
        'eventPattern',
      ),
    ];
  const odd = Object.entries(pattern).find(([, value]) => !Array.isArray(value) && !isObject(value));
  return odd === undefined
    ? []
    : [
        refusal(
          'InvalidEventPatternException',
          `Event pattern is not valid. Reason: "${odd[0]}" must be an object or an array`,
          'eventPattern',
        ),
      ];
}

/** Services that EventBridge calls with a role; the others let it in by a policy of their own. */
const needRole = ['batch', 'codebuild', 'codepipeline', 'ecs', 'events', 'firehose', 'kinesis', 'states'];

function arnProblems(question: Question): Refusal[] {
  const text = textAt(question.inputs, 'arn');
  if (text === undefined) return [];
  const parts = parseArn(text);
  if (parts === undefined)
    return [
      refusal(
        'ValidationException',
        `Parameter ${text} is not valid. Reason: Provided Arn is not in correct format.`,
        'arn',
      ),
    ];
  return needRole.includes(parts.service) && !isGiven(question, 'roleArn')
    ? [refusal('ValidationException', `RoleArn is required for target ${text}.`, 'roleArn')]
    : [];
}

function inputProblems(question: Question): Refusal[] {
  const names: Readonly<Record<string, string>> = {
    input: 'input',
    inputPath: 'input_path',
    inputTransformer: 'input_transformer',
  };
  const [first, second] = Object.keys(names).filter((name) => isGiven(question, name));
  if (first !== undefined && second !== undefined)
    return [refusal('ValidationException', `"${names[first]}": conflicts with ${names[second]}`, second)];
  const text = textAt(question.inputs, 'input');
  return text === undefined || parseJson(text) !== undefined
    ? []
    : [
        refusal(
          'ValidationException',
          'JSON syntax error in input for target: the constant must be valid JSON',
          'input',
        ),
      ];
}

function ruleProblems(question: Question): Refusal[] {
  const { inputs, cloud, place } = question;
  const name = textAt(inputs, 'rule');
  const bus = busOf(inputs['eventBusName']);
  const there = cloud
    .all(ruleType, place)
    .some((each) => textOf(each, 'name') === name && busOf(each.inputs['eventBusName']) === bus);
  if (!there)
    return [refusal('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus}.`, 'rule')];
  const beside = others(question, targetType).filter(
    (each) => textOf(each, 'rule') === name && busOf(each.inputs['eventBusName']) === bus,
  );
  return beside.length >= 5
    ? [refusal('LimitExceededException', 'The requested resource exceeds the maximum number allowed.')]
    : [];
}
