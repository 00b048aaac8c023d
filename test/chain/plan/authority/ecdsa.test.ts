import fc from 'fast-check';
import { computeAddress, getBytes, SigningKey, toBeHex, Wallet } from 'ethers';
import { describe, expect, it } from 'vitest';
import {
  addressOfSpki,
  lowS,
  packSignature,
  readDer,
  recoverable,
} from '@cutover/chain/plan/authority/ecdsa.ts';

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** DER as KMS and other signers write it: shortest form, with a zero before a leading one bit. */
function der(r: bigint, s: bigint): Uint8Array {
  const integer = (value: bigint): number[] => {
    const bytes = [...getBytes(toBeHex(value))];
    const digits = (bytes[0] ?? 0) >= 0x80 ? [0, ...bytes] : bytes;
    return [0x02, digits.length, ...digits];
  };
  const body = [...integer(r), ...integer(s)];
  return Uint8Array.from([0x30, body.length, ...body]);
}

const keys = fc.bigInt(1n, order - 1n).map((value) => new SigningKey(toBeHex(value, 32)));
const digests = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => toBeHex(BigInt(`0x${Buffer.from(bytes).toString('hex')}`), 32));

describe('a signature in DER', () => {
  // Signatures of Bitcoin's BIP-143, which gives the hash, the public key and the signature of each:
  // https://github.com/bitcoin/bips/blob/master/bip-0143.mediawiki
  it.each([
    [
      'native P2WPKH',
      '0xc37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670',
      '0x025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357',
      '304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee',
    ],
    [
      'P2SH-P2WPKH',
      '0x64f3b0f4dd2bb3aa1ce8566d220cc74dda9df97d8490cc81d89d735c92e59fb6',
      '0x03ad1d8e89212f0b92c74d23bb710c00662ad1470198ac48c43f7d6f93a2a26873',
      '3044022047ac8e878352d3ebbde1c94ce3a10d057c24175747116f8288e5d794d12d482f0220217f36a485cae903c713331d877c1f64677e3622ad4010726870540656fe9dcb',
    ],
  ])('as it was published (%s) recovers to its public key', (_, digest, publicKey, hex) => {
    const numbers = readDer(getBytes(`0x${hex}`));
    const signature = numbers && recoverable(digest, numbers, computeAddress(publicKey));
    expect(signature).toBeDefined();
    expect(SigningKey.computePublicKey(SigningKey.recoverPublicKey(digest, signature ?? ''), true)).toBe(
      publicKey,
    );
  });

  it('with a high or a low s gives the one signature that chains take, whoever signed whatever', () => {
    fc.assert(
      fc.property(keys, digests, fc.boolean(), (key, digest, high) => {
        const { r, s, serialized } = key.sign(digest);
        const given = high ? order - BigInt(s) : BigInt(s);
        const numbers = readDer(der(BigInt(r), given));
        expect(numbers).toEqual({ r: BigInt(r), s: given });
        const signature = recoverable(digest, numbers ?? { r: 0n, s: 0n }, computeAddress(key));
        expect(signature && packSignature(signature)).toBe(serialized);
        expect(lowS(given) <= order / 2n).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('of another key is none', () => {
    const { r, s } = new SigningKey(toBeHex(5, 32)).sign(toBeHex(1, 32));
    expect(
      recoverable(toBeHex(1, 32), { r: BigInt(r), s: BigInt(s) }, Wallet.createRandom().address),
    ).toBeUndefined();
  });

  it.each([
    ['cut short', '30060201010201'],
    ['with bytes behind it', '300602010102010100'],
    ['with a length that is not its own', '3007020101020101'],
    ['with a zero too many', '30080202000102020001'],
    ['with a negative number', '3006020181020101'],
    ['with a zero', '3006020100020101'],
    ['of another kind', '0406020101020101'],
    ['that is empty', ''],
  ])('%s is refused', (_, hex) => {
    expect(readDer(Buffer.from(hex, 'hex'))).toBeUndefined();
  });

  it('that is any bytes never breaks the reader', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void readDer(bytes)));
  });
});

describe('a public key in SubjectPublicKeyInfo', () => {
  const prefix = '3056301006072a8648ce3d020106052b8104000a034200';

  it('gives the address of its key', () => {
    fc.assert(
      fc.property(keys, (key) => {
        const spki = Buffer.from(`${prefix}${key.publicKey.slice(2)}`, 'hex');
        expect(addressOfSpki(spki)).toBe(computeAddress(key));
      }),
      { numRuns: 20 },
    );
  });

  it('of another curve, damaged or cut short is refused', () => {
    const key = new SigningKey(toBeHex(5, 32)).publicKey.slice(2);
    const p256 = `3059301306072a8648ce3d020106082a8648ce3d030107034200${key}`;
    for (const hex of [
      p256,
      `${prefix}${key}`.slice(2),
      `${prefix}${key}00`,
      `${prefix}04${'11'.repeat(64)}`,
    ]) {
      expect(addressOfSpki(Buffer.from(hex, 'hex'))).toBeUndefined();
    }
  });
});
