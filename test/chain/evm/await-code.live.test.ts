import { keccak256 } from 'ethers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { awaitCode } from '@cutover/chain/evm/await-code.ts';
import { codeAt, deployContract } from '@cutover/chain/evm/deploy.ts';
import { connect } from '@cutover/chain/evm/rpc.ts';
import { deploymentProxy } from '@cutover/chain/plan/address.ts';
import { localAddresses } from '@cutover/chain/plan/signer.ts';
import { startFaultyNode, type FaultyNode } from '../faulty-node.ts';
import { deploymentOf, logbook, networkOf, signedBy } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { refusal } from '../refusal.ts';

const linkedSource = 'test/fixtures/solidity/Linked.sol';

// Where the first contract of the first account comes to be.
const first = '0x5FbDB2315678afecb367f032d93F642f64180aa3';

let node: LocalNode;
let front: FaultyNode;
/** Refused as by a node that runs no call without an address. */
let refuses = false;

beforeEach(async () => {
  refuses = false;
  node = await startLocalNode({ flags: ['--no-mining'] });
  front = await startFaultyNode(node, ({ method }) =>
    refuses && method === 'eth_call' ? { kind: 'refuse', message: 'missing to' } : undefined,
  );
});
afterEach(async () => {
  await front.stop();
  await node.stop();
});

async function deploy(): Promise<void> {
  const data = '0x600160005360016000f3';
  await node.provider.send('eth_sendTransaction', [{ from: localAddresses[0], data, gas: '0x30d40' }]);
}

describe.each([false, true])('waiting for code, at a node that refuses to run plain code: %s', (refusing) => {
  beforeEach(() => void (refuses = refusing));

  it('sees what is there, and what the next block will have', async () => {
    const rpc = await connect(networkOf(front));
    const there = [deploymentProxy.address];
    expect(await awaitCode(rpc, there, 'latest', logbook().log)).toBe('latest');
    await deploy();
    expect(await awaitCode(rpc, [...there, first], 'pending', logbook().log)).toBe('pending');
    expect(await codeAt(rpc, first)).toBe('0x');
  });

  it('waits for a block where the next one is not enough', async () => {
    const rpc = await connect(networkOf(front));
    await deploy();
    let arrived = false;
    const waiting = awaitCode(rpc, [first], 'latest', logbook().log).then((block) => {
      arrived = true;
      return block;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(arrived).toBe(false);
    await node.provider.send('evm_mine', []);
    expect(await waiting).toBe('latest');
  });
});

describe('many addresses', () => {
  it('are asked for with one call for each seven hundred', async () => {
    const rpc = await connect(networkOf(front));
    const many = Array.from({ length: 701 }, () => deploymentProxy.address);
    const before = front.total();
    expect(await awaitCode(rpc, many, 'latest', logbook().log)).toBe('latest');
    expect(front.total() - before).toBe(2);
  });
});

describe('a transaction that the node took and dropped', () => {
  it.each([
    ['with a block each second', { blockSeconds: 1 }],
    // Nothing else makes a block there.
    ['with a block for each transaction', {}],
  ])('is handed over again while its code is waited for, on a chain %s', async (_, options) => {
    const mining = await startLocalNode(options);
    let sends = 0;
    const forgetful = await startFaultyNode(mining, ({ method, params }) =>
      method === 'eth_sendRawTransaction' && ++sends === 1
        ? { kind: 'swallow', answer: () => keccak256(params[0] as string) }
        : undefined,
    );
    try {
      const { rpc, signer } = await signedBy(networkOf(forgetful));
      const artifact = { kind: 'source', source: linkedSource, contract: 'Rates' } as const;
      const wanted = await deploymentOf({ artifact, salt: 'dropped' });
      await deployContract(rpc, signer, wanted, logbook().log, { settle: 'later' });
      expect(await codeAt(rpc, wanted.address, 'pending')).toBe('0x');
      await awaitCode(rpc, [wanted.address], 'latest', logbook().log);
      expect(sends).toBe(2);
    } finally {
      await forgetful.stop();
      await mining.stop();
    }
  });
});

describe('a transaction that gets into a block and deploys nothing', () => {
  it('is said at once, and the next run sends another one', async () => {
    const rpc = await connect(networkOf(node));
    const { signer } = await signedBy(networkOf(node));
    const artifact = { kind: 'source', source: linkedSource, contract: 'Rates' } as const;
    const wanted = await deploymentOf({ artifact, salt: 'fails' });
    const deploy = (): Promise<unknown> =>
      deployContract(rpc, signer, wanted, logbook().log, { settle: 'later' });
    await deploy();
    const reverts = '0x60006000fd';
    await node.provider.send('anvil_setCode', [deploymentProxy.address, reverts]);
    const waiting = refusal(awaitCode(rpc, [wanted.address], 'latest', logbook().log));
    await node.provider.send('evm_mine', []);
    expect((await waiting).code).toBe('CUT-2055');
    await node.provider.send('anvil_setCode', [deploymentProxy.address, deploymentProxy.runtimeCode]);
    await deploy();
    await node.provider.send('evm_mine', []);
    expect(await awaitCode(rpc, [wanted.address], 'latest', logbook().log)).toBe('latest');
  });
});
