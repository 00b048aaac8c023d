import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined } from '@cutover/chain/plan/solana/instruction.ts';
import { programHash, withoutPadding } from '@cutover/chain/plan/solana/program-hash.ts';

describe('the hash of a program', () => {
  it('is sha256 of its bytes without the zeros at their end, as solana-verify has it', () => {
    const bytes = Uint8Array.of(0, 1, 0, 2);
    expect(programHash(joined(bytes, new Uint8Array(5)))).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    );
    // Of no bytes at all: what solana-verify prints for an account of zeros.
    expect(programHash(new Uint8Array(9))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  it('is the same of a file and of an account with more room, and another for any other program', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), fc.nat(50), (one, other, padding) => {
        expect(programHash(joined(one, new Uint8Array(padding)))).toBe(programHash(one));
        const same = Buffer.compare(withoutPadding(one), withoutPadding(other)) === 0;
        expect(programHash(one) === programHash(other)).toBe(same);
      }),
    );
  });
});
