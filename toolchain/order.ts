/**
 * Does work for each name, side by side, each after those that it waits for; those that are not in the list count as
 * done. Work hears how the ones before it ended.
 */
export function inOrder<Name extends string, Result>(
  names: readonly Name[],
  after: (name: Name) => readonly Name[],
  work: (name: Name, before: readonly Result[]) => Promise<Result>,
): Promise<Result[]> {
  const begun = new Map<Name, Promise<Result>>();
  const begin = (name: Name): Promise<Result> => {
    const there = begun.get(name);
    if (there !== undefined) return there;
    const before = after(name).filter((other) => names.includes(other));
    const result = Promise.all(before.map(begin)).then((results) => work(name, results));
    begun.set(name, result);
    return result;
  };
  return Promise.all(names.map(begin));
}
