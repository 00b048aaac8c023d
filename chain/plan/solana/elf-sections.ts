import {
  headerSize,
  isInside,
  readSections,
  readSegments,
  readText,
  sectionEntry,
  sectionTypes,
  segmentEntry,
  segmentTypes,
  type ElfHeader,
  type Section,
  type Segment,
} from './elf-reader.ts';
import { relocationProblems } from './elf-relocations.ts';
import { entryProblem, rebuild, truncated } from './elf-words.ts';

/** A section with its name; undefined where the name cannot be read. */
export interface NamedSection extends Section {
  readonly name: string | undefined;
}

/** A file whose tables could be read. */
export interface SectionFile {
  readonly bytes: Uint8Array;
  readonly header: ElfHeader;
  readonly segments: readonly Segment[];
  readonly sections: readonly NamedSection[];
  readonly text: NamedSection;
}

/** Names of sections end within this many bytes, zero included. */
const longestName = 16;
const regionSize = 0x1_0000_0000;
const writableFlags = 3; // allocated and written

/** What is wrong with a file of sBPF v0 to v2: it is loaded by its sections, and relocated. */
export function sectionProblems(
  bytes: Uint8Array,
  header: ElfHeader,
  syscalls: ReadonlySet<string>,
): readonly string[] {
  const tables = readTables(bytes, header);
  if (typeof tables === 'string') return [tables];
  const { sections } = tables;
  const writable = sections.filter(isWritable).map(({ name, size }) => `${name} (${size} bytes)`);
  if (writable.length > 0) {
    return [
      `It has variables that it would write to: ${writable.join(', ')}. Programs keep nothing between calls: make these statics constants, or move that state into an account.`,
    ];
  }
  const [text, ...others] = sections.filter(({ name }) => name === '.text');
  if (text === undefined || text.type === sectionTypes.noBits || others.length > 0) {
    return [`It has not exactly one section of code (.text). ${rebuild}`];
  }
  const found = [...entryProblems(header, text), ...placeProblems(bytes, sections)];
  return found.length > 0 ? found : relocationProblems({ ...tables, text }, syscalls);
}

/** The tables, or the first thing that is wrong with them. */
function readTables(bytes: Uint8Array, header: ElfHeader): Omit<SectionFile, 'text'> | string {
  const { segments: segmentTable, sections: sectionTable, namesIndex } = header;
  if (
    header.headerSize !== headerSize ||
    segmentTable.entrySize !== segmentEntry ||
    sectionTable.entrySize !== sectionEntry ||
    namesIndex >= sectionTable.count
  ) {
    return `Its header gives sizes that ELF does not have. ${rebuild}`;
  }
  const segments = readSegments(bytes, segmentTable);
  if (segments === undefined) return `It ends within its table of segments: ${truncated}`;
  const plain = readSections(bytes, sectionTable);
  if (plain === undefined) return `It ends within its table of sections: ${truncated}`;
  const taken = [
    [0, headerSize],
    stretch(segmentTable.offset, segmentEntry * segmentTable.count),
    stretch(sectionTable.offset, sectionEntry * sectionTable.count),
  ] as const;
  if (
    plain[0]?.type !== sectionTypes.null ||
    taken.some((one, i) => taken.slice(i + 1).some((two) => overlap(one, two)))
  ) {
    return `Its tables lie over one another. ${rebuild}`;
  }
  return (
    segmentProblem(bytes, segments) ??
    orderProblem(bytes, plain, taken) ??
    withNames(bytes, header, segments, plain)
  );
}

function withNames(
  bytes: Uint8Array,
  header: ElfHeader,
  segments: readonly Segment[],
  plain: readonly Section[],
): Omit<SectionFile, 'text'> | string {
  const names = header.namesIndex === 0 ? undefined : plain[header.namesIndex];
  const sections = plain.map((section) => ({
    ...section,
    name: readText(bytes, names, section.nameAt, longestName),
  }));
  if (sections.some(({ name }) => name === undefined)) {
    return `A name of its sections cannot be read, or has more than ${longestName - 1} letters. Shorten #[link_section] names, or build it again with \`cargo build-sbf\`.`;
  }
  const twice = ['.symtab', '.strtab', '.dynstr'].find(
    (name) => sections.filter((section) => section.name === name).length > 1,
  );
  if (twice !== undefined) return `It has the section ${twice} twice. ${rebuild}`;
  return { bytes, header, segments, sections };
}

function segmentProblem(bytes: Uint8Array, segments: readonly Segment[]): string | undefined {
  let address = 0;
  for (const segment of segments.filter(({ type }) => type === segmentTypes.load)) {
    if (segment.address < address) return `Its segments are not in the order of their addresses. ${rebuild}`;
    if (!isInside(bytes, segment.offset, segment.size)) return `It ends within a segment: ${truncated}`;
    ({ address } = segment);
  }
  return undefined;
}

function orderProblem(
  bytes: Uint8Array,
  sections: readonly Section[],
  taken: readonly Stretch[],
): string | undefined {
  let end = 0;
  for (const { type, offset, size } of sections) {
    if (!isInside(bytes, offset, size) && type !== sectionTypes.noBits)
      return `It ends within a section: ${truncated}`;
    if (type === sectionTypes.noBits) continue;
    if (taken.some((each) => overlap(each, stretch(offset, size))) || offset < end) {
      return `Its sections lie over one another or are not in order. ${rebuild}`;
    }
    end = offset + size;
  }
  return undefined;
}

function isWritable({ name, flags }: NamedSection): boolean {
  if (name === undefined) return false;
  if (name.startsWith('.bss')) return true;
  const isWritten = (flags & writableFlags) === writableFlags;
  return isWritten && name.startsWith('.data') && !name.startsWith('.data.rel');
}

function entryProblems({ entry }: ElfHeader, text: Section): readonly string[] {
  const isInCode = entry >= text.address && entry < text.address + text.size;
  if (isInCode && (entry - text.address) % 8 === 0) return [];
  return [entryProblem(entry)];
}

const loaded = ['.text', '.rodata', '.data.rel.ro', '.eh_frame'];

/** Where the loader takes bytes as they lie in the file, addresses and offsets must be the same. */
function placeProblems(bytes: Uint8Array, sections: readonly NamedSection[]): readonly string[] {
  const outside = sections.find(({ offset, size }) => !isInside(bytes, offset, size));
  if (outside !== undefined) return [`Its section ${outside.name} is not in the file. ${rebuild}`];
  const parts = sections.filter(({ name }) => name !== undefined && loaded.includes(name));
  const moved = parts.find(({ address, offset, size }) => address !== offset || address + size > regionSize);
  return moved === undefined
    ? []
    : [`Its section ${moved.name} has another address than its place in the file. ${rebuild}`];
}

type Stretch = readonly [start: number, end: number];

function stretch(offset: number, size: number): Stretch {
  return [offset, offset + size];
}

function overlap(a: Stretch, b: Stretch): boolean {
  return !(a[1] <= b[0] || b[1] <= a[0]);
}
