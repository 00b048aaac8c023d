import { CutoverError } from '@cutover/base/errors.ts';
import { computeUnits, priorityFee, withComputeBudget } from '../plan/solana/fees.ts';
import type { Instruction } from '../plan/solana/instruction.ts';
import { setComputeUnitLimit, setComputeUnitPrice } from '../plan/solana/loader-instructions.ts';
import { describeSolanaNetwork, isLocalCluster } from '../plan/solana/network.ts';
import type { SolanaPool } from './connection.ts';
import { describeTransactionError, lastLogs, type Explain } from './transaction-errors.ts';
import { unsignedTransaction, type Unsigned } from './transaction.ts';

const mostUnits = 1_400_000;
/** What a program uses may differ a little between the trial and the block, by the time or an address that it searches. */
const marginPercent = 10;

/** What a compute unit is to pay for instructions that write these accounts. SIDE EFFECTS: asks nodes. */
export async function currentPrice(pool: SolanaPool, instructions: readonly Instruction[]): Promise<bigint> {
  // Nobody competes for a local node.
  if (isLocalCluster(pool.network)) return 0n;
  const writes = instructions.flatMap(({ accounts }) => accounts.filter(({ writable }) => writable));
  const recent = await pool
    .recentPriorityFees([...new Set(writes.map(({ address }) => address))])
    .catch(unlessRefused);
  return priorityFee(recent.map(BigInt), pool.network.priorityFee?.ceilingMicroLamports).microLamports;
}

/**
 * Instructions with their limit of compute units and their price before them. They are tried first, so what would fail
 * is told before anything is paid. SIDE EFFECTS: asks nodes.
 */
export async function withBudget(
  pool: SolanaPool,
  unsigned: Unsigned & { readonly explain?: Explain },
): Promise<readonly Instruction[]> {
  const { instructions, purpose } = unsigned;
  // A limit that is never reached. A price would be paid for all of it, also by a payer who has to the lamport what is
  // needed; its instruction uses units too.
  const tried = [setComputeUnitLimit(mostUnits), setComputeUnitPrice(0n), ...instructions];
  const [{ error, logs, unitsConsumed }, price] = await Promise.all([
    pool.simulate(unsignedTransaction({ ...unsigned, instructions: tried })),
    currentPrice(pool, instructions),
  ]);
  if (error !== undefined) {
    throw new CutoverError('CUT-2444', {
      purpose,
      network: describeSolanaNetwork(pool.network),
      reason: describeTransactionError(
        error,
        instructions,
        unsigned.explain,
        tried.length - instructions.length,
      ),
      logs: lastLogs(logs),
      when: 'Tried with what is on the chain now; nothing was sent.',
    });
  }
  const units = Math.ceil((unitsConsumed * (100 + marginPercent)) / 100);
  return computeUnits(instructions) === undefined
    ? withComputeBudget(instructions, price, Math.min(units, mostUnits))
    : withComputeBudget(instructions, price);
}

/** Not every endpoint knows what others pay. It takes longer without a price then, which is better than not at all. */
function unlessRefused(error: unknown): readonly number[] {
  if (error instanceof CutoverError && error.code === 'CUT-2442') return [];
  throw error;
}
