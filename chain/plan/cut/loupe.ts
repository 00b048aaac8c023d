import { AbiCoder } from 'ethers/abi';
import { compareText, readAddress, readSelector, zeroAddress } from './selector.ts';

/** A facet as the loupe names it. */
export interface ObservedFacet {
  readonly address: string;
  readonly selectors: readonly string[];
}

/** Which facet serves a selector: lower-case selector -> address with checksum. */
export type Routing = ReadonlyMap<string, string>;

export type LoupeReading =
  | { readonly kind: 'read'; readonly routing: Routing }
  | { readonly kind: 'malformed'; readonly problems: readonly string[] };

/**
 * Reads what a loupe answered, or what was recorded of one. Case, order, repetitions and facets without functions do
 * not matter; what leaves open where a selector goes is refused.
 */
export function readLoupe(answer: unknown): LoupeReading {
  if (!Array.isArray(answer)) return { kind: 'malformed', problems: ['the loupe gave no list of facets'] };
  const routing = new Map<string, string>();
  const problems = new Set<string>();
  for (const facet of answer as readonly unknown[]) {
    const { address, selectors } = (facet ?? {}) as Partial<Record<keyof ObservedFacet, unknown>>;
    const at = readAddress(address);
    if (at === undefined) problems.add(`${show(address)} is no address of a facet`);
    if (!Array.isArray(selectors)) problems.add(`the facet ${show(address)} has no list of selectors`);
    if (at === undefined || !Array.isArray(selectors)) continue;
    if (at === zeroAddress && selectors.length > 0) {
      problems.add(`the loupe lists ${selectors.length} function(s) of the zero address`);
      continue;
    }
    for (const given of selectors as readonly unknown[]) {
      const selector = readSelector(given);
      if (selector === undefined) {
        problems.add(`${show(given)} of the facet ${at} is no selector of four bytes`);
        continue;
      }
      const other = routing.get(selector);
      if (other !== undefined && other !== at) {
        problems.add(`the loupe lists ${selector} twice: ${[other, at].toSorted(compareText).join(' and ')}`);
      }
      routing.set(selector, at);
    }
  }
  return problems.size > 0
    ? { kind: 'malformed', problems: [...problems].toSorted(compareText) }
    : { kind: 'read', routing };
}

/** The facets in what `facets()` answered, bytes as they came; undefined when it is no such answer. */
export function decodeFacets(answer: string): readonly ObservedFacet[] | undefined {
  try {
    const [facets] = AbiCoder.defaultAbiCoder().decode(['tuple(address,bytes4[])[]'], answer) as unknown as [
      readonly (readonly [string, readonly string[]])[],
    ];
    return facets.map(([address, selectors]) => ({ address, selectors: [...selectors] }));
  } catch {
    return undefined;
  }
}

/** A routing as a loupe would list it, in canonical order. */
export function loupeOf(routing: Routing): readonly ObservedFacet[] {
  const facets = Map.groupBy(routing.keys(), (selector) => routing.get(selector) ?? zeroAddress);
  return [...facets]
    .map(([address, selectors]) => ({ address, selectors: selectors.toSorted(compareText) }))
    .toSorted((a, b) => compareText(a.address, b.address));
}

function show(given: unknown): string {
  if (typeof given !== 'string') return `(${given === null ? 'null' : typeof given})`;
  return given.length > 60 ? `${given.slice(0, 57)}…` : given === '' ? '(empty)' : given;
}
