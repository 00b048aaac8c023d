import { readLoupe, type ObservedFacet, type Routing } from './loupe.ts';
import { readUntouched, type CutContext } from './plan-cut.ts';
import { checkAddress, compareText, labelOf, readAddress, zeroAddress } from './selector.ts';
import { facetTitle, namesByAddress, readWanted, type Wanted, type WantedFacet } from './wanted.ts';

/** What was looked at on the chain. */
export interface ObservedDiamond {
  /** The answer of `facets()`. */
  readonly facets: readonly ObservedFacet[];
  /** Bytes of code by address; a facet that is missing here was not looked at, and is told so. Left out: no check. */
  readonly codeSizes?: Readonly<Record<string, number>>;
  /** What `facetAddress(selector)` answered, where it was asked. */
  readonly routes?: Readonly<Record<string, string>>;
}

/** One thing that is not as it must be. */
export interface RoutingFault {
  readonly kind:
    'unreadable' | 'no code' | 'not looked at' | 'missing' | 'elsewhere' | 'unexpected' | 'loupe disagrees';
  readonly words: string;
  readonly selectors: readonly string[];
}

/**
 * Holds a diamond against what is wanted, after a change or at any other time: every facet has code, every function is
 * served by its facet, nothing else is served unless it is kept. Nothing returned means that all is well.
 */
export function verifyRouting(
  facets: readonly WantedFacet[],
  observed: ObservedDiamond,
  context: CutContext,
): readonly RoutingFault[] {
  const diamond = context.diamond === undefined ? undefined : checkAddress(context.diamond);
  const wanted = readWanted(facets, diamond);
  const loupe = readLoupe(observed.facets);
  const unreadable = [
    ...wanted.problems.map(({ words }) => words),
    ...(loupe.kind === 'malformed' ? loupe.problems : []),
  ];
  if (loupe.kind === 'malformed' || unreadable.length > 0) {
    return unreadable.toSorted(compareText).map((words) => ({ kind: 'unreadable', words, selectors: [] }));
  }
  const reading = { wanted, routing: loupe.routing, diamond, context };
  const titleOf = facetTitles(facets, context);
  const found = [...codeFaults(reading, observed.codeSizes), ...routeFaults(reading, observed.routes ?? {})];
  const label = (selector: string): string =>
    wanted.places.get(selector)?.signature ?? labelOf(selector, context.signatures?.[selector]);
  const groups = Map.groupBy(found, ({ kind, facet, other }) => `${kind} ${facet} ${other ?? ''}`);
  return [...groups]
    .toSorted(([a], [b]) => compareText(a, b))
    .flatMap(([, faults]) => {
      const [first] = faults;
      if (first === undefined) return [];
      const selectors = faults.flatMap(({ selector }) => selector ?? []).toSorted(compareText);
      const functions = selectors.map(label).toSorted(compareText).join(', ');
      return [{ kind: first.kind, words: sentence(first, titleOf, functions), selectors }];
    });
}

interface Reading {
  readonly wanted: Wanted;
  readonly routing: Routing;
  readonly diamond: string | undefined;
  readonly context: CutContext;
}

interface Finding {
  readonly kind: RoutingFault['kind'];
  readonly facet: string;
  /** The facet that serves it instead. */
  readonly other?: string | undefined;
  readonly selector?: string;
}

/** Facets that are wanted or in use and have no code. The diamond answers, so it has some. */
function codeFaults(
  { wanted, routing, diamond }: Reading,
  codeSizes: ObservedDiamond['codeSizes'],
): readonly Finding[] {
  if (codeSizes === undefined) return [];
  const sizes = new Map(Object.entries(codeSizes).map(([address, size]) => [address.toLowerCase(), size]));
  const wantedFacets = [...wanted.places.values()].map(({ facet }) => facet.address);
  return [...new Set([...wantedFacets, ...routing.values()])]
    .filter((address) => address !== diamond)
    .flatMap((facet): Finding[] => {
      const size = sizes.get(facet.toLowerCase());
      if (size === undefined) return [{ kind: 'not looked at', facet }];
      return size > 0 ? [] : [{ kind: 'no code', facet }];
    });
}

function routeFaults(
  { wanted, routing, diamond, context }: Reading,
  routes: Readonly<Record<string, string>>,
): readonly Finding[] {
  const untouched = readUntouched(context.untouched ?? []).selectors;
  const found: Finding[] = [];
  for (const [selector, { facet }] of wanted.places) {
    const other = routing.get(selector);
    if (other === undefined) found.push({ kind: 'missing', facet: facet.address, selector });
    else if (other !== facet.address)
      found.push({ kind: 'elsewhere', facet: facet.address, other, selector });
  }
  for (const [selector, facet] of routing) {
    const expected = wanted.places.has(selector) || facet === diamond || untouched.has(selector);
    if (!expected && context.unwanted !== 'keep') found.push({ kind: 'unexpected', facet, selector });
  }
  for (const [given, answer] of Object.entries(routes)) {
    const selector = given.toLowerCase();
    const facet = routing.get(selector) ?? zeroAddress;
    const other = readAddress(answer);
    if (other !== facet) found.push({ kind: 'loupe disagrees', facet, other, selector });
  }
  return found;
}

function sentence(
  { kind, facet, other }: Finding,
  titleOf: (address: string) => string,
  functions: string,
): string {
  const at = titleOf(facet);
  const elsewhere = other === undefined ? 'no address' : titleOf(other);
  switch (kind) {
    case 'not looked at':
      return `${at}: whether there is code was not looked at`;
    case 'no code':
      return `${at} has no code: calls of its functions do nothing or fail`;
    case 'missing':
      return `${at}: the diamond does not serve ${functions}`;
    case 'elsewhere':
      return `${at}: the diamond sends ${functions} to ${elsewhere} instead`;
    case 'unexpected':
      return `${at} serves what no facet here wants: ${functions}`;
    case 'loupe disagrees':
      return `the loupe contradicts itself: facets() puts ${functions} at ${at}, facetAddress() at ${elsewhere}`;
    case 'unreadable':
      return at;
  }
}

function facetTitles(facets: readonly WantedFacet[], context: CutContext): (address: string) => string {
  const wanted = facets.flatMap(({ name, address }) =>
    name === undefined ? [] : [[address, name] as const],
  );
  const nameOf = namesByAddress({ ...context.facetNames, ...Object.fromEntries(wanted) });
  return (address) => facetTitle({ name: nameOf(address), address });
}
