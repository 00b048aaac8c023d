import {
  isInside,
  readDynamic,
  readRelocations,
  readSymbols,
  readText,
  sectionTypes,
  segmentTypes,
  type ElfSymbol,
  type Relocation,
  type Segment,
} from './elf-reader.ts';
import type { SectionFile } from './elf-sections.ts';
import { rebuild } from './elf-words.ts';
import { viewOf } from './instruction.ts';

/** Tags of the dynamic table. */
const tags = { symbols: 6, relocations: 17, relocationsSize: 18, relocationSize: 19 } as const;
/** Kinds of relocations that the loader knows; it numbers them as x86-64 does. */
const kinds = { absolute: 1, relative: 8, call: 10 } as const;
const longestSymbol = 64;
const callInstruction = 0x85;

/** What is wrong with what the loader fills in: calls within the code, and names that it must find. */
export function relocationProblems(file: SectionFile, syscalls: ReadonlySet<string>): readonly string[] {
  const calls = callProblems(file);
  if (calls.length > 0) return calls;
  const read = readDynamicTables(file);
  if (read === undefined) return [`Its table for the loader (.dynamic) cannot be read. ${rebuild}`];
  const problems = new Set<string>();
  const unknown = new Set<string>();
  for (const relocation of read.relocations) {
    const found = problemOf(file, read.symbols, relocation, syscalls);
    if (typeof found === 'string') problems.add(found);
    else if (found !== undefined) unknown.add(found.syscall);
  }
  const names = [...unknown].toSorted();
  return [
    ...(names.length === 0
      ? []
      : [
          `It calls what no cluster has: ${names.join(', ')}. ${fixFor(names)} A name that this cluster does have goes into \`syscalls\`.`,
        ]),
    ...problems,
  ];
}

function fixFor(names: readonly string[]): string {
  return names.includes('sol_alloc_free_')
    ? 'sol_alloc_free_ is of old toolchains: build it with a current `cargo build-sbf`.'
    : 'Link the crate that brings it, or leave out what needs the standard library of an operating system.';
}

interface DynamicTables {
  readonly relocations: readonly Relocation[];
  readonly symbols: readonly ElfSymbol[];
}

function readDynamicTables(file: SectionFile): DynamicTables | undefined {
  const { bytes, segments, sections } = file;
  const segment = segments.find(({ type }) => type === segmentTypes.dynamic);
  const section = sections.find(({ type }) => type === sectionTypes.dynamic);
  const bySegment = segment === undefined ? undefined : readDynamic(bytes, segment.offset, segment.size);
  if (bySegment === undefined && section === undefined) return { relocations: [], symbols: [] };
  const table = bySegment ?? (section && readDynamic(bytes, section.offset, section.size));
  const relocations = table && relocationsOf(file, table);
  const symbols = table && symbolsOf(file, table);
  return relocations && symbols && { relocations, symbols };
}

function relocationsOf(
  { bytes, segments, sections }: SectionFile,
  table: ReadonlyMap<number, number>,
): readonly Relocation[] | undefined {
  const address = table.get(tags.relocations) ?? 0;
  const size = table.get(tags.relocationsSize) ?? 0;
  if (address === 0) return [];
  if (table.get(tags.relocationSize) !== 16 || size === 0) return undefined;
  const found = segments.findIndex((each) => address >= each.address && address < endOf(each));
  // The loader adds up the end of each that it looks at on the way, and refuses what 64 bits do not hold.
  const looked = found < 0 ? segments : segments.slice(0, found + 1);
  if (looked.some((each) => endOf(each) >= 2 ** 64)) return undefined;
  const segment = segments[found];
  const offset =
    segment === undefined
      ? sections.find((each) => each.address === address)?.offset
      : address - segment.address + segment.offset;
  return offset === undefined ? undefined : readRelocations(bytes, offset, size);
}

function endOf({ address, memorySize }: Segment): number {
  return address + memorySize;
}

function symbolsOf(
  { bytes, sections }: SectionFile,
  table: ReadonlyMap<number, number>,
): readonly ElfSymbol[] | undefined {
  const address = table.get(tags.symbols) ?? 0;
  if (address === 0) return [];
  const section = sections.find((each) => each.address === address);
  const isTable = section?.type === sectionTypes.symbols || section?.type === sectionTypes.dynamicSymbols;
  return section !== undefined && isTable ? readSymbols(bytes, section) : undefined;
}

/** What is wrong with one relocation, or the syscall that it asks for and nobody has. */
function problemOf(
  { bytes, sections, text }: SectionFile,
  symbols: readonly ElfSymbol[],
  { type, offset, symbol: index }: Relocation,
  syscalls: ReadonlySet<string>,
): string | { readonly syscall: string } | undefined {
  const outside = `A place that the loader has to fill in is not in the file: it is truncated or damaged. ${rebuild}`;
  const isInText = offset >= text.offset && offset < text.offset + text.size;
  switch (type) {
    case kinds.absolute:
      if (!isInside(bytes, offset, 16)) return outside;
      return symbols[index] === undefined
        ? `A relocation names a symbol that is not there. ${rebuild}`
        : undefined;
    case kinds.relative:
      if (!isInside(bytes, offset, isInText ? 16 : 8)) return outside;
      return isInText && isNowhere(bytes, offset)
        ? `Its code refers to the address 0. ${rebuild}`
        : undefined;
    case kinds.call: {
      if (!isInside(bytes, offset, 8)) return outside;
      const symbol = symbols[index];
      const names = sections.find(({ name }) => name === '.dynstr');
      const name = symbol && readText(bytes, names, symbol.nameAt, longestSymbol);
      if (symbol === undefined || name === undefined) {
        return `A call names a symbol that is not there, or whose name has more than ${longestSymbol - 1} letters. ${rebuild}`;
      }
      if (!symbol.isFunction || symbol.value === 0) return syscalls.has(name) ? undefined : { syscall: name };
      return symbol.value >= text.address && symbol.value < text.address + text.size
        ? undefined
        : `Its function ${name} lies outside of its code. ${rebuild}`;
    }
    default:
      return `It has a relocation of kind ${type}, which the loader does not know. ${rebuild}`;
  }
}

/** Whether the two halves of a loaded address, in two instructions, are zero. */
function isNowhere(bytes: Uint8Array, offset: number): boolean {
  const view = viewOf(bytes);
  return view.getUint32(offset + 4, true) === 0 && view.getUint32(offset + 12, true) === 0;
}

/** Calls within the code: each must lead to an instruction. -1 stands for what is filled in later. */
function callProblems({ bytes, text }: SectionFile): readonly string[] {
  const code = bytes.subarray(text.offset, text.offset + text.size);
  const view = viewOf(code);
  const count = Math.floor(code.length / 8);
  for (let index = 0; index < count; index += 1) {
    if (code[index * 8] !== callInstruction) continue;
    const distance = view.getInt32(index * 8 + 4, true);
    const target = index + 1 + distance;
    if (distance !== -1 && (target < 0 || target >= count)) {
      return [
        `Instruction ${index} calls instruction ${target}, which it does not have: it is damaged. ${rebuild}`,
      ];
    }
  }
  return [];
}
