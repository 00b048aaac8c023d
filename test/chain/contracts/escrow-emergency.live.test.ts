import { ZeroAddress, ZeroHash } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testSource } from './chain-kit.ts';
import {
  adminDelay,
  day,
  emergencyDelay,
  ether,
  openStage,
  roles,
  State,
  told,
  type Person,
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

/** Lets time pass. */
async function pass(seconds: number): Promise<void> {
  await stage.chain.mineAt((await stage.chain.now()) + seconds);
}

type Situation = keyof typeof State | 'Expired';

/** Brings a fresh deposit of 500 wei into a state. */
const into: Record<Situation, () => Promise<bigint>> = {
  None: () => Promise.resolve(1n),
  Held: () => stage.payEther(500n),
  Expired: async () => {
    const id = await stage.payEther(500n);
    await pass(day);
    return id;
  },
  Released: async () => {
    const id = await stage.payEther(500n);
    await stage.act('relay', 'release', [id, await stage.sign('payer', 'Release', id)]);
    return id;
  },
  Refunded: async () => {
    const id = await stage.payEther(500n);
    await stage.act('relay', 'refund', [id, await stage.sign('payee', 'Refund', id)]);
    return id;
  },
  Reclaimed: async () => {
    const id = await into.Expired();
    await stage.act('payer', 'reclaim', [id]);
    return id;
  },
  EmergencyWithdrawn: async () => {
    const id = await stage.payEther(500n);
    await stage.act('pauser', 'pause', []);
    await stage.act('admin', 'emergencyWithdraw', [[id]]);
    await stage.act('admin', 'unpause', []);
    return id;
  },
};
const situations = Object.keys(into) as Situation[];

/** Calls on a deposit by someone who may make them. */
const steps: Record<string, (id: bigint) => Promise<[Person, string, unknown[]]>> = {
  extend: async (id) => ['payer', 'extend', [id, (await stage.chain.now()) + 9 * day]],
  release: async (id) => ['relay', 'release', [id, await stage.sign('arbiter', 'Release', id)]],
  refund: async (id) => ['relay', 'refund', [id, await stage.sign('arbiter', 'Refund', id)]],
  reclaim: (id) => Promise.resolve(['payer', 'reclaim', [id]]),
  cancelSignatures: (id) => Promise.resolve(['payee', 'cancelSignatures', [id]]),
  emergencyWithdraw: (id) => Promise.resolve(['admin', 'emergencyWithdraw', [[id]]]),
};

describe('what works when', () => {
  const stoppedByPause = ['extend', 'release', 'refund', 'reclaim'];

  /** How a step ends on deposit 1: the start of its refusal, or undefined where it works. */
  function outcome(step: string, situation: Situation, paused: boolean): string | undefined {
    if (paused && stoppedByPause.includes(step)) return 'EnforcedPause()';
    if (!paused && step === 'emergencyWithdraw') return 'ExpectedPause()';
    if (situation !== 'Held' && situation !== 'Expired') return `NotHeld(1, ${State[situation]})`;
    if (step === 'reclaim' && situation === 'Held') return 'NotExpired(1, ';
    return undefined;
  }

  describe.each(situations)('a deposit: %s', (situation) => {
    it.each(['running', 'paused'])('while the escrow is %s', async (mode) => {
      await into[situation]();
      if (mode === 'paused') await stage.act('pauser', 'pause', []);
      const before = await stage.chain.checkpoint();
      for (const [step, call] of Object.entries(steps)) {
        await before();
        const refusal = outcome(step, situation, mode === 'paused');
        const prepared = await call(1n);
        if (refusal === undefined) await stage.act(...prepared);
        else expect(await stage.refused(...prepared), step).toContain(refusal);
      }
    });
  });

  it('takes no deposit while paused', async () => {
    const { token, who } = stage;
    await stage.act('pauser', 'pause', []);
    const expiry = (await stage.chain.now()) + day;
    expect(await stage.refused('payer', 'depositEther', [who.payee, expiry], 1n)).toBe('EnforcedPause()');
    expect(await stage.refused('payer', 'depositToken', [token.address, 1n, who.payee, expiry])).toBe(
      'EnforcedPause()',
    );
  });

  it('gives out credits and surplus while paused, which are decided already', async () => {
    const { chain, escrow, who } = stage;
    const shop = await chain.deploy(testSource('Actors'), 'Actor', [who.stranger]);
    await chain.send(who.deployer, shop, 'behave', [1]);
    const id = await stage.payEther(500n, { payee: shop.address });
    await stage.act('relay', 'release', [id, await stage.sign('payer', 'Release', id)]);
    await chain.deploy(testSource('Actors'), 'Feeder', [escrow.address], 70n);
    await stage.act('pauser', 'pause', []);
    const withdraw = escrow.abi.encodeFunctionData('withdrawCredit', [who.payee]);
    await chain.send(who.deployer, shop, 'execute', [escrow.address, 0n, withdraw]);
    await stage.act('admin', 'recoverSurplus', [ether, who.admin, 70n]);
    expect(await chain.balance(escrow.address)).toBe(0n);
  });

  it('takes up every deposit where the pause met it', async () => {
    const [a, b, c] = [await stage.payEther(1n), await stage.payEther(2n), await stage.payEther(3n)];
    const release = await stage.sign('payer', 'Release', a);
    const refund = await stage.sign('payee', 'Refund', b);
    await stage.act('pauser', 'pause', []);
    expect(await stage.refused('relay', 'release', [a, release])).toBe('EnforcedPause()');
    await stage.act('admin', 'unpause', []);
    await stage.act('relay', 'release', [a, release]);
    await stage.act('relay', 'refund', [b, refund]);
    await pass(2 * day);
    await stage.act('payer', 'reclaim', [c]);
    expect(await stage.held(ether)).toBe(0n);
  });
});

describe('the clock of expiries', () => {
  it('stands still during a pause', async () => {
    const { chain } = stage;
    const id = await stage.payEther(500n);
    const { expiry } = await stage.depositOf(id);
    const { timestamp: start } = await stage.act('pauser', 'pause', []);
    await pass(10 * day);
    expect((await stage.depositOf(id)).expiry).toBe(expiry + BigInt((await chain.now()) - start));
    const { timestamp: end } = await stage.act('admin', 'unpause', []);
    const moved = expiry + BigInt(end - start);
    expect((await stage.depositOf(id)).expiry).toBe(moved);
    expect((await chain.read(stage.escrow, 'pausedSeconds'))[0]).toBe(BigInt(end - start));
    expect((await chain.read(stage.escrow, 'pausedAt'))[0]).toBe(0n);
    await chain.mineAt(Number(moved) - 1);
    expect(await stage.refused('payer', 'reclaim', [id])).toBe(`NotExpired(${id}, ${moved})`);
    await chain.mineAt(Number(moved));
    await stage.act('payer', 'reclaim', [id]);
  });

  it('adds up all pauses, and gives deposits made later exactly what they ask for', async () => {
    const { chain } = stage;
    for (const days of [1, 2]) {
      await stage.act('pauser', 'pause', []);
      await pass(days * day);
      await stage.act('admin', 'unpause', []);
    }
    const now = await chain.now();
    const id = await stage.payEther(500n);
    expect((await stage.depositOf(id)).expiry).toBe(BigInt(now + day));
    const later = now + 5 * day;
    await stage.act('payer', 'extend', [id, later]);
    expect((await stage.depositOf(id)).expiry).toBe(BigInt(later));
  });

  it('is not shown for a deposit that does not exist', async () => {
    await stage.act('pauser', 'pause', []);
    await pass(day);
    expect(await stage.depositOf(1n)).toMatchObject({ expiry: 0n, state: State.None, payer: ZeroAddress });
  });
});

describe('emergency withdrawal', () => {
  it('sends each deposit to its own payer, and nothing to the operator', async () => {
    const { chain, token, who } = stage;
    const [mine, coins] = [await stage.payEther(500n), await stage.payToken(token, 30n)];
    const other = await stage.payEther(7n, { payer: who.otherPayer, payee: who.otherPayee });
    await stage.act('pauser', 'pause', []);
    const purses = [who.payer, who.otherPayer, who.admin];
    const before = await Promise.all(purses.map((address) => chain.balance(address)));
    const mined = await stage.act('admin', 'emergencyWithdraw', [[other, mine, coins]]);
    expect(told(mined).filter((event) => event.startsWith('Emergency'))).toEqual([
      `EmergencyWithdrawn(${other}, ${who.otherPayer}, ${who.admin}, ${ether}, 7)`,
      `EmergencyWithdrawn(${mine}, ${who.payer}, ${who.admin}, ${ether}, 500)`,
      `EmergencyWithdrawn(${coins}, ${who.payer}, ${who.admin}, ${token.address}, 30)`,
    ]);
    const after = await Promise.all(purses.map((address) => chain.balance(address)));
    expect(after.map((wei, index) => wei - (before[index] ?? 0n))).toEqual([500n, 7n, -mined.fee]);
    expect(await stage.purse(token.address, who.payer)).toBe(1_000_000n);
    expect(await stage.held(ether)).toBe(0n);
    expect(await stage.held(token.address)).toBe(0n);
  });

  it('is all or nothing', async () => {
    const [first, second] = [await stage.payEther(1n), await stage.payEther(2n)];
    await stage.act('pauser', 'pause', []);
    expect(await stage.refused('admin', 'emergencyWithdraw', [[first, first]])).toBe(`NotHeld(${first}, 5)`);
    expect(await stage.refused('admin', 'emergencyWithdraw', [[first, 9n]])).toBe('NotHeld(9, 0)');
    await stage.act('admin', 'emergencyWithdraw', [[]]);
    await stage.act('admin', 'emergencyWithdraw', [[second, first]]);
  });

  it('is open to payers once the pause has lasted, each for its own', async () => {
    const { chain, who } = stage;
    const mine = await stage.payEther(500n);
    const other = await stage.payEther(7n, { payer: who.otherPayer, payee: who.otherPayee });
    const { timestamp } = await stage.act('pauser', 'pause', []);
    const from = timestamp + emergencyDelay;
    await chain.mineAt(from - 1);
    expect(await stage.refused('payer', 'emergencyWithdraw', [[mine]])).toBe(
      `EmergencyTooEarly(${mine}, ${from})`,
    );
    await chain.mineAt(from);
    for (const as of ['payee', 'arbiter', 'pauser', 'stranger'] as const) {
      expect(await stage.refused(as, 'emergencyWithdraw', [[mine]])).toBe(`NotAllowed(${mine}, ${who[as]})`);
    }
    expect(await stage.refused('payer', 'emergencyWithdraw', [[mine, other]])).toBe(
      `NotAllowed(${other}, ${who.payer})`,
    );
    await stage.act('payer', 'emergencyWithdraw', [[mine]]);
    expect(await stage.held(ether)).toBe(7n);
  });

  it('counts the wait anew with each pause', async () => {
    const id = await stage.payEther(500n, { term: 30 * day });
    await stage.act('pauser', 'pause', []);
    await pass(emergencyDelay + 1);
    await stage.act('admin', 'unpause', []);
    const { timestamp } = await stage.act('pauser', 'pause', []);
    expect(await stage.refused('payer', 'emergencyWithdraw', [[id]])).toBe(
      `EmergencyTooEarly(${id}, ${timestamp + emergencyDelay})`,
    );
  });
});

describe('roles', () => {
  const everyone: Person[] = ['deployer', 'arbiter', 'admin', 'pauser', 'payer', 'payee', 'stranger'];

  /** Everyone but those named is refused for want of the role. */
  async function onlyFor(role: string, allowed: Person[], fn: string, args: unknown[]): Promise<void> {
    for (const as of everyone.filter((person) => !allowed.includes(person))) {
      expect(await stage.refused(as, fn, args), `${as} ${fn}`).toBe(
        `AccessControlUnauthorizedAccount(${stage.who[as]}, ${role})`,
      );
    }
  }

  it('pausing is for the pauser, going on for the unpauser', async () => {
    await onlyFor(roles.pauser, ['pauser'], 'pause', []);
    await onlyFor(roles.unpauser, ['admin'], 'unpause', []);
    expect(await stage.refused('admin', 'unpause', [])).toBe('ExpectedPause()');
    expect(told(await stage.act('pauser', 'pause', []))).toEqual([`Paused(${stage.who.pauser})`]);
    expect(await stage.refused('pauser', 'pause', [])).toBe('EnforcedPause()');
    await onlyFor(roles.unpauser, ['admin'], 'unpause', []);
    expect(told(await stage.act('admin', 'unpause', []))).toEqual([`Unpaused(${stage.who.admin})`]);
  });

  it.each([
    ['pauser', 'pause'],
    ['unpauser', 'unpause'],
    ['emergency', 'emergencyWithdraw'],
    ['recovery', 'recoverSurplus'],
  ] as const)('%s can be granted and revoked, by the admin only', async (name, fn) => {
    const { chain, escrow, who } = stage;
    await chain.deploy(testSource('Actors'), 'Feeder', [escrow.address], 1n);
    const id = await stage.payEther(1n);
    if (name !== 'pauser') await stage.act('pauser', 'pause', []);
    const args = {
      pause: [],
      unpause: [],
      emergencyWithdraw: [[id]],
      recoverSurplus: [ether, who.stranger, 1n],
    };
    const grant = [roles[name], who.stranger];
    await onlyFor(ZeroHash, ['admin'], 'grantRole', grant);
    await onlyFor(ZeroHash, ['admin'], 'revokeRole', grant);
    await stage.act('admin', 'grantRole', grant);
    await stage.act('admin', 'revokeRole', grant);
    await stage.refused('stranger', fn, args[fn]);
    await stage.act('admin', 'grantRole', grant);
    await stage.act('stranger', fn, args[fn]);
  });

  it('the admin role is handed on in two steps with a wait between', async () => {
    const { who } = stage;
    await onlyFor(ZeroHash, ['admin'], 'beginDefaultAdminTransfer', [who.stranger]);
    const already = 'AccessControlEnforcedDefaultAdminRules()';
    expect(await stage.refused('admin', 'grantRole', [ZeroHash, who.stranger])).toBe(already);
    expect(await stage.refused('admin', 'revokeRole', [ZeroHash, who.admin])).toBe(already);
    await stage.act('admin', 'beginDefaultAdminTransfer', [who.stranger]);
    expect(await stage.refused('stranger', 'acceptDefaultAdminTransfer', [])).toContain(
      'AccessControlEnforcedDefaultAdminDelay(',
    );
    await pass(adminDelay + 1);
    expect(await stage.refused('payer', 'acceptDefaultAdminTransfer', [])).toBe(
      `AccessControlInvalidDefaultAdmin(${who.payer})`,
    );
    await stage.act('stranger', 'acceptDefaultAdminTransfer', []);
    expect((await stage.chain.read(stage.escrow, 'defaultAdmin'))[0]).toBe(who.stranger);
    expect(await stage.refused('admin', 'grantRole', [roles.pauser, who.admin])).toBe(
      `AccessControlUnauthorizedAccount(${who.admin}, ${ZeroHash})`,
    );
  });

  it('an admin that is gone leaves payers their way out', async () => {
    const { who } = stage;
    const id = await stage.payEther(500n);
    await stage.act('pauser', 'pause', []);
    await stage.act('admin', 'renounceRole', [roles.unpauser, who.admin]);
    await stage.act('admin', 'renounceRole', [roles.emergency, who.admin]);
    await stage.act('admin', 'beginDefaultAdminTransfer', [ZeroAddress]);
    await pass(emergencyDelay);
    await stage.act('admin', 'renounceRole', [ZeroHash, who.admin]);
    await stage.act('payer', 'emergencyWithdraw', [[id]]);
    expect(await stage.held(ether)).toBe(0n);
  });

  it('the arbiter has no role, and no role decides', async () => {
    const { who } = stage;
    const id = await stage.payEther(500n);
    for (const role of Object.values(roles)) await stage.act('admin', 'grantRole', [role, who.stranger]);
    for (const [kind, fn] of [
      ['Release', 'release'],
      ['Refund', 'refund'],
    ] as const) {
      expect(await stage.refused('stranger', fn, [id, await stage.sign('stranger', kind, id)])).toBe(
        `NotAllowed(${id}, ${who.stranger})`,
      );
    }
  });
});
