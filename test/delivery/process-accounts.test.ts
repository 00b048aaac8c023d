import { describe, expect, it } from 'vitest';
import { changedAccounts, forRestore, type Account } from '@cutover/delivery/plan/process-accounts.ts';

const loader = 'BPFLoaderUpgradeab1e11111111111111111111111';
const account = (over: Partial<Account> = {}): Account => ({
  lamports: 1,
  owner: 'system',
  executable: false,
  data: '',
  ...over,
});

describe('accounts of a local Solana node', () => {
  it('are kept when they are new or differ from those of a fresh node', () => {
    const pristine = { token: account(), payer: account() };
    const now = { token: account(), payer: account({ lamports: 5 }), mine: account() };
    expect(Object.keys(changedAccounts(pristine, now))).toEqual(['payer', 'mine']);
  });

  it('are put back with code before the programs that run it, and code as if deployed in slot 0', () => {
    const code = Buffer.alloc(48);
    code.writeUInt32LE(3, 0);
    code.writeBigUInt64LE(500n, 4);
    code.fill(7, 12);
    const restored = forRestore({
      program: account({
        owner: loader,
        executable: true,
        data: Buffer.from([2, 0, 0, 0]).toString('base64'),
      }),
      code: account({ owner: loader, data: code.toString('base64') }),
      other: account({ data: code.toString('base64') }),
    });
    expect(restored.map(({ address }) => address)).toEqual(['code', 'other', 'program']);
    const bytes = Buffer.from(restored[0]?.update.data ?? '', 'hex');
    expect(bytes.readBigUInt64LE(4)).toBe(0n);
    expect(bytes.subarray(12)).toEqual(code.subarray(12));
    // An account of anyone else may hold the same bytes by chance.
    expect(restored[1]?.update.data).toBe(code.toString('hex'));
  });
});
