import { SigningKey } from 'ethers/crypto';
import { Transaction, computeAddress, type TransactionLike } from 'ethers/transaction';
import { CutoverError } from '@cutover/base/errors.ts';
import { describeSecret, readSecret } from '@cutover/base/secrets.ts';
import { isLocal, type NetworkRef } from '../plan/network.ts';
import { localAddresses, localMnemonic, type KmsKeyRef, type SignerRef } from '../plan/signer.ts';

/** Somebody who can sign. The key stays inside: it is in no property, so in no log. */
export interface Account {
  readonly address: string;
  /** Its reference: what the journal of transactions keeps of it. */
  readonly signer?: SignerRef;
  /** Signs; a key that lives elsewhere takes its time. */
  sign(transaction: TransactionLike): Promise<string>;
  /** Signs 32 bytes, the hash of a Safe transaction say: r, s and v in 65 bytes. */
  signDigest(digest: string): Promise<string>;
}

/** The reference in words; safe to print. */
export function describeSigner(signer: SignerRef): string {
  switch (signer.kind) {
    case 'local':
      return `local account ${signer.account}`;
    case 'kms':
      return `AWS KMS key ${signer.key} in ${signer.region}`;
    case 'env':
    case 'file':
    case 'ssm':
    case 'secretsManager':
      return describeSecret(signer);
  }
}

/** Refuses publicly known keys on every chain but a local one, and accounts that local nodes do not fund. */
export function checkSigner(signer: SignerRef, network: Pick<NetworkRef, 'chainId'>): void {
  if (signer.kind !== 'local') return;
  localAddress(signer.account);
  if (!isLocal(network)) {
    throw new CutoverError('CUT-2040', { signer: describeSigner(signer), chainId: network.chainId });
  }
}

/** Opens an account to sign with. SIDE EFFECTS: reads the key. */
export async function openAccount(signer: SignerRef, network: Pick<NetworkRef, 'chainId'>): Promise<Account> {
  checkSigner(signer, network);
  const { address, signDigest } = await openKey(signer);
  return {
    address,
    signer,
    signDigest,
    sign: async (transaction) => {
      const unsigned = Transaction.from(transaction);
      unsigned.signature = await signDigest(unsigned.unsignedHash);
      return unsigned.serialized;
    },
  };
}

/**
 * The address of a signer, for programs that give it a role. The key is read, used for this, and dropped.
 * SIDE EFFECTS: reads the key.
 */
export async function signerAddress(signer: SignerRef): Promise<string> {
  if (signer.kind === 'local') return localAddress(signer.account);
  return (await openKey(signer)).address;
}

async function openKey(signer: SignerRef): Promise<Pick<Account, 'address' | 'signDigest'>> {
  if (signer.kind === 'kms') {
    // Loaded only here: the AWS SDK takes 60 ms to load.
    const { openKmsKey } = await import('./authority/kms.ts');
    return openKmsKey(signer, describeSigner(signer));
  }
  const key = await readKey(signer);
  return {
    address: computeAddress(key),
    signDigest: (digest) => Promise.resolve(key.sign(digest).serialized),
  };
}

async function readKey(signer: Exclude<SignerRef, KmsKeyRef>): Promise<SigningKey> {
  if (signer.kind === 'local') return localKey(signer.account);
  const digits = (await readSecret(signer)).trim().replace(/^0x/, '');
  const wrong = (problem: string): CutoverError =>
    // Without what the library says: that may quote the key.
    new CutoverError('CUT-2042', { signer: describeSigner(signer), problem });
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) throw wrong('it is not 64 hexadecimal digits');
  try {
    const key = new SigningKey(`0x${digits}`);
    computeAddress(key);
    return key;
  } catch {
    throw wrong('no key of the curve has that value');
  }
}

const localKeys = new Map<number, SigningKey>();

async function localKey(account: number): Promise<SigningKey> {
  const known = localKeys.get(account);
  if (known !== undefined) return known;
  localAddress(account);
  // Loaded only here: most runs sign nothing.
  const { HDNodeWallet } = await import('ethers/wallet');
  const { privateKey } = HDNodeWallet.fromPhrase(localMnemonic, '', `m/44'/60'/0'/0/${account}`);
  const key = new SigningKey(privateKey);
  localKeys.set(account, key);
  return key;
}

/** The address of an account that local nodes fund; others are refused. */
function localAddress(account: number): string {
  const address = localAddresses[account];
  if (address !== undefined) return address;
  throw new CutoverError('CUT-2041', { account, last: localAddresses.length - 1 });
}
