import { describe, expect, it } from 'vitest';
import type { Values } from '../../../../../ops/twin/kind.ts';
import { capacityOf } from '../../../../../ops/twin/services/aws/wafv2-capacity.ts';
import { wafv2LinkKinds } from '../../../../../ops/twin/services/aws/wafv2-links.ts';
import { wafv2Kinds } from '../../../../../ops/twin/services/aws/wafv2.ts';
import { ask, kindOf, made, said } from '../fake-cloud.ts';

const acl = kindOf(wafv2Kinds, 'aws:wafv2/webAcl:WebAcl');
const association = kindOf(wafv2LinkKinds, 'aws:wafv2/webAclAssociation:WebAclAssociation');
const logging = kindOf(wafv2LinkKinds, 'aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration');
const eu = { account: '123456789012', region: 'eu-west-1' };

const rate = (change: Values = {}): Values => ({
  name: 'rate',
  priority: 0,
  action: { block: {} },
  statement: {
    rateBasedStatement: { limit: 100, aggregateKeyType: 'IP', evaluationWindowSec: 60, ...change },
  },
});
const managed = (name: string): Values => ({
  name,
  priority: 1,
  overrideAction: { none: {} },
  statement: { managedRuleGroupStatement: { vendorName: 'AWS', name } },
});
const inputs = {
  name: 'api',
  scope: 'REGIONAL',
  defaultAction: { allow: {} },
  rules: [rate(), managed('AWSManagedRulesSQLiRuleSet')],
};
const exactlyOne =
  'Error reason: You have used none or multiple values for a field that requires exactly one value.';

describe('a web ACL', () => {
  it('is taken, and its capacity counted', () => {
    expect(said(acl, ask(inputs))).toEqual([]);
    const { id, outputs } = made(acl, ask(inputs));
    expect(outputs).toMatchObject({ capacity: 202, arn: `regional/webacl/api/${id}` });
  });

  it('for CloudFront is in us-east-1', () => {
    const global = { ...inputs, scope: 'CLOUDFRONT' };
    expect(said(acl, ask(global))).toEqual([]);
    expect(said(acl, ask(global, { place: eu }))).toEqual([
      'WAFInvalidParameterException: Error reason: The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT',
    ]);
  });

  it.each<[Values, string]>([
    [{ rules: [rate({ limit: 9 })] }, "Value '9'"],
    [{ rules: [rate({ evaluationWindowSec: 90 })] }, 'Valid values are 60, 120, 300 and 600.'],
    [{ rules: [rate({ aggregateKeyType: 'CUSTOM_KEYS' })] }, 'field: CUSTOM_KEYS'],
    [{ rules: [rate(), { ...rate(), name: 'other' }] }, 'the same priority for more than one rule'],
    [{ rules: [rate(), { ...rate(), priority: 7 }] }, 'the same name for more than one rule'],
    [{ rules: [{ ...rate(), overrideAction: { none: {} } }] }, `${exactlyOne}, field: RULE, parameter: Rule`],
    [{ rules: [{ ...managed('AWSManagedRulesSQLiRuleSet'), action: { block: {} } }] }, 'field: RULE'],
    [{ rules: [{ ...rate(), statement: {} }] }, 'field: STATEMENT'],
    [{ rules: [{ ...rate(), action: { allow: {}, block: {} } }] }, 'field: RULE_ACTION'],
    [{ defaultAction: {} }, 'field: DEFAULT_ACTION'],
    [{ rules: [managed('AWSManagedRulesEverything')] }, 'your resource doesn’t exist'],
  ])('refuses %j', (change, message) => {
    const refused = said(acl, ask({ ...inputs, ...change }));
    expect(refused).toHaveLength(1);
    expect(refused[0]).toContain(message);
  });

  it('has room for 5000 units', () => {
    const rules = Array.from({ length: 8 }, (_, index) => ({
      ...managed('AWSManagedRulesCommonRuleSet'),
      name: `common-${index}`,
      priority: index,
    }));
    expect(capacityOf({ rules })).toBe(5600);
    expect(said(acl, ask({ ...inputs, rules }))[0]).toMatch(/^WAFLimitsExceededException/);
    expect(said(acl, ask({ ...inputs, rules: rules.slice(1) }))).toEqual([]);
  });

  it('looks into statements that hold others', () => {
    const scoped = rate({ scopeDownStatement: { notStatement: { statement: { geoMatchStatement: {} } } } });
    expect(capacityOf({ rules: [scoped] })).toBe(3);
  });
});

describe('an association', () => {
  const balancerArn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/api/1';
  const webAclArn = 'arn:aws:wafv2:us-east-1:123456789012:regional/webacl/api/1';
  const balancer = {
    type: 'aws:lb/loadBalancer:LoadBalancer',
    id: balancerArn,
    outputs: { arn: balancerArn },
  };

  it('protects a load balancer of its region that is there', () => {
    const question = { webAclArn, resourceArn: balancerArn };
    expect(said(association, ask(question, { things: [balancer] }))).toEqual([]);
    expect(said(association, ask(question))[0]).toMatch(/^WAFUnavailableEntityException/);
    expect(said(association, ask(question, { preview: true }))).toEqual([]);
  });

  it.each<[Values, string]>([
    [{ resourceArn: balancerArn.replace('/app/', '/net/') }, 'field: RESOURCE_ARN'],
    [{ resourceArn: balancerArn.replace('us-east-1', 'eu-west-1') }, 'field: RESOURCE_ARN'],
    [
      { webAclArn: webAclArn.replace('regional/', 'global/') },
      `parameter: ${webAclArn.replace('regional/', 'global/')}`,
    ],
  ])('refuses %j', (change, message) => {
    const question = ask({ webAclArn, resourceArn: balancerArn, ...change }, { preview: true });
    expect(said(association, question)[0]).toContain(message);
  });
});

describe('logs of a web ACL', () => {
  const group = (name: string) => `arn:aws:logs:us-east-1:123456789012:log-group:${name}`;
  const judged = (...logDestinationConfigs: string[]) =>
    said(
      logging,
      ask(
        { resourceArn: 'arn', logDestinationConfigs },
        {
          things: [
            {
              type: 'aws:cloudwatch/logGroup:LogGroup',
              id: 'aws-waf-logs-api',
              inputs: { name: 'aws-waf-logs-api' },
            },
          ],
        },
      ),
    );

  it('go where the name begins with aws-waf-logs-', () => {
    expect(judged(group('aws-waf-logs-api'))).toEqual([]);
    expect(judged('arn:aws:s3:::aws-waf-logs-api')).toEqual([]);
    expect(judged(group('waf'))[0]).toBe(
      `WAFInvalidParameterException: Error reason: The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes., field: LOG_DESTINATION, parameter: ${group('waf')}`,
    );
  });

  it('go to one place that is there', () => {
    expect(judged(group('aws-waf-logs-other'))[0]).toContain('The log destination was not found.');
    expect(judged(group('aws-waf-logs-api'), 'arn:aws:s3:::aws-waf-logs-api')[0]).toContain(
      'only one log destination',
    );
  });
});
