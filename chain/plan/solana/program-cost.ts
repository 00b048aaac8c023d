import { feesOfStep, type ProgramParties, type ProgramStep } from './program-steps.ts';

/** What becomes of the payer's lamports. */
export interface SolAccount {
  /** The most that is out at any time. */
  readonly now: bigint;
  /** What goes into a buffer, until it is used or closed. */
  readonly lent: bigint;
  /** What comes back: rent of buffers, and rent that the cluster no longer asks for. */
  readonly returned: bigint;
  /** What goes into the program's accounts, for as long as it is there. */
  readonly locked: bigint;
  readonly fees: bigint;
}

/** The account of steps that are done in this order. */
export function solAccount(
  steps: readonly ProgramStep[],
  parties: ProgramParties,
  microLamports: bigint,
): SolAccount {
  const sum = { now: 0n, lent: 0n, returned: 0n, locked: 0n, fees: 0n };
  const note = (): void => {
    const out = -balanceChange(sum);
    if (out > sum.now) sum.now = out;
  };
  for (const step of steps) {
    sum.fees += feesOfStep(step, parties, microLamports);
    // The fee is taken before anything comes back.
    note();
    sum.returned += step.back;
    if (step.kind === 'create buffer') sum.lent += step.paid;
    else sum.locked += step.paid;
    note();
  }
  return sum;
}

/** By how much the payer's balance changes in all. */
export function balanceChange({ lent, returned, locked, fees }: Omit<SolAccount, 'now'>): bigint {
  return returned - lent - locked - fees;
}
