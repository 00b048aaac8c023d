import { setTimeout as sleep } from 'node:timers/promises';
import { CutoverError } from '@cutover/base/errors.ts';
import { connectionsOf } from '../rpc/connections.ts';
import { post } from '../rpc/http.ts';
import { describeSolanaNetwork, isLocalCluster } from '../plan/solana/network.ts';
import type { SolanaPool } from './connection.ts';

const patienceMs = 20_000;

/**
 * Takes SOL from the faucet of a local node, and waits until it is there. SIDE EFFECTS: sends a request that moves SOL.
 */
export async function takeFromFaucet(pool: SolanaPool, address: string, lamports: bigint): Promise<void> {
  const { network } = pool;
  if (!isLocalCluster(network)) throw new TypeError('SOL comes from a faucet on localnet only');
  const described = describeSolanaNetwork(network);
  // Asked first: it sees to it that the node is a local one.
  const before = await pool.getBalance(address);
  const [node] = await connectionsOf(network.endpoints, described, console.warn);
  if (node === undefined)
    throw new CutoverError('CUT-2440', { network: described, list: '  - none is configured' });
  const body = `{"jsonrpc":"2.0","id":1,"method":"requestAirdrop","params":["${address}",${lamports}]}`;
  await post(node.address, body, patienceMs, () => undefined);
  const deadline = performance.now() + patienceMs;
  while ((await pool.getBalance(address)) < before + lamports) {
    if (performance.now() > deadline) {
      throw new CutoverError('CUT-2545', { address, network: described, seconds: patienceMs / 1000 });
    }
    await sleep(100);
  }
}
