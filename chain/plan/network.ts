import type { SecretRef } from '@cutover/base/secrets.ts';
import type { FeePolicy } from './fees.ts';
import type { Notifications } from './notifications.ts';
import type { SendingPolicy } from './transaction/policy.ts';

/** Where a chain is asked. A URL that carries a key is named by reference, so that it is in no state and no log. */
export interface Endpoint {
  readonly url: string | SecretRef;
  /** @default 1 */
  readonly weight?: number;
  /** How many calls its owner allows in a second; each one of a batch counts. @default as many as there are */
  readonly requestsPerSecond?: number;
}

/** A chain, and how it is reached. */
export interface NetworkRef extends SendingPolicy {
  /** For people: base-sepolia, local. */
  readonly name: string;
  readonly chainId: number;
  /** Asked in the order of their weights, highest first; the next one when one does not answer. */
  readonly endpoints: readonly Endpoint[];
  /** How many blocks, its own included, a transaction must be deep before it counts. @default 1 */
  readonly confirmations?: number;
  /**
   * How many endpoints must say the same of what is final or costs money. One that is set is insisted upon.
   * @default the majority of those that are well, 1 on local chains
   */
  readonly quorum?: number;
  /** Where operators are told of what happens to transactions. @default the terminal alone */
  readonly notifications?: Notifications;
  /** Prices for when no node gives one, and the ceiling. @default the chain's usual prices, no ceiling */
  readonly fees?: FeePolicy;
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

/** What fees are paid in. */
export function coinOf(chainId: number): string {
  return [137, 80002].includes(chainId) ? 'POL' : 'ETH';
}
