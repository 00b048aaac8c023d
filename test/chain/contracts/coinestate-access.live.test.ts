import { ZeroAddress } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changingFunctions, contradictions, viewFunctions, type Decision } from './access-matrix.ts';
import {
  adminDelay,
  holds,
  openStage,
  recoveryDelay,
  roles,
  tokenSource,
  type Person,
  type Role,
  type Stage,
} from './coinestate-kit.ts';

const stage: Stage = await openStage();
const { chain, token, who } = stage;
let rewind: () => Promise<void>;

beforeAll(async () => {
  rewind = await chain.checkpoint();
});
beforeEach(() => rewind());
afterAll(() => chain.stop());

const grant = [roles.minter, who.stranger];
const begun = (): Promise<unknown> => stage.act('recoverer', 'beginRecovery', [1n, who.newKey]);
const ownTransfer: Decision<Role> = { by: [], also: ['holder'], args: [who.holder, who.buyer, 1n] };

/** Every function that changes something, and who may call it. */
const decisions: Readonly<Record<string, Decision<Role>>> = {
  'allow(address[],uint48)': { by: ['identity'], args: [[who.stranger], stage.checkedUntil] },
  'disallow(address[])': { by: ['identity'], args: [[who.holder]] },
  'mint(address,uint256,string)': { by: ['minter'], args: [who.buyer, 2n, 'ipfs://share-2'] },
  'setRoyalty(address,uint96)': { by: ['admin'], args: [who.stranger, 100n] },
  'pause()': { by: ['pauser'], args: [] },
  'unpause()': { by: ['unpauser'], args: [], after: () => stage.act('pauser', 'pause') },
  'beginRecovery(uint256,address)': { by: ['recovery'], args: [1n, who.newKey] },
  'cancelRecovery(uint256)': { by: ['admin', 'recovery'], also: ['holder'], args: [1n], after: begun },
  'finishRecovery(uint256)': {
    by: ['recovery'],
    args: [1n],
    after: async () => {
      await begun();
      await stage.pass(recoveryDelay);
    },
  },
  'approve(address,uint256)': { by: [], also: ['holder'], args: [who.buyer, 1n] },
  'setApprovalForAll(address,bool)': { by: 'everyone', args: [who.buyer, true] },
  'transferFrom(address,address,uint256)': ownTransfer,
  'safeTransferFrom(address,address,uint256)': ownTransfer,
  'safeTransferFrom(address,address,uint256,bytes)': {
    ...ownTransfer,
    args: [who.holder, who.buyer, 1n, '0x'],
  },
  'grantRole(bytes32,address)': { by: ['admin'], args: grant },
  'revokeRole(bytes32,address)': { by: ['admin'], args: grant },
  'renounceRole(bytes32,address)': { by: 'everyone', args: (caller) => [roles.minter, caller] },
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
  ...['DEFAULT_ADMIN_ROLE()', 'IDENTITY_ROLE()', 'MAX_RECOVERY_DELAY()', 'MAX_ROYALTY()', 'MAX_TERM()'],
  ...['MINTER_ROLE()', 'MIN_RECOVERY_DELAY()', 'PAUSER_ROLE()', 'RECOVERY_ROLE()', 'UNPAUSER_ROLE()'],
  ...['allowedUntil(address)', 'balanceOf(address)', 'defaultAdmin()', 'defaultAdminDelay()'],
  ...['defaultAdminDelayIncreaseWait()', 'getApproved(uint256)', 'getRoleAdmin(bytes32)'],
  ...['getRoleMember(bytes32,uint256)', 'getRoleMemberCount(bytes32)', 'getRoleMembers(bytes32)'],
  ...['hasRole(bytes32,address)', 'heldRoles()', 'isAllowed(address)', 'isApprovedForAll(address,address)'],
  ...['minted()', 'name()', 'owner()', 'ownerOf(uint256)', 'paused()', 'pendingDefaultAdmin()'],
  ...['pendingDefaultAdminDelay()', 'recoveryDelay()', 'recoveryOf(uint256)', 'royaltyInfo(uint256,uint256)'],
  ...['shares()', 'supportsInterface(bytes4)', 'symbol()', 'tokenURI(uint256)'],
];

describe('who may call what', () => {
  it('is decided for every function', () => {
    expect(changingFunctions(token)).toEqual(Object.keys(decisions).sort());
    expect(viewFunctions(token)).toEqual([...views].sort());
  });

  it.each(Object.entries(decisions))('%s', async (fn, decision) => {
    const everybody = Object.entries(who).map(([name, address]) => {
      return [name, { address, roles: holds[name as Person] ?? [] }] as const;
    });
    expect(await contradictions(chain, token, Object.fromEntries(everybody), fn, decision)).toEqual([]);
  });

  it.each(Object.keys(roles).filter((role) => role !== 'admin') as Role[])(
    'a newcomer with the role %s may what it allows, and nothing else',
    async (role) => {
      for (const [fn, decision] of Object.entries(decisions)) {
        await rewind();
        await stage.act('admin', 'grantRole', [roles[role], who.stranger]);
        const newcomer = { stranger: { address: who.stranger, roles: [role] } };
        expect(await contradictions(chain, token, newcomer, fn, decision), fn).toEqual([]);
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
      [roles.minter]: [who.minter],
      [roles.identity]: [who.clerk],
      [roles.pauser]: [who.pauser],
      [roles.unpauser]: [who.admin],
      [roles.recovery]: [who.recoverer],
      [unexpected]: [who.stranger],
    });
  });

  it('are not for the zero address', async () => {
    expect(await stage.refused('admin', 'grantRole', [roles.minter, ZeroAddress])).toBe('ZeroAddress()');
  });
});

describe('construction', () => {
  const refused = (change: Readonly<Record<string, unknown>>): Promise<string> =>
    chain.deployRefusal(tokenSource, 'PropertyToken', [{ ...stage.setup, ...change }]);

  it.each(['minter', 'identity', 'pauser', 'recoverer'])('wants an account for %s', async (name) => {
    expect(await refused({ [name]: ZeroAddress })).toBe('ZeroAddress()');
  });

  it('wants an admin, shares, and a receiver of royalties', async () => {
    expect(await refused({ admin: ZeroAddress })).toBe(`AccessControlInvalidDefaultAdmin(${ZeroAddress})`);
    expect(await refused({ shares: 0n })).toBe('NoShares()');
    expect(await refused({ royaltyReceiver: ZeroAddress })).toContain('ERC2981InvalidDefaultRoyaltyReceiver');
    expect(await refused({ royalty: 1_001n })).toBe('RoyaltyTooHigh(1001, 1000)');
  });

  it.each([0, 86_399, 90 * 86_400 + 1])('does not let holders object for %i seconds', async (delay) => {
    expect(await refused({ recoveryDelay: delay })).toBe(`BadRecoveryDelay(${delay}, 86400, 7776000)`);
  });

  it('fixes what it was given', async () => {
    expect(await stage.ask('name')).toBe('12 Harbour Street');
    expect(await stage.ask('symbol')).toBe('HARB12');
    expect(await stage.ask('shares')).toBe(3n);
    expect(await stage.ask('recoveryDelay')).toBe(BigInt(recoveryDelay));
    // ERC-165, ERC-721, its metadata, ERC-2981, ERC-4906, access control with listed holders and with an admin's rules.
    const interfaces = [
      '0x01ffc9a7',
      '0x80ac58cd',
      '0x5b5e139f',
      '0x2a55205a',
      '0x49064906',
      '0x5a05180f',
      '0x31498786',
    ];
    for (const each of interfaces) expect(await stage.ask('supportsInterface', each), each).toBe(true);
    expect(await stage.ask('supportsInterface', '0xffffffff')).toBe(false);
  });
});
