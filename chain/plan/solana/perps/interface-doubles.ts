/** Says what is wrong in an interface file, and where. */
export type Complain = (where: string, what: string) => void;

/** Whoever begins alike cannot be told apart: a call would be another one, an account of another kind. */
export function sameBeginnings(
  shapes: ReadonlyMap<string, { readonly tag: Uint8Array }>,
  where: string,
  complain: Complain,
): void {
  const names = [...shapes.keys()];
  const tags = [...shapes.values()].map(({ tag }) => Buffer.from(tag).toString('hex'));
  const isAlike = (one: string, two: string): boolean => one.startsWith(two) || two.startsWith(one);
  for (const [at, tag] of tags.entries()) {
    // One that could not be read has been complained about.
    const other = tags.findIndex(
      (each, index) => index < at && each !== '' && tag !== '' && isAlike(each, tag),
    );
    if (other >= 0) complain(`${where}.${names[at]}`, `begins as ${names[other]} does`);
  }
}

/** One number for two names would be read as the first of them. */
export function sameNumbers(numbers: ReadonlyMap<string, number>, where: string, complain: Complain): void {
  const names = new Map<number, string>();
  for (const [name, number] of numbers) {
    const other = names.get(number);
    if (other !== undefined) complain(`${where}.${name}`, `is ${number}, as ${other} is`);
    names.set(number, name);
  }
}
