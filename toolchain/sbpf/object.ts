/** A section of an object file. */
export interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly align: number;
  /** Its size; `bytes` are empty where the file holds none of them. */
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** A symbol of an object file. `section` is a number of the section table; 0 when it is defined elsewhere. */
export interface ObjectSymbol {
  readonly name: string;
  readonly section: number;
  readonly value: number;
}

/** A place in a section that has to be filled in with where a symbol is. */
export interface Relocation {
  readonly offset: number;
  readonly type: number;
  readonly symbol: ObjectSymbol;
}

/** What a compiler makes of one source, before it is linked. */
export interface ObjectFile {
  readonly sections: readonly Section[];
  /** By the number of the section that they are to be made in. */
  readonly relocations: ReadonlyMap<number, readonly Relocation[]>;
  readonly symbols: readonly ObjectSymbol[];
}

/** Numbers of the ELF format that are used here. */
export const elf = {
  relocatable: 1,
  sharedObject: 3,
  machineBpf: 247,
  progbits: 1,
  symbolTable: 2,
  stringTable: 3,
  dynamic: 6,
  noBits: 8,
  rel: 9,
  dynamicSymbols: 11,
  flagWrite: 1,
  flagAlloc: 2,
  flagExecute: 4,
} as const;

/** Why bytes are no object file that can be linked. */
export class NoObject extends Error {}

/** Reads an ELF object file of the BPF machine. Throws NoObject with the reason where it is none. */
export function readObject(file: Uint8Array): ObjectFile {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 64 || view.getUint32(0) !== 0x7f454c46) throw new NoObject('it is no ELF file');
  if (file[4] !== 2 || file[5] !== 1) throw new NoObject('it is not of 64 bits with the lowest byte first');
  if (view.getUint16(16, true) !== elf.relocatable) throw new NoObject('it is no object file');
  if (view.getUint16(18, true) !== elf.machineBpf) throw new NoObject('it is for another machine than BPF');

  const table = offset(view, 40);
  const count = view.getUint16(60, true);
  const within = (at: number, size: number): Uint8Array => {
    if (at + size > file.length) throw new NoObject('it is cut short');
    return file.subarray(at, at + size);
  };
  within(table, count * 64);
  const headers = Array.from({ length: count }, (_, index) => {
    const at = table + index * 64;
    const type = view.getUint32(at + 4, true);
    const size = offset(view, at + 32);
    return {
      name: view.getUint32(at, true),
      type,
      flags: view.getUint32(at + 8, true),
      size,
      bytes: type === elf.noBits || type === 0 ? new Uint8Array() : within(offset(view, at + 24), size),
      link: view.getUint32(at + 40, true),
      info: view.getUint32(at + 44, true),
      align: Math.max(1, offset(view, at + 48)),
    };
  });
  const names = headers[view.getUint16(62, true)]?.bytes ?? new Uint8Array();
  const sections = headers.map((header) => ({ ...header, name: textAt(names, header.name) }));

  const symbolTable = headers.find(({ type }) => type === elf.symbolTable);
  const symbolNames = headers[symbolTable?.link ?? 0]?.bytes ?? new Uint8Array();
  const symbols = records(symbolTable?.bytes, 24).map((record) => ({
    name: textAt(symbolNames, record.getUint32(0, true)),
    section: record.getUint16(6, true),
    value: offset(record, 8),
  }));

  const relocations = new Map<number, Relocation[]>();
  for (const { type, info, bytes } of headers) {
    if (type !== elf.rel) continue;
    const list = records(bytes, 16).map((record) => {
      const number = record.getUint32(12, true);
      const symbol = symbols[number];
      if (symbol === undefined) throw new NoObject(`a relocation names symbol ${number}, which there is not`);
      return { offset: offset(record, 0), type: record.getUint32(8, true), symbol };
    });
    relocations.set(info, [...(relocations.get(info) ?? []), ...list]);
  }
  return { sections, relocations, symbols };
}

function records(bytes: Uint8Array | undefined, size: number): DataView[] {
  if (bytes === undefined) return [];
  return Array.from(
    { length: Math.floor(bytes.length / size) },
    (_, index) => new DataView(bytes.buffer, bytes.byteOffset + index * size, size),
  );
}

function offset(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value > 0x7fff_ffffn) throw new NoObject('a number in it is larger than any file');
  return Number(value);
}

function textAt(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  return new TextDecoder('latin1').decode(bytes.subarray(at, end === -1 ? bytes.length : end));
}
