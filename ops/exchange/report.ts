import { sol } from '@cutover/chain/plan/solana/program-refusals.ts';
import { table } from '../terminal.ts';
import type { Balances } from './record.ts';

/** What `./cutover rollback --json` has of an exchange beside the update. */
export interface ExchangeRollback {
  readonly system: string;
  /** What was taken back, in words. */
  readonly what: string;
  readonly from: string;
  readonly to: string;
  /** Of the exchange now, as the interface names it. */
  readonly mode: string;
  /** `done`: the release runs. Only a pause that was no part of this is left. */
  readonly state: 'done' | 'waiting' | 'unfinished';
  /** What the chain confirms so far, and what is left. */
  readonly confirmed: readonly string[];
  readonly left: readonly string[];
  /** What has to happen before the old release runs, where a council has to agree; or that it decided against it. */
  readonly waits: readonly string[];
  /** What this run sent, by step. */
  readonly sent: readonly { readonly step: string; readonly transactions: readonly string[] }[];
  /** Undefined where there was nothing to close or to return. */
  readonly before: Balances | undefined;
  readonly now: Balances;
}

/** The report for people. */
export function exchangeRollbackLines(stack: string, report: ExchangeRollback): readonly string[] {
  const { system, what, from, to, mode, state, confirmed, left, waits } = report;
  const command = `./cutover rollback ${stack} ${system}`;
  const standing = [
    ...confirmed.map((step) => `  done  ${step}`),
    ...left.map((step, index) => `  ${index === 0 ? 'next' : 'then'}  ${step}`),
  ];
  const balances = report.before === undefined ? [] : balanceLines(report.before, report.now);
  switch (state) {
    case 'done':
      return [
        '',
        mode === 'running'
          ? `Runs now: ${to} of ${what}, and everybody may trade.`
          : `Runs now: ${to} of ${what}. It is paused; ./cutover resume ${stack} ${system} ends that.`,
        ...balances,
        ...(from === to
          ? []
          : [`Forward again: write \`release: ${from}\` into Pulumi.${stack}.yaml and ./cutover up.`]),
      ];
    case 'waiting':
      return [
        '',
        `Not yet ${to} of ${what}: the council has to agree. It stays paused.`,
        ...standing,
        ...waits.map((each) => `  ${each}`),
        ...balances,
        `When it has, ./cutover up executes it; the same command then lets it run: ${command} --reason TEXT`,
      ];
    case 'unfinished':
      return [
        '',
        `Not finished: ${what} is not yet back at ${to}.`,
        ...standing,
        ...waits.map((each) => `  ${each}`),
        ...balances,
        `The same command goes on from here: ${command} --reason TEXT`,
      ];
  }
}

/** Everybody's wallet and the books of the exchange, before and now, in SOL. */
export function balanceLines(before: Balances, now: Balances): readonly string[] {
  const wallets = new Map(now.owners.map(({ owner, wallet }) => [owner, wallet]));
  const row = (who: string, was: string, is: string): readonly string[] => [
    `  ${who}`,
    sol(BigInt(was)),
    sol(BigInt(is)),
    signed(BigInt(is) - BigInt(was)),
  ];
  return [
    '',
    ...table([
      ['  BALANCES (SOL)', 'BEFORE', 'NOW', 'CHANGE'],
      row('the exchange', before.exchange, now.exchange),
      row('  of users', before.tvl, now.tvl),
      row('  of the pool', before.pool, now.pool),
      row('rents of their accounts', before.rents, now.rents),
      ...before.owners.map(({ owner, wallet }) => row(owner, wallet, wallets.get(owner) ?? wallet)),
    ]),
  ];
}

function signed(lamports: bigint): string {
  return lamports < 0n ? `-${sol(-lamports)}` : `+${sol(lamports)}`;
}
