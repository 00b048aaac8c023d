import { createHash } from 'node:crypto';

/** Who gets a feature. */
export interface Flag {
  /** Off is off for everyone. */
  readonly enabled: boolean;
  /** Percentage of users, from 0 to 100. */
  readonly rolloutPercent: number;
  /** The Parse role whose users have it in any case, beside those whose account says `betaTester`. */
  readonly betaGroup: string;
}

export type Flags = Readonly<Record<string, Flag>>;

const GRADUAL = { enabled: true, rolloutPercent: 25, betaGroup: 'beta-testers' } as const;
const OFF = { ...GRADUAL, enabled: false } as const;

/** What each environment has when nothing else is said. */
export const defaultFlags = {
  dev: { marketplace: GRADUAL, carbonCredits: GRADUAL },
  staging: { marketplace: GRADUAL, carbonCredits: OFF },
  prod: { marketplace: OFF, carbonCredits: OFF },
} as const satisfies Record<string, Flags>;

/** A user as the flags see one. */
export interface FlagUser {
  readonly id: string;
  readonly betaTester: boolean;
  /** The names of the roles that the user is in. */
  readonly groups: readonly string[];
}

/** Whether a user has a feature. Nobody signed in has none that is still being rolled out. */
export function hasFeature(flags: Flags, feature: string, user: FlagUser | undefined): boolean {
  const flag = Object.hasOwn(flags, feature) ? flags[feature] : undefined;
  if (flag === undefined || !flag.enabled) return false;
  if (flag.rolloutPercent >= 100) return true;
  if (user === undefined) return false;
  const inBeta = user.betaTester || user.groups.includes(flag.betaGroup);
  return inBeta || percentile(feature, user.id) < flag.rolloutPercent;
}

/**
 * A number from 0 to 99 for a user, always the same for a feature and different from feature to feature, so that the
 * same unlucky few are not the first to meet everything.
 */
export function percentile(feature: string, userId: string): number {
  return createHash('sha256').update(`${feature}:${userId}`).digest().readUInt32BE(0) % 100;
}

/** The flags in a parsed JSON text. What a flag leaves out is as in dev: on, for 25 percent. Throws with what is wrong. */
export function parseFlags(given: unknown): Flags {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new Error('it is not an object of flags');
  }
  return Object.fromEntries(Object.entries(given).map(([name, flag]) => [name, parseFlag(name, flag)]));
}

function parseFlag(name: string, given: unknown): Flag {
  if (typeof given === 'boolean') return { ...GRADUAL, enabled: given };
  const flag = { ...GRADUAL, ...(given as Partial<Flag> | null) };
  const unknown = Object.keys(flag).filter((key) => !(key in GRADUAL));
  if (unknown.length > 0) throw new Error(`${name} has ${unknown.join(', ')}, which no flag has`);
  const { enabled, rolloutPercent, betaGroup } = flag as Record<keyof Flag, unknown>;
  if (typeof enabled !== 'boolean') throw new Error(`${name}.enabled is neither true nor false`);
  if (!(typeof rolloutPercent === 'number' && rolloutPercent >= 0 && rolloutPercent <= 100)) {
    throw new Error(`${name}.rolloutPercent is no percentage`);
  }
  if (typeof betaGroup !== 'string') throw new Error(`${name}.betaGroup is no name of a role`);
  return { enabled, rolloutPercent, betaGroup };
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
