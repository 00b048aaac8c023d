import type { ExchangeSeen } from '@cutover/chain/plan/solana/perps/exchange.ts';
import type { ProgramInterface } from '@cutover/chain/plan/solana/perps/interface.ts';
import type { RollbackBuild, RollbackStep, RollbackWish } from '@cutover/chain/plan/solana/rollback.ts';
import type { SolanaPool } from '@cutover/chain/solana/connection.ts';
import type { RollbackMove, RollbackOrder } from '@cutover/chain/solana/exchange-rollback.ts';
import type { ExchangeKey } from '../../infra/exchanges.ts';
import type { Deed } from '../up.ts';
import { hashesOf } from './hashes.ts';
import type { Balances, RollbackRecord } from './record.ts';
import type { ExchangeRollback } from './report.ts';
import { exchangeTarget, type ExchangeTarget } from './target.ts';

interface Asked {
  readonly to: string | undefined;
  readonly reason: string;
  readonly json: boolean;
}

/** An exchange that is taken back: what is wanted, and what it takes to do it. */
interface Way {
  readonly stack: string;
  readonly system: string;
  readonly key: ExchangeKey;
  readonly pool: SolanaPool;
  readonly order: RollbackOrder;
  readonly record: RollbackRecord;
  /** Whether the release runs, and no rollback is under way: then a pause is somebody else's, and stays. */
  readonly isThere: boolean;
}

/**
 * Takes an exchange back to an older release: pause, close positions at the mark price, return funds, old program,
 * resume. The update in its middle brings the old program, through whoever has the authority. SIDE EFFECTS: sends
 * transactions, writes the stack's file, runs the engine.
 */
export async function rollbackExchange(
  stack: string,
  system: string,
  key: ExchangeKey,
  { to, reason, json }: Asked,
): Promise<number> {
  const [{ recorded }, { up }] = await Promise.all([import('../operations-log.ts'), import('../up.ts')]);
  const way = await wayBack(stack, system, key, { to, reason });
  const { from, to: release } = way.record;
  const output = json ? process.stderr : process.stdout;
  let sent: RollbackMove['sent'] = [];
  const deed: Deed = {
    command: './cutover rollback',
    before: async () => {
      const { setStackValue } = await import('../stack-edit.ts');
      if (!way.isThere) {
        const gone = await go(way);
        sent = gone.sent;
        for (const line of gone.lines) output.write(`${line}\n`);
      }
      await setStackValue(stack, key.path, release);
      output.write(`Pulumi.${stack}.yaml says ${release}.\n`);
    },
    after: async () => {
      const target = await exchangeTarget(stack, key);
      const { report, lines } = await finish(way, target, sent);
      return { json: report, lines };
    },
  };
  return recorded(stack, { command: 'rollback', system, reason, from, to: release }, async () => ({
    exit: await up(stack, { json, refresh: false }, deed),
  }));
}

/** Finds out from which release to which, and refuses what must not be. SIDE EFFECTS: reads files, asks nodes. */
async function wayBack(
  stack: string,
  system: string,
  key: ExchangeKey,
  { to, reason }: Omit<Asked, 'json'>,
): Promise<Way> {
  const [
    { openSolana },
    { openSolanaSigner },
    { observeExchange },
    { rollbackFacts },
    { planRollback },
    { chooseRollback },
    { readRollback },
    { readOperations },
  ] = await Promise.all([
    import('@cutover/chain/solana/connection.ts'),
    import('@cutover/chain/solana/keypairs.ts'),
    import('@cutover/chain/solana/exchange.ts'),
    import('@cutover/chain/plan/solana/perps/exchange.ts'),
    import('@cutover/chain/plan/solana/rollback.ts'),
    import('./choose.ts'),
    import('./record.ts'),
    import('../operations-log.ts'),
  ]);
  const { exchange, network, progress } = await exchangeTarget(stack, key);
  const pool = openSolana(network);
  const [{ seen, hash }, kept, hashes, operations, admin, guardian] = await Promise.all([
    observeExchange(pool, exchange),
    readRollback(stack, system),
    hashesOf(key),
    readOperations(stack),
    openSolanaSigner(key.admin, network),
    openSolanaSigner(key.guardian, network),
  ]);
  const chosen = chooseRollback({
    ...{ stack, system, what: key.what, to, record: kept, hashes, runs: hash, current: key.current },
    ranBefore: progress?.record?.hash === hashes[key.current] ? progress?.record?.from : undefined,
    lastTo: operations.findLast((each) => each.command === 'rollback' && each.system === system)?.to,
  });
  const wish = await wishOf(key, exchange.description, hashes, chosen);
  const plan = planRollback(wish, rollbackFacts(seen, hash ?? 'no program', wish.to));
  if (plan.kind === 'refuse') throw plan.error;
  const record = kept ?? { ...chosen, reason, startedAt: new Date().toISOString() };
  const isThere = kept === undefined && hash === wish.to.hash;
  return { stack, system, key, pool, record, isThere, order: { exchange, wish, admin, guardian } };
}

/**
 * The steps up to the old program, and where they lead. What everybody had is noted before anything is closed.
 * SIDE EFFECTS: sends transactions, writes the record.
 */
async function go(
  way: Way,
): Promise<{ readonly lines: readonly string[]; readonly sent: RollbackMove['sent'] }> {
  const [{ moveRollback }, { describeRollback }, { keepRollback }] = await Promise.all([
    import('@cutover/chain/solana/exchange-rollback.ts'),
    import('@cutover/chain/plan/solana/rollback.ts'),
    import('./record.ts'),
  ]);
  const { stack, system, pool, order } = way;
  let { record } = way;
  const note = async (step: RollbackStep, seen: ExchangeSeen): Promise<void> => {
    // Before the pause trading goes on: what was noted then would not be what there is to return.
    if (step !== 'pause' && record.before === undefined) {
      record = { ...record, before: await balancesOf(pool, seen, []) };
    }
    await keepRollback(stack, system, record);
  };
  const { plan, seen, sent } = await moveRollback(pool, { ...order, before: note });
  if (plan.kind === 'refuse') throw plan.error;
  if (plan.kind !== 'done') await note('old program', seen);
  const transactions = sent.flatMap(({ step, transactions: all }) => all.map((each) => `  ${step}: ${each}`));
  return { lines: [...describeRollback(plan, order.wish), ...transactions], sent };
}

/** Behind the update: the last step where the old program runs, else what it waits for. */
async function finish(
  way: Way,
  { progress }: ExchangeTarget,
  sent: RollbackMove['sent'],
): Promise<{ readonly report: ExchangeRollback; readonly lines: readonly string[] }> {
  const [
    { moveRollback },
    { observeExchange },
    { exchangeRollbackLines },
    { forgetRollback, readRollback },
    { describeMissing },
    { describeUpgrade },
  ] = await Promise.all([
    import('@cutover/chain/solana/exchange-rollback.ts'),
    import('@cutover/chain/solana/exchange.ts'),
    import('./report.ts'),
    import('./record.ts'),
    import('@cutover/chain/plan/authority/progress.ts'),
    import('@cutover/chain/plan/solana/upgrade/progress.ts'),
  ]);
  const { stack, system, key, pool, order } = way;
  const record = (await readRollback(stack, system)) ?? way.record;
  const ours = progress?.record?.hash === order.wish.to.hash ? progress : undefined;
  const waiting = ours?.kind === 'proposed' ? { waiting: ours.missing } : {};
  const decided = ours?.kind === 'rejected' || ours?.kind === 'cancelled' ? [describeUpgrade(ours)] : [];
  const move = way.isThere
    ? { plan: { kind: 'done' } as const, sent: [], ...(await observeExchange(pool, order.exchange)) }
    : await moveRollback(pool, { ...order, ...waiting });
  const { plan } = move;
  if (plan.kind === 'refuse') throw plan.error;
  if (plan.kind === 'done') await forgetRollback(stack, system);
  const { from, to, before } = record;
  const report: ExchangeRollback = {
    ...{ system, what: key.what, from, to, before, sent: [...sent, ...move.sent] },
    mode: move.seen.mode,
    state: plan.kind === 'done' ? 'done' : plan.kind === 'wait' ? 'waiting' : 'unfinished',
    confirmed: plan.kind === 'done' ? [] : plan.confirmed,
    left: plan.kind === 'done' ? [] : plan.left,
    waits: plan.kind === 'wait' ? plan.missing.map(describeMissing) : decided,
    now: await balancesOf(pool, move.seen, before?.owners.map(({ owner }) => owner) ?? []),
  };
  return { report, lines: exchangeRollbackLines(stack, report) };
}

/** What everybody has, also those who had something before. SIDE EFFECTS: asks nodes. */
async function balancesOf(
  pool: SolanaPool,
  seen: ExchangeSeen,
  others: readonly string[],
): Promise<Balances> {
  const owners = [...new Set([...seen.users.map(({ owner }) => owner), ...others])];
  const wallets = await pool.getAccounts(owners);
  const rents = [...seen.users, ...seen.positions].reduce((sum, { lamports }) => sum + lamports, 0n);
  return {
    ...{ exchange: String(seen.lamports), tvl: String(seen.tvl), pool: String(seen.pool) },
    rents: String(rents),
    owners: owners.map((owner, at) => {
      const user = seen.users.find((each) => each.owner === owner);
      const positions = seen.positions.filter((each) => each.user === user?.address);
      const margins = positions.reduce((sum, { margin }) => sum + margin, 0n);
      return {
        ...{ owner, wallet: String(wallets[at]?.lamports ?? 0n), positions: positions.length },
        inExchange: String((user?.collateral ?? 0n) + margins),
      };
    }),
  };
}

async function wishOf(
  key: ExchangeKey,
  description: ProgramInterface,
  hashes: Readonly<Record<string, string>>,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<RollbackWish> {
  const { rollbackBuild } = await import('@cutover/chain/plan/solana/perps/exchange.ts');
  const build = (version: string): RollbackBuild => {
    const { reads = '' } = key.releases[version] ?? {};
    return rollbackBuild(description, { version, hash: hashes[version] ?? '', reads });
  };
  return { title: key.what, from: build(from), to: build(to) };
}
