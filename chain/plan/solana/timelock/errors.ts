import description from './interface.json' with { type: 'json' };

/** What the time lock program refuses, by name. */
export type TimelockRefusal = keyof typeof description.errors;

const numbers = Object.entries(description.errors).map(
  ([name, [code, words]]) => [name as TimelockRefusal, code as number, words as string] as const,
);

/** What the program's own error numbers mean, for whoever decodes a failed transaction. */
export const timelockErrors: ReadonlyMap<number, string> = new Map(
  numbers.map(([, code, words]) => [code, words]),
);

/** The name of a refusal by its number; undefined for a number that the program does not have. */
export function timelockRefusal(code: number): TimelockRefusal | undefined {
  return numbers.find(([, number]) => number === code)?.[0];
}
