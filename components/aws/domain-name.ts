const label = '[a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?';
const domainPattern = new RegExp(`^(\\*\\.)?(${label}\\.)+[a-z]{2,63}$`);

/** What is wrong with a domain's name; a wildcard is `*.` and the rest. */
export function domainProblem(argument: string, name: string): string | undefined {
  return domainPattern.test(name) && name.length <= 253
    ? undefined
    : `${argument}: "${name}" is no domain; write it in small letters, as api.coinestate.io`;
}

/** Whether a name lies in a zone, or is the zone's own. */
export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/**
 * The names whose control proves a certificate: a wildcard and what it stands under share one record, and a second
 * one of the same name would be refused.
 */
export function validationNames(names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => name.replace(/^\*\./, '')))];
}
