import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect, type RpcPool } from '@cutover/chain/evm/rpc.ts';
import type { NetworkRef } from '@cutover/chain/plan/network.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { refusal } from '../refusal.ts';
import { startFakeNode, type FakeManner, type FakeNode } from './fake-node.ts';

const nodes: FakeNode[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

async function fakeNode(...args: Parameters<typeof startFakeNode>): Promise<FakeNode> {
  const node = await startFakeNode(...args);
  nodes.push(node);
  return node;
}

function networkOf(url: string, chainId = 31337): NetworkRef {
  return { name: 'test', chainId, endpoints: [{ url }] };
}

const addressOf = (index: number): string => `0x${(index + 1).toString(16).padStart(40, '0')}`;
const codes = (rpc: RpcPool, count: number): Promise<string[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      rpc.send<string>('eth_getCode', [addressOf(index), 'latest']),
    ),
  );
const addresses = (count: number): string[] => Array.from({ length: count }, (_, index) => addressOf(index));

describe('questions that are asked at the same time', () => {
  it('travel together, a hundred at most', async () => {
    const node = await fakeNode();
    const rpc = await connect(networkOf(node.url));
    expect(await codes(rpc, 250)).toEqual(addresses(250));
    expect(node.requests.slice(1).map((calls) => calls.length)).toEqual([100, 100, 50]);
    expect(rpc.counts()).toEqual({ calls: 251, roundTrips: 4 });
  });

  it('travel apart where they are large', async () => {
    const node = await fakeNode({ answers: { eth_call: () => '0x' } });
    const rpc = await connect(networkOf(node.url));
    const large = `0x${'00'.repeat(150_000)}`;
    await rpc.askAll([1, 2, 3].map((each) => ({ method: 'eth_call', params: [large, each] })));
    expect(node.requests.slice(1).map((calls) => calls.length)).toEqual([1, 1, 1]);
  });

  it('are asked once when they are the same, unless they do something', async () => {
    const node = await fakeNode({ answers: { evm_mine: () => '0x0' } });
    const rpc = await connect(networkOf(node.url));
    const same = { method: 'eth_blockNumber', params: [] };
    const answers = await rpc.askAll([same, same, same]);
    expect(answers).toEqual(Array(3).fill({ kind: 'value', value: '0x64' }));
    expect(node.calls('eth_blockNumber')).toHaveLength(1);
    await rpc.askAll([1, 2].map(() => ({ method: 'evm_mine', params: [] })));
    expect(node.calls('evm_mine')).toHaveLength(2);
  });

  const manners: readonly (readonly [string, FakeManner])[] = [
    ['in another order', { kind: 'shuffled' }],
    ['with some left out', { kind: 'leaves out', every: 5 }],
    ['by a node that takes no batches', { kind: 'batches up to', size: 1 }],
    ['by a node that takes small batches', { kind: 'batches up to', size: 20 }],
  ];
  it.each(manners)('are all answered %s', async (_, manner) => {
    const node = await fakeNode({ manner });
    const rpc = await connect(networkOf(node.url));
    expect(await codes(rpc, 64)).toEqual(addresses(64));
  });

  it('are sent one by one from then on to a node that refused batches', async () => {
    const node = await fakeNode({ manner: { kind: 'batches up to', size: 1 } });
    const rpc = await connect(networkOf(node.url));
    await codes(rpc, 5);
    node.requests.length = 0;
    await codes(rpc, 5);
    expect(node.requests.map((calls) => calls.length)).toEqual([1, 1, 1, 1, 1]);
  });

  it('are each refused on their own', async () => {
    const node = await fakeNode();
    const rpc = await connect(networkOf(node.url));
    const [code, refused, number] = await Promise.all([
      rpc.send('eth_getCode', [addressOf(0), 'latest']),
      refusal(rpc.send('no_such_method', [])),
      rpc.send('eth_blockNumber', []),
    ]);
    expect([code, number]).toEqual([addressOf(0), '0x64']);
    expect(refused.code).toBe('CUT-2032');
    expect(refused.message).toContain('the method no_such_method does not exist');
  });

  it('fail on their own when one is no JSON', async () => {
    const node = await fakeNode();
    const rpc = await connect(networkOf(node.url));
    const [good, bad] = await Promise.allSettled([rpc.ask('eth_blockNumber', []), rpc.ask('eth_call', [1n])]);
    expect([good.status, bad.status]).toEqual(['fulfilled', 'rejected']);
  });

  it('are kept below the calls per second that an endpoint allows', async () => {
    const node = await fakeNode({ manner: { kind: 'batches up to', size: 1 } });
    const endpoints = [{ url: node.url, requestsPerSecond: 20 }];
    const rpc = await connect({ name: 'test', chainId: 31337, endpoints });
    const started = performance.now();
    await codes(rpc, 8);
    // 1 check and 8 refused together, then 8 one by one.
    expect(performance.now() - started).toBeGreaterThan(600);
  });
});

describe('connections', () => {
  it('to the same endpoints cost one look in all', async () => {
    const node = await fakeNode();
    const network = networkOf(node.url);
    const rpcs = await Promise.all(Array.from({ length: 20 }, () => connect(network)));
    await connect(network, { timeoutMs: 5_000 });
    expect(node.calls().map(({ method }) => method)).toEqual(['eth_chainId']);
    expect(rpcs[0]?.counts()).toEqual({ calls: 1, roundTrips: 1 });
  });

  it('to public chains look at three things in one round trip', async () => {
    const node = await fakeNode({ chainId: 84532 });
    await connect(networkOf(node.url, 84532));
    expect(node.requests.map((calls) => calls.map(({ method }) => method))).toEqual([
      ['eth_chainId', 'eth_syncing', 'net_peerCount'],
    ]);
  });

  it('of different keys share nothing', async () => {
    const node = await fakeNode();
    const [first, second] = await Promise.all([
      connect(networkOf(node.url)),
      connect(networkOf(`${node.url}x`)),
    ]);
    await first.send('eth_blockNumber', []);
    expect([first.counts().calls, second.counts().calls]).toEqual([2, 1]);
  });
});

describe('against a real node', () => {
  let node: LocalNode;
  let proxy: CountingProxy;
  beforeAll(async () => {
    node = await startLocalNode();
    proxy = await startCountingProxy(node.url);
  });
  afterAll(async () => {
    proxy.stop();
    await node.stop();
  });

  it('64 who ask for a code each need no more than four round trips', async () => {
    const network = networkOf(proxy.url);
    const expected = `0x${'60'.repeat(40)}`;
    await node.provider.send('anvil_setCode', [addressOf(3), expected]);
    proxy.requests.length = 0;
    const found = await Promise.all(
      Array.from({ length: 64 }, async (_, index) => {
        const rpc = await connect(network);
        return rpc.send<string>('eth_getCode', [addressOf(index), 'latest']);
      }),
    );
    expect(found[3]).toBe(expected);
    expect(proxy.requests.length).toBeLessThanOrEqual(4);
    expect(proxy.requests.reduce((sum, calls) => sum + calls, 0)).toBe(65);
  });

  it('who come one after the other within some milliseconds share round trips too', async () => {
    const rpc = await connect(networkOf(proxy.url));
    proxy.requests.length = 0;
    await Promise.all(
      Array.from({ length: 64 }, async (_, index) => {
        await new Promise((resolve) => setTimeout(resolve, index / 8));
        return rpc.send<string>('eth_getCode', [addressOf(index), 'latest']);
      }),
    );
    expect(proxy.requests.length).toBeLessThan(20);
  });
});

interface CountingProxy {
  readonly url: string;
  /** How many calls each HTTP request had. */
  readonly requests: number[];
  stop(): void;
}

/** Passes requests on and counts them. */
async function startCountingProxy(target: string): Promise<CountingProxy> {
  const requests: number[] = [];
  const server: Server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const parsed = JSON.parse(body) as unknown;
      requests.push(Array.isArray(parsed) ? parsed.length : 1);
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(target, { method: 'POST', headers, body });
      response.writeHead(answer.status, headers).end(await answer.text());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    stop: () => server.close().closeAllConnections(),
  };
}
