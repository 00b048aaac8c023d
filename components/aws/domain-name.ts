import { domainToASCII } from 'node:url';

const label = '[a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?';
const domainPattern = new RegExp(`^(\\*\\.)?(${label}\\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$`);

/** What is wrong with a domain's name; a wildcard is `*.` and the rest. */
export function domainProblem(argument: string, name: string): string | undefined {
  if (domainPattern.test(name) && name.length <= 253) return undefined;
  const plain = domainToASCII(name);
  const example = /[^\x00-\x7f]/.test(name) && plain !== '' ? plain : 'api.coinestate.io';
  return `${argument}: "${name}" is no domain; write it in small letters, as ${example}`;
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
