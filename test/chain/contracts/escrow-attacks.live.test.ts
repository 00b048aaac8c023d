import { id as keccak, ZeroAddress } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testSource, type Deployed } from './chain-kit.ts';
import { day, ether, openStage, roles, State, told, type Stage } from './escrow-kit.ts';

let stage: Stage;
let hooked: Deployed;
let rude: Deployed;
let rewind: () => Promise<void>;

beforeAll(async () => {
  stage = await openStage();
  hooked = await stage.newToken('HookedToken');
  rude = await stage.chain.deploy(testSource('Actors'), 'Actor', [stage.who.stranger]);
  rewind = await stage.chain.checkpoint();
});
beforeEach(() => rewind());
afterAll(() => stage.chain.stop());

const manners = { accept: 0, refuse: 1, reenter: 2, burnGas: 3, returnBomb: 4, needGas: 5 };
const reentered = keccak('ReentrancyGuardReentrantCall()').slice(0, 10);

const behave = (manner: keyof typeof manners): Promise<unknown> =>
  stage.chain.send(stage.who.deployer, rude, 'behave', [manners[manner]]);

const credit = async (account: string): Promise<unknown> =>
  (await stage.chain.read(stage.escrow, 'creditOf', account))[0];

/** Has the rude contract call the escrow. */
const asRude = (fn: string, args: readonly unknown[], value = 0n): Promise<unknown> =>
  stage.chain.send(
    stage.who.deployer,
    rude,
    'execute',
    [stage.escrow.address, value, stage.escrow.abi.encodeFunctionData(fn, args)],
    { value },
  );

/** Everything that moves or counts money, as an attacker would call it in the middle of something else. */
async function innerCalls(id: bigint): Promise<[string, unknown[]][]> {
  const { who, token } = stage;
  const expiry = (await stage.chain.now()) + day;
  return [
    ['depositEther', [who.stranger, expiry]],
    ['depositToken', [hooked.address, 1n, who.stranger, expiry]],
    ['extend', [id, expiry + day]],
    ['release', [id, await stage.sign('arbiter', 'Release', id)]],
    ['refund', [id, await stage.sign('arbiter', 'Refund', id)]],
    ['reclaim', [id]],
    ['cancelSignatures', [id]],
    ['withdrawCredit', [who.stranger]],
    ['emergencyWithdraw', [[id]]],
    ['recoverSurplus', [token.address, who.stranger, 1n]],
    ['surplus', [hooked.address]],
    ['shortfall', [hooked.address]],
  ];
}

describe('a token that calls back', () => {
  /** Money movements during which the token has its chance. */
  const outer: Record<string, (id: bigint) => Promise<unknown>> = {
    deposit: () => stage.payToken(hooked, 50n),
    release: async (id) => stage.act('relay', 'release', [id, await stage.sign('payer', 'Release', id)]),
    refund: async (id) => stage.act('relay', 'refund', [id, await stage.sign('payee', 'Refund', id)]),
    reclaim: async (id) => {
      await stage.chain.mineAt((await stage.chain.now()) + 2 * day);
      return stage.act('payer', 'reclaim', [id]);
    },
    'emergency withdrawal': async (id) => {
      await stage.act('pauser', 'pause', []);
      return stage.act('admin', 'emergencyWithdraw', [[id]]);
    },
    recovery: () => stage.act('admin', 'recoverSurplus', [hooked.address, stage.who.admin, 5n]),
  };

  it.each(Object.keys(outer))('gets nowhere in the middle of a %s', async (name) => {
    const { chain, escrow, who } = stage;
    // The token holds every role and every other claim that an account can have.
    for (const role of Object.values(roles)) await stage.act('admin', 'grantRole', [role, hooked.address]);
    const id = await stage.payToken(hooked, 100n);
    const target = await stage.payToken(hooked, 100n);
    await chain.send(who.payer, hooked, 'transfer', [escrow.address, 5n]);
    const calls = await innerCalls(target);
    const start = await chain.checkpoint();
    for (const early of [true, false]) {
      for (const [fn, args] of calls) {
        await start();
        const payload = escrow.abi.encodeFunctionData(fn, args);
        await chain.send(who.deployer, hooked, 'arm', [escrow.address, payload, early]);
        await outer[name]?.(id);
        expect((await chain.read(hooked, 'calls'))[0], `${fn} was tried`).toBe(1n);
        expect((await chain.read(hooked, 'succeeded'))[0], `${fn} went through`).toBe(false);
        expect((await chain.read(hooked, 'answer'))[0], fn).toBe(reentered);
        expect((await stage.depositOf(target)).state).toBe(State.Held);
        expect(await stage.held(hooked.address)).toBeLessThanOrEqual(
          await stage.purse(hooked.address, escrow.address),
        );
      }
    }
  });

  it('that brings more than was asked for has brought it for the deposit', async () => {
    const { chain, escrow, who } = stage;
    const payload = hooked.abi.encodeFunctionData('mint', [escrow.address, 7n]);
    await chain.send(who.deployer, hooked, 'arm', [hooked.address, payload, false]);
    const id = await stage.payToken(hooked, 50n);
    expect((await stage.depositOf(id)).amount).toBe(57n);
    expect(await stage.held(hooked.address)).toBe(57n);
    expect(await stage.purse(hooked.address, escrow.address)).toBe(57n);
  });
});

describe('a recipient of ether that calls back', () => {
  it('gets nowhere', async () => {
    const { chain, escrow, who } = stage;
    for (const role of Object.values(roles)) await stage.act('admin', 'grantRole', [role, rude.address]);
    const id = await stage.payEther(500n, { payee: rude.address });
    await asRude('depositEther', [who.stranger, (await chain.now()) + 3 * day], 900n);
    const own = 2n;
    const decision = await stage.sign('payer', 'Release', id);
    const calls = await innerCalls(own);
    const start = await chain.checkpoint();
    for (const [fn, args] of calls) {
      await start();
      const payload = escrow.abi.encodeFunctionData(fn, args);
      await chain.send(who.deployer, rude, 'arm', [escrow.address, payload]);
      const mined = await stage.act('relay', 'release', [id, decision]);
      expect(told(mined), fn).toContain(`Reentered(false, ${reentered})`);
      expect(await chain.balance(rude.address)).toBe(500n);
      expect(await chain.balance(escrow.address)).toBe(900n);
      expect(await stage.held(ether)).toBe(900n);
    }
  });

  it('gets its credit once', async () => {
    const { chain, escrow, who } = stage;
    const id = await stage.payEther(500n, { payee: rude.address });
    await stage.payEther(900n);
    await behave('refuse');
    await stage.act('relay', 'release', [id, await stage.sign('payer', 'Release', id)]);
    const again = escrow.abi.encodeFunctionData('withdrawCredit', [rude.address]);
    await chain.send(who.deployer, rude, 'arm', [escrow.address, again]);
    await asRude('withdrawCredit', [rude.address]);
    expect(await chain.balance(rude.address)).toBe(500n);
    expect(await credit(rude.address)).toBe(0n);
    await expect(asRude('withdrawCredit', [rude.address])).rejects.toThrow('ZeroAmount()');
    expect(await stage.held(ether)).toBe(900n);
  });
});

describe('a recipient that does not take its ether', () => {
  it.each(['refuse', 'burnGas', 'returnBomb'] as const)(
    '(%s) holds nothing up and pays its own way',
    async (manner) => {
      const { chain, who } = stage;
      const id = await stage.payEther(500n, { payee: rude.address });
      await behave(manner);
      const mined = await stage.act('relay', 'release', [id, await stage.sign('payer', 'Release', id)]);
      expect(told(mined)).toEqual([
        `Released(${id}, ${rude.address}, ${who.payer}, ${ether}, 500)`,
        `Credited(${id}, ${rude.address}, 500)`,
      ]);
      expect(mined.gasUsed).toBeLessThan(220_000n);
      expect(await credit(rude.address)).toBe(500n);
      expect(await stage.held(ether)).toBe(500n);
      expect((await stage.depositOf(id)).state).toBe(State.Released);
      // To itself it still does not go; elsewhere it does.
      const here = stage.refused('stranger', 'withdrawCredit', [who.stranger]);
      expect(await here).toBe('ZeroAmount()');
      await expect(asRude('withdrawCredit', [rude.address])).rejects.toThrow();
      await expect(asRude('withdrawCredit', [ZeroAddress])).rejects.toThrow('ZeroAddress()');
      const before = await chain.balance(who.payee);
      await asRude('withdrawCredit', [who.payee]);
      expect(await chain.balance(who.payee)).toBe(before + 500n);
      expect(await stage.held(ether)).toBe(0n);
    },
  );

  it('does not keep others from an emergency withdrawal', async () => {
    const { chain, who } = stage;
    const expiry = (await chain.now()) + day;
    await asRude('depositEther', [who.payee, expiry], 10n);
    const other = await stage.payEther(500n);
    await asRude('depositEther', [who.payee, expiry], 20n);
    await behave('burnGas');
    await stage.act('pauser', 'pause', []);
    await stage.act('admin', 'emergencyWithdraw', [[1n, other, 3n]]);
    expect(await credit(rude.address)).toBe(30n);
    expect(await stage.held(ether)).toBe(30n);
    expect((await stage.depositOf(other)).state).toBe(State.EmergencyWithdrawn);
  });
});

describe('who delivers a decision', () => {
  it('cannot starve the recipient of gas: it is paid, or nothing happens', async () => {
    const { chain, escrow, who } = stage;
    const id = await stage.payEther(500n, { payee: rude.address });
    await behave('needGas');
    const decision = await stage.sign('payer', 'Release', id);
    const start = await chain.checkpoint();
    let paid = 0;
    for (let gas = 60_000n; gas <= 220_000n; gas += 1_000n) {
      await start();
      await chain.send(who.relay, escrow, 'release', [id, decision], { gas }).catch(() => undefined);
      // By what the chain says: a node under load has answered with an error and mined it all the same.
      const done = (await stage.depositOf(id)).state === State.Released;
      if (done) paid++;
      expect(await chain.balance(rude.address), `with ${gas} gas`).toBe(done ? 500n : 0n);
      expect(await credit(rude.address)).toBe(0n);
    }
    expect(paid).toBeGreaterThan(0);
  });

  it('needs to know nothing about gas: the estimate is enough', async () => {
    const { chain, escrow, who } = stage;
    for (const manner of ['accept', 'refuse', 'needGas', 'burnGas'] as const) {
      await behave(manner);
      const id = await stage.payEther(500n, { payee: rude.address });
      const args = [id, await stage.sign('payer', 'Release', id)];
      const data = escrow.abi.encodeFunctionData('release', args);
      const gas = BigInt(
        await chain.rpc<string>('eth_estimateGas', [{ from: who.relay, to: escrow.address, data }]),
      );
      await chain.send(who.relay, escrow, 'release', args, { gas });
      expect(gas).toBeLessThan(220_000n);
    }
  });
});
