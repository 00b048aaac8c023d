import { compareText, readAddress, selectorOf } from './selector.ts';
import { facetTitle, type WantedFacet, type WantedFunction } from './wanted.ts';

/**
 * Functions as they stand in a resource's inputs: signature -> facet and address, sorted. A preview compares objects key
 * by key, so that a reviewer reads `+`, `~` and `-` for each function; a list would be compared by position, and one
 * function more would show every later one as changed.
 */
export function functionRecord(facets: readonly WantedFacet[]): Readonly<Record<string, string>> {
  const entries = facets.flatMap(({ name, address, functions }) => {
    const title = facetTitle({ name, address: readAddress(address) ?? address });
    return functions.map(({ selector, signature }) => [keyOf(selector, signature), title] as const);
  });
  return Object.fromEntries(entries.toSorted(([a], [b]) => compareText(a, b)));
}

/** The facets that a record was made of. Every signature costs a hash: 5,000 take about 50 ms. */
export function readFunctionRecord(record: Readonly<Record<string, string>>): readonly WantedFacet[] {
  const facets = Map.groupBy(Object.entries(record), ([, title]) => title);
  return [...facets].map(([title, functions]) => {
    const space = title.lastIndexOf(' ');
    return {
      name: space < 0 ? undefined : title.slice(0, space),
      address: title.slice(space + 1),
      functions: functions.map(([key]) => functionOf(key)),
    };
  });
}

/** Pulumi hides properties that begin with two underscores (resource.IsInternalPropertyKey): those get their selector. */
function keyOf(selector: string, signature: string | undefined): string {
  if (signature === undefined) return selector;
  return signature.startsWith('__') ? `${selector} ${signature}` : signature;
}

function functionOf(key: string): WantedFunction {
  const [, selector, signature] = /^(0x[0-9a-f]{8})(?: (.+))?$/.exec(key) ?? [];
  return selector === undefined ? { selector: selectorOf(key), signature: key } : { selector, signature };
}
