import type { Kind, Question, Refusal, Values } from '../../kind.ts';
import { isGiven, numberAt, objectsAt, refusal, textAt, uuidOf, valueAt } from '../values.ts';
import { capacityOf, managedGroups, statementsIn } from './wafv2-capacity.ts';

export const webAclType = 'aws:wafv2/webAcl:WebAcl';

const webAcl: Kind = {
  type: webAclType,
  api: {
    service: 'WAFV2',
    create: 'CreateWebACL',
    read: 'GetWebACL',
    update: 'UpdateWebACL',
    delete: 'DeleteWebACL',
  },
  naming: {
    property: 'name',
    maxLength: 128,
    taken: {
      code: 'WAFDuplicateItemException',
      message:
        'AWS WAF couldn’t perform the operation because some resource in your request is a duplicate of an existing one.',
    },
  },
  quota: { count: 100, per: 'region', refusal: limitExceeded() },
  takes: { create: 5, update: 5, delete: 5 },
  retries: { code: 'WAFAssociatedItemException', seconds: 300 },
  replaces: ['name', 'namePrefix', 'scope'],
  check: (question) => [
    ...scopeProblems(question),
    ...defaultActionProblems(question),
    ...uniqueProblems(question),
    ...objectsAt(question.inputs, 'rules').flatMap((rule, index) =>
      ruleProblems(question, rule, `rules[${index}]`),
    ),
    ...(capacityOf(question.inputs) > 5000 ? [{ ...limitExceeded(), property: 'rules' }] : []),
  ],
  id: (_question, random) => uuidOf(random),
  outputs: ({ inputs }, id) => ({
    applicationIntegrationUrl: '',
    capacity: capacityOf(inputs),
    lockToken: uuidOf(`${id} ${JSON.stringify(inputs)}`),
    rules: [],
  }),
  arn: ({ inputs }, id) =>
    `${textAt(inputs, 'scope') === 'CLOUDFRONT' ? 'global' : 'regional'}/webacl/${textAt(inputs, 'name')}/${id}`,
};

export const wafv2Kinds: readonly Kind[] = [webAcl];

function limitExceeded(): Refusal {
  return refusal(
    'WAFLimitsExceededException',
    'AWS WAF couldn’t perform the operation because you exceeded your resource limit.',
  );
}

/** The form of all that WAF has against arguments: https://github.com/hashicorp/terraform-provider-aws/issues/29321 */
export function invalid(reason: string, field: string, parameter: string, property: string): Refusal {
  return refusal(
    'WAFInvalidParameterException',
    `Error reason: ${reason}, field: ${field}, parameter: ${parameter}`,
    property,
  );
}

const exactlyOneValue = 'You have used none or multiple values for a field that requires exactly one value.';
// https://github.com/aws-solutions/aws-waf-security-automations/issues/300
function scopeProblems({ inputs, place }: Question): Refusal[] {
  return textAt(inputs, 'scope') === 'CLOUDFRONT' && place.region !== 'us-east-1'
    ? [invalid('The scope is not valid.', 'SCOPE_VALUE', 'CLOUDFRONT', 'scope')]
    : [];
}

function defaultActionProblems(question: Question): Refusal[] {
  const given = ['allow', 'block'].filter((name) => isGiven(question, `defaultAction.${name}`));
  return given.length === 1 || question.unknown.has('defaultAction')
    ? []
    : [invalid(exactlyOneValue, 'DEFAULT_ACTION', 'DefaultAction', 'defaultAction')];
}

/** Two rules of one priority or one name. The texts are paraphrases: reports quote only those of the older service. */
function uniqueProblems({ inputs }: Question): Refusal[] {
  const rules = objectsAt(inputs, 'rules');
  return ['priority', 'name'].flatMap((name) => {
    const seen = new Set<unknown>();
    return rules.flatMap((rule, index) => {
      const value = valueAt(rule, name);
      const again = value !== undefined && seen.has(value);
      seen.add(value);
      return again
        ? [
            invalid(
              `You have specified the same ${name} for more than one rule.`,
              name === 'priority' ? 'PRIORITY' : 'RULE',
              JSON.stringify(value),
              `rules[${index}].${name}`,
            ),
          ]
        : [];
    });
  });
}

function ruleProblems(question: Question, rule: Values, at: string): Refusal[] {
  const known = (path: string) => !question.unknown.has(`${at}.${path}`);
  const statement = objectsAt(rule, 'statement')[0];
  const problems: Refusal[] = [];
  if (statement !== undefined && known('statement') && Object.keys(statement).length !== 1)
    problems.push(invalid(exactlyOneValue, 'STATEMENT', 'Statement', `${at}.statement`));
  // Groups of rules act by themselves and are overridden; all others act.
  const groups =
    valueAt(rule, 'statement.managedRuleGroupStatement') ??
    valueAt(rule, 'statement.ruleGroupReferenceStatement');
  const [wanted, other] = groups === undefined ? ['action', 'overrideAction'] : ['overrideAction', 'action'];
  if (
    statement !== undefined &&
    known('action') &&
    known('overrideAction') &&
    (rule[wanted ?? ''] === undefined || rule[other ?? ''] !== undefined)
  )
    problems.push(invalid(exactlyOneValue, 'RULE', 'Rule', at));
  for (const name of ['action', 'overrideAction']) {
    const chosen = objectsAt(rule, name)[0];
    if (chosen !== undefined && known(name) && Object.keys(chosen).length !== 1)
      problems.push(invalid(exactlyOneValue, 'RULE_ACTION', 'RuleAction', `${at}.${name}`));
  }
  return statement === undefined
    ? problems
    : [...problems, ...statementProblems(statement, `${at}.statement`)];
}

// Rate limits: https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
function statementProblems(statement: Values, at: string): Refusal[] {
  return statementsIn(statement).flatMap((each) => {
    const rate = objectsAt(each, 'rateBasedStatement')[0];
    const limit = rate === undefined ? undefined : numberAt(rate, 'limit');
    const window = rate === undefined ? undefined : numberAt(rate, 'evaluationWindowSec');
    const key = rate === undefined ? undefined : (textAt(rate, 'aggregateKeyType') ?? 'IP');
    const managed = objectsAt(each, 'managedRuleGroupStatement')[0];
    const group = managed === undefined ? undefined : textAt(managed, 'name');
    return [
      ...(limit !== undefined && !(limit >= 10 && limit <= 2_000_000_000)
        ? [
            refusal(
              'WAFInvalidParameterException',
              `1 validation error detected: Value '${limit}' at 'rules.1.member.statement.rateBasedStatement.limit' failed to satisfy constraint: Member must have value ${limit < 10 ? 'greater than or equal to 10' : 'less than or equal to 2000000000'}`,
              `${at}.rateBasedStatement.limit`,
            ),
          ]
        : []),
      ...(window !== undefined && ![60, 120, 300, 600].includes(window)
        ? [
            invalid(
              'The evaluation window is not valid. Valid values are 60, 120, 300 and 600.',
              'EVALUATION_WINDOW_SEC',
              String(window),
              `${at}.rateBasedStatement.evaluationWindowSec`,
            ),
          ]
        : []),
      ...(key === 'CUSTOM_KEYS' && rate?.['customKeys'] === undefined
        ? [invalid(exactlyOneValue, 'CUSTOM_KEYS', 'CustomKeys', `${at}.rateBasedStatement.customKeys`)]
        : []),
      ...(group !== undefined &&
      textAt(managed ?? {}, 'vendorName') === 'AWS' &&
      managedGroups[group] === undefined
        ? [
            refusal(
              'WAFNonexistentItemException',
              'AWS WAF couldn’t perform the operation because your resource doesn’t exist.',
              `${at}.managedRuleGroupStatement.name`,
            ),
          ]
        : []),
    ];
  });
}
