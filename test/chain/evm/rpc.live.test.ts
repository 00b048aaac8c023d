import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '@cutover/base/free-port.ts';
import { connect } from '@cutover/chain/evm/rpc.ts';
import type { NetworkRef } from '@cutover/chain/plan/network.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { refusal } from '../refusal.ts';

let node: LocalNode;
const servers: Server[] = [];
beforeAll(async () => {
  node = await startLocalNode();
});
afterAll(() => node.stop());
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A fake endpoint that answers every request with this, or never. */
async function fakeEndpoint(answer: { status: number; body: string } | 'never'): Promise<string> {
  const port = await freePort();
  const server = createServer((_, response) => {
    if (answer !== 'never') response.writeHead(answer.status).end(answer.body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return `http://127.0.0.1:${port}/v2/key-in-the-path`;
}

function network(...urls: string[]): NetworkRef {
  return { name: 'test', chainId: 31337, endpoints: urls.map((url) => ({ url })) };
}

const chainId = async (ref: NetworkRef): Promise<unknown> =>
  (await connect(ref, { timeoutMs: 500 })).send('eth_chainId', []);

describe('a network', () => {
  it('is asked at its heaviest endpoint that answers', async () => {
    const dead = `http://127.0.0.1:${await freePort()}`;
    const endpoints = [
      { url: 'http://127.0.0.1:1', weight: 1 },
      { url: node.url, weight: 5 },
      { url: dead, weight: 10 },
    ];
    expect(await chainId({ name: 'test', chainId: 31337, endpoints })).toBe('0x7a69');
  });

  it.each([
    ['hangs', 'never' as const],
    ['answers with an error page', { status: 502, body: '<html>bad gateway</html>' }],
    ['answers what is no JSON-RPC', { status: 200, body: '{"ok":true}' }],
    ['limits requests', { status: 429, body: '{"jsonrpc":"2.0","id":1,"result":"0x7a69"}' }],
    [
      'wants a key',
      { status: 401, body: '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"unauthorized"}}' },
    ],
  ])('is asked elsewhere when an endpoint %s', async (_, answer) => {
    expect(await chainId(network(await fakeEndpoint(answer), node.url))).toBe('0x7a69');
  });

  it('goes on at the next endpoint when one dies between two questions', async () => {
    const first = await startLocalNode();
    const rpc = await connect(network(first.url, node.url));
    await first.stop();
    expect(await rpc.send('eth_chainId', [])).toBe('0x7a69');
    expect(await Promise.all([1, 2, 3].map(() => rpc.send('eth_chainId', [])))).toHaveLength(3);
  });

  it('comes back when its only endpoint does', async () => {
    const first = await startLocalNode();
    const rpc = await connect(network(first.url));
    await first.stop();
    expect((await refusal(rpc.send('eth_blockNumber', []))).code).toBe('CUT-2030');
    const again = await startLocalNode({ port: Number(new URL(first.url).port) });
    expect(await rpc.send('eth_blockNumber', [])).toBe('0x0');
    await again.stop();
  });

  it('that does not answer is refused with what each endpoint did, and without keys in their paths', async () => {
    const hanging = await fakeEndpoint('never');
    const error = await refusal(chainId(network(`http://127.0.0.1:${await freePort()}`, hanging)));
    expect(error.code).toBe('CUT-2030');
    expect(error.message).toContain('nothing listens there');
    expect(error.message).toContain('no answer within 0.5 s');
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('key-in-the-path');
  });

  it('with another chain id is refused before anything is sent', async () => {
    const error = await refusal(chainId({ ...network(node.url), chainId: 1 }));
    expect(error.code).toBe('CUT-2031');
    expect(error.message).toContain('31337');
  });

  it('may keep its URL in the environment, which no error shows', async () => {
    process.env['TEST_RPC_URL'] = node.url;
    const endpoints = [{ url: { kind: 'env', name: 'TEST_RPC_URL' } }] as const;
    expect(await chainId({ ...network(), endpoints })).toBe('0x7a69');
    process.env['TEST_RPC_URL'] = 'http://user:password@127.0.0.1:1/v2/key-in-the-path?token=t';
    const error = await refusal(chainId({ ...network(), endpoints }));
    expect(error.message).toContain('env:TEST_RPC_URL');
    expect(`${error.stack}`).not.toMatch(/password|key-in-the-path|token/);
    delete process.env['TEST_RPC_URL'];
  });

  it('hands refusals of the node on in its words', async () => {
    const rpc = await connect(network(node.url));
    const error = await refusal(rpc.send('no_such_method', []));
    expect(error.code).toBe('CUT-2032');
    expect(error.message).toContain('no_such_method');
  });
});
