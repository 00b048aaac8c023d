import { childPath, itemPath } from './paths.ts';
import type { Value, Values } from './kind.ts';

/** A value on its way through the twin: like `Value`, with marks on what is secret and what is not known yet. */
export type Held = null | boolean | number | string | Unknown | Secret | readonly Held[] | HeldMap;
export interface HeldMap {
  readonly [name: string]: Held;
}

const mark = Symbol('mark');

/** A value that is known only after something else exists. */
export interface Unknown {
  readonly [mark]: 'unknown';
}
/** A value that is kept as a secret, wherever it goes. */
export interface Secret {
  readonly [mark]: 'secret';
  readonly value: Held;
}

/** The mark itself. */
export const unknownValue: Unknown = Object.freeze({ [mark]: 'unknown' as const });

/** Marks a value as secret; twice is the same as once. */
export function secret(value: Held): Secret {
  return isSecret(value) ? value : { [mark]: 'secret', value };
}

export function isUnknown(value: Held | undefined): value is Unknown {
  return marked(value) === 'unknown';
}

export function isSecret(value: Held | undefined): value is Secret {
  return marked(value) === 'secret';
}

export function isMap(value: Held | undefined): value is HeldMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !marked(value);
}

export function isList(value: Held | undefined): value is readonly Held[] {
  return Array.isArray(value);
}

/** The value below marks of secrecy. */
export function bare(value: Held): Exclude<Held, Secret> {
  return isSecret(value) ? bare(value.value) : value;
}

/** How Pulumi marks secrets, files and archives: sdk/go/common/resource/sig of pulumi/pulumi. */
export const signature = '4dabf18193072939515e22adb298388d';

/** What Pulumi writes for what is not known yet: sdk/go/common/resource/plugin/rpc.go. */
export const unknownText = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** Whether a value is a file or an archive, which Pulumi hands over as a description of it. */
export function isAsset(value: Held): boolean {
  return isMap(value) && signature in value;
}

/** Values with their marks taken off, and where the marks were. */
export interface Opened {
  /** What is unknown is left out, of lists too. */
  readonly values: Values;
  /** The path of each unknown value, and those of everything that holds it. */
  readonly unknown: ReadonlySet<string>;
  /** The outermost secret paths. */
  readonly secret: ReadonlySet<string>;
}

/** Takes the marks off. */
export function open(held: HeldMap): Opened {
  const unknownPaths = new Set<string>();
  const secretPaths = new Set<string>();
  // undefined stands for what is not known.
  const walk = (
    value: Held,
    path: string,
    holders: readonly string[],
    hidden: boolean,
  ): Value | undefined => {
    if (isUnknown(value)) {
      for (const each of [...holders, path]) unknownPaths.add(each);
      return undefined;
    }
    if (isSecret(value)) {
      if (!hidden) secretPaths.add(path);
      return walk(value.value, path, holders, true);
    }
    const inside = path === '' ? holders : [...holders, path];
    if (isList(value)) {
      const items = value.map((item, index) => walk(item, itemPath(path, index), inside, hidden));
      return items.filter((item) => item !== undefined);
    }
    if (isMap(value)) {
      const entries = Object.entries(value).map(([name, each]) => {
        return [name, walk(each, childPath(path, name), inside, hidden)] as const;
      });
      return Object.fromEntries(entries.filter(([, each]) => each !== undefined)) as Values;
    }
    return value;
  };
  return { values: walk(held, '', [], false) as Values, unknown: unknownPaths, secret: secretPaths };
}

/** Marks what lies at the given paths as secret. */
export function seal(values: HeldMap, paths: Iterable<string>): HeldMap {
  const secretPaths = new Set(paths);
  if (secretPaths.size === 0) return values;
  const walk = (value: Held, path: string): Held => {
    if (secretPaths.has(path)) return secret(value);
    if (isList(value)) return value.map((item, index) => walk(item, itemPath(path, index)));
    if (isMap(value)) return walkMap(value, path);
    return value;
  };
  const walkMap = (value: HeldMap, path: string): HeldMap =>
    Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, walk(each, childPath(path, name))]),
    );
  return walkMap(values, '');
}

/** Whether two values are the same, marks of secrecy aside. What is unknown is the same as nothing. */
export function same(one: Held | undefined, other: Held | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const [a, b] = [bare(one), bare(other)];
  if (isUnknown(a) || isUnknown(b)) return false;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (!isMap(a)) return a === b;
  if (!isMap(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => same(a[name], b[name]));
}

function marked(value: Held | undefined): 'unknown' | 'secret' | undefined {
  return typeof value === 'object' && value !== null ? (value as Partial<Unknown | Secret>)[mark] : undefined;
}
