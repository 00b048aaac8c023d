import type { SigningKey } from 'ethers/crypto';
import { getBytes, hexlify } from 'ethers/utils';
import { refused, type Answer, type Asked, type Operations } from './operations.ts';

type Keys = ReadonlyMap<string, SigningKey>;

/** What KMS answers to those who sign: GetPublicKey and Sign. */
export function keyOperations(keys: Keys): Operations {
  return {
    'TrentService.GetPublicKey': (asked) => publicKey(keys, asked),
    'TrentService.Sign': (asked) => signature(keys, asked),
  };
}

// SubjectPublicKeyInfo of secp256k1 before the point: RFC 5480.
const spkiPrefix = '3056301006072a8648ce3d020106052b8104000a034200';

function publicKey(keys: Keys, { body }: Asked): Answer {
  const name = String(body['KeyId']);
  const key = keys.get(name);
  if (key === undefined) return refused('NotFoundException', `Alias ${name} is not found.`);
  const spki = Buffer.from(`${spkiPrefix}${key.publicKey.slice(2)}`, 'hex').toString('base64');
  return [200, { KeyId: name, KeyUsage: 'SIGN_VERIFY', KeySpec: 'ECC_SECG_P256K1', PublicKey: spki }];
}

function signature(keys: Keys, { body }: Asked): Answer {
  const name = String(body['KeyId']);
  const key = keys.get(name);
  if (key === undefined) return refused('NotFoundException', `Alias ${name} is not found.`);
  if (body['MessageType'] !== 'DIGEST' || body['SigningAlgorithm'] !== 'ECDSA_SHA_256') {
    return refused('ValidationException', 'The twin signs digests with ECDSA_SHA_256 only.');
  }
  const digest = hexlify(Buffer.from(String(body['Message']), 'base64'));
  const { r, s } = key.sign(digest);
  const der = Buffer.from(sequenceOf(r, s)).toString('base64');
  return [200, { KeyId: name, Signature: der, SigningAlgorithm: 'ECDSA_SHA_256' }];
}

/** ECDSA-Sig-Value in DER (RFC 3279). */
function sequenceOf(...numbers: readonly string[]): readonly number[] {
  const integers = numbers.flatMap((number) => {
    const digits = [...getBytes(number)];
    while (digits[0] === 0 && (digits[1] ?? 0) < 0x80) digits.shift();
    if ((digits[0] ?? 0) >= 0x80) digits.unshift(0);
    return [0x02, digits.length, ...digits];
  });
  return [0x30, integers.length, ...integers];
}
