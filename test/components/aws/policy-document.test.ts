import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  policyDocument,
  reads,
  refuseWide,
  type Statement,
} from '../../../components/aws/policy-document.ts';
import { joinGrants } from '../../../components/aws/policy-output.ts';
import { refusal } from './described.ts';

const read: Statement = {
  sid: 'Read',
  actions: ['s3:GetObject'],
  resources: ['arn:aws:s3:::orders/*'],
};

describe('a policy document', () => {
  it('has the words of IAM, single values alone and several in order', () => {
    const document = policyDocument('orders', 'inline', [
      { ...read, actions: ['s3:ListBucket', 's3:GetObject', 's3:ListBucket'] },
      {
        sid: 'OnlyWithTls',
        effect: 'Deny',
        principals: 'anyone',
        actions: ['s3:*'],
        resources: ['arn:aws:s3:::orders'],
        conditions: { Bool: { 'aws:SecureTransport': ['false'] } },
      },
    ]);
    expect(JSON.parse(document)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Read',
          Effect: 'Allow',
          Action: ['s3:GetObject', 's3:ListBucket'],
          Resource: 'arn:aws:s3:::orders/*',
        },
        {
          Sid: 'OnlyWithTls',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: 'arn:aws:s3:::orders',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    });
  });

  it('is the same text in whatever order its parts are given', () => {
    const parts = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1 });
    fc.assert(
      fc.property(parts, parts, fc.infiniteStream(fc.nat()), (actions, resources, numbers) => {
        const shuffled = <T>(list: readonly T[]): T[] =>
          list
            .map((each) => ({ each, at: Number(numbers.next().value) }))
            .sort((one, other) => one.at - other.at)
            .map(({ each }) => each);
        const of = (order: <T>(list: readonly T[]) => readonly T[]): string =>
          policyDocument('any', 'inline', [
            {
              sid: 'Any',
              actions: order(actions.map((each) => `s3:${each}`)),
              resources: order(resources.map((each) => `arn:aws:s3:::${each}`)),
              conditions: {
                StringEquals: Object.fromEntries(
                  order(resources.map((key) => [`aws:${key}`, order(actions)])),
                ),
              },
            },
          ]);
        expect(of(shuffled)).toBe(of((list) => list));
      }),
    );
  });

  it.each<[string, { readonly [Part in keyof Statement]?: Statement[Part] | undefined }, string]>([
    ['a write on everything', { actions: ['s3:PutObject'], resources: ['*'] }, 's3:PutObject on *'],
    ['all of a service on everything', { actions: ['s3:*'], resources: ['*'] }, 's3:* on *'],
    ['everything on everything', { actions: ['*'], resources: ['*'] }, '* on *'],
    [
      'a whole service by its ARN',
      { actions: ['s3:PutObject'], resources: ['arn:aws:s3:::*'] },
      'name what it changes',
    ],
    [
      'all objects of all buckets',
      { actions: ['s3:PutObject'], resources: ['arn:aws:s3:::*/*'] },
      'name what it changes',
    ],
    [
      'every secret',
      { actions: ['secretsmanager:GetSecretValue'], resources: ['*'] },
      'name what it changes',
    ],
    ['every parameter', { actions: ['ssm:GetParametersByPath'], resources: ['*'] }, 'name what it changes'],
    ['every object', { actions: ['s3:Get*'], resources: ['*'] }, 'name what it changes'],
    ['decrypting with every key', { actions: ['kms:Decrypt'], resources: ['*'] }, 'kms:Decrypt on *'],
    ['all actions but some', { actions: undefined, notActions: ['iam:*'] }, 'all but some actions'],
    [
      'all resources but some',
      { actions: ['s3:PutObject'], resources: undefined, notResources: ['arn:aws:s3:::a'] },
      'all but some resources',
    ],
    ['no resources', { resources: undefined }, 'give resources'],
    ['an empty list', { resources: [] }, 'resources is empty'],
    ['no actions', { actions: undefined }, 'give actions or notActions'],
    ['an action that is none', { actions: ['GetObject'] }, '"GetObject" is no action'],
    ['a sid with a hyphen', { sid: 'read-orders' }, 'letters and digits only'],
    ['anyone', { principals: 'anyone' }, 'it allows anyone'],
  ])('refuses %s', (_, change, message) => {
    const statement = Object.fromEntries(
      Object.entries({ ...read, ...change }).filter(([, value]) => value !== undefined),
    ) as unknown as Statement;
    expect(refusal('CUT-5430', () => policyDocument('orders', 'inline', [statement]))).toContain(message);
  });

  it('takes what is wide when it is said why, when it only looks, or when it refuses', () => {
    const wide = { actions: ['s3:PutObject'], resources: ['*'] };
    expect(() =>
      policyDocument('orders', 'inline', [
        { sid: 'Reason', ...wide, reason: 'Names are not known before.' },
        { sid: 'Looks', actions: ['ec2:Describe*', 's3:GetBucketPolicy', 'iam:List*'], resources: ['*'] },
        { sid: 'Refuses', effect: 'Deny', ...wide },
        {
          sid: 'KeyItself',
          principals: { AWS: ['arn:aws:iam::123456789012:root'] },
          actions: ['kms:*'],
          resources: ['*'],
        },
      ]),
    ).not.toThrow();
    expect(
      refusal('CUT-5430', () => refuseWide('orders', [{ sid: 'Blank', ...wide, reason: ' ' }])),
    ).toContain('Blank');
  });

  it('refuses a sid that is there twice, and names all that is wrong at once', () => {
    const message = refusal('CUT-5430', () =>
      policyDocument('orders', 'inline', [read, { ...read, actions: ['x'] }]),
    );
    expect(message).toContain('Read: the sid is there more than once');
    expect(message).toContain('Read: "x" is no action');
  });

  it('leaves alone what is not known yet', () => {
    expect(() =>
      refuseWide('orders', [{ ...read, actions: ['s3:PutObject'], resources: [Promise.resolve('*')] }]),
    ).not.toThrow();
  });

  it('refuses what is too long for its kind', () => {
    const long = [
      { ...read, resources: Array.from({ length: 100 }, (_, each) => `arn:aws:s3:::orders-${each}/*`) },
    ];
    expect(refusal('CUT-5431', () => policyDocument('orders', 'trust', long))).toContain('it may have 2048');
    expect(() => policyDocument('orders', 'managed', long)).not.toThrow();
  });

  it('joins grants that have the same names', () => {
    expect(joinGrants([[read], [read, read]]).map(({ sid }) => sid)).toEqual(['Read', 'Read2', 'Read3']);
  });

  it.each([
    ['ec2:DescribeVpcs', true],
    ['s3:ListBucket', true],
    ['s3:GetBucketPolicy', true],
    ['s3:GetObject', false],
    ['s3:GetObjectVersion', false],
    ['ssm:GetParameter', false],
    ['secretsmanager:GetSecretValue', false],
    ['ec2:CreateVpc', false],
    ['s3:*', false],
    ['iam:Get*', true],
  ])('%s only looks: %s', (action, expected) => {
    expect(reads(action)).toBe(expected);
  });
});
