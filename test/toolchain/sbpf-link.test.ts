import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkElf } from '@cutover/chain/plan/solana/elf.ts';
import { definesOf } from '../../toolchain/sbpf/defines.ts';
import { linkImage, linkProgram, NoProgram } from '../../toolchain/sbpf/link.ts';
import { elf, NoObject, readObject, type ObjectFile, type Section } from '../../toolchain/sbpf/object.ts';
import { murmur3 } from '../../toolchain/sbpf/segment-file.ts';
import { placesInFile } from '../../toolchain/sbpf/shared-object.ts';

// Offsets in the file of version 0, where the machine maps it.
const codeAt = placesInFile(0).code - 0x1_0000_0000;

const nothing: Section = { name: '', type: 0, flags: 0, align: 1, size: 0, bytes: new Uint8Array() };
const exit = [0x95, 0, 0, 0, 0, 0, 0, 0];
const callUnknown = [0x85, 0x10, 0, 0, 0xff, 0xff, 0xff, 0xff];
const loadAddress = (within: number): number[] => [0x18, 1, 0, 0, within, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

function section(name: string, bytes: readonly number[], more: Partial<Section> = {}): Section {
  const flags = name === '.text' ? elf.flagAlloc | elf.flagExecute : elf.flagAlloc;
  const whole = Uint8Array.from(bytes);
  return { name, type: elf.progbits, flags, align: 8, size: whole.length, bytes: whole, ...more };
}

/** An object with one piece of code, an entry point at its beginning, and what a test adds. */
function object(
  code: readonly number[],
  more: Partial<ObjectFile> & { readonly data?: Section } = {},
): ObjectFile {
  const { data = nothing, ...rest } = more;
  return {
    sections: [nothing, section('.text', code), data],
    symbols: [{ name: 'entrypoint', section: 1, value: 0 }],
    relocations: new Map(),
    ...rest,
  };
}

function relocated(
  number: number,
  type: number,
  offset: number,
  symbol: ObjectFile['symbols'][number],
): ObjectFile['relocations'] {
  return new Map([[number, [{ offset, type, symbol }]]]);
}

describe('the linker', () => {
  it.each([0, 3] as const)(
    'makes a program of sBPF v%i that passes the checks that every program has to pass',
    (version) => {
      expect(checkElf(linkProgram(object(exit), version))).toMatchObject({ kind: 'valid', version });
      const data = section('.rodata', [1, 2, 3]);
      expect(checkElf(linkProgram(object(exit, { data }), version))).toMatchObject({
        kind: 'valid',
        version,
      });
    },
  );

  it('leads a call to the function that it names, forwards and backwards', () => {
    const call = (at: number, target: number, symbolSection = 1): number => {
      const code = [...exit, ...exit, ...exit, ...exit];
      code.splice(at, 8, ...callUnknown);
      const symbol = { name: 'other', section: symbolSection, value: target };
      const { code: linked } = linkImage(object(code, { relocations: relocated(1, 10, at, symbol) }));
      return new DataView(linked.buffer).getInt32(at + 4, true);
    };
    expect(call(0, 24)).toBe(2);
    expect(call(24, 8)).toBe(-3);
    // A static function is named by its section, and by where it is in it.
    const code = [...exit, 0x85, 0x10, 0, 0, 2, 0, 0, 0, ...exit, ...exit];
    const symbol = { name: '', section: 1, value: 0 };
    const { code: linked } = linkImage(object(code, { relocations: relocated(1, 10, 8, symbol) }));
    expect(new DataView(linked.buffer).getInt32(12, true)).toBe(1);
  });

  it('fills in the address of a constant, where the machine will have it', () => {
    const data = section('.rodata', [1, 2, 3, 4, 5], { align: 4 });
    const symbol = { name: 'table', section: 2, value: 1 };
    const made = linkImage(
      object([...loadAddress(2), ...exit], { data, relocations: relocated(1, 1, 0, symbol) }),
    );
    const view = new DataView(made.code.buffer);
    expect(view.getUint32(4, true)).toBe(codeAt + 24 + 3);
    expect(view.getUint32(12, true)).toBe(1);
    expect([...made.constants]).toEqual([1, 2, 3, 4, 5, 0, 0, 0]);
  });

  it('fills in a pointer among the constants', () => {
    const data = section('.rodata', [9, 9, 9, 9, 9, 9, 9, 9, 3, 0, 0, 0, 0, 0, 0, 0]);
    const symbol = { name: 'table', section: 2, value: 1 };
    const { constants } = linkImage(object(exit, { data, relocations: relocated(2, 2, 8, symbol) }));
    expect(new DataView(constants.buffer).getBigUint64(8, true)).toBe(
      0x1_0000_0000n + BigInt(codeAt + 8 + 1 + 3),
    );
  });

  it('leaves calls of the system to the loader, by name', () => {
    const symbol = { name: 'sol_log_', section: 0, value: 0 };
    const one = object([...callUnknown, ...exit], { relocations: relocated(1, 10, 0, symbol) });
    expect(linkImage(one).systemCalls).toEqual([{ offset: 0, name: 'sol_log_' }]);
    expect(checkElf(linkProgram(one))).toMatchObject({ kind: 'valid' });
    const unknown = object([...callUnknown, ...exit], {
      relocations: relocated(1, 10, 0, { ...symbol, name: 'printf' }),
    });
    const check = checkElf(linkProgram(unknown));
    expect(check.kind === 'refused' && check.problems.join()).toContain('printf');
  });

  it.each<[string, ObjectFile, RegExp]>([
    ['no code', object([]), /no code/],
    ['no entry point', object(exit, { symbols: [] }), /no function entrypoint/],
    [
      'data that can be written',
      object(exit, { data: section('.data', [1], { flags: 3 }) }),
      /can be written/,
    ],
    [
      'room for data',
      object(exit, { data: section('.bss', [], { type: elf.noBits, size: 8 }) }),
      /can be written/,
    ],
    [
      'code in two places',
      object(exit, { data: section('.text.hot', exit, { flags: 6 }) }),
      /code in \.text\.hot/,
    ],
    [
      'a relocation that it does not know',
      object(exit, { relocations: relocated(1, 3, 0, { name: 'x', section: 1, value: 0 }) }),
      /does not know \(relocation type 3\)/,
    ],
    [
      'a relocation that belongs into code among constants',
      object(exit, {
        data: section('.rodata', exit),
        relocations: relocated(2, 10, 0, { name: 'x', section: 1, value: 0 }),
      }),
      /\.rodata uses x/,
    ],
    [
      'an address that nobody defines',
      object([...loadAddress(0), ...exit], {
        relocations: relocated(1, 1, 0, { name: 'x', section: 0, value: 0 }),
      }),
      /x, which is nowhere defined/,
    ],
    [
      'a call of data',
      object([...callUnknown, ...exit], {
        data: section('.rodata', exit),
        relocations: relocated(1, 10, 0, { name: 'x', section: 2, value: 0 }),
      }),
      /calls x, which is no code/,
    ],
  ])('refuses %s, and says what to do', (_, made, why) => {
    const refused = refusal(() => linkProgram(made));
    expect(refused.message).toMatch(why);
    expect((refused as NoProgram).remedy).toMatch(/\.$/);
  });

  it('refuses relocations at what is no such instruction, and calls out of the code', () => {
    const target = { name: 'x', section: 1, value: 0 };
    for (const offset of [0, 4, 8, 800]) {
      expect(
        refusal(() => linkProgram(object(exit, { relocations: relocated(1, 10, offset, target) }))),
      ).toBeInstanceOf(NoObject);
    }
    const far = { ...target, value: 4096 };
    const calling = object([...callUnknown, ...exit], { relocations: relocated(1, 10, 0, far) });
    expect(refusal(() => linkProgram(calling)).message).toContain('outside the code');
  });
});

describe('sBPF v3', () => {
  it('has constants from 0 on, and code from 2^32 on', () => {
    const data = section('.rodata', [1, 2, 3, 4, 5]);
    const symbol = { name: 'table', section: 2, value: 1 };
    const made = object([...loadAddress(2), ...exit], { data, relocations: relocated(1, 1, 0, symbol) });
    const file = linkProgram(made, 3);
    const view = new DataView(file.buffer);
    const codeFrom = 64 + 2 * 56 + 8;
    expect([...file.subarray(codeFrom - 8, codeFrom)]).toEqual([1, 2, 3, 4, 5, 0, 0, 0]);
    expect([view.getUint32(codeFrom + 4, true), view.getUint32(codeFrom + 12, true)]).toEqual([3, 0]);
    expect(view.getBigUint64(24, true)).toBe(0x1_0000_0000n);
  });

  it('calls the system by the hash of the name', () => {
    // The hashes that every program of the version carries.
    expect(murmur3('sol_log_').toString(16)).toBe('207559bd');
    expect(murmur3('sol_invoke_signed_c').toString(16)).toBe('a22b9c85');
    expect(murmur3('sol_get_clock_sysvar').toString(16)).toBe('d56b5fe9');
    const symbol = { name: 'sol_log_', section: 0, value: 0 };
    const file = linkProgram(
      object([...callUnknown, ...exit], { relocations: relocated(1, 10, 0, symbol) }),
      3,
    );
    expect([...file.subarray(-16, -8)]).toEqual([0x85, 0, 0, 0, 0xbd, 0x59, 0x75, 0x20]);
  });
});

describe('the reader of objects', () => {
  it('refuses what is none with a reason, whatever the bytes are', () => {
    const header = Uint8Array.from([
      0x7f,
      0x45,
      0x4c,
      0x46,
      2,
      1,
      1,
      ...new Array<number>(9).fill(0),
      1,
      0,
      247,
      0,
    ]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, begins) => {
        const file = begins ? Uint8Array.from([...header, ...bytes]) : bytes;
        try {
          linkProgram(readObject(file));
        } catch (error) {
          expect(error instanceof NoObject || error instanceof NoProgram).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('tells other machines and other kinds of files', () => {
    const file = linkProgram(object(exit));
    expect(refusal(() => readObject(file)).message).toBe('it is no object file');
    const other = Uint8Array.from(file);
    other.set([1, 0, 62, 0], 16);
    expect(refusal(() => readObject(other)).message).toBe('it is for another machine than BPF');
    expect(refusal(() => readObject(new Uint8Array(64))).message).toBe('it is no ELF file');
  });
});

describe('the numbers of an interface file', () => {
  it('become names of C', () => {
    expect(
      definesOf({
        name: 'x',
        instructions: { setMark: { tag: 2, accounts: [] }, pause: 9 },
        errors: { notAMember: [7003, 'words'], noIDLHere: [1, ''] },
        accounts: { user: { tag: 'letters' } },
      }),
    ).toEqual({
      INSTRUCTION_SET_MARK: 2,
      INSTRUCTION_PAUSE: 9,
      ERROR_NOT_A_MEMBER: 7003,
      ERROR_NO_IDL_HERE: 1,
    });
  });
});

function refusal(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was not refused');
}
