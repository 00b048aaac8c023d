import { computeBudgetProgram, loaders, systemProgram } from './address.ts';
import type { Instruction } from './instruction.ts';
import { loaderInstructionOf, setComputeUnitLimit, setComputeUnitPrice } from './loader-instructions.ts';
import { compileMessage } from './message.ts';

/** Lamports that each signature costs. */
export const signatureFee = 5_000n;

/** What is paid at most for a compute unit unless the stack says otherwise: 2,670 lamports for a write. */
export const defaultCeiling = 1_000_000;

/** Which of the recent prices is paid: three of four transactions paid that or less. */
const percentile = 75;

/** What a compute unit is to pay, in millionths of a lamport, and why so much. */
export interface PriorityFee {
  readonly microLamports: bigint;
  /** Whether the ceiling cut it off: it may take longer to be taken. */
  readonly capped: boolean;
  readonly why: string;
}

/** The price that takes a transaction soon, from what others paid recently for the same accounts. */
export function priorityFee(
  recent: readonly bigint[],
  ceilingMicroLamports: number = defaultCeiling,
): PriorityFee {
  const sorted = recent.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const index = Math.ceil((sorted.length * percentile) / 100) - 1;
  const asked = sorted[Math.max(0, index)] ?? 0n;
  const ceiling = BigInt(Math.floor(ceilingMicroLamports));
  if (asked === 0n) return { microLamports: 0n, capped: false, why: 'nobody pays for priority now' };
  const paid = `${percentile} % of recent transactions paid ${asked} micro-lamports a compute unit or less`;
  return asked > ceiling
    ? { microLamports: ceiling, capped: true, why: `${paid}; the ceiling is ${ceiling}` }
    : { microLamports: asked, capped: false, why: paid };
}

/** What each call of a built-in program uses: it does not depend on what it does. */
const builtIn: Readonly<Record<string, number>> = {
  [loaders.upgradeable]: 2_370,
  [systemProgram]: 150,
  [computeBudgetProgram]: 150,
};

/**
 * The compute units that instructions of built-in programs use, to the unit; undefined where another program is called:
 * that one has to be tried. A limit above what is used is paid for and never used.
 */
export function computeUnits(instructions: readonly Instruction[]): number | undefined {
  let units = 0;
  for (const instruction of instructions) {
    const own = builtIn[instruction.program];
    if (own === undefined) return undefined;
    units += own + (callsSystem(instruction) ? (builtIn[systemProgram] ?? 0) : 0);
  }
  return units;
}

/** The instructions with an exact limit before them, and a price where one is paid. */
export function withComputeBudget(
  instructions: readonly Instruction[],
  microLamports: bigint,
  units: number | undefined = unitsWithBudget(instructions, microLamports),
): readonly Instruction[] {
  if (units === undefined) return instructions;
  const price = microLamports === 0n ? [] : [setComputeUnitPrice(microLamports)];
  return [setComputeUnitLimit(units), ...price, ...instructions];
}

/** What a transaction costs its payer, in lamports: its signatures, and its limit at its price. */
export function feeOf(args: {
  readonly signatures: number;
  readonly units: number;
  readonly microLamports: bigint;
}): bigint {
  const priority = (BigInt(args.units) * args.microLamports + 999_999n) / 1_000_000n;
  return BigInt(args.signatures) * signatureFee + priority;
}

/** The same for instructions of built-in programs, sent with their exact limit. */
export function feeOfInstructions(
  payer: string,
  instructions: readonly Instruction[],
  microLamports: bigint,
): bigint {
  const units = unitsWithBudget(instructions, microLamports) ?? 0;
  const { signers } = compileMessage(payer, instructions, systemProgram);
  return feeOf({ signatures: signers.length, units, microLamports });
}

function unitsWithBudget(instructions: readonly Instruction[], microLamports: bigint): number | undefined {
  const price = microLamports === 0n ? [] : [setComputeUnitPrice(microLamports)];
  return computeUnits([setComputeUnitLimit(0), ...price, ...instructions]);
}

/** The loader has the system program create a program's data account, and move the rent of an extension. */
function callsSystem(instruction: Instruction): boolean {
  const name = loaderInstructionOf(instruction);
  return name === 'deployWithMaxDataLen' || name === 'extendProgram' || name === 'extendProgramChecked';
}
