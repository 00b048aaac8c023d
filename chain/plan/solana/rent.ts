import { viewOf } from './instruction.ts';

/** What an account must hold to stay, as the cluster itself says. */
export interface Rent {
  readonly lamportsPerByteYear: bigint;
  /** How many years' rent frees from it. */
  readonly exemptionYears: number;
}

/** The rent of the public clusters since their first day. It is to fall (SIMD-0437): ask the cluster where that can be. */
export const usualRent: Rent = { lamportsPerByteYear: 3_480n, exemptionYears: 2 };

/** What the books of an account take, beside its data. */
const accountOverhead = 128;

/** Reads the account of the sysvar Rent; undefined where it is none. */
export function readRent(data: Uint8Array): Rent | undefined {
  if (data.length < 16) return undefined;
  const view = viewOf(data);
  const exemptionYears = view.getFloat64(8, true);
  return Number.isFinite(exemptionYears) && exemptionYears >= 0
    ? { lamportsPerByteYear: view.getBigUint64(0, true), exemptionYears }
    : undefined;
}

/** The lamports that an account with so many bytes of data must hold; they come back when it is closed. */
export function rentExempt(space: number, rent: Rent = usualRent): bigint {
  const perYear = BigInt(accountOverhead + space) * rent.lamportsPerByteYear;
  // As the cluster computes it: the years are a float there.
  return BigInt(Math.trunc(Number(perYear) * rent.exemptionYears));
}
