import { Socket } from 'node:net';
import { fromRoot } from '@cutover/base/project.ts';
import type { PostgresAddress, RowExpectation, SqlCheck, SqliteCheck } from '../plan/gate-check.ts';
import { judgeRows } from '../plan/gate-expect.ts';
import type { ProbeAnswer, ProbeContext } from './context.ts';
import type { Secrets } from './secrets.ts';

/** Runs the query of a PostgreSQL check. The transaction is read-only and rolled back: a gate changes nothing. */
export async function queryPostgres(check: SqlCheck, context: ProbeContext): Promise<ProbeAnswer> {
  const { secrets, signal, timeoutMs } = context;
  const { Client } = (await import('pg')).default;
  // A socket of our own can be cut at any moment; the library's end() waits for a server that may be hung.
  const socket = new Socket({ signal });
  const client = new Client({ ...address(check.database, secrets), stream: () => socket });
  const died = new Promise<never>((_, reject) => {
    client.on('error', reject);
    signal.addEventListener('abort', () => reject(new Error('the time is up')), { once: true });
  });
  died.catch(() => undefined);
  try {
    const run = async () => {
      await client.connect();
      // The server drops a query that we no longer wait for.
      await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${Math.ceil(timeoutMs)}`);
      return client.query<unknown[]>({ text: check.query ?? 'SELECT 1', rowMode: 'array' });
    };
    const { rows } = await Promise.race([run(), died]);
    return judged(check.expect, rows);
  } finally {
    socket.destroy();
  }
}

/** Runs the query of an SQLite check on a file opened for reading only. */
export async function querySqlite(check: SqliteCheck): Promise<ProbeAnswer> {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(fromRoot(check.file), { readOnly: true, timeout: 500 });
  try {
    const statement = database.prepare(check.query ?? 'SELECT 1');
    statement.setReturnArrays(true);
    return judged(check.expect, statement.all() as unknown as unknown[][]);
  } finally {
    database.close();
  }
}

function address(database: PostgresAddress, secrets: Secrets) {
  if ('url' in database) return { connectionString: secrets.read(database.url) };
  const { password, ...parts } = database;
  return password === undefined ? parts : { ...parts, password: secrets.read(password) };
}

function judged(expect: RowExpectation = {}, rows: unknown[][]): ProbeAnswer {
  const first = rows[0]?.map(String).join(' | ') ?? 'no row';
  return { answer: `${rows.length} row(s): ${first}`, miss: judgeRows(expect, rows) };
}
