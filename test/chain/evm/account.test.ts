import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { recoverAddress, Transaction, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkSigner, openAccount, signerAddress } from '@cutover/chain/evm/account.ts';
import { localAddresses } from '@cutover/chain/plan/signer.ts';
import { refusal } from '../refusal.ts';

const local = { chainId: 31337 };
const wallet = Wallet.createRandom();
const digits = wallet.privateKey.slice(2);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-account-'));
});
afterAll(async () => {
  delete process.env['TEST_KEY'];
  await rm(folder, { recursive: true, force: true });
});

describe('signers', () => {
  it('of local chains are the accounts that nodes fund', async () => {
    expect(localAddresses).toHaveLength(10);
    for (const [account, address] of localAddresses.entries()) {
      const signer = { kind: 'local', account } as const;
      expect(await signerAddress(signer)).toBe(address);
      expect((await openAccount(signer, local)).address).toBe(address);
    }
    for (const account of [10, -1, 0.5]) {
      expect((await refusal(signerAddress({ kind: 'local', account }))).code).toBe('CUT-2041');
    }
  });

  it('whose keys everybody has are refused on every chain but a local one', async () => {
    expect((await refusal(openAccount({ kind: 'local', account: 0 }, { chainId: 1 }))).code).toBe('CUT-2040');
    expect(() => checkSigner({ kind: 'local', account: 0 }, { chainId: 84532 })).toThrow('publicly known');
    expect(() => checkSigner({ kind: 'env', name: 'TEST_KEY' }, { chainId: 1 })).not.toThrow();
  });

  it.each([
    ['plain', digits],
    ['with 0x', `0x${digits}`],
    ['with a line end', `0x${digits}\n`],
    ['in capitals', digits.toUpperCase()],
  ])('are read from the environment or a file, %s', async (_, key) => {
    process.env['TEST_KEY'] = key;
    const file = join(folder, 'key');
    await writeFile(file, key);
    expect(await signerAddress({ kind: 'env', name: 'TEST_KEY' })).toBe(wallet.address);
    expect(await signerAddress({ kind: 'file', name: file })).toBe(wallet.address);
  });

  it('sign for the chain that the transaction names', async () => {
    process.env['TEST_KEY'] = digits;
    const account = await openAccount({ kind: 'env', name: 'TEST_KEY' }, { chainId: 5 });
    const signed = Transaction.from(
      await account.sign({
        type: 2,
        chainId: 5,
        nonce: 0,
        to: wallet.address,
        gasLimit: 21_000n,
        maxFeePerGas: 1n,
        maxPriorityFeePerGas: 1n,
      }),
    );
    expect(recoverAddress(signed.unsignedHash, signed.signature ?? '')).toBe(wallet.address);
  });

  it('sign digests too, in 65 bytes', async () => {
    process.env['TEST_KEY'] = digits;
    const account = await openAccount({ kind: 'env', name: 'TEST_KEY' }, { chainId: 5 });
    const digest = `0x${'ab'.repeat(32)}`;
    expect(recoverAddress(digest, await account.signDigest(digest))).toBe(wallet.address);
  });

  it.each([
    ['too short', digits.slice(1)],
    ['a phrase', 'test test test'],
    ['zero', '0'.repeat(64)],
    ['above the order of the curve', 'f'.repeat(64)],
    ['two keys', `${digits}\n${digits}`],
  ])('with a key that is none (%s) are refused without showing it', async (_, key) => {
    process.env['TEST_KEY'] = key;
    const error = await refusal(signerAddress({ kind: 'env', name: 'TEST_KEY' }));
    expect(error.code).toBe('CUT-2042');
    expect(error.message).toContain('env:TEST_KEY');
    expect(inspect(error, { depth: 10 })).not.toContain(key);
  });

  it('never show their key', async () => {
    process.env['TEST_KEY'] = digits;
    const account = await openAccount({ kind: 'env', name: 'TEST_KEY' }, local);
    expect(inspect(account, { depth: 10, showHidden: true })).not.toContain(digits);
    const signer = { kind: 'env', name: 'TEST_KEY' };
    expect(JSON.parse(JSON.stringify(account))).toEqual({ address: wallet.address, signer });
  });

  it('that are not there are refused by their reference', async () => {
    delete process.env['TEST_KEY'];
    const error = await refusal(signerAddress({ kind: 'env', name: 'TEST_KEY' }));
    expect(error.code).toBe('CUT-1100');
  });
});
