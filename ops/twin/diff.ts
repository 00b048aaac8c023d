import { defaultsKey } from './check-facts.ts';
import { bare, isList, isMap, isUnknown, same, type Held, type HeldMap } from './held.ts';
import type { KnownKind } from './kind.ts';
import { childPath, itemPath, touches } from './paths.ts';

/** What happened to one argument. */
export type Change = 'add' | 'delete' | 'update';

/** What differs between the arguments of before and those of now. */
export interface Difference {
  readonly changes: ReadonlyMap<string, { readonly change: Change; readonly replaces: boolean }>;
  /** Paths whose change makes a new resource. */
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** Compares arguments. Secrets are compared as they are and named by their paths alone. */
export function difference(
  kind: Pick<KnownKind, 'facts' | 'replaces' | 'updates' | 'naming' | 'deleteBeforeReplace'>,
  before: HeldMap,
  now: HeldMap,
  ignored: readonly string[] = [],
): Difference {
  const found = new Map<string, Change>();
  compareMaps(before, now, '', found);
  const changes = new Map(
    [...found]
      .filter(([path]) => !ignored.some((each) => isBelow(path, each)))
      .map(([path, change]) => [path, { change, replaces: makesNew(kind, path) }]),
  );
  const replaces = [...changes].filter(([, each]) => each.replaces).map(([path]) => path);
  return {
    changes,
    replaces,
    deleteBeforeReplace:
      replaces.length > 0 && (kind.deleteBeforeReplace === true || keepsName(kind, before, now)),
  };
}

/** Whether a change at a path makes a new resource. */
function makesNew(
  { facts, replaces = [], updates = [] }: Parameters<typeof difference>[0],
  path: string,
): boolean {
  if (updates.some((each) => touches(path, each))) return false;
  return [...facts.replaces, ...replaces].some((each) => touches(path, each));
}

/**
 * A name that the program gives cannot be held by two at once, so the old resource goes first; the provider does the
 * same (nameRequiresDeleteBeforeReplace of pulumi-terraform-bridge). Names that it made up differ anyway.
 */
function keepsName({ naming }: Parameters<typeof difference>[0], before: HeldMap, now: HeldMap): boolean {
  if (naming === undefined || now[naming.property] === undefined) return false;
  const madeUp = filledIn(now).includes(naming.property);
  return !madeUp && same(before[naming.property], now[naming.property]);
}

/** The arguments that the provider filled in. */
export function filledIn(inputs: HeldMap): readonly string[] {
  const names = inputs[defaultsKey];
  return isList(names) ? names.filter((name) => typeof name === 'string') : [];
}

function compareMaps(before: HeldMap, now: HeldMap, path: string, found: Map<string, Change>): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
    if (name !== defaultsKey) compare(before[name], now[name], childPath(path, name), found);
  }
}

function compare(
  old: Held | undefined,
  next: Held | undefined,
  path: string,
  found: Map<string, Change>,
): void {
  const [a, b] = [old === undefined ? undefined : bare(old), next === undefined ? undefined : bare(next)];
  if (a === undefined || b === undefined) {
    if (a !== b) found.set(path, a === undefined ? 'add' : 'delete');
  } else if (isUnknown(a) || isUnknown(b)) {
    found.set(path, 'update');
  } else if (isMap(a) && isMap(b)) {
    compareMaps(a, b, path, found);
  } else if (isList(a) && isList(b)) {
    for (let index = 0; index < Math.max(a.length, b.length); index++) {
      compare(a[index], b[index], itemPath(path, index), found);
    }
  } else if (a !== b) {
    found.set(path, 'update');
  }
}

/** Whether a path is the one that is ignored, or lies below it: `tags`, `tags.Owner`, `rules[*].weight`. */
function isBelow(path: string, ignored: string): boolean {
  const pattern = ignored.split('[*]').map(escape).join('\\[\\d+\\]').replaceAll('\\.\\*', '\\.[^.[]+');
  return new RegExp(`^${pattern}($|[.[])`).test(path);
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
