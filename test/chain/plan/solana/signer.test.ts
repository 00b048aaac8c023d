import { Keypair } from '@solana/web3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { base58 } from '@cutover/chain/plan/solana/address.ts';
import {
  addressOfKeypair,
  checkSolanaSigner,
  describeSolanaSigner,
  keypairText,
  localKeypair,
  readKeypair,
  type SolanaSignerRef,
} from '@cutover/chain/plan/solana/signer.ts';

const signer = { kind: 'env', name: 'GODARK_DEPLOYER' } as const;

/** What a text is refused with. */
function refusalOf(text: string): string {
  try {
    readKeypair(text, signer);
  } catch (error) {
    if (error instanceof CutoverError) return error.message;
    throw error;
  }
  throw new Error('it was read');
}

describe('a keypair', () => {
  it('is read as solana-keygen writes it, or in base58', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        const web3 = Keypair.fromSeed(seed);
        for (const text of [keypairText(web3.secretKey), `${base58(web3.secretKey)}\n`]) {
          const read = readKeypair(text, signer);
          expect(read).toEqual(web3.secretKey);
          expect(addressOfKeypair(read)).toBe(web3.publicKey.toBase58());
        }
      }),
      { numRuns: 20 },
    );
  });

  const good = localKeypair(1);
  const swapped = Uint8Array.from([...good.subarray(0, 32), ...localKeypair(2).subarray(32)]);

  it.each([
    ['nothing', '', 'neither a JSON array'],
    ['half JSON', keypairText(good).slice(0, -4), 'neither a JSON array'],
    ['numbers above a byte', JSON.stringify([256, ...good.subarray(1)]), 'neither a JSON array'],
    ['the seed alone', JSON.stringify([...good.subarray(0, 32)]), 'it has 32 bytes instead of 64'],
    ['an object', '{"secret":1}', 'neither a JSON array'],
    ['halves of two keys', keypairText(swapped), 'its public half is not that of its secret half'],
  ])('is not %s', (_, text, problem) => {
    expect(refusalOf(text)).toContain(problem);
  });

  it('is never told in what is wrong with it', () => {
    fc.assert(
      fc.property(fc.nat(63), fc.nat(255), (at, byte) => {
        const bytes = Uint8Array.from(good);
        if (bytes[at] === byte) return;
        bytes[at] = byte;
        const message = refusalOf(keypairText(bytes));
        expect(message).toContain('env:GODARK_DEPLOYER');
        expect(message).not.toContain(base58(good.subarray(0, 32)));
        expect(message).not.toMatch(/\d+,\d+/);
      }),
    );
  });
});

describe('a local account', () => {
  it('has the same key everywhere, and each its own', () => {
    const addresses = Array.from({ length: 100 }, (_, account) => addressOfKeypair(localKeypair(account)));
    expect(new Set(addresses).size).toBe(100);
    expect(addresses[0]).toBe('6TFY4CrQSybqMxQTF9dSoTpWenLatVzHZpMiXHQtBB26');
  });

  it('signs on localnet only', () => {
    const local = { kind: 'local', account: 3 } as const;
    expect(() => checkSolanaSigner(local, { name: 'local', cluster: 'localnet' })).not.toThrow();
    for (const cluster of ['devnet', 'testnet', 'mainnet-beta'] as const) {
      expect(() => checkSolanaSigner(local, { name: 'x', cluster })).toThrow(/CUT-2402 The local account 3/);
      expect(() => checkSolanaSigner(signer, { name: 'x', cluster })).not.toThrow();
    }
  });

  it.each([-1, 100, 1.5, Number.NaN])('is not number %s', (account) => {
    expect(() => localKeypair(account)).toThrow(/CUT-2403/);
  });
});

describe('a signer', () => {
  it.each<readonly [SolanaSignerRef, string]>([
    [{ kind: 'local', account: 0 }, 'local account 0'],
    [{ kind: 'file', name: 'keys/deployer.json' }, 'file:keys/deployer.json'],
    [{ kind: 'ssm', name: '/godark/deployer', region: 'us-east-1' }, 'ssm:/godark/deployer in us-east-1'],
  ])('is told without its key: %j', (given, words) => {
    expect(describeSolanaSigner(given)).toBe(words);
    expect(messageOf(words)).toBe(words);
  });
});
