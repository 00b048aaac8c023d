import { Document, isMap, isScalar, visit, type YAMLMap } from 'yaml';
import type { CutoverConfig } from '../infra/config.ts';
import { own } from '../infra/config/schema-walk.ts';
import { showPath, type Path } from '../infra/config/show.ts';

/** Where a value comes from when the stack file does not hold it as it is. */
export type Origin = 'default' | 'computed';

/** The values that are not the file's own, by their path. */
export type Origins = ReadonlyMap<string, Origin>;

/** Compares what the program sees with what the file holds. */
export function originsOf(config: CutoverConfig, values: Readonly<Record<string, unknown>>): Origins {
  const origins = new Map<string, Origin>();
  const compare = (seen: unknown, given: unknown, path: Path): void => {
    if (typeof seen === 'object' && seen !== null) {
      for (const [key, each] of Object.entries(seen)) {
        compare(each, own(given, key), [...path, Array.isArray(seen) ? Number(key) : key]);
      }
    } else if (seen !== given) {
      origins.set(showPath(path), given === undefined ? 'default' : 'computed');
    }
  };
  for (const [name, block] of Object.entries(config)) compare(block, values[`cutover:${name}`], [name]);
  return origins;
}

/** The configuration as YAML, in the shape of a stack file, with a mark on what is not the file's own. */
export function configText(config: CutoverConfig, origins: Origins): string {
  const blocks = Object.entries(config).map(
    ([name, block]) => [`cutover:${name}`, block as unknown] as const,
  );
  const document = new Document(Object.fromEntries(blocks), { aliasDuplicateObjects: false });
  visit(document, {
    Pair(_, pair, ancestors) {
      const path = pathOf([...ancestors, pair]);
      const origin = origins.get(showPath(path));
      if (origin !== undefined && isScalar(pair.value)) pair.value.comment = ` ${origin}`;
    },
  });
  visit(document, {
    Map(_, map, ancestors) {
      if (ancestors.length > 1 && fitsOneLine(map)) map.flow = true;
    },
    Seq(_, list) {
      if (list.items.every((item) => isScalar(item))) list.flow = true;
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** Small blocks of plain values read better in one line, as the stack files have them. */
function fitsOneLine(map: YAMLMap): boolean {
  const plain = map.items.every(({ value }) => isScalar(value) && value.comment == null);
  return plain && JSON.stringify(map).length <= 90;
}

function pathOf(ancestors: readonly unknown[]): Path {
  const path = ancestors.flatMap((each, depth): (string | number)[] => {
    if (typeof each !== 'object' || each === null) return [];
    if ('key' in each && isScalar(each.key)) return [String(each.key.value)];
    const isList = 'items' in each && !isMap(each);
    return isList ? [(each.items as unknown[]).indexOf(ancestors[depth + 1])] : [];
  });
  const [block = '', ...rest] = path;
  return [String(block).replace(/^cutover:/, ''), ...rest];
}
