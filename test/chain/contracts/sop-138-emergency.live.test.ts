import { id as keccak } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testSource } from './chain-kit.ts';
import {
  exitDelay,
  meddlerSource,
  Mode,
  openStage,
  told,
  workLimits,
  type Person,
  type Stage,
} from './sop-138-kit.ts';

const stage: Stage = await openStage();
const { chain, operations, machine, work, who } = stage;
let rewind: () => Promise<void>;

const call = keccak('call');
const nft = await chain.deploy(meddlerSource, 'PlainNft');
const used = await chain.deploy(testSource('Tokens'), 'PlainToken');
const stray = await chain.deploy(testSource('Tokens'), 'SilentToken');
const hash = await stage.codeHash(machine);

beforeAll(async () => {
  await stage.letIn(used);
  for (const token of [used, stray])
    await chain.send(who.deployer, token, 'mint', [operations.address, 500n]);
  await chain.send(who.deployer, nft, 'mint', [operations.address, 7n]);
  await stage.allow({ calls: 100n });
  await stage.act('validator', 'validate', [call, (await chain.now()) + 3_600]);
  rewind = await chain.checkpoint();
});
beforeEach(() => rewind());
afterAll(() => chain.stop());

const into: Readonly<Record<keyof typeof Mode, () => Promise<unknown>>> = {
  Running: () => Promise.resolve(),
  Paused: () => stage.act('pauser', 'pause'),
  Emergency: () => stage.act('guardian', 'enterEmergency', ['keys stolen']),
};

type Step = readonly [Person, string, readonly unknown[]];

/** A step by someone who may, and how it is refused in each mode that refuses it. */
const steps: Readonly<Record<string, readonly [Step, Partial<Record<keyof typeof Mode, string>>]>> = {
  'an operation': [
    ['operator', 'execute', stage.working(1n)],
    { Paused: 'EnforcedPause()', Emergency: 'EnforcedPause()' },
  ],
  'approving code': [['authority', 'authorizeCode', [keccak('code')]], { Emergency: 'InEmergency()' }],
  registering: [['registrar', 'registerDeployment', [who.authority]], { Emergency: 'InEmergency()' }],
  allowing: [
    ['authority', 'allowOperation', [machine.address, work, workLimits]],
    { Emergency: 'InEmergency()' },
  ],
  validating: [
    ['validator', 'validate', [keccak('b'), (await chain.now()) + 3_000]],
    { Emergency: 'InEmergency()' },
  ],
  pausing: [['pauser', 'pause', []], { Paused: 'EnforcedPause()', Emergency: 'EnforcedPause()' }],
  'going on': [['admin', 'unpause', []], { Running: 'ExpectedPause()', Emergency: 'InEmergency()' }],
  'the alarm': [['guardian', 'enterEmergency', ['']], { Emergency: 'InEmergency()' }],
  'beginning to leave': [
    ['admin', 'beginEmergencyExit', []],
    { Running: 'NotInEmergency()', Paused: 'NotInEmergency()' },
  ],
  leaving: [
    ['admin', 'exitEmergency', []],
    { Running: 'ExitNotBegun()', Paused: 'ExitNotBegun()', Emergency: 'ExitNotBegun()' },
  ],
  'recovering ether': [
    ['admin', 'recoverEther', [1n]],
    { Running: 'NotInEmergency()', Paused: 'NotInEmergency()' },
  ],
  'recovering a token in use': [
    ['admin', 'recoverToken', [used.address, 1n]],
    { Running: `InUse(${used.address})`, Paused: `InUse(${used.address})` },
  ],
  'recovering a stray token': [['admin', 'recoverToken', [stray.address, 1n]], {}],
  'recovering an ERC-721 token': [['admin', 'recoverNft', [nft.address, 7n]], {}],
  'revoking code': [['authority', 'revokeCode', [hash]], {}],
  'removing a contract': [['authority', 'removeDeployment', [machine.address]], {}],
  'removing an operation': [['authority', 'removeOperation', [machine.address, work]], {}],
  // An emergency has voided it already.
  'revoking a validation': [
    ['validator', 'revokeValidation', [call]],
    { Emergency: `NotValidated(${call})` },
  ],
  'clearing validations': [['validator', 'clearValidations', []], {}],
  'taking a role away': [['admin', 'revokeRole', [keccak('OPERATOR_ROLE'), who.operator]], {}],
};

describe('what works when', () => {
  it.each(Object.keys(Mode) as (keyof typeof Mode)[])('%s', async (mode) => {
    await into[mode]();
    expect(await stage.ask('mode')).toBe(Mode[mode]);
    const here = await chain.checkpoint();
    for (const [name, [[as, fn, args], refusals]] of Object.entries(steps)) {
      await here();
      const refusal = refusals[mode];
      if (refusal === undefined) await stage.act(as, fn, args);
      else expect(await stage.refused(as, fn, args), name).toBe(refusal);
    }
  });

  it('takes ether in, but for an emergency', async () => {
    const send = { from: who.stranger, to: operations.address, value: '0x5' };
    await into.Paused();
    const { logs } = await chain.rpc<{ logs: { topics: string[]; data: string }[] }>(
      'eth_sendTransactionSync',
      [send],
    );
    expect(logs.map((log) => operations.abi.parseLog(log)?.name)).toEqual(['Received']);
    await into.Emergency();
    await expect(chain.rpc('eth_call', [send, 'latest'])).rejects.toThrow('InEmergency()');
  });
});

describe('an emergency', () => {
  it('pauses, voids all validations, and says why', async () => {
    expect(told(await stage.act('guardian', 'enterEmergency', ['keys stolen']))).toEqual([
      `Paused(${who.guardian})`,
      `ValidationsCleared(${who.guardian})`,
      `EmergencyEntered(${who.guardian}, keys stolen)`,
    ]);
    expect(await stage.ask('paused')).toBe(true);
    expect(await stage.ask('validUntil', call)).toBe(0n);
  });

  it('is left by the admin in two steps, into a pause', async () => {
    await into.Emergency();
    const { timestamp } = await stage.act('admin', 'beginEmergencyExit');
    const readyAt = timestamp + exitDelay;
    expect(await stage.ask('exitReadyAt')).toBe(BigInt(readyAt));
    expect(await stage.refused('admin', 'beginEmergencyExit')).toBe(`ExitAlreadyBegun(${readyAt})`);
    await chain.mineAt(readyAt - 1);
    expect(await stage.refused('admin', 'exitEmergency')).toBe(`ExitTooEarly(${readyAt})`);
    await chain.mineAt(readyAt);
    expect(told(await stage.act('admin', 'exitEmergency'))).toEqual([`EmergencyLeft(${who.admin})`]);
    expect([await stage.ask('mode'), await stage.ask('exitReadyAt')]).toEqual([Mode.Paused, 0n]);
    await stage.act('admin', 'unpause');
    await stage.act('operator', 'execute', stage.working(1n));
  });

  it.each<Person>(['admin', 'guardian'])(
    'goes on when the %s thinks so, and the delay begins anew',
    async (as) => {
      await into.Emergency();
      await stage.act('admin', 'beginEmergencyExit');
      await stage.pass(exitDelay + 1);
      expect(told(await stage.act(as, 'cancelEmergencyExit'))).toEqual([
        `EmergencyExitCancelled(${who[as]})`,
      ]);
      expect(await stage.refused(as, 'cancelEmergencyExit')).toBe('ExitNotBegun()');
      expect(await stage.refused('admin', 'exitEmergency')).toBe('ExitNotBegun()');
      await stage.act('admin', 'beginEmergencyExit');
      expect(await stage.refused('admin', 'exitEmergency')).toContain('ExitTooEarly(');
    },
  );
});

describe('recovery', () => {
  beforeEach(() => into.Emergency());
  const tokens = async (token: typeof used, account: string): Promise<unknown> =>
    (await chain.read(token, 'balanceOf', account))[0];

  it('sends everything to the one address, whoever asks', async () => {
    const before = await chain.balance(who.vault);
    expect(told(await stage.act('admin', 'recoverEther', [10_000n]))).toEqual([
      `Recovered(0x0000000000000000000000000000000000000000, 10000, false, ${who.admin})`,
    ]);
    for (const token of [used, stray]) await stage.act('admin', 'recoverToken', [token.address, 500n]);
    expect(told(await stage.act('admin', 'recoverNft', [nft.address, 7n]))[0]).toBe(
      `Recovered(${nft.address}, 7, true, ${who.admin})`,
    );
    expect((await chain.balance(who.vault)) - before).toBe(10_000n);
    for (const token of [used, stray]) {
      expect([await tokens(token, who.vault), await tokens(token, operations.address)]).toEqual([500n, 0n]);
    }
    expect((await chain.read(nft, 'ownerOf', 7n))[0]).toBe(who.vault);
  });

  it('sends no more than there is', async () => {
    expect(await stage.refused('admin', 'recoverEther', [10_001n])).toContain(
      'InsufficientBalance(10000, 10001)',
    );
    expect(await stage.refused('admin', 'recoverToken', [used.address, 501n])).toContain(
      'ERC20InsufficientBalance',
    );
    expect(await stage.refused('admin', 'recoverToken', [who.stranger, 1n])).toContain(
      'SafeERC20FailedOperation',
    );
  });

  it('takes a token that answers false for a failure', async () => {
    const token = await chain.deploy(testSource('Tokens'), 'FalseToken');
    await chain.send(who.deployer, token, 'mint', [operations.address, 5n]);
    await chain.send(who.deployer, token, 'setFailing', [true]);
    expect(await stage.refused('admin', 'recoverToken', [token.address, 5n])).toBe(
      `SafeERC20FailedOperation(${token.address})`,
    );
  });
});
