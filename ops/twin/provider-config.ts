import { CutoverError } from '@cutover/base/errors.ts';
import { checkFacts, type Failure } from './check-facts.ts';
import type { TypeFacts } from './facts.ts';
import { bare, isMap, isSecret, open, secret, type Held, type HeldMap } from './held.ts';
import type { Place, Value, Values } from './kind.ts';

/** Stands in the inputs of a provider that the twin plays, so that the state tells who made it. */
export const twinMark = 'cutoverTwin';

/** A provider as its program configured it. */
export interface ProviderConfig {
  readonly place: Place;
  readonly defaultTags: Readonly<Record<string, string>>;
}

// Put there by the engine, for itself.
const ofEngine = new Set(['version', 'pluginDownloadURL', '__internal', twinMark]);

/**
 * The arguments of a provider. Values that are no text come as JSON in text, for historical reasons; secrets stay
 * secret.
 */
export function readConfig(
  given: HeldMap,
  facts: TypeFacts | undefined,
  hold: (json: unknown) => Held,
): HeldMap {
  const entries = Object.entries(given)
    .filter(([name]) => !ofEngine.has(name))
    .map(([name, value]) => [name, readArgument(value, facts?.inputs[name]?.type, hold)] as const);
  return Object.fromEntries(entries);
}

function readArgument(held: Held, type: string | undefined, hold: (json: unknown) => Held): Held {
  const value = bare(held);
  if (typeof value !== 'string' || type === undefined || type === 'string') return held;
  try {
    const parsed = hold(JSON.parse(value));
    return isSecret(held) ? secret(parsed) : parsed;
  } catch {
    return held;
  }
}

/** What is wrong with a provider's arguments. Those of providers without facts are not judged. */
export function checkConfig(config: HeldMap, facts: TypeFacts | undefined): readonly Failure[] {
  return facts === undefined ? [] : checkFacts(config, facts.inputs);
}

/**
 * Where a provider works. `regional` providers need a region; the account is the one that the twin plays, or that of a
 * role which the provider assumes. Throws what the real provider would refuse.
 */
export function configured(
  name: string,
  regional: boolean,
  config: HeldMap,
  account: string,
  env: NodeJS.ProcessEnv,
): ProviderConfig {
  const { values } = open(config);
  const region = regional ? regionOf(name, values, env) : 'global';
  const assumed = assumedAccount(values) ?? account;
  const allowed = texts(values['allowedAccountIds']);
  const forbidden = texts(values['forbiddenAccountIds']);
  if ((allowed.length > 0 && !allowed.includes(assumed)) || forbidden.includes(assumed)) {
    throw new CutoverError('CUT-5322', {
      account: assumed,
      allowed: allowed.join(', ') || 'all',
      forbidden: forbidden.join(', ') || 'none',
    });
  }
  return { place: { account: assumed, region }, defaultTags: defaultTagsOf(config) };
}

function regionOf(name: string, values: Values, env: NodeJS.ProcessEnv): string {
  const region = values['region'] ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  if (typeof region !== 'string' || region === '') throw new CutoverError('CUT-5320', { name });
  if (!/^[a-z]{2,3}(-[a-z]+)+-\d$/.test(region)) throw new CutoverError('CUT-5321', { region });
  return region;
}

function assumedAccount({ assumeRoles }: Values): string | undefined {
  const last = Array.isArray(assumeRoles) ? (assumeRoles.at(-1) as Value | undefined) : undefined;
  const roleArn = typeof last === 'object' && last !== null ? (last as Values)['roleArn'] : undefined;
  return typeof roleArn === 'string' ? /^arn:[\w-]+:iam::(\d{12}):role\//.exec(roleArn)?.[1] : undefined;
}

function defaultTagsOf({ defaultTags }: HeldMap): Readonly<Record<string, string>> {
  const block = defaultTags === undefined ? undefined : bare(defaultTags);
  const tags = isMap(block) && block['tags'] !== undefined ? bare(block['tags']) : undefined;
  if (!isMap(tags)) return {};
  const texts = Object.entries(tags).map(([key, value]) => [key, bare(value)] as const);
  // A tag that is not known yet has no value to give.
  return Object.fromEntries(texts.filter((each): each is [string, string] => typeof each[1] === 'string'));
}

function texts(value: Value | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
