import type { ExchangeKey } from '../../infra/exchanges.ts';
import { duration, terminalOn } from '../terminal.ts';
import { exchangeTarget } from './target.ts';

/** What `./cutover pause --json` and `resume --json` print of an exchange. */
export interface ExchangePauseReport {
  readonly stack: string;
  readonly system: string;
  readonly what: string;
  readonly program: string;
  readonly exchange: string;
  readonly network: string;
  readonly wanted: 'paused' | 'running';
  /** Its mode, as the interface names it, before and now. */
  readonly before: string;
  readonly now: string;
  /** Undefined where nothing was sent. */
  readonly transaction: string | undefined;
  readonly milliseconds: number;
}

/**
 * Pauses an exchange with one transaction of its guardian, or lets it run again with one of its admin. The stack's file
 * says nothing of it: no update ends a pause. A pause waits for no update that runs. SIDE EFFECTS: sends a transaction.
 */
export async function setExchangePause(
  stack: string,
  system: string,
  wanted: ExchangePauseReport['wanted'],
  key: ExchangeKey,
  options: { readonly reason: string; readonly json: boolean },
): Promise<number> {
  const [{ recorded }, { withUpdateLock }] = await Promise.all([
    import('../operations-log.ts'),
    import('../update-lock.ts'),
  ]);
  const [command, from] = wanted === 'paused' ? ['pause', 'running'] : ['resume', 'paused'];
  const work = async () => {
    const report = await carryOut(stack, system, wanted, key);
    if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else print(report);
    const { transaction, before } = report;
    return { exit: 0, transaction, from: before === 'running' ? 'running' : 'paused' };
  };
  return recorded(stack, { command, system, reason: options.reason, from, to: wanted }, () =>
    wanted === 'paused' ? work() : withUpdateLock(stack, './cutover resume', work),
  );
}

async function carryOut(
  stack: string,
  system: string,
  wanted: ExchangePauseReport['wanted'],
  key: ExchangeKey,
): Promise<ExchangePauseReport> {
  const [
    { openSolana },
    { openSolanaSigner },
    { carryOutStep, lookAtExchange },
    { describeSolanaNetwork },
    { forgetRollback },
  ] = await Promise.all([
    import('@cutover/chain/solana/connection.ts'),
    import('@cutover/chain/solana/keypairs.ts'),
    import('@cutover/chain/solana/exchange.ts'),
    import('@cutover/chain/plan/solana/network.ts'),
    import('./record.ts'),
  ]);
  const began = Date.now();
  const { exchange, network } = await exchangeTarget(stack, key);
  const pool = openSolana(network);
  const seen = await lookAtExchange(pool, exchange);
  const isThere = wanted === 'paused' ? seen.mode === 'stopped' : seen.mode === 'running';
  let transaction: string | undefined;
  if (!isThere) {
    const [step, who] =
      wanted === 'paused' ? (['pause', key.guardian] as const) : (['resume', key.admin] as const);
    const signer = await openSolanaSigner(who, network);
    [transaction] = await carryOutStep(pool, exchange, { step, seen, signer });
  }
  // Whoever lets it run gives up a rollback that is under way.
  if (wanted === 'running') await forgetRollback(stack, system);
  const now = isThere ? seen.mode : (await lookAtExchange(pool, exchange)).mode;
  return {
    ...{ stack, system, what: key.what, program: exchange.program, exchange: seen.address },
    ...{ network: describeSolanaNetwork(network), wanted, before: seen.mode, now, transaction },
    milliseconds: Date.now() - began,
  };
}

/** The report for people. */
export function exchangePauseLines(report: ExchangePauseReport): readonly string[] {
  const { stack, system, what, exchange, network, wanted, transaction } = report;
  const where = `${what} at ${exchange} on ${network}`;
  const by = transaction === undefined ? 'nothing was sent' : `by ${transaction}`;
  const time = duration(report.milliseconds);
  if (wanted === 'running') {
    return [`${transaction === undefined ? 'Runs already' : 'Runs again'}: ${where}, ${by} (${time}).`];
  }
  return [
    `${transaction === undefined ? 'Paused already' : 'Paused'}: ${where}, ${by} (${time}).`,
    `Nobody can trade, deposit or withdraw. No update ends it: ./cutover resume ${stack} ${system} lets it run again.`,
  ];
}

function print(report: ExchangePauseReport): void {
  const { line, style } = terminalOn(process.stdout);
  const [first = '', ...rest] = exchangePauseLines(report);
  line(style('green', first));
  for (const each of rest) line(each);
}
