import fc from 'fast-check';
import { concat, getBytes, id, toBeHex, Wallet, zeroPadValue } from 'ethers';
import { describe, expect, it } from 'vitest';
import { checkApprovals, packApprovals } from '@cutover/chain/plan/authority/safe-signatures.ts';

const wallets = Array.from({ length: 8 }, (_, index) => new Wallet(toBeHex(index + 1, 32)));
const hash = id('a Safe transaction');
const signed = new Map(
  wallets.map((wallet) => [
    wallet.address,
    { typed: wallet.signingKey.sign(hash).serialized, message: wallet.signMessageSync(getBytes(hash)) },
  ]),
);
const given = (wallet: Wallet, how: 'typed' | 'message' = 'typed'): { signature: string; from: string } => ({
  signature: signed.get(wallet.address)?.[how] ?? '',
  from: `${wallet.address}.json`,
});
const owners = wallets.slice(0, 5).map(({ address }) => address);

describe('approvals', () => {
  it('count once for each owner, in the order of addresses, whatever was handed in', () => {
    const anything = fc.array(
      fc.oneof(
        fc
          .record({ index: fc.nat(7), how: fc.constantFrom('typed' as const, 'message' as const) })
          .map(({ index, how }) => given(wallets[index] as Wallet, how)),
        fc.string().map((signature) => ({ signature, from: 'a file' })),
        fc.uint8Array({ minLength: 65, maxLength: 65 }).map((bytes) => ({
          signature: `0x${Buffer.from(bytes).toString('hex')}`,
          from: 'a file',
        })),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(anything, fc.subarray(wallets.map(({ address }) => address)), (files, onChain) => {
        const { approvals, ignored } = checkApprovals(hash, owners, files, onChain);
        const found = approvals.map(({ owner }) => owner.toLowerCase());
        expect(found).toEqual([...new Set(found)].sort());
        expect(approvals.every(({ owner }) => owners.includes(owner))).toBe(true);
        const byFile = approvals.filter(({ how }) => how !== 'on chain').length;
        expect(byFile + ignored.length).toBe(files.length);
        for (const owner of owners.filter((each) => onChain.includes(each))) {
          expect(found).toContain(owner.toLowerCase());
        }
      }),
      { numRuns: 15 },
    );
  });

  it('by signed messages get the 4 that a Safe adds to v, with or without it before', () => {
    const plain = given(wallets[0] as Wallet, 'message');
    const v = Number(`0x${plain.signature.slice(-2)}`);
    const shifted = { ...plain, signature: `${plain.signature.slice(0, -2)}${(v + 4).toString(16)}` };
    for (const each of [plain, shifted]) {
      const [approval] = checkApprovals(hash, owners, [each], []).approvals;
      expect(approval).toMatchObject({ how: 'signed message', data: shifted.signature });
    }
  });

  it('on the chain are packed as the owner with v = 1', () => {
    const owner = owners[0] ?? '';
    const [approval] = checkApprovals(hash, owners, [], [owner]).approvals;
    expect(approval?.data).toBe(concat([zeroPadValue(owner, 32), toBeHex(0, 32), '0x01']));
  });

  it('on the chain are not believed a file', () => {
    const owner = owners[0] ?? '';
    const signature = concat([zeroPadValue(owner, 32), toBeHex(0, 32), '0x01']);
    const { approvals, ignored } = checkApprovals(hash, owners, [{ signature, from: 'a file' }], []);
    expect(approvals).toEqual([]);
    expect(ignored[0]).toContain('the chain is asked');
  });

  it('with a high s are brought down, as the same signature', () => {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const { signature, from } = given(wallets[1] as Wallet);
    const s = toBeHex(order - BigInt(`0x${signature.slice(66, 130)}`), 32).slice(2);
    const v = signature.endsWith('1b') ? '1c' : '1b';
    const high = { signature: `${signature.slice(0, 66)}${s}${v}`, from };
    expect(checkApprovals(hash, owners, [high], []).approvals[0]?.data).toBe(signature);
  });

  it('are packed as many as the Safe asks for', () => {
    const { approvals } = checkApprovals(
      hash,
      owners,
      wallets.map((wallet) => given(wallet)),
      [],
    );
    const packed = packApprovals(approvals.toReversed(), 3);
    expect(getBytes(packed)).toHaveLength(195);
    expect(packed).toBe(concat(approvals.slice(0, 3).map(({ data }) => data)));
  });
});
