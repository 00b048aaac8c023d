import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { CutoverError } from '@cutover/base/errors.ts';
import type { SecretRef } from '@cutover/base/secrets.ts';
import { base58, bytesOfBase58 } from './address.ts';
import { joined } from './instruction.ts';
import { describeSolanaNetwork, isLocalCluster, type SolanaNetworkRef } from './network.ts';

/**
 * Who signs. The key itself is read in the process that signs, and nowhere else.
 * - `local`: an account, 0 to 99, whose key everybody can compute; refused on every cluster but localnet.
 * - `env`, `file`, `ssm`, `secretsManager`: a keypair as solana-keygen writes it, a JSON array of 64 numbers, or its
 *   64 bytes in base58.
 */
export type SolanaSignerRef = SecretRef | { readonly kind: 'local'; readonly account: number };

const lastLocalAccount = 99;

/** The reference in words; safe to print. */
export function describeSolanaSigner(signer: SolanaSignerRef): string {
  if (signer.kind === 'local') return `local account ${signer.account}`;
  const region = 'region' in signer && signer.region !== undefined ? ` in ${signer.region}` : '';
  return `${signer.kind}:${signer.name}${region}`;
}

/** Refuses keys that everybody has on every cluster but a local one. */
export function checkSolanaSigner(
  signer: SolanaSignerRef,
  network: Pick<SolanaNetworkRef, 'name' | 'cluster'>,
): void {
  if (signer.kind !== 'local') return;
  checkLocalAccount(signer.account);
  if (isLocalCluster(network)) return;
  throw new CutoverError('CUT-2402', {
    signer: describeSolanaSigner(signer),
    network: describeSolanaNetwork(network),
  });
}

/** The keypair, 64 bytes, of a local account: its seed is the hash of a text that stands here. */
export function localKeypair(account: number): Uint8Array {
  checkLocalAccount(account);
  return keypairOfSeed(createHash('sha256').update(`cutover local account ${account}`).digest());
}

/** The keypair, 64 bytes, that a secret holds. What is wrong with it is told without a letter of it. */
export function readKeypair(text: string, signer: SolanaSignerRef): Uint8Array {
  const reading = decodeKeypair(text);
  if (typeof reading === 'object') return reading;
  throw new CutoverError('CUT-2404', { signer: describeSolanaSigner(signer), problem: reading });
}

/** The address of a keypair: its second half. */
export function addressOfKeypair(keypair: Uint8Array): string {
  return base58(keypair.subarray(32, 64));
}

/** A keypair as solana-keygen writes it into a file. */
export function keypairText(keypair: Uint8Array): string {
  return JSON.stringify([...keypair]);
}

// What stands before the 32 bytes of a seed where an Ed25519 key is written as PKCS #8 (RFC 8410).
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The keypair, 64 bytes, of a seed of 32. By OpenSSL: in JavaScript the first takes 70 ms of each update. */
export function keypairOfSeed(seed: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return joined(seed, Buffer.from(x, 'base64url'));
}

/** The keypair, or what is wrong with the text. */
function decodeKeypair(text: string): Uint8Array | string {
  const trimmed = text.trim();
  const bytes = trimmed.startsWith('[') ? bytesOfJson(trimmed) : bytesOfBase58(trimmed, 64);
  if (bytes === undefined) return 'it is neither a JSON array of 64 bytes nor 64 bytes in base58';
  const { length } = bytes;
  if (length !== 64) return `it has ${length} ${length === 1 ? 'byte' : 'bytes'} instead of 64`;
  const whole = keypairOfSeed(bytes.subarray(0, 32));
  return whole.every((byte, index) => byte === bytes[index])
    ? bytes
    : 'its public half is not that of its secret half';
}

function bytesOfJson(text: string): Uint8Array | undefined {
  try {
    const numbers: unknown = JSON.parse(text);
    return Array.isArray(numbers) && numbers.every(isByte) ? Uint8Array.from(numbers) : undefined;
  } catch {
    return undefined; // Without what the parser says: that quotes the text.
  }
}

function isByte(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255;
}

function checkLocalAccount(account: number): void {
  if (Number.isInteger(account) && account >= 0 && account <= lastLocalAccount) return;
  throw new CutoverError('CUT-2403', { account, last: lastLocalAccount });
}
