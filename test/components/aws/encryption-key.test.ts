import { beforeEach, describe, expect, it } from 'vitest';
import { EncryptionKey } from '../../../components/aws/encryption-key.ts';
import { keyPolicy, type KeyUse } from '../../../components/aws/key-policy.ts';
import { policyDocument } from '../../../components/aws/policy-document.ts';
import { decide, type Caller } from '../../../ops/twin/iam/decide.ts';
import { account, ask, readPolicy } from './access.ts';
import { describeWithoutCloud, inputsOf, refusal, someSite, valueOf } from './described.ts';

const key = `arn:aws:kms:us-east-1:${account}:key/1`;
const everyUse: readonly KeyUse[] = ['rds', 'secretsmanager', 's3', 'ssm', 'logs', 'cloudtrail', 'alarms'];
const policyOf = (uses: readonly KeyUse[], users: readonly string[] = []): string =>
  policyDocument('key', 'key', keyPolicy({ account, region: 'us-east-1' }, uses, users));
const everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';
const asRole = (action: string, context: Readonly<Record<string, string>>, uses = everyUse): string =>
  ask([everything], action, key, context, { resource: policyOf(uses) });
const asService = (name: string, action: string, context: Readonly<Record<string, string>>): string => {
  const caller: Caller = { kind: 'service', name };
  return decide(
    { resource: readPolicy(policyOf(everyUse), 'resource') },
    { caller, action, resource: key, account, context },
  );
};

describe('the policy of a key', () => {
  it('leaves its account in charge, which cannot lose it that way', () => {
    for (const action of [
      'kms:PutKeyPolicy',
      'kms:ScheduleKeyDeletion',
      'kms:CancelKeyDeletion',
      'kms:CreateAlias',
    ])
      expect(asRole(action, {})).toBe('allowed');
  });

  it('lets nobody use it directly, an administrator neither', () => {
    for (const action of [
      'kms:Decrypt',
      'kms:Encrypt',
      'kms:GenerateDataKey',
      'kms:CreateGrant',
      'kms:ReEncryptFrom',
    ])
      expect(asRole(action, {})).toBe('implicit-deny');
  });

  it('is used through the services that are named, in its region, and through no others', () => {
    const through = (service: string): string => asRole('kms:Decrypt', { 'kms:ViaService': service }, ['s3']);
    expect(through('s3.us-east-1.amazonaws.com')).toBe('allowed');
    expect(through('s3.eu-west-1.amazonaws.com')).toBe('implicit-deny');
    expect(through('ssm.us-east-1.amazonaws.com')).toBe('implicit-deny');
  });

  it('is handed on to services only, for what they keep', () => {
    const via = { 'kms:ViaService': 'rds.us-east-1.amazonaws.com' };
    expect(asRole('kms:CreateGrant', { ...via, 'kms:GrantIsForAWSResource': 'true' })).toBe('allowed');
    expect(asRole('kms:CreateGrant', { ...via, 'kms:GrantIsForAWSResource': 'false' })).toBe('implicit-deny');
    expect(asRole('kms:CreateGrant', via)).toBe('implicit-deny');
  });

  it('needs a policy of the caller as well', () => {
    const via = { 'kms:ViaService': 's3.us-east-1.amazonaws.com' };
    expect(ask([], 'kms:Decrypt', key, via, { resource: policyOf(['s3']) })).toBe('implicit-deny');
  });

  it('lets named roles use it, and no others', () => {
    const role = `arn:aws:iam::${account}:role/some`;
    expect(ask([], 'kms:Decrypt', key, {}, { resource: policyOf([], [role]) })).toBe('allowed');
    expect(ask([], 'kms:Decrypt', key, {}, { resource: policyOf([], [`${role}-other`]) })).toBe(
      'implicit-deny',
    );
    expect(ask([], 'kms:PutKeyPolicy', key, {}, { resource: policyOf([], [role]) })).toBe('implicit-deny');
  });

  it.each<[string, string, Readonly<Record<string, string>>, string]>([
    [
      'logs.us-east-1.amazonaws.com',
      'kms:GenerateDataKey',
      { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:us-east-1:${account}:log-group:a` },
      'allowed',
    ],
    [
      'logs.us-east-1.amazonaws.com',
      'kms:GenerateDataKey',
      { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:us-east-1:999999999999:log-group:a' },
      'implicit-deny',
    ],
    ['logs.us-east-1.amazonaws.com', 'kms:GenerateDataKey', {}, 'implicit-deny'],
    [
      'cloudtrail.amazonaws.com',
      'kms:GenerateDataKey',
      {
        'kms:EncryptionContext:aws:cloudtrail:arn': `arn:aws:cloudtrail:us-east-1:${account}:trail/t`,
        'aws:SourceAccount': account,
      },
      'allowed',
    ],
    [
      'cloudtrail.amazonaws.com',
      'kms:GenerateDataKey',
      {
        'kms:EncryptionContext:aws:cloudtrail:arn': 'arn:aws:cloudtrail:us-east-1:999999999999:trail/t',
        'aws:SourceAccount': '999999999999',
      },
      'implicit-deny',
    ],
    ['cloudwatch.amazonaws.com', 'kms:GenerateDataKey', { 'aws:SourceAccount': account }, 'allowed'],
    [
      'cloudwatch.amazonaws.com',
      'kms:GenerateDataKey',
      { 'aws:SourceAccount': '999999999999' },
      'implicit-deny',
    ],
    ['events.amazonaws.com', 'kms:Decrypt', { 'aws:SourceAccount': account }, 'implicit-deny'],
  ])('says to %s, %s for %o: %s', (service, action, context, expected) => {
    expect(asService(service, action, context)).toBe(expected);
  });
});

describe('a key', () => {
  beforeEach(describeWithoutCloud);

  it('is renewed by itself, has a month to be saved, and an alias that tells what it is for', async () => {
    const made = new EncryptionKey('documents-key', {
      site: someSite(),
      description: 'Documents',
      uses: ['s3'],
    });
    expect(await inputsOf('documents-key-key-us-east-1')).toMatchObject({
      region: 'us-east-1',
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      multiRegion: false,
      tags: { System: 'coinestate', Environment: 'staging', ManagedBy: 'cutover', Name: 'documents-key' },
    });
    expect(await inputsOf('documents-key-alias-us-east-1')).toMatchObject({
      name: 'alias/staging/documents-key',
    });
    expect(made.alias).toBe('alias/staging/documents-key');
    expect(await valueOf(made.arn)).toContain('documents-key');
  });

  it('can be changed by its owner, but not taken from its parent', async () => {
    new EncryptionKey('documents-key', {
      site: someSite(),
      description: 'Documents',
      uses: ['s3'],
      transform: { key: (args, opts) => [{ ...args, description: 'Other' }, opts] },
    });
    expect(await inputsOf('documents-key-key-us-east-1')).toMatchObject({ description: 'Other' });
  });

  it('is refused when nobody may use it, or when it would be gone at once', () => {
    const site = someSite();
    expect(
      refusal(
        'CUT-5400',
        () => new EncryptionKey('k', { site, description: 'x', uses: [], deletionDays: 3 }),
      ),
    ).toMatch(/deletionDays: 3 must be a whole number from 7 to 30[^]*nobody may use it/);
  });
});
