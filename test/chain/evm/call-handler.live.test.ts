import { Interface } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler, type CallInputs } from '@cutover/chain/evm/call-handler.ts';
import { checkCall, readAbi } from '@cutover/chain/plan/call.ts';
import { checkExpectation } from '@cutover/chain/plan/expectation.ts';
import { startFaultyNode } from '../faulty-node.ts';
import { created, sendFrom } from '../handler-kit.ts';
import { networkOf } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { refusal } from '../refusal.ts';
import { accountAt, act, approve, brought, keyOf, newSafe, sentDuring, view } from './change-kit.ts';

const setting = [
  'function set(uint256 value_)',
  'function setMost(uint256 most_)',
  'function value() view returns (uint256)',
  'function times() view returns (uint256)',
  'function owner() view returns (address)',
  'error TooHigh(uint256 given, uint256 most)',
];

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

function newSetting(owner = accountAt(0)): Promise<string> {
  const source = ['test/fixtures/solidity/Setting.sol', 'Setting'] as const;
  return brought(node, source, [owner], `setting ${contracts++}`);
}

/** Sets the figure, and expects what `after` says. */
function wanted(
  to: string,
  value: number,
  more: Partial<CallInputs> = {},
  after: { view: string; returns: unknown } = { view: 'value', returns: value },
): CallInputs {
  const read = readAbi(setting);
  if (read.kind === 'wrong') throw new Error(read.problems.join());
  const call = checkCall(read.abi, { function: 'set', args: [value] });
  const view = checkExpectation(read.abi, after);
  if (call.kind === 'wrong' || view.kind === 'wrong') throw new Error('wrong');
  return {
    ...{ title: 'set the figure', to, ...call.call, again: 'tell' },
    postcondition: { ...view.view, of: to },
    network: networkOf(node),
    authority: keyOf(0),
    ...more,
  };
}

const value = (contract: string): Promise<unknown> => view(node, contract, 'value() view returns (uint256)');
const times = (contract: string): Promise<unknown> => view(node, contract, 'times() view returns (uint256)');

describe('a call that is made once', () => {
  it('is shown in words, made, and not made again', async () => {
    const contract = await newSetting();
    const call = await created(handler, wanted(contract, 42));
    expect(told.join('\n')).toContain(`${contract}: set(value_: 42)`);
    expect(told.join('\n')).toContain('value() is 0; expected 42');
    expect(await value(contract)).toBe(42n);
    expect(await call.diff(wanted(contract, 42))).toBe(false);
    await call.update(wanted(contract, 42));
    expect(await times(contract)).toBe(1n);
  });

  it('is not made where what it brings about holds: by others, or by itself before it was killed', async () => {
    const contract = await newSetting();
    await act(node, 0, contract, 'set(uint256)', [42]);
    const call = await created(handler, wanted(contract, 42));
    expect(call.state.held).toMatch(/^0x/);
    await created(handler, wanted(contract, 42));
    expect(await times(contract)).toBe(1n);
  });

  it('is another when it says something else, and then made as well', async () => {
    const contract = await newSetting();
    const call = await created(handler, wanted(contract, 42));
    expect(await call.diff(wanted(contract, 43))).toBe(true);
    await call.update(wanted(contract, 43));
    expect(await value(contract)).toBe(43n);
  });

  it('is told as drift when somebody undoes it, and not made again', async () => {
    const contract = await newSetting();
    const call = await created(handler, wanted(contract, 42));
    await act(node, 0, contract, 'set(uint256)', [7]);
    const words = 'value() is 7; expected 42; it held before, and the call is not made again';
    expect((await call.read())?.drift).toEqual([words]);
    for (let runs = 0; runs < 2; runs++) {
      told = [];
      expect(await call.diff(wanted(contract, 42))).toBe(false);
      expect(told.join('\n')).toContain(words);
      expect(await sentDuring(node, () => call.update(wanted(contract, 42)))).toBe(0);
      expect(call.state.drift).toEqual([words]);
    }
    await act(node, 0, contract, 'set(uint256)', [42]);
    expect(await call.diff(wanted(contract, 42))).toBe(true);
    await call.update(wanted(contract, 42));
    expect(call.state.drift).toEqual([]);
  });

  it("is made again where that is meant: again: 'whenever it does not hold'", async () => {
    const contract = await newSetting();
    const again = wanted(contract, 42, { again: 'whenever it does not hold' });
    const call = await created(handler, again);
    await act(node, 0, contract, 'set(uint256)', [7]);
    expect(await call.diff(again)).toBe(true);
    expect(await sentDuring(node, () => call.update(again))).toBe(1);
    expect(await value(contract)).toBe(42n);
  });

  it('is an error when it did not bring about what it should', async () => {
    const contract = await newSetting();
    const useless = wanted(contract, 42, {}, { view: 'times', returns: 5 });
    const error = await refusal(created(handler, useless));
    expect(error.code).toBe('CUT-2331');
    expect(error.message).toContain('times() is 1; expected 5');
  });

  it("is refused before it is sent, with the contract's own error or with who may", async () => {
    const contract = await newSetting();
    const tooHigh = await refusal(created(handler, wanted(contract, 101)));
    expect(tooHigh.code).toBe('CUT-2252');
    expect(tooHigh.message).toContain('TooHigh(101, 100)');
    const stranger = await refusal(created(handler, wanted(contract, 42, { authority: keyOf(5) })));
    expect(stranger.message).toContain(`The owner of ${contract} is ${accountAt(0)}`);
    expect(await times(contract)).toBe(0n);
  });

  it('is refused where no contract is, or what is given is no address', async () => {
    const contract = await newSetting();
    const wrong = wanted(contract, 42, { to: '0x12' });
    expect((await refusal(created(handler, wrong))).code).toBe('CUT-2344');
  });

  it('is taken as unchanged while no endpoint answers', async () => {
    const contract = await newSetting();
    const front = await startFaultyNode(node);
    const same = wanted(contract, 42, { network: networkOf(front) });
    const call = await created(handler, same);
    await front.stop();
    told = [];
    expect(await call.diff(same)).toBe(false);
    expect(told.join('\n')).toMatch(/^warning: the call "set the figure" .* could not be looked at/);
  });

  it('comes through a Safe over several updates, and is withdrawn when it is needed no more', async () => {
    const authority = await newSafe(node, [1, 2], 2);
    const { address: safe } = authority;
    const contract = await newSetting(safe);
    const inputs = wanted(contract, 42, { authority });
    const call = await created(handler, inputs);
    expect(call.state.held).toBeUndefined();
    await approve(node, authority.folder, 1);
    await call.update(inputs);
    expect(Object.values(call.state.progress)).toMatchObject([{ kind: 'proposed', stage: 'approvals' }]);
    await approve(node, authority.folder, 2);
    await call.update(inputs);
    expect(await value(contract)).toBe(42n);
    expect(call.state.held).toMatch(/^0x/);
    expect(await call.diff(inputs)).toBe(false);

    const next = wanted(contract, 50, { authority });
    await call.update(next);
    // The owners do it by another way than the proposal.
    await node.provider.send('anvil_impersonateAccount', [safe]);
    await node.provider.send('anvil_setBalance', [safe, '0xde0b6b3a7640000']);
    const data = new Interface(setting).encodeFunctionData('set', [50]);
    await sendFrom(node, safe, { to: contract, data });
    told = [];
    await call.update(next);
    expect(told.join('\n')).toContain('what was proposed holds; nothing waits any more');
    expect(call.state.progress).toEqual({});
    expect(await times(contract)).toBe(2n);
  });
});
