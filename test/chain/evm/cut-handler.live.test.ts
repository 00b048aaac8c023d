import { Interface } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { loadArtifact } from '@cutover/chain/evm/artifacts.ts';
import { handler as contractHandler } from '@cutover/chain/evm/contract-handler.ts';
import { handler, type CutInputs } from '@cutover/chain/evm/cut-handler.ts';
import type { CompactLayout } from '@cutover/chain/plan/layout/compact.ts';
import { prepareContract } from '@cutover/chain/evm/prepare.ts';
import { facetFunctions } from '@cutover/chain/plan/cut/facet-interface.ts';
import { functionRecord } from '@cutover/chain/plan/cut/record.ts';
import type { WantedFacet } from '@cutover/chain/plan/cut/wanted.ts';
import { startFaultyNode } from '../faulty-node.ts';
import { created, deployPlainly, sendFrom, type Managed } from '../handler-kit.ts';
import { networkOf } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { refusal } from '../refusal.ts';

type TestFacet = WantedFacet & { readonly name: string; readonly layout: CompactLayout | null };

const owner = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const stranger = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const greeter = new Interface([
  'function greet() view returns (string)',
  'function greetTwice() view returns (string)',
  'function changes() view returns (uint256)',
  'function setGreeting(string)',
  'function init(string)',
]);

let node: LocalNode;
let told: string[];
let facets: Record<'v1' | 'v2' | 'moved' | 'rival', TestFacet>;
let init: { readonly address: string };

beforeAll(async () => {
  node = await startLocalNode();
  const deploy = async (contract: string): Promise<{ readonly address: string }> => {
    const artifact = { kind: 'source', source: 'test/fixtures/solidity/Greeters.sol', contract } as const;
    const prepared = await prepareContract({ artifact, salt: 'test' });
    await created(contractHandler, {
      ...prepared,
      network: networkOf(node),
      signer: { kind: 'local', account: 0 },
    });
    return prepared;
  };
  const facet = async (contract: string): Promise<TestFacet> => {
    const { abi, storageLayout } = await loadArtifact({
      kind: 'source',
      source: 'test/fixtures/solidity/Greeters.sol',
      contract,
    });
    const functions = facetFunctions(abi);
    if (functions.kind === 'wrong') throw new Error(functions.problems.join());
    return {
      name: contract,
      address: (await deploy(contract)).address,
      functions: functions.functions,
      layout: storageLayout ?? null,
    };
  };
  facets = {
    v1: await facet('GreeterFacet'),
    v2: await facet('GreeterFacetV2'),
    moved: await facet('GreeterFacetMoved'),
    rival: await facet('RivalFacet'),
  };
  init = await deploy('GreeterInit');
}, 120_000);
afterAll(() => node.stop());
beforeEach(() => {
  told = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void told.push(line));
});
afterEach(() => void vi.restoreAllMocks());

/** A diamond of @solidstate/contracts, deployed as its users do it. */
function foreignDiamond(from = owner): Promise<string> {
  return deployPlainly(
    node,
    { kind: 'source', source: 'test/fixtures/solidity/ForeignDiamond.sol', contract: 'ForeignDiamond' },
    from,
  );
}

function wanted(diamond: string, served: readonly TestFacet[], more: Partial<CutInputs> = {}): CutInputs {
  return {
    title: 'Greeter',
    diamond,
    routes: functionRecord(served),
    unwanted: 'keep',
    untouched: [],
    mayLack: [],
    layouts: Object.fromEntries(served.map(({ name, layout }) => [name, layout])),
    allow: [],
    sends: 'changes',
    network: networkOf(node),
    authority: { kind: 'key', signer: { kind: 'local', account: 0 } },
    ...more,
  };
}

async function ask(diamond: string, fn: string): Promise<unknown> {
  const data = await node.provider.call({ to: diamond, data: greeter.encodeFunctionData(fn) });
  return greeter.decodeFunctionResult(fn, data)[0] as unknown;
}

const serves = ({ state }: Managed<CutInputs, { serves: Readonly<Record<string, string>> } & CutInputs>) =>
  Object.keys(state.serves).filter((signature) => signature in greeterFunctions);
const greeterFunctions = { 'greet()': 1, 'greetTwice()': 1, 'changes()': 1, 'setGreeting(string)': 1 };

describe("a diamond of somebody else's package", () => {
  it('is adopted: what differs is shown, and nothing is sent', async () => {
    const diamond = await foreignDiamond();
    const before = await node.provider.getTransactionCount(owner);
    const adopted = await created(handler, wanted(diamond, [], { sends: 'nothing' }));
    expect(adopted.state.serves).toMatchObject({
      'diamondCut((address,uint8,bytes4[])[],address,bytes)': `the diamond itself ${diamond}`,
      'owner()': `the diamond itself ${diamond}`,
    });
    expect(await adopted.diff(wanted(diamond, [], { sends: 'nothing' }))).toBe(false);
    const more = wanted(diamond, [facets.v1], { sends: 'nothing' });
    await adopted.update(more);
    expect(adopted.state.drift.join('\n')).toMatch(/\+ greet\(\) .*GreeterFacet 0x/);
    expect(await node.provider.getTransactionCount(owner)).toBe(before);
  });

  it('is cut, shows drift, and is rolled back', async () => {
    const diamond = await foreignDiamond();
    const cut = await created(
      handler,
      wanted(diamond, [facets.v1], {
        initializer: {
          address: init.address,
          calldata: greeter.encodeFunctionData('init', ['hello']),
          gas: '500000',
          words: `init("hello") at ${init.address}`,
        },
      }),
    );
    expect(await ask(diamond, 'greet')).toBe('hello');
    expect(serves(cut)).toEqual(['changes()', 'greet()', 'setGreeting(string)']);
    const { initializer } = cut.state;
    const kept = initializer === undefined ? {} : { initializer };
    expect(await cut.diff(wanted(diamond, [facets.v1], kept))).toBe(false);

    // To the second version: one line a function.
    told = [];
    expect(await cut.diff(wanted(diamond, [facets.v2], { ...kept, unwanted: 'remove', untouched: [] }))).toBe(
      true,
    );
    const shown = told.join('\n');
    expect(shown).toMatch(/- changes\(\)/);
    expect(shown).toMatch(/~ greet\(\) .*0x.* -> .*0x/);
    expect(shown).toMatch(/\+ greetTwice\(\)/);
    expect(shown).toMatch(/gas, .* ETH at .* gwei now/);
    await cut.update(wanted(diamond, [facets.v2], { ...kept, unwanted: 'remove' }));
    expect(await ask(diamond, 'greet')).toBe('hello!');
    expect(await ask(diamond, 'greetTwice')).toBe('hellohello');
    expect(cut.state.before).toMatchObject({
      'changes()': expect.stringContaining('GreeterFacet 0x') as string,
    });

    // Somebody cuts by hand.
    const { encodeDiamondCut } = await import('@cutover/chain/plan/cut/diamond-call.ts');
    const facetCuts = [
      { facetAddress: facets.rival.address, action: 1, functionSelectors: ['0xcfae3217'] },
    ] as const;
    await sendFrom(node, owner, {
      to: diamond,
      data: encodeDiamondCut({ facetCuts, initializer: undefined }),
    });
    const seen = await cut.read();
    expect(seen?.drift.join('\n')).toMatch(/greet\(\)/);

    // And back to the first version, by what the state recorded of it.
    await cut.update(wanted(diamond, [facets.v1], { ...kept, unwanted: 'remove' }));
    expect(await ask(diamond, 'greet')).toBe('hello');
    expect(serves(cut)).toEqual(['changes()', 'greet()', 'setGreeting(string)']);
    expect(cut.state.drift).toEqual([]);
  });

  it('is not given to a stranger: the refusal says who may, and nothing was sent', async () => {
    const diamond = await foreignDiamond(stranger);
    const error = await refusal(created(handler, wanted(diamond, [facets.v1])));
    expect(error.message).toContain(stranger);
    expect(error.message).toMatch(/owner/i);
  });

  it('keeps its own functions: a facet that wants one is refused at preview', async () => {
    const diamond = await foreignDiamond();
    const own = {
      name: 'Thief',
      address: facets.v1.address,
      functions: [{ selector: '0x8da5cb5b', signature: 'owner()' }],
      layout: null,
    };
    const error = await refusal(
      (handler.check ?? (() => Promise.reject(new Error('no check'))))({}, wanted(diamond, [own])),
    );
    expect(error.code).toBe('CUT-2101');
    expect(error.message).toContain('owner()');
  });
});

describe('an address without a loupe', () => {
  it('is refused with what it does instead', async () => {
    const noDiamond = await refusal(created(handler, wanted(init.address, [facets.v1])));
    expect(noDiamond.code).toBe('CUT-2333');
    expect(noDiamond.message).toContain('it reverted without a reason');
    const nobody = await refusal(created(handler, wanted(facets.rival.address, [facets.v1])));
    expect(nobody.code).toBe('CUT-2333');
  });

  it('is told from a node that cannot answer', async () => {
    const diamond = await foreignDiamond();
    const faulty = await startFaultyNode(node, ({ method }) =>
      method === 'eth_call' ? { kind: 'refuse', message: 'missing trie node 0xabcd' } : undefined,
    );
    onTestFinished(() => faulty.stop());
    const inputs = wanted(diamond, [facets.v1], { network: networkOf(faulty) });
    const error = await refusal(created(handler, inputs));
    expect(error.message).toContain('the node says: missing trie node 0xabcd');
  });
});

describe('storage of the diamond', () => {
  it('that a facet would read differently is shown with its slot and refused, unless that is meant', async () => {
    const diamond = await foreignDiamond();
    const cut = await created(handler, wanted(diamond, [facets.v1]));
    const moved = wanted(diamond, [facets.moved], { unwanted: 'remove' });
    const error = await refusal(cut.diff(moved));
    expect(error.code).toBe('CUT-2150');
    expect(error.exit).toBe(3);
    expect(error.message).toMatch(/greeting/);
    const allow = [...error.message.matchAll(/"([a-z]+:[^"]+)"/g)].map(([, text = '']) => text);
    expect(allow).not.toEqual([]);
    told = [];
    expect(await cut.diff({ ...moved, allow })).toBe(true);
    expect(told.join('\n')).toMatch(
      /- setGreeting\(string\)[\s\S]*~ greet\(\)[\s\S]*\+ reset\(\)[\s\S]*\(allowed\)/,
    );
  });

  it('that only grows at its end or stays is no reason to refuse', async () => {
    const diamond = await foreignDiamond();
    const cut = await created(handler, wanted(diamond, [facets.v1]));
    expect(await cut.diff(wanted(diamond, [facets.v2], { unwanted: 'remove' }))).toBe(true);
  });
});

describe('an initialiser', () => {
  const call = (greeting: string): NonNullable<CutInputs['initializer']> => ({
    address: init.address,
    calldata: greeter.encodeFunctionData('init', [greeting]),
    gas: '500000',
    words: 'init',
  });

  it('runs once, also when the update was cut off before the state was written', async () => {
    const diamond = await foreignDiamond();
    const inputs = wanted(diamond, [facets.v1], { initializer: call('hello') });
    await created(handler, inputs);
    // The engine died here: it knows nothing, and creates again. A second run would revert.
    const again = await created(handler, inputs);
    expect(await again.diff(inputs)).toBe(false);
    expect(again.state.initialized).toBeDefined();
  });

  it('that reverts is refused with its own words, and nothing is cut', async () => {
    const diamond = await foreignDiamond();
    await created(handler, wanted(diamond, [facets.v1], { initializer: call('hello') }));
    const second = wanted(diamond, [facets.v1], { initializer: call('again') });
    const error = await refusal(created(handler, second));
    expect(error.message).toMatch(/NotAgain|0x/);
    expect(await ask(diamond, 'greet')).toBe('hello');
  });
});
