import { describe, expect, it } from 'vitest';
import { secretsmanagerKinds } from '../../../../../ops/twin/services/aws/secretsmanager.ts';
import { ssmKinds } from '../../../../../ops/twin/services/aws/ssm.ts';
import { ask, kindOf, made, said, thing } from '../fake-cloud.ts';

const parameter = kindOf(ssmKinds, 'aws:ssm/parameter:Parameter');
const secret = kindOf(secretsmanagerKinds, 'aws:secretsmanager/secret:Secret');
const version = kindOf(secretsmanagerKinds, 'aws:secretsmanager/secretVersion:SecretVersion');
const rotation = kindOf(secretsmanagerKinds, 'aws:secretsmanager/secretRotation:SecretRotation');
const policy = kindOf(secretsmanagerKinds, 'aws:secretsmanager/secretPolicy:SecretPolicy');

describe('a parameter', () => {
  const right = { name: '/coinestate/prod/jwt/secret', type: 'SecureString', value: 'x' };

  it('has an ARN without a second slash, and versions', () => {
    expect(said(parameter, ask(right))).toEqual([]);
    const first = made(parameter, ask(right));
    expect(first.outputs).toMatchObject({
      arn: 'arn:aws:ssm:us-east-1:123456789012:parameter/coinestate/prod/jwt/secret',
      version: 1,
    });
    expect(made(parameter, ask(right, { before: first })).outputs['version']).toBe(2);
  });

  it.each<[object, string]>([
    [{ name: 'aws-thing' }, 'AccessDeniedException: No access to reserved parameter name: aws-thing.'],
    [
      { name: '/ssm/x' },
      `ValidationException: Parameter name: can't be prefixed with "ssm" (case-insensitive).`,
    ],
    [{ name: '/a b' }, "ValidationException: Parameter name: can't be prefixed"],
    [{ name: 'a/b' }, 'Parameter name must be a fully qualified name.'],
    [
      { name: '/a'.repeat(16) },
      'HierarchyLevelLimitExceededException: A hierarchy can have a maximum of 15 levels.',
    ],
    [{ type: 'Secret' }, 'Member must satisfy enum value set: [SecureString, StringList, String]'],
    [
      { value: 'a'.repeat(4097) },
      'Standard tier parameters support a maximum parameter value of 4096 characters.',
    ],
    [{ value: 'a'.repeat(8193), tier: 'Advanced' }, 'Advanced tier parameters support'],
    [{ value: '' }, 'Member must have length greater than or equal to 1'],
    [{ value: undefined }, 'one of `insecure_value,value,value_wo` must be specified'],
    [{ insecureValue: 'x' }, 'one of `insecure_value,value,value_wo` must be specified'],
    [{ value: undefined, insecureValue: 'x' }, 'cannot be used with type SecureString'],
    [{ type: 'String', keyId: 'alias/aws/ssm' }, 'KeyId is not required for parameter type String.'],
    [{ keyId: 'none' }, "InvalidKeyId: Key 'none' does not exist"],
    [{ tier: 'Large' }, 'got Large'],
    [{ allowedPattern: '^\\d+$' }, 'ParameterPatternMismatchException'],
  ])('with %j is refused', (wrong, message) => {
    expect(said(parameter, ask({ ...right, ...wrong }))[0]).toContain(message);
  });

  it('of the larger tier takes more', () => {
    expect(said(parameter, ask({ ...right, value: 'a'.repeat(8192), tier: 'Advanced' }))).toEqual([]);
  });

  it('is overwritten only when that is said', () => {
    const things = [{ type: parameter.type, id: right.name }];
    expect(said(parameter, ask(right, { things }))[0]).toContain(
      'ParameterAlreadyExists: The parameter already exists.',
    );
    expect(said(parameter, ask({ ...right, overwrite: true }, { things }))).toEqual([]);
  });
});

describe('a secret', () => {
  it('has six letters of chance in its ARN', () => {
    expect(made(secret, ask({ name: 'db' })).id).toMatch(
      /^arn:aws:secretsmanager:us-east-1:123456789012:secret:db-[0-9a-f]{6}$/,
    );
  });

  it.each<[object, string]>([
    [{ name: 'a b' }, 'ValidationException: Invalid name.'],
    [
      { recoveryWindowInDays: 6 },
      'InvalidParameterException: The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
    ],
    [{ recoveryWindowInDays: 31 }, 'must be between 7 and 30 days'],
    [{ kmsKeyId: 'none' }, 'InvalidParameterException: KMS key ARN none is invalid'],
    [{ replicas: [{ region: 'us-east-1' }] }, 'Invalid replica region.'],
    [{ policy: '{}' }, 'MalformedPolicyDocumentException'],
  ])('with %j is refused', (wrong, message) => {
    expect(said(secret, ask({ name: 'db', ...wrong }))[0]).toContain(message);
  });

  it('keeps its name while it can be recovered', () => {
    const day = 86_400_000;
    const gone = {
      ...thing({ type: secret.type, id: 'x', inputs: { name: 'db', recoveryWindowInDays: 7 } }),
      deletedMs: 0,
    };
    const after = (days: number) => {
      const question = ask({ name: 'db' });
      return said(secret, {
        ...question,
        cloud: { ...question.cloud, now: days * day, deleted: () => [gone] },
      });
    };
    expect(after(6)).toEqual([
      "InvalidRequestException: You can't create this secret because a secret with this name is already scheduled for deletion.",
    ]);
    expect(after(7)).toEqual([]);
  });

  it('is there once in a region', () => {
    const there = { type: secret.type, id: 'x', inputs: { name: 'db' } };
    expect(said(secret, ask({ name: 'db' }, { things: [there] }))).toEqual([
      'ResourceExistsException: The operation failed because the secret db already exists.',
    ]);
  });

  it('has one value at a time', () => {
    expect(said(version, ask({ secretId: 'x', secretString: 'a' }))).toEqual([]);
    expect(said(version, ask({ secretId: 'x' }))[0]).toContain(
      'You must provide either SecretString or SecretBinary.',
    );
    expect(said(version, ask({ secretId: 'x', secretString: 'a', secretBinary: 'b' }))[0]).toContain(
      "You can't specify both",
    );
    expect(said(version, ask({ secretId: 'x', secretString: 'a'.repeat(65_537) }))[0]).toContain('65536');
  });

  it('is rotated by somebody', () => {
    const own = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:db-abcdef';
    const managed = own.replace('db-', 'rds!db-1-');
    const rotationRules = { automaticallyAfterDays: 7 };
    const things = [{ type: secret.type, id: own }];
    expect(said(rotation, ask({ secretId: own, rotationRules }, { things }))).toEqual([
      'InvalidRequestException: No Lambda rotation function ARN is associated with this secret.',
    ]);
    expect(said(rotation, ask({ secretId: managed, rotationRules }))).toEqual([]);
    expect(said(rotation, ask({ secretId: own, rotationLambdaArn: 'l' }))[0]).toContain(
      'ResourceNotFoundException',
    );
    const wrong = (rules: object) =>
      said(rotation, ask({ secretId: managed, rotationRules: rules as never }))[0];
    expect(wrong({ automaticallyAfterDays: 0 })).toContain('greater than or equal to 1');
    expect(wrong({ automaticallyAfterDays: 1, scheduleExpression: 'rate(1 day)' })).toContain('but not both');
    expect(wrong({ scheduleExpression: 'daily' })).toContain('Invalid schedule expression');
  });

  it('is for nobody and everybody only when that is let through', () => {
    const open = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: '*', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
      ],
    });
    expect(said(policy, ask({ secretArn: 'x', policy: open, blockPublicPolicy: true }))[0]).toContain(
      'PublicPolicyException',
    );
    expect(said(policy, ask({ secretArn: 'x', policy: open }))).toEqual([]);
  });
});
