import { PublicKey } from '@solana/web3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressBytes,
  base58,
  bytesOfAddress,
  bytesOfBase58,
  isAddress,
  isOnCurve,
  loaders,
  programAddress,
  programDataAddress,
  systemProgram,
} from '@cutover/chain/plan/solana/address.ts';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const zerosFirst = fc.tuple(fc.nat(32), bytes32).map(([zeros, bytes]) => bytes.fill(0, 0, zeros));

describe('an address', () => {
  it('is written and read as web3.js does it, zeros at its beginning included', () => {
    fc.assert(
      fc.property(zerosFirst, (bytes) => {
        const text = base58(bytes);
        expect(text).toBe(new PublicKey(bytes).toBase58());
        expect(bytesOfAddress(text)).toEqual(bytes);
      }),
    );
  });

  it.each([
    '',
    ' ',
    'hello',
    '0x00',
    systemProgram.slice(1),
    `${systemProgram}1`,
    `${loaders.v4}l`,
    'O'.repeat(44),
  ])('is not %j', (text) => {
    expect(isAddress(text)).toBe(false);
    expect(() => addressBytes(text, 'the payer')).toThrow(/CUT-2400 the payer is/);
  });

  it('is never made of other bytes than a text stands for', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(80), (text, length) => {
        const bytes = bytesOfBase58(text, length);
        if (bytes !== undefined) expect(base58(bytes)).toBe(text);
      }),
    );
  });

  it('is on the curve where web3.js says so', () => {
    fc.assert(
      fc.property(bytes32, (bytes) => {
        expect(isOnCurve(bytes)).toBe(PublicKey.isOnCurve(bytes));
      }),
    );
  });
});

describe('a derived address', () => {
  it('is the one that web3.js finds, with its bump', () => {
    const seeds = fc.array(fc.uint8Array({ maxLength: 32 }), { maxLength: 15 });
    fc.assert(
      fc.property(seeds, bytes32, (given, program) => {
        const [address, bump] = PublicKey.findProgramAddressSync(given, new PublicKey(program));
        expect(programAddress(given, base58(program))).toEqual({ address: address.toBase58(), bump });
      }),
      { numRuns: 30 },
    );
  });

  it('is looked for until it is off the curve, however many tries that takes', () => {
    expect(programAddress([Buffer.from('seed 1011')], loaders.upgradeable)).toEqual({
      address: '26w17sjxVtd8yg3Syapqna7cPFF8gNY94h5hn3uXBCNp',
      bump: 245,
    });
  });

  it('has at most 15 seeds of 32 bytes', () => {
    const seed = (length: number): Uint8Array => new Uint8Array(length);
    expect(() => programAddress([seed(33)], loaders.upgradeable)).toThrow(/CUT-2401/);
    expect(() =>
      programAddress(
        Array.from({ length: 16 }, () => seed(1)),
        loaders.upgradeable,
      ),
    ).toThrow(/CUT-2401/);
  });

  it('of a program’s code is where the loader puts it', () => {
    // Serum's program on mainnet-beta, as explorers show it.
    expect(programDataAddress('srmqPvymJeFKQ4zGQed1GFppgkRHL9kaELCbyksJtPX')).toBe(
      PublicKey.findProgramAddressSync(
        [new PublicKey('srmqPvymJeFKQ4zGQed1GFppgkRHL9kaELCbyksJtPX').toBuffer()],
        new PublicKey(loaders.upgradeable),
      )[0].toBase58(),
    );
  });
});
