import { spawn, type ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { UNKNOWN } from '@cutover/base/dispatch.ts';
import { loadArtifact } from '@cutover/chain/evm/artifacts.ts';
import { compileSource } from '@cutover/chain/evm/compile.ts';
import { handler, type ContractInputs, type ContractState } from '@cutover/chain/evm/contract-handler.ts';
import { encodeInitCode, prepareContract, type PrepareArgs } from '@cutover/chain/evm/prepare.ts';
import { callView } from '@cutover/chain/evm/view.ts';
import { deploymentCall, deploymentProxy } from '@cutover/chain/plan/address.ts';
import { keeper, networkOf, vaultArgs } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { refusal } from '../refusal.ts';

let node: LocalNode;
let told: string[];
beforeAll(async () => {
  await compileSource({ ...vaultArgs.artifact, log: () => undefined });
  node = await startLocalNode();
});
afterAll(() => node.stop());
beforeEach(() => {
  told = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void told.push(line));
});
afterEach(() => void vi.restoreAllMocks());

async function inputs(
  change: Partial<PrepareArgs> = {},
  on: Pick<LocalNode, 'url' | 'chainId'> = node,
): Promise<ContractInputs> {
  const prepared = await prepareContract({
    ...vaultArgs,
    expects: [
      { view: 'keeper', returns: keeper },
      { view: 'isKeeper', args: [keeper], returns: true },
    ],
    ...change,
  });
  return asOnTheWire({ ...prepared, network: networkOf(on), signer: { kind: 'local', account: 0 } });
}

/** The engine hands values over as JSON. */
function asOnTheWire<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

async function created(wanted: ContractInputs): Promise<{ id: string; state: ContractState }> {
  const { id, outs } = await handler.create(wanted);
  return { id, state: asOnTheWire(outs) };
}

const diff = (olds: ContractState, news: ContractInputs): Promise<unknown> =>
  (handler.diff ?? fail)('id', olds, news);
const read = (olds: ContractState): ReturnType<NonNullable<typeof handler.read>> =>
  (handler.read ?? fail)('id', olds);
const update = (olds: ContractState, news: ContractInputs): Promise<{ outs: ContractState }> =>
  (handler.update ?? fail)('id', olds, news);
const fail = (): never => {
  throw new Error('not implemented');
};

describe('a contract as a resource', () => {
  it('is created with what state needs to know, and no code', async () => {
    const wanted = await inputs();
    const { id, state } = await created(wanted);
    expect(id).toBe(`eip155:31337:${wanted.address}`);
    expect(state).toMatchObject({
      ...wanted,
      drift: [],
      deployer: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
    });
    expect(state.immutables['keeper']).toContain(keeper.slice(2).toLowerCase());
    expect(JSON.stringify(state).length).toBeLessThan(2_500);
  });

  it('is found by a second create', async () => {
    const wanted = await inputs({ salt: 'second' });
    const first = await created(wanted);
    const second = await created(wanted);
    expect(second.id).toBe(first.id);
    expect(second.state.transactionHash).toBeUndefined();
  });

  it('is the same as long as nothing changes, and says nothing', async () => {
    const wanted = await inputs();
    const { state } = await created(wanted);
    told.length = 0;
    expect(await diff(state, wanted)).toEqual({ changes: false });
    expect(told).toEqual([]);
    expect(await read(state)).toEqual({ id: 'id', props: state, inputs: wanted });
  });

  it('is another contract with other arguments or another salt', async () => {
    const { state } = await created(await inputs());
    const otherArgs = await inputs({ args: { ...vaultArgs.args, label_: `0x${'01'.repeat(32)}` } });
    expect(await diff(state, otherArgs)).toEqual({ changes: true, replaces: ['initCodeHash'] });
    expect(await diff(state, await inputs({ salt: 'other' }))).toEqual({ changes: true, replaces: ['salt'] });
    const elsewhere = { ...(await inputs()), network: { ...networkOf(node), chainId: 31338 } };
    expect(await diff(state, elsewhere)).toEqual({ changes: true, replaces: ['network'] });
  });

  it('stays when only the signer or the endpoints change', async () => {
    const wanted = await inputs();
    const { state } = await created(wanted);
    const changed: ContractInputs = { ...wanted, signer: { kind: 'env', name: 'NO_SUCH_KEY' } };
    expect(await diff(state, changed)).toEqual({ changes: true });
    // Nothing is signed, so the key is not even read.
    const { outs } = await update(state, changed);
    expect(asOnTheWire(outs)).toEqual({ ...state, signer: changed.signer });
  });

  it('is looked at where it was when the endpoint is known only after the update', async () => {
    const wanted = await inputs();
    const { state } = await created(wanted);
    const unknown = { ...wanted, network: { ...wanted.network, endpoints: [{ url: UNKNOWN }] } };
    expect(await diff(state, unknown)).toEqual({ changes: false });
    expect(told.filter((line) => line.startsWith('warning'))).toEqual([]);
  });

  it('is forgotten, not deleted', async () => {
    const { state } = await created(await inputs());
    await handler.delete?.('id', state);
    expect(told.at(-1)).toBe(
      `forgotten: Vault at ${state.address} on test (chain 31337) stays on the chain; a contract cannot be deleted`,
    );
    expect(await node.provider.getCode(state.address)).not.toBe('0x');
  });
});

describe('drift of a contract', () => {
  it('whose chain lost its state: it is deployed again at the same address', async () => {
    const first = await startLocalNode();
    const wanted = await inputs({}, first);
    const { state } = await created(wanted);
    await first.stop();
    const again = await startLocalNode({ port: Number(new URL(first.url).port) });
    try {
      told.length = 0;
      expect(await diff(state, wanted)).toEqual({ changes: true });
      expect(told).toEqual([
        expect.stringContaining(
          `drift: Vault at ${wanted.address} on test (chain 31337) is gone from the chain`,
        ),
      ]);
      expect(await read(state)).toEqual({});
      const { outs } = await update(state, wanted);
      expect(outs).toMatchObject({ address: wanted.address, drift: [] });
      expect(await again.provider.getCode(wanted.address)).not.toBe('0x');
      expect(await diff(asOnTheWire(outs), wanted)).toEqual({ changes: false });
    } finally {
      await again.stop();
    }
  });

  it('whose code was changed: it is told and refused, never overwritten', async () => {
    const wanted = await inputs({ salt: 'changed' });
    const { state } = await created(wanted);
    await node.provider.send('anvil_setCode', [wanted.address, '0x6001']);
    told.length = 0;
    expect(await diff(state, wanted)).toEqual({ changes: true });
    expect(told).toEqual([expect.stringContaining('other code is there')]);
    expect((await refusal(update(state, wanted))).code).toBe('CUT-2056');
    const { props } = await read(state);
    expect(props?.drift).toEqual([expect.stringContaining('other code is there')]);
    // A refresh puts that into the state; the next preview still shows it.
    expect(await diff(props ?? state, wanted)).toEqual({ changes: true });
  });

  it('whose state is no longer as expected: it is told and refused', async () => {
    const wanted = await inputs({
      salt: 'expected',
      expects: [{ view: 'limits', args: [keeper], returns: 0 }],
    });
    const { state } = await created(wanted);
    // The limit of the keeper, in the mapping at slot 1.
    const { keccak256, AbiCoder, toBeHex } = await import('ethers');
    const slot = keccak256(AbiCoder.defaultAbiCoder().encode(['address', 'uint256'], [keeper, 1]));
    await node.provider.send('anvil_setStorageAt', [wanted.address, slot, toBeHex(5, 32)]);
    const { props } = await read(state);
    expect(props?.drift).toEqual([`limits(${keeper}) is 5; expected 0`]);
    told.length = 0;
    expect(await diff(props ?? state, wanted)).toEqual({ changes: true });
    expect(told).toEqual([expect.stringContaining('is 5; expected 0')]);
    expect((await refusal(update(state, wanted))).code).toBe('CUT-2058');
    await node.provider.send('anvil_setStorageAt', [wanted.address, slot, toBeHex(0, 32)]);
    expect((await update(props ?? state, wanted)).outs.drift).toEqual([]);
  });
});

describe('a node that does not answer', () => {
  let hanging: ChildProcess | undefined;
  afterEach(() => void hanging?.kill('SIGKILL'));

  it('is told, and no change is claimed', async () => {
    const gone = await startLocalNode();
    const wanted = await inputs({}, gone);
    const { state } = await created(wanted);
    await gone.stop();
    told.length = 0;
    expect(await diff(state, wanted)).toEqual({ changes: false });
    expect(told).toEqual([expect.stringContaining('warning: Vault at')]);
    expect(await read(state)).toMatchObject({ id: 'id', props: state });
    expect((await refusal(handler.create(wanted))).code).toBe('CUT-2030');
  });

  it('does not hold up a preview when it hangs', async () => {
    const stuck = await startLocalNode();
    const wanted = await inputs({}, stuck);
    const { state } = await created(wanted);
    hanging = spawn('kill', ['-STOP', String(stuck.pid)]);
    await new Promise((resolve) => hanging?.once('exit', resolve));
    const started = performance.now();
    expect(await diff(state, wanted)).toEqual({ changes: false });
    expect(performance.now() - started).toBeLessThan(20_000);
    await stuck.stop();
  });
});

describe('a contract that is not as it must be', () => {
  it('is refused after its deployment, again and again, until it is put right', async () => {
    const wanted = await inputs({
      salt: 'unmet',
      expects: [
        { view: 'keeper', returns: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC' },
        { view: 'isKeeper', args: [keeper], returns: true },
      ],
    });
    for (let run = 0; run < 2; run++) {
      const error = await refusal(handler.create(wanted));
      expect(error).toMatchObject({ code: 'CUT-2058', exit: 3 });
      expect(error.message).toContain(
        `keeper() is ${keeper}; expected 0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC`,
      );
    }
    const right = { ...wanted, expects: (await inputs()).expects };
    expect((await created(right)).state.drift).toEqual([]);
  });

  it('is refused when it belongs to the deployment proxy', async () => {
    const artifact = {
      kind: 'source',
      source: 'test/fixtures/solidity/Hard.sol',
      contract: 'OwnedByDeployer',
    } as const;
    const wanted = await inputs({ artifact, args: [], expects: [] });
    const blocks = await node.provider.getBlockNumber();
    const error = await refusal(handler.create(wanted));
    expect(error).toMatchObject({ code: 'CUT-2060', exit: 3 });
    expect(error.message).toContain('would belong to the deployment proxy');
    // Found by a trial: nothing was paid for, so nothing lies there.
    expect(await node.provider.getBlockNumber()).toBe(blocks);
    expect(await node.provider.getCode(wanted.address)).toBe('0x');

    // Somebody else has deployed it meanwhile.
    const { initCode } = encodeInitCode(await loadArtifact(artifact), {}, []);
    const data = deploymentCall(initCode, wanted.salt);
    const from = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
    await node.provider.send('eth_sendTransaction', [{ from, to: deploymentProxy.address, data }]);
    await vi.waitFor(async () => expect(await node.provider.getCode(wanted.address)).not.toBe('0x'));
    expect((await refusal(handler.create(wanted))).message).toContain(' belongs to the deployment proxy');
  });

  it('may name its owner in its constructor', async () => {
    const artifact = {
      kind: 'source',
      source: 'test/fixtures/solidity/Hard.sol',
      contract: 'OwnedByName',
    } as const;
    const { state } = await created(await inputs({ artifact, args: [keeper], expects: [] }));
    expect(state.drift).toEqual([]);
  });

  it('is refused when the artefact changed after the program looked at it', async () => {
    const wanted = { ...(await inputs()), initCodeHash: `0x${'00'.repeat(32)}` };
    expect((await refusal(handler.create(wanted))).code).toBe('CUT-2057');
  });

  it('is refused on another chain than the one that was meant, before anything is sent', async () => {
    const other = await startLocalNode({ chainId: 31338 });
    const wanted = { ...(await inputs()), network: { ...networkOf(other), chainId: 31337 } };
    expect((await refusal(handler.create(wanted))).code).toBe('CUT-2031');
    expect(await other.provider.getBlockNumber()).toBe(0);
    await other.stop();
  });
});

describe('asking a view', () => {
  it('answers in canonical form, or says why not', async () => {
    const { state } = await created(await inputs());
    const { abi } = await compileSource(vaultArgs.artifact);
    const ask = (view: string, args: readonly unknown[] = [], address = state.address): Promise<unknown> =>
      callView(networkOf(node), { address, abi, view, args });
    expect(await ask('keeper')).toBe(keeper);
    expect(await ask('limits', [keeper])).toBe('0');
    expect((await refusal(ask('limit', [keeper]))).message).toContain('is limits meant?');
    expect((await refusal(ask('limits', ['0x1']))).message).toContain('not an address');
    expect((await refusal(ask('keeper', [], `0x${'12'.repeat(20)}`))).code).toBe('CUT-2059');
  });
});
