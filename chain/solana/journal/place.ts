import { join } from 'node:path';
import { journalFolder, portOf } from '../../journal/place.ts';
import { isLocalCluster, type SolanaNetworkRef } from '../../plan/solana/network.ts';

/**
 * The journal of a cluster. Local nodes are told from each other by their genesis hash, and by their port: all of one
 * version may begin with the same block.
 */
export function solanaJournalPath(
  network: Pick<SolanaNetworkRef, 'cluster' | 'endpoints'>,
  genesis: string,
): string {
  const which = isLocalCluster(network) ? [genesis.slice(0, 8), ...portOf(network)] : [];
  return join(journalFolder(), 'solana', `${[network.cluster, ...which].join('-')}.db`);
}
