/** Whether a text fits a pattern of IAM: `*` stands for any letters, `?` for one. */
export function fits(pattern: string, text: string): boolean {
  return expressionOf(pattern, '').test(text);
}

/** The same without regard to case, as actions and condition keys are compared. */
export function fitsInAnyCase(pattern: string, text: string): boolean {
  return expressionOf(pattern, 'i').test(text);
}

/** Whether a pattern of ARNs fits: `*` stays within its part, but for the last. */
export function fitsArn(pattern: string, arn: string): boolean {
  const [wanted, given] = [partsOf(pattern), partsOf(arn)];
  return wanted.length === given.length && wanted.every((part, index) => fits(part, given[index] ?? ''));
}

function partsOf(arn: string): readonly string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function expressionOf(pattern: string, flags: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, `s${flags}`);
}

/** A known name that is one letter away from an unknown one: most likely a slip. */
export function slipOf(name: string, known: readonly string[]): string | undefined {
  return known.includes(name) ? undefined : known.find((each) => isOneLetterAway(name, each));
}

function isOneLetterAway(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1) return false;
  const first = [...long].findIndex((letter, index) => letter !== short[index]);
  const rest = long.length === short.length ? short.slice(first + 1) : short.slice(first);
  return long.slice(first + 1) === rest;
}
