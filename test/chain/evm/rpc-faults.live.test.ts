import { afterEach, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { CutoverError } from '@cutover/base/errors.ts';
import { connect, type RpcPool } from '@cutover/chain/evm/rpc.ts';
import type { NetworkRef } from '@cutover/chain/plan/network.ts';
import { refusal } from '../refusal.ts';
import { fakeKey, startFakeNode, type FakeManner, type FakeNode } from './fake-node.ts';

const nodes: FakeNode[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

async function fakeNode(...args: Parameters<typeof startFakeNode>): Promise<FakeNode> {
  const node = await startFakeNode(...args);
  nodes.push(node);
  return node;
}

/** Weights 10, 5, 1, as stack files have them. */
function networkOf(chainId: number, ...endpoints: FakeNode[]): NetworkRef {
  const weights = [10, 5, 1];
  return {
    name: 'test',
    chainId,
    endpoints: endpoints.map(({ url }, index) => ({ url, weight: weights[index] ?? 1 })),
  };
}

const quick = { timeoutMs: 400, tell: () => undefined };
const block = (rpc: RpcPool): Promise<unknown> => rpc.send('eth_blockNumber', []);

const faults: readonly (readonly [string, FakeManner, string])[] = [
  ['never answers', { kind: 'never' }, 'no answer within 0.4 s'],
  ['answers too late', { kind: 'late', ms: 900 }, 'no answer within 0.4 s'],
  ['is overrun', { kind: 'text', status: 429, text: '{}' }, 'HTTP status 429'],
  ['fails', { kind: 'text', status: 500, text: 'oh no' }, 'HTTP status 500'],
  ['is behind a broken gateway', { kind: 'text', status: 502, text: '<html>' }, 'HTTP status 502'],
  ['answers half a JSON', { kind: 'half' }, 'not JSON-RPC'],
  ['answers JSON that is no JSON-RPC', { kind: 'text', status: 200, text: '{"ok":true}' }, 'not JSON-RPC'],
  ['answers another question', { kind: 'wrong id' }, 'belongs to another question'],
  ['cuts the connection in the middle', { kind: 'cut' }, 'the connection failed'],
  [
    'redirects',
    { kind: 'text', status: 307, text: '', headers: { location: 'http://127.0.0.1:1/' } },
    'it redirects elsewhere',
  ],
  ['wants another key', { kind: 'text', status: 403, text: '{"error":"forbidden"}' }, 'HTTP status 403'],
];

describe('an endpoint that', () => {
  it.each(faults)('%s is passed over from the start', async (_, manner) => {
    const bad = await fakeNode({ head: 1, manner });
    const good = await fakeNode({ head: 2 });
    expect(await block(await connect(networkOf(31337, bad, good), quick))).toBe('0x2');
  });

  it.each(faults)('%s later is passed over from then on', async (_, manner) => {
    const turning = await fakeNode({ head: 1 });
    const good = await fakeNode({ head: 2 });
    const rpc = await connect(networkOf(31337, turning, good), quick);
    expect(await block(rpc)).toBe('0x1');
    turning.manner = manner;
    expect(await block(rpc)).toBe('0x2');
    expect(await block(rpc)).toBe('0x2');
    expect(rpc.endpoints()[0]?.trouble).toBeDefined();
  });

  it.each(faults)('%s and is the only one is refused, without its key', async (_, manner, reason) => {
    const bad = await fakeNode({ manner });
    const error = await refusal(connect(networkOf(31337, bad), quick));
    expect(error.code).toBe('CUT-2030');
    expect(error.message).toContain(reason);
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain(fakeKey);
  });

  it('is another chain is never used again, and that is told once', async () => {
    const told: string[] = [];
    const other = await fakeNode({ chainId: 1 });
    const good = await fakeNode({ head: 2 });
    const options = { ...quick, tell: (line: string): unknown => told.push(line) };
    const rpc = await connect(networkOf(31337, other, good), options);
    expect(await block(rpc)).toBe('0x2');
    other.facts.chainId = 31337;
    good.manner = { kind: 'never' };
    expect((await refusal(block(rpc))).message).toContain('it is another chain, 1');
    expect(told).toEqual([`warning: http://127.0.0.1:${other.port} is not used: it is chain 1, not 31337`]);
    expect(other.calls('eth_blockNumber')).toEqual([]);
  });

  it('has an old head is passed over', async () => {
    const now = Math.floor(Date.now() / 1000);
    const old = await fakeNode({ head: 90, headTime: now - 120 });
    const good = await fakeNode({ head: 100, headTime: now });
    const rpc = await connect(networkOf(31337, old, good), quick);
    expect(await block(rpc)).toBe('0x64');
    expect(rpc.endpoints()[0]?.trouble).toBe('it is 10 blocks behind: its newest is 90');
  });

  it('has not caught up is passed over, and refused when it is the only one', async () => {
    const syncing = { currentBlock: '0x10', highestBlock: '0x20' };
    const behind = await fakeNode({ chainId: 84532, syncing });
    const good = await fakeNode({ chainId: 84532, head: 2 });
    expect(await block(await connect(networkOf(84532, behind, good), quick))).toBe('0x2');
    const error = await refusal(connect(networkOf(84532, behind), quick));
    expect(error.message).toContain('it has not caught up, it is at block 16 of 32');
  });

  it('has no peers is the last that is asked', async () => {
    const lonely = await fakeNode({ chainId: 84532, head: 1, peers: 0 });
    const good = await fakeNode({ chainId: 84532, head: 2, peers: 3 });
    const rpc = await connect(networkOf(84532, lonely, good), quick);
    expect(await block(rpc)).toBe('0x2');
    good.manner = { kind: 'text', status: 500, text: '' };
    expect(await block(rpc)).toBe('0x1');
    expect(await block(await connect(networkOf(84532, lonely), quick))).toBe('0x1');
  });

  it('dies and comes back is used again as soon as it is well', async () => {
    const better = await fakeNode({ head: 1 });
    const other = await fakeNode({ head: 2 });
    const rpc = await connect(networkOf(31337, better, other), quick);
    await better.stop();
    expect(await block(rpc)).toBe('0x2');
    const back = await fakeNode({ head: 3, port: better.port });
    for (let tries = 0; tries < 100 && back.calls('eth_blockNumber').length === 0; tries++) {
      await block(rpc);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await block(rpc)).toBe('0x3');
  });

  it('comes back as another chain is not used', async () => {
    const only = await fakeNode({ head: 1 });
    const rpc = await connect(networkOf(31337, only), quick);
    await only.stop();
    expect((await refusal(block(rpc))).code).toBe('CUT-2030');
    const back = await fakeNode({ chainId: 1, port: only.port });
    expect((await refusal(block(rpc))).code).toBe('CUT-2031');
    expect(back.calls('eth_blockNumber')).toEqual([]);
  });

  it('asks for patience is asked again when its time has come', async () => {
    const only = await fakeNode({ head: 7 });
    const rpc = await connect(networkOf(31337, only), { ...quick, timeoutMs: 5_000 });
    only.manner = { kind: 'text', status: 429, text: '', headers: { 'retry-after': '1' } };
    setTimeout(() => (only.manner = { kind: 'well' }), 300);
    const started = performance.now();
    expect(await block(rpc)).toBe('0x7');
    expect(performance.now() - started).toBeGreaterThan(950);
    expect(only.calls('eth_blockNumber')).toHaveLength(2);
  });

  it('asks for more patience than there is, is not asked before its time', async () => {
    const only = await fakeNode({
      manner: { kind: 'text', status: 429, text: '', headers: { 'retry-after': '60' } },
    });
    const network = networkOf(31337, only);
    expect((await refusal(connect(network, quick))).message).toContain('HTTP status 429');
    expect((await refusal(connect(network, quick))).message).toContain('HTTP status 429');
    expect(only.requests).toHaveLength(1);
  });

  it('says in JSON that there are too many requests is passed over too', async () => {
    const busy = await fakeNode({
      answers: { eth_call: () => Object.assign(new Error('Too Many Requests'), { code: 429 }) },
    });
    const good = await fakeNode({ answers: { eth_call: () => '0x01' } });
    const rpc = await connect(networkOf(31337, busy, good), quick);
    expect(await rpc.send('eth_call', [])).toBe('0x01');
  });

  it('fails for a moment is asked again', async () => {
    const only = await fakeNode({ head: 7 });
    const rpc = await connect(networkOf(31337, only), { ...quick, timeoutMs: 5_000 });
    only.manner = { kind: 'text', status: 500, text: 'oh no' };
    setTimeout(() => (only.manner = { kind: 'well' }), 100);
    expect(await block(rpc)).toBe('0x7');
  });

  it('hangs does not hold up those who ask shortly after', async () => {
    const hanging = await fakeNode({ manner: { kind: 'never' } });
    const network = networkOf(31337, hanging);
    await refusal(connect(network, quick));
    await refusal(connect(network, quick));
    expect(hanging.requests).toHaveLength(1);
  });

  it('answers anything at all leads to an answer or a refusal', async () => {
    const strange = await fakeNode();
    const rpc = await connect(networkOf(31337, strange), quick);
    const parts = fc.record(
      {
        jsonrpc: fc.constantFrom('2.0', '1.0', 2),
        id: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.constant(null), fc.string()),
        result: fc.jsonValue(),
        error: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const texts = fc.oneof(
      fc.json(),
      fc.string(),
      parts.map((each) => JSON.stringify(each)),
      fc.array(parts, { maxLength: 4 }).map((each) => JSON.stringify(each)),
    );
    await fc.assert(
      fc.asyncProperty(texts, fc.constantFrom(200, 200, 400, 500), async (text, status) => {
        strange.manner = { kind: 'text', status, text };
        const asked = [block(rpc), rpc.ask('eth_chainId', []), rpc.askAll([{ method: 'a', params: [] }])];
        for (const outcome of await Promise.allSettled(asked)) {
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(CutoverError);
        }
      }),
      { numRuns: 25 },
    );
  });
});
