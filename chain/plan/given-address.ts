import { CutoverError } from '@cutover/base/errors.ts';
import { addressOf } from './authority/authority.ts';

/** Refuses a resource whose addresses are none. What is known only during the update is no text yet and passes. */
export function checkAddresses(name: string, given: Readonly<Record<string, unknown>>): void {
  const wrong = Object.entries(given).filter(
    ([, value]) => typeof value === 'string' && addressOf(value) === undefined,
  );
  if (wrong.length === 0) return;
  const list = wrong
    .map(
      ([argument, value]) =>
        `${argument} is ${String(value)}; it must be an address, 20 bytes as hex with a checksum that fits`,
    )
    .join('; ');
  throw new CutoverError('CUT-2344', { name, list });
}
