/** Gemforce's cloud code: the functions and triggers that its documents name. Parse Server loads it at its start. */
import { readSettings } from '@cutover/service-kit/environment.ts';
import type ParseSdk from 'parse/node';
import { readCloudConfig, type Blockchain } from './config.ts';
import { featureList, hasFeature, isLegacyClient, legacyFeatureList, type FlagUser } from './flags.ts';

/** Parse Server puts its own, signed-in Parse SDK here before it loads cloud code. */
declare const Parse: typeof ParseSdk;

const { flags, blockchains } = readSettings(process.env, readCloudConfig).values;

Parse.Cloud.define('loadAllBlockchains', async () => {
  const stored = await new Parse.Query('Blockchain').limit(1000).find({ useMasterKey: true });
  const known = new Map(blockchains.map((chain) => [chain.chainId, chain]));
  for (const row of stored) {
    const chainId = Number(row.get('chainId'));
    known.set(chainId, {
      chainId,
      name: String(row.get('name') ?? known.get(chainId)?.name ?? chainId),
      testnet: row.get('testnet') !== false,
      contracts: (row.get('contracts') ?? known.get(chainId)?.contracts ?? {}) as Blockchain['contracts'],
    });
  }
  return [...known.values()].sort((a, b) => a.chainId - b.chainId);
});

Parse.Cloud.define('getFeatures', async ({ params, user }) => {
  const list = isLegacyClient(params['clientVersion']) ? legacyFeatureList : featureList;
  return list(flags, await flagUser(user));
});

Parse.Cloud.define('checkFeatureAccess', async ({ params, user, master }) => {
  const { feature, userId } = params as { feature?: unknown; userId?: unknown };
  if (typeof feature !== 'string' || feature === '') {
    throw new Parse.Error(Parse.Error.VALIDATION_ERROR, 'feature is missing: {"feature": "marketplace"}');
  }
  if (typeof userId !== 'string' || userId === user?.id) {
    return { hasAccess: hasFeature(flags, feature, await flagUser(user)) };
  }
  // What someone else has is theirs to know, and the master key's.
  if (!master) throw new Parse.Error(Parse.Error.OPERATION_FORBIDDEN, 'userId is not the user who asks');
  const other = await new Parse.Query(Parse.User).get(userId, { useMasterKey: true });
  return { hasAccess: hasFeature(flags, feature, await flagUser(other)) };
});

Parse.Cloud.beforeSave(Parse.User, ({ object, original, master }) => {
  // Users may write their own account; who tests betas is not for them to say.
  if (!master && object.get('betaTester') !== original?.get('betaTester')) {
    throw new Parse.Error(Parse.Error.OPERATION_FORBIDDEN, 'betaTester is set by operators only');
  }
});

// By Parse's own default everyone may write: make a role, and so be in the beta group; or change what
// `loadAllBlockchains` hands out, and so lead every client to another contract.
for (const kept of [Parse.Role, 'Blockchain'] as const) {
  const operatorsOnly = ({ master }: { readonly master?: boolean }) => {
    if (master === true) return;
    throw new Parse.Error(Parse.Error.OPERATION_FORBIDDEN, 'only operators may change this');
  };
  Parse.Cloud.beforeSave(kept, operatorsOnly);
  Parse.Cloud.beforeDelete(kept, operatorsOnly);
}

async function flagUser(user: ParseSdk.User | undefined): Promise<FlagUser | undefined> {
  if (user?.id === undefined) return undefined;
  const roles = await new Parse.Query(Parse.Role).equalTo('users', user).find({ useMasterKey: true });
  return {
    id: user.id,
    betaTester: user.get('betaTester') === true,
    groups: roles.map((role) => role.getName() ?? ''),
  };
}
