import { z } from 'zod';
import { accountName } from './authorities.ts';
import { about, amount, host, nameOf, oneOf, text, whole, yesOrNo } from './fields.ts';
import { reference } from './reference.ts';
import { regionName } from './regions.ts';
import { backupDays, count, cpus, memoryGb, storageGb } from './sizes.ts';

const flag = (of: string) =>
  about(
    z.strictObject({
      enabled: yesOrNo('Off is off for everyone.'),
      rolloutPercent: whole(0, 100, 'Share of users who see it while it is on.', 25),
      betaGroup: text(
        /^[A-Za-z][\w-]*$/,
        'the name of a role',
        'Members of this role see it whatever their share.',
        'beta-testers',
      ),
    }),
    of,
  );

const server = z.strictObject({
  instances: count('servers', 2, 1),
  cpus,
  memoryGb,
  storageGb,
});

const parse = z.strictObject({
  appId: text(
    /^[A-Za-z][\w-]*$/,
    'letters, digits, hyphens and underscores',
    'Application id that clients send.',
    'gemforce_prod',
  ),
  maxUploadMb: whole(1, 1000, 'Largest file that a client may upload, in MB.', 20),
  writes: oneOf(
    ['allowed', 'refused'],
    'Refused is read-only mode: reads work, writes are answered with 503.',
  ),
});

const database = z.strictObject({ instances: count('database instances', 3, 1), cpus, memoryGb, backupDays });

const secrets = z.strictObject({
  masterKey: reference('Master key of Parse Server.', '/gemforce/prod/parse/master-key'),
  dfnsAppId: reference('Application id at DFNS.', '/gemforce/prod/dfns/app-id'),
  dfnsCredentialId: reference('Credential id at DFNS.', '/gemforce/prod/dfns/credential-id'),
  dfnsPrivateKey: reference('Private key that signs requests to DFNS.', '/gemforce/prod/dfns/private-key'),
  bridgeApiKey: reference('API key of Bridge.', '/gemforce/prod/bridge/api-key'),
  sendgridApiKey: reference('API key of SendGrid.', '/gemforce/prod/sendgrid/api-key'),
});

const diamond = z.strictObject({
  accounts: about(
    z.strictObject({
      owner: accountName('gemforce-timelock'),
      pauser: accountName('gemforce-pauser'),
      treasurer: accountName('gemforce-safe'),
    }),
    'Who may cut and resume the diamond, who may pause it at once, and who may take what the treasury holds.',
  ),
  paused: yesOrNo('Whether the diamond is to stand still; ./cutover pause and resume write it.'),
  marketplace: oneOf(
    ['v1', 'v2'],
    'The release of the marketplace facet that the diamond serves; the other one is the way back.',
  ),
  feePercent: amount(0, 10, 'Share of a sale that goes to the treasury; counts for new listings.', 2.5),
  adminDelayHours: whole(0, 720, 'Hours between the two steps of handing the admin role on.', 48),
});

/** Gemforce: a diamond and its Parse Server. */
export const gemforceSchema = about(
  z.strictObject({
    enabled: yesOrNo('Whether this stack runs it.'),
    network: nameOf('network', 'base-sepolia'),
    deployer: nameOf('signer', 'gemforce-deployer'),
    diamond: about(diamond, 'The diamond and its contracts.'),
    region: regionName(),
    hosts: z.strictObject({ api: host('Where clients reach Parse Server.', 'api.gemforce.com') }),
    server: about(server, 'Machines that run Parse Server.'),
    parse: about(parse, 'Parse Server.'),
    database: about(database, 'The MongoDB-compatible database.'),
    features: about(
      z.strictObject({ marketplace: flag('The new marketplace.'), carbonCredits: flag('Carbon credits.') }),
      'Feature flags.',
    ),
    dfnsUrl: text(/^https:\/\/\S+$/, 'an https:// URL', 'Where DFNS answers.', 'https://api.dfns.io'),
    secrets: about(secrets, 'Where the secrets of Gemforce are kept.'),
  }),
  'Gemforce: an EIP-2535 diamond, Parse Server and its database.',
);
