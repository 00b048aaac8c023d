import { ZeroAddress } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testSource } from './chain-kit.ts';
import {
  adminDelay,
  day,
  emergencyDelay,
  escrowSource,
  ether,
  openStage,
  roles,
  State,
  told,
  type Stage,
} from './escrow-kit.ts';

let stage: Stage;
let rewind: () => Promise<void>;

beforeAll(async () => {
  stage = await openStage();
  rewind = await stage.chain.checkpoint();
});
beforeEach(() => rewind());
afterAll(() => stage.chain.stop());

describe('construction', () => {
  it('puts everyone where the arguments say, and the deployer nowhere', async () => {
    const { chain, escrow, who } = stage;
    const view = async (fn: string, ...args: unknown[]): Promise<unknown> =>
      (await chain.read(escrow, fn, ...args))[0];
    expect(await view('arbiter')).toBe(who.arbiter);
    expect(await view('emergencyDelay')).toBe(BigInt(emergencyDelay));
    expect(await view('defaultAdmin')).toBe(who.admin);
    expect(await view('defaultAdminDelay')).toBe(BigInt(adminDelay));
    const having = async (role: string): Promise<string[]> => {
      const names = Object.keys(who) as (keyof typeof who)[];
      const has = await Promise.all(names.map((name) => view('hasRole', role, who[name])));
      return names.filter((_, index) => has[index]);
    };
    expect(await having(`0x${'00'.repeat(32)}`)).toEqual(['admin']);
    expect(await having(roles.pauser)).toEqual(['pauser']);
    expect(await having(roles.unpauser)).toEqual(['admin']);
    expect(await having(roles.emergency)).toEqual(['admin']);
    expect(await having(roles.recovery)).toEqual(['admin']);
  });

  it('names the hashes of its roles', async () => {
    const { chain, escrow } = stage;
    for (const [name, hash] of Object.entries(roles)) {
      expect((await chain.read(escrow, `${name.toUpperCase()}_ROLE`))[0]).toBe(hash);
    }
  });

  it('refuses what could not be put right later', async () => {
    const { chain, who } = stage;
    const refusal = (change: Record<number, unknown>): Promise<string> =>
      chain.deployRefusal(
        escrowSource,
        'Escrow',
        stage.construction.map((argument, index) => change[index] ?? argument),
      );
    expect(await refusal({ 0: ZeroAddress })).toBe('ZeroAddress()');
    expect(await refusal({ 1: ZeroAddress })).toBe(`AccessControlInvalidDefaultAdmin(${ZeroAddress})`);
    expect(await refusal({ 2: ZeroAddress })).toBe('ZeroAddress()');
    expect(await refusal({ 0: who.admin })).toBe(`BadArbiter(${who.admin})`);
    expect(await refusal({ 0: who.pauser })).toBe(`BadArbiter(${who.pauser})`);
    expect(await refusal({ 4: 3_599 })).toBe('BadEmergencyDelay(3599, 3600, 2592000)');
    expect(await refusal({ 4: 2_592_001 })).toBe('BadEmergencyDelay(2592001, 3600, 2592000)');
  });
});

describe('paying ether in', () => {
  it('holds it under a number of its own', async () => {
    const { chain, who } = stage;
    const expiry = (await chain.now()) + day;
    const first = await stage.act('payer', 'depositEther', [who.payee, expiry], 500n);
    expect(told(first)).toEqual([`Deposited(1, ${who.payer}, ${who.payee}, ${ether}, 500, ${expiry})`]);
    const second = await stage.act('otherPayer', 'depositEther', [who.otherPayee, expiry], 7n);
    expect(told(second)).toEqual([
      `Deposited(2, ${who.otherPayer}, ${who.otherPayee}, ${ether}, 7, ${expiry})`,
    ]);
    expect(await stage.depositOf(1n)).toEqual({
      payer: who.payer,
      payee: who.payee,
      token: ether,
      amount: 500n,
      expiry: BigInt(expiry),
      state: State.Held,
    });
    expect(await stage.held(ether)).toBe(507n);
    expect(await stage.purse(ether, stage.escrow.address)).toBe(507n);
    expect((await chain.read(stage.escrow, 'depositCount'))[0]).toBe(2n);
  });

  it('refuses nothing, nobody, and parties that are not two', async () => {
    const { chain, escrow, who } = stage;
    const expiry = (await chain.now()) + day;
    expect(await stage.refused('payer', 'depositEther', [who.payee, expiry])).toBe('ZeroAmount()');
    const pay = (payee: string, as: 'payer' | 'arbiter' = 'payer'): Promise<string> =>
      stage.refused(as, 'depositEther', [payee, expiry], 1n);
    expect(await pay(ZeroAddress)).toBe('ZeroAddress()');
    expect(await pay(who.payer)).toBe(`BadParties(${who.payer}, ${who.payer})`);
    expect(await pay(who.arbiter)).toBe(`BadParties(${who.payer}, ${who.arbiter})`);
    expect(await pay(escrow.address)).toBe(`BadParties(${who.payer}, ${escrow.address})`);
    expect(await pay(who.payee, 'arbiter')).toBe(`BadParties(${who.arbiter}, ${who.payee})`);
  });

  it('refuses an expiry that is past, now, too far off, or given in milliseconds', async () => {
    const { chain, who } = stage;
    const now = await chain.now();
    const pay = (expiry: number): Promise<string> =>
      stage.refused('payer', 'depositEther', [who.payee, expiry], 1n);
    const bounds = `${now + 1}, ${now + 366 * day}`;
    for (const expiry of [0, now - 1, now, now + 366 * day + 1, (now + day) * 1000]) {
      expect(await pay(expiry)).toBe(`BadExpiry(${expiry}, ${bounds})`);
    }
  });

  it('takes no ether that comes without a deposit', async () => {
    const { chain, escrow, who } = stage;
    for (const data of ['0x', '0xdeadbeef']) {
      const transaction = { from: who.payer, to: escrow.address, value: '0x1', data };
      await expect(chain.rpc('eth_call', [transaction, 'latest'])).rejects.toThrow('execution reverted');
    }
  });
});

describe('paying tokens in', () => {
  it('holds what it took, token by token', async () => {
    const { token, who } = stage;
    const other = await stage.newToken('PlainToken');
    const expiry = (await stage.chain.now()) + day;
    const paid = await stage.act('payer', 'depositToken', [token.address, 300n, who.payee, expiry]);
    expect(told(paid).at(-1)).toBe(
      `Deposited(1, ${who.payer}, ${who.payee}, ${token.address}, 300, ${expiry})`,
    );
    await stage.payToken(other, 40n);
    await stage.payToken(token, 3n);
    expect(await stage.held(token.address)).toBe(303n);
    expect(await stage.held(other.address)).toBe(40n);
    expect(await stage.held(ether)).toBe(0n);
    expect(await stage.purse(token.address, stage.escrow.address)).toBe(303n);
    expect(await stage.purse(token.address, who.payer)).toBe(1_000_000n - 303n);
  });

  it('refuses ether beside a token, no token, no amount, and the token as its own payee', async () => {
    const { token, who } = stage;
    const expiry = (await stage.chain.now()) + day;
    const pay = (address: string, amount: bigint, payee = who.payee, value = 0n): Promise<string> =>
      stage.refused('payer', 'depositToken', [address, amount, payee, expiry], value);
    expect(await pay(token.address, 1n, who.payee, 1n)).toContain('execution reverted');
    expect(await pay(ZeroAddress, 1n)).toBe('ZeroAddress()');
    expect(await pay(token.address, 0n)).toBe('ZeroAmount()');
    expect(await pay(token.address, 1n, token.address)).toBe(`BadParties(${who.payer}, ${token.address})`);
    expect(await pay(who.stranger, 1n)).toContain('execution reverted');
  });

  it('takes nothing that was not approved or is not there', async () => {
    const { token, who } = stage;
    const expiry = (await stage.chain.now()) + day;
    expect(await stage.refused('payer', 'depositToken', [token.address, 1_000_001n, who.payee, expiry])).toBe(
      `ERC20InsufficientBalance(${who.payer}, 1000000, 1000001)`,
    );
    expect(await stage.refused('stranger', 'depositToken', [token.address, 5n, who.payee, expiry])).toBe(
      `ERC20InsufficientAllowance(${stage.escrow.address}, 0, 5)`,
    );
  });

  it('counts what arrived when the token keeps a fee', async () => {
    const token = await stage.newToken('FeeToken');
    const id = await stage.payToken(token, 1_000n);
    expect((await stage.depositOf(id)).amount).toBe(900n);
    expect(await stage.held(token.address)).toBe(900n);
    expect(await stage.purse(token.address, stage.escrow.address)).toBe(900n);
    await stage.act('relay', 'release', [id, await stage.sign('payer', 'Release', id)]);
    expect(await stage.held(token.address)).toBe(0n);
    expect(await stage.purse(token.address, stage.who.payee)).toBe(810n);
  });

  it('does not believe a token that answers false', async () => {
    const { chain, who } = stage;
    const token = await stage.newToken('FalseToken');
    const id = await stage.payToken(token, 10n);
    await chain.send(who.deployer, token, 'setFailing', [true]);
    const failed = `SafeERC20FailedOperation(${token.address})`;
    const expiry = (await chain.now()) + day;
    expect(await stage.refused('payer', 'depositToken', [token.address, 1n, who.payee, expiry])).toBe(failed);
    const decision = await stage.sign('payer', 'Release', id);
    expect(await stage.refused('relay', 'release', [id, decision])).toBe(failed);
    expect(await stage.held(token.address)).toBe(10n);
    await chain.send(who.deployer, token, 'setFailing', [false]);
    await stage.act('relay', 'release', [id, decision]);
    expect(await stage.purse(token.address, who.payee)).toBe(10n);
  });

  it('works with a token that answers nothing', async () => {
    const token = await stage.newToken('SilentToken');
    const released = await stage.payToken(token, 10n);
    const refunded = await stage.payToken(token, 20n);
    await stage.act('relay', 'release', [released, await stage.sign('payer', 'Release', released)]);
    await stage.act('relay', 'refund', [refunded, await stage.sign('payee', 'Refund', refunded)]);
    expect(await stage.purse(token.address, stage.who.payee)).toBe(10n);
    expect(await stage.purse(token.address, stage.who.payer)).toBe(999_990n);
    expect(await stage.held(token.address)).toBe(0n);
  });

  it('can still be decided the other way when the token refuses one of the parties', async () => {
    const { chain, who } = stage;
    const token = await stage.newToken('SilentToken');
    const id = await stage.payToken(token, 10n);
    await chain.send(who.deployer, token, 'setBlocked', [who.payee, true]);
    expect(await stage.refused('relay', 'release', [id, await stage.sign('arbiter', 'Release', id)])).toBe(
      'Error(blocked)',
    );
    await stage.act('relay', 'refund', [id, await stage.sign('arbiter', 'Refund', id)]);
    expect(await stage.purse(token.address, who.payer)).toBe(1_000_000n);
  });

  it('lets no token take a fee for a payout from other deposits', async () => {
    const { chain, who } = stage;
    const token = await stage.newToken('GreedyToken');
    const id = await stage.payToken(token, 100n);
    await stage.payToken(token, 100n);
    await chain.send(who.deployer, token, 'setGreedy', [true]);
    expect(await stage.refused('relay', 'release', [id, await stage.sign('payer', 'Release', id)])).toBe(
      `TokenTookTooMuch(${token.address}, 100, 110)`,
    );
  });

  it('shows what a shrinking token left uncovered, and what a growing one brought', async () => {
    const { chain, escrow, who } = stage;
    const token = await stage.newToken('RebasingToken');
    const early = await stage.payToken(token, 100n);
    const late = await stage.payToken(token, 100n);
    const view = async (fn: string): Promise<unknown> => (await chain.read(escrow, fn, token.address))[0];
    await chain.send(who.deployer, token, 'rebase', [150n]);
    expect([await view('surplus'), await view('shortfall')]).toEqual([100n, 0n]);
    await chain.send(who.deployer, token, 'rebase', [75n]);
    expect([await view('surplus'), await view('shortfall')]).toEqual([0n, 50n]);
    await stage.act('relay', 'release', [early, await stage.sign('payer', 'Release', early)]);
    expect(await stage.refused('relay', 'release', [late, await stage.sign('payer', 'Release', late)])).toBe(
      'Panic(17)',
    );
  });
});

describe('giving more time', () => {
  it('moves the expiry later, and only later, and only for the payer', async () => {
    const { chain, who } = stage;
    const id = await stage.payEther(5n);
    const { expiry } = await stage.depositOf(id);
    const later = expiry + BigInt(day);
    for (const as of ['payee', 'arbiter', 'admin', 'stranger'] as const) {
      expect(await stage.refused(as, 'extend', [id, later])).toBe(`NotAllowed(${id}, ${who[as]})`);
    }
    expect(told(await stage.act('payer', 'extend', [id, later]))).toEqual([
      `ExpiryExtended(${id}, ${later})`,
    ]);
    expect((await stage.depositOf(id)).expiry).toBe(later);
    const latest = BigInt((await chain.now()) + 366 * day);
    for (const wrong of [expiry, later, latest + 1n]) {
      expect(await stage.refused('payer', 'extend', [id, wrong])).toBe(
        `BadExpiry(${wrong}, ${later + 1n}, ${latest})`,
      );
    }
    await stage.act('payer', 'extend', [id, latest]);
  });

  it('is refused for a deposit that is decided or was never made', async () => {
    const id = await stage.payEther(5n);
    await stage.act('relay', 'release', [id, await stage.sign('payer', 'Release', id)]);
    const { expiry } = await stage.depositOf(id);
    expect(await stage.refused('payer', 'extend', [id, expiry + 1n])).toBe(`NotHeld(${id}, 2)`);
    expect(await stage.refused('payer', 'extend', [99n, expiry + 1n])).toBe('NotHeld(99, 0)');
  });
});

describe('money that came by accident', () => {
  it('can be moved out by the recovery role, to the last unit and no further', async () => {
    const { chain, escrow, token, who } = stage;
    await stage.payEther(1_000n);
    await stage.payToken(token, 500n);
    await chain.deploy(testSource('Actors'), 'Feeder', [escrow.address], 70n);
    await chain.send(who.payer, token, 'transfer', [escrow.address, 9n]);
    for (const [address, surplus, held] of [
      [ether, 70n, 1_000n],
      [token.address, 9n, 500n],
    ] as const) {
      expect((await chain.read(escrow, 'surplus', address))[0]).toBe(surplus);
      expect((await chain.read(escrow, 'shortfall', address))[0]).toBe(0n);
      const before = await stage.purse(address, who.stranger);
      expect(await stage.refused('admin', 'recoverSurplus', [address, who.stranger, surplus + 1n])).toBe(
        `MoreThanSurplus(${address}, ${surplus + 1n}, ${surplus})`,
      );
      const moved = await stage.act('admin', 'recoverSurplus', [address, who.stranger, surplus]);
      expect(told(moved)[0]).toBe(`SurplusRecovered(${address}, ${who.stranger}, ${who.admin}, ${surplus})`);
      expect(await stage.purse(address, who.stranger)).toBe(before + surplus);
      expect(await stage.held(address)).toBe(held);
      expect(await stage.refused('admin', 'recoverSurplus', [address, who.stranger, 1n])).toBe(
        `MoreThanSurplus(${address}, 1, 0)`,
      );
    }
  });

  it('goes to nobody without an address, an amount or the role', async () => {
    const { who } = stage;
    expect(await stage.refused('admin', 'recoverSurplus', [ether, ZeroAddress, 1n])).toBe('ZeroAddress()');
    expect(await stage.refused('admin', 'recoverSurplus', [ether, who.admin, 0n])).toBe('ZeroAmount()');
    for (const as of ['pauser', 'arbiter', 'payer', 'deployer'] as const) {
      expect(await stage.refused(as, 'recoverSurplus', [ether, who[as], 1n])).toBe(
        `AccessControlUnauthorizedAccount(${who[as]}, ${roles.recovery})`,
      );
    }
  });
});
