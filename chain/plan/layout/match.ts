import { isGap, stretchOf, type StorageLayout, type StorageVariable } from './layout.ts';

/** A variable of the old layout and the one of the new that it has become. */
export interface Match {
  readonly how: 'kept' | 'moved' | 'same place' | 'gap';
  readonly old: StorageVariable;
  readonly next: StorageVariable;
}

export interface Matched {
  readonly matches: readonly Match[];
  readonly removed: readonly StorageVariable[];
  readonly added: readonly StorageVariable[];
}

/** A list of variables, and the layout whose table their types are in. */
export interface Variables {
  readonly layout: StorageLayout;
  readonly variables: readonly StorageVariable[];
}

type Test = (old: StorageVariable, next: StorageVariable) => boolean;

/**
 * Pairs variables: first those with the same name at the same place, then by name, then by place. Gaps hold nothing
 * and are paired among themselves, by their ends, which a gap that is used up properly keeps.
 */
export function matchVariables(old: Variables, next: Variables): Matched {
  const matches: Match[] = [];
  const pair = (
    how: Match['how'],
    olds: readonly StorageVariable[],
    nexts: readonly StorageVariable[],
    test: Test,
  ): readonly [readonly StorageVariable[], readonly StorageVariable[]] => {
    const free = new Set(nexts);
    const left = olds.filter((each) => {
      const found = [...free].find((candidate) => test(each, candidate));
      if (found === undefined) return true;
      free.delete(found);
      matches.push({ how, old: each, next: found });
      return false;
    });
    return [left, [...free]];
  };

  const samePlace: Test = (a, b) => a.slot === b.slot && a.offset === b.offset;
  const sameName: Test = (a, b) => a.label === b.label;
  const sameBase: Test = (a, b) => a.from === b.from;
  const sameEnd: Test = (a, b) => stretchOf(old.layout, a).end === stretchOf(next.layout, b).end;

  const [oldGaps, olds] = divide(old.variables, (each) => isGap(old.layout, each));
  const [nextGaps, nexts] = divide(next.variables, (each) => isGap(next.layout, each));
  let gaps = pair('gap', oldGaps, nextGaps, sameEnd);
  gaps = pair('gap', ...gaps, (a, b) => sameName(a, b) && sameBase(a, b));

  let left = pair('kept', olds, nexts, (a, b) => sameName(a, b) && sameBase(a, b) && samePlace(a, b));
  left = pair('moved', ...left, (a, b) => sameName(a, b) && sameBase(a, b));
  // Into another base, or from a layout that does not tell who declares.
  left = pair('kept', ...left, (a, b) => sameName(a, b) && samePlace(a, b));
  left = pair('moved', ...left, sameName);
  left = pair('same place', ...left, samePlace);
  return { matches, removed: [...left[0], ...gaps[0]], added: [...left[1], ...gaps[1]] };
}

function divide<T>(all: readonly T[], test: (each: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(test), all.filter((each) => !test(each))];
}
