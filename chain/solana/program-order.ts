import type { ProgramAuthorityRef } from '../plan/solana/authority.ts';
import type { PreparedProgram } from '../plan/solana/prepared-program.ts';
import { planProgram, type ProgramPlan } from '../plan/solana/program-plan.ts';
import type { SolanaSignerRef } from '../plan/solana/signer.ts';
import type { SolanaPool } from './connection.ts';
import { holderOf } from './holder.ts';
import { openSolanaSigner } from './keypairs.ts';
import { observeProgram, type Observation, type ProgramOrder } from './observe-program.ts';
import { readPrepared } from './prepare-program.ts';

/** A program of a stack, and who has it. */
export interface OwnedProgram extends PreparedProgram {
  readonly signer: SolanaSignerRef;
  readonly authority: ProgramAuthorityRef;
  /** The signer keeps the authority until another resource hands it over. @default it is handed over at once */
  readonly handOver?: 'later';
  readonly room?: number;
}

const anyAmount = 1n << 63n;

/** A program's order, what there is, and what follows from it. */
export interface PlannedProgram extends Observation {
  readonly order: ProgramOrder;
  readonly plan: ProgramPlan;
}

export interface OwnedOptions {
  /** Whether the state knows the program as deployed. */
  readonly recorded: boolean;
  /** Whether it is planned as if there were any amount of SOL. @default false */
  readonly unlimited?: boolean;
}

/**
 * Looks at a program and plans it. As long as somebody else hands it over and has not yet, it is the signer's.
 * SIDE EFFECTS: reads its build and keys, asks nodes.
 */
export async function planOwned(
  pool: SolanaPool,
  owned: OwnedProgram,
  { recorded, unlimited = false }: OwnedOptions,
): Promise<PlannedProgram> {
  const { title, program, room, authority, handOver } = owned;
  const [bytes, writer, { holder, key: holderKey }] = await Promise.all([
    readPrepared(owned),
    openSolanaSigner(owned.signer, pool.network),
    holderOf(authority, pool.network),
  ]);
  const order: ProgramOrder = { title, program, bytes, room, holder, holderKey, writer, payer: writer };
  const kept: ProgramOrder = {
    ...order,
    holder: { kind: 'key', address: writer.address },
    holderKey: undefined,
  };
  const observation = await observeProgram(pool, handOver === 'later' ? kept : order);
  const code = observation.observed.programData?.content;
  const isOver = code?.kind === 'programData' && code.authority !== writer.address;
  const chosen = handOver === 'later' && !isOver ? kept : order;
  const wish = { ...observation.wish, holder: chosen.holder };
  const observed = { ...observation.observed, ...(unlimited ? { balance: anyAmount } : {}) };
  return { ...observation, wish, order: chosen, plan: planProgram(wish, observed, { recorded }) };
}
