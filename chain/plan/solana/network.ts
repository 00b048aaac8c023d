import type { Endpoint } from '../network.ts';
import type { Notifications } from '../notifications.ts';

/** The clusters that there are; `localnet` is a node on this machine. */
export type Cluster = 'localnet' | 'devnet' | 'testnet' | 'mainnet-beta';

/** When a transaction counts: two thirds of the stake have voted for it, or it can never be taken back (13 s later). */
export type Commitment = 'confirmed' | 'finalized';

/** A cluster of Solana, and how it is reached. */
export interface SolanaNetworkRef {
  /** For people: godark-devnet, local. */
  readonly name: string;
  readonly cluster: Cluster;
  /** The hash of its first block. @default the known one of a public cluster; any on localnet */
  readonly genesisHash?: string;
  /** Asked in the order of their weights, highest first; the next one when one does not answer. */
  readonly endpoints: readonly Endpoint[];
  /** @default confirmed */
  readonly commitment?: Commitment;
  /** What is paid to be taken sooner, per compute unit. @default the recent price, at most `defaultCeiling` of fees.ts */
  readonly priorityFee?: { readonly ceilingMicroLamports: number };
  /** Where operators are told of what happens. @default the terminal alone */
  readonly notifications?: Notifications;
}

/** The hash of the first block of each public cluster. */
export const genesisHashes: Readonly<Record<Exclude<Cluster, 'localnet'>, string>> = {
  'mainnet-beta': '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d',
  testnet: '4uhcVJyU9pJkvQyS88uRDiswHScsGY3XkwwQpopSscNY',
  devnet: 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG',
};

/** Whether it is a node on this machine: the one place where publicly known keys may sign. */
export function isLocalCluster(network: Pick<SolanaNetworkRef, 'cluster'>): boolean {
  return network.cluster === 'localnet';
}

/** Why an endpoint with this genesis hash is not of the network; undefined where it is. */
export function genesisProblem(
  network: Pick<SolanaNetworkRef, 'cluster' | 'genesisHash'>,
  observed: string,
): string | undefined {
  const { cluster, genesisHash } = network;
  const wanted = genesisHash ?? (cluster === 'localnet' ? undefined : genesisHashes[cluster]);
  const answers = `it answers with the genesis hash ${observed}${publicName(observed)}`;
  // A local network takes any chain but one where lamports cost money.
  if (wanted === undefined) {
    return publicName(observed) === '' ? undefined : `${answers}, and localnet is a node on this machine`;
  }
  return observed === wanted ? undefined : `${answers}; ${cluster} has ${wanted}`;
}

/** The network in words. */
export function describeSolanaNetwork({ name, cluster }: Pick<SolanaNetworkRef, 'name' | 'cluster'>): string {
  return name === cluster ? name : `${name} (${cluster})`;
}

function publicName(hash: string): string {
  const known = Object.entries(genesisHashes).find(([, each]) => each === hash);
  return known === undefined ? '' : `, which is ${known[0]}`;
}
