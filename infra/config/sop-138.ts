import { z } from 'zod';
import { about, amount, nameOf, yesOrNo } from './fields.ts';
import { regionName } from './regions.ts';
import { backupDays, between, memoryGb, storageGb } from './sizes.ts';

/** 138: hardened containers beside contracts with roles. */
export const sop138Schema = about(
  z.strictObject({
    enabled: yesOrNo('Whether this stack runs it.'),
    network: nameOf('network', 'polygon-amoy'),
    deployer: nameOf('signer', 'sop-138-deployer'),
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
