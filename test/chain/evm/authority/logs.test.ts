import { describe, expect, it } from 'vitest';
import { logsOf } from '@cutover/chain/evm/authority/logs.ts';
import { executionOf, requireSameHash } from '@cutover/chain/evm/authority/safe-facts.ts';
import type { Rpc } from '@cutover/chain/evm/rpc.ts';
import type { RpcAnswer } from '@cutover/chain/rpc/answers.ts';
import type { Proposal } from '@cutover/chain/plan/authority/proposal.ts';
import { safeTransaction } from '@cutover/chain/plan/authority/safe-transaction.ts';
import { refusal } from '../../refusal.ts';

/** A fake node at block 10,000 that lists events of at most so many blocks at once, one event a thousand blocks. */
function fakeNode(mostBlocks: number): { readonly rpc: Rpc; readonly spans: [number, number][] } {
  const spans: [number, number][] = [];
  const ask = (method: string, params: readonly unknown[]): Promise<RpcAnswer> => {
    if (method === 'eth_blockNumber') return Promise.resolve({ kind: 'value', value: '0x2710' });
    if (method === 'eth_call') return Promise.resolve({ kind: 'value', value: `0x${'33'.repeat(32)}` });
    const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
    const [from, to] = [Number(fromBlock), Number(toBlock)];
    if (to - from >= mostBlocks) {
      return Promise.resolve({ kind: 'refused', code: -32005, message: 'query exceeds max block range' });
    }
    spans.push([from, to]);
    const blocks = Array.from({ length: 11 }, (_, index) => index * 1000);
    const value = blocks
      .filter((block) => block >= from && block <= to)
      .map((block) => ({
        ...{ topics: [], data: '0x', transactionHash: `0x${block}`, blockNumber: `0x${block.toString(16)}` },
      }));
    return Promise.resolve({ kind: 'value', value });
  };
  const send = async <T>(method: string, params: readonly unknown[]): Promise<T> => {
    const answer = await ask(method, params);
    if (answer.kind === 'refused') throw new Error(answer.message);
    return answer.value as T;
  };
  // Only what these functions use of a connection.
  return {
    rpc: { network: { name: 'fake', chainId: 1, endpoints: [] }, ask, send },
    spans,
  };
}

const filter = { address: '0x1', topics: [], fromBlock: 2000 };

describe('events, at a fake node', () => {
  it.each([100_000, 3000, 600])(
    'are all found, once and in order, where %d blocks may be asked for at once',
    async (most) => {
      const { rpc, spans } = fakeNode(most);
      const logs = await logsOf(rpc, filter);
      expect(logs?.map(({ blockNumber }) => blockNumber)).toEqual([
        2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000,
      ]);
      expect(spans[0]?.[0]).toBe(2000);
      spans.slice(1).forEach(([from], index) => expect(from).toBe((spans[index]?.[1] ?? 0) + 1));
    },
  );

  it('that are not listed at all are not taken for none', async () => {
    expect(await logsOf(fakeNode(0).rpc, filter)).toBeUndefined();
    const transaction = safeTransaction({ to: '0x1', value: '0', data: '0x', operation: 0 }, 4);
    const proposal = { safe: '0x1', safeTxHash: '0x2', block: 0, transaction } as Proposal;
    const safe = { owners: [], threshold: 1, nonce: 5 };
    expect(await executionOf(fakeNode(0).rpc, proposal, safe, [])).toEqual({ kind: 'unknown' });
    expect(await executionOf(fakeNode(600).rpc, proposal, safe, [])).toEqual({ kind: 'none' });
  });
});

describe('a contract that computes another hash than we do, at a fake node', () => {
  it('is refused: owners would sign something else', async () => {
    const zero = `0x${'00'.repeat(20)}`;
    const transaction = safeTransaction({ to: zero, value: '0', data: '0x', operation: 0 }, 0);
    const proposal = { safe: zero, safeTxHash: `0x${'22'.repeat(32)}`, transaction };
    const error = await refusal(requireSameHash(fakeNode(1).rpc, proposal));
    expect(error).toMatchObject({ code: 'CUT-2261', exit: 3 });
  });
});
