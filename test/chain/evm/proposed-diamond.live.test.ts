import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as cutHandler, type CutInputs } from '@cutover/chain/evm/cut-handler.ts';
import { handler as setHandler, type FacetSetInputs } from '@cutover/chain/evm/facet-set-handler.ts';
import { handler, type SetDiamondInputs } from '@cutover/chain/evm/set-diamond-handler.ts';
import { functionRecord } from '@cutover/chain/plan/cut/record.ts';
import { zeroAddress } from '@cutover/chain/plan/cut/selector.ts';
import { asOnTheWire, created } from '../handler-kit.ts';
import { networkOf } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { safeAuthority, safeFactory } from './authority/kit.ts';
import { accountAt, approve, brought, facetOf } from './change-kit.ts';

let node: LocalNode;
let told: string[];
beforeAll(async () => {
  node = await startLocalNode();
});
afterAll(() => node.stop());
beforeEach(() => {
  told = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void told.push(line));
});
afterEach(() => void vi.restoreAllMocks());

describe('a diamond whose set is only proposed', () => {
  it('waits, is proposed itself when the set is there, and what changes it waits as long', async () => {
    const safe = await (await safeFactory(node))([4, 5], 2);
    const authority = await safeAuthority(safe, { signers: [{ kind: 'local', account: 4 }] });
    const greeter = await facetOf(node, 'test/fixtures/solidity/Greeters.sol', 'GreeterFacet');
    const loupe = await facetOf(node, 'chain/contracts/diamond/DiamondLoupeFacet.sol', 'DiamondLoupeFacet');
    const source = ['chain/contracts/diamond/DiamondFactory.sol', 'DiamondFactory'] as const;
    const factory = await brought(node, source, [safe, 0], 'proposed');
    const common = { factory, set: 'greeter', network: networkOf(node), authority };
    const setInputs: FacetSetInputs = { ...common, routes: functionRecord([greeter, loupe]) };
    const inputs: SetDiamondInputs = { ...common, title: 'Greeter', admin: accountAt(1), salt: 'test' };

    const set = await created(setHandler, setInputs);
    const diamond = await created(handler, inputs);
    expect(diamond.state).toMatchObject({ exists: false, version: 0, address: zeroAddress, progress: {} });
    expect(diamond.state.drift).toEqual([
      `it waits for the facet set greeter of ${factory}, which has no version yet`,
    ]);
    expect(await diamond.diff(inputs)).toBe(false);
    expect((await diamond.read())?.drift).toHaveLength(1);
    const cutInputs = cutOf(diamond.state.address, false, setInputs);
    const cut = await created(cutHandler, cutInputs);
    expect(cut.state).toMatchObject({ progress: {}, drift: ['it waits until what it changes is there'] });
    expect(await cut.diff(cutInputs)).toBe(false);
    expect(await cut.read()).toEqual(cut.state);

    await approve(node, authority.folder, 5);
    await set.update(setInputs);
    expect(await diamond.diff(inputs)).toBe(true);
    await diamond.update(inputs);
    const { address } = diamond.state;
    expect(diamond.state).toMatchObject({ exists: false, version: 1, drift: [] });
    expect(Object.values(diamond.state.progress)).toMatchObject([{ kind: 'proposed' }]);
    expect((await diamond.read())?.drift).toEqual([]);
    const moved = await cutHandler.diff?.('id', cut.state, asOnTheWire(cutOf(address, false, setInputs)));
    expect(moved).toEqual({ changes: true, replaces: ['diamond'] });
    told = [];
    await cut.delete();
    expect(told).toEqual([]);

    await approve(node, authority.folder, 5);
    await diamond.update(inputs);
    expect(diamond.state).toMatchObject({ exists: true, address, version: 1 });
    expect(await node.provider.getCode(address)).not.toBe('0x');
    expect(await diamond.diff(inputs)).toBe(false);
    const waited = await created(cutHandler, cutOf(address, false, setInputs));
    const ready = cutOf(address, true, setInputs);
    expect(await waited.diff(ready)).toBe(true);
    expect(await waited.update(ready)).toMatchObject({ serves: setInputs.routes, drift: [] });
    expect(await waited.diff(ready)).toBe(false);
    await rm(authority.folder, { recursive: true, force: true });
  });
});

function cutOf(diamond: string, ready: boolean, { routes, network, authority }: FacetSetInputs): CutInputs {
  return {
    ...{ title: 'Greeter', diamond, ready, routes, network, authority },
    ...{ unwanted: 'keep', untouched: [], mayLack: ['diamondCut'], layouts: {}, allow: [], sends: 'changes' },
  };
}
