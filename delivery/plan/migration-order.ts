import type { DatabaseKind } from './migration.ts';

/**
 * The order in which the tool of each kind runs its files: node-pg-migrate by the number in front (17 digits are a UTC
 * date), then by name; migrate-mongo by the plain order of characters. SQLite follows node-pg-migrate.
 */
export function compareFileNames(kind: DatabaseKind): (left: string, right: string) => number {
  return kind === 'mongo' ? byCharacters : byNumberInFront;
}

/** The number that a file's name starts with; undefined when there is none. */
export function numberInFront(name: string): number | undefined {
  const digits = /^\d+/.exec(name)?.[0];
  if (digits === undefined) return undefined;
  if (digits.length !== 17) return Number(digits);
  const [, year, month, day, hour, minute, second, fraction] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})$/.exec(digits) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}Z`);
}

function byCharacters(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

// node-pg-migrate asks for the order of the machine's own language; a fixed one is the same on every machine.
const collator = new Intl.Collator('en', {
  usage: 'sort',
  numeric: true,
  sensitivity: 'variant',
  ignorePunctuation: true,
});

function byNumberInFront(left: string, right: string): number {
  const difference = (numberInFront(left) ?? Infinity) - (numberInFront(right) ?? Infinity);
  return difference || collator.compare(left, right) || byCharacters(left, right);
}
