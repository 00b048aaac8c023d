import { createHash, randomBytes } from 'node:crypto';
import type { Failure } from './check-facts.ts';
import { bare, isSecret, type HeldMap } from './held.ts';
import type { Kind } from './kind.ts';

type Naming = NonNullable<Kind['naming']>;

/** How many digits Pulumi's providers put behind a name that they make up. */
const digits = 7;
/** How many characters the provider puts behind a prefix: 18 digits of time, 8 of a counter (id.PrefixedUniqueId). */
const uniqueLength = 26;

/** The argument that gives the beginning of a name in place of the name: `namePrefix`. */
export function prefixArgument({ property }: Naming): string {
  return `${property}Prefix`;
}

/**
 * The name that the provider makes up where the program gives none: the resource's name, a hyphen and seven digits; with
 * a prefix that the program gives, the prefix and 26 characters. The engine's seed makes it the same in preview and
 * update. Undefined where the prefix is not known yet.
 */
export function makeName(
  naming: Naming,
  resource: string,
  seed: Uint8Array,
  given: HeldMap,
): string | undefined {
  const source = seed.length === 0 ? randomBytes(32) : seed;
  const hex = createHash('sha256').update(source).update(naming.property).digest('hex');
  const argument = given[prefixArgument(naming)];
  if (argument !== undefined) {
    const begun = bare(argument);
    return typeof begun === 'string' ? `${begun}${uniquePart(hex)}` : undefined;
  }
  const { prefix = '' } = naming;
  const room = naming.maxLength - prefix.length - digits - 1;
  const name = `${prefix}${resource.slice(0, Math.max(0, room))}-${hex.slice(0, digits)}`;
  return naming.lowercase === true ? name.toLowerCase() : name;
}

/** What the provider says about a prefix: it excludes the name, and leaves room for what is put behind it. */
export function prefixProblems(naming: Naming, given: HeldMap): readonly Failure[] {
  const [property, argument] = [naming.property, prefixArgument(naming)];
  const held = given[argument];
  if (held === undefined) return [];
  if (given[property] !== undefined) {
    const reason = `Conflicting configuration arguments: "${argument}": conflicts with ${property}.`;
    return [{ property: argument, reason }];
  }
  const [prefix, longest] = [bare(held), naming.maxLength - uniqueLength];
  if (typeof prefix !== 'string' || prefix.length <= longest) return [];
  const reason = `expected length of ${argument} to be in the range (0 - ${longest}), got ${isSecret(held) ? '[secret]' : prefix}`;
  return [{ property: argument, reason }];
}

function uniquePart(hex: string): string {
  const time = (BigInt(`0x${hex.slice(0, 32)}`) % 10n ** 18n).toString().padStart(18, '0');
  return `${time}${hex.slice(32, 40)}`;
}
