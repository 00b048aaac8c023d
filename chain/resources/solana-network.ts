import type * as pulumi from '@pulumi/pulumi';
import type { SecretRef } from '@cutover/base/secrets.ts';
import type { SolanaNetworkRef } from '../plan/solana/network.ts';

/** A cluster of Solana, where the URLs may come from resources that are yet to be started. */
export interface SolanaNetworkArgs extends Omit<SolanaNetworkRef, 'endpoints'> {
  readonly endpoints: readonly {
    readonly url: pulumi.Input<string | SecretRef>;
    readonly weight?: number;
    readonly requestsPerSecond?: number;
  }[];
}
