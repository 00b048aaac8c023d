import { createHash } from 'node:crypto';
import { base58 } from '../address.ts';
import { viewOf } from '../instruction.ts';

/** Reads the fields of an account one after the other, as Borsh writes them. */
export interface Reader {
  bytes(length: number): Uint8Array;
  u8(): number;
  u16(): number;
  u32(): number;
  u64(): bigint;
  /** A time of the cluster's clock, in seconds. */
  seconds(): number;
  address(): string;
  list<T>(item: () => T): readonly T[];
  option<T>(item: () => T): T | undefined;
}

class CutShort extends Error {}

/**
 * Reads an account of a program made with Anchor: eight bytes that say its kind, then its fields; undefined when it is
 * of another kind, or cut short. What follows the fields is room that the program keeps.
 */
export function readAnchorAccount<T>(
  data: Uint8Array,
  kind: string,
  read: (reader: Reader) => T | undefined,
): T | undefined {
  const reader = readerOf(data);
  try {
    const tag = reader.bytes(8);
    return discriminator('account', kind).every((byte, at) => byte === tag[at]) ? read(reader) : undefined;
  } catch (error) {
    if (error instanceof CutShort) return undefined;
    throw error;
  }
}

/** What Anchor writes before the fields of an account, or the arguments of an instruction. */
export function discriminator(space: 'account' | 'global', name: string): Uint8Array {
  return createHash('sha256').update(`${space}:${name}`).digest().subarray(0, 8);
}

function readerOf(data: Uint8Array): Reader {
  const view = viewOf(data);
  let at = 0;
  const next = (length: number): number => {
    if (at + length > data.length) throw new CutShort();
    at += length;
    return at - length;
  };
  const reader: Reader = {
    bytes: (length) => {
      const from = next(length);
      return data.subarray(from, from + length);
    },
    u8: () => view.getUint8(next(1)),
    u16: () => view.getUint16(next(2), true),
    u32: () => view.getUint32(next(4), true),
    u64: () => view.getBigUint64(next(8), true),
    seconds: () => Number(view.getBigInt64(next(8), true)),
    address: () => base58(reader.bytes(32)),
    list: (item) => {
      const length = reader.u32();
      // Every item takes a byte at least: a larger number is no list.
      if (length > data.length - at) throw new CutShort();
      return Array.from({ length }, item);
    },
    option: (item) => (reader.u8() === 0 ? undefined : item()),
  };
  return reader;
}
