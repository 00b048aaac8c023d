import type { Question, Reference, Refusal, Values } from '../../kind.ts';
import { numberAt, objectsAt, refusal, textAt } from '../values.ts';
import { targetGroupType } from './elbv2-target-group.ts';

/** The references of a list of actions. */
export function toTargetGroups(property: 'actions' | 'defaultActions'): readonly Reference[] {
  return [`${property}.*.targetGroupArn`, `${property}.*.forward.targetGroups.*.arn`].map((path) => ({
    property: path,
    to: targetGroupType,
    by: 'arn',
    missing: { code: 'TargetGroupNotFound', message: "Target groups '{value}' not found" },
    // https://github.com/cloudposse/terraform-aws-alb-ingress/issues/24
    blocks: {
      code: 'ResourceInUse',
      message: "Target group '{id}' is currently in use by a listener or a rule",
    },
  }));
}

/** The ARNs of the target groups that actions forward to. */
export function targetGroupsOf(inputs: Values, property: 'actions' | 'defaultActions'): readonly string[] {
  return objectsAt(inputs, property).flatMap((action) => [
    ...[textAt(action, 'targetGroupArn')].filter((arn) => arn !== undefined),
    ...objectsAt(action, 'forward.targetGroups')
      .map((group) => textAt(group, 'arn'))
      .filter((arn) => arn !== undefined),
  ]);
}

/** What is wrong with a list of actions by itself. `inward` is what the listener hears, for redirects that go round. */
export function actionProblems(
  question: Question,
  property: 'actions' | 'defaultActions',
  inward: { readonly protocol: string | undefined; readonly port: number | undefined },
): readonly Refusal[] {
  const actions = objectsAt(question.inputs, property);
  const last = actions.at(-1);
  const ends = ['forward', 'redirect', 'fixed-response'];
  const problems = actions.flatMap((action, index) => oneAction(question, action, `${property}[${index}]`));
  if (last !== undefined && !ends.includes(textAt(last, 'type') ?? 'forward'))
    problems.push(
      refusal(
        'InvalidLoadBalancerAction',
        'The last action must be one of forward, redirect, fixed-response',
        property,
      ),
    );
  actions.forEach((action, index) => {
    const known = action['redirect'] !== undefined && !question.unknown.has(`${property}[${index}].redirect`);
    if (textAt(action, 'type') === 'redirect' && known && goesRound(action, inward))
      problems.push(
        refusal(
          'InvalidLoadBalancerAction',
          'The redirect configuration is not valid because it creates a loop.',
          `${property}[${index}].redirect`,
        ),
      );
  });
  return problems;
}

function oneAction(question: Question, action: Values, at: string): Refusal[] {
  const type = textAt(action, 'type');
  const has = (name: string) => action[name] !== undefined || question.unknown.has(`${at}.${name}`);
  const needed: Readonly<Record<string, readonly string[]>> = {
    forward: ['targetGroupArn', 'forward'],
    redirect: ['redirect'],
    'fixed-response': ['fixedResponse'],
  };
  const names = needed[type ?? ''] ?? [];
  // The provider looks at this itself and says it in these words, without the second part.
  if (names.length > 0 && !names.some(has))
    return [
      refusal(
        'ValidationError',
        `Attribute "${at}.${names[0]}" must be specified when "${at}.type" is "${type}".`,
        `${at}.${names[0]}`,
      ),
    ];
  const weights = objectsAt(action, 'forward.targetGroups').map((group) => numberAt(group, 'weight') ?? 1);
  const status = textAt(action, 'fixedResponse.statusCode');
  return [
    ...(weights.length > 5
      ? [
          refusal(
            'TooManyUniqueTargetGroupsPerLoadBalancer',
            'You can specify at most 5 target groups for an action',
            `${at}.forward.targetGroups`,
          ),
        ]
      : []),
    ...(weights.some((weight) => weight < 0 || weight > 999)
      ? [
          refusal(
            'ValidationError',
            'Target group weight must be between 0 and 999',
            `${at}.forward.targetGroups`,
          ),
        ]
      : []),
    ...(status !== undefined && !/^[245]\d\d$/.test(status)
      ? [
          refusal(
            'ValidationError',
            `1 validation error detected: Value '${status}' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(2|4|5)\\d\\d$`,
            `${at}.fixedResponse.statusCode`,
          ),
        ]
      : []),
  ];
}

/** Whether a redirect leads to where it came from. */
function goesRound(
  action: Values,
  inward: { readonly protocol: string | undefined; readonly port: number | undefined },
): boolean {
  const stays = (name: string, kept: string, same?: string) => {
    const value = textAt(action, `redirect.${name}`) ?? kept;
    return value === kept || value === same;
  };
  const port = inward.port === undefined ? undefined : String(inward.port);
  return (
    stays('protocol', '#{protocol}', inward.protocol) &&
    stays('port', '#{port}', port) &&
    stays('host', '#{host}') &&
    stays('path', '/#{path}') &&
    stays('query', '#{query}')
  );
}
