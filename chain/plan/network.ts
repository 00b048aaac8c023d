import type { SecretRef } from '@cutover/base/secrets.ts';

/** Where a chain is asked. A URL that carries a key is named by reference, so that it is in no state and no log. */
export interface Endpoint {
  readonly url: string | SecretRef;
  /** @default 1 */
  readonly weight?: number;
}

/** A chain, and how it is reached. */
export interface NetworkRef {
  /** For people: base-sepolia, local. */
  readonly name: string;
  readonly chainId: number;
  /** Asked in the order of their weights, highest first; the next one when one does not answer. */
  readonly endpoints: readonly Endpoint[];
  /** How many blocks, its own included, a transaction must be deep before it counts. @default 1 */
  readonly confirmations?: number;
}

/** The chain id of local nodes (anvil, Hardhat): the one chain where publicly known keys may sign. */
export const localChainId = 31337;

export function isLocal(network: Pick<NetworkRef, 'chainId'>): boolean {
  return network.chainId === localChainId;
}

/** Endpoints in the order in which they are tried: by weight, as written where weights are equal. */
export function endpointOrder(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return endpoints.toSorted((a, b) => (b.weight ?? 1) - (a.weight ?? 1));
}

/** The chain in words. */
export function describeNetwork(network: Pick<NetworkRef, 'name' | 'chainId'>): string {
  return `${network.name} (chain ${network.chainId})`;
}
