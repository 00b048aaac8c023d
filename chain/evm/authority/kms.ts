import { getBytes } from 'ethers/utils';
import type { GetPublicKeyCommandOutput } from '@aws-sdk/client-kms';
import { requestLimits } from '@cutover/base/aws-requests.ts';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { addressOfSpki, packSignature, readDer, recoverable } from '../../plan/authority/ecdsa.ts';
import type { KmsKeyRef } from '../../plan/signer.ts';
import type { Account } from '../account.ts';

/**
 * Opens a key that signs inside of AWS KMS. SIDE EFFECTS: asks KMS for its public key.
 * @param answerMs how long KMS may take for one answer
 */
export async function openKmsKey(
  ref: KmsKeyRef,
  name: string,
  answerMs = 10_000,
): Promise<Pick<Account, 'address' | 'signDigest'>> {
  const { KMSClient, GetPublicKeyCommand, SignCommand } = await import('@aws-sdk/client-kms');
  const { region, endpoint } = ref;
  const client = new KMSClient({
    ...{ region, ...(endpoint === undefined ? {} : { endpoint }) },
    // A quota of signatures is that of the whole account: six attempts wait about 20 s for it.
    maxAttempts: 6,
    requestHandler: requestLimits(5_000, answerMs),
  });
  const key = await asked(name, 'kms:GetPublicKey', () =>
    client.send(new GetPublicKeyCommand({ KeyId: ref.key })),
  );
  const address = addressOf(key, name);
  return {
    address,
    signDigest: async (digest) => {
      const { Signature: der } = await asked(name, 'kms:Sign', () =>
        client.send(
          new SignCommand({
            // The key itself, not its alias: that may be pointed elsewhere meanwhile.
            KeyId: key.KeyId ?? ref.key,
            Message: getBytes(digest),
            MessageType: 'DIGEST',
            SigningAlgorithm: 'ECDSA_SHA_256',
          }),
        ),
      );
      const numbers = der === undefined ? undefined : readDer(der);
      const signature = numbers === undefined ? undefined : recoverable(digest, numbers, address);
      if (signature === undefined) throw new CutoverError('CUT-2295', { key: name, address });
      return packSignature(signature);
    },
  };
}

function addressOf({ PublicKey, KeySpec, KeyUsage }: GetPublicKeyCommandOutput, name: string): string {
  const address = PublicKey === undefined ? undefined : addressOfSpki(PublicKey);
  if (address !== undefined && KeyUsage === 'SIGN_VERIFY') return address;
  throw new CutoverError('CUT-2292', {
    key: name,
    found: `of the spec ${KeySpec ?? '(not told)'} for ${KeyUsage ?? '(not told)'}`,
  });
}

/** Asks KMS, and turns its refusals into errors that say what to do. */
async function asked<T>(name: string, action: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const message = messageOf(cause);
    const details = { key: name, action, message };
    switch (cause instanceof Error ? cause.name : '') {
      case 'AccessDeniedException':
        throw new CutoverError('CUT-2290', details, { cause });
      case 'NotFoundException':
      case 'InvalidArnException':
        throw new CutoverError('CUT-2291', details, { cause });
      case 'InvalidKeyUsageException':
      case 'UnsupportedOperationException':
        throw new CutoverError(
          'CUT-2292',
          { key: name, found: `another kind of key (${message})` },
          { cause },
        );
      case 'DisabledException':
      case 'KMSInvalidStateException':
      case 'KeyUnavailableException':
        throw new CutoverError('CUT-2293', details, { cause });
      case 'ThrottlingException':
      case 'LimitExceededException':
        throw new CutoverError('CUT-2296', details, { cause });
      default:
        throw new CutoverError('CUT-2294', details, { cause });
    }
  }
}
