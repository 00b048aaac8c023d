import pg from 'pg';
import type { Dependency } from './dependency.ts';

export interface PostgresOptions {
  readonly url: string;
  readonly password: string | undefined;
  readonly timeoutMs: number;
  readonly cacheMs: number;
}

/** PostgreSQL, asked for the connections that the database has. */
export function postgres(options: PostgresOptions): Dependency {
  const pool = new pg.Pool({
    connectionString: withPassword(options.url, options.password),
    application_name: 'beacon',
    max: 2,
    connectionTimeoutMillis: options.timeoutMs,
    query_timeout: options.timeoutMs,
    statement_timeout: options.timeoutMs,
  });
  // A server that goes away ends idle connections; the next look finds out and says so.
  pool.on('error', () => undefined);
  return {
    service: 'Database',
    cacheMs: options.cacheMs,
    look: async () => {
      const { rows } = await pool.query<{ connections: number }>(
        'SELECT count(*)::int AS connections FROM pg_stat_activity WHERE datname = current_database()',
      );
      return { connections: rows[0]?.connections ?? 0 };
    },
    close: () => pool.end(),
  };
}

/** The library lets a URL without a password win over a password that is given beside it. */
function withPassword(url: string, password: string | undefined): string {
  if (password === undefined) return url;
  const complete = new URL(url);
  complete.password = encodeURIComponent(password);
  return complete.href;
}
