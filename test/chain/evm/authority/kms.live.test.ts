import { computeAddress, SigningKey, toBeHex, Transaction } from 'ethers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeSigner, openAccount, signerAddress } from '@cutover/chain/evm/account.ts';
import { openKmsKey } from '@cutover/chain/evm/authority/kms.ts';
import { moveOn } from '@cutover/chain/evm/authority/move-on.ts';
import { startLocalNode, type LocalNode } from '../../local-node.ts';
import { refusal } from '../../refusal.ts';
import { FakeKms } from './fake-kms.ts';
import { fresh, newSetting, read, setTo } from './kit.ts';

const kms = new FakeKms();
const key = new SigningKey(toBeHex(0xc0ffee, 32));
const network = { chainId: 31337 };
const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
beforeAll(async () => {
  await kms.start();
  kms.keys.set('alias/deployer', key);
  Object.assign(process.env, credentials);
});
afterAll(() => {
  kms.stop();
  for (const name of Object.keys(credentials)) Reflect.deleteProperty(process.env, name);
});
afterEach(() => {
  kms.refuse = undefined;
  kms.spec = 'ECC_SECG_P256K1';
  kms.silences = 0;
});

const signer = (name = 'alias/deployer') =>
  ({ kind: 'kms', key: name, region: 'us-east-1', endpoint: kms.endpoint }) as const;

describe('a key of KMS, at FakeKms with the real SDK', () => {
  it('has the address of its public key', async () => {
    expect(await signerAddress(signer())).toBe(computeAddress(key));
    expect(describeSigner(signer())).toBe('AWS KMS key alias/deployer in us-east-1');
  });

  it('signs digests as the same key would here, whatever s KMS gives', async () => {
    const account = await openAccount(signer(), network);
    for (let index = 1; index <= 8; index++) {
      const digest = toBeHex(index, 32);
      expect(await account.signDigest(digest)).toBe(key.sign(digest).serialized);
    }
    expect(kms.requests.at(-1)).toMatchObject({
      action: 'Sign',
      body: { KeyId: 'alias/deployer', MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' },
    });
  });

  it('pays for and sends a transaction that a chain takes', async () => {
    const node: LocalNode = await startLocalNode();
    try {
      await node.provider.send('anvil_setBalance', [computeAddress(key), '0xde0b6b3a7640000']);
      const setting = await newSetting(node, 'Setting', [computeAddress(key)]);
      const authority = { kind: 'key', signer: signer() } as const;
      const done = await moveOn(await fresh(node), authority, setTo(setting, 9), () => undefined);
      expect(done.kind).toBe('done');
      expect(await read(node, setting, 'value')).toBe(9);
    } finally {
      await node.stop();
    }
  });

  it('signs transactions whose sender is its address', async () => {
    const account = await openAccount(signer(), network);
    const signed = await account.sign({
      type: 2,
      chainId: 31337,
      nonce: 0,
      gasLimit: 21_000n,
      to: account.address,
    });
    expect(Transaction.from(signed).from).toBe(account.address);
  });

  it('that became another one meanwhile is noticed', async () => {
    const account = await openAccount(signer(), network);
    kms.keys.set('alias/deployer', new SigningKey(toBeHex(5, 32)));
    try {
      expect((await refusal(account.signDigest(toBeHex(1, 32)))).code).toBe('CUT-2295');
    } finally {
      kms.keys.set('alias/deployer', key);
    }
  });
});

describe('KMS', () => {
  it.each([
    [
      'AccessDeniedException',
      'User: arn:aws:iam::1:user/x is not authorized',
      'CUT-2290',
      'kms:GetPublicKey',
    ],
    ['DisabledException', 'the key is disabled.', 'CUT-2293', 'enable-key'],
    ['KMSInvalidStateException', 'the key is pending deletion.', 'CUT-2293', 'pending deletion'],
    ['UnsupportedOperationException', 'it is symmetric', 'CUT-2292', 'ECC_SECG_P256K1'],
    ['UnrecognizedClientException', 'The security token is invalid.', 'CUT-2294', 'get-caller-identity'],
  ])('that says %s is told with what to do', async (name, message, code, hint) => {
    kms.refuse = [name, message];
    const error = await refusal(openAccount(signer(), network));
    expect(error.code).toBe(code);
    expect(error.message).toContain(hint);
    expect(error.message).toContain('alias/deployer');
  });

  it('that has no such key, or one of another curve, is told', async () => {
    expect((await refusal(openAccount(signer('alias/none'), network))).code).toBe('CUT-2291');
    kms.spec = 'ECC_NIST_P256';
    const error = await refusal(openAccount(signer(), network));
    expect(error.code).toBe('CUT-2292');
    expect(error.message).toContain('ECC_NIST_P256');
  });

  it('that takes no more requests is asked again, and then told as that', { timeout: 60_000 }, async () => {
    kms.refuse = ['ThrottlingException', 'Rate exceeded'];
    const before = kms.requests.length;
    const error = await refusal(openAccount(signer(), network));
    expect(error.code).toBe('CUT-2296');
    expect(error.message).toContain('Run the same command again');
    expect(kms.requests.length - before).toBe(6);
  });

  it('that takes a request and never answers is asked again', async () => {
    kms.silences = 1;
    const before = kms.requests.length;
    const { address } = await openKmsKey(signer(), 'the key', 300);
    expect(address).toBe(await signerAddress(signer()));
    expect(kms.requests.length - before).toBe(3);
  });

  it('that cannot be reached is told, and no secret with it', async () => {
    const error = await refusal(signerAddress({ ...signer(), endpoint: 'http://127.0.0.1:1' }));
    expect(error.code).toBe('CUT-2294');
    expect(error.stack).not.toContain('AWS_SECRET');
  });
});
