import { genesisProblem, isLocalCluster, type SolanaNetworkRef } from '../plan/solana/network.ts';
import { questionOf } from '../rpc/exchange.ts';
import type { HealthReading, PoolChain } from '../rpc/members.ts';
import type { RpcAnswer } from '../rpc/answers.ts';

/** A slot takes at least this long, so slots tell how old what an endpoint knows is. */
const secondsPerSlot = 0.4;
/** https://docs.rs/solana-rpc-client-api: JSON_RPC_SERVER_ERROR_NODE_UNHEALTHY */
const nodeUnhealthy = -32005;

/**
 * A cluster as its endpoints are checked against it: the hash of its first block, asked before anything else, whether
 * they keep up by their own account, and their slot where there are several to compare.
 */
export function clusterOf(network: SolanaNetworkRef): PoolChain {
  const local = isLocalCluster(network);
  return {
    // Clusters have no numbers: the genesis hash is compared below.
    id: 0,
    local,
    questions: (several) => [
      questionOf('getGenesisHash', []),
      ...(local ? [] : [questionOf('getHealth', [])]),
      ...(several ? [questionOf('getSlot', [{ commitment: 'confirmed' }])] : []),
    ],
    readHealth: (answers) => readHealth(network, answers),
  };
}

function readHealth(network: SolanaNetworkRef, answers: ReadonlyMap<string, RpcAnswer>): HealthReading {
  const genesis = answers.get('getGenesisHash');
  if (genesis?.kind !== 'value' || typeof genesis.value !== 'string') {
    const said = genesis?.kind === 'refused' ? `refuses: ${genesis.message}` : 'is no hash';
    return { kind: 'failed', trouble: 'broken', reason: `what it answers to getGenesisHash ${said}` };
  }
  const problem = genesisProblem(network, genesis.value);
  if (problem !== undefined) return { kind: 'failed', trouble: 'another chain', reason: problem };
  const slot = answers.get('getSlot');
  const number = slot?.kind === 'value' && typeof slot.value === 'number' ? slot.value : undefined;
  const head = number === undefined ? undefined : { number, time: number * secondsPerSlot };
  return { kind: 'probe', probe: { chainId: 0n, syncing: behind(answers), peers: undefined, head } };
}

/**
 * A node that is behind refuses getHealth, and mostly says by how many slots. Some endpoints refuse to be asked: that
 * says nothing.
 */
function behind(answers: ReadonlyMap<string, RpcAnswer>): string | undefined {
  const health = answers.get('getHealth');
  if (health?.kind !== 'refused') return undefined;
  const isBehind = health.code === nodeUnhealthy || /behind|unhealthy/i.test(health.message);
  return isBehind ? `: ${health.message}` : undefined;
}
