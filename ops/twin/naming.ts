import { createHash, randomBytes } from 'node:crypto';
import type { Kind } from './kind.ts';

/** How many digits Pulumi's providers put behind a name that they make up. */
const digits = 7;

/**
 * The name that the provider makes up where the program gives none: the resource's name, a hyphen and seven digits. The
 * engine's seed makes it the same in preview and update.
 */
export function makeName(naming: NonNullable<Kind['naming']>, resource: string, seed: Uint8Array): string {
  const source = seed.length === 0 ? randomBytes(32) : seed;
  const suffix = createHash('sha256').update(source).update(naming.property).digest('hex').slice(0, digits);
  const { prefix = '' } = naming;
  const room = naming.maxLength - prefix.length - digits - 1;
  const name = `${prefix}${resource.slice(0, Math.max(0, room))}-${suffix}`;
  return naming.lowercase === true ? name.toLowerCase() : name;
}
