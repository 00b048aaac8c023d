import { CutoverError } from '@cutover/base/errors.ts';
import { base58, bytesOfAddress } from '../address.ts';
import { joined, viewOf } from '../instruction.ts';
import { widthOf, type Field, type FieldType } from './interface.ts';

/** A value of a field: numbers of 64 bits are bigint, smaller ones number, addresses and text are text. */
export type Value = number | bigint | string;
export type Values = Readonly<Record<string, Value>>;

/** Writes values in the order of the fields. Refuses what is missing, or does not fit; `what` names it. */
export function writeFields(fields: readonly Field[], values: Values, what: string): Uint8Array {
  return joined(...fields.map(({ name, type }) => writeValue(type, values[name], { what, field: name })));
}

/** Reads fields from the beginning of bytes; those that mean nothing are left out. */
export function readFields(fields: readonly Field[], bytes: Uint8Array): Values {
  const values: Record<string, Value> = {};
  let at = 0;
  for (const { name, type } of fields) {
    const width = widthOf(type);
    const value = readValue(type, bytes.subarray(at, at + width));
    if (value !== undefined) values[name] = value;
    at += width;
  }
  return values;
}

/** How many bytes fields take together. */
export function widthOfFields(fields: readonly Field[]): number {
  return fields.reduce((sum, { type }) => sum + widthOf(type), 0);
}

interface Where {
  readonly what: string;
  readonly field: string;
}

/** Writes one value as its type says. */
export function writeValue(type: FieldType, value: Value | undefined, where: Where): Uint8Array {
  const bytes = new Uint8Array(widthOf(type));
  if (type.startsWith('skip')) return bytes;
  if (type === 'address') {
    const address = typeof value === 'string' ? bytesOfAddress(value) : undefined;
    if (address === undefined) throw refusal(where, value, 'an address, 32 bytes in base58');
    return address;
  }
  if (type.startsWith('text')) {
    const text = typeof value === 'string' ? new TextEncoder().encode(value) : undefined;
    if (text === undefined || text.length > bytes.length) {
      throw refusal(where, value, `text of at most ${bytes.length} bytes`);
    }
    bytes.set(text);
    return bytes;
  }
  const [least, most] = boundsOf(type, bytes.length);
  const number = typeof value === 'bigint' || Number.isSafeInteger(value) ? BigInt(value ?? 0) : undefined;
  if (number === undefined || number < least || number > most) {
    throw refusal(where, value, `a whole number from ${least} to ${most}`);
  }
  // A negative number is written as the large one that has the same bits.
  let rest = BigInt.asUintN(8 * bytes.length, number);
  for (let at = 0; at < bytes.length; at++, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  return bytes;
}

function readValue(type: FieldType, bytes: Uint8Array): Value | undefined {
  const view = viewOf(bytes);
  switch (type) {
    case 'u8':
      return view.getUint8(0);
    case 'u16':
      return view.getUint16(0, true);
    case 'u32':
      return view.getUint32(0, true);
    case 'u64':
      return view.getBigUint64(0, true);
    case 'i64':
      return view.getBigInt64(0, true);
    case 'address':
      return base58(bytes);
    default:
      return type.startsWith('text') ? new TextDecoder().decode(bytes).replace(/\0+$/, '') : undefined;
  }
}

function boundsOf(type: FieldType, width: number): readonly [bigint, bigint] {
  const bits = BigInt(8 * width);
  return type === 'i64' ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
}

function refusal({ what, field }: Where, value: Value | undefined, wanted: string): CutoverError {
  return new CutoverError('CUT-2503', { what, field, value: value ?? 'missing', wanted });
}
