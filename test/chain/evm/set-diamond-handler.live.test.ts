import { Interface } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as setHandler, type FacetSetInputs } from '@cutover/chain/evm/facet-set-handler.ts';
import { handler, type SetDiamondInputs } from '@cutover/chain/evm/set-diamond-handler.ts';
import { functionRecord } from '@cutover/chain/plan/cut/record.ts';
import type { WantedFacet } from '@cutover/chain/plan/cut/wanted.ts';
import { startFaultyNode } from '../faulty-node.ts';
import { created } from '../handler-kit.ts';
import { networkOf } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { refusal } from '../refusal.ts';
import { accountAt, approve, brought, facetOf, keyOf, newSafe, sentDuring, view } from './change-kit.ts';

const greeters = 'test/fixtures/solidity/Greeters.sol';

let node: LocalNode;
let told: string[];
let factories = 0;
let v1: WantedFacet;
let v2: WantedFacet;
let init: string;
beforeAll(async () => {
  node = await startLocalNode();
  await bringFacets();
});
afterAll(() => node.stop());
beforeEach(() => {
  told = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void told.push(line));
});
afterEach(() => void vi.restoreAllMocks());

async function bringFacets(): Promise<void> {
  v1 = await facetOf(node, greeters, 'GreeterFacet');
  v2 = await facetOf(node, greeters, 'GreeterFacetV2');
  init = await brought(node, [greeters, 'GreeterInit']);
}

function newFactory(admin = accountAt(0), salt = `factory ${factories++}`): Promise<string> {
  const source = ['chain/contracts/diamond/DiamondFactory.sol', 'DiamondFactory'] as const;
  return brought(node, source, [admin, 0], salt);
}

function setOf(factory: string, facet: WantedFacet): FacetSetInputs {
  const routes = functionRecord([facet]);
  return { factory, set: 'greeter', routes, network: networkOf(node), authority: keyOf(0) };
}

function wanted(factory: string, more: Partial<SetDiamondInputs> = {}): SetDiamondInputs {
  return {
    ...{ title: 'Greeter', factory, set: 'greeter', admin: accountAt(1), salt: 'test' },
    initializer: {
      address: init,
      calldata: new Interface(['function init(string)']).encodeFunctionData('init', ['hello']),
      gas: '500000',
      words: 'init("hello")',
    },
    network: networkOf(node),
    authority: keyOf(0),
    ...more,
  };
}

const greeting = (diamond: string): Promise<unknown> => view(node, diamond, 'greet() view returns (string)');

describe('a diamond that a factory creates from a set', () => {
  it('is created once, where a preview would say, and serves what the set has', async () => {
    const factory = await newFactory();
    await created(setHandler, setOf(factory, v1));
    const diamond = await created(handler, wanted(factory));
    expect(diamond.state.version).toBe(1);
    expect(await greeting(diamond.state.address)).toBe('hello');
    expect(await diamond.diff(wanted(factory))).toBe(false);
    expect(await sentDuring(node, () => diamond.update(wanted(factory)))).toBe(0);
  });

  it('is found again after the state was lost, also when the set has moved on', async () => {
    const factory = await newFactory();
    const set = await created(setHandler, setOf(factory, v1));
    const first = await created(handler, wanted(factory));
    const sent = await sentDuring(node, async () => {
      const again = await created(handler, wanted(factory));
      expect(again.state).toMatchObject({ address: first.state.address, version: 1 });
    });
    expect(sent).toBe(0);
    await set.update(setOf(factory, v2));
    expect(await first.diff(wanted(factory))).toBe(false);
    const later = await sentDuring(node, async () => {
      const again = await created(handler, wanted(factory));
      expect(again.state).toMatchObject({ address: first.state.address, version: 1 });
    });
    expect(later).toBe(0);
  });

  it('is another with another salt or admin, and then a new resource', async () => {
    const factory = await newFactory();
    await created(setHandler, setOf(factory, v1));
    const one = await created(handler, wanted(factory));
    const two = await created(handler, wanted(factory, { salt: 'other' }));
    expect(two.state.address).not.toBe(one.state.address);
    const answer = await handler.diff?.('id', one.state, wanted(factory, { salt: 'other' }));
    expect(answer).toEqual({ changes: true, replaces: ['salt'] });
  });

  it('stays where it is when diamonds to come are set up otherwise', async () => {
    const factory = await newFactory();
    await created(setHandler, setOf(factory, v1));
    const diamond = await created(handler, wanted(factory));
    const { address } = diamond.state;
    const { initializer: _, ...bare } = wanted(factory);
    expect(await diamond.diff(bare)).toBe(false);
    expect(await sentDuring(node, () => diamond.update(bare))).toBe(0);
    expect(diamond.state).toMatchObject({ address, version: 1, exists: true });
    expect((await diamond.read())?.drift).toEqual([]);
    // One that is not there yet is set up as wanted now.
    const other = await created(handler, { ...bare, salt: 'bare' });
    expect(other.state.address).not.toBe(address);
    await expect(greeting(other.state.address)).resolves.toBe('');
  });

  it('is refused while there is no set, and tells the reviewer so', async () => {
    const factory = await newFactory();
    const error = await refusal(created(handler, wanted(factory)));
    expect([error.code, error.exit]).toEqual(['CUT-2342', 2]);
  });

  it('is refused to a key that may not, with who may', async () => {
    const factory = await newFactory();
    await created(setHandler, setOf(factory, v1));
    const error = await refusal(created(handler, wanted(factory, { authority: keyOf(5) })));
    expect(error.code).toBe('CUT-2252');
    expect(error.message).toContain(`held by ${accountAt(0)}`);
  });

  it('is taken as unchanged while no endpoint answers', async () => {
    const factory = await newFactory();
    await created(setHandler, setOf(factory, v1));
    const front = await startFaultyNode(node);
    const same = wanted(factory, { network: networkOf(front) });
    const diamond = await created(handler, same);
    await front.stop();
    told = [];
    expect(await diamond.diff(same)).toBe(false);
    expect(told.join('\n')).toMatch(/^warning: the diamond Greeter .* could not be looked at/);
  });

  it('comes through a Safe, and is created once', async () => {
    const authority = await newSafe(node, [4, 5], 2, [4]);
    const { address: safe } = authority;
    const factory = await newFactory(safe);
    const set = await created(setHandler, { ...setOf(factory, v1), authority });
    await approve(node, authority.folder, 5);
    await set.update({ ...setOf(factory, v1), authority });
    const diamond = await created(handler, wanted(factory, { authority }));
    expect(Object.values(diamond.state.progress)).toMatchObject([{ kind: 'proposed' }]);
    const { address } = diamond.state;
    expect(await node.provider.getCode(address)).toBe('0x');
    await approve(node, authority.folder, 5);
    await diamond.update(wanted(factory, { authority }));
    expect(diamond.state).toMatchObject({ address, version: 1 });
    expect(await greeting(address)).toBe('hello');
    expect(await diamond.diff(wanted(factory, { authority }))).toBe(false);
  });

  // Last: from here on it is another chain.
  it('is created again at the same address on a chain that lost its state, whatever the version is called', async () => {
    const factory = await newFactory(undefined, 'kept');
    const set = await created(setHandler, setOf(factory, v2));
    await set.update(setOf(factory, v1));
    const diamond = await created(handler, wanted(factory));
    const { address } = diamond.state;
    expect(diamond.state.version).toBe(2);

    await node.stop();
    node = await startLocalNode();
    await bringFacets();
    expect(await newFactory(undefined, 'kept')).toBe(factory);
    await created(setHandler, setOf(factory, v1));
    await diamond.update(wanted(factory));
    expect(diamond.state).toMatchObject({ address, version: 1 });
    expect(await greeting(address)).toBe('hello');
  });
});
