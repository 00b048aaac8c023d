import { setTimeout as sleep } from 'node:timers/promises';
import { CutoverError } from '@cutover/base/errors.ts';
import { describeSolanaNetwork } from '../plan/solana/network.ts';
import type { SolanaPool } from './connection.ts';

const patienceMs = 60_000;
const pauseMs = 100;

/**
 * Waits until the cluster is past a slot, by its own clock: the loader changes a program once in a slot, and what was
 * changed runs from the next one on. SIDE EFFECTS: asks nodes.
 */
export async function afterSlot(pool: SolanaPool, slot: bigint): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const now = BigInt((await pool.getClock()).slot);
    if (now > slot) return;
    if (performance.now() > deadline) {
      throw new CutoverError('CUT-2459', {
        network: describeSolanaNetwork(pool.network),
        slot: now,
        seconds: patienceMs / 1000,
      });
    }
    await sleep(pauseMs);
  }
}
