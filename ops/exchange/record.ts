import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { runtimeFolder } from '@cutover/base/project.ts';

/** What somebody had, and has. All numbers are decimal text, in lamports. */
export interface OwnerBalance {
  readonly owner: string;
  /** In the wallet. */
  readonly wallet: string;
  /** Free collateral and margins, as they were settled last. */
  readonly inExchange: string;
  readonly positions: number;
}

/** The books of an exchange with those who have something in it. */
export interface Balances {
  /** What the exchange's account holds: its rent, tvl and pool. */
  readonly exchange: string;
  readonly tvl: string;
  readonly pool: string;
  /** What accounts of users and positions hold themselves: it comes back with them. */
  readonly rents: string;
  readonly owners: readonly OwnerBalance[];
}

/** What is noted of a rollback while it is under way, so that the same command goes on with it. */
export interface RollbackRecord {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly startedAt: string;
  /** Taken when nobody could trade any more, and before anything was closed. */
  readonly before?: Balances;
}

/** The rollback of a system that is under way; undefined where there is none. SIDE EFFECTS: reads a file. */
export async function readRollback(stack: string, system: string): Promise<RollbackRecord | undefined> {
  const text = await readFile(fileOf(stack, system), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as RollbackRecord);
}

/** SIDE EFFECTS: writes `.cutover/<stack>/<system>-rollback.json`. */
export async function keepRollback(stack: string, system: string, record: RollbackRecord): Promise<void> {
  await mkdir(join(runtimeFolder, stack), { recursive: true, mode: 0o700 });
  await writeFileAtomic(fileOf(stack, system), `${JSON.stringify(record, null, 2)}\n`, 0o600);
}

/** The rollback is done, or given up. SIDE EFFECTS: removes a file. */
export async function forgetRollback(stack: string, system: string): Promise<void> {
  await rm(fileOf(stack, system), { force: true });
}

function fileOf(stack: string, system: string): string {
  return join(runtimeFolder, stack, `${system}-rollback.json`);
}
