import { getAddress, id as keccak, MaxUint256, ZeroAddress } from 'ethers';
import * as fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startChain, testSource, type Deployed } from './chain-kit.ts';
import { told } from './diamond-kit.ts';
import { meddlerSource } from './gemforce-kit.ts';

const source = 'chain/contracts/gemforce/Treasury.sol';
const chain = await startChain();
const accounts = await chain.rpc<string[]>('eth_accounts');
const [admin, withdrawer, stranger, payee] = accounts.slice(1, 5).map((address) => getAddress(address)) as [
  string,
  string,
  string,
  string,
];
const cap = 1_000n;
const day = 86_400;
const ether = ZeroAddress;
const role = { withdrawer: keccak('WITHDRAWER_ROLE'), caps: keccak('CAPS_ROLE') };
const treasury = await chain.deploy(source, 'Treasury', [admin, 0, withdrawer, cap]);
const token = await chain.deploy(testSource('Tokens'), 'PlainToken');
const hooked = await chain.deploy(testSource('Tokens'), 'HookedToken');
const silent = await chain.deploy(testSource('Tokens'), 'SilentToken');
const meddler = await chain.deploy(meddlerSource, 'Meddler');
for (const each of [token, hooked, silent])
  await chain.send(admin, each, 'mint', [treasury.address, 100_000n]);
await chain.rpc('eth_sendTransactionSync', [{ from: stranger, to: treasury.address, value: '0x186a0' }]);
const rewind = await chain.checkpoint();
beforeEach(() => rewind());
afterAll(() => chain.stop());

const withdraw = (asset: string, to: string, amount: bigint) =>
  chain.send(withdrawer, treasury, 'withdraw', [asset, to, amount]);
const refused = (asset: string, to: string, amount: bigint, from = withdrawer): Promise<string> =>
  chain.refusal(from, treasury, 'withdraw', [asset, to, amount]);
const setCap = (asset: string, amount: bigint) => chain.send(admin, treasury, 'setCap', [asset, amount]);
const ask = async (fn: string, ...args: unknown[]): Promise<unknown> =>
  (await chain.read(treasury, fn, ...args))[0];
const balance = async (of: Deployed, account: string): Promise<unknown> =>
  (await chain.read(of, 'balanceOf', account))[0];

describe('a treasury', () => {
  it('takes ether from anyone and says so', async () => {
    expect(await ask('getBalance')).toBe(100_000n);
    const data = { from: stranger, to: treasury.address, value: '0x5' };
    const receipt = await chain.rpc<{ logs: { topics: string[] }[] }>('eth_sendTransactionSync', [data]);
    expect(receipt.logs[0]?.topics[0]).toBe(keccak('Received(address,uint256)'));
    expect(await ask('getBalance')).toBe(100_005n);
    expect([await ask('balanceOf', ether), await ask('balanceOf', token.address)]).toEqual([
      100_005n,
      100_000n,
    ]);
  });

  it('pays ether and tokens out', async () => {
    const before = await chain.balance(payee);
    const mined = await withdraw(ether, payee, 400n);
    expect(told(mined)).toEqual([`Withdrawn(${ether}, ${payee}, ${withdrawer}, 400)`]);
    expect((await chain.balance(payee)) - before).toBe(400n);
    for (const each of [token, silent]) {
      await setCap(each.address, 70n);
      await withdraw(each.address, payee, 70n);
      expect(await balance(each, payee)).toBe(70n);
    }
  });

  it('pays only who may, and only something to somebody', async () => {
    for (const from of [admin, stranger]) {
      expect(await refused(ether, payee, 1n, from)).toBe(
        `AccessControlUnauthorizedAccount(${from}, ${role.withdrawer})`,
      );
    }
    for (const from of [withdrawer, stranger]) {
      expect(await chain.refusal(from, treasury, 'setCap', [ether, MaxUint256 >> 48n])).toBe(
        `AccessControlUnauthorizedAccount(${from}, ${role.caps})`,
      );
    }
    expect(await refused(ether, ZeroAddress, 1n)).toBe('ZeroAddress()');
    expect(await refused(ether, payee, 0n)).toBe('ZeroAmount()');
    await chain.send(admin, treasury, 'revokeRole', [role.withdrawer, withdrawer]);
    expect(await refused(ether, payee, 1n)).toContain('Unauthorized');
  });

  it('is made with a withdrawer', async () => {
    const args = [admin, 0, ZeroAddress, cap];
    expect(await chain.deployRefusal(source, 'Treasury', args)).toBe('ZeroAddress()');
  });
});

describe('a cap', () => {
  it('is for each asset, and nothing at first', async () => {
    expect(await refused(token.address, payee, 1n)).toBe(`AboveCap(${token.address}, 1, 0)`);
    expect(told(await setCap(token.address, 10n))).toEqual([`CapSet(${token.address}, 10)`]);
    await withdraw(token.address, payee, 10n);
    expect(await refused(token.address, payee, 1n)).toBe(`AboveCap(${token.address}, 1, 0)`);
    expect(await ask('available', ether)).toBe(cap);
    expect([await ask('capOf', token.address), await ask('capOf', ether)]).toEqual([10n, cap]);
  });

  it('counts what went out in the last 24 hours, to the second', async () => {
    const { timestamp } = await withdraw(ether, payee, 600n);
    expect(await refused(ether, payee, 401n)).toBe(`AboveCap(${ether}, 401, 400)`);
    await chain.mineAt(timestamp + day / 2);
    await withdraw(ether, payee, 400n);
    await chain.mineAt(timestamp + day - 1);
    expect(await ask('available', ether)).toBe(0n);
    await chain.mineAt(timestamp + day);
    expect(await ask('available', ether)).toBe(600n);
  });

  it('that is lowered counts what went out before it', async () => {
    await withdraw(ether, payee, 600n);
    await setCap(ether, 500n);
    expect(await ask('available', ether)).toBe(0n);
    await setCap(ether, 700n);
    expect(await ask('available', ether)).toBe(100n);
  });

  it('is not used up by a withdrawal that fails', async () => {
    await setCap(token.address, 10n ** 9n);
    expect(await refused(token.address, payee, 100_001n)).toContain('ERC20InsufficientBalance');
    expect(await ask('available', token.address)).toBe(10n ** 9n);
  });

  it('holds in every window of 24 hours, whatever the sequence', async () => {
    const start = await chain.checkpoint();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ wait: fc.integer({ min: 1, max: day / 2 }), amount: fc.bigInt(1n, 700n) }), {
          minLength: 4,
          maxLength: 12,
        }),
        async (steps) => {
          await start();
          const paid: { at: number; amount: bigint }[] = [];
          for (const { wait, amount } of steps) {
            await chain.mineAt((await chain.now()) + wait);
            const left = (await ask('available', ether)) as bigint;
            if (amount > left) {
              expect(await refused(ether, payee, amount)).toBe(`AboveCap(${ether}, ${amount}, ${left})`);
              continue;
            }
            paid.push({ at: (await withdraw(ether, payee, amount)).timestamp, amount });
            const end = paid.at(-1)?.at ?? 0;
            const sum = paid
              .filter(({ at }) => at > end - day)
              .reduce((total, each) => total + each.amount, 0n);
            expect(sum).toBeLessThanOrEqual(cap);
          }
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('who calls back while it is paid', () => {
  it.each(['ether', 'a token'])('gets nothing more (%s)', async (kind) => {
    await chain.send(admin, treasury, 'grantRole', [role.withdrawer, meddler.address]);
    await chain.send(admin, treasury, 'grantRole', [role.withdrawer, hooked.address]);
    const again = treasury.abi.encodeFunctionData('withdraw', [ether, payee, 1n]);
    const attacker = kind === 'ether' ? meddler : hooked;
    const armed = kind === 'ether' ? [treasury.address, again] : [treasury.address, again, false];
    await chain.send(admin, attacker, 'arm', armed);
    await setCap(hooked.address, cap);
    if (kind === 'ether') await withdraw(ether, meddler.address, 5n);
    else await withdraw(hooked.address, payee, 5n);
    expect((await chain.read(attacker, 'calls'))[0]).toBe(1n);
    expect((await chain.read(attacker, 'answer'))[0]).toBe(
      keccak('ReentrancyGuardReentrantCall()').slice(0, 10),
    );
    expect(await ask('getBalance')).toBe(kind === 'ether' ? 99_995n : 100_000n);
  });
});
