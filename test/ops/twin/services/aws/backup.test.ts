import { describe, expect, it } from 'vitest';
import { backupKinds } from '../../../../../ops/twin/services/aws/backup.ts';
import { resourcegroupsKinds } from '../../../../../ops/twin/services/aws/resourcegroups.ts';
import { ask, kindOf, said } from '../fake-cloud.ts';

const vault = kindOf(backupKinds, 'aws:backup/vault:Vault');
const lock = kindOf(backupKinds, 'aws:backup/vaultLockConfiguration:VaultLockConfiguration');
const plan = kindOf(backupKinds, 'aws:backup/plan:Plan');
const selection = kindOf(backupKinds, 'aws:backup/selection:Selection');
const group = kindOf(resourcegroupsKinds, 'aws:resourcegroups/group:Group');

describe('a backup plan', () => {
  const rule = { ruleName: 'daily', targetVaultName: 'v', schedule: 'cron(0 5 * * ? *)' };
  const says = (change: object) => said(plan, ask({ name: 'p', rules: [{ ...rule, ...change }] }))[0];

  it('keeps hot, then cold, then gone', () => {
    expect(says({ lifecycle: { coldStorageAfter: 30, deleteAfter: 365 } })).toBeUndefined();
    expect(says({ lifecycle: { deleteAfter: 7 } })).toBeUndefined();
    expect(says({ enableContinuousBackup: true, lifecycle: { deleteAfter: 35 } })).toBeUndefined();
  });

  it.each<[object, string]>([
    [
      { lifecycle: { coldStorageAfter: 30, deleteAfter: 60 } },
      'InvalidParameterValueException: Error in rule daily : Invalid lifecycle. DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays',
    ],
    [{ lifecycle: { deleteAfter: 36_501 } }, 'DeleteAfterDays cannot be less than 1 or more than 36500 days'],
    [
      { copyActions: [{ destinationVaultArn: 'x', lifecycle: { coldStorageAfter: 1, deleteAfter: 2 } }] },
      '90 days apart',
    ],
    [
      { enableContinuousBackup: true, lifecycle: { coldStorageAfter: 30, deleteAfter: 365 } },
      'MoveToColdStorageAfterDays is unavailable',
    ],
    [
      { enableContinuousBackup: true },
      'Lifecycle must be specified for backup rule enabled continuous backup',
    ],
    [{ enableContinuousBackup: true, lifecycle: { deleteAfter: 36 } }, 'more than 35 days'],
    [{ schedule: 'daily' }, 'Invalid schedule expression.'],
    [{ startWindow: 30 }, 'at least 60 minutes'],
    [{ completionWindow: 60 }, 'at least 60 minutes longer'],
    [{ ruleName: 'a b' }, 'Invalid rule name.'],
  ])('with %j is refused', (change, message) => {
    expect(says(change)).toContain(message);
  });

  it('has rules with names of their own', () => {
    expect(said(plan, ask({ name: 'p', rules: [rule, rule] }))[0]).toContain('Rule names must be unique');
  });
});

describe('what goes with it', () => {
  it('has names and days that fit', () => {
    expect(said(vault, ask({ name: 'a' }))[0]).toContain('Invalid name a');
    expect(said(vault, ask({ name: 'vault', kmsKeyArn: 'none' }))[0]).toContain('Invalid KMS key: none');
    expect(said(lock, ask({ backupVaultName: 'v', changeableForDays: 2 }))[0]).toContain('at least 3 days');
    expect(said(lock, ask({ backupVaultName: 'v', minRetentionDays: 9, maxRetentionDays: 7 }))[0]).toContain(
      'MaxRetentionDays',
    );
  });

  it('picks something', () => {
    const inputs = { name: 's', planId: 'p', iamRoleArn: 'r' };
    expect(said(selection, ask(inputs))[0]).toContain('must have resources, tags or conditions');
    expect(said(selection, ask({ ...inputs, resources: ['db'] }))[0]).toContain('Invalid ARN: db.');
    expect(said(selection, ask({ ...inputs, resources: ['*'] }))).toEqual([]);
  });
});

describe('a group of resources', () => {
  const query = (value: unknown) =>
    said(
      group,
      ask({ name: 'g', resourceQuery: { query: typeof value === 'string' ? value : JSON.stringify(value) } }),
    )[0];

  it('finds them by a query', () => {
    expect(
      query({
        ResourceTypeFilters: ['AWS::AllSupported'],
        TagFilters: [{ Key: 'System', Values: ['godark'] }],
      }),
    ).toBeUndefined();
    expect(query('{')).toContain('it is no JSON');
    expect(query({})).toContain('ResourceTypeFilters must be given');
    expect(query({ ResourceTypeFilters: ['EC2'] })).toContain('"EC2" is not valid');
    expect(query({ ResourceTypeFilters: ['AWS::AllSupported'], TagFilters: {} })).toContain(
      'TagFilters must be a list',
    );
    expect(said(group, ask({ name: 'g' }))[0]).toContain('needs a query or a configuration');
    expect(said(group, ask({ name: 'aws-g', configurations: [] }))[0]).toContain("can't begin with AWS");
  });
});
