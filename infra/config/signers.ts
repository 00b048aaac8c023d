import { z } from 'zod';
import { named, text, whole } from './fields.ts';
import { inEnvironment, inFile, inParameterStore } from './reference.ts';
import { awsRegion } from './regions.ts';

const localAccount = z.strictObject({
  kind: z.literal('local'),
  account: whole(
    0,
    9,
    'Number of the account among those that every local node knows; its key is public.',
    0,
  ),
});

const managedKey = z.strictObject({
  kind: z.literal('kms'),
  name: text(
    /^alias\/[A-Za-z0-9/_-]+$/,
    'the alias of a key, alias/…',
    'Alias of the AWS KMS key; the key never leaves KMS.',
    'alias/gemforce-prod-deployer',
  ),
  region: awsRegion('Where the key is.'),
});

/** Who signs: named here, read only by the process that signs. */
export const signersSchema = named(
  z.discriminatedUnion('kind', [localAccount, inEnvironment, inFile, inParameterStore, managedKey]).meta({
    examples: [{ kind: 'kms', name: 'alias/gemforce-prod-deployer', region: 'us-east-1' }],
  }),
  'Accounts that sign transactions, by name. A key is named here and read only by the process that signs.',
);
