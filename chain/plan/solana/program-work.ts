import type { Chunk } from './chunks.ts';
import type { BufferPlan } from './program-buffer.ts';
import { solAccount, type SolAccount } from './program-cost.ts';
import type { ObservedProgram, ProgramWish } from './program-facts.ts';
import { refuseShort, type ProgramRefusal } from './program-refusals.ts';
import type { ProgramStep } from './program-steps.ts';
import { rentExempt } from './rent.ts';

/** Steps in the order in which they are done, and what they cost. */
export interface ProgramWork {
  readonly steps: readonly ProgramStep[];
  readonly account: SolAccount;
}

/** What a program's bytes are sent for. `propose`: the holder is a council, which decides. */
export type Goal = 'deploy' | 'upgrade' | 'propose';

/** Work with a build that is, or will be, in its buffer. */
export type BuildWork =
  | (ProgramWork & { readonly kind: Goal })
  /** Earlier work is there: only what is missing is done. */
  | (ProgramWork & { readonly kind: 'resume'; readonly toward: Goal; readonly missing: readonly Chunk[] });

/** Steps that the payer can afford, or why not. */
export function affordable<Kind extends string>(
  wish: ProgramWish,
  observed: ObservedProgram,
  kind: Kind,
  steps: readonly ProgramStep[],
): (ProgramWork & { readonly kind: Kind }) | ProgramRefusal {
  const account = solAccount(steps, wish, observed.microLamports);
  const leastBalance = rentExempt(0, observed.rent);
  return refuseShort(wish, account, observed.balance, leastBalance) ?? { kind, steps, account };
}

/** The same for steps that bring a build in, and whether they go on from earlier ones. */
export function buildWork(
  wish: ProgramWish,
  observed: ObservedProgram,
  goal: Goal,
  { resumed, missing }: BufferPlan,
  steps: readonly ProgramStep[],
): BuildWork | ProgramRefusal {
  const plan = affordable(wish, observed, goal, steps);
  return plan.kind === 'refuse' || !resumed ? plan : { ...plan, kind: 'resume', toward: goal, missing };
}

/** Hands a program over to its holder. A key signs too; a vault has none. */
export function handOver({ holder }: ProgramWish, authority: string): ProgramStep {
  return {
    kind: 'hand over program',
    authority,
    to: holder.kind === 'none' ? undefined : holder.address,
    signed: holder.kind === 'key',
    paid: 0n,
    back: 0n,
  };
}
