import { createHash } from 'node:crypto';

/** Who gets a feature. */
export interface Flag {
  /** Off is off for everyone. */
  readonly enabled: boolean;
  /** Percentage of users, from 0 to 100; the beta group has it in any case. */
  readonly rollout: number;
  /** Ids of users in the beta group, beside those whose account says `betaTester`. */
  readonly beta: readonly string[];
}

export type Flags = Readonly<Record<string, Flag>>;

const GRADUAL = { enabled: true, rollout: 25, beta: [] } as const;
const OFF = { enabled: false, rollout: 25, beta: [] } as const;

/** What each environment has when nothing else is said. */
export const defaultFlags = {
  dev: { newMarketplace: GRADUAL, carbonCredits: GRADUAL },
  staging: { newMarketplace: GRADUAL, carbonCredits: OFF },
  prod: { newMarketplace: OFF, carbonCredits: OFF },
} as const satisfies Record<string, Flags>;

/** A user as the flags see one. */
export interface FlagUser {
  readonly id: string;
  readonly betaTester: boolean;
}

/** Whether a user has a feature. Nobody signed in has none that is still being rolled out. */
export function hasFeature(flags: Flags, feature: string, user: FlagUser | undefined): boolean {
  const flag = Object.hasOwn(flags, feature) ? flags[feature] : undefined;
  if (flag === undefined || !flag.enabled) return false;
  if (flag.rollout >= 100) return true;
  if (user === undefined) return false;
  return user.betaTester || flag.beta.includes(user.id) || percentile(feature, user.id) < flag.rollout;
}

/**
 * A number from 0 to 99 for a user, always the same for a feature and different from feature to feature, so that the
 * same unlucky few are not the first to meet everything.
 */
export function percentile(feature: string, userId: string): number {
  return createHash('sha256').update(`${feature}:${userId}`).digest().readUInt32BE(0) % 100;
}

/** The flags in a parsed JSON text. What a flag leaves out is: enabled, for 25 percent. Throws with what is wrong. */
export function parseFlags(given: unknown): Flags {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new Error('it is not an object of flags');
  }
  return Object.fromEntries(Object.entries(given).map(([name, flag]) => [name, parseFlag(name, flag)]));
}

function parseFlag(name: string, given: unknown): Flag {
  if (typeof given === 'boolean') return { ...GRADUAL, enabled: given };
  const { enabled = true, rollout = 25, beta = [], ...rest } = (given ?? {}) as Partial<Flag>;
  const unknown = Object.keys(rest);
  if (unknown.length > 0) throw new Error(`${name} has ${unknown.join(', ')}, which no flag has`);
  if (typeof enabled !== 'boolean') throw new Error(`${name}.enabled is neither true nor false`);
  if (!(typeof rollout === 'number' && rollout >= 0 && rollout <= 100)) {
    throw new Error(`${name}.rollout is no percentage`);
  }
  if (!Array.isArray(beta) || !beta.every((id) => typeof id === 'string')) {
    throw new Error(`${name}.beta is no list of user ids`);
  }
  return { enabled, rollout, beta: beta };
}

/** What `getFeatures` answers to a client of version 2 or later: the features that this user has. */
export function featureList(flags: Flags, user: FlagUser | undefined): Readonly<Record<string, boolean>> {
  return Object.fromEntries(Object.keys(flags).map((name) => [name, hasFeature(flags, name, user)]));
}

/** What `getFeatures` answers to clients before version 2, which know names only. */
export function legacyFeatureList(flags: Flags, user: FlagUser | undefined): readonly string[] {
  return Object.keys(flags).filter((name) => hasFeature(flags, name, user));
}

/** Whether a client is of a version before 2. One that does not say is taken for a new one. */
export function isLegacyClient(clientVersion: unknown): boolean {
  if (typeof clientVersion !== 'string') return false;
  const major = /^v?(\d+)(\.|$)/.exec(clientVersion)?.[1];
  return major !== undefined && Number(major) < 2;
}
