import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '@cutover/chain/evm/rpc.ts';
import type { Endpoint, NetworkRef } from '@cutover/chain/plan/network.ts';
import { logbook } from '../kit.ts';
import { refusal } from '../refusal.ts';
import { startFakeNode, type FakeNode } from './fake-node.ts';

const nodes: FakeNode[] = [];
afterEach(() => Promise.all(nodes.splice(0).map((node) => node.stop())));

const unset = (name: string, weight: number): Endpoint => ({ url: { kind: 'env', name }, weight });
const networkBy = (...endpoints: Endpoint[]): NetworkRef => ({ name: 'test', chainId: 31337, endpoints });

describe('an endpoint whose URL cannot be read', () => {
  it('is left out while there is another, and that is said once', async () => {
    const node = await startFakeNode();
    nodes.push(node);
    const network = networkBy(unset('RPC_TEST_MISSING', 10), { url: node.url, weight: 1 });
    const { lines, log } = logbook();
    const rpc = await connect(network, { tell: log });
    await connect(network, { tell: log });
    expect(await rpc.send('eth_chainId', [])).toBe('0x7a69');
    expect(lines).toEqual([
      expect.stringMatching(
        /^warning: an endpoint of test \(chain 31337\) is left out: CUT-1100 .*RPC_TEST_MISSING/,
      ),
    ]);
    expect(rpc.endpoints()).toEqual([{ endpoint: `http://127.0.0.1:${node.port}`, trouble: undefined }]);
  });

  it('is used as soon as it can be read', async () => {
    const [light, heavy] = [await startFakeNode(), await startFakeNode()];
    nodes.push(light, heavy);
    const network = networkBy(unset('RPC_TEST_LATE', 10), { url: light.url, weight: 1 });
    const { log } = logbook();
    await connect(network, { tell: log });
    process.env['RPC_TEST_LATE'] = heavy.url;
    const before = heavy.requests.length;
    await (await connect(network, { tell: log })).send('eth_blockNumber', []);
    expect(heavy.requests.length).toBeGreaterThan(before);
  });

  it('is an error of its own where it is the only one', async () => {
    expect((await refusal(connect(networkBy(unset('RPC_TEST_MISSING', 1))))).code).toBe('CUT-1100');
  });

  it('is an error where none is left, with what is missing of each', async () => {
    const error = await refusal(connect(networkBy(unset('RPC_TEST_ONE', 2), unset('RPC_TEST_TWO', 1))));
    expect(error).toMatchObject({ code: 'CUT-2236', exit: 2 });
    expect(error.message).toMatch(/- .*RPC_TEST_ONE[^]*- .*RPC_TEST_TWO/);
  });
});
