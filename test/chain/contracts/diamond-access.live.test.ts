import { id as keccak, ZeroAddress } from 'ethers';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { outcome } from './access-matrix.ts';
import type { Deployed } from './chain-kit.ts';
import {
  adding,
  diamondSource,
  face,
  openStage,
  rawCall,
  removing,
  selectorsOf,
  sourceOf,
  told,
  type Person,
  type Stage,
} from './diamond-kit.ts';

const stage: Stage = await openStage();
const { chain, who, base } = stage;
const accessInit = await chain.deploy(sourceOf('AccessInit'), 'AccessInit');
const { cut, loupe, ownership, roles, pause } = base;
const owned = await stage.newDiamond();
const ruled = await stage.newDiamond({ facets: [cut, loupe, roles, pause] });
const both = await stage.newDiamond({ facets: [cut, loupe, roles, ownership, pause] });
const rewind = await chain.checkpoint();

beforeEach(() => rewind());
afterAll(() => chain.stop());

const role = { admin: `0x${'00'.repeat(32)}`, cutter: keccak('CUTTER_ROLE'), pauser: keccak('PAUSER_ROLE') };
const missing = (person: Person, id: string): string =>
  `AccessControlUnauthorizedAccount(${who[person]}, ${id})`;

/** How a call of a facet's function on a diamond ends; `done` when it goes through. Nothing is sent. */
const tried = async (
  as: Person,
  diamond: Deployed,
  facet: Deployed,
  fn: string,
  args: readonly unknown[] = [],
): Promise<string> => (await outcome(chain, who[as], face(diamond, facet), fn, args)) ?? 'done';
const send = (as: Person, diamond: Deployed, facet: Deployed, fn: string, args: readonly unknown[] = []) =>
  chain.send(who[as], face(diamond, facet), fn, args);
const ask = async (diamond: Deployed, facet: Deployed, fn: string, ...args: unknown[]): Promise<unknown> =>
  (await chain.read(face(diamond, facet), fn, ...args))[0];
const cutting = [[], ZeroAddress, '0x'];
const run = (fn: string, args: unknown[]): unknown[] => [
  [],
  accessInit.address,
  accessInit.abi.encodeFunctionData(fn, args),
];

describe('a diamond with an owner', () => {
  it('is cut, paused and handed on by its owner and nobody else', async () => {
    for (const [facet, fn, args, refusal] of [
      [cut, 'diamondCut', cutting, missing('stranger', role.cutter)],
      [pause, 'pause', [], missing('stranger', role.pauser)],
      [pause, 'setWorksWhilePaused', [[], true], missing('stranger', role.cutter)],
      [ownership, 'transferOwnership', [who.other], `OwnableUnauthorizedAccount(${who.stranger})`],
      [ownership, 'renounceOwnership', [], `OwnableUnauthorizedAccount(${who.stranger})`],
      [ownership, 'acceptOwnership', [], `OwnableUnauthorizedAccount(${who.stranger})`],
    ] as const) {
      expect(await tried('stranger', owned, facet, fn, args), fn).toBe(refusal);
      if (fn !== 'acceptOwnership') expect(await tried('admin', owned, facet, fn, args), fn).toBe('done');
    }
    expect(await tried('admin', owned, ownership, 'acceptOwnership')).toContain('OwnableUnauthorizedAccount');
  });

  it('changes hands in two steps', async () => {
    const offer = await send('admin', owned, ownership, 'transferOwnership', [who.other]);
    expect(told(offer)).toEqual([`OwnershipTransferStarted(${who.admin}, ${who.other})`]);
    expect(await ask(owned, ownership, 'owner')).toBe(who.admin);
    expect(await ask(owned, ownership, 'pendingOwner')).toBe(who.other);
    // An offer is no power.
    expect(await tried('other', owned, cut, 'diamondCut', cutting)).toBe(missing('other', role.cutter));
    expect(await tried('other', owned, ownership, 'transferOwnership', [who.other])).toContain(
      'Unauthorized',
    );
    expect(await tried('stranger', owned, ownership, 'acceptOwnership')).toContain('Unauthorized');

    const taken = await send('other', owned, ownership, 'acceptOwnership');
    expect(told(taken)).toEqual([`OwnershipTransferred(${who.admin}, ${who.other})`]);
    expect(await ask(owned, ownership, 'pendingOwner')).toBe(ZeroAddress);
    expect(await tried('other', owned, cut, 'diamondCut', cutting)).toBe('done');
    expect(await tried('admin', owned, cut, 'diamondCut', cutting)).toBe(missing('admin', role.cutter));
    expect(await tried('other', owned, ownership, 'acceptOwnership')).toContain('Unauthorized');
  });

  it.each([
    ['taken back', ZeroAddress],
    ['made to another', 'stranger'],
  ])('forgets an offer that was %s', async (_, next) => {
    await send('admin', owned, ownership, 'transferOwnership', [who.other]);
    await send('admin', owned, ownership, 'transferOwnership', [next === ZeroAddress ? next : who.stranger]);
    expect(await tried('other', owned, ownership, 'acceptOwnership')).toContain('Unauthorized');
  });

  it('is nobody’s when it was renounced, and an open offer is void', async () => {
    await send('admin', owned, ownership, 'transferOwnership', [who.other]);
    const mined = await send('admin', owned, ownership, 'renounceOwnership');
    expect(told(mined)).toEqual([`OwnershipTransferred(${who.admin}, ${ZeroAddress})`]);
    expect(await tried('other', owned, ownership, 'acceptOwnership')).toContain('Unauthorized');
    expect(await tried('admin', owned, cut, 'diamondCut', cutting)).toBe(missing('admin', role.cutter));
    expect(await tried('admin', owned, pause, 'pause')).toBe(missing('admin', role.pauser));
  });
});

describe('a diamond with roles', () => {
  beforeEach(async () => {
    await send('admin', ruled, roles, 'grantRole', [role.cutter, who.cutter]);
    await send('admin', ruled, roles, 'grantRole', [role.pauser, who.pauser]);
  });

  it('has no owner that cannot be seen', async () => {
    expect(await rawCall(chain, ruled.address, '0x8da5cb5b')).toContain('FunctionNotFound');
    await send('admin', ruled, cut, 'diamondCut', [[adding(ownership)], ZeroAddress, '0x']);
    expect(await ask(ruled, ownership, 'owner')).toBe(ZeroAddress);
  });

  it('lets each role do its part and no other', async () => {
    const may: Record<string, readonly Person[]> = {
      diamondCut: ['admin', 'cutter'],
      setWorksWhilePaused: ['admin', 'cutter'],
      pause: ['admin', 'pauser'],
      grantRole: ['admin'],
      revokeRole: ['admin'],
    };
    const calls = [
      [cut, 'diamondCut', cutting],
      [pause, 'setWorksWhilePaused', [[], true]],
      [pause, 'pause', []],
      [roles, 'grantRole', [role.cutter, who.other]],
      [roles, 'revokeRole', [role.cutter, who.cutter]],
    ] as const;
    for (const [facet, fn, args] of calls) {
      for (const person of ['admin', 'cutter', 'pauser', 'stranger'] as const) {
        const result = await tried(person, ruled, facet, fn, args);
        if (may[fn]?.includes(person)) expect(result, `${person} ${fn}`).toBe('done');
        else expect(result, `${person} ${fn}`).toContain(`AccessControlUnauthorizedAccount(${who[person]}`);
      }
    }
    await send('pauser', ruled, pause, 'pause');
    expect(await tried('pauser', ruled, pause, 'unpause')).toBe(missing('pauser', role.admin));
    expect(await tried('admin', ruled, pause, 'unpause')).toBe('done');
  });

  it('lists its roles and who holds them', async () => {
    const members = async (id: string): Promise<unknown> => [
      ...((await ask(ruled, roles, 'getRoleMembers', id)) as string[]),
    ];
    expect(await members(role.cutter)).toEqual([who.admin, who.cutter]);
    expect(await ask(ruled, roles, 'getRoleMemberCount', role.cutter)).toBe(2n);
    expect(await ask(ruled, roles, 'getRoleMember', role.cutter, 1)).toBe(who.cutter);
    expect(await ask(ruled, roles, 'hasRole', role.cutter, who.cutter)).toBe(true);
    expect(await ask(ruled, roles, 'getRoleAdmin', role.cutter)).toBe(role.admin);
    expect(await ask(ruled, roles, 'heldRoles')).toEqual([role.admin, role.cutter, role.pauser]);
    await send('admin', ruled, roles, 'revokeRole', [role.pauser, who.pauser]);
    await send('admin', ruled, roles, 'renounceRole', [role.pauser, who.admin]);
    expect(await ask(ruled, roles, 'heldRoles')).toEqual([role.admin, role.cutter]);
    expect(await members(role.pauser)).toEqual([]);
  });

  it('tells a change of roles once', async () => {
    const grant = await send('admin', ruled, roles, 'grantRole', [role.cutter, who.other]);
    expect(told(grant)).toEqual([`RoleGranted(${role.cutter}, ${who.other}, ${who.admin})`]);
    expect(told(await send('admin', ruled, roles, 'grantRole', [role.cutter, who.other]))).toEqual([]);
    const revoke = await send('admin', ruled, roles, 'revokeRole', [role.cutter, who.other]);
    expect(told(revoke)).toEqual([`RoleRevoked(${role.cutter}, ${who.other}, ${who.admin})`]);
    expect(told(await send('admin', ruled, roles, 'revokeRole', [role.cutter, who.other]))).toEqual([]);
  });

  it('lets a holder give a role back, and nobody do that for him', async () => {
    expect(await tried('stranger', ruled, roles, 'renounceRole', [role.cutter, who.cutter])).toBe(
      'AccessControlBadConfirmation()',
    );
    await send('cutter', ruled, roles, 'renounceRole', [role.cutter, who.cutter]);
    expect(await tried('cutter', ruled, cut, 'diamondCut', cutting)).toBe(missing('cutter', role.cutter));
  });
});

describe('a diamond with both', () => {
  it('gives both to its admin, and an owner needs no role', async () => {
    expect(await ask(both, ownership, 'owner')).toBe(who.admin);
    expect(await ask(both, roles, 'heldRoles')).toEqual([role.admin, role.cutter, role.pauser]);
    for (const id of Object.values(role)) {
      await send('admin', both, roles, 'renounceRole', [id, who.admin]);
    }
    expect(await tried('admin', both, cut, 'diamondCut', cutting)).toBe('done');
    expect(await tried('admin', both, roles, 'grantRole', [role.cutter, who.cutter])).toBe('done');
  });
});

describe('moving from an owner to roles', () => {
  const toRoles = run('toRoles', [who.other, [who.cutter], [who.pauser]]).slice(1);

  it('moves the power with the functions that show it, and back', async () => {
    await send('admin', owned, ownership, 'transferOwnership', [who.stranger]);
    const there = [[removing(selectorsOf(ownership)), adding(roles)], ...toRoles];
    await send('admin', owned, cut, 'diamondCut', there);
    expect(await tried('admin', owned, cut, 'diamondCut', cutting)).toBe(missing('admin', role.cutter));
    expect(await tried('other', owned, cut, 'diamondCut', cutting)).toBe(missing('other', role.cutter));
    expect(await tried('cutter', owned, cut, 'diamondCut', cutting)).toBe('done');
    expect(await tried('pauser', owned, pause, 'pause')).toBe('done');
    expect(await ask(owned, roles, 'getRoleMembers', role.admin)).toEqual([who.other]);

    const back = [[removing(selectorsOf(roles)), adding(ownership)], ...run('toOwner', [who.admin]).slice(1)];
    await send('cutter', owned, cut, 'diamondCut', back);
    expect(await ask(owned, ownership, 'owner')).toBe(who.admin);
    // The offer from before the move is not open again.
    expect(await ask(owned, ownership, 'pendingOwner')).toBe(ZeroAddress);
    expect(await tried('cutter', owned, cut, 'diamondCut', cutting)).toBe(missing('cutter', role.cutter));
    await send('admin', owned, cut, 'diamondCut', [[adding(roles)], ZeroAddress, '0x']);
    expect(await ask(owned, roles, 'heldRoles')).toEqual([]);
  });

  it.each([
    ['toRoles', [ZeroAddress, [], []]],
    ['toOwner', [ZeroAddress]],
  ])('leaves no diamond to nobody (%s)', async (fn, args) => {
    expect(await tried('admin', owned, cut, 'diamondCut', run(fn, args))).toBe(
      `OwnableInvalidOwner(${ZeroAddress})`,
    );
  });

  it('is nothing to anyone who calls the contracts by themselves', async () => {
    // Each has storage of its own: taking it takes nothing from a diamond.
    await chain.send(who.stranger, accessInit, 'toOwner', [who.stranger]);
    expect(await outcome(chain, who.stranger, cut, 'diamondCut', cutting)).toContain('Unauthorized');
    expect(await outcome(chain, who.stranger, pause, 'pause', [])).toContain('Unauthorized');
    expect(await outcome(chain, who.stranger, roles, 'grantRole', [role.admin, who.stranger])).toContain(
      'Una',
    );
    expect(await ask(owned, ownership, 'owner')).toBe(who.admin);
  });
});

describe('the first admin', () => {
  it('owns a diamond that serves neither owner nor roles', async () => {
    const bare = await chain.deploy(diamondSource, 'Diamond', [who.admin, [adding(cut)], ZeroAddress, '0x']);
    expect(await tried('admin', bare, cut, 'diamondCut', cutting)).toBe('done');
    expect(await tried('deployer', bare, cut, 'diamondCut', cutting)).toBe(missing('deployer', role.cutter));
  });
});
