import { CutoverError } from '@cutover/base/errors.ts';
import { nearest } from '../infra/config/nearest.ts';

/** What belongs to a system that is named on the command line; a name that is not known is refused with the nearest. */
export function keyOf<Key>(
  keys: Readonly<Record<string, Key>>,
  system: string,
  refusal: 'CUT-5112' | 'CUT-5114' | 'CUT-5583',
): Key {
  const key = Object.hasOwn(keys, system) ? keys[system] : undefined;
  if (key !== undefined) return key;
  const known = Object.keys(keys);
  const near = nearest(system, known);
  const fix = near === undefined ? 'Name one of these.' : `Did you mean ${near}?`;
  throw new CutoverError(refusal, { system, known: known.join(', '), fix });
}
