import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const END_MS = 2000;

export interface DatabaseOptions {
  readonly url: string;
  readonly password: string | undefined;
  readonly timeoutMs: number;
}

/** A pool for those who read. Nothing connects before the first question. */
export function readers(options: DatabaseOptions, size: number): pg.Pool {
  const pool = new pg.Pool({ ...connection(options), max: size, application_name: 'indexer readers' });
  // A server that goes away ends idle connections; the next question finds out and says so.
  pool.on('error', () => undefined);
  return pool;
}

/** One connection, for a lock or for notifications: these belong to it. SIDE EFFECTS: connects. */
export async function connected(options: DatabaseOptions, name: string): Promise<pg.Client> {
  const client = new pg.Client({ ...connection(options), application_name: name, keepAlive: true });
  client.on('error', () => undefined);
  await client.connect();
  // When this machine is lost, the server notices within half a minute, and another one can have the lock.
  await client.query(
    'SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4',
  );
  return client;
}

/** Ends a connection; one whose other end is gone is not waited for. */
export async function disconnected(client: pg.Client): Promise<void> {
  const ended = client.end().catch(() => undefined);
  await Promise.race([ended, delay(END_MS, undefined, { ref: false })]);
}

function connection({ url, password, timeoutMs }: DatabaseOptions): pg.ClientConfig {
  return {
    connectionString: withPassword(url, password),
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    statement_timeout: timeoutMs,
  };
}

/** The library lets a URL without a password win over a password that is given beside it. */
function withPassword(url: string, password: string | undefined): string {
  if (password === undefined) return url;
  const complete = new URL(url);
  complete.password = encodeURIComponent(password);
  return complete.href;
}
