import { getAddress } from 'ethers/address';
import { keccak256, SigningKey } from 'ethers/crypto';
import { dataSlice, getBytes, hexlify, toBeHex, toBigInt } from 'ethers/utils';

/** A signature as chains take it: r, s in the lower half, and which of two keys it recovers to. */
export interface RecoverableSignature {
  readonly r: string;
  readonly s: string;
  readonly v: 27 | 28;
}

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Reads ECDSA-Sig-Value (RFC 3279): SEQUENCE { INTEGER r, INTEGER s } in DER. Undefined when it is anything else. */
export function readDer(der: Uint8Array): { readonly r: bigint; readonly s: bigint } | undefined {
  // Both numbers have at most 33 bytes, so every length has one byte.
  if (der.length < 8 || der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const first = readInteger(der, 2);
  const second = first === undefined ? undefined : readInteger(der, first.end);
  if (first === undefined || second?.end !== der.length) return undefined;
  const fits = (value: bigint): boolean => value > 0n && value < order;
  return fits(first.value) && fits(second.value) ? { r: first.value, s: second.value } : undefined;
}

function readInteger(
  der: Uint8Array,
  at: number,
): { readonly value: bigint; readonly end: number } | undefined {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  if (der[at] !== 0x02 || length < 1 || length > 33 || end > der.length) return undefined;
  const digits = der.subarray(at + 2, end);
  const [leading = 0, next = 0] = digits;
  // Negative, or with a zero too many: not DER.
  if (leading >= 0x80 || (leading === 0 && length > 1 && next < 0x80)) return undefined;
  return { value: toBigInt(digits), end };
}

/** EIP-2: of the two signatures that verify, chains take the one with the lower s. */
export function lowS(s: bigint): bigint {
  return s > order / 2n ? order - s : s;
}

/** Completes a signature with what recovers to the address; undefined when neither does, so another key signed. */
export function recoverable(
  digest: string,
  { r, s }: { readonly r: bigint; readonly s: bigint },
  address: string,
): RecoverableSignature | undefined {
  const both = ([27, 28] as const).map((v) => ({ r: toBeHex(r, 32), s: toBeHex(lowS(s), 32), v }));
  return both.find((signature) => signerOf(digest, signature) === address);
}

/** The address whose key signed a digest; undefined when the signature is none. */
export function signerOf(digest: string, signature: RecoverableSignature): string | undefined {
  try {
    return addressOfKey(SigningKey.recoverPublicKey(digest, { ...signature }));
  } catch {
    return undefined;
  }
}

/** r, s and v in 65 bytes. */
export function packSignature({ r, s, v }: RecoverableSignature): string {
  return `${r}${s.slice(2)}${toBeHex(v, 1).slice(2)}`;
}

/**
 * The address behind a public key of the curve secp256k1 in SubjectPublicKeyInfo (RFC 5480); undefined when it is a key
 * of another kind. All such keys begin with the same 23 bytes: two object identifiers and the lengths around them.
 */
export function addressOfSpki(spki: Uint8Array): string | undefined {
  const prefix = '0x3056301006072a8648ce3d020106052b8104000a034200';
  if (spki.length !== 88 || dataSlice(spki, 0, 23) !== prefix || spki[23] !== 4) return undefined;
  try {
    return addressOfKey(SigningKey.computePublicKey(getBytes(dataSlice(spki, 23)), false));
  } catch {
    return undefined;
  }
}

function addressOfKey(publicKey: string): string {
  return getAddress(dataSlice(keccak256(dataSlice(publicKey, 1)), 12));
}

/** The 65 bytes of a signature taken apart; undefined when there are more or fewer. */
export function splitSignature(
  signature: string,
): { readonly r: string; readonly s: string; readonly v: number } | undefined {
  if (!/^0x[0-9a-fA-F]{130}$/.test(signature)) return undefined;
  return {
    r: hexlify(dataSlice(signature, 0, 32)),
    s: hexlify(dataSlice(signature, 32, 64)),
    v: Number(dataSlice(signature, 64)),
  };
}
