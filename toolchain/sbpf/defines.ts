/**
 * The numbers that an interface file names, as the C source knows them: `errors.notAMember` becomes ERROR_NOT_A_MEMBER.
 * So they are listed once, and both sides read the same list.
 */
export function definesOf(description: unknown): Record<string, number> {
  const defines: Record<string, number> = {};
  for (const [group, entries] of entriesOf(description)) {
    for (const [name, value] of entriesOf(entries)) {
      const number = numberIn(value);
      if (number !== undefined) defines[`${upper(group).replace(/S$/, '')}_${upper(name)}`] = number;
    }
  }
  return defines;
}

// A number, the first of a list, or the `tag` of an entry that says more.
function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return numberIn(value[0]);
  return entriesOf(value)
    .filter(([name]) => name === 'tag')
    .map(([, tag]) => numberIn(tag))[0];
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function upper(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])(?=[A-Z][a-z])/g, '$1_')
    .toUpperCase();
}
