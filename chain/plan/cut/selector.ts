import { getAddress } from 'ethers/address';
import { id } from 'ethers/hash';

/** A function as a diamond routes it. The signature is canonical: types only, tuples expanded. */
export interface FacetFunction {
  /** Four bytes, lower case: 0xa9059cbb. */
  readonly selector: string;
  /** For example transfer(address,uint256). */
  readonly signature: string;
}

/** What a selector is known to stand for. Two functions may share one. */
export type Signatures = Readonly<Record<string, readonly string[]>>;

export const zeroAddress = '0x0000000000000000000000000000000000000000';

/** The functions of EIP-2535. Without the first a diamond is final, without the others nobody can read it. */
export const diamondFunctions = {
  diamondCut: { selector: '0x1f931c1c', signature: 'diamondCut((address,uint8,bytes4[])[],address,bytes)' },
  facets: { selector: '0x7a0ed627', signature: 'facets()' },
  facetFunctionSelectors: { selector: '0xadfca15e', signature: 'facetFunctionSelectors(address)' },
  facetAddresses: { selector: '0x52ef6b2c', signature: 'facetAddresses()' },
  facetAddress: { selector: '0xcdffacc6', signature: 'facetAddress(bytes4)' },
} as const satisfies Record<string, FacetFunction>;

/** The four functions of the loupe. */
export const loupeFunctions: readonly FacetFunction[] = [
  diamondFunctions.facets,
  diamondFunctions.facetFunctionSelectors,
  diamondFunctions.facetAddresses,
  diamondFunctions.facetAddress,
];

const selectors = new Map<string, string>();

/** The selector of a canonical signature. A hash in JavaScript takes ten microseconds, so each is made once. */
export function selectorOf(signature: string): string {
  const known = selectors.get(signature);
  if (known !== undefined) return known;
  const selector = id(signature).slice(0, 10);
  selectors.set(signature, selector);
  return selector;
}

/** A selector in lower case; undefined when it is none. */
export function readSelector(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined;
  const selector = given.toLowerCase();
  return /^0x[0-9a-f]{8}$/.test(selector) ? selector : undefined;
}

/** An address as a chain answers it, in whatever case, with its checksum; undefined when it is none. */
export function readAddress(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined;
  const address = given.toLowerCase();
  return /^0x[0-9a-f]{40}$/.test(address) ? getAddress(address) : undefined;
}

/** An address as a person gives it: undefined as well when its checksum says that a digit is mistyped. */
export function checkAddress(given: unknown): string | undefined {
  const address = readAddress(given);
  const digits = typeof given === 'string' ? given.slice(2) : '';
  const mixed = /[a-f]/.test(digits) && /[A-F]/.test(digits);
  return mixed && digits !== address?.slice(2) ? undefined : address;
}

/** The one order of texts in this folder: by code unit, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A known function's signature; the bare selector where it is not known, with the candidates where there are several. */
export function labelOf(selector: string, known: readonly string[] | undefined): string {
  const signatures = [...new Set(known)].toSorted(compareText);
  const [only] = signatures;
  if (only === undefined) return selector;
  return signatures.length === 1 ? only : `${selector} ${signatures.join(' | ')}`;
}

/** A table of what selectors stand for, for example from the functions recorded at the last cut. */
export function signatureTable(functions: Iterable<FacetFunction>): Signatures {
  const table: Record<string, string[]> = {};
  for (const { selector, signature } of functions) {
    const known = (table[selector] ??= []);
    if (!known.includes(signature)) known.push(signature);
  }
  return table;
}
