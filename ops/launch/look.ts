import type { ExchangeKey } from '../../infra/exchanges.ts';
import { hashesOf } from '../exchange/hashes.ts';
import { exchangeTarget } from '../exchange/target.ts';
import type { LaunchFacts } from './checks.ts';
import type { Measured } from './metrics.ts';

const timeoutMs = 5_000;

/** What is known of an exchange now, and what its API measures. SIDE EFFECTS: asks nodes, processes and the API. */
export async function lookAtLaunch(
  stack: string,
  system: string,
  key: ExchangeKey,
): Promise<{ readonly facts: LaunchFacts; readonly measured: Measured }> {
  const [
    { openSolana },
    { observeExchange },
    { isLocalCluster },
    { statusReport },
    { readRollback },
    { measuredIn },
  ] = await Promise.all([
    import('@cutover/chain/solana/connection.ts'),
    import('@cutover/chain/solana/exchange.ts'),
    import('@cutover/chain/plan/solana/network.ts'),
    import('../status.ts'),
    import('../exchange/record.ts'),
    import('./metrics.ts'),
  ]);
  const { exchange, network, progress, heldBy } = await exchangeTarget(stack, key);
  const pool = openSolana(network);
  const [{ seen, hash, authority }, hashes, status, rollback] = await Promise.all([
    observeExchange(pool, exchange),
    hashesOf(key),
    statusReport(stack),
    readRollback(stack, system),
  ]);
  const { admin, guardian, mode, limited, users } = seen;
  const urls = status.systems[system]?.urls ?? [];
  const [wallets, health, page] = await Promise.all([
    isLocalCluster(network) ? undefined : Promise.all([admin, guardian].map((each) => pool.getBalance(each))),
    textAt(urls.find(({ name }) => name === 'health')?.url),
    textAt(urls.find(({ name }) => name === 'metrics')?.url),
  ]);
  const facts: LaunchFacts = {
    ...{ release: key.current, wanted: hashes[key.current], runs: hash },
    ...{ mode, limited, users: users.length, admin, authority, heldBy },
    isChanging: progress?.kind === 'proposed' || rollback !== undefined,
    wallets: wallets === undefined ? undefined : { admin: wallets[0] ?? 0n, guardian: wallets[1] ?? 0n },
    processes: status.processes,
    health: statusIn(health),
  };
  return { facts, measured: measuredIn(page ?? '') };
}

/** What the health report says in one word; its other fields are for whoever looks into it. */
function statusIn(report: string | undefined): string | undefined {
  try {
    const { status } = JSON.parse(report ?? '{}') as { readonly status?: unknown };
    return typeof status === 'string' ? status : undefined;
  } catch {
    return undefined;
  }
}

async function textAt(url: string | undefined): Promise<string | undefined> {
  if (url === undefined) return undefined;
  try {
    return await (await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })).text();
  } catch {
    return undefined;
  }
}
