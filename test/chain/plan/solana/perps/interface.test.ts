import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base58, programAddress, systemProgram } from '@cutover/chain/plan/solana/address.ts';
import {
  accountAddress,
  readAccount,
  sizeOf,
  tagOfAccount,
  unknownTo,
} from '@cutover/chain/plan/solana/perps/accounts.ts';
import { instructionOf, refusalWords } from '@cutover/chain/plan/solana/perps/instructions.ts';
import { readInterface, type Field } from '@cutover/chain/plan/solana/perps/interface.ts';
import { readFields, writeFields, type Values } from '@cutover/chain/plan/solana/perps/values.ts';
import { perpsInterface } from '@cutover/chain/programs/perps/interface.ts';

const filled = (value: number): string => base58(new Uint8Array(32).fill(value));
const program = filled(1);

const fields: readonly Field[] = [
  { name: 'a', type: 'u8' },
  { name: 'gap', type: 'skip3' },
  { name: 'b', type: 'u16' },
  { name: 'c', type: 'u32' },
  { name: 'd', type: 'u64' },
  { name: 'e', type: 'i64' },
  { name: 'f', type: 'address' },
  { name: 'g', type: 'text16' },
];
const anyValues: fc.Arbitrary<Values> = fc.record({
  a: fc.integer({ min: 0, max: 255 }),
  b: fc.integer({ min: 0, max: 65_535 }),
  c: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  d: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  e: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  f: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => base58(bytes)),
  g: fc.stringMatching(/^[A-Z0-9-]{0,16}$/),
});

describe('values', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(anyValues, (values) => {
        const bytes = writeFields(fields, values, 'a test');
        expect(bytes.length).toBe(1 + 3 + 2 + 4 + 8 + 8 + 32 + 16);
        expect(readFields(fields, bytes)).toEqual(values);
      }),
    );
  });

  it.each<[string, Values]>([
    ['a is 256', { a: 256 }],
    ['a is -1', { a: -1 }],
    ['a is 1.5', { a: 1.5 }],
    ['a is 3', { a: '3' }],
    ['d is 18446744073709551616', { d: 2n ** 64n }],
    ['e is -9223372036854775809', { e: -(2n ** 63n) - 1n }],
    ['f is nonsense', { f: 'nonsense' }],
    ['g is ABCDEFGHIJKLMNOPQ', { g: 'ABCDEFGHIJKLMNOPQ' }],
  ])('that do not fit are refused: %s', (said, change) => {
    const good = { a: 1, b: 1, c: 1, d: 1n, e: 1n, f: filled(2), g: 'X' };
    expect(() => writeFields(fields, { ...good, ...change }, 'the market')).toThrow(
      `the market: ${said}; it must be`,
    );
  });

  it('that are missing are refused', () => {
    expect(() => writeFields(fields, { a: 1 }, 'a test')).toThrow('b is missing');
  });
});

describe('an instruction by its name', () => {
  it('has the accounts that the interface lists, and its arguments behind its tag', () => {
    const accounts = { guardian: filled(2), exchange: filled(3) };
    expect(instructionOf(perpsInterface, 'pause', { program, accounts, arguments: { mode: 2 } })).toEqual({
      program,
      accounts: [
        { address: filled(2), signer: true, writable: false },
        { address: filled(3), signer: false, writable: true },
      ],
      data: Uint8Array.of(9, 2),
    });
  });

  it('gets the program and the system program by itself', () => {
    const accounts = { owner: filled(2), exchange: filled(3), user: filled(4) };
    const made = instructionOf(perpsInterface, 'openAccount', { program, accounts });
    expect(made.accounts.at(-1)?.address).toBe(systemProgram);
  });

  it('is refused where the name, an account or an argument is not there', () => {
    const accounts = { guardian: filled(2), exchange: filled(3) };
    expect(() => instructionOf(perpsInterface, 'stop', { program, accounts })).toThrow(
      /no instruction named stop/,
    );
    const some = { guardian: filled(2) };
    expect(() => instructionOf(perpsInterface, 'resume', { program, accounts: some })).toThrow(
      'admin is missing',
    );
    const wrong = { ...accounts, exchange: 'here' };
    expect(() => instructionOf(perpsInterface, 'pause', { program, accounts: wrong })).toThrow(
      'exchange is here',
    );
    expect(() => instructionOf(perpsInterface, 'pause', { program, accounts })).toThrow('mode is missing');
  });

  it('has words for what its program refuses', () => {
    expect(refusalWords(perpsInterface, 6011)).toBe('the exchange is paused');
    expect(refusalWords(perpsInterface, 1)).toBeUndefined();
  });
});

describe('accounts', () => {
  const user = (layout: number, size: number): Uint8Array => {
    const bytes = new Uint8Array(size);
    bytes.set(tagOfAccount(perpsInterface, 'user'));
    bytes[8] = layout;
    return bytes;
  };

  it('are read in the layout that they say they have', () => {
    expect(readAccount(perpsInterface, user(1, 72))).toMatchObject({ kind: 'user', layout: 1 });
    const second = readAccount(perpsInterface, user(2, 80));
    expect(second.values).toHaveProperty('settlements', 0n);
    expect(readAccount(perpsInterface, user(3, 99))).toEqual({ kind: 'user', layout: 3 });
  });

  it('that are cut short or of no kind are not read, and nothing is thrown', () => {
    expect(readAccount(perpsInterface, user(1, 71))).toEqual({});
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(readAccount(perpsInterface, bytes)).toEqual({});
      }),
    );
  });

  it('have sizes and addresses', () => {
    expect(sizeOf(perpsInterface, 'user', 1)).toBe(72);
    expect(sizeOf(perpsInterface, 'user', 2)).toBe(80);
    const symbol = new Uint8Array(16);
    symbol.set(new TextEncoder().encode('SOL-PERP'));
    const seeds = [new TextEncoder().encode('market'), symbol];
    expect(accountAddress(perpsInterface, program, 'market', { symbol: 'SOL-PERP' })).toBe(
      programAddress(seeds, program).address,
    );
    expect(() => accountAddress(perpsInterface, program, 'market')).toThrow(/symbol/);
    expect(() => accountAddress(perpsInterface, program, 'vault')).toThrow(/no kind of account named vault/);
  });

  it('that a release does not know are named', () => {
    const there = [
      { kind: 'user', layout: 1 },
      { kind: 'user', layout: 2 },
      { kind: 'exchange', layout: 1 },
    ];
    expect(unknownTo(perpsInterface, '2', there)).toEqual([]);
    expect(unknownTo(perpsInterface, '1', there)).toEqual([{ kind: 'user', layout: 2 }]);
    expect(unknownTo(perpsInterface, '0', there)).toEqual(there);
  });
});

describe('an interface file', () => {
  const go = { tag: '0x0102030405060708', accounts: ['owner signer'], arguments: { price: 'u64' } };
  const state = {
    tag: '0x1112131415161718',
    layouts: { '1': { price: 'u64' }, '2': { price: 'u64', more: 'u8' } },
  };
  const good = {
    program: 'mine',
    instructions: { go },
    accounts: { state },
    modes: {},
    sides: {},
    releases: { '1': { state: [1] } },
    errors: { bad: [6000, 'it is bad'] },
  };

  it('of an Anchor program begins instructions and accounts with eight bytes, and tells layouts by their size', () => {
    const mine = readInterface('mine.json', good);
    const made = instructionOf(mine, 'go', {
      program,
      accounts: { owner: filled(2) },
      arguments: { price: 1n },
    });
    expect(Buffer.from(made.data).toString('hex')).toBe('01020304050607080100000000000000');
    const bytes = Buffer.from('1112131415161718' + '0200000000000000' + '05', 'hex');
    expect(readAccount(mine, bytes)).toEqual({ kind: 'state', layout: 2, values: { price: 2n, more: 5 } });
    expect(readAccount(mine, bytes.subarray(0, 16))).toMatchObject({ layout: 1 });
    expect(readAccount(mine, bytes.subarray(0, 12))).toEqual({});
  });

  it('is refused with all that is wrong in it', () => {
    const wrong = {
      ...good,
      instructions: { go: { tag: 256, accounts: 'owner', arguments: { price: 'u128' } } },
      releases: { '1': { state: [3], vault: [1] } },
      errors: { bad: 6000 },
      modes: { running: 'no' },
      sides: undefined,
    };
    let message = '';
    try {
      readInterface('mine.json', wrong);
    } catch (error) {
      message = (error as Error).message;
    }
    for (const part of [
      'CUT-2501',
      'instructions.go.tag must be a byte',
      'instructions.go.accounts must be a list of texts',
      'instructions.go.arguments.price is "u128", a type that there is not',
      'releases.1.state names layout 3, which is not described',
      'releases.1.vault is no kind of account',
      'errors.bad must be a number and its words',
      'modes.running must be a whole number',
      'sides is missing',
      'mine.json',
    ]) {
      expect(message).toContain(part);
    }
  });

  // What was taken, and would have sent something else: a call that nobody signs, fields in another order.
  it.each([
    [
      'a right that is misspelt',
      { instructions: { go: { ...go, accounts: ['owner singer'] } } },
      '"owner singer"',
    ],
    ['an account without a name', { instructions: { go: { ...go, accounts: [' signer'] } } }, '" signer"'],
    [
      'arguments under another name',
      { instructions: { go: { tag: 1, accounts: [], args: {} } } },
      'go.arguments must',
    ],
    ['arguments in a list', { instructions: { go: { ...go, arguments: [] } } }, 'go.arguments must be names'],
    [
      'a field whose name is a number',
      { instructions: { go: { ...go, arguments: { b: 'u8', 0: 'u8' } } } },
      'arguments.0',
    ],
    [
      'a field that JavaScript takes otherwise',
      JSON.parse('{"instructions":{"go":{"tag":1,"accounts":[],"arguments":{"__proto__":"u8"}}}}'),
      '__proto__',
    ],
    [
      'two calls that begin alike',
      { instructions: { go, stop: { ...go, tag: '0x01' } } },
      'instructions.stop begins as go',
    ],
    [
      'two kinds of accounts that begin alike',
      { accounts: { state, other: state } },
      'accounts.other begins as state',
    ],
    [
      'layouts that their sizes do not tell apart',
      { accounts: { state: { ...state, layouts: { 1: { a: 'u8' }, 2: { b: 'u8' } } } } },
      '1 and 2 have one size',
    ],
    [
      'a number of the layout elsewhere',
      { accounts: { state: { ...state, versionAt: 0 } } },
      'versionAt must be 8',
    ],
    [
      'a layout above what a byte holds',
      { accounts: { state: { ...state, layouts: { 1: {}, 256: { a: 'u8' } } } } },
      'layouts.256 must',
    ],
    [
      'a layout without a number',
      { accounts: { state: { ...state, layouts: { 1: {}, '': { a: 'u8' } } } } },
      'must be a number from 0 to 255',
    ],
    [
      'a brace too few in a seed',
      { accounts: { state: { ...state, seeds: ['market', '{symbol'] } } },
      'accounts.state.seeds has "{symbol"',
    ],
    ['two modes of one number', { modes: { running: 0, stopped: 0 } }, 'modes.stopped is 0, as running is'],
  ])('is refused with %s', (_, bend: object, problem) => {
    expect(() => readInterface('mine.json', { ...good, ...bend })).toThrow(problem);
  });

  it('that is none at all is refused, not stumbled over', () => {
    for (const none of [undefined, null, 7, 'text', [], {}]) {
      expect(() => readInterface('none.json', none)).toThrow('CUT-2501');
    }
  });
});
