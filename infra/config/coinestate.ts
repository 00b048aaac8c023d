import { z } from 'zod';
import { accountName } from './authorities.ts';
import { about, amount, host, nameOf, oneOf, text, whole, yesOrNo } from './fields.ts';
import { reference } from './reference.ts';
import { regionName, role } from './regions.ts';
import { backupDays, between, cpus, memoryGb, storageGb } from './sizes.ts';

const region = z.strictObject({
  region: regionName(),
  role,
  failover: oneOf(['automatic', 'manual'], 'Whether traffic moves by itself or after an approval.', 'manual'),
  host: host("The region's own host, which health checks ask.", 'eu-api.coinestate.io'),
  tasks: about(between('tasks'), 'Containers of the API, by load.'),
});

const token = z.strictObject({
  name: text(
    /^[^\u0000-\u001f\u007f]{1,60}$/,
    'a name of at most 60 letters',
    'Name of the token.',
    'CoinEstate Property',
  ),
  symbol: text(/^[A-Z0-9]{1,11}$/, '1 to 11 capitals and digits', 'Its symbol.', 'CEP'),
  shares: whole(1, 1_000_000_000, 'Most tokens that there will ever be.', 10_000),
  accounts: about(
    z.strictObject({
      admin: accountName('coinestate-timelock'),
      minter: accountName('coinestate-minter'),
      identity: accountName('coinestate-identity'),
      pauser: accountName('coinestate-pauser'),
      recoverer: accountName('coinestate-safe'),
      royalties: accountName('coinestate-safe'),
    }),
    'Who has which role, and who receives royalties.',
  ),
  paused: yesOrNo('Whether the token is to stand still; ./cutover pause and resume write it.'),
  royaltyPercent: amount(0, 10, 'Share of a resale that goes to `royalties`.', 2),
  adminDelayHours: whole(0, 720, 'Hours between the two steps of handing the admin role on.', 48),
  // The contract refuses what lies outside these bounds.
  recoveryDelayHours: whole(24, 2160, 'Hours in which a holder may object to a recovery.', 72),
});

const database = z.strictObject({
  zones: whole(1, 3, 'Zones with a copy of the database; 1 has no standby.', 2),
  cpus,
  memoryGb,
  storageGb,
  backupDays,
});

const waf = z.strictObject({
  botScoreBelow: whole(1, 99, 'Requests with a lower bot score are blocked.', 30),
  requestsPerMinute: whole(1, 100_000, 'Requests to /api/* that one address may make in a minute.', 100),
});

const rollback = z.strictObject({
  errorPercent: amount(0.1, 100, 'Failed requests above this share …', 5),
  errorMinutes: whole(1, 60, '… for so many minutes.', 5),
  latencyPercent: whole(101, 10_000, 'Latency above this share of what it was …', 200),
  latencyMinutes: whole(1, 120, '… for so many minutes.', 10),
  failedChecks: whole(1, 100, 'More failed health checks in a row than this.', 3),
  wafBlocksPerMinute: whole(1, 1_000_000, 'More requests blocked in a minute than this.', 1000),
});

const release = z.strictObject({
  bakeMinutes: whole(0, 1440, 'How long the old version stays after the switch.', 60),
  rollback: about(rollback, 'What takes a release back by itself.'),
});

const secrets = z.strictObject({
  databaseUrl: reference('URL of the database, with its password.', '/coinestate/prod/database/url'),
  jwtSecret: reference('Signs session tokens.', '/coinestate/prod/jwt/secret'),
  kycProviderApiKey: reference('API key of the KYC provider.', '/coinestate/prod/kyc-provider/api-key'),
});

/** CoinEstate: an API over three regions, with a front end of two hosts. */
export const coinestateSchema = about(
  z.strictObject({
    enabled: yesOrNo('Whether this stack runs it.'),
    network: nameOf('network', 'ethereum'),
    deployer: nameOf('signer', 'coinestate-deployer'),
    token: about(token, 'The property token.'),
    hosts: z.strictObject({
      web: host('Where people find the page.', 'app.coinestate.io'),
      api: host('Where clients reach the API, in whichever region.', 'api.coinestate.io'),
      status: host('The status page.', 'status.coinestate.io'),
    }),
    regions: about(z.array(region).min(1), 'Where it runs, the primary first.'),
    task: about(z.strictObject({ cpus, memoryGb }), 'Each container of the API.'),
    image: text(
      /^sha256:[0-9a-f]{64}$/,
      'the digest of an image, sha256: and 64 hexadecimal digits',
      "The API's image in this stack's repository. Left out: the stack ends before the API, and says where to push one.",
      `sha256:${'0'.repeat(64)}`,
    ).optional(),
    database: about(database, 'PostgreSQL.'),
    waf: about(waf, "What Cloudflare's firewall blocks."),
    release: about(release, 'How a new version takes over and what takes it back.'),
    secrets: about(secrets, 'Where the secrets of CoinEstate are kept.'),
  }),
  'CoinEstate: an API over three regions and a front end with a standby.',
);
