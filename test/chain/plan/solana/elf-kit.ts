import { joined, u16, u32, u64, u8 } from '@cutover/chain/plan/solana/instruction.ts';

/** One instruction of sBPF. */
export function instruction(opcode: number, immediate: number, registers = 0): Uint8Array {
  return joined(u8(opcode), u8(registers), u16(0), u32(immediate >>> 0));
}

/** Ends a function. */
export const exit = instruction(0x95, 0);
const call = (immediate: number): Uint8Array => instruction(0x85, immediate);

/** The numbers of a header that tests bend. */
export interface HeaderBend {
  readonly machine?: number;
  readonly type?: number;
  readonly version?: number;
  readonly entry?: number;
}

/** A program of sBPF v3: constants, then code, and nothing that it could leave out. */
export function strictElf(constants: Uint8Array, text: Uint8Array, bend: HeaderBend = {}): Uint8Array {
  const start = 64 + 2 * 56;
  return joined(
    header(
      { version: 3, entry: 0x1_0000_0000, ...bend },
      { offset: 64, count: 2 },
      { offset: 0, count: 0 },
      0,
    ),
    segment(4, start, 0, constants.length),
    segment(1, start + constants.length, 0x1_0000_0000, text.length),
    constants,
    text,
  );
}

interface Part {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
  /** What a part without bytes takes when it is loaded. */
  readonly size?: number;
}

/** A program of sBPF v0 that calls these names, as linkers lay it out: sections, dynamic symbols and relocations. */
export function sectionElf(
  calls: readonly string[],
  bend: HeaderBend & { readonly more?: readonly Part[]; readonly text?: Uint8Array } = {},
): Uint8Array {
  const text = bend.text ?? joined(...calls.map(() => call(-1)), exit);
  const at = 64;
  const strings = joined(u8(0), ...calls.map((name) => joined(Buffer.from(name), u8(0))));
  const names = calls.map(
    (_, index) => 1 + calls.slice(0, index).reduce((sum, { length }) => sum + length + 1, 0),
  );
  const symbols = joined(
    new Uint8Array(24),
    ...names.map((name) => joined(u32(name), u8(16), new Uint8Array(19))),
  );
  const relocations = joined(
    ...calls.map((_, index) => joined(u64(at + index * 8), u32(10), u32(index + 1))),
  );
  const symbolsAt = at + text.length;
  const relocationsAt = symbolsAt + symbols.length;
  const dynamic = joined(
    ...[
      [6, symbolsAt],
      ...(calls.length === 0
        ? []
        : [
            [17, relocationsAt],
            [18, relocations.length],
            [19, 16],
          ]),
      [0, 0],
    ].flatMap((pair) => pair.map((number) => u64(number))),
  );
  return sectioned(
    [
      { name: '.text', type: 1, flags: 6, bytes: text },
      { name: '.dynsym', type: 11, flags: 2, bytes: symbols },
      { name: '.rel.dyn', type: 9, flags: 2, bytes: relocations },
      { name: '.dynamic', type: 6, flags: 2, bytes: dynamic },
      { name: '.dynstr', type: 3, flags: 2, bytes: strings },
      ...(bend.more ?? []),
    ],
    { entry: at, ...bend },
  );
}

function sectioned(parts: readonly Part[], bend: HeaderBend): Uint8Array {
  const shown = joined(u8(0), ...[...parts.map(({ name }) => name), '.shstrtab'].map((name) => text0(name)));
  const all = [...parts, { name: '.shstrtab', type: 3, flags: 0, bytes: shown }];
  let at = 64;
  let nameAt = 1;
  const entries: Uint8Array[] = [new Uint8Array(64)];
  for (const { name, type, flags, bytes, size } of all) {
    entries.push(
      joined(u32(nameAt), u32(type), u64(flags), u64(flags & 2 ? at : 0), u64(at), u64(size ?? bytes.length)),
      new Uint8Array(24),
    );
    at += bytes.length;
    nameAt += name.length + 1;
  }
  const padding = new Uint8Array((8 - (at % 8)) % 8);
  return joined(
    header(
      { version: 0, ...bend },
      { offset: 64, count: 0 },
      { offset: at + padding.length, count: all.length + 1 },
      all.length,
    ),
    ...all.map(({ bytes }) => bytes),
    padding,
    ...entries,
  );
}

function text0(text: string): Uint8Array {
  return joined(Buffer.from(text), u8(0));
}

interface TableAt {
  readonly offset: number;
  readonly count: number;
}

function header(
  { machine = 247, type = 3, version = 0, entry = 0 }: HeaderBend,
  segments: TableAt,
  sections: TableAt,
  names: number,
): Uint8Array {
  return joined(
    Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0),
    new Uint8Array(8),
    u16(type),
    u16(machine),
    u32(1),
    u64(entry),
    u64(segments.offset),
    u64(sections.offset),
    u32(version),
    u16(64),
    u16(56),
    u16(segments.count),
    u16(64),
    u16(sections.count),
    u16(names),
  );
}

function segment(flags: number, offset: number, address: number, size: number): Uint8Array {
  return joined(u32(1), u32(flags), u64(offset), u64(address), u64(address), u64(size), u64(size), u64(0));
}
