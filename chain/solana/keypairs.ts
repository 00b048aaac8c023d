import { createPrivateKey, sign } from 'node:crypto';
import { readSecret } from '@cutover/base/secrets.ts';
import type { SolanaNetworkRef } from '../plan/solana/network.ts';
import {
  addressOfKeypair,
  checkSolanaSigner,
  localKeypair,
  readKeypair,
  type SolanaSignerRef,
} from '../plan/solana/signer.ts';

/** Somebody who can sign. The key stays inside: it is in no property, so in no log. */
export interface SolanaSigner {
  readonly address: string;
  /** Signs bytes: 64 bytes of Ed25519. */
  sign(message: Uint8Array): Uint8Array;
}

/** Opens a keypair to sign with. SIDE EFFECTS: reads the key. */
export async function openSolanaSigner(
  signer: SolanaSignerRef,
  network: Pick<SolanaNetworkRef, 'name' | 'cluster'>,
): Promise<SolanaSigner> {
  checkSolanaSigner(signer, network);
  return signerOfKeypair(
    signer.kind === 'local' ? localKeypair(signer.account) : readKeypair(await readSecret(signer), signer),
  );
}

// What stands before the 32 bytes of an Ed25519 key in PKCS#8: https://www.rfc-editor.org/rfc/rfc8410#section-7
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Somebody who signs with a keypair of 64 bytes. Node's own Ed25519: a tenth of the time that one in JavaScript takes. */
export function signerOfKeypair(keypair: Uint8Array): SolanaSigner {
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8, keypair.subarray(0, 32)]),
    format: 'der',
    type: 'pkcs8',
  });
  return { address: addressOfKeypair(keypair), sign: (message) => sign(null, message, key) };
}
