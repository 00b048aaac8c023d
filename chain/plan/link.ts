import { getAddress } from 'ethers/address';
import { id } from 'ethers/hash';
import type { LinkReferences } from './artifact.ts';

/** Addresses of libraries, by `Library` or, where two have that name, by `source.sol:Library`. */
export type Libraries = Readonly<Record<string, string>>;

/** Code with the addresses of its libraries filled in, or what is missing for that. */
export type Linked =
  | { readonly kind: 'linked'; readonly code: string }
  | { readonly kind: 'unlinked'; readonly missing: readonly string[] };

/** What stands in code for an address: `__$`, 34 digits, `$__`; before solc 0.5 the name itself, filled up with `_`. */
const placeholder = /__.{38}/g;

/** Fills addresses of libraries into code. The places come from the compiler's table, else from the placeholders. */
export function link(code: string, references: LinkReferences, libraries: Libraries): Linked {
  let linked = code;
  const missing: string[] = [];
  for (const [source, names] of Object.entries(references)) {
    for (const [name, places] of Object.entries(names)) {
      const address = libraries[`${source}:${name}`] ?? libraries[name];
      if (address === undefined) {
        missing.push(`${source}:${name}`);
        continue;
      }
      for (const { start } of places) linked = replaceAt(linked, start, address);
    }
  }
  for (const [name, address] of Object.entries(libraries)) {
    for (const each of placeholdersOf(name)) linked = linked.replaceAll(each, digits(address));
  }
  if (missing.length > 0) return { kind: 'unlinked', missing };
  const left = placeholdersIn(linked);
  return left.length === 0 ? { kind: 'linked', code: linked } : { kind: 'unlinked', missing: left };
}

/** The names of the libraries whose placeholders stand in code, as `libraries` takes them. */
export function placeholdersIn(code: string): readonly string[] {
  return [...new Set(code.match(placeholder))].map((each) => each.replaceAll(/^_+|_+$/g, ''));
}

/**
 * What stands for a library where an artefact has no table: the hash of its full name or, of which the name cannot be
 * told, that hash itself as errors show it; in Truffle's artefacts and before solc 0.5 the name, cut off or filled up.
 */
export function placeholdersOf(name: string): readonly string[] {
  const asText = `__${name.slice(0, 36)}`.padEnd(40, '_');
  return /^\$[0-9a-f]{34}\$$/.test(name) ? [`__${name}__`] : [hashedPlaceholder(name), asText];
}

/** solc 0.5 and later: the hash of the library's full name. */
export function hashedPlaceholder(fullName: string): string {
  return `__$${id(fullName).slice(2, 36)}$__`;
}

function replaceAt(code: string, byte: number, address: string): string {
  const position = 2 + 2 * byte;
  return code.slice(0, position) + digits(address) + code.slice(position + 40);
}

function digits(address: string): string {
  return getAddress(address).slice(2).toLowerCase();
}
