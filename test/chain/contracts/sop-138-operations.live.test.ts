import { id as keccak, keccak256, MaxUint256, ZeroAddress, ZeroHash } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testSource, type Deployed } from './chain-kit.ts';
import {
  day,
  meddlerSource,
  openStage,
  roles,
  told,
  workLimits,
  type Limits,
  type Stage,
} from './sop-138-kit.ts';

const stage: Stage = await openStage();
const { chain, operations, machine, work, who } = stage;
let rewind: () => Promise<void>;

beforeAll(async () => {
  rewind = await chain.checkpoint();
});
beforeEach(() => rewind());
afterAll(() => chain.stop());

const hashOf = (...call: readonly unknown[]): Promise<string> => stage.ask('callHash', ...call);

describe('what the multisig lets in', () => {
  const thing = (number: number): Promise<Deployed> => chain.deploy(meddlerSource, 'Thing', [number]);

  it('is code, and then every contract that has it', async () => {
    const [one, twin, other] = [await thing(1), await thing(1), await thing(2)];
    const hash = await stage.codeHash(one);
    const unknown = `CodeNotAuthorized(${one.address}, ${hash})`;
    expect(await stage.refused('registrar', 'registerDeployment', [one.address])).toBe(unknown);
    expect(told(await stage.act('authority', 'authorizeCode', [hash]))).toEqual([
      `CodeAuthorized(${hash}, ${who.authority})`,
    ]);
    expect(told(await stage.act('registrar', 'registerDeployment', [one.address]))).toEqual([
      `DeploymentRegistered(${one.address}, ${hash}, ${who.registrar})`,
    ]);
    await stage.act('registrar', 'registerDeployment', [twin.address]);
    // Constructor arguments are part of the code.
    expect(await stage.refused('registrar', 'registerDeployment', [other.address])).toContain(
      'CodeNotAuthorized',
    );
    expect([...(await stage.ask<string[]>('deployments'))]).toEqual([
      machine.address,
      one.address,
      twin.address,
    ]);
    expect([...(await stage.ask<string[]>('authorizedCode'))]).toEqual([await stage.codeHash(machine), hash]);
  });

  it('is each code and each contract once', async () => {
    const hash = await stage.codeHash(machine);
    expect(await stage.refused('authority', 'authorizeCode', [hash])).toBe(`CodeAlreadyAuthorized(${hash})`);
    expect(await stage.refused('registrar', 'registerDeployment', [machine.address])).toBe(
      `AlreadyRegistered(${machine.address})`,
    );
  });

  it('is never an account without code', async () => {
    for (const hash of [ZeroHash, keccak256('0x')]) {
      expect(await stage.refused('authority', 'authorizeCode', [hash])).toBe(`NoCode(${hash})`);
    }
    expect(await stage.refused('registrar', 'registerDeployment', [who.stranger])).toContain(
      'CodeNotAuthorized',
    );
  });

  it('can be put out again, by its code or by its address', async () => {
    await stage.allow();
    const hash = await stage.codeHash(machine);
    await stage.act('authority', 'revokeCode', [hash]);
    expect(await stage.ask('isCallable', machine.address)).toBe(false);
    expect(await stage.refused('operator', 'execute', stage.working(1n))).toBe(
      `CodeNotAuthorized(${machine.address}, ${hash})`,
    );
    expect(await stage.refused('authority', 'revokeCode', [hash])).toBe(`NoCode(${hash})`);
    await stage.act('authority', 'authorizeCode', [hash]);
    expect(await stage.ask('isCallable', machine.address)).toBe(true);
    await stage.act('authority', 'removeDeployment', [machine.address]);
    expect(await stage.refused('operator', 'execute', stage.working(1n))).toBe(
      `NotRegistered(${machine.address})`,
    );
    expect(await stage.refused('authority', 'removeDeployment', [machine.address])).toBe(
      `NotRegistered(${machine.address})`,
    );
  });

  it('is out when its code has changed', async () => {
    await stage.allow();
    await chain.rpc('anvil_setCode', [machine.address, '0x600160015500']);
    expect(await stage.refused('operator', 'execute', stage.working(1n))).toContain('CodeNotAuthorized');
  });
});

describe('an operation', () => {
  it('calls the contract and gives back its answer', async () => {
    await stage.allow();
    const hash = await hashOf(...stage.working(21n, 50n));
    const mined = await stage.act('operator', 'execute', stage.working(21n, 50n));
    expect(told(mined)).toEqual([`Executed(${machine.address}, ${work}, ${who.operator}, 50, ${hash})`]);
    expect((await chain.read(machine, 'done'))[0]).toBe(21n);
    expect(await chain.balance(machine.address)).toBe(50n);
    const call = operations.abi.encodeFunctionData('execute', stage.working(4n));
    const answer = await chain.rpc<string>('eth_call', [
      { from: who.operator, to: operations.address, data: call },
      'latest',
    ]);
    const [inner] = operations.abi.decodeFunctionResult('execute', answer);
    expect(machine.abi.decodeFunctionResult('work', String(inner))[0]).toBe(8n);
  });

  it('says what the contract says when it goes wrong, and counts no call', async () => {
    const fail = machine.abi.getFunction('fail')?.selector;
    await stage.act('authority', 'allowOperation', [
      machine.address,
      fail,
      { ...workLimits, amountArgument: 1n },
    ]);
    const call = [machine.address, 0n, machine.abi.encodeFunctionData('fail', [9n])];
    expect(await stage.refused('operator', 'execute', call)).toBe('Broken(9)');
    await expect(stage.act('operator', 'execute', call)).rejects.toThrow('Broken(9)');
    expect(await stage.ask('callsLeft', machine.address, fail)).toBe(3n);
  });

  it('must be allowed, function by function', async () => {
    const unknown = `NotAllowed(${machine.address}, ${work})`;
    expect(await stage.refused('operator', 'execute', stage.working(1n))).toBe(unknown);
    await stage.allow();
    const other = machine.abi.encodeFunctionData('setRude', [true]);
    expect(await stage.refused('operator', 'execute', [machine.address, 0n, other])).toContain('NotAllowed');
    expect(await stage.refused('operator', 'execute', [ZeroAddress, 0n, other])).toContain('NotAllowed');
    await stage.act('authority', 'removeOperation', [machine.address, work]);
    expect(await stage.refused('operator', 'execute', stage.working(1n))).toBe(unknown);
    expect(await stage.refused('authority', 'removeOperation', [machine.address, work])).toBe(unknown);
    expect(await stage.ask('limitsOf', machine.address, work)).toEqual([ZeroHash, 0n, 0n, 0n, false, 0n, 0n]);
  });

  it('is listed with its limits', async () => {
    await stage.allow();
    const [targets, selectors] = await chain.read(operations, 'operations');
    expect([[...(targets as string[])], [...(selectors as string[])]]).toEqual([[machine.address], [work]]);
    expect(await stage.ask('limitsOf', machine.address, work)).toEqual(Object.values(workLimits));
  });

  it.each<[string, Partial<Limits>]>([
    ['the admin for operator', { role: ZeroHash }],
    ['no calls', { calls: 0n }],
    ['no window', { window: 0n }],
    ['a bound without an argument', { amountArgument: 0n }],
    ['an argument without a bound', { maxAmount: 0n }],
  ])('is not allowed with %s', async (_, limits) => {
    await expect(stage.allow(limits)).rejects.toThrow(`BadLimits(${machine.address}, ${work})`);
  });

  it('is allowed for registered contracts only', async () => {
    const args = [who.stranger, work, workLimits];
    expect(await stage.refused('authority', 'allowOperation', args)).toBe(`NotRegistered(${who.stranger})`);
  });
});

describe('limits', () => {
  it('bound the ether of a call', async () => {
    await stage.allow();
    await stage.act('operator', 'execute', stage.working(1n, 100n));
    expect(await stage.refused('operator', 'execute', stage.working(1n, 101n))).toBe('AboveValue(101, 100)');
  });

  it('bound the argument that is an amount', async () => {
    await stage.allow();
    await stage.act('operator', 'execute', stage.working(1_000n));
    for (const amount of [1_001n, MaxUint256]) {
      expect(await stage.refused('operator', 'execute', stage.working(amount))).toBe(
        `AboveAmount(${amount}, 1000)`,
      );
    }
    const short = stage.working(1n)[2].slice(0, -2);
    expect(await stage.refused('operator', 'execute', [machine.address, 0n, short])).toBe(
      `BadData(${machine.address})`,
    );
    await stage.allow({ amountArgument: 0n, maxAmount: 0n });
    await stage.act('operator', 'execute', stage.working(10n ** 30n));
  });

  it.each(['0x', '0x010203'])('cannot be passed by with %s for data', async (data) => {
    await stage.allow();
    expect(await stage.refused('operator', 'execute', [machine.address, 0n, data])).toBe(
      `BadData(${machine.address})`,
    );
  });

  it('bound the number of calls, which come back one by one', async () => {
    await stage.allow();
    const tooMany = `TooManyCalls(${machine.address}, ${work})`;
    for (const left of [2n, 1n, 0n]) {
      await stage.act('operator', 'execute', stage.working(1n));
      expect(await stage.ask('callsLeft', machine.address, work)).toBe(left);
    }
    expect(await stage.refused('operator', 'execute', stage.working(1n))).toBe(tooMany);
    await stage.pass(1_190);
    expect(await stage.refused('operator', 'execute', stage.working(1n))).toBe(tooMany);
    await stage.pass(10);
    await stage.act('operator', 'execute', stage.working(1n));
    expect(await stage.refused('operator', 'execute', stage.working(1n))).toBe(tooMany);
    await stage.pass(day);
    expect(await stage.ask('callsLeft', machine.address, work)).toBe(3n);
  });

  it('lose no part of a call that has half come back', async () => {
    await stage.allow({ calls: 2n, window: BigInt(2 * day) });
    await stage.act('operator', 'execute', stage.working(1n));
    await stage.pass(day - 3_600);
    await stage.act('operator', 'execute', stage.working(1n));
    expect(await stage.ask('callsLeft', machine.address, work)).toBe(0n);
    await stage.pass(3_600);
    expect(await stage.ask('callsLeft', machine.address, work)).toBe(1n);
  });

  it('begin anew when they are changed, and differ by function', async () => {
    await stage.allow({ calls: 1n });
    await stage.act('operator', 'execute', stage.working(1n));
    await stage.refused('operator', 'execute', stage.working(1n));
    await stage.allow({ calls: 1n, maxAmount: 5n });
    await stage.act('operator', 'execute', stage.working(5n));
    const rude = machine.abi.getFunction('setRude')?.selector;
    const unbound = { ...workLimits, amountArgument: 0n, maxAmount: 0n };
    await stage.act('authority', 'allowOperation', [machine.address, rude, unbound]);
    const call = machine.abi.encodeFunctionData('setRude', [true]);
    await stage.act('operator', 'execute', [machine.address, 0n, call]);
  });

  it('name a role, and another one for another function', async () => {
    await stage.allow({ role: keccak('TREASURER_ROLE') });
    expect(await stage.refused('operator', 'execute', stage.working(1n))).toBe(
      `AccessControlUnauthorizedAccount(${who.operator}, ${keccak('TREASURER_ROLE')})`,
    );
    await stage.act('admin', 'grantRole', [keccak('TREASURER_ROLE'), who.stranger]);
    await stage.act('stranger', 'execute', stage.working(1n));
  });
});

describe('the cache of validations', () => {
  beforeEach(() => stage.allow({ validated: true, calls: 100n }));
  const until = async (seconds = 3_600): Promise<number> => (await chain.now()) + seconds;

  it('lets a call through while its validation counts, and no other call', async () => {
    const call = await hashOf(...stage.working(5n, 1n));
    expect(await stage.refused('operator', 'execute', stage.working(5n, 1n))).toBe(`NotValidated(${call})`);
    const end = await until();
    expect(told(await stage.act('validator', 'validate', [call, end]))).toEqual([
      `Validated(${call}, ${end}, ${who.validator})`,
    ]);
    await stage.act('operator', 'execute', stage.working(5n, 1n));
    await stage.act('operator', 'execute', stage.working(5n, 1n));
    for (const other of [stage.working(6n, 1n), stage.working(5n, 2n)]) {
      expect(await stage.refused('operator', 'execute', other)).toContain('NotValidated');
    }
    await chain.mineAt(end);
    expect(await stage.ask('validUntil', call)).toBe(BigInt(end));
    await chain.mineAt(end + 1);
    expect(await stage.ask('validUntil', call)).toBe(0n);
    expect(await stage.refused('operator', 'execute', stage.working(5n, 1n))).toBe(`NotValidated(${call})`);
  });

  it('takes an end between now and a day', async () => {
    for (const seconds of [0, day + 1, 1_000 * day]) {
      expect(await stage.refused('validator', 'validate', [ZeroHash, await until(seconds)])).toContain(
        'BadValidity',
      );
    }
    await stage.act('validator', 'validate', [keccak('a'), await until(day - 5)]);
  });

  it('forgets one, or all, when told to', async () => {
    const [a, b] = [keccak('a'), keccak('b')];
    const end = await until();
    for (const call of [a, b]) await stage.act('validator', 'validate', [call, end]);
    await stage.act('validator', 'revokeValidation', [a]);
    expect(await stage.refused('validator', 'revokeValidation', [a])).toBe(`NotValidated(${a})`);
    expect([await stage.ask('validUntil', a), await stage.ask('validUntil', b)]).toEqual([0n, BigInt(end)]);
    await stage.act('validator', 'clearValidations');
    expect(await stage.ask('validUntil', b)).toBe(0n);
    // Nothing is told of a validation that counts no more.
    expect(await stage.refused('validator', 'revokeValidation', [b])).toBe(`NotValidated(${b})`);
    await stage.act('validator', 'validate', [b, end]);
    expect(await stage.ask('validUntil', b)).toBe(BigInt(end));
  });

  it('holds 256, and then the oldest gives way', async () => {
    const end = await until(day - 100);
    const calls = Array.from({ length: 256 }, (_, index) => keccak(`call ${index}`));
    for (const call of calls) await stage.act('validator', 'validate', [call, end]);
    const [first, second, third] = calls as [string, string, string];
    // Renewed, it keeps its place; revoked, it leaves one free.
    await stage.act('validator', 'validate', [first, end + 1]);
    await stage.act('validator', 'revokeValidation', [second]);
    const more = await stage.act('validator', 'validate', [keccak('one more'), end]);
    expect(told(more)[0]).toBe(`ValidationEvicted(${first})`);
    expect(told(await stage.act('validator', 'validate', [second, end]))).toHaveLength(1);
    expect(told(await stage.act('validator', 'validate', [keccak('another'), end]))[0]).toBe(
      `ValidationEvicted(${third})`,
    );
    const still = await Promise.all(calls.map((call) => stage.ask<bigint>('validUntil', call)));
    expect(still.map((value) => value !== 0n).indexOf(true)).toBe(1);
    expect(still.filter((value) => value !== 0n)).toHaveLength(254);
  });
});

describe('a contract that calls back', () => {
  it('gets nowhere, whatever roles it has', async () => {
    await stage.allow({ calls: 100n });
    for (const role of Object.values(roles).slice(1))
      await stage.act('admin', 'grantRole', [role, machine.address]);
    const token = await chain.deploy(testSource('Tokens'), 'PlainToken');
    const nft = await chain.deploy(meddlerSource, 'PlainNft');
    await chain.send(who.deployer, token, 'mint', [operations.address, 5n]);
    await chain.send(who.deployer, nft, 'mint', [operations.address, 7n]);
    const inner: [string, unknown[]][] = [
      ['execute', stage.working(1n)],
      ['recoverEther', [1n]],
      ['recoverToken', [token.address, 5n]],
      ['recoverNft', [nft.address, 7n]],
    ];
    const start = await chain.checkpoint();
    for (const [fn, args] of inner) {
      await start();
      const payload = operations.abi.encodeFunctionData(fn, args);
      await chain.send(who.deployer, machine, 'arm', [operations.address, payload]);
      await stage.act('operator', 'execute', stage.working(3n));
      expect((await chain.read(machine, 'calls'))[0], fn).toBe(1n);
      expect((await chain.read(machine, 'answer'))[0], fn).toBe(
        keccak('ReentrancyGuardReentrantCall()').slice(0, 10),
      );
      expect((await chain.read(machine, 'done'))[0], fn).toBe(3n);
      expect(await stage.ask('callsLeft', machine.address, work)).toBe(99n);
    }
  });

  it('gets nowhere in the middle of a recovery either', async () => {
    const hooked = await chain.deploy(testSource('Tokens'), 'HookedToken');
    await chain.send(who.deployer, hooked, 'mint', [operations.address, 50n]);
    await stage.act('admin', 'grantRole', [roles.recovery, hooked.address]);
    const again = operations.abi.encodeFunctionData('recoverToken', [hooked.address, 10n]);
    await chain.send(who.deployer, hooked, 'arm', [operations.address, again, false]);
    await stage.act('admin', 'recoverToken', [hooked.address, 10n]);
    expect((await chain.read(hooked, 'succeeded'))[0]).toBe(false);
    expect((await chain.read(hooked, 'balanceOf', who.vault))[0]).toBe(10n);
  });
});
