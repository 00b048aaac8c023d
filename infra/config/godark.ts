import { z } from 'zod';
import { about, nameOf, oneOf, whole, yesOrNo } from './fields.ts';
import { godarkProgramsSchema } from './godark-programs.ts';
import { reference } from './reference.ts';
import { regionName, role } from './regions.ts';
import { count, cpus, memoryGb, storageGb } from './sizes.ts';

// One works, the others wait to take over: two at work would match or settle twice.
const activeAndStandby = (of: string) =>
  about(
    z.strictObject({
      active: whole(0, 1, 'How many work: one in the primary region, none elsewhere.', 1),
      standby: count('wait to take over', 2),
    }),
    of,
  );

const region = z.strictObject({
  region: regionName(),
  role,
  api: count('API servers', 3, 1),
  matchingEngine: activeAndStandby('The matching engine.'),
  settlementRelayer: activeAndStandby('The settlement relayer.'),
  postgres: about(
    z.strictObject({
      primary: whole(0, 1, 'How many take writes: one in the primary region, none elsewhere.', 1),
      replicas: count('read replicas', 2),
    }),
    'PostgreSQL.',
  ),
  cacheNodes: count('nodes of the cache', 6),
  solanaRpcNodes: count('Solana RPC nodes of our own', 2),
});

const dollars = (description: string, example: number) => whole(1, 1_000_000_000, description, example);
const phase = (users: number, tvlUsd: number) =>
  z.strictObject({
    users: whole(1, 1_000_000, 'Users who may trade.', users),
    tvlUsd: dollars('Most that may be locked in all, in US dollars.', tvlUsd),
  });

const beta = z.strictObject({
  phase: oneOf(['internal', 'limited', 'expanded', 'launched'], 'Which limits hold now; launched lifts all.'),
  internal: phase(10, 10_000),
  limited: phase(25, 25_000),
  expanded: phase(50, 50_000),
  usersInAll: whole(1, 1_000_000, 'Testers over all groups.', 65),
  maxDepositUsd: dollars('Most that one user may deposit, in US dollars.', 1000),
  maxPositionUsd: dollars('Largest position, in US dollars.', 500),
  maxLeverage: whole(1, 1000, 'Highest leverage.', 20),
});

const backups = z.strictObject({
  postgresHours: whole(1, 168, 'Hours from one backup of PostgreSQL to the next.', 6),
  cacheHours: whole(1, 168, 'Hours from one backup of the cache to the next.', 1),
  hotDays: whole(1, 35, 'Days that a backup can be restored at once.', 7),
  warmDays: whole(1, 365, 'Days until it moves to cold storage.', 30),
  coldYears: whole(0, 100, 'Years in cold storage; 0 deletes it instead.', 7),
});

const release = z.strictObject({
  trafficPercent: about(
    z.array(z.int().min(1).max(100)).min(1),
    'Share of traffic that a new version gets, step by step; the last is 100.',
    [10, 50, 100],
  ),
  stepMinutes: whole(0, 1440, 'How long each step is watched before the next.', 15),
});

const secrets = z.strictObject({
  jwtSecret: reference('Signs session tokens.', '/godark/prod/jwt/secret'),
  apiKeySalt: reference('Salt of stored API keys.', '/godark/prod/api/key-salt'),
  encryptionKey: reference('Encrypts personal data at rest.', '/godark/prod/database/encryption-key'),
  sentryDsn: reference('Where errors are reported.', '/godark/prod/sentry/dsn'),
});

/** GoDark: Solana programs, a matching engine and a settlement relayer over two regions. */
export const godarkSchema = about(
  z.strictObject({
    enabled: yesOrNo('Whether this stack runs it.'),
    network: nameOf('network', 'solana-mainnet'),
    deployer: nameOf('signer', 'godark-deployer'),
    upgradeDelayHours: whole(
      0,
      720,
      'Hours between the proposal of a program upgrade and its execution.',
      48,
    ),
    programs: godarkProgramsSchema.optional(),
    regions: about(z.array(region).min(1), 'Where it runs and how many of each part, the primary first.'),
    server: about(z.strictObject({ cpus, memoryGb }), 'Each API server, engine and relayer.'),
    postgres: about(z.strictObject({ cpus, memoryGb, storageGb }), 'Each PostgreSQL instance.'),
    cache: about(z.strictObject({ memoryGb }), 'Each node of the cache.'),
    backups: about(backups, 'Backups and how long they are kept.'),
    release: about(release, 'How a new version takes over.'),
    rateLimitPerMinute: whole(1, 100_000, 'Requests that one client may make in a minute.', 60),
    beta: about(beta, 'Limits of the closed beta, by phase.'),
    secrets: about(secrets, 'Where the secrets of GoDark are kept.'),
  }),
  'GoDark: Solana programs, matching engine and settlement relayer.',
);
