import { describe, expect, it } from 'vitest';
import { decide, type AccessRequest, type Policies } from '../../../../ops/twin/iam/decide.ts';
import { readDocument, type PolicyDocument } from '../../../../ops/twin/iam/document.ts';
import { isPublic } from '../../../../ops/twin/iam/public.ts';

const account = '123456789012';
const arn = `arn:aws:iam::${account}:role/api`;
const caller = { kind: 'role', arn, account } as const;

function policy(...statements: object[]): PolicyDocument {
  const { document, faults } = readDocument(
    JSON.stringify({
      Version: '2012-10-17',
      Statement: statements.map((each) => ({ Effect: 'Allow', ...each })),
    }),
  );
  expect(faults).toEqual([]);
  return document as PolicyDocument;
}

const read: AccessRequest = { caller, action: 's3:GetObject', resource: 'arn:aws:s3:::kyc/a/1' };
const all = { Action: '*', Resource: '*' };

describe('a decision', () => {
  it.each<[string, Policies, AccessRequest, string]>([
    ['nothing said', {}, read, 'implicit-deny'],
    ['an action named', { identity: [policy({ Action: 's3:GetObject', Resource: '*' })] }, read, 'allowed'],
    [
      'an action in other letters',
      { identity: [policy({ Action: 'S3:getobject', Resource: '*' })] },
      read,
      'allowed',
    ],
    [
      'an action by pattern',
      { identity: [policy({ Action: 's3:Get*', Resource: 'arn:aws:s3:::kyc/*' })] },
      read,
      'allowed',
    ],
    [
      'another action',
      { identity: [policy({ Action: 's3:PutObject', Resource: '*' })] },
      read,
      'implicit-deny',
    ],
    [
      'another resource',
      { identity: [policy({ Action: 's3:*', Resource: 'arn:aws:s3:::kyc' })] },
      read,
      'implicit-deny',
    ],
    [
      'one letter by a question mark',
      { identity: [policy({ Action: 's3:*', Resource: 'arn:aws:s3:::kyc/a/?' })] },
      read,
      'allowed',
    ],
    ['all but an action', { identity: [policy({ NotAction: 'iam:*', Resource: '*' })] }, read, 'allowed'],
    [
      'all but this action',
      { identity: [policy({ NotAction: 's3:*', Resource: '*' })] },
      read,
      'implicit-deny',
    ],
    [
      'all but this resource',
      { identity: [policy({ Action: '*', NotResource: 'arn:aws:s3:::kyc/*' })] },
      read,
      'implicit-deny',
    ],
    [
      'a deny beside an allow',
      { identity: [policy(all), policy({ ...all, Effect: 'Deny', Action: 's3:*' })] },
      read,
      'explicit-deny',
    ],
    [
      'a deny of the bucket',
      { identity: [policy(all)], resource: policy({ ...all, Effect: 'Deny', Principal: '*' }) },
      read,
      'explicit-deny',
    ],
    [
      'a deny of the boundary',
      { identity: [policy(all)], boundary: policy(all, { ...all, Effect: 'Deny' }) },
      read,
      'explicit-deny',
    ],
    [
      'a boundary that leaves it out',
      { identity: [policy(all)], boundary: policy({ Action: 'ecs:*', Resource: '*' }) },
      read,
      'implicit-deny',
    ],
    ['a boundary alone', { boundary: policy(all) }, read, 'implicit-deny'],
    [
      'a bucket that names the role',
      { resource: policy({ ...all, Principal: { AWS: arn } }) },
      read,
      'allowed',
    ],
    [
      'a bucket that names the account alone',
      { resource: policy({ ...all, Principal: { AWS: account } }) },
      read,
      'implicit-deny',
    ],
    [
      'another account without its yes',
      { identity: [policy(all)] },
      { ...read, account: '999999999999' },
      'implicit-deny',
    ],
    [
      'another account with both',
      { identity: [policy(all)], resource: policy({ ...all, Principal: { AWS: arn } }) },
      { ...read, account: '999999999999' },
      'allowed',
    ],
  ])('with %s', (_what, policies, request, expected) => {
    expect(decide(policies, request)).toBe(expected);
  });

  it('leaves keys to their own policy', () => {
    const decrypt: AccessRequest = { caller, action: 'kms:Decrypt', resource: '*' };
    const root = policy({ ...all, Principal: { AWS: `arn:aws:iam::${account}:root` } });
    const foreign = policy({ ...all, Principal: { AWS: 'arn:aws:iam::999999999999:root' } });
    expect(decide({ identity: [policy(all)] }, decrypt)).toBe('implicit-deny');
    expect(decide({ identity: [policy(all)], resource: root }, decrypt)).toBe('allowed');
    expect(decide({ identity: [policy(all)], resource: foreign }, decrypt)).toBe('implicit-deny');
    expect(decide({ resource: root }, decrypt)).toBe('implicit-deny');
  });

  it('lets a pipeline in by its exact subject alone', () => {
    const provider = `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`;
    const key = 'token.actions.githubusercontent.com';
    const trust = policy({
      Principal: { Federated: provider },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { [`${key}:aud`]: 'sts.amazonaws.com', [`${key}:sub`]: 'repo:o/r:environment:prod' },
      },
    });
    const from = (sub: string): string =>
      decide(
        { resource: trust },
        {
          caller: { kind: 'federated', provider },
          action: 'sts:AssumeRoleWithWebIdentity',
          resource: arn,
          context: { [`${key}:aud`]: 'sts.amazonaws.com', [`${key}:sub`]: sub },
        },
      );
    expect(from('repo:o/r:environment:prod')).toBe('allowed');
    expect(from('repo:o/r:environment:staging')).toBe('implicit-deny');
    expect(from('repo:o/r:environment:prod2')).toBe('implicit-deny');
  });

  it.each<[string, object, Record<string, string | string[]>, boolean]>([
    [
      'is there',
      { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
      { 'aws:MultiFactorAuthPresent': 'true' },
      true,
    ],
    ['is missing', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }, {}, false],
    ['may be missing', { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'true' } }, {}, true],
    ['is missing, negated', { StringNotEquals: { 'aws:PrincipalTag/team': 'a' } }, {}, true],
    [
      'is one of many',
      { StringEquals: { 'aws:SourceAccount': ['1', '2'] } },
      { 'AWS:sourceaccount': '2' },
      true,
    ],
    [
      'is none of many',
      { StringNotEquals: { 'aws:SourceAccount': ['1', '2'] } },
      { 'aws:SourceAccount': '2' },
      false,
    ],
    [
      'is in an ARN pattern',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:ecs:*:1:*' } },
      { 'aws:SourceArn': 'arn:aws:ecs:us-east-1:1:task/x' },
      true,
    ],
    [
      'is of another part of an ARN',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:*' } },
      { 'aws:SourceArn': 'arn:aws:ecs:us-east-1:1:task/x' },
      false,
    ],
    [
      'is young enough',
      { NumericLessThan: { 'aws:MultiFactorAuthAge': '3600' } },
      { 'aws:MultiFactorAuthAge': '60' },
      true,
    ],
    [
      'is too old',
      { NumericLessThan: { 'aws:MultiFactorAuthAge': '3600' } },
      { 'aws:MultiFactorAuthAge': '3600' },
      false,
    ],
    [
      'is an address of a range',
      { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
      { 'aws:SourceIp': '10.1.2.3' },
      true,
    ],
    [
      'is no address of a range',
      { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
      { 'aws:SourceIp': '10.1.2.3' },
      false,
    ],
    ['must not be there', { Null: { 'aws:TokenIssueTime': 'true' } }, { 'aws:TokenIssueTime': 'x' }, false],
    [
      'has all values',
      { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b'] } },
      { 'aws:TagKeys': ['a', 'c'] },
      false,
    ],
    [
      'has any value',
      { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['a', 'b'] } },
      { 'aws:TagKeys': ['a', 'c'] },
      true,
    ],
    [
      'has any value that is not like it',
      { 'ForAnyValue:StringNotLike': { 'kms:ResourceAliases': ['alias/prod/*'] } },
      { 'kms:ResourceAliases': ['alias/prod/a', 'alias/payroll'] },
      true,
    ],
    [
      'has no value at all, not like it or otherwise',
      { 'ForAnyValue:StringNotLike': { 'kms:ResourceAliases': ['alias/prod/*'] } },
      {},
      false,
    ],
  ])('holds to a condition whose key %s', (_what, Condition, context, holds) => {
    const identity = [policy({ ...all, Condition })];
    expect(decide({ identity }, { ...read, context })).toBe(holds ? 'allowed' : 'implicit-deny');
  });

  it('fills in variables', () => {
    const identity = [policy({ Action: 's3:*', Resource: 'arn:aws:s3:::kyc/${aws:username}/*' })];
    expect(decide({ identity }, { ...read, context: { 'aws:username': 'a' } })).toBe('allowed');
    expect(decide({ identity }, { ...read, context: { 'aws:username': 'b' } })).toBe('implicit-deny');
  });
});

describe('a policy', () => {
  it.each<[string, object, boolean]>([
    ['for anyone', { ...all, Principal: '*' }, true],
    ['for any account', { ...all, Principal: { AWS: '*' } }, true],
    ['for one account', { ...all, Principal: { AWS: account } }, false],
    ['against anyone', { ...all, Effect: 'Deny', Principal: '*' }, false],
    [
      'for anyone from one network',
      { ...all, Principal: '*', Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } },
      false,
    ],
    [
      'for anyone from any network',
      { ...all, Principal: '*', Condition: { StringLike: { 'aws:SourceVpce': '*' } } },
      true,
    ],
    [
      'for anyone over TLS',
      { ...all, Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'true' } } },
      true,
    ],
    ['for all but one', { ...all, NotPrincipal: { AWS: account } }, true],
  ])('%s is public or not', (_what, statement, expected) => {
    expect(isPublic(policy(statement))).toBe(expected);
  });
});
