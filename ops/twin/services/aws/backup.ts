import type { Kind, Question, Refusal, Values } from '../../kind.ts';
import { flagAt, hexOf, isGiven, numberAt, objectsAt, refusal, textAt, textsAt, uuidOf } from '../values.ts';
import { keyProblems } from './kms-lookup.ts';

const vaultType = 'aws:backup/vault:Vault';
const planType = 'aws:backup/plan:Plan';

const vault: Kind = {
  type: vaultType,
  api: {
    service: 'Backup',
    create: 'CreateBackupVault',
    read: 'DescribeBackupVault',
    update: 'TagResource',
    delete: 'DeleteBackupVault',
  },
  naming: {
    property: 'name',
    maxLength: 50,
    taken: {
      code: 'AlreadyExistsException',
      message: 'Backup vault with the same name already exists (Name: {value})',
    },
  },
  quota: {
    count: 300,
    per: 'region',
    refusal: { code: 'LimitExceededException', message: 'Maximum number of backup vaults reached' },
  },
  takes: { create: 2, delete: 2 },
  replaces: ['kmsKeyArn', 'name'],
  updates: ['forceDestroy'],
  defaults: () => ({ forceDestroy: false }),
  check: (question) => [
    ...nameProblems(question, /^[a-zA-Z0-9_-]{2,50}$/),
    ...keyProblems(question, 'kmsKeyArn', (_why, key) =>
      refusal('InvalidParameterValueException', `Invalid KMS key: ${key}`, 'kmsKeyArn'),
    ),
  ],
  id: ({ inputs }) => textAt(inputs, 'name') ?? '',
  outputs: ({ place }) => ({
    kmsKeyArn: `arn:aws:kms:${place.region}:${place.account}:key/${uuidOf(`${place.account} aws/backup`)}`,
    recoveryPoints: 0,
  }),
  arn: (_question, id) => `backup-vault:${id}`,
};

const vaultLock: Kind = {
  type: 'aws:backup/vaultLockConfiguration:VaultLockConfiguration',
  api: {
    service: 'Backup',
    create: 'PutBackupVaultLockConfiguration',
    read: 'DescribeBackupVault',
    delete: 'DeleteBackupVaultLockConfiguration',
  },
  references: [toVault('backupVaultName')],
  takes: { create: 2 },
  replaces: ['backupVaultName', 'changeableForDays', 'maxRetentionDays', 'minRetentionDays'],
  check({ inputs }) {
    const [least, most] = [numberAt(inputs, 'minRetentionDays'), numberAt(inputs, 'maxRetentionDays')];
    const grace = numberAt(inputs, 'changeableForDays');
    const say = (message: string, property: string): readonly Refusal[] => [
      refusal('InvalidParameterValueException', message, property),
    ];
    if (grace !== undefined && grace < 3)
      return say('ChangeableForDays must be at least 3 days.', 'changeableForDays');
    return least !== undefined && most !== undefined && least > most
      ? say('MaxRetentionDays must be greater than or equal to MinRetentionDays.', 'maxRetentionDays')
      : [];
  },
  id: ({ inputs }) => textAt(inputs, 'backupVaultName') ?? '',
  outputs: ({ place, inputs }) => ({
    backupVaultArn: `arn:aws:backup:${place.region}:${place.account}:backup-vault:${textAt(inputs, 'backupVaultName') ?? ''}`,
  }),
};

const plan: Kind = {
  type: planType,
  api: {
    service: 'Backup',
    create: 'CreateBackupPlan',
    read: 'GetBackupPlan',
    update: 'UpdateBackupPlan',
    delete: 'DeleteBackupPlan',
  },
  naming: { property: 'name', maxLength: 50 },
  references: [toVault('rules.*.targetVaultName')],
  takes: { create: 2 },
  updates: ['advancedBackupSettings', 'name', 'rules'],
  check(question) {
    const rules = objectsAt(question.inputs, 'rules');
    const names = rules.map((each) => textAt(each, 'ruleName'));
    return [
      ...nameProblems(question, /^[a-zA-Z0-9._-]{1,50}$/),
      ...(new Set(names).size < names.length
        ? [
            refusal(
              'InvalidParameterValueException',
              'Rule names must be unique within a backup plan.',
              'rules',
            ),
          ]
        : []),
      ...rules.flatMap((rule, index) => ruleProblems(rule, `rules[${index}]`)),
    ];
  },
  id: (_question, random) => uuidOf(random),
  outputs: (_question, id) => ({ version: hexOf(id, 48) }),
  arn: (_question, id) => `backup-plan:${id}`,
};

const selection: Kind = {
  type: 'aws:backup/selection:Selection',
  api: {
    service: 'Backup',
    create: 'CreateBackupSelection',
    read: 'GetBackupSelection',
    delete: 'DeleteBackupSelection',
  },
  naming: { property: 'name', maxLength: 50 },
  references: [
    {
      property: 'planId',
      to: planType,
      missing: { code: 'ResourceNotFoundException', message: 'Cannot find Backup plan with ID {value}' },
      blocks: {
        code: 'InvalidRequestException',
        message: 'Related backup plan selections must be deleted prior to backup plan deletion',
      },
    },
    {
      property: 'iamRoleArn',
      to: 'aws:iam/role:Role',
      by: 'arn',
      where: 'anywhere',
      missing: {
        code: 'InvalidParameterValueException',
        message: 'IAM Role {value} cannot be assumed by AWS Backup',
      },
    },
  ],
  takes: { create: 2 },
  replaces: ['conditions', 'iamRoleArn', 'name', 'notResources', 'planId', 'resources', 'selectionTags'],
  check(question) {
    const { inputs } = question;
    const picks = ['resources', 'selectionTags', 'conditions', 'notResources'].some((each) =>
      isGiven(question, each),
    );
    const odd = textsAt(inputs, 'resources').find((each) => each !== '*' && !/^arn:aws[a-z-]*:/.test(each));
    const say = (message: string, property: string): readonly Refusal[] => [
      refusal('InvalidParameterValueException', message, property),
    ];
    if (odd !== undefined)
      return say(`Invalid ARN: ${odd}. Specified resource ARN must match format.`, 'resources');
    return picks ? [] : say('Selection must have resources, tags or conditions.', 'resources');
  },
  id: (_question, random) => uuidOf(random),
  outputs: () => ({ conditions: [], notResources: [] }),
};

/** Vaults, plans and what they are for. */
export const backupKinds: readonly Kind[] = [vault, vaultLock, plan, selection];

function toVault(property: string): NonNullable<Kind['references']>[number] {
  return {
    property,
    to: vaultType,
    missing: { code: 'ResourceNotFoundException', message: 'Backup vault {value} not found.' },
  };
}

function nameProblems({ inputs }: Question, pattern: RegExp): readonly Refusal[] {
  const name = textAt(inputs, 'name');
  return name === undefined || pattern.test(name)
    ? []
    : [
        refusal(
          'InvalidParameterValueException',
          `Invalid name ${name}: it must match ${pattern.source}`,
          'name',
        ),
      ];
}

// https://github.com/hashicorp/terraform-provider-aws/pull/7350, https://github.com/lgallard/terraform-aws-backup/issues/40
function ruleProblems(rule: Values, property: string): readonly Refusal[] {
  const name = textAt(rule, 'ruleName') ?? '';
  const say = (why: string): readonly Refusal[] => [
    refusal('InvalidParameterValueException', `Error in rule ${name} : ${why}`, property),
  ];
  if (!/^[a-zA-Z0-9._-]{1,50}$/.test(name)) return say('Invalid rule name.');
  const schedule = textAt(rule, 'schedule');
  if (schedule !== undefined && !/^(cron|rate)\(.+\)$/.test(schedule))
    return say('Invalid schedule expression.');
  const start = numberAt(rule, 'startWindow') ?? 60;
  if (start < 60) return say('Invalid start window. It must be at least 60 minutes.');
  if ((numberAt(rule, 'completionWindow') ?? start + 60) < start + 60)
    return say('Invalid completion window. It must be at least 60 minutes longer than the start window.');
  const continuous = flagAt(rule, 'enableContinuousBackup') === true;
  const all = [rule, ...objectsAt(rule, 'copyActions')].map((each) => ({
    cold: numberAt(each, 'lifecycle.coldStorageAfter') ?? 0,
    gone: numberAt(each, 'lifecycle.deleteAfter'),
  }));
  for (const { cold, gone } of all) {
    if (gone !== undefined && (gone < 1 || gone > 36_500))
      return say('Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days');
    if (cold > 0 && gone !== undefined && gone < cold + 90)
      return say(
        'Invalid lifecycle. DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays',
      );
  }
  if (continuous && (all[0]?.cold ?? 0) > 0)
    return say('Invalid lifecycle. MoveToColdStorageAfterDays is unavailable');
  if (continuous && all[0]?.gone === undefined)
    return say('Lifecycle must be specified for backup rule enabled continuous backup');
  return continuous && (all[0]?.gone ?? 0) > 35
    ? say('Invalid lifecycle. DeleteAfterDays cannot be more than 35 days for continuous backups')
    : [];
}
