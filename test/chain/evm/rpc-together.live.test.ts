import { afterEach, describe, expect, it } from 'vitest';
import { CutoverError } from '@cutover/base/errors.ts';
import { agreedValue, connect, type RpcPool } from '@cutover/chain/evm/rpc.ts';
import type { NetworkRef } from '@cutover/chain/plan/network.ts';
import { refusal } from '../refusal.ts';
import { startFakeNode, type FakeNode } from './fake-node.ts';

const nodes: FakeNode[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

const receipt = {
  transactionHash: `0x${'aa'.repeat(32)}`,
  blockHash: `0x${'bb'.repeat(32)}`,
  blockNumber: '0x10',
  status: '0x1',
  contractAddress: null,
  gasUsed: '0x5208',
  logs: [],
};

/** One endpoint for each receipt, the first the heaviest. */
async function pool(...receipts: unknown[]): Promise<{ rpc: RpcPool; network: NetworkRef }> {
  const started = await Promise.all(
    receipts.map((each) => startFakeNode({ answers: { eth_getTransactionReceipt: () => each } })),
  );
  nodes.push(...started);
  const endpoints = started.map(({ url }, index) => ({ url, weight: 10 - index }));
  const network = { name: 'test', chainId: 31337, endpoints };
  return { rpc: await connect(network, { timeoutMs: 400 }), network };
}

const ask = (rpc: RpcPool, need?: number): ReturnType<RpcPool['quorum']> =>
  rpc.quorum('eth_getTransactionReceipt', ['0xaa'], need);

describe('several endpoints', () => {
  it('agree on a receipt, however each writes it', async () => {
    const other = {
      ...receipt,
      blockHash: receipt.blockHash.toUpperCase().replace('0X', '0x'),
      l1Fee: '0x1',
    };
    const { rpc, network } = await pool(receipt, other, receipt);
    const answer = await ask(rpc);
    expect(answer).toMatchObject({ kind: 'agreed', value: receipt });
    expect(agreedValue(network, 'eth_getTransactionReceipt', answer)).toEqual(receipt);
    expect(nodes[2]?.calls('eth_getTransactionReceipt')).toEqual([]);
  });

  it('are outvoted one by two', async () => {
    const { rpc } = await pool(null, receipt, receipt);
    expect(await ask(rpc)).toMatchObject({ kind: 'agreed', value: receipt, by: [labelOf(1), labelOf(2)] });
  });

  it('disagree, and that is refused', async () => {
    const undone = { ...receipt, blockHash: `0x${'cc'.repeat(32)}` };
    const { rpc, network } = await pool(receipt, undone);
    const answer = await ask(rpc);
    expect(answer.kind).toBe('disagreed');
    const refused = (): unknown => agreedValue(network, 'eth_getTransactionReceipt', answer);
    expect(refused).toThrow(CutoverError);
    expect(refused).toThrow(/CUT-2033[^]*bbbb[^]*cccc/);
    expect(refused).not.toThrow(/key-in-the-path/);
  });

  it('do with one when the others fail, and say so', async () => {
    const { rpc } = await pool(receipt, receipt, receipt);
    await nodes[0]?.stop();
    await nodes[1]?.stop();
    expect(await ask(rpc)).toEqual({ kind: 'alone', value: receipt, by: labelOf(2), of: 3 });
  });

  it('that are one in all answer alone', async () => {
    const { rpc } = await pool(receipt);
    expect(await ask(rpc)).toEqual({ kind: 'alone', value: receipt, by: labelOf(0), of: 1 });
  });

  it('have no vote where they refuse', async () => {
    const { rpc } = await pool(new Error('not here'), receipt, receipt);
    expect(await ask(rpc)).toMatchObject({ kind: 'agreed', value: receipt });
    const all = await pool(new Error('not here'), new Error('nor here'));
    expect((await refusal(ask(all.rpc))).message).toContain('not here');
  });

  it('that are all gone are refused', async () => {
    const { rpc } = await pool(receipt, receipt);
    await Promise.all(nodes.map((node) => node.stop()));
    expect((await refusal(ask(rpc))).code).toBe('CUT-2030');
  });
});

describe('what is final', () => {
  it('is asked of an endpoint that is slow at first, too', async () => {
    const answers = { eth_getTransactionReceipt: () => receipt };
    const quick = await startFakeNode({ chainId: 1, answers });
    const slow = await startFakeNode({ chainId: 1, answers, manner: { kind: 'late', ms: 700 } });
    nodes.push(quick, slow);
    const rpc = await connect({
      name: 'test',
      chainId: 1,
      endpoints: [{ url: quick.url }, { url: slow.url }],
    });
    expect([rpc.endpoints().length, rpc.votes()]).toEqual([2, 2]);
    const answer = await rpc.agree('eth_getTransactionReceipt', ['0xaa']);
    expect(answer).toEqual({ kind: 'agreed', value: receipt });
    expect(slow.calls('eth_getTransactionReceipt')).toHaveLength(1);
  });
});

describe('a signed transaction', () => {
  async function sendTo(...answers: unknown[]): Promise<RpcPool> {
    const { rpc } = await pool(...answers.map(() => receipt));
    for (const [index, answer] of answers.entries()) {
      const facts = nodes[index]?.facts;
      if (facts !== undefined) facts.answers['eth_sendRawTransaction'] = () => answer;
    }
    return rpc;
  }

  it('goes to all endpoints, and is taken when one has it', async () => {
    const rpc = await sendTo(new Error('txpool is full'), new Error('already known'), '0xaa');
    expect(await rpc.broadcast('0x02')).toEqual({
      taken: true,
      outcomes: [
        { endpoint: labelOf(0), kind: 'refused', message: 'txpool is full', code: -32000 },
        { endpoint: labelOf(1), kind: 'known', message: 'already known', code: -32000 },
        { endpoint: labelOf(2), kind: 'accepted' },
      ],
    });
  });

  it('is not taken where all refuse it', async () => {
    const rpc = await sendTo(new Error('nonce too low'), new Error('nonce too low'));
    const { taken, outcomes } = await rpc.broadcast('0x02');
    expect([taken, outcomes.map(({ kind }) => kind)]).toEqual([false, ['refused', 'refused']]);
  });

  it('does not wait for an endpoint that hangs', async () => {
    const rpc = await sendTo('0xaa', '0xaa');
    if (nodes[1] !== undefined) nodes[1].manner = { kind: 'late', ms: 10_000 };
    const network = { ...rpc.network };
    const patient = await connect(network, { timeoutMs: 15_000 });
    const { taken, outcomes } = await patient.broadcast('0x02');
    expect([taken, outcomes.map(({ kind }) => kind)]).toEqual([true, ['accepted', 'waiting']]);
  });

  it('is sent once where there is one endpoint', async () => {
    const rpc = await sendTo('0xaa');
    expect(await rpc.broadcast('0x02')).toEqual({
      taken: true,
      outcomes: [{ endpoint: labelOf(0), kind: 'accepted' }],
    });
    expect(nodes[0]?.calls('eth_sendRawTransaction')).toHaveLength(1);
  });

  it('is refused where no endpoint can be reached', async () => {
    const rpc = await sendTo('0xaa', '0xaa');
    await Promise.all(nodes.map((node) => node.stop()));
    expect((await refusal(rpc.broadcast('0x02'))).code).toBe('CUT-2030');
  });
});

function labelOf(index: number): string {
  return `http://127.0.0.1:${nodes[index]?.port}`;
}
