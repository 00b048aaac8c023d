import { Interface } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler, type PauseInputs } from '@cutover/chain/evm/pause-handler.ts';
import { facetSetCuts } from '@cutover/chain/plan/cut/facet-set.ts';
import { zeroAddress } from '@cutover/chain/plan/cut/selector.ts';
import { startFaultyNode } from '../faulty-node.ts';
import { created, sendFrom } from '../handler-kit.ts';
import { networkOf } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { refusal } from '../refusal.ts';
import { accountAt, act, approve, brought, facetOf, keyOf, newSafe, sentDuring, view } from './change-kit.ts';

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

function newSwitch(owner = accountAt(0)): Promise<string> {
  return brought(node, ['test/fixtures/solidity/Switch.sol', 'Switch'], [owner], `switch ${contracts++}`);
}

/** A diamond with this project's facets. */
async function newDiamond(): Promise<string> {
  const facets = [];
  for (const name of ['DiamondCutFacet', 'DiamondLoupeFacet', 'OwnershipFacet', 'PausableFacet']) {
    facets.push(await facetOf(node, `chain/contracts/diamond/${name}.sol`, name));
  }
  // supportsInterface is in two of them.
  const [cut, loupe, ...others] = facets.map((facet) => ({
    ...facet,
    functions: facet.functions.filter(
      ({ signature }) => facet.name === 'DiamondLoupeFacet' || signature !== 'supportsInterface(bytes4)',
    ),
  }));
  if (cut === undefined || loupe === undefined) throw new Error('no facets');
  const cuts = facetSetCuts({ name: 'all', facets: [cut, loupe, ...others] });
  const args = [accountAt(0), cuts, zeroAddress, '0x'];
  return brought(node, ['chain/contracts/diamond/Diamond.sol', 'Diamond'], args, `diamond ${contracts++}`);
}

function wanted(contract: string, paused: boolean, more: Partial<PauseInputs> = {}): PauseInputs {
  return { title: 'Switch', contract, paused, network: networkOf(node), authority: keyOf(0), ...more };
}

const isPaused = (contract: string): Promise<unknown> => view(node, contract, 'paused() view returns (bool)');

describe.each([
  ['a contract with Pausable of OpenZeppelin', newSwitch],
  ['a diamond', newDiamond],
] as const)('the pause of %s', (_, newContract) => {
  it('is left alone while it runs, and a second run sends nothing', async () => {
    const contract = await newContract();
    const sent = await sentDuring(node, async () => {
      const pause = await created(handler, wanted(contract, false));
      expect(pause.state).toMatchObject({ isPaused: false, drift: [] });
      expect(await pause.diff(wanted(contract, false))).toBe(false);
    });
    expect(sent).toBe(0);
  });

  it('begins and ends as the program wants, again and again', async () => {
    const contract = await newContract();
    const pause = await created(handler, wanted(contract, false));
    for (const paused of [true, false, true, false]) {
      told = [];
      expect(await pause.diff(wanted(contract, paused))).toBe(true);
      expect(told.join('\n')).toContain(paused ? '~ runs -> paused' : '~ paused -> runs');
      expect(await sentDuring(node, () => pause.update(wanted(contract, paused)))).toBe(1);
      expect(await isPaused(contract)).toBe(paused);
      expect(pause.state).toMatchObject({ isPaused: paused, drift: [] });
      expect(await pause.diff(wanted(contract, paused))).toBe(false);
    }
  });
});

describe("somebody's pause in an emergency", () => {
  it('is not ended by an update that wants the contract to run: it is told, each time', async () => {
    const contract = await newSwitch();
    const runs = wanted(contract, false);
    const pause = await created(handler, runs);
    await act(node, 0, contract, 'pause()');
    for (let times = 0; times < 2; times++) {
      told = [];
      expect(await pause.diff(runs)).toBe(false);
      expect(told.join('\n')).toMatch(/it is paused, by somebody else than this program: it stays so/);
      // Something else may have changed, so that the engine updates all the same.
      const renamed = wanted(contract, false, { title: `Switch ${times}` });
      expect(await sentDuring(node, () => pause.update(renamed))).toBe(0);
      expect(pause.state.drift).toHaveLength(1);
      await pause.update(runs);
    }
    expect((await pause.read())?.drift).toHaveLength(1);
    expect(await isPaused(contract)).toBe(true);

    // Whoever paused resumes: nothing is left to tell.
    await act(node, 0, contract, 'unpause()');
    expect(await pause.diff(runs)).toBe(true);
    await pause.update(runs);
    expect(pause.state.drift).toEqual([]);
  });

  it('is not ended by a create that finds it', async () => {
    const contract = await newSwitch();
    await act(node, 0, contract, 'pause()');
    const pause = await created(handler, wanted(contract, false));
    expect(told.join('\n')).toContain('it stays so');
    expect(pause.state.drift).toHaveLength(1);
    expect(await isPaused(contract)).toBe(true);
  });

  it('is ended when the program has wanted it for one update, and wants it no more', async () => {
    const contract = await newSwitch();
    const pause = await created(handler, wanted(contract, false));
    await act(node, 0, contract, 'pause()');
    expect(await sentDuring(node, () => pause.update(wanted(contract, true)))).toBe(0);
    expect(await sentDuring(node, () => pause.update(wanted(contract, false)))).toBe(1);
    expect(await isPaused(contract)).toBe(false);
  });

  it('stays although the update before it was killed when it had just resumed', async () => {
    const contract = await newSwitch();
    const pause = await created(handler, wanted(contract, true));
    // The engine died behind the resumption, so the state still wants the pause. Then an emergency came.
    await act(node, 0, contract, 'unpause()');
    await act(node, 0, contract, 'pause()');
    expect(await sentDuring(node, () => pause.update(wanted(contract, false)))).toBe(0);
    expect(pause.state.drift).toHaveLength(1);
    expect(await isPaused(contract)).toBe(true);
  });
});

describe('the pause as a resource', () => {
  it('resumes once more where the program wants a pause and somebody ended it: that is drift', async () => {
    const contract = await newSwitch();
    const pause = await created(handler, wanted(contract, true));
    await act(node, 0, contract, 'unpause()');
    expect((await pause.read())?.drift).toEqual(['it was resumed by somebody']);
    expect(await pause.diff(wanted(contract, true))).toBe(true);
    await pause.update(wanted(contract, true));
    expect(await isPaused(contract)).toBe(true);
  });

  it('finds its own work after a kill between the call and the state', async () => {
    const contract = await newSwitch();
    await created(handler, wanted(contract, true));
    expect(await sentDuring(node, () => created(handler, wanted(contract, true)))).toBe(0);
  });

  it('is refused to a key that may not, with who may', async () => {
    const contract = await newSwitch();
    const error = await refusal(created(handler, wanted(contract, true, { authority: keyOf(5) })));
    expect(error.code).toBe('CUT-2252');
    expect(error.message).toContain(`The owner of ${contract} is ${accountAt(0)}`);
  });

  it('is begun by one authority and ended by another where they differ', async () => {
    const contract = await newSwitch();
    const apart = { authority: keyOf(0), resumes: keyOf(5) };
    const pause = await created(handler, wanted(contract, true, apart));
    expect(await isPaused(contract)).toBe(true);
    const error = await refusal(pause.update(wanted(contract, false, apart)));
    expect(error.message).toContain(`The owner of ${contract} is ${accountAt(0)}`);
    await act(node, 0, contract, 'transferOwnership(address)', [accountAt(5)]);
    const sent = sentDuring(node, () => pause.update(wanted(contract, false, apart)), 5);
    expect(await sent).toBe(1);
    expect(await isPaused(contract)).toBe(false);
  });

  it('is refused where nothing can be paused', async () => {
    const setting = await brought(node, ['test/fixtures/solidity/Setting.sol', 'Setting'], [accountAt(0)]);
    expect((await refusal(created(handler, wanted(setting, false)))).code).toBe('CUT-2341');
  });

  it('is taken as unchanged while no endpoint answers', async () => {
    const contract = await newSwitch();
    const front = await startFaultyNode(node);
    const runs = wanted(contract, false, { network: networkOf(front) });
    const pause = await created(handler, runs);
    await front.stop();
    told = [];
    expect(await pause.diff(runs)).toBe(false);
    expect(told.join('\n')).toMatch(/^warning: the pause of Switch .* could not be looked at/);
  });
});

describe('a pause through a Safe', () => {
  it('ends over several updates, and begins again', async () => {
    const authority = await newSafe(node, [1, 2, 3], 2);
    const { address: safe } = authority;
    const contract = await newSwitch(safe);
    const [paused, runs] = [wanted(contract, true, { authority }), wanted(contract, false, { authority })];
    const pause = await created(handler, paused);
    const carry = async (inputs: PauseInputs): Promise<void> => {
      await pause.update(inputs);
      await approve(node, authority.folder, 1);
      await pause.update(inputs);
      expect(Object.values(pause.state.progress)).toMatchObject([{ kind: 'proposed', stage: 'approvals' }]);
      await approve(node, authority.folder, 3);
      expect(await pause.diff(inputs)).toBe(true);
      await pause.update(inputs);
      expect(await isPaused(contract)).toBe(inputs.paused);
      expect(await pause.diff(inputs)).toBe(false);
    };
    // Each is the same call as two before it, and a proposal of its own.
    for (const inputs of [paused, runs, paused, runs]) await carry(inputs);
  });

  it('that was resumed and then paused by its owners in between is left alone', async () => {
    const authority = await newSafe(node, [4], 1);
    const { address: safe } = authority;
    const contract = await newSwitch(safe);
    await node.provider.send('anvil_impersonateAccount', [safe]);
    await node.provider.send('anvil_setBalance', [safe, '0xde0b6b3a7640000']);
    const pause = await created(handler, wanted(contract, true, { authority }));
    await approve(node, authority.folder, 4);
    await pause.update(wanted(contract, true, { authority }));
    expect(await isPaused(contract)).toBe(true);

    const runs = wanted(contract, false, { authority });
    await pause.update(runs);
    expect(Object.values(pause.state.progress)).toMatchObject([{ kind: 'proposed' }]);
    expect((await pause.read())?.drift).toEqual([]);
    // The owners resume by another way than the proposal, and then an emergency comes.
    const pausable = new Interface(['function pause()', 'function unpause()']);
    for (const name of ['unpause', 'pause']) {
      await sendFrom(node, safe, { to: contract, data: pausable.encodeFunctionData(name) });
    }
    await pause.update(runs);
    expect(pause.state.drift).toHaveLength(1);
    expect(pause.state.progress).toEqual({});
    expect(await isPaused(contract)).toBe(true);
  });
});

describe('a contract that comes to be between two questions about it', () => {
  it.each([1, 2])(
    'is asked once more, and taken for what it is when it fits (misses: %i)',
    async (misses) => {
      const contract = await newSwitch();
      let missed = 0;
      const front = await startFaultyNode(node, ({ method }) =>
        method === 'eth_call' && missed++ < misses ? { kind: 'swallow', answer: () => '0x' } : undefined,
      );
      try {
        const inputs = { ...wanted(contract, false), network: networkOf(front) };
        const check = handler.check?.({}, inputs) ?? Promise.resolve();
        if (misses === 1) await check;
        else expect((await refusal(check)).code).toBe('CUT-2341');
      } finally {
        await front.stop();
      }
    },
  );
});
