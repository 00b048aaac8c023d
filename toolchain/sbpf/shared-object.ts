import { elf } from './object.ts';

/** Addresses that the machine gives to the parts of a program. */
export interface Places {
  readonly code: number;
  readonly constants: number;
}

/** Where the code stands: behind the headers of the file. */
const codeAt = 0x120;
/** Where version 0 maps the file. */
const fileAt = 0x1_0000_0000;

/** In version 0 addresses are offsets in the file, and constants follow the code. */
export function placesInFile(codeLength: number): Places {
  return { code: fileAt + codeAt, constants: fileAt + codeAt + codeLength };
}

/** What the parts of a program are before they become a file. */
export interface Image {
  readonly code: Uint8Array;
  readonly constants: Uint8Array;
  /** Offset of the first instruction in the code. */
  readonly entry: number;
  /** Calls of the system: where in the code, and which. */
  readonly systemCalls: readonly { readonly offset: number; readonly name: string }[];
}

const headerSize = 64;
const programHeaderSize = 56;
const readable = 4;
const executable = 1;
const load = 1;
const dynamic = 2;

// Entries of the dynamic table, as the ELF format numbers them.
const tags = {
  strings: 5,
  symbols: 6,
  stringsSize: 10,
  symbolSize: 11,
  relocations: 17,
  relocationsSize: 18,
  relocationSize: 19,
} as const;

interface Part {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
  /** Number of the section that this one refers to, and the size of its entries. */
  readonly link?: number;
  readonly info?: number;
  readonly entrySize?: number;
}

// What .dynsym and .dynstr are in the order of the sections, which other sections refer to.
const numbers = { symbols: 4, strings: 5 } as const;

/**
 * Writes a program of sBPF version 0: a shared object, whose calls of the system the loader fills in by their names.
 * There is nothing in it that the machine that made it could change: no paths, no times.
 */
export function sharedObject({ code, constants, entry, systemCalls }: Image): Uint8Array {
  const names = [...new Set(systemCalls.map(({ name }) => name))];
  const strings = stringTable(names);
  const calls = systemCalls.map(({ offset, name }) =>
    // The upper half names the symbol, the lower says that it is a call's relocation.
    words(codeAt + offset, (BigInt(names.indexOf(name) + 1) << 32n) | 10n),
  );
  const sizes = {
    code: code.length,
    constants: constants.length,
    dynamic: 16 * 8,
    symbols: 24 * (names.length + 1),
    strings: strings.bytes.length,
    calls: 16 * calls.length,
  };
  const at = offsets(sizes);
  const entries: readonly (readonly [tag: number, value: number])[] = [
    [tags.symbols, at.symbols],
    [tags.symbolSize, 24],
    [tags.strings, at.strings],
    [tags.stringsSize, sizes.strings],
  ];
  const relocations: typeof entries = [
    [tags.relocations, at.calls],
    [tags.relocationsSize, sizes.calls],
    [tags.relocationSize, 16],
  ];
  // Without a call there is no table of them, and its tags must be left out.
  const all = calls.length === 0 ? entries : [...relocations, ...entries];
  const table = joined(...all.map(([tag, value]) => words(tag, value)), new Uint8Array(16));
  const symbols = joined(
    new Uint8Array(24),
    // Global, of no type, in no section: the loader's.
    ...names.map((name) => joined(u32(strings.at(name)), u32(0x10), new Uint8Array(16))),
  );
  const { flagAlloc: alloc, flagExecute } = elf;
  const parts: Part[] = [
    { name: '.text', type: elf.progbits, flags: alloc | flagExecute, bytes: code },
    { name: '.rodata', type: elf.progbits, flags: alloc, bytes: constants },
    {
      name: '.dynamic',
      type: elf.dynamic,
      flags: alloc,
      bytes: sized(table, sizes.dynamic),
      link: numbers.strings,
      entrySize: 16,
    },
    {
      name: '.dynsym',
      type: elf.dynamicSymbols,
      flags: alloc,
      bytes: symbols,
      link: numbers.strings,
      info: 1,
      entrySize: 24,
    },
    { name: '.dynstr', type: elf.stringTable, flags: alloc, bytes: strings.bytes },
    {
      name: '.rel.dyn',
      type: elf.rel,
      flags: alloc,
      bytes: joined(...calls),
      link: numbers.symbols,
      entrySize: 16,
    },
  ];
  return file(parts, at, codeAt + entry);
}

interface Offsets {
  readonly code: number;
  readonly constants: number;
  readonly dynamic: number;
  readonly symbols: number;
  readonly strings: number;
  readonly calls: number;
  readonly end: number;
}

function offsets(sizes: Omit<Offsets, 'end'>): Offsets {
  const constants = codeAt + sizes.code;
  const table = constants + sizes.constants;
  const symbols = table + sizes.dynamic;
  const strings = symbols + sizes.symbols;
  const calls = strings + sizes.strings;
  return { code: codeAt, constants, dynamic: table, symbols, strings, calls, end: calls + sizes.calls };
}

function file(parts: readonly Part[], at: Offsets, entry: number): Uint8Array {
  const sectionNames = stringTable([...parts.map(({ name }) => name), '.shstrtab']);
  const all: Part[] = [
    ...parts,
    { name: '.shstrtab', type: elf.stringTable, flags: 0, bytes: padded(sectionNames.bytes) },
  ];
  let position = codeAt;
  const headers = all.map(({ name, type, flags, bytes, link = 0, info = 0, entrySize = 0 }) => {
    const address = (flags & elf.flagAlloc) === 0 ? 0 : position;
    const header = joined(
      u32(sectionNames.at(name)),
      u32(type),
      words(flags, address, position, bytes.length),
      u32(link),
      u32(info),
      words(8, entrySize),
    );
    position += bytes.length;
    return header;
  });
  const segments = [
    segment(load, readable | executable, at.code, at.constants),
    segment(load, readable, at.constants, at.dynamic),
    segment(load, readable, at.dynamic, at.end),
    segment(dynamic, readable, at.dynamic, at.symbols),
  ];
  const header = joined(
    Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    u16(elf.sharedObject, elf.machineBpf),
    u32(1),
    words(entry, headerSize, position),
    u32(0), // sBPF version 0
    u16(headerSize, programHeaderSize, segments.length, 64, headers.length + 1, headers.length),
  );
  const front = sized(joined(header, ...segments), codeAt);
  return joined(front, ...all.map(({ bytes }) => bytes), new Uint8Array(64), ...headers);
}

function segment(type: number, flags: number, from: number, to: number): Uint8Array {
  return joined(u32(type), u32(flags), words(from, from, from, to - from, to - from, 8));
}

interface StringTable {
  readonly bytes: Uint8Array;
  at(name: string): number;
}

function stringTable(names: readonly string[]): StringTable {
  const text = `\0${names.map((name) => `${name}\0`).join('')}`;
  return {
    bytes: padded(new TextEncoder().encode(text)),
    at: (name) => text.indexOf(`\0${name}\0`) + 1,
  };
}

function padded(bytes: Uint8Array): Uint8Array {
  return sized(bytes, Math.ceil(bytes.length / 8) * 8);
}

function sized(bytes: Uint8Array, size: number): Uint8Array {
  const filled = new Uint8Array(size);
  filled.set(bytes);
  return filled;
}

function words(...values: readonly (number | bigint)[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values, BigInt).buffer);
}

function u32(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

function u16(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(values).buffer);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
