import { CutoverError } from '@cutover/base/errors.ts';
import { sol } from '../program-refusals.ts';

/** What something will need, in lamports. */
export interface Need {
  readonly title: string;
  readonly lamports: bigint;
}

/** An account that is to pay. */
export interface Wallet {
  readonly address: string;
  readonly balance: bigint;
  /** What must stay in it, or the cluster refuses its transactions. */
  readonly least: bigint;
}

/** What is missing for all needs together; 0 where there is enough. */
export function shortfall(needs: readonly Need[], { balance, least }: Wallet): bigint {
  const need = needOf(needs, least);
  return balance >= need ? 0n : need - balance;
}

/** The refusal of a wallet that is short. */
export function refuseShortfall(needs: readonly Need[], wallet: Wallet, network: string): CutoverError {
  const { address, balance, least } = wallet;
  const list = [...needs, { title: 'must stay in the account', lamports: least }]
    .filter(({ lamports }) => lamports > 0n)
    .map(({ title, lamports }) => `  - ${title}: ${sol(lamports)} SOL`)
    .join('\n');
  return new CutoverError('CUT-2532', {
    ...{ account: address, network, list },
    have: sol(balance),
    need: sol(needOf(needs, least)),
    missing: sol(shortfall(needs, wallet)),
  });
}

function needOf(needs: readonly Need[], least: bigint): bigint {
  const sum = needs.reduce((total, { lamports }) => total + lamports, 0n);
  return sum === 0n ? 0n : sum + least;
}
