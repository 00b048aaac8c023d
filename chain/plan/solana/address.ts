import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { decodeBase58, encodeBase58, toBeArray } from 'ethers/utils';
import { CutoverError } from '@cutover/base/errors.ts';

/** The programs that load programs. */
export const loaders = {
  upgradeable: 'BPFLoaderUpgradeab1e11111111111111111111111',
  v4: 'LoaderV411111111111111111111111111111111111',
  /** Their programs are fixed for ever. */
  deprecated: ['BPFLoader1111111111111111111111111111111111', 'BPFLoader2111111111111111111111111111111111'],
} as const;

/** The program that creates accounts and moves lamports. */
export const systemProgram = '11111111111111111111111111111111';

/** The program that takes a transaction's limit of compute units and its price. */
export const computeBudgetProgram = 'ComputeBudget111111111111111111111111111111';

/** Accounts that a cluster keeps itself. */
export const sysvars = {
  rent: 'SysvarRent111111111111111111111111111111111',
  clock: 'SysvarC1ock11111111111111111111111111111111',
} as const;

/** Bytes as people write addresses, hashes and signatures. */
export function base58(bytes: Uint8Array): string {
  return encodeBase58(bytes);
}

/** The bytes that a text stands for; undefined where it is no base58 of exactly that many. */
export function bytesOfBase58(text: string, length: number): Uint8Array | undefined {
  // A byte takes at most 1.37 letters: longer texts are not worth the arithmetic.
  if (!/^[1-9A-HJ-NP-Za-km-z]+$/.test(text) || text.length > length * 1.4) return undefined;
  const zeros = /^1*/.exec(text)?.[0].length ?? 0;
  const value = toBeArray(decodeBase58(text));
  if (zeros + value.length !== length) return undefined;
  const bytes = new Uint8Array(length);
  bytes.set(value, zeros);
  return bytes;
}

/** The 32 bytes of an address; undefined where the text is none. */
export function bytesOfAddress(text: string): Uint8Array | undefined {
  return bytesOfBase58(text, 32);
}

/** Whether a text is an address. */
export function isAddress(text: string): boolean {
  return bytesOfAddress(text) !== undefined;
}

/** The 32 bytes of an address that must be one; `what` names it in the refusal. */
export function addressBytes(text: string, what = 'an address'): Uint8Array {
  const bytes = bytesOfAddress(text);
  if (bytes === undefined) throw new CutoverError('CUT-2400', { what, text });
  return bytes;
}

/** Whether a key could exist for an address: those of accounts that programs own have none. */
export function isOnCurve(bytes: Uint8Array): boolean {
  try {
    ed25519.Point.fromHex(bytes, true);
    return true;
  } catch {
    return false;
  }
}

/** An address that a program signs for, and the byte that keeps it off the curve. */
export interface ProgramAddress {
  readonly address: string;
  readonly bump: number;
}

const longestSeed = 32;
const mostSeeds = 15; // 16 with the bump

/** The address that a program derives from seeds: the first off the curve, counted down from the bump 255. */
export function programAddress(seeds: readonly Uint8Array[], program: string): ProgramAddress {
  const lengths = seeds.map(({ length }) => length);
  const refused = (): CutoverError => new CutoverError('CUT-2401', { program, seeds: lengths.join(', ') });
  if (seeds.length > mostSeeds || lengths.some((length) => length > longestSeed)) throw refused();
  const owner = addressBytes(program, 'the program of a derived address');
  for (let bump = 255; bump >= 0; bump -= 1) {
    const hash = createHash('sha256');
    for (const seed of seeds) hash.update(seed);
    const bytes = hash.update(Uint8Array.of(bump)).update(owner).update('ProgramDerivedAddress').digest();
    if (!isOnCurve(bytes)) return { address: base58(bytes), bump };
  }
  throw refused();
}

// To derive one takes most of a millisecond, and a plan asks for the same one again and again.
const programDataAddresses = new Map<string, string>();

/** Where the upgradeable loader keeps a program's code. */
export function programDataAddress(program: string): string {
  const known = programDataAddresses.get(program);
  if (known !== undefined) return known;
  const { address } = programAddress([addressBytes(program, 'the program')], loaders.upgradeable);
  programDataAddresses.set(program, address);
  return address;
}
