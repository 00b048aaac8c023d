import { isLocal, type NetworkRef } from '../network.ts';

/** How transactions are sent on a chain. */
export interface SendingPolicy {
  /** How many transactions of one account may be on their way at once. @default 256 on local chains, else 16 */
  readonly inFlight?: number;
  /** After so many seconds without a block a transaction is sent at a higher price. @default 3600 */
  readonly stalledSeconds?: number;
  /** How often the price of one transaction is raised before somebody is asked. @default 3 */
  readonly bumps?: number;
  /** How long to wait for cheaper gas or for a turn. @default 600 */
  readonly patienceSeconds?: number;
}

export interface SendingTerms {
  readonly inFlight: number;
  readonly stalledMs: number;
  readonly bumps: number;
  readonly patienceMs: number;
  readonly confirmations: number;
}

/** The policy with its defaults. Public nodes keep 16 executable transactions of an account for sure, 64 at best. */
export function sendingTerms(network: NetworkRef): SendingTerms {
  return {
    inFlight: network.inFlight ?? (isLocal(network) ? 256 : 16),
    stalledMs: (network.stalledSeconds ?? 3600) * 1000,
    bumps: network.bumps ?? 3,
    patienceMs: (network.patienceSeconds ?? 600) * 1000,
    confirmations: network.confirmations ?? 1,
  };
}

/** How long a transaction may take in all, every bump included. */
export function longestWaitMs({ stalledMs, bumps }: SendingTerms): number {
  return stalledMs * (bumps + 1);
}
