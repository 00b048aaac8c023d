import { writeSync } from 'node:fs';
import type { SolanaNetworkRef } from '@cutover/chain/plan/solana/network.ts';
import { moveUpgrade, type UpgradeOrder } from '@cutover/chain/solana/authority/move-upgrade.ts';
import { openSolana } from '@cutover/chain/solana/connection.ts';
import { onCheckpoint } from '@cutover/chain/solana/journal/checkpoint.ts';

/** What the process is told: what to upgrade, and after how many moments it ends as kill -9 ends it. */
export interface CrashOrder {
  readonly network: SolanaNetworkRef;
  readonly order: Omit<UpgradeOrder, 'bytes'>;
  readonly bytes: string;
  readonly crashAt: number;
}

// One update in a process of its own. Moments are the journal's checkpoints, steps and announcements; how it ended is
// the last line of its output.
const { network, order, bytes, crashAt } = JSON.parse(process.argv[2] ?? '') as CrashOrder;
let moments = 0;
const moment = (name: string): void => {
  if (++moments !== crashAt) return;
  writeSync(1, `${JSON.stringify({ kind: 'crashed', after: name })}\n`);
  process.kill(process.pid, 'SIGKILL');
};
onCheckpoint(moment);
const reached = await moveUpgrade(
  openSolana(network),
  { ...order, bytes: Buffer.from(bytes, 'base64') },
  { log: moment, announce: ({ key }) => moment(`told ${key}`) },
);
writeSync(1, `${JSON.stringify({ ...reached, moments })}\n`);
process.exit(0);
