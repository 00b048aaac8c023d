import {
  headerSize,
  isInside,
  readSegments,
  segmentEntry,
  segmentTypes,
  type ElfHeader,
  type Segment,
} from './elf-reader.ts';
import { entryProblem, rebuild, truncated } from './elf-words.ts';

// SIMD-0189: constants first where there are any, then code; each at its fixed address.
const constants = { what: 'the constants', flags: 4, address: 0 } as const;
const code = { what: 'the code', flags: 1, address: 0x1_0000_0000 } as const;
type Expected = typeof constants | typeof code;

const largestRegion = 0x1_0000_0000;

/** What is wrong with a file of sBPF v3: it is loaded by its segments, and its sections are not looked at. */
export function segmentProblems(bytes: Uint8Array, header: ElfHeader): readonly string[] {
  const { segments: table } = header;
  const isPlain =
    header.machine === 247 &&
    header.headerSize === headerSize &&
    table.entrySize === segmentEntry &&
    table.offset === headerSize &&
    header.padding.every((byte) => byte === 0);
  if (!isPlain) return [`Its header is not that of sBPF v3. ${rebuild}`];
  const segments = readSegments(bytes, table);
  if (segments === undefined) {
    return [`It ends within its table of segments: ${truncated}`];
  }
  const [first] = segments;
  const expected: readonly Expected[] = first?.flags === constants.flags ? [constants, code] : [code];
  let offset = headerSize + segmentEntry * table.count;
  for (const [index, place] of expected.entries()) {
    const segment = segments[index];
    if (segment === undefined) return [`It has no segment for ${place.what}. ${rebuild}`];
    const problem = problemOf(bytes, segment, place, offset);
    if (problem !== undefined) return [problem];
    offset += segment.size;
  }
  return entryProblems(header, segments[expected.length - 1]);
}

function problemOf(
  bytes: Uint8Array,
  segment: Segment,
  { what, flags, address }: Expected,
  offset: number,
): string | undefined {
  if (segment.type !== segmentTypes.load || segment.flags !== flags) {
    return segment.flags === (flags | 2)
      ? `The segment of ${what} is writable; programs keep nothing in variables of their own. Move that state into an account.`
      : `The segment where ${what} should be is another one. ${rebuild}`;
  }
  if (segment.address !== address || segment.physical !== address) {
    return `The segment of ${what} has the address 0x${segment.address.toString(16)}, not 0x${address.toString(16)}. ${rebuild}`;
  }
  if (segment.offset >= bytes.length || !isInside(bytes, segment.offset, segment.size)) {
    return `It ends within the segment of ${what}: ${truncated}`;
  }
  const fits =
    segment.offset === offset &&
    segment.offset % 8 === 0 &&
    segment.size % 8 === 0 &&
    segment.size === segment.memorySize &&
    segment.size < largestRegion;
  return fits ? undefined : `The segment of ${what} does not lie where sBPF v3 has it. ${rebuild}`;
}

function entryProblems({ entry }: ElfHeader, text: Segment | undefined): readonly string[] {
  if (text === undefined) return [];
  const isInCode = entry >= text.address && entry + 7 < text.address + text.memorySize;
  if (isInCode && entry % 8 === 0) return [];
  return [entryProblem(entry)];
}
