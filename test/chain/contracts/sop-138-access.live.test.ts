import { ZeroAddress, ZeroHash } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changingFunctions, contradictions, viewFunctions, type Decision } from './access-matrix.ts';
import {
  adminDelay,
  exitDelay,
  meddlerSource,
  openStage,
  operationsSource,
  roles,
  workLimits,
  holds,
  type Person,
  type Role,
  type Stage,
} from './sop-138-kit.ts';

const stage: Stage = await openStage();
const { chain, operations, machine, who } = stage;
let rewind: () => Promise<void>;

beforeAll(async () => {
  rewind = await chain.checkpoint();
});
beforeEach(() => rewind());
afterAll(() => chain.stop());

const soon = (await chain.now()) + 3_600;
const otherCode = await stage.codeHash(operations);
const call = `0x${'11'.repeat(32)}`;
const grant = [roles.operator, who.stranger];

const emergency = (): Promise<unknown> => stage.act('guardian', 'enterEmergency', ['test']);
const exitBegun = async (): Promise<unknown> => {
  await emergency();
  return stage.act('admin', 'beginEmergencyExit');
};
const strayToken = await chain.deploy('test/chain/contracts/solidity/Tokens.sol', 'PlainToken');
const strayNft = await chain.deploy(meddlerSource, 'PlainNft');
await chain.send(who.deployer, strayToken, 'mint', [operations.address, 5n]);
await chain.send(who.deployer, strayNft, 'mint', [operations.address, 7n]);

/** Every function that changes something, and who may call it. */
const decisions: Readonly<Record<string, Decision<Role>>> = {
  'authorizeCode(bytes32)': { by: ['authority'], args: [otherCode] },
  'revokeCode(bytes32)': { by: ['authority'], args: [await stage.codeHash(machine)] },
  'registerDeployment(address)': {
    by: ['registrar'],
    args: [who.authority],
    // It has the same code as the machine.
  },
  'removeDeployment(address)': { by: ['authority'], args: [machine.address] },
  'allowOperation(address,bytes4,(bytes32,uint128,uint32,uint32,bool,uint8,uint256))': {
    by: ['authority'],
    args: [machine.address, stage.work, workLimits],
  },
  'removeOperation(address,bytes4)': {
    by: ['authority'],
    args: [machine.address, stage.work],
    after: () => stage.allow(),
  },
  'execute(address,uint256,bytes)': {
    by: ['operator'],
    args: stage.working(5n),
    after: () => stage.allow(),
  },
  'validate(bytes32,uint48)': { by: ['validator'], args: [call, soon] },
  'revokeValidation(bytes32)': {
    by: ['validator'],
    args: [call],
    after: () => stage.act('validator', 'validate', [call, soon]),
  },
  'clearValidations()': { by: ['validator'], args: [] },
  'pause()': { by: ['pauser'], args: [] },
  'unpause()': { by: ['unpauser'], args: [], after: () => stage.act('pauser', 'pause') },
  'enterEmergency(string)': { by: ['emergency'], args: ['test'] },
  'beginEmergencyExit()': { by: ['admin'], args: [], after: emergency },
  'cancelEmergencyExit()': { by: ['admin', 'emergency'], args: [], after: exitBegun },
  'exitEmergency()': {
    by: ['admin'],
    args: [],
    after: async () => {
      await exitBegun();
      await stage.pass(exitDelay);
    },
  },
  'recoverEther(uint256)': { by: ['recovery'], args: [1n], after: emergency },
  'recoverToken(address,uint256)': { by: ['recovery'], args: [strayToken.address, 1n] },
  'recoverNft(address,uint256)': { by: ['recovery'], args: [strayNft.address, 7n] },
  'grantRole(bytes32,address)': { by: ['admin'], args: grant },
  'revokeRole(bytes32,address)': { by: ['admin'], args: grant },
  'renounceRole(bytes32,address)': {
    by: 'everyone',
    args: (caller) => [roles.operator, caller],
  },
  'beginDefaultAdminTransfer(address)': { by: ['admin'], args: [who.stranger] },
  'cancelDefaultAdminTransfer()': { by: ['admin'], args: [] },
  'acceptDefaultAdminTransfer()': {
    by: [],
    also: ['stranger'],
    args: [],
    after: async () => {
      await stage.act('admin', 'beginDefaultAdminTransfer', [who.stranger]);
      await stage.pass(adminDelay + 1);
    },
  },
  'changeDefaultAdminDelay(uint48)': { by: ['admin'], args: [3_600] },
  'rollbackDefaultAdminDelay()': { by: ['admin'], args: [] },
};

const views = [
  ...['AUTHORITY_ROLE()', 'CACHED_VALIDATIONS()', 'DEFAULT_ADMIN_ROLE()', 'EMERGENCY_ROLE()'],
  ...['MAX_EXIT_DELAY()', 'MAX_VALIDITY()', 'MIN_EXIT_DELAY()', 'PAUSER_ROLE()', 'RECOVERY_ROLE()'],
  ...['REGISTRAR_ROLE()', 'UNPAUSER_ROLE()', 'VALIDATOR_ROLE()', 'authorizedCode()'],
  ...[
    'callHash(address,uint256,bytes)',
    'callsLeft(address,bytes4)',
    'defaultAdmin()',
    'defaultAdminDelay()',
  ],
  ...[
    'defaultAdminDelayIncreaseWait()',
    'deployments()',
    'exitDelay()',
    'exitReadyAt()',
    'getRoleAdmin(bytes32)',
  ],
  ...['getRoleMember(bytes32,uint256)', 'getRoleMemberCount(bytes32)', 'getRoleMembers(bytes32)'],
  ...['hasRole(bytes32,address)', 'heldRoles()', 'isCallable(address)', 'limitsOf(address,bytes4)', 'mode()'],
  ...['operations()', 'owner()', 'paused()', 'pendingDefaultAdmin()', 'pendingDefaultAdminDelay()'],
  ...['recoveryAddress()', 'supportsInterface(bytes4)', 'validUntil(bytes32)'],
];

describe('who may call what', () => {
  it('is decided for every function', () => {
    expect(changingFunctions(operations)).toEqual(Object.keys(decisions).sort());
    expect(viewFunctions(operations)).toEqual([...views].sort());
  });

  it.each(Object.entries(decisions))('%s', async (fn, decision) => {
    const everybody = Object.entries(who).map(([name, address]) => {
      return [name, { address, roles: holds[name as Person] ?? [] }] as const;
    });
    expect(await contradictions(chain, operations, Object.fromEntries(everybody), fn, decision)).toEqual([]);
  });

  it.each(Object.keys(roles).filter((role) => role !== 'admin') as Role[])(
    'a newcomer with the role %s may what it allows, and nothing else',
    async (role) => {
      const [name, address] =
        role === 'authority' ? ['machine', machine.address] : ['stranger', who.stranger];
      for (const [fn, decision] of Object.entries(decisions)) {
        await rewind();
        await stage.act('admin', 'grantRole', [roles[role], address]);
        const newcomer = { [name]: { address, roles: [role] } };
        expect(await contradictions(chain, operations, newcomer, fn, decision), fn).toEqual([]);
      }
    },
  );
});

describe('roles on the chain', () => {
  it('are listed with their holders, those that nobody thought of too', async () => {
    const unexpected = `0x${'ab'.repeat(32)}`;
    await stage.act('admin', 'grantRole', [unexpected, who.stranger]);
    const held = await stage.ask<string[]>('heldRoles');
    const holders = await Promise.all(held.map((role) => stage.ask<string[]>('getRoleMembers', role)));
    expect(Object.fromEntries(held.map((role, index) => [role, [...(holders[index] ?? [])]]))).toEqual({
      [roles.admin]: [who.admin],
      [roles.authority]: [who.authority],
      [roles.registrar]: [who.registrar],
      [roles.validator]: [who.validator],
      [roles.pauser]: [who.pauser],
      [roles.unpauser]: [who.admin],
      [roles.emergency]: [who.guardian],
      [roles.recovery]: [who.admin],
      [roles.operator]: [who.operator],
      [unexpected]: [who.stranger],
    });
  });

  it('leave the list with their last holder', async () => {
    await stage.act('admin', 'grantRole', [roles.operator, who.stranger]);
    await stage.act('admin', 'revokeRole', [roles.operator, who.operator]);
    expect(await stage.ask<string[]>('heldRoles')).toContain(roles.operator);
    await chain.send(who.stranger, operations, 'renounceRole', [roles.operator, who.stranger]);
    expect(await stage.ask<string[]>('heldRoles')).not.toContain(roles.operator);
    await stage.act('admin', 'revokeRole', [roles.operator, who.operator]);
    await stage.act('admin', 'grantRole', [roles.operator, who.operator]);
    expect(await stage.ask<string[]>('heldRoles')).toContain(roles.operator);
  });

  it('follow the admin when it is handed on', async () => {
    await stage.act('admin', 'beginDefaultAdminTransfer', [who.stranger]);
    await stage.pass(adminDelay + 1);
    await stage.act('stranger', 'acceptDefaultAdminTransfer');
    expect([...(await stage.ask<string[]>('getRoleMembers', ZeroHash))]).toEqual([who.stranger]);
    expect(await stage.ask<string[]>('heldRoles')).toContain(ZeroHash);
  });

  it("keep the multisig's for contracts", async () => {
    const plainKey = [roles.authority, who.stranger];
    expect(await stage.refused('admin', 'grantRole', plainKey)).toBe(`NotAContract(${who.stranger})`);
    await chain.rpc('anvil_setCode', [who.stranger, `0xef0100${machine.address.slice(2)}`]);
    expect(await stage.refused('admin', 'grantRole', plainKey)).toBe(`NotAContract(${who.stranger})`);
    await stage.act('admin', 'grantRole', [roles.authority, machine.address]);
  });

  it('are given to nobody by the deployer', async () => {
    const proxy = '0x4e59b44847b379578588920cA78FbF26c0B4956C';
    for (const role of await stage.ask<string[]>('heldRoles')) {
      for (const account of [who.deployer, proxy, operations.address]) {
        expect(await stage.ask('hasRole', role, account)).toBe(false);
      }
    }
  });
});

describe('construction', () => {
  const refused = (change: Readonly<Record<string, unknown>>): Promise<string> =>
    chain.deployRefusal(operationsSource, 'SecuredOperations', [{ ...stage.setup, ...change }]);

  it.each(['registrar', 'validator', 'pauser', 'guardian', 'recoveryAddress'])('wants a %s', async (name) => {
    expect(await refused({ [name]: ZeroAddress })).toBe('ZeroAddress()');
  });

  it('wants an admin', async () => {
    expect(await refused({ admin: ZeroAddress })).toBe(`AccessControlInvalidDefaultAdmin(${ZeroAddress})`);
  });

  it('wants a contract as authority', async () => {
    expect(await refused({ authority: who.stranger })).toBe(`NotAContract(${who.stranger})`);
  });

  it.each([0, 3_599, 30 * 86_400 + 1])('does not take %i seconds to leave an emergency', async (delay) => {
    expect(await refused({ exitDelay: delay })).toBe(`BadExitDelay(${delay}, 3600, 2592000)`);
  });

  it('fixes what it was given', async () => {
    expect(await stage.ask('recoveryAddress')).toBe(who.vault);
    expect(await stage.ask('exitDelay')).toBe(BigInt(exitDelay));
    expect(await stage.ask('defaultAdminDelay')).toBe(BigInt(adminDelay));
    expect(await stage.ask('mode')).toBe(0n);
    expect(await chain.balance(operations.address)).toBe(10_000n);
  });
});
