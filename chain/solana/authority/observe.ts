import type { DesiredUpgrade, UpgradeFacts } from '../../plan/solana/upgrade/facts.ts';
import type { UpgradeRecord } from '../../plan/solana/upgrade/record.ts';
import type { SolanaPool } from '../connection.ts';
import { readProgramAndBuffer } from './accounts.ts';
import type { AuthorityPort } from './port.ts';

/** One look at all that an upgrade depends on. SIDE EFFECTS: asks nodes. */
export async function observeUpgrade(
  pool: SolanaPool,
  port: AuthorityPort,
  desired: DesiredUpgrade,
  record: UpgradeRecord | undefined,
): Promise<UpgradeFacts> {
  const isNoted = record?.program === desired.program && record.hash === desired.hash;
  // Asked in one turn, so in one request where the cluster allows it.
  const [clock, { program, buffer }, authority] = await Promise.all([
    pool.getClock(),
    readProgramAndBuffer(pool, desired.program, isNoted ? record.buffer : undefined),
    port.observe(desired),
  ]);
  return { now: clock.unixTimestamp, program, authority, buffer, record };
}
