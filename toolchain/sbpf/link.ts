import { elf, NoObject, type ObjectFile, type Relocation } from './object.ts';
import { fixedPlaces, segmentFile } from './segment-file.ts';
import { placesInFile, sharedObject, type Image, type Places } from './shared-object.ts';

/** Why an object cannot become a program, and what its author does about it. */
export class NoProgram extends Error {
  readonly remedy: string;
  constructor(why: string, remedy: string) {
    super(why);
    this.remedy = remedy;
  }
}

/** Instruction sets of Solana's machine that programs are written for here. */
export type SbpfVersion = 0 | 3;

const formats = {
  0: { places: placesInFile, write: sharedObject },
  3: { places: fixedPlaces, write: segmentFile },
} as const;

const relocationTypes = { address: 1, constant: 2, call: 10 } as const;
const opcodes = { loadAddress: 0x18, call: 0x85 } as const;
const slot = 8;

/**
 * Makes a program of one object file. Code and constants are put together, calls and addresses within them are filled
 * in; calls of names that the object does not have are calls of the system. What this linker does not know it refuses.
 */
export function linkProgram(object: ObjectFile, version: SbpfVersion = 0): Uint8Array {
  const { places, write } = formats[version];
  return write(linkImage(object, places));
}

/** The parts of a program, with all that is known of them filled in. */
export function linkImage(object: ObjectFile, places: (codeLength: number) => Places = placesInFile): Image {
  refuseWhatCannotBe(object);
  const { sections, relocations, symbols } = object;
  const codeNumber = sections.findIndex(({ name }) => name === '.text');
  const code = Uint8Array.from(sections[codeNumber]?.bytes ?? []);
  if (code.length === 0) throw new NoProgram('it has no code', 'See that the source has an entry point.');
  const entry = symbols.find(({ name, section }) => name === 'entrypoint' && section === codeNumber);
  if (entry === undefined) {
    throw new NoProgram('it has no function entrypoint', 'Name the entry point `entrypoint`, not static.');
  }

  const at = places(code.length);
  const starts = new Map([[codeNumber, at.code]]);
  const pieces: Uint8Array[] = [];
  let end = at.constants;
  for (const [number, { flags, type, align, bytes }] of sections.entries()) {
    if (number === codeNumber || (flags & elf.flagAlloc) === 0 || type === elf.noBits) continue;
    const gap = (align - (end % align)) % align;
    starts.set(number, end + gap);
    pieces.push(new Uint8Array(gap), bytes);
    end += gap + bytes.length;
  }
  const constants = joined([...pieces, new Uint8Array((slot - (end % slot)) % slot)]);
  for (const [number, start] of starts) {
    if (number === codeNumber) continue;
    for (const relocation of relocations.get(number) ?? []) {
      fillConstant(constants, start - at.constants, {
        start: starts.get(relocation.symbol.section),
        relocation,
      });
    }
  }

  const systemCalls: { offset: number; name: string }[] = [];
  for (const relocation of relocations.get(codeNumber) ?? []) {
    const target = { start: starts.get(relocation.symbol.section), relocation };
    if (relocation.type === relocationTypes.address) fillAddress(code, target);
    else if (relocation.symbol.section === codeNumber) fillCall(code, relocation);
    else if (relocation.symbol.section !== 0) {
      const { name } = relocation.symbol;
      throw new NoProgram(`it calls ${name}, which is no code`, 'Call functions only.');
    } else {
      expect(code, relocation, opcodes.call);
      new DataView(code.buffer).setInt32(relocation.offset + 4, -1, true);
      // Unmarked: a 1 there would say that the target is in this program.
      code[relocation.offset + 1] = 0;
      systemCalls.push({ offset: relocation.offset, name: relocation.symbol.name });
    }
  }
  return { code, constants, entry: entry.value, systemCalls };
}

interface Target {
  /** The address of the symbol's section; undefined for one that is not part of the program. */
  readonly start: number | undefined;
  readonly relocation: Relocation;
}

/** An address of a constant or a function, over two slots: its lower and its upper half. */
function fillAddress(code: Uint8Array, target: Target): void {
  const { relocation } = target;
  expect(code, relocation, opcodes.loadAddress);
  const view = new DataView(code.buffer);
  const address = addressOf(target, view.getUint32(relocation.offset + 4, true));
  view.setUint32(relocation.offset + 4, Number(address & 0xffff_ffffn), true);
  view.setUint32(relocation.offset + slot + 4, Number(address >> 32n), true);
}

/** An address among the constants: a pointer in a table. */
function fillConstant(constants: Uint8Array, section: number, target: Target): void {
  const at = section + target.relocation.offset;
  if (at + slot > constants.length) throw new NoObject('an address stands outside the constants');
  const view = new DataView(constants.buffer);
  view.setBigUint64(at, addressOf(target, Number(view.getBigUint64(at, true))), true);
}

function addressOf({ start, relocation: { symbol } }: Target, within: number): bigint {
  if (start === undefined) {
    throw new NoProgram(`it uses ${symbol.name}, which is nowhere defined`, 'Define it in the source.');
  }
  return BigInt(start + symbol.value + within);
}

/** A call within the program: so many instructions on from the next one. */
function fillCall(code: Uint8Array, relocation: Relocation): void {
  expect(code, relocation, opcodes.call);
  const view = new DataView(code.buffer);
  const within = (view.getInt32(relocation.offset + 4, true) + 1) * slot;
  const target = relocation.symbol.value + within;
  if (target < 0 || target >= code.length || target % slot !== 0) {
    throw new NoObject(`a call leads to ${target}, outside the code`);
  }
  view.setInt32(relocation.offset + 4, (target - relocation.offset) / slot - 1, true);
}

function expect(code: Uint8Array, { offset, symbol }: Relocation, opcode: number): void {
  const width = opcode === opcodes.loadAddress ? 2 * slot : slot;
  if (offset % slot !== 0 || offset + width > code.length || code[offset] !== opcode) {
    throw new NoObject(
      `the relocation of ${symbol.name} at ${offset} is not at an instruction that takes it`,
    );
  }
}

function refuseWhatCannotBe({ sections, relocations }: ObjectFile): void {
  for (const [number, { name, flags, size, type }] of sections.entries()) {
    if ((flags & elf.flagAlloc) === 0 || size === 0) continue;
    if ((flags & elf.flagWrite) !== 0 || type === elf.noBits) {
      throw new NoProgram(
        `${name} can be written; programs keep nothing between two calls`,
        'Make globals const, and keep what changes in accounts.',
      );
    }
    if ((flags & elf.flagExecute) !== 0 && name !== '.text') {
      throw new NoProgram(`it has code in ${name}`, 'Put all code into one section.');
    }
    const known: readonly number[] =
      name === '.text' ? [relocationTypes.address, relocationTypes.call] : [relocationTypes.constant];
    const unknown = relocations.get(number)?.find((relocation) => !known.includes(relocation.type));
    if (unknown === undefined) continue;
    throw new NoProgram(
      `${name} uses ${unknown.symbol.name} in a way that this linker does not know (relocation type ${unknown.type})`,
      'Teach toolchain/sbpf/link.ts that type, or write it otherwise.',
    );
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
