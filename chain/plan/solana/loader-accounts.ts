import { base58, loaders } from './address.ts';
import { viewOf } from './instruction.ts';

/** What the upgradeable loader writes before the bytes of a buffer: the kind, and its authority. */
export const bufferHeader = 37;
/** The same before the bytes of a program's data: the kind, the slot of the last change, and its authority. */
export const programDataHeader = 45;
/** The size of a program's account: the kind, and where its data is. */
export const programAccountSize = 36;
/** No account is larger. */
export const largestAccount = 10 * 1024 * 1024;

/** An account of the upgradeable loader, or what else there is at an address. */
export type LoaderAccount =
  /** Bytes on their way to a program. Without an authority nobody can write or close it. */
  | { readonly kind: 'buffer'; readonly authority?: string; readonly bytes: Uint8Array }
  | { readonly kind: 'program'; readonly programData: string }
  /** A program's code. Without an authority it is fixed for ever. */
  | {
      readonly kind: 'programData';
      /** When it was last deployed, upgraded or extended. */
      readonly slot: bigint;
      readonly authority?: string;
      readonly bytes: Uint8Array;
    }
  /** The loader's, and nothing yet. */
  | { readonly kind: 'uninitialized' }
  /** An account of another program. */
  | { readonly kind: 'foreign'; readonly owner: string }
  | { readonly kind: 'loader-v4' }
  | { readonly kind: 'malformed'; readonly why: string };

/** Reads an account that may be the loader's. `data` may be its beginning only: then `bytes` are what is there of them. */
export function readLoaderAccount(owner: string, data: Uint8Array): LoaderAccount {
  if (owner === loaders.v4) return { kind: 'loader-v4' };
  if (owner !== loaders.upgradeable) return { kind: 'foreign', owner };
  if (data.length < 4) return malformed(data, 4, 'an account');
  const kind = viewOf(data).getUint32(0, true);
  switch (kind) {
    case 0:
      return { kind: 'uninitialized' };
    case 1: {
      if (data.length < bufferHeader) return malformed(data, bufferHeader, 'a buffer');
      const authority = readAuthority(data, 4);
      return typeof authority === 'object'
        ? { kind: 'buffer', ...authority, bytes: data.subarray(bufferHeader) }
        : { kind: 'malformed', why: authority };
    }
    case 2:
      return data.length < programAccountSize
        ? malformed(data, programAccountSize, 'a program')
        : { kind: 'program', programData: base58(data.subarray(4, 36)) };
    case 3: {
      if (data.length < programDataHeader) return malformed(data, programDataHeader, "a program's data");
      const authority = readAuthority(data, 12);
      return typeof authority === 'object'
        ? {
            kind: 'programData',
            slot: viewOf(data).getBigUint64(4, true),
            ...authority,
            bytes: data.subarray(programDataHeader),
          }
        : { kind: 'malformed', why: authority };
    }
    default:
      return { kind: 'malformed', why: `it says that it is of kind ${kind}, which the loader does not have` };
  }
}

/** An authority that may be left out: a byte says whether it is there. A text says what is wrong with it. */
function readAuthority(data: Uint8Array, at: number): { readonly authority?: string } | string {
  const flag = data[at];
  if (flag === 0) return {};
  return flag === 1
    ? { authority: base58(data.subarray(at + 1, at + 33)) }
    : `the byte that says whether it has an authority is ${flag}, not 0 or 1`;
}

function malformed(data: Uint8Array, needed: number, what: string): LoaderAccount {
  return { kind: 'malformed', why: `it has ${data.length} bytes; ${what} has at least ${needed}` };
}
