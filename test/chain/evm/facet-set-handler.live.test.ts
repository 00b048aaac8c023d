import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler, type FacetSetInputs } from '@cutover/chain/evm/facet-set-handler.ts';
import { facetSetCuts } from '@cutover/chain/plan/cut/facet-set.ts';
import { functionRecord } from '@cutover/chain/plan/cut/record.ts';
import type { WantedFacet } from '@cutover/chain/plan/cut/wanted.ts';
import { factoryInterface } from '@cutover/chain/plan/facet-factory.ts';
import { startFaultyNode } from '../faulty-node.ts';
import { created, sendFrom } from '../handler-kit.ts';
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
beforeAll(async () => {
  node = await startLocalNode();
  v1 = await facetOf(node, greeters, 'GreeterFacet');
  v2 = await facetOf(node, greeters, 'GreeterFacetV2');
});
afterAll(() => node.stop());
beforeEach(() => {
  told = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void told.push(line));
});
afterEach(() => void vi.restoreAllMocks());

function newFactory(admin = accountAt(0)): Promise<string> {
  const source = ['chain/contracts/diamond/DiamondFactory.sol', 'DiamondFactory'] as const;
  return brought(node, source, [admin, 0], `factory ${factories++}`);
}

function wanted(factory: string, facet: WantedFacet, more: Partial<FacetSetInputs> = {}): FacetSetInputs {
  const routes = functionRecord([facet]);
  return { factory, set: 'greeter', routes, network: networkOf(node), authority: keyOf(0), ...more };
}

const count = (factory: string): Promise<unknown> =>
  view(node, factory, 'versionCount(string) view returns (uint256)', ['greeter']);

describe('a set of facets in a factory', () => {
  it('is written, written anew, and taken back to the version before without a new one', async () => {
    const factory = await newFactory();
    const set = await created(handler, wanted(factory, v1));
    expect(set.state).toMatchObject({ version: 1, has: functionRecord([v1]) });
    expect(await set.diff(wanted(factory, v1))).toBe(false);

    told = [];
    expect(await set.diff(wanted(factory, v2))).toBe(true);
    const shown = told.join('\n');
    expect(shown).toContain('version 2 of the facet set greeter');
    expect(shown).toMatch(/- changes\(\) +GreeterFacet 0x/);
    expect(shown).toMatch(/~ greet\(\) +GreeterFacet 0x\w+ -> GreeterFacetV2 0x/);
    expect(shown).toMatch(/\+ greetTwice\(\) +GreeterFacetV2 0x/);
    await set.update(wanted(factory, v2));
    expect(set.state).toMatchObject({ version: 2, has: functionRecord([v2]) });

    told = [];
    expect(await set.diff(wanted(factory, v1))).toBe(true);
    expect(told.join('\n')).toContain('back to version 1 of the facet set greeter');
    await set.update(wanted(factory, v1));
    expect(set.state).toMatchObject({ version: 1, has: functionRecord([v1]) });
    expect(await count(factory)).toBe(2n);
    expect(await sentDuring(node, () => set.update(wanted(factory, v1)))).toBe(0);
  });

  it('finds its own work after a kill between the call and the state', async () => {
    const factory = await newFactory();
    await created(handler, wanted(factory, v1));
    const sent = await sentDuring(node, async () => {
      const again = await created(handler, wanted(factory, v1));
      expect(again.state.version).toBe(1);
    });
    expect(sent).toBe(0);
  });

  it('that somebody wrote by hand is drift, and taken back', async () => {
    const factory = await newFactory();
    const set = await created(handler, wanted(factory, v1));
    const cuts = facetSetCuts({ name: 'greeter', facets: [v2] });
    const data = factoryInterface.encodeFunctionData('setFacets', ['greeter', cuts]);
    await sendFrom(node, accountAt(0), { to: factory, data });
    expect((await set.read())?.drift).toEqual(['its current version is 2, and has other functions']);
    expect(await set.diff(wanted(factory, v1))).toBe(true);
    await set.update(wanted(factory, v1));
    expect(set.state).toMatchObject({ version: 1, drift: [] });
    expect(await count(factory)).toBe(2n);
  });

  it('that somebody removed is taken up again', async () => {
    const factory = await newFactory();
    const set = await created(handler, wanted(factory, v1));
    const remove = `0x${(await import('ethers')).id('removeFacets(string)').slice(2, 10)}`;
    const argument = factoryInterface.encodeFunctionData('currentVersion', ['greeter']).slice(10);
    await sendFrom(node, accountAt(0), { to: factory, data: remove + argument });
    expect((await set.read())?.drift).toHaveLength(1);
    await set.update(wanted(factory, v1));
    expect(set.state.version).toBe(1);
  });

  it('is refused to a key that may not, with who may', async () => {
    const factory = await newFactory();
    const error = await refusal(created(handler, wanted(factory, v1, { authority: keyOf(5) })));
    expect(error.code).toBe('CUT-2252');
    expect(error.message).toContain(`held by ${accountAt(0)}`);
  });

  it('is refused where no factory is', async () => {
    const error = await refusal(created(handler, wanted(v1.address, v1)));
    expect(error.code).toBe('CUT-2345');
    expect(error.message).toContain('DiamondFactory');
  });

  it('is taken as unchanged while no endpoint answers', async () => {
    const factory = await newFactory();
    const front = await startFaultyNode(node);
    const same = wanted(factory, v1, { network: networkOf(front) });
    const set = await created(handler, same);
    await front.stop();
    told = [];
    expect(await set.diff(same)).toBe(false);
    expect(told.join('\n')).toMatch(/^warning: the facet set greeter .* could not be looked at/);
  });

  it('comes through a Safe over several updates, there and back and there again', async () => {
    const authority = await newSafe(node, [1, 2, 3], 2);
    const { address: safe } = authority;
    const factory = await newFactory(safe);
    const set = await created(handler, wanted(factory, v1, { authority }));
    for (const [facet, version] of [
      [v1, 1],
      [v2, 2],
      [v1, 1],
      [v2, 2],
    ] as const) {
      const inputs = wanted(factory, facet, { authority });
      await set.update(inputs);
      await approve(node, authority.folder, 1);
      await set.update(inputs);
      expect(Object.values(set.state.progress)).toMatchObject([{ kind: 'proposed', stage: 'approvals' }]);
      await approve(node, authority.folder, 2);
      await set.update(inputs);
      expect(set.state).toMatchObject({ version, has: functionRecord([facet]) });
      expect(await set.diff(inputs)).toBe(false);
    }
    expect(await count(factory)).toBe(2n);
  });
});
