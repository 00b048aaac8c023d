import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { CutoverError } from '@cutover/base/errors.ts';
import type { Lock } from '../engine.ts';

// The lock that node-pg-migrate's own command takes (PG_MIGRATE_LOCK_ID): the two keep each other out as well.
const LOCK_ID = 7241865325823964n;

/** How long to wait for the lock and whom to tell. */
export interface LockWait {
  readonly database: string;
  readonly waitSeconds: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Takes the server's advisory lock for the session. It ends with the connection: whoever is killed holds it no more.
 * SIDE EFFECTS: takes the lock; waits.
 */
export async function takeLock(
  client: Client,
  { database, waitSeconds, say, signal }: LockWait,
): Promise<Lock> {
  const endAt = performance.now() + waitSeconds * 1000;
  for (let told = false; ; told = true) {
    const { rows } = await client.query<{ taken: boolean }>(
      `SELECT pg_try_advisory_lock(${LOCK_ID}) AS taken`,
    );
    if (rows[0]?.taken === true) return { release: () => release(client) };
    const holder = (await lockHolder(client)) ?? 'a session that just ended';
    if (signal?.aborted === true) throw new CutoverError('CUT-4133', { database });
    if (performance.now() >= endAt)
      throw new CutoverError('CUT-4131', { database, holder, seconds: waitSeconds });
    if (!told) say(`${database} is being migrated by ${holder}; waiting up to ${waitSeconds} s`);
    await delay(250);
  }
}

/** The session that holds the lock, in words; undefined when none does. */
export async function lockHolder(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string | null; pid: number; who: string; since: Date | null }>(
    `SELECT a.application_name AS name, l.pid, a.usename AS who, a.backend_start AS since
     FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.classid = $1::bigint::oid AND l.objid = $2::bigint::oid`,
    [String(LOCK_ID >> 32n), String(LOCK_ID & 0xffffffffn)],
  );
  const [holder] = rows;
  if (holder === undefined) return undefined;
  const [, pid, host] = /^cutover-migrate (\d+)@(.*)$/.exec(holder.name ?? '') ?? [];
  const since = holder.since?.toISOString() ?? 'a time that this role may not see';
  const process = pid === undefined ? holder.name || 'another tool' : `pid ${pid} on ${host}`;
  return `${process} (server process ${holder.pid}, role ${holder.who ?? 'hidden'}), since ${since}`;
}

async function release(client: Client): Promise<void> {
  // Where the connection is gone the lock is gone with it.
  await client.query(`SELECT pg_advisory_unlock(${LOCK_ID})`).catch(() => undefined);
}
