import type { ObservedFacet } from './loupe.ts';
import { checkAddress, compareText, readSelector, zeroAddress } from './selector.ts';
import { cutProblem, type CutProblem } from './problem.ts';

/** A function that a facet is to serve. The signature may be missing where only a loupe was recorded. */
export interface WantedFunction {
  readonly selector: string;
  readonly signature?: string | undefined;
}

/** A facet as it is wanted on a diamond. */
export interface WantedFacet {
  readonly name?: string | undefined;
  readonly address: string;
  readonly functions: readonly WantedFunction[];
}

/** Where a function is wanted. */
export interface WantedPlace {
  readonly facet: { readonly name: string | undefined; readonly address: string };
  readonly signature: string | undefined;
}

/** Where each wanted selector goes, and all that is wrong with what was given. */
export interface Wanted {
  readonly places: ReadonlyMap<string, WantedPlace>;
  readonly problems: readonly CutProblem[];
}

/** Checks wanted facets against each other, before the chain is looked at. */
export function readWanted(facets: readonly WantedFacet[], diamond: string | undefined): Wanted {
  const places = new Map<string, WantedPlace>();
  const claims = new Map<string, WantedPlace[]>();
  const problems: CutProblem[] = [];
  const seen = new Map<string, string>();
  for (const given of facets) {
    const address = checkAddress(given.address) ?? given.address;
    const title = facetTitle({ name: given.name, address });
    problems.push(...facetProblems(given, address, title, diamond));
    const twin = seen.get(address);
    if (twin !== undefined) problems.push(twice(address, twin, title));
    seen.set(address, title);
    const facet = { name: given.name, address };
    for (const { selector: written, signature } of given.functions) {
      const selector = readSelector(written);
      if (selector === undefined) {
        problems.push(cutProblem('malformed', `${title}: ${written} is no selector of four bytes`));
        continue;
      }
      // A facet whose own fault is told above still claims its functions, else they would be told as unwanted too.
      const place = { facet, signature };
      const first = places.get(selector);
      if (first === undefined) places.set(selector, place);
      else if (!isSame(first, place)) claims.set(selector, [...(claims.get(selector) ?? [first]), place]);
    }
  }
  for (const [selector, claimants] of claims) problems.push(clash(selector, claimants));
  return { places, problems };
}

/** A facet in a sentence: its name and address. */
export function facetTitle({ name, address }: { name: string | undefined; address: string }): string {
  return name === undefined ? address : `${name} ${address}`;
}

/** Facets of a loupe as what is wanted; the diamond's own functions are wanted from nobody. */
export function wantedOf(
  facets: readonly ObservedFacet[],
  diamond: string | undefined,
  nameOf: (address: string) => string | undefined,
): readonly WantedFacet[] {
  return facets
    .filter(({ address }) => address.toLowerCase() !== diamond?.toLowerCase())
    .map(({ address, selectors }) => ({
      name: nameOf(address),
      address,
      functions: selectors.map((selector) => ({ selector })),
    }));
}

/** Names by address, whatever the case of the addresses. */
export function namesByAddress(
  names: Readonly<Record<string, string>> = {},
): (address: string) => string | undefined {
  const lower = new Map(Object.entries(names).map(([address, name]) => [address.toLowerCase(), name]));
  return (address) => lower.get(address.toLowerCase());
}

function facetProblems(
  { address: given, functions }: WantedFacet,
  address: string,
  title: string,
  diamond: string | undefined,
): CutProblem[] {
  const problems: CutProblem[] = [];
  if (checkAddress(given) === undefined) {
    problems.push(cutProblem('malformed', `${title}: that is no address, or its checksum is wrong`));
  }
  if (address === zeroAddress) {
    problems.push(cutProblem('zero address', `${title}: there is no contract at the zero address`));
  }
  if (address === diamond) {
    problems.push(
      cutProblem(
        'facet is the diamond',
        `${title} is the diamond itself: its own functions are part of its code and cannot be cut`,
      ),
    );
  }
  if (functions.length === 0) {
    problems.push(
      cutProblem(
        'no functions',
        `${title} has no functions for the diamond: leave it out, or correct include`,
      ),
    );
  }
  return problems;
}

function twice(address: string, one: string, other: string): CutProblem {
  const [first = '', second = ''] = [one, other].toSorted(compareText);
  const words = first === second ? `${first} is listed twice` : `${first} and ${second} are one contract`;
  return cutProblem('facet twice', `${words}: put all functions of ${address} into one entry`);
}

function isSame(a: WantedPlace, b: WantedPlace): boolean {
  return a.facet === b.facet && a.signature === b.signature;
}

function clash(selector: string, claimants: readonly WantedPlace[]): CutProblem {
  const signatures = [...new Set(claimants.map(({ signature }) => signature ?? selector))];
  const [signature = selector] = signatures;
  if (signatures.length === 1) {
    const facets = listed(claimants.map(({ facet }) => facetTitle(facet)));
    return cutProblem(
      'clash',
      `${signature} (${selector}) is wanted from ${facets}: exclude it from all but one`,
      [selector],
    );
  }
  const functions = listed(
    claimants.map((each) => `${each.signature ?? selector} of ${facetTitle(each.facet)}`),
  );
  return cutProblem(
    'clash',
    `${functions} have the same selector ${selector}, and a diamond can route only one of them: ` +
      'exclude one, or rename it',
    [selector],
  );
}

function listed(texts: readonly string[]): string {
  return [...new Set(texts)].toSorted(compareText).join(' and ');
}
