import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { submit, waitForReceipt } from '@cutover/chain/evm/sender.ts';
import { startFaultyNode, type FaultyNode } from '../faulty-node.ts';
import { logbook } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { note, notesOn, onceEach, sendingTo } from './sender/kit.ts';

let node: LocalNode;
let front: FaultyNode;
beforeAll(async () => {
  node = await startLocalNode({ blockSeconds: 1, flags: ['--gas-limit', '1000000'] });
  front = await startFaultyNode(node);
});
afterAll(async () => {
  await front.stop();
  await node.stop();
});

describe('a block without room for the next transaction', () => {
  it('does not lose the small one behind it, which anvil would try too early and drop', async () => {
    const { rpc, account } = await sendingTo(front);
    const { log } = logbook();
    const limits = [980_000n, 980_000n, 40_000n];
    const hashes: string[] = [];
    for (const [number, gasLimit] of limits.entries()) {
      hashes.push(await submit(rpc, account, note(number, { gasLimit }), log));
    }
    await Promise.all(hashes.map((hash) => waitForReceipt(rpc, account, hash, log)));
    expect(await notesOn(node)).toEqual(onceEach([0, 1, 2]));
    expect(front.counts.get('eth_sendRawTransaction')).toBe(3);
  });
});
