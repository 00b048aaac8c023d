import { systemProgram } from '../plan/solana/address.ts';
import type { Instruction } from '../plan/solana/instruction.ts';
import type { TransactionError } from './answers.ts';

/** Says what a number means that a program fails with; undefined where the program is not known. */
export type Explain = (program: string, code: number) => string | undefined;

/**
 * What a transaction's error means, in words, with the instruction that it came from.
 * @param before how many instructions stand before these in the transaction
 */
export function describeTransactionError(
  error: TransactionError,
  instructions: readonly Instruction[],
  explain: Explain = () => undefined,
  before = 0,
): string {
  if (typeof error === 'string') return words[error] ?? error;
  const failed = error['InstructionError'];
  if (!Array.isArray(failed)) return JSON.stringify(error);
  const [place, kind] = failed as readonly unknown[];
  const index = Number(place) - before;
  const program = instructions[index]?.program;
  const where = `instruction ${index + 1} of ${instructions.length} (${program ?? 'unknown program'})`;
  const code = customCode(kind);
  if (code === undefined)
    return `${where} fails with ${typeof kind === 'string' ? kind : JSON.stringify(kind)}`;
  const known = program === undefined ? undefined : (explain(program, code) ?? ownWords(program, code));
  return `${where} fails with error ${code}${known === undefined ? '' : `: ${known}`}`;
}

/** The number that a program failed with; undefined where it was something else. */
export function customCodeOf(error: TransactionError): number | undefined {
  const failed = typeof error === 'string' ? undefined : error['InstructionError'];
  return Array.isArray(failed) ? customCode((failed as readonly unknown[])[1]) : undefined;
}

/** The end of a program's log, as lines below an error; the beginning is the same for all. */
export function lastLogs(logs: readonly string[]): string {
  return logs
    .filter((line) => !/ (invoke \[\d+\]|success|consumed \d+ of \d+ compute units)$/.test(line))
    .slice(-6)
    .map((line) => `\n  ${line}`)
    .join('');
}

const words: Readonly<Record<string, string>> = {
  InsufficientFundsForFee: 'the payer cannot pay the fee',
  AccountNotFound: 'the payer has no lamports, so there is no such account',
  BlockhashNotFound: 'its blockhash is not known, or too old',
  AlreadyProcessed: 'it is in a block already',
};

function customCode(kind: unknown): number | undefined {
  const code =
    kind !== null && typeof kind === 'object' ? (kind as { readonly Custom?: unknown }).Custom : undefined;
  return typeof code === 'number' ? code : undefined;
}

// https://docs.rs/solana-system-interface: SystemError
function ownWords(program: string, code: number): string | undefined {
  if (program !== systemProgram) return undefined;
  return ['there is an account at that address already', 'the payer has too few lamports'][code];
}
