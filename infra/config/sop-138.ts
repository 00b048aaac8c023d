import { z } from 'zod';
import { accountName } from './authorities.ts';
import { about, amount, nameOf, whole, yesOrNo } from './fields.ts';
import { regionName } from './regions.ts';
import { backupDays, between, memoryGb, storageGb } from './sizes.ts';

const operations = z.strictObject({
  accounts: about(
    z.strictObject({
      admin: accountName('sop-138-timelock'),
      authority: accountName('sop-138-safe'),
      registrar: accountName('sop-138-deployer'),
      validator: accountName('sop-138-validator'),
      pauser: accountName('sop-138-pauser'),
      guardian: accountName('sop-138-guardian'),
      recovery: accountName('sop-138-safe'),
    }),
    'Who has which role, and where funds are recovered to.',
  ),
  paused: yesOrNo('Whether operations are to stand still; ./cutover pause and resume write it.'),
  adminDelayHours: whole(0, 720, 'Hours between the two steps of handing the admin role on.', 48),
  // The contract refuses what lies outside these bounds.
  exitDelayHours: whole(1, 720, 'Hours between the two steps of leaving an emergency.', 24),
});

/** 138: hardened containers beside contracts with roles. */
export const sop138Schema = about(
  z.strictObject({
    enabled: yesOrNo('Whether this stack runs it.'),
    network: nameOf('network', 'polygon-amoy'),
    deployer: nameOf('signer', 'sop-138-deployer'),
    operations: about(operations, 'The SecuredOperations contract.'),
    region: regionName(),
    node: about(
      z.strictObject({
        instances: between('containers'),
        cpus: amount(1, 64, 'Virtual CPUs of each, one at least.', 1),
        memoryGb,
        storageGb,
        backupDays,
      }),
      'Each container.',
    ),
  }),
  '138: contracts with roles, on hardened containers.',
);
