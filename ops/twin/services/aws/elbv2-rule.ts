import type { Kind, Question, Refusal, Thing, Values } from '../../kind.ts';
import { hexOf, numberAt, objectsAt, onCall, others, refusal, textAt, textOf, textsAt } from '../values.ts';
import { actionProblems, toTargetGroups } from './elbv2-actions.ts';
import { listenerType, ruleType, targetProblems } from './elbv2-targets.ts';

const rule: Kind = {
  type: ruleType,
  api: {
    service: 'Elastic Load Balancing v2',
    create: 'CreateRule',
    read: 'DescribeRules',
    update: 'ModifyRule',
    delete: 'DeleteRule',
  },
  references: [
    {
      property: 'listenerArn',
      to: listenerType,
      by: 'arn',
      missing: { code: 'ListenerNotFound', message: "Listener '{value}' not found" },
    },
    ...toTargetGroups('actions'),
  ],
  takes: { create: 1, update: 1, delete: 1 },
  replaces: ['listenerArn'],
  check(question) {
    const heard = question.cloud.byArn(textAt(question.inputs, 'listenerArn') ?? '');
    return [
      ...conditionProblems(question),
      ...actionProblems(question, 'actions', { protocol: undefined, port: undefined }),
      ...onCall(question, () => [
        ...priorityTaken(question),
        ...targetProblems(
          question,
          'actions',
          heard && question.cloud.byArn(textOf(heard, 'loadBalancerArn') ?? ''),
        ),
      ]),
    ];
  },
  id: ({ inputs }, random) =>
    `${(textAt(inputs, 'listenerArn') ?? '').replace(':listener/', ':listener-rule/')}/${hexOf(random, 16)}`,
  outputs: (question) => ({ priority: nextPriority(question), transforms: [] }),
  arn: (_question, id) => id,
};

export const listenerRuleKinds: readonly Kind[] = [rule];

const conditionFields = [
  'hostHeader',
  'httpHeader',
  'httpRequestMethod',
  'pathPattern',
  'queryStrings',
  'sourceIp',
];

function conditionProblems(question: Question): Refusal[] {
  const conditions = objectsAt(question.inputs, 'conditions');
  if (conditions.length === 0 && !question.unknown.has('conditions'))
    return [refusal('ValidationError', 'A condition must be specified', 'conditions')];
  const values = conditions.reduce((sum, condition) => sum + valuesOf(condition), 0);
  return [
    ...conditions.flatMap((condition, index) => {
      const at = `conditions[${index}]`;
      const fields = conditionFields.filter(
        (name) => condition[name] !== undefined || question.unknown.has(`${at}.${name}`),
      );
      return fields.length === 1
        ? fieldProblems(condition, at)
        : [refusal('ValidationError', 'A condition must have exactly one field', at)];
    }),
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
    ...(values > 5
      ? [refusal('ValidationError', "A rule can only have '5' condition values", 'conditions')]
      : []),
  ];
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html; a paraphrase. */
function fieldProblems(condition: Values, at: string): Refusal[] {
  const header = textAt(condition, 'httpHeader.httpHeaderName');
  if (header?.toLowerCase() === 'host')
    return [
      refusal(
        'ValidationError',
        `HTTP header name '${header}' is not supported: use a host-header condition`,
        `${at}.httpHeader.httpHeaderName`,
      ),
    ];
  return ['hostHeader', 'pathPattern', 'httpHeader'].flatMap((name) => {
    const long = textsAt(condition, `${name}.values`).find((value) => value.length > 128);
    return long === undefined
      ? []
      : [
          refusal(
            'ValidationError',
            `Condition value '${long}' cannot be longer than '128' characters`,
            `${at}.${name}.values`,
          ),
        ];
  });
}

function valuesOf(condition: Values): number {
  return conditionFields.reduce((sum, name) => {
    const found = name === 'queryStrings' ? condition[name] : valueList(condition, name);
    return sum + (Array.isArray(found) ? found.length : 0);
  }, 0);
}

function valueList(condition: Values, name: string): unknown {
  const field = condition[name];
  return typeof field === 'object' && field !== null && !Array.isArray(field)
    ? (field as Values)['values']
    : undefined;
}

function rulesBeside(question: Question): readonly Thing[] {
  const arn = textAt(question.inputs, 'listenerArn');
  return others(question, ruleType).filter((each) => textOf(each, 'listenerArn') === arn);
}

function priorityOf(thing: Thing): number | undefined {
  return numberAt({ ...thing.outputs, ...thing.inputs }, 'priority');
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
function priorityTaken(question: Question): Refusal[] {
  const priority = numberAt(question.inputs, 'priority');
  return priority !== undefined && rulesBeside(question).some((each) => priorityOf(each) === priority)
    ? [refusal('PriorityInUse', `Priority '${priority}' is currently in use`)]
    : [];
}

/** The provider takes the next priority behind the highest where none is given. */
function nextPriority(question: Question): number {
  return Math.max(0, ...rulesBeside(question).map((each) => priorityOf(each) ?? 0)) + 1;
}
