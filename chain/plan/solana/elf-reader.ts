import { viewOf } from './instruction.ts';

// Layout: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html. Nothing here believes the file: each
// reader answers undefined where it points outside.

/** What the first 64 bytes of an ELF file say. */
export interface ElfHeader {
  /** 2: 64 bit. */
  readonly class: number;
  /** 1: little endian. */
  readonly order: number;
  /** Of the format: both must be 1. */
  readonly versions: readonly [number, number];
  readonly abi: number;
  /** The rest of the identification, zeros in every file that follows the rules. */
  readonly padding: readonly number[];
  readonly type: number;
  readonly machine: number;
  readonly entry: number;
  /** For sBPF its version. */
  readonly flags: number;
  readonly headerSize: number;
  readonly segments: Table;
  readonly sections: Table;
  /** Which section holds the names of sections. */
  readonly namesIndex: number;
}

/** Where equal entries follow one another. */
export interface Table {
  readonly offset: number;
  readonly entrySize: number;
  readonly count: number;
}

/** A part of the file that is loaded. */
export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly physical: number;
  readonly size: number;
  readonly memorySize: number;
}

/** A part of the file as linkers see it. */
export interface Section {
  readonly nameAt: number;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
}

/** A name that code refers to. */
export interface ElfSymbol {
  readonly nameAt: number;
  readonly isFunction: boolean;
  readonly value: number;
}

/** A place in the file that the loader fills in. */
export interface Relocation {
  readonly offset: number;
  readonly type: number;
  readonly symbol: number;
}

export const headerSize = 64;
export const segmentEntry = 56;
export const sectionEntry = 64;

/** Kinds of segments and sections. */
export const segmentTypes = { load: 1, dynamic: 2 } as const;
export const sectionTypes = {
  null: 0,
  symbols: 2,
  strings: 3,
  dynamic: 6,
  noBits: 8,
  dynamicSymbols: 11,
} as const;

/** Reads the header; undefined where the file is shorter than one or begins with something else. */
export function readElfHeader(bytes: Uint8Array): ElfHeader | undefined {
  if (bytes.length < headerSize || viewOf(bytes).getUint32(0) !== 0x7f454c46) return undefined;
  const view = viewOf(bytes);
  const half = (at: number): number => view.getUint16(at, true);
  return {
    class: bytes[4] ?? 0,
    order: bytes[5] ?? 0,
    versions: [bytes[6] ?? 0, view.getUint32(20, true)],
    abi: bytes[7] ?? 0,
    padding: [...bytes.subarray(8, 16)],
    type: half(16),
    machine: half(18),
    entry: u64At(view, 24),
    flags: view.getUint32(48, true),
    headerSize: half(52),
    segments: { offset: u64At(view, 32), entrySize: half(54), count: half(56) },
    sections: { offset: u64At(view, 40), entrySize: half(58), count: half(60) },
    namesIndex: half(62),
  };
}

/** The segments; undefined where their table is not in the file. */
export function readSegments(bytes: Uint8Array, table: Table): readonly Segment[] | undefined {
  return entries(bytes, table.offset, segmentEntry * table.count, segmentEntry, (view, at) => ({
    type: view.getUint32(at, true),
    flags: view.getUint32(at + 4, true),
    offset: u64At(view, at + 8),
    address: u64At(view, at + 16),
    physical: u64At(view, at + 24),
    size: u64At(view, at + 32),
    memorySize: u64At(view, at + 40),
  }));
}

/** The sections; undefined where their table is not in the file. */
export function readSections(bytes: Uint8Array, table: Table): readonly Section[] | undefined {
  return entries(bytes, table.offset, sectionEntry * table.count, sectionEntry, (view, at) => ({
    nameAt: view.getUint32(at, true),
    type: view.getUint32(at + 4, true),
    // Those above the lowest 32 say nothing here, and would take the others' digits.
    flags: view.getUint32(at + 8, true),
    address: u64At(view, at + 16),
    offset: u64At(view, at + 24),
    size: u64At(view, at + 32),
  }));
}

/** The symbols of a section. */
export function readSymbols(bytes: Uint8Array, { offset, size }: Section): readonly ElfSymbol[] | undefined {
  return entries(bytes, offset, size, 24, (view, at) => ({
    nameAt: view.getUint32(at, true),
    isFunction: (view.getUint8(at + 4) & 0xf) === 2,
    value: u64At(view, at + 8),
  }));
}

/** The relocations at a place. */
export function readRelocations(
  bytes: Uint8Array,
  offset: number,
  size: number,
): readonly Relocation[] | undefined {
  return entries(bytes, offset, size, 16, (view, at) => ({
    offset: u64At(view, at),
    type: view.getUint32(at + 8, true),
    symbol: view.getUint32(at + 12, true),
  }));
}

/** Pairs of a tag and a value, up to the one that ends them. */
export function readDynamic(
  bytes: Uint8Array,
  offset: number,
  size: number,
): ReadonlyMap<number, number> | undefined {
  const pairs = entries(
    bytes,
    offset,
    size,
    16,
    (view, at) => [u64At(view, at), u64At(view, at + 8)] as const,
  );
  if (pairs === undefined) return undefined;
  const end = pairs.findIndex(([tag]) => tag === 0);
  return new Map(end < 0 ? pairs : pairs.slice(0, end));
}

/** A text of a section of texts; undefined where it is none, or is not ended within `longest` bytes. */
export function readText(
  bytes: Uint8Array,
  section: Section | undefined,
  at: number,
  longest: number,
): string | undefined {
  if (section?.type !== sectionTypes.strings) return undefined;
  const start = section.offset + at;
  const text = bytes.subarray(start, Math.min(start + longest, section.offset + section.size));
  const end = text.indexOf(0);
  return start > bytes.length || end < 0 ? undefined : Buffer.from(text.subarray(0, end)).toString('latin1');
}

/** Whether a stretch is wholly in the file. */
export function isInside(bytes: Uint8Array, offset: number, size: number): boolean {
  return offset + size <= bytes.length;
}

/** A number of eight bytes. Above 2^53 it is not exact; nothing of that size is in any file. */
function u64At(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

/** Entries of one size; the loader takes only those that are in the file, whole, and aligned. */
function entries<T>(
  bytes: Uint8Array,
  offset: number,
  size: number,
  entrySize: number,
  read: (view: DataView, at: number) => T,
): readonly T[] | undefined {
  if (!isInside(bytes, offset, size) || offset % 8 !== 0 || size % entrySize !== 0) return undefined;
  const view = viewOf(bytes);
  return Array.from({ length: size / entrySize }, (_, index) => read(view, offset + index * entrySize));
}
