import { formatUnits } from 'ethers/utils';
import { CutoverError, type Details, type ErrorCode } from '@cutover/base/errors.ts';
import { loaders, systemProgram } from './address.ts';
import type { SolAccount } from './program-cost.ts';
import type { ProgramHolder, ProgramWish } from './program-facts.ts';

/** A program that must not be touched as things are. Nothing was sent. */
export interface ProgramRefusal {
  readonly kind: 'refuse';
  readonly error: CutoverError;
  /** Whether nothing that anybody does can change that: the id is lost to this build. */
  readonly forever: boolean;
}

/** Refuses a wish, with its title and accounts in the error. */
export function refuse(
  code: ErrorCode,
  { title, program, writer, payer, buffer, holder }: ProgramWish,
  details: Details = {},
): ProgramRefusal {
  const parties = { title, program, writer, payer, buffer, holder: holderName(holder) };
  const forever = ['CUT-2413', 'CUT-2416', 'CUT-2417'].includes(code);
  return { kind: 'refuse', error: new CutoverError(code, { ...parties, ...details }), forever };
}

/** Refuses an address that another program owns. */
export function refuseForeign(wish: ProgramWish, owner: string): ProgramRefusal {
  const legacy: readonly string[] = loaders.deprecated;
  if (legacy.includes(owner)) return refuse('CUT-2417', wish, { loader: `the old loader ${owner}` });
  const found =
    owner === systemProgram ? 'it is a wallet, or was sent lamports' : `it is an account of ${owner}`;
  return refuse('CUT-2412', wish, { found });
}

/** Refuses a payer that would run dry on the way; undefined where there is enough. */
export function refuseShort(
  wish: ProgramWish,
  account: SolAccount,
  balance: bigint,
  leastBalance: bigint,
): ProgramRefusal | undefined {
  const need = account.now + leastBalance;
  if (account.now <= 0n || balance >= need) return undefined;
  return refuse('CUT-2411', wish, {
    have: sol(balance),
    need: sol(need),
    missing: sol(need - balance),
    account: `${describeSol(account)}; ${sol(leastBalance)} must stay with the payer.`,
  });
}

/** Lamports in SOL, exact. */
export function sol(lamports: bigint): string {
  return formatUnits(lamports, 9).replace(/\.0$/, '');
}

/** What becomes of the SOL, in words. */
export function describeSol({ now, returned, locked, fees }: SolAccount): string {
  return `${sol(now)} SOL are needed on the way: ${sol(locked)} stay in the program's accounts, ${sol(returned)} come back from the buffer, ${sol(fees)} are fees`;
}

/** Who is to have a program, in words. */
export function holderName(holder: ProgramHolder): string {
  return holder.kind === 'none' ? 'nobody' : holder.address;
}
