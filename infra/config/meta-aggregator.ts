import { z } from 'zod';
import { accountName } from './authorities.ts';
import { about, host, nameOf, whole, yesOrNo } from './fields.ts';
import { reference } from './reference.ts';
import { regionName } from './regions.ts';
import { backupDays, count, cpus, memoryGb, storageGb } from './sizes.ts';

const escrow = z.strictObject({
  arbiter: nameOf('signer', 'escrow-arbiter'),
  admin: accountName('escrow-admin'),
  pauser: accountName('escrow-pauser'),
  paused: yesOrNo('Whether the escrow is to stand still; ./cutover pause and resume write it.'),
  adminDelayHours: whole(0, 720, 'Hours between the two steps of handing the admin role on.', 48),
  // The contract refuses what lies outside these bounds.
  emergencyDelayHours: whole(1, 720, 'Hours of pause after which payers may withdraw alone.', 72),
});

/** Meta Aggregator 2.0: the Escrow contract, a back end with a SQLite order book, and a front end. */
export const metaAggregatorSchema = about(
  z.strictObject({
    enabled: yesOrNo('Whether this stack runs it.'),
    network: nameOf('network', 'sepolia'),
    deployer: nameOf('signer', 'meta-aggregator-deployer'),
    region: regionName(),
    hosts: z.strictObject({
      web: host('Where people find the page.', 'metaaggregator.com'),
      api: host('Where clients reach the API.', 'api.metaaggregator.com'),
    }),
    escrow: about(
      escrow,
      'Who decides about deposits, set at construction; the arbiter must be nobody else.',
    ),
    frontend: about(
      z.strictObject({ replicas: count('pods', 3, 1), cpus, memoryGb }),
      'The Next.js front end.',
    ),
    backend: about(z.strictObject({ cpus, memoryGb }), 'The back end: one pod, since SQLite has one writer.'),
    orderBook: about(z.strictObject({ storageGb, backupDays }), 'The SQLite order book.'),
    secrets: about(
      z.strictObject({ zeroExApiKey: reference('API key of 0x.', '/meta-aggregator/prod/zero-ex/api-key') }),
      'Where the secrets of Meta Aggregator are kept.',
    ),
  }),
  'Meta Aggregator 2.0: Escrow contract, order book, API and page.',
);
