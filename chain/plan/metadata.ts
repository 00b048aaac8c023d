import type { ByteRange } from './artifact.ts';

/**
 * Compilers append what they know about themselves and the sources: CBOR, then its length in two bytes. It is never
 * executed. https://docs.soliditylang.org/en/latest/metadata.html
 */
export interface SplitCode {
  readonly executable: Uint8Array;
  /** Empty where there is none. */
  readonly metadata: Uint8Array;
}

/** Splits the trailer off. Only what is CBOR as compilers write it counts: code may end in any two bytes. */
export function splitMetadata(code: Uint8Array): SplitCode {
  const none = { executable: code, metadata: new Uint8Array() };
  const last = code.length - 2;
  if (last < 0) return none;
  const start = last - (((code[last] ?? 0) << 8) | (code[last + 1] ?? 0));
  if (start < 0 || readMap(code, start) !== last) return none;
  return { executable: code.subarray(0, start), metadata: code.subarray(start) };
}

/** Where metadata stands inside code: that of contracts which this one creates. */
export function embeddedMetadata(code: Uint8Array): readonly ByteRange[] {
  const ranges: ByteRange[] = [];
  for (let start = 0; start < code.length; start++) {
    const end = readMap(code, start);
    if (end === undefined) continue;
    const length = end - start;
    if ((((code[end] ?? 0) << 8) | (code[end + 1] ?? 0)) !== length) continue;
    ranges.push({ start, length: length + 2 });
    start = end + 1;
  }
  return ranges;
}

/**
 * How many bytes of immutables the constructor puts behind the code. Vyper says so from 0.3.10 on, at the end of its
 * creation code: a list with that number right before `{ vyper: [0, 4, 3] }`. Solidity puts none there.
 */
export function immutablesBehind(creationCode: Uint8Array): number {
  const last = creationCode.length - 2;
  // Unlike Solidity's, the length counts itself.
  const start = creationCode.length - (((creationCode[last] ?? 0) << 8) | (creationCode[last + 1] ?? 0));
  const map = last - vyperMapLength;
  const isVyper = latin(creationCode, map + 2, map + 7) === 'vyper' && readMap(creationCode, map) === last;
  if (!isVyper || readHead(creationCode, start).kind !== list) return 0;
  let [at, size] = [start + 1, 0];
  while (at < map) {
    const { kind, value, end } = readHead(creationCode, at);
    [at, size] = [kind === byteString ? end + value : end, value];
  }
  return size;
}

/** `{ vyper: [0, 4, 3] }` in bytes. */
const vyperMapLength = 11;

/** Kinds of CBOR: the upper three bits of an item's first byte. What is in a list follows its head. */
const [byteString, list] = [2, 4];

/** The head of an item: its kind, the number that it is or how long it is, and where the head ends. */
function readHead(code: Uint8Array, at: number): { kind: number; value: number; end: number } {
  const first = code[at] ?? 0;
  const info = first & 0x1f;
  const bytes = info < 24 ? 0 : 2 ** (info - 24);
  const value = code.subarray(at + 1, at + 1 + bytes).reduce((sum, byte) => sum * 256 + byte, 0);
  return { kind: first >> 5, value: bytes === 0 ? info : value, end: at + 1 + bytes };
}

const knownKeys = new Set(['ipfs', 'bzzr0', 'bzzr1', 'solc', 'experimental', 'vyper']);

/** Reads a map of one to four known keys; answers where it ends, or undefined when it is none. */
function readMap(code: Uint8Array, start: number): number | undefined {
  const head = code[start] ?? 0;
  if (head < 0xa1 || head > 0xa4) return undefined;
  let at = start + 1;
  for (let entry = 0; entry < head - 0xa0; entry++) {
    const keyEnd = readString(code, at, 0x60);
    if (keyEnd === undefined || !knownKeys.has(latin(code, at + 1, keyEnd))) return undefined;
    const valueEnd = readValue(code, keyEnd);
    if (valueEnd === undefined) return undefined;
    at = valueEnd;
  }
  return at;
}

function readValue(code: Uint8Array, at: number): number | undefined {
  const head = code[at] ?? 0;
  if (head === 0xf4 || head === 0xf5) return at + 1;
  // Byte strings and texts, their length in the first byte or in the second; vyper: three numbers.
  if (head === 0x58 || head === 0x78) return within(code, at + 2 + (code[at + 1] ?? 0));
  if (head === 0x83) return within(code, at + 4);
  return readString(code, at, 0x40) ?? readString(code, at, 0x60);
}

function readString(code: Uint8Array, at: number, kind: number): number | undefined {
  const length = (code[at] ?? 0) - kind;
  return length >= 0 && length < 24 ? within(code, at + 1 + length) : undefined;
}

function within(code: Uint8Array, end: number): number | undefined {
  return end <= code.length ? end : undefined;
}

function latin(code: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...code.subarray(start, end));
}
