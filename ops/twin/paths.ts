import type { Value, Values } from './kind.ts';

/** The path of a property below another one, as Pulumi writes paths: `tags["a.b"]`. */
export function childPath(path: string, name: string): string {
  if (!/^[\w-]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

/** The path of an item of a list: `subnets[0]`. */
export function itemPath(path: string, index: number): string {
  return `${path}[${index}]`;
}

/** The steps of a path. Indices are steps like names; `*` stands for each item. */
export function stepsOf(path: string): readonly string[] {
  const steps = path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g);
  return [...steps].map(([, quoted, index, name]) =>
    quoted === undefined ? (index ?? name ?? '') : (JSON.parse(`"${quoted}"`) as string),
  );
}

/** What lies at a path, with `*` for each item of a list; nothing where the path leads nowhere. */
export function valuesAt(
  values: Values,
  path: string,
): readonly { readonly path: string; readonly value: Value }[] {
  let found: { path: string; value: Value }[] = [{ path: '', value: values }];
  for (const step of stepsOf(path)) {
    found = found.flatMap(({ path: at, value }) => {
      if (Array.isArray(value)) {
        return (value as readonly Value[]).flatMap((item, index) =>
          step === '*' || step === String(index) ? [{ path: itemPath(at, index), value: item }] : [],
        );
      }
      if (typeof value !== 'object' || value === null) return [];
      return Object.entries(value).flatMap(([name, each]) =>
        step === '*' || step === name ? [{ path: childPath(at, name), value: each }] : [],
      );
    });
  }
  return found.filter(({ value }) => value !== null);
}

/** Whether one path is the other, lies below it or holds it. Indices count for nothing: `subnets[0]` is of `subnets`. */
export function touches(one: string, other: string): boolean {
  const plain = (path: string): readonly string[] => stepsOf(path).filter((step) => !/^(\d+|\*)$/.test(step));
  const [a, b] = [plain(one), plain(other)];
  const shorter = Math.min(a.length, b.length);
  return a.slice(0, shorter).every((step, index) => step === b[index]);
}

/** A copy with the value at a path replaced, or taken away. What the path leads through is made where it is missing. */
export function withValueAt(values: Values, path: string, value: Value | undefined): Values {
  const put = (holder: Value | undefined, [step = '', ...rest]: readonly string[]): Value => {
    const inner = (old: Value | undefined): Value | undefined => (rest.length === 0 ? value : put(old, rest));
    if (Array.isArray(holder)) {
      const items = [...(holder as readonly Value[])];
      const index = Number(step);
      const item = inner(items[index]);
      if (item === undefined) items.splice(index, 1);
      else items[index] = item;
      return items;
    }
    const old = typeof holder === 'object' && holder !== null ? (holder as Values) : {};
    const item = inner(old[step]);
    const { [step]: _, ...others } = old;
    return item === undefined ? others : { ...old, [step]: item };
  };
  return put(values, stepsOf(path)) as Values;
}
