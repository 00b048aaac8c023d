import type { Value, Values } from '../../kind.ts';
import { objectsAt, textAt } from '../values.ts';

/** Capacity units of AWS's own groups: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html */
export const managedGroups: Readonly<Record<string, number>> = {
  AWSManagedRulesCommonRuleSet: 700,
  AWSManagedRulesAdminProtectionRuleSet: 100,
  AWSManagedRulesKnownBadInputsRuleSet: 200,
  AWSManagedRulesSQLiRuleSet: 200,
  AWSManagedRulesLinuxRuleSet: 200,
  AWSManagedRulesUnixRuleSet: 100,
  AWSManagedRulesWindowsRuleSet: 200,
  AWSManagedRulesPHPRuleSet: 100,
  AWSManagedRulesWordPressRuleSet: 100,
  AWSManagedRulesAmazonIpReputationList: 25,
  AWSManagedRulesAnonymousIpList: 50,
  AWSManagedRulesBotControlRuleSet: 50,
  AWSManagedRulesATPRuleSet: 50,
  AWSManagedRulesACFPRuleSet: 50,
  AWSManagedRulesAntiDDoSRuleSet: 50,
};

// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-list.html, without transformations' extra.
const costs: Readonly<Record<string, number>> = {
  asnMatchStatement: 1,
  byteMatchStatement: 10,
  geoMatchStatement: 1,
  ipSetReferenceStatement: 1,
  labelMatchStatement: 1,
  rateBasedStatement: 2,
  regexMatchStatement: 3,
  regexPatternSetReferenceStatement: 25,
  sizeConstraintStatement: 1,
  sqliMatchStatement: 20,
  xssMatchStatement: 40,
};

/** A statement and all that lie in it. */
export function statementsIn(statement: Values): readonly Values[] {
  const inner = Object.values(statement).flatMap((body) => childrenOf(body));
  return [statement, ...inner.flatMap(statementsIn)];
}

/** The capacity units that the rules of a web ACL use, near to what WAF computes. */
export function capacityOf(inputs: Values): number {
  const statements = objectsAt(inputs, 'rules')
    .flatMap((rule) => objectsAt(rule, 'statement'))
    .flatMap(statementsIn);
  return statements.reduce((sum, statement) => sum + costOf(statement), 0);
}

function costOf(statement: Values): number {
  return Object.keys(statement).reduce((sum, name) => {
    const group = textAt(statement, 'managedRuleGroupStatement.name') ?? '';
    return sum + (name === 'managedRuleGroupStatement' ? (managedGroups[group] ?? 0) : (costs[name] ?? 0));
  }, 0);
}

function childrenOf(body: Value): readonly Values[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return [];
  const values = body as Values;
  return [
    ...objectsAt(values, 'statement'),
    ...objectsAt(values, 'statements'),
    ...objectsAt(values, 'scopeDownStatement'),
  ];
}
