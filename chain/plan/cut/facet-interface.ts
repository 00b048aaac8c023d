import { FunctionFragment } from 'ethers/abi';
import type { Abi } from '../artifact.ts';
import { nearest } from '../nearest.ts';
import { compareText, type FacetFunction } from './selector.ts';

/** Which functions of a facet are wanted, each by name, signature or selector. All when nothing is said. */
export interface FunctionChoice {
  /** Only these. */
  readonly include?: readonly string[];
  /** Not these: what another facet serves, as supportsInterface often. */
  readonly exclude?: readonly string[];
}

export type FacetInterface =
  | { readonly kind: 'fits'; readonly functions: readonly FacetFunction[] }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

/**
 * The functions of a facet with their selectors, by signature. The constructor, fallback and receive are none.
 * Every selector costs a hash: call it once for an artefact and keep what it returns.
 */
export function facetFunctions(abi: Abi, choice: FunctionChoice = {}): FacetInterface {
  const { functions, problems } = allFunctions(abi);
  const include = choice.include?.map((name) => find(name, functions, 'include'));
  const exclude = (choice.exclude ?? []).map((name) => find(name, functions, 'exclude'));
  const found = [...(include ?? []), ...exclude];
  problems.push(...found.filter((each) => typeof each === 'string'));
  const both = exclude.filter((each) => typeof each !== 'string' && include?.includes(each));
  for (const each of both as readonly FacetFunction[]) {
    problems.push(`${each.signature} is both in include and in exclude`);
  }
  if (problems.length > 0) return { kind: 'wrong', problems };
  const chosen = functions.filter((each) => (include?.includes(each) ?? true) && !exclude.includes(each));
  return { kind: 'fits', functions: chosen };
}

/** An ABI put together from several may have a function twice; unlike ones with one selector cannot both be served. */
function allFunctions(abi: Abi): { functions: FacetFunction[]; problems: string[] } {
  const bySelector = new Map<string, FacetFunction>();
  const problems: string[] = [];
  for (const item of abi.filter((each) => each.type === 'function')) {
    const read = readFunction(item);
    if (typeof read === 'string') {
      problems.push(read);
      continue;
    }
    const other = bySelector.get(read.selector);
    if (other === undefined) bySelector.set(read.selector, read);
    else if (other.signature !== read.signature) {
      const [first, second] = [other.signature, read.signature].toSorted(compareText);
      problems.push(`${first} and ${second} have the same selector ${read.selector}: rename one of them`);
    }
  }
  const functions = [...bySelector.values()].toSorted((a, b) => compareText(a.signature, b.signature));
  return { functions, problems };
}

function readFunction(item: Abi[number]): FacetFunction | string {
  try {
    const fragment = FunctionFragment.from(item);
    return { selector: fragment.selector, signature: fragment.format('sighash') };
  } catch {
    return `the ABI's function ${item.name ?? 'without a name'} cannot be read: a type in it is not one of the ABI`;
  }
}

function find(
  given: string,
  functions: readonly FacetFunction[],
  list: 'include' | 'exclude',
): FacetFunction | string {
  const wanted = canonical(given);
  const matches = functions.filter(
    ({ selector, signature }) =>
      selector === wanted.toLowerCase() || signature === wanted || nameOf(signature) === wanted,
  );
  const [match] = matches;
  if (match !== undefined && matches.length === 1) return match;
  if (matches.length > 1) {
    const candidates = matches.map(({ signature }) => signature).join(', ');
    return `${list}: there are several ${given}: name one of ${candidates}`;
  }
  const names = functions.map(({ signature }) => (wanted.includes('(') ? signature : nameOf(signature)));
  const suggestion = nearest(wanted, [...new Set(names)]);
  return `${list}: there is no function ${given}${suggestion === undefined ? '' : `; is ${suggestion} meant?`}`;
}

/** `transfer(address to, uint amount)` means transfer(address,uint256). */
function canonical(given: string): string {
  const text = given.trim();
  if (!text.includes('(')) return text;
  try {
    return FunctionFragment.from(text).format('sighash');
  } catch {
    return text;
  }
}

function nameOf(signature: string): string {
  return signature.slice(0, signature.indexOf('('));
}
