import { setTimeout as sleep } from 'node:timers/promises';
import { CutoverError } from '@cutover/base/errors.ts';
import {
  describeSolanaNetwork,
  isLocalCluster,
  type Commitment,
  type SolanaNetworkRef,
} from '../plan/solana/network.ts';

/** What a node said, and as of which slot; undefined where it does not say. */
export interface AsOf<T> {
  readonly slot: number | undefined;
  readonly value: T;
}

const patienceMs = 15_000;
const pauseMs = 250;
const slots = new Map<string, number>();

/** Statuses of transactions are told as of what is newest, not as of what is confirmed. */
export type Horizon = Commitment | 'processed';

/**
 * Asks again while a node tells what is older than what was told before the question. Behind most addresses there are
 * several nodes, some slots apart: without this a deployment that has landed would be missing in the next look. What is
 * known of a cluster is shared by all that asks it. SIDE EFFECTS: asks nodes.
 */
export async function notOlder<T>(
  network: SolanaNetworkRef,
  horizon: Horizon,
  ask: () => Promise<AsOf<T>>,
): Promise<T> {
  // One node alone, which may begin anew.
  if (isLocalCluster(network)) return (await ask()).value;
  const key = `${network.cluster} ${network.genesisHash ?? ''} ${horizon}`;
  const known = slots.get(key) ?? 0;
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const { slot = known, value } = await ask();
    slots.set(key, Math.max(slots.get(key) ?? 0, slot));
    if (slot >= known) return value;
    if (performance.now() >= deadline) {
      throw new CutoverError('CUT-2446', {
        network: describeSolanaNetwork(network),
        ...{ slot, known, seconds: patienceMs / 1000 },
      });
    }
    await sleep(pauseMs);
  }
}
