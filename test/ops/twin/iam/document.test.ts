import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../../ops/twin/iam/check.ts';
import { documentSize, readDocument, type DocumentUse } from '../../../../ops/twin/iam/document.ts';

const allow = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*' };
const trust = {
  Effect: 'Allow',
  Principal: { Service: 'ecs-tasks.amazonaws.com' },
  Action: 'sts:AssumeRole',
};

function says(statement: unknown, use: DocumentUse = 'identity', rest: object = {}): readonly string[] {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statement, ...rest });
  return checkDocument(text, use).faults.map(({ message }) => message);
}

describe('policy documents', () => {
  it('that are right pass', () => {
    expect(says([allow])).toEqual([]);
    expect(says(allow)).toEqual([]);
    expect(says([trust], 'trust')).toEqual([]);
    expect(says([{ ...allow, Principal: '*' }], 'resource')).toEqual([]);
    expect(says([{ ...allow, Action: ['s3:Get*', 'kms:Decrypt'], Resource: '*' }])).toEqual([]);
    const condition = { Bool: { 'aws:SecureTransport': false }, StringLike: { 's3:prefix': ['a/*', 'b/*'] } };
    expect(says([{ ...allow, Condition: condition }])).toEqual([]);
  });

  it.each([
    ['', 'contains an invalid JSON policy: not a JSON object'],
    [' {}', 'contains an invalid JSON policy: leading space characters are not allowed'],
    ['[]', 'contains an invalid JSON policy: contains a JSON array, not a JSON object'],
    ['"{}"', 'contains an invalid JSON policy: contains a JSON-encoded string, not a JSON-encoded object'],
    ['null', 'contains an invalid JSON policy: not a JSON object'],
    ['{', 'contains an invalid JSON policy'],
    ['{"Version":"2012-10-17"}', 'Syntax errors in policy.'],
    ['{"Version":"2012-10-17","Statement":[]}', 'Syntax errors in policy.'],
    ['{"Version":"2020-01-01","Statement":[]}', 'The policy must contain a valid version string'],
  ])('as %j are refused', (text, message) => {
    expect(checkDocument(text, 'identity').faults[0]?.message).toContain(message);
  });

  it.each<[string, unknown, string]>([
    ['an unknown element', { ...allow, Resources: '*' }, 'Syntax errors in policy.'],
    ['no effect', { Action: 's3:GetObject', Resource: '*' }, 'Syntax errors in policy.'],
    ['an effect in small letters', { ...allow, Effect: 'allow' }, 'The policy failed legacy parsing'],
    ['both kinds of actions', { ...allow, NotAction: 's3:*' }, 'Syntax errors in policy.'],
    ['a number as action', { ...allow, Action: 7 }, 'Syntax errors in policy.'],
    [
      'a mistyped operator',
      { ...allow, Condition: { StringEqual: { 'aws:a': 'b' } } },
      'Syntax errors in policy.',
    ],
    ['no action', { Effect: 'Allow', Resource: '*' }, 'Policy statement must contain actions.'],
    ['an empty list of actions', { ...allow, Action: [] }, 'Policy statement must contain actions.'],
    ['no resource', { Effect: 'Allow', Action: 's3:GetObject' }, 'Policy statement must contain resources.'],
    [
      'an action without a vendor',
      { ...allow, Action: 'GetObject' },
      'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
    ],
    ['two colons', { ...allow, Action: 's3:Get:Object' }, 'Actions/Condition can contain only one colon.'],
    [
      'an action that does not exist',
      { ...allow, Action: 's3:GetObjects' },
      'Invalid Action: The action s3:GetObjects does not exist.',
    ],
    [
      'a service that does not exist',
      { ...allow, Action: 's4:Get*' },
      'Invalid Action: The action s4:Get* does not exist.',
    ],
    ['a principal', { ...allow, Principal: '*' }, 'Policy document should not specify a principal.'],
    [
      'a resource that is no ARN',
      { ...allow, Resource: 'my-bucket' },
      'Resource my-bucket must be in ARN format or "*".',
    ],
    [
      'another partition',
      { ...allow, Resource: 'arn:amazon:s3:::b' },
      'Partition "amazon" is not valid for resource "arn:amazon:s3:::b".',
    ],
    ['an ARN cut short', { ...allow, Resource: 'arn:aws:s3:b' }, 'The policy failed legacy parsing'],
    [
      'a region in an ARN of IAM',
      { ...allow, Action: 'iam:GetRole', Resource: 'arn:aws:iam:us-east-1:123456789012:role/x' },
      'IAM resource arn:aws:iam:us-east-1:123456789012:role/x cannot contain region information.',
    ],
    [
      'a region in an ARN of S3',
      { ...allow, Resource: 'arn:aws:s3:us-east-1::b/*' },
      'Resource arn:aws:s3:us-east-1::b/* can not contain region information.',
    ],
    [
      'a path that IAM does not have',
      { ...allow, Action: 'iam:GetRole', Resource: 'arn:aws:iam::123456789012:roles/x' },
      'IAM resource path must either be "*" or start with',
    ],
    [
      'the same Sid twice',
      [
        { ...allow, Sid: 'a' },
        { ...allow, Sid: 'a' },
      ],
      'Statement IDs (SID) in a single policy must be unique.',
    ],
    ['a Sid with spaces', { ...allow, Sid: 'a b' }, 'Statement IDs (SID) must be alpha-numeric.'],
  ])('with %s are refused', (_what, statement, message) => {
    const said = says(statement);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(message);
  });

  it('of IAM need the newer version, others do not', () => {
    expect(says(allow, 'identity', { Version: '2008-10-17' })).toEqual([
      'Policy document must be version 2012-10-17 or greater.',
    ]);
    expect(says(trust, 'trust', { Version: '2008-10-17' })).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['a resource', { ...trust, Resource: '*' }, 'Has prohibited field Resource'],
    ['no principal', { Effect: 'Allow', Action: 'sts:AssumeRole' }, 'Missing required field Principal'],
    [
      'another action',
      { ...trust, Action: 's3:GetObject' },
      'AssumeRole policy may only specify STS AssumeRole actions.',
    ],
    [
      'a slip in a service',
      { ...trust, Principal: { Service: 'ecs-task.amazonaws.com' } },
      'Invalid principal in policy: "SERVICE":"ecs-task.amazonaws.com"',
    ],
    [
      'a short account',
      { ...trust, Principal: { AWS: 'arn:aws:iam::123:root' } },
      'Invalid principal in policy: "AWS":"arn:aws:iam::123:root"',
    ],
    ['an unknown kind of principal', { ...trust, Principal: { User: 'x' } }, 'Syntax errors in policy.'],
  ])('of trust with %s are refused', (_what, statement, message) => {
    expect(says(statement, 'trust')).toEqual([message]);
  });

  it('let services pass that are unlike the common ones', () => {
    const principal = { Service: ['logs.us-east-1.amazonaws.com', 'transfer.amazonaws.com'] };
    expect(says({ ...trust, Principal: principal }, 'trust')).toEqual([]);
  });

  it('count no white space', () => {
    expect(documentSize('{ "a" : "b c" }\n')).toBe('{"a":"bc"}'.length);
  });

  it('never make the reader stumble, whatever they hold', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { document, faults } = readDocument(JSON.stringify({ Statement: value }));
        expect((document === undefined) === faults.length > 0).toBe(true);
      }),
    );
  });
});
