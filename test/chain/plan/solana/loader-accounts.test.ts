import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfAddress, loaders, systemProgram } from '@cutover/chain/plan/solana/address.ts';
import { joined, u32, u64, u8 } from '@cutover/chain/plan/solana/instruction.ts';
import { readLoaderAccount } from '@cutover/chain/plan/solana/loader-accounts.ts';
import { addressOf } from './kit.ts';

const authority = addressOf('authority');
const key = bytesOfAddress(authority) ?? new Uint8Array();
const code = Uint8Array.of(1, 2, 3);
const read = (data: Uint8Array): ReturnType<typeof readLoaderAccount> =>
  readLoaderAccount(loaders.upgradeable, data);

describe('an account of the loader', () => {
  it('is read as the loader wrote it', () => {
    expect(read(u32(0))).toEqual({ kind: 'uninitialized' });
    expect(read(joined(u32(1), u8(1), key, code))).toEqual({ kind: 'buffer', authority, bytes: code });
    expect(read(joined(u32(2), key))).toEqual({ kind: 'program', programData: authority });
    expect(read(joined(u32(3), u64(77n), u8(1), key, code))).toEqual({
      kind: 'programData',
      slot: 77n,
      authority,
      bytes: code,
    });
  });

  it('has no authority where the loader took it away, though the old one still stands in its bytes', () => {
    expect(read(joined(u32(1), u8(0), key, code))).toEqual({ kind: 'buffer', bytes: code });
    expect(read(joined(u32(3), u64(1n), u8(0), key, code))).toEqual({
      kind: 'programData',
      slot: 1n,
      bytes: code,
    });
  });

  it('is told apart from accounts of others', () => {
    expect(readLoaderAccount(systemProgram, new Uint8Array())).toEqual({
      kind: 'foreign',
      owner: systemProgram,
    });
    expect(readLoaderAccount(loaders.v4, code)).toEqual({ kind: 'loader-v4' });
    for (const owner of loaders.deprecated) {
      expect(readLoaderAccount(owner, code)).toEqual({ kind: 'foreign', owner });
    }
  });

  it.each([
    ['of nothing', new Uint8Array(), 'it has 0 bytes'],
    ['of another kind', u32(4), 'of kind 4'],
    ['a cut-off buffer', joined(u32(1), u8(1), key.subarray(1)), 'it has 36 bytes; a buffer has at least 37'],
    ['a cut-off program', joined(u32(2), key.subarray(1)), 'it has 35 bytes; a program has at least 36'],
    ['cut-off code', joined(u32(3), u64(1n), u8(1), key.subarray(1)), 'it has 44 bytes'],
    ['with half an authority', joined(u32(1), u8(2), key), 'is 2, not 0 or 1'],
  ])('%s is malformed, and says why', (_, data, why) => {
    const account = read(data);
    expect(account.kind === 'malformed' && account.why).toContain(why);
  });

  it('is read or malformed, whatever its bytes are, also where they lie within others', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.uint8Array({ maxLength: 60 }), fc.nat(9), (kind, rest, before) => {
        const whole = joined(new Uint8Array(before), u32(kind), rest);
        const within = read(whole.subarray(before));
        expect(within).toEqual(read(joined(u32(kind), rest)));
        if (within.kind === 'buffer') expect(within.bytes).toHaveLength(rest.length - 33);
      }),
    );
  });
});
