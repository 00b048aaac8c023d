import type { ConfigDraft } from './draft.ts';
import type { Problem } from './problems.ts';
import type { Path } from './show.ts';

/** A rule that looks at more than one value of a stack file. It sees only what is right by itself. */
export type Check = (config: ConfigDraft) => readonly Problem[];

/** A problem, with an example where one helps. */
export function problem(path: Path, wrong: string, example?: string): Problem {
  return { path, wrong, ...(example === undefined ? {} : { example }) };
}

/** The entries of a block that are there. */
export function entries<T>(block: { readonly [key: string]: T | undefined } | undefined): [string, T][] {
  return Object.entries(block ?? {}).filter((entry): entry is [string, T] => entry[1] !== undefined);
}

/** The items of a list that are there, each with its place. */
export function items<T>(list: readonly (T | undefined)[] | undefined): [number, T][] {
  return [...(list ?? []).entries()].filter((entry): entry is [number, T] => entry[1] !== undefined);
}

/** Tells of every value that was there before, with where it was first. */
export function repeated<T>(
  values: readonly (readonly [path: Path, value: T])[],
): { path: Path; value: T; first: Path }[] {
  const seen = new Map<T, Path>();
  return values.flatMap(([path, value]) => {
    const first = seen.get(value);
    if (first === undefined) seen.set(value, path);
    return first === undefined ? [] : [{ path, value, first }];
  });
}
