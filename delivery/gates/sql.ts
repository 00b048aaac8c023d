import { Socket } from 'node:net';
import type { PostgresAddress, SqlCheck } from '../plan/gate-check.ts';
import type { ProbeAnswer, ProbeContext } from './context.ts';
import { judged } from './rows.ts';
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
      // One statement at a time, so that none ends the transaction for another one to write.
      return client.query<unknown[]>({ text: check.query ?? 'SELECT 1', rowMode: 'array', ...oneStatement });
    };
    const { rows } = await Promise.race([run(), died]);
    return judged(check.expect, rows);
  } finally {
    socket.destroy();
  }
}

// The extended protocol takes no more than one. Not in the library's types (pg 8.12 has it).
const oneStatement = { queryMode: 'extended' };

function address(database: PostgresAddress, secrets: Secrets) {
  if ('url' in database) return { connectionString: secrets.read(database.url) };
  const { password, ...parts } = database;
  return password === undefined ? parts : { ...parts, password: secrets.read(password) };
}
