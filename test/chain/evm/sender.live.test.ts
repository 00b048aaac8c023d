import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseEther, toBeHex } from 'ethers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  bump,
  cancel,
  estimateGas,
  notifyTo,
  settle,
  submit,
  waitForReceipt,
  type TransactionEvent,
} from '@cutover/chain/evm/sender.ts';
import { logbook } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { refusal } from '../refusal.ts';
import { journalOf, nobody, note, notesOn, onceEach, sendingTo, sleep, until } from './sender/kit.ts';

const nodes: LocalNode[] = [];
let events: TransactionEvent[] = [];
beforeEach(() => {
  events = [];
  notifyTo((event) => events.push(event));
});
afterEach(() => Promise.all(nodes.splice(0).map((node) => node.stop())));

async function startNode(...args: Parameters<typeof startLocalNode>): Promise<LocalNode> {
  const node = await startLocalNode(...args);
  nodes.push(node);
  return node;
}

const { log } = logbook();
const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);
const mine = (node: LocalNode, blocks = 1): Promise<unknown> =>
  node.provider.send('anvil_mine', [toBeHex(blocks)]);

describe('many transactions of one account', () => {
  it('are all in the pool within a block, and all in the next', async () => {
    const node = await startNode({ flags: ['--no-mining'] });
    const { rpc, account } = await sendingTo(node);
    const hashes = await Promise.all(range(1, 50).map((each) => submit(rpc, account, note(each))));
    expect(new Set(hashes).size).toBe(50);
    expect(await node.provider.send('txpool_status', [])).toEqual({ pending: '0x32', queued: '0x0' });
    await mine(node);
    const receipts = await Promise.all(hashes.map((hash) => waitForReceipt(rpc, account, hash, log)));
    expect(new Set(receipts.map(({ blockNumber }) => blockNumber))).toEqual(new Set([1]));
    expect(await notesOn(node)).toEqual(onceEach(range(1, 50)));
  });

  it('wait for their turn where a node keeps only some', async () => {
    const node = await startNode({ flags: ['--no-mining'] });
    const { rpc, account } = await sendingTo(node, { inFlight: 4 });
    const sent: string[] = [];
    const all = Promise.all(
      range(1, 10).map(async (each) => sent.push(await submit(rpc, account, note(each)))),
    );
    await until(() => sent.length === 4, 'four are sent');
    await sleep(300);
    expect(sent.length).toBe(4);
    await mine(node);
    await until(() => sent.length === 8, 'eight are sent');
    await mine(node);
    await all;
    await mine(node);
    await settle(rpc, account, log);
    expect(await notesOn(node)).toEqual(onceEach(range(1, 10)));
  });

  it('of two processes at once get a nonce each', async () => {
    const node = await startNode({ blockSeconds: 1 });
    const children = [100, 200].map((first) =>
      spawn(
        process.execPath,
        [join(import.meta.dirname, 'sender/send-in-child.ts'), node.url, String(first), '20'],
        {
          stdio: ['ignore', 'ignore', 'inherit'],
        },
      ),
    );
    const codes = await Promise.all(
      children.map((child) => new Promise((resolve) => child.once('exit', resolve))),
    );
    expect(codes).toEqual([0, 0]);
    const all = [...range(100, 20), ...range(200, 20)];
    expect(await notesOn(node)).toEqual(onceEach(all));
    expect(await node.provider.getTransactionCount(await ownerOf(node))).toBe(40);
  });

  it("share the account with a stranger's", async () => {
    const node = await startNode({ flags: ['--no-mining'] });
    const { rpc, account } = await sendingTo(node);
    const strange = async (nonce: number): Promise<unknown> =>
      node.provider.send('eth_sendRawTransaction', [
        await account.sign({
          ...{ chainId: 31337, type: 2, nonce, to: nobody, gasLimit: 30_000n, data: '0xffffff00' },
          ...{ maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 10n },
        }),
      ]);
    await strange(0);
    const first = await submit(rpc, account, note(1));
    // Under a nonce that ours is about to take: the facts of this block are known already.
    await strange(2);
    const second = await submit(rpc, account, note(2));
    await mine(node);
    const [one, two] = await Promise.all(
      [first, second].map((hash) => waitForReceipt(rpc, account, hash, log)),
    );
    expect([one?.succeeded, two?.succeeded]).toEqual([true, true]);
    expect(await notesOn(node)).toEqual(new Map([...onceEach([1, 2]), [0xffffff00, 2]]));
  });
});

describe('a transaction', () => {
  it('that is sent twice under one key is one transaction; when it is done, it can be sent again', async () => {
    const node = await startNode();
    const { rpc, account } = await sendingTo(node);
    const [one, two] = await Promise.all([submit(rpc, account, note(1)), submit(rpc, account, note(1))]);
    expect(one).toBe(two);
    await waitForReceipt(rpc, account, one, log);
    const third = await submit(rpc, account, note(1));
    await waitForReceipt(rpc, account, third, log);
    expect(await notesOn(node)).toEqual(new Map([[1, 2]]));
  });

  it('without a key is sent as often as it is asked for', async () => {
    const node = await startNode();
    const { rpc, account } = await sendingTo(node);
    const { key: _, ...keyless } = note(1);
    const hashes = await Promise.all([1, 2, 3].map(() => submit(rpc, account, keyless)));
    await Promise.all(hashes.map((hash) => waitForReceipt(rpc, account, hash, log)));
    expect(await notesOn(node)).toEqual(new Map([[1, 3]]));
  });

  it('under the key of another that is on its way is refused', async () => {
    const node = await startNode({ flags: ['--no-mining'] });
    const { rpc, account } = await sendingTo(node);
    await submit(rpc, account, note(1));
    const error = await refusal(submit(rpc, account, note(2, { key: 'note:1' })));
    expect(error).toMatchObject({ code: 'CUT-2210', exit: 3 });
  });

  it('is in the journal, signed, before a node hears of it; the key is not', async () => {
    const node = await startNode({ flags: ['--no-mining'] });
    const { rpc, account, network } = await sendingTo(node);
    const hash = await submit(rpc, account, note(1));
    const [kept] = (await journalOf(node, network, account.address)).all();
    expect(kept).toMatchObject({ state: 'pending', nonce: 0, signer: { kind: 'local', account: 0 } });
    expect(kept?.attempts).toMatchObject([{ hash, state: 'sent', kind: 'first' }]);
  });

  it('that the node dropped is handed over again', async () => {
    const node = await startNode({ flags: ['--no-mining'] });
    const { rpc, account } = await sendingTo(node);
    const [first, second] = [await submit(rpc, account, note(1)), await submit(rpc, account, note(2))];
    await node.provider.send('anvil_dropTransaction', [first]);
    const waiting = Promise.all([first, second].map((hash) => waitForReceipt(rpc, account, hash, log)));
    for (let blocks = 0; blocks < 6; blocks++) {
      await sleep(300);
      await mine(node);
    }
    expect((await waiting).map(({ succeeded }) => succeeded)).toEqual([true, true]);
    expect(events.map(({ kind }) => kind)).toContain('put-back');
    expect(await notesOn(node)).toEqual(onceEach([1, 2]));
  });

  it('counts when it is as deep as the network wants, again after a reorganisation', async () => {
    const node = await startNode();
    const { rpc, account } = await sendingTo(node, { confirmations: 4 });
    await mine(node, 3);
    const hash = await submit(rpc, account, note(1));
    await waitForReceipt(rpc, account, hash, log);
    let settled = false;
    const waiting = settle(rpc, account, log, [hash]).then((receipts) => {
      settled = true;
      return receipts;
    });
    await mine(node, 1);
    await sleep(400);
    expect(settled).toBe(false);
    await node.provider.send('anvil_reorg', [2, []]);
    await until(() => events.some(({ kind }) => kind === 'orphaned'), 'the reorganisation is noticed');
    await until(async () => (await notesOn(node)).size === 1, 'it is put back');
    await sleep(300);
    expect(settled).toBe(false);
    await mine(node, 4);
    const [receipt] = await waiting;
    expect(receipt).toMatchObject({ succeeded: true });
    const latest = await node.provider.getBlockNumber();
    expect(latest - (receipt?.blockNumber ?? 0) + 1).toBeGreaterThanOrEqual(4);
    expect(await notesOn(node)).toEqual(onceEach([1]));
  });

  it.each([
    // Local chains that are started in one second have one genesis block.
    ['the same genesis block', ['--timestamp', '1800000000']],
    ['another genesis block', []],
  ])('on a chain that was started anew with %s begins anew', async (_, flags) => {
    const node = await startNode({ flags });
    const port = Number(new URL(node.url).port);
    const first = await sendingTo(node);
    await waitForReceipt(first.rpc, first.account, await submit(first.rpc, first.account, note(1)), log);
    await node.stop();
    await sleep(1_100);
    const anew = await startNode({ port, flags });
    const second = await sendingTo(anew);
    const hash = await submit(second.rpc, second.account, note(1));
    expect(await waitForReceipt(second.rpc, second.account, hash, log)).toMatchObject({ succeeded: true });
    expect(await notesOn(anew)).toEqual(onceEach([1]));
  });

  it('that needs another one on its way is estimated behind it', async () => {
    const node = await startNode({ flags: ['--no-mining'] });
    const { rpc, account } = await sendingTo(node);
    // Deploys, through the deployment proxy, a contract whose calls cost 20,000 gas for a storage slot.
    const target = '0x4e59b44847b379578588920cA78FbF26c0B4956C';
    const code = '600160005560006000f3';
    const creation = `0x${'00'.repeat(32)}${`69${code}600052600a6016f3`}`;
    await submit(rpc, account, {
      to: target,
      data: creation,
      gasLimit: 200_000n,
      purpose: 'code',
      key: 'code',
    });
    const { getCreate2Address, keccak256 } = await import('ethers');
    const address = getCreate2Address(
      target,
      `0x${'00'.repeat(32)}`,
      keccak256(`0x69${code}600052600a6016f3`),
    );
    const behind = await estimateGas(rpc, account.address, { to: address, data: '0x' });
    expect(behind.kind === 'gas' && Number(behind.gas)).toBeGreaterThan(40_000);
  });
});

describe('money', () => {
  it('that is missing is told before anything is sent, with what is on its way counted', async () => {
    const node = await startNode({ flags: ['--no-mining'] });
    const { rpc, account } = await sendingTo(node);
    await node.provider.send('anvil_setBalance', [account.address, toBeHex(parseEther('1'))]);
    await submit(rpc, account, note(1, { value: parseEther('0.6') }));
    const error = await refusal(submit(rpc, account, note(2, { value: parseEther('0.6') })));
    expect(error.code).toBe('CUT-2053');
    expect(Number(error.details['missing'])).toBeGreaterThan(0.2);
    expect(Number(error.details['missing'])).toBeLessThan(0.21);
    expect(await node.provider.send('txpool_status', [])).toMatchObject({ pending: '0x1' });
  });

  it('is not spent on gas above the ceiling: it waits, then stops, and goes on later', async () => {
    const node = await startNode({ flags: ['--no-mining'] });
    const terms = { fees: { ceilingGwei: 20 }, patienceSeconds: 1 };
    const { rpc, account } = await sendingTo(node, terms);
    await node.provider.send('anvil_setNextBlockBaseFeePerGas', [toBeHex(50n * 10n ** 9n)]);
    await mine(node);
    const { lines, log: told } = logbook();
    const error = await refusal(submit(rpc, account, note(1), told));
    expect(error).toMatchObject({ code: 'CUT-2212', exit: 3, details: { limit: '20.0' } });
    expect(lines[0]).toContain('above the ceiling of 20.0 gwei; waiting');
    expect(await node.provider.send('txpool_status', [])).toMatchObject({ pending: '0x0' });
    await node.provider.send('anvil_setNextBlockBaseFeePerGas', [toBeHex(10n ** 9n)]);
    await mine(node);
    const hash = await submit(rpc, account, note(1));
    await mine(node);
    expect(await waitForReceipt(rpc, account, hash, log)).toMatchObject({ succeeded: true });
  });
});

describe('a transaction that stalls', () => {
  it('is sent again at a higher price, as often as allowed, and an operator is told', async () => {
    const node = await startNode({ flags: ['--no-mining'] });
    const { rpc, account, network } = await sendingTo(node, { stalledSeconds: 1, bumps: 2 });
    const hash = await submit(rpc, account, note(1));
    const waiting = waitForReceipt(rpc, account, hash, log, 20_000);
    await until(() => events.some(({ kind }) => kind === 'stuck'), 'the operator is told');
    expect(events.map(({ kind }) => kind)).toEqual([
      'stalled',
      'bumped',
      'stalled',
      'bumped',
      'stalled',
      'stuck',
    ]);
    expect(events.at(-1)?.text).toContain('./cutover tx cancel');
    await mine(node);
    const receipt = await waiting;
    const [kept] = (await journalOf(node, network, account.address)).all();
    expect(kept?.attempts.map(({ kind }) => kind)).toEqual(['first', 'bump', 'bump']);
    expect(receipt.transactionHash).toBe(kept?.attempts[2]?.hash);
    const [before, after] = (kept?.attempts ?? []).map(({ fees }) =>
      fees.type === 2 ? fees.maxFeePerGas : 0n,
    );
    expect(Number(after) / Number(before)).toBeGreaterThanOrEqual(1.125);
    expect(await notesOn(node)).toEqual(onceEach([1]));
  });

  it('is not bumped above the ceiling; the operator is told instead', async () => {
    const node = await startNode({ flags: ['--no-mining', '--block-base-fee-per-gas', '1000000000'] });
    const { rpc, account } = await sendingTo(node, { stalledSeconds: 1, fees: { ceilingGwei: 3 } });
    const hash = await submit(rpc, account, note(1));
    const waiting = waitForReceipt(rpc, account, hash, log, 20_000);
    await until(() => events.some(({ kind }) => kind === 'stuck'), 'the operator is told');
    expect(events.at(-1)?.text).toContain('above the ceiling');
    await mine(node);
    expect((await waiting).transactionHash).toBe(hash);
  });

  it('can be bumped and cancelled by hand; what waits for a cancelled one is told', async () => {
    const node = await startNode({ flags: ['--no-mining'] });
    const { rpc, account } = await sendingTo(node);
    const hash = await submit(rpc, account, note(1));
    const behind = await submit(rpc, account, note(2));
    const outcome = refusal(waitForReceipt(rpc, account, hash, log));
    const bumped = await bump(rpc, account, hash);
    await cancel(rpc, account, bumped);
    await mine(node);
    expect(await outcome).toMatchObject({ code: 'CUT-2213', exit: 3 });
    expect(await waitForReceipt(rpc, account, behind, log)).toMatchObject({ succeeded: true });
    expect(await notesOn(node)).toEqual(onceEach([2]));
    expect((await refusal(bump(rpc, account, hash))).code).toBe('CUT-2231');
  });
});

async function ownerOf(node: LocalNode): Promise<string> {
  return (await sendingTo(node)).account.address;
}
