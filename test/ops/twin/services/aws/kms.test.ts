import { describe, expect, it } from 'vitest';
import { kmsKinds } from '../../../../../ops/twin/services/aws/kms.ts';
import { findKey } from '../../../../../ops/twin/services/aws/kms-lookup.ts';
import { ask, kindOf, made, said } from '../fake-cloud.ts';

const key = kindOf(kmsKinds, 'aws:kms/key:Key');
const alias = kindOf(kmsKinds, 'aws:kms/alias:Alias');
const replica = kindOf(kmsKinds, 'aws:kms/replicaKey:ReplicaKey');
const account = '123456789012';

const policy = (principal: object, action = 'kms:*', rest: object = {}): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Sid: 'Enable IAM', Effect: 'Allow', Principal: principal, Action: action, Resource: '*', ...rest },
    ],
  });
const root = { AWS: `arn:aws:iam::${account}:root` };
const lockout =
  'MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.';

describe('a key', () => {
  it('is made with a policy of its own or with that of its account', () => {
    expect(said(key, ask({}))).toEqual([]);
    expect(said(key, ask({ policy: policy(root) }))).toEqual([]);
    const thing = made(key, ask({ enableKeyRotation: true }));
    expect(thing.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(thing.outputs).toMatchObject({ keyId: thing.id, rotationPeriodInDays: 365 });
    expect(made(key, ask({ multiRegion: true })).id).toMatch(/^mrk-[0-9a-f]{32}$/);
  });

  it.each([
    [policy({ Service: 'logs.amazonaws.com' }), lockout],
    [policy(root, 'kms:Decrypt'), lockout],
    [policy({ AWS: 'arn:aws:iam::999999999999:root' }), lockout],
    [policy(root, 'kms:*', { Effect: 'Deny' }), lockout],
    [
      policy({ AWS: 'nobody' }),
      'MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.',
    ],
    ['{}', 'MalformedPolicyDocumentException: Syntax errors in policy.'],
  ])('with the policy %s is refused', (text, message) => {
    expect(said(key, ask({ policy: text }))).toEqual([message]);
  });

  it('may be left to nobody by force', () => {
    const text = policy({ Service: 'logs.amazonaws.com' });
    expect(said(key, ask({ policy: text, bypassPolicyLockoutSafetyCheck: true }))).toEqual([]);
  });

  it.each([
    [{ deletionWindowInDays: 6 }, 'deletion_window_in_days to be in the range (7 - 30), got 6'],
    [{ deletionWindowInDays: 31 }, 'in the range (7 - 30), got 31'],
    [{ rotationPeriodInDays: 90 }, 'all of `enable_key_rotation,rotation_period_in_days` must be specified'],
    [{ enableKeyRotation: true, rotationPeriodInDays: 89 }, 'in the range (90 - 2560), got 89'],
    [{ enableKeyRotation: true, customerMasterKeySpec: 'RSA_2048' }, 'UnsupportedOperationException'],
  ])('with %j is refused', (wrong, message) => {
    expect(said(key, ask(wrong))[0]).toContain(message);
  });
});

describe('an alias', () => {
  const there = made(key, ask({}));

  it('leads to its key', () => {
    const name = made(alias, ask({ name: 'alias/db', targetKeyId: there.id }, { things: [there] }));
    const question = ask({}, { things: [there, name] });
    for (const each of [there.id, 'alias/db', `arn:aws:kms:us-east-1:${account}:key/${there.id}`])
      expect(findKey(question, each)).toMatchObject({ id: there.id });
    expect(findKey(question, 'alias/aws/rds')).toBe('owned-by-aws');
    expect(findKey(question, 'alias/none')).toBeUndefined();
    expect(findKey(question, `arn:aws:kms:eu-west-1:${account}:key/${there.id}`)).toBe('another-region');
    expect(findKey(question, `arn:aws:kms:us-east-1:999999999999:key/${there.id}`)).toBe('another-account');
  });

  it.each([
    [{ name: 'db' }, `InvalidAliasNameException: "name" must begin with 'alias/'`],
    [{ name: 'alias/aws/db' }, `InvalidAliasNameException: "name" cannot begin with reserved AWS CMK prefix`],
    [{ targetKeyId: 'none' }, "NotFoundException: Key 'none' does not exist"],
  ])('with %j is refused', (wrong, message) => {
    const inputs = { name: 'alias/db', targetKeyId: there.id, ...wrong };
    expect(said(alias, ask(inputs, { things: [there] }))[0]).toContain(message);
  });

  it('is there once in a region', () => {
    const other = { type: alias.type, id: 'alias/db', inputs: { name: 'alias/db' } };
    expect(said(alias, ask({ name: 'alias/db', targetKeyId: there.id }, { things: [there, other] }))).toEqual(
      [
        `AlreadyExistsException: An alias with the name arn:aws:kms:us-east-1:${account}:alias/db already exists`,
      ],
    );
  });
});

describe('a replica', () => {
  const primaryKeyArn = `arn:aws:kms:us-east-1:${account}:key/mrk-1`;
  const place = { account, region: 'eu-west-1' };
  const primary = (multiRegion: boolean) => ({
    type: key.type,
    id: 'mrk-1',
    inputs: { multiRegion },
    outputs: { arn: primaryKeyArn },
  });

  it('is of a key for many regions, in another one', () => {
    const things = [primary(true)];
    expect(said(replica, ask({ primaryKeyArn }, { things, place }))).toEqual([]);
    expect(said(replica, ask({ primaryKeyArn }, { things }))[0]).toContain('AlreadyExistsException');
    expect(said(replica, ask({ primaryKeyArn }, { things: [primary(false)], place }))[0]).toContain(
      'is not a multi-Region key',
    );
  });
});
