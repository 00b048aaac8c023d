/** What may break a policy for a while, as the stack's file says. */
export interface PolicyException {
  /** The id of the policy. */
  readonly policy: string;
  /** The name of the resource, or its URN with * for any letters. */
  readonly resource: string;
  /** Why it may. */
  readonly reason: string;
  /** The last day on which it may: 2026-12-31. */
  readonly until: string;
}

/** The exception that excuses a resource from a policy; one that is past excuses nothing. `today` is a day as in `until`. */
export function exceptionFor(
  exceptions: readonly PolicyException[],
  policy: string,
  { name, urn }: { readonly name: string; readonly urn: string },
  today: string,
): PolicyException | undefined {
  return exceptions.find(
    (each) =>
      each.policy === policy &&
      each.until >= today &&
      (each.resource === name || matches(each.resource, urn)),
  );
}

/** One line about an exception, for whoever reads a plan. */
export function exceptionLine({ policy, resource, reason, until }: PolicyException): string {
  return `${policy} does not hold for ${resource} until ${until}: ${reason}`;
}

/** One line about an exception that nothing needs. */
export function unusedLine({ policy, resource }: PolicyException): string {
  return `the exception from ${policy} for ${resource} excuses nothing; take it out of the stack's file`;
}

/** A day as exceptions have it. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

// Pieces between stars, in order: no pattern of a user becomes a regular expression.
function matches(pattern: string, urn: string): boolean {
  if (!pattern.startsWith('urn:')) return false;
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return urn === pattern;
  const last = rest.pop() ?? '';
  if (!urn.startsWith(first) || !urn.endsWith(last)) return false;
  let place = first.length;
  for (const piece of rest) {
    const found = urn.indexOf(piece, place);
    if (found < 0) return false;
    place = found + piece.length;
  }
  return place <= urn.length - last.length;
}
