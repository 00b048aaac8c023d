import { Interface, ZeroAddress } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler, type RolesInputs } from '@cutover/chain/evm/roles-handler.ts';
import { encodeDiamondCut } from '@cutover/chain/plan/cut/diamond-call.ts';
import { facetSetCuts } from '@cutover/chain/plan/cut/facet-set.ts';
import type { WantedFacet } from '@cutover/chain/plan/cut/wanted.ts';
import { roleNamed } from '@cutover/chain/plan/roles.ts';
import { startFaultyNode } from '../faulty-node.ts';
import { created, sendFrom } from '../handler-kit.ts';
import { networkOf } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { refusal } from '../refusal.ts';
import { placeMultiSend } from './authority/kit.ts';
import { accountAt, act, brought, approve, facetOf, keyOf, newSafe, sentDuring, view } from './change-kit.ts';

const admin = accountAt(0);
const [ann, bob, eve] = [accountAt(1), accountAt(2), accountAt(3)];
const plain = ['test/fixtures/solidity/Setting.sol', 'RoleSetting'] as const;
const listed = ['chain/contracts/diamond/DiamondFactory.sol', 'DiamondFactory'] as const;
const secured = ['chain/contracts/sop-138/SecuredOperations.sol', 'SecuredOperations'] as const;

let node: LocalNode;
let told: string[];
let contracts = 0;
beforeAll(async () => {
  node = await startLocalNode();
});
afterAll(() => node.stop());
beforeEach(() => {
  told = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void told.push(line));
});
afterEach(() => void vi.restoreAllMocks());

/** A contract that tells its holders only by events. */
function newPlain(holder = admin): Promise<string> {
  return brought(node, plain, [holder, ann], `plain ${contracts++}`);
}

/** A contract that lists its holders, with rules for its admin. */
async function newListed(): Promise<string> {
  const contract = await brought(node, listed, [admin, 3600], `listed ${contracts++}`);
  const { id } = roleNamed('CURATOR_ROLE');
  await act(node, 0, contract, 'grantRole(bytes32,address)', [id, ann]);
  await act(node, 0, contract, 'revokeRole(bytes32,address)', [id, admin]);
  return contract;
}

function wanted(
  contract: string,
  roles: Readonly<Record<string, readonly string[]>>,
  more: Partial<RolesInputs> = {},
): RolesInputs {
  const holders = Object.entries(roles).flatMap(([role, all]) =>
    all.map((holder) => [`${role} ${holder}`, 'holds'] as const),
  );
  return {
    title: 'Setting',
    contract,
    holders: Object.fromEntries(holders),
    roles: Object.keys(roles),
    unexpected: 'refuse',
    network: networkOf(node),
    authority: keyOf(0),
    ...more,
  };
}

const holds = (contract: string, role: string, account: string): Promise<unknown> =>
  view(node, contract, 'hasRole(bytes32,address) view returns (bool)', [roleNamed(role).id, account]);

describe.each([
  ['that lists its holders', newListed, 'CURATOR_ROLE'],
  ['that tells its holders by events', newPlain, 'OPERATOR_ROLE'],
] as const)('the roles of a contract %s', (_, newContract, role) => {
  it('are left as they are where they are right, and a second run sends nothing', async () => {
    const contract = await newContract();
    const sent = await sentDuring(node, async () => {
      const roles = await created(handler, wanted(contract, { [role]: [ann] }));
      expect(roles.state.held).toEqual({ [role]: [ann] });
      expect(await roles.diff(wanted(contract, { [role]: [ann] }))).toBe(false);
    });
    expect(sent).toBe(0);
  });

  it('are granted, and revoked where that is wanted', async () => {
    const contract = await newContract();
    const roles = await created(handler, wanted(contract, { [role]: [ann, bob] }));
    expect(roles.state.held).toEqual({ [role]: [ann, bob].toSorted() });
    told = [];
    const less = wanted(contract, { [role]: [eve] }, { unexpected: 'revoke' });
    expect(await roles.diff(less)).toBe(true);
    const shown = told.join('\n');
    expect(shown).toContain(`+ ${role}  ${eve}`);
    expect(shown).toContain(`- ${role}  ${ann}`);
    expect(shown).toMatch(/gas in 3 transactions|gas, /);
    expect(await sentDuring(node, () => roles.update(less))).toBe(3);
    expect(roles.state.held).toEqual({ [role]: [eve] });
    expect(await holds(contract, role, bob)).toBe(false);
    expect(await roles.diff(less)).toBe(false);
  });

  it('that somebody granted by hand are drift, refused, told or revoked as wanted', async () => {
    const contract = await newContract();
    const right = wanted(contract, { [role]: [ann] });
    const roles = await created(handler, right);
    await act(node, 0, contract, 'grantRole(bytes32,address)', [roleNamed(role).id, eve]);
    expect((await roles.read())?.drift).toEqual([`${eve} holds ${role}, and nobody wants that`]);

    const error = await refusal(roles.diff(right));
    expect([error.code, error.exit]).toEqual(['CUT-2340', 3]);
    expect(error.message).toContain(`${eve} holds ${role}`);

    const telling = wanted(contract, { [role]: [ann] }, { unexpected: 'tell' });
    expect(await sentDuring(node, () => roles.update(telling))).toBe(0);
    expect(roles.state.drift).toEqual([`${eve} holds ${role}, and nobody wants that`]);
    // Told each time, and never something to do.
    told = [];
    expect(await roles.diff(telling)).toBe(false);
    expect(told.join('\n')).toContain(`${eve} holds ${role}`);

    await roles.update(wanted(contract, { [role]: [ann] }, { unexpected: 'revoke' }));
    expect(await holds(contract, role, eve)).toBe(false);
    expect(roles.state.drift).toEqual([]);
  });

  it('that somebody revoked by hand are drift, and granted again', async () => {
    const contract = await newContract();
    const right = wanted(contract, { [role]: [ann] });
    const roles = await created(handler, right);
    await act(node, 0, contract, 'revokeRole(bytes32,address)', [roleNamed(role).id, ann]);
    expect((await roles.read())?.drift).toEqual([`${ann} does not hold ${role} any more`]);
    expect(await roles.diff(right)).toBe(true);
    await roles.update(right);
    expect(await holds(contract, role, ann)).toBe(true);
    expect(roles.state.drift).toEqual([]);
  });
});

describe('roles as a resource', () => {
  it('are found done by a create after a kill, or done to their end', async () => {
    const contract = await newPlain();
    const inputs = wanted(contract, { OPERATOR_ROLE: [ann, bob, eve] });
    // Killed after one of two grants: the engine knows nothing.
    await act(node, 0, contract, 'grantRole(bytes32,address)', [roleNamed('OPERATOR_ROLE').id, bob]);
    expect(await sentDuring(node, () => created(handler, inputs))).toBe(1);
    expect(await sentDuring(node, () => created(handler, inputs))).toBe(0);
  });

  it('are refused to a key that may not, with who may', async () => {
    const contract = await newPlain();
    const inputs = wanted(contract, { OPERATOR_ROLE: [ann, bob] }, { authority: keyOf(5) });
    const error = await refusal(created(handler, inputs));
    expect(error.code).toBe('CUT-2252');
    expect(error.message).toContain(`DEFAULT_ADMIN_ROLE, held by ${admin}`);
    expect(await holds(contract, 'OPERATOR_ROLE', bob)).toBe(false);
  });

  it('are refused where the contract has none', async () => {
    const pauseOnly = await brought(node, ['test/fixtures/solidity/Setting.sol', 'Setting'], [admin]);
    const error = await refusal(created(handler, wanted(pauseOnly, { OPERATOR_ROLE: [ann] })));
    expect(error.code).toBe('CUT-2345');
    expect(error.message).toContain('AccessControl');
  });

  it('of a diamond wait for the cut that brings them, and are granted then', async () => {
    const of = (contract: string) => [`chain/contracts/diamond/${contract}.sol`, contract] as const;
    const [cut, loupe, access] = (await Promise.all(
      ['DiamondCutFacet', 'DiamondLoupeFacet', 'AccessControlFacet'].map((name) =>
        facetOf(node, ...of(name)),
      ),
    )) as [WantedFacet, WantedFacet, WantedFacet];
    const cuts = facetSetCuts({ name: 'base', facets: [cut, loupe] });
    const diamond = await brought(node, of('Diamond'), [admin, cuts, ZeroAddress, '0x'], 'unserved');
    const inputs = wanted(diamond, { PAUSER_ROLE: [ann] });
    const sentence = 'it serves no roles yet: they come with a cut of the diamond';
    const roles = await created(handler, inputs);
    expect(roles.state).toMatchObject({ held: { PAUSER_ROLE: [] }, drift: [sentence] });
    expect(await roles.diff(inputs)).toBe(false);
    expect((await roles.read())?.drift).toEqual([sentence]);

    const facetCuts = facetSetCuts({ name: 'more', facets: [access] });
    const data = encodeDiamondCut({ facetCuts, initializer: undefined });
    await sendFrom(node, admin, { to: diamond, data });
    expect(await roles.diff(inputs)).toBe(true);
    await roles.update(inputs);
    expect(roles.state).toMatchObject({ held: { PAUSER_ROLE: [ann] }, drift: [] });
    expect(await holds(diamond, 'PAUSER_ROLE', ann)).toBe(true);
  });

  it('hand the admin over when all else is done, the caller last', async () => {
    const contract = await newPlain();
    await act(node, 0, contract, 'grantRole(bytes32,address)', [roleNamed('DEFAULT_ADMIN_ROLE').id, eve]);
    const handed = wanted(contract, { DEFAULT_ADMIN_ROLE: [bob] }, { unexpected: 'revoke' });
    const roles = await created(handler, handed);
    expect(roles.state.held).toEqual({ DEFAULT_ADMIN_ROLE: [bob] });
  });

  it('refuse another admin where the contract hands that on in two steps, and say how', async () => {
    const contract = await newListed();
    const same = wanted(contract, { DEFAULT_ADMIN_ROLE: [admin] });
    const roles = await created(handler, same);
    expect(await roles.diff(same)).toBe(false);
    const other = wanted(contract, { DEFAULT_ADMIN_ROLE: [bob] });
    const error = await refusal(roles.diff(other));
    expect([error.code, error.exit]).toEqual(['CUT-2343', 3]);
    expect(error.remedy).toContain(`${admin} calls beginDefaultAdminTransfer(${bob}); 3600 s later`);

    await act(node, 0, contract, 'beginDefaultAdminTransfer(address)', [bob]);
    expect((await refusal(roles.diff(other))).remedy).toContain(`${bob} calls acceptDefaultAdminTransfer()`);
    await node.provider.send('evm_increaseTime', [3601]);
    await act(node, 2, contract, 'acceptDefaultAdminTransfer()');
    expect((await roles.read())?.drift).toContain(`${admin} does not hold DEFAULT_ADMIN_ROLE any more`);
    expect(await sentDuring(node, () => roles.update(other))).toBe(0);
    expect(roles.state.drift).toEqual([]);
  });

  it('are taken as unchanged while no endpoint answers', async () => {
    const contract = await newPlain();
    const front = await startFaultyNode(node);
    const right = wanted(contract, { OPERATOR_ROLE: [ann] }, { network: networkOf(front) });
    const roles = await created(handler, right);
    await front.stop();
    told = [];
    expect(await roles.diff(right)).toBe(false);
    expect(told.join('\n')).toMatch(/^warning: the roles of Setting .* could not be looked at/);
  });

  it('stay where they are when the resource is deleted', async () => {
    const contract = await newPlain();
    const roles = await created(handler, wanted(contract, { OPERATOR_ROLE: [ann] }));
    told = [];
    expect(await sentDuring(node, () => roles.delete())).toBe(0);
    expect(told).toEqual([`forgotten: Setting at ${contract} keeps its roles`]);
  });
});

describe('roles that a Safe of two of three grants', () => {
  it('come over several updates, in one transaction, and once', async () => {
    await placeMultiSend(node);
    const authority = await newSafe(node, [1, 2, 3], 2);
    const { address: safe } = authority;
    const contract = await newPlain(safe);
    const inputs = wanted(contract, { OPERATOR_ROLE: [ann, bob, eve] }, { authority });
    const roles = await created(handler, inputs);
    const [progress] = Object.values(roles.state.progress);
    expect(progress).toMatchObject({ kind: 'proposed', stage: 'approvals' });
    expect(await roles.diff(inputs)).toBe(true);

    for (const account of [1, 2]) {
      await roles.update(inputs);
      expect(await holds(contract, 'OPERATOR_ROLE', eve)).toBe(false);
      await approve(node, authority.folder, account);
    }
    expect(await sentDuring(node, () => roles.update(inputs))).toBe(1);
    expect(roles.state.held).toEqual({ OPERATOR_ROLE: [ann, bob, eve].toSorted() });
    expect(await roles.diff(inputs)).toBe(false);

    // The same grants once more, after somebody took one back and the program wanted it so for a while.
    await node.provider.send('anvil_impersonateAccount', [safe]);
    await node.provider.send('anvil_setBalance', [safe, '0xde0b6b3a7640000']);
    const revoke = new Interface(['function revokeRole(bytes32,address)']);
    const taken = [ann, bob, eve].map((account) => [roleNamed('OPERATOR_ROLE').id, account]);
    for (const each of taken) {
      await sendFrom(node, safe, { to: contract, data: revoke.encodeFunctionData('revokeRole', each) });
    }
    await roles.update(inputs);
    const [again] = Object.values(roles.state.progress);
    expect(again).toMatchObject({ kind: 'proposed', stage: 'approvals' });
    expect(again?.ids.safeTxHash).not.toBe(progress?.ids.safeTxHash);
  });

  it('are those of SecuredOperations as well, at once where all keys are at hand', async () => {
    const authority = await newSafe(node, [4], 1, [4]);
    const { address: safe } = authority;
    const setup = {
      ...{ admin: safe, authority: safe, registrar: admin, validator: ann, pauser: bob, guardian: bob },
      ...{ recoveryAddress: safe, adminDelay: 3600, exitDelay: 3600 },
    };
    const contract = await brought(node, secured, [setup]);
    const right = { VALIDATOR_ROLE: [ann, eve], PAUSER_ROLE: [bob], DEFAULT_ADMIN_ROLE: [safe] };
    const roles = await created(handler, wanted(contract, right, { authority }));
    expect(roles.state.held).toEqual({ ...right, VALIDATOR_ROLE: [ann, eve].toSorted() });
    const error = await refusal(roles.diff(wanted(contract, { DEFAULT_ADMIN_ROLE: [bob] }, { authority })));
    expect(error.code).toBe('CUT-2343');
  });
});
