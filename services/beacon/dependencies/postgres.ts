import pg from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';
import type { Password } from './database-password.ts';
import type { Dependency, Details, RanMigration } from './dependency.ts';

export interface PostgresOptions {
  readonly url: string;
  /** Asked for with each new connection; undefined where the URL says all. */
  readonly password: Password | undefined;
  readonly timeoutMs: number;
  readonly cacheMs: number;
}

/** PostgreSQL, asked for the connections that the database has and for the migrations that it remembers. */
export function postgres({ url, password, timeoutMs, cacheMs }: PostgresOptions): Dependency {
  let pool: pg.Pool | undefined;
  // Opened by the first look, which tells of a certificate that cannot be read.
  const opened = (): pg.Pool => {
    if (pool !== undefined) return pool;
    pool = new pg.Pool({
      // Not as `connectionString`: the password of a URL, be it none, would win over the one beside it.
      ...parseIntoClientConfig(url),
      ...(password === undefined ? {} : { password: password.read }),
      application_name: 'beacon',
      max: 2,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      statement_timeout: timeoutMs,
    });
    // A server that goes away ends idle connections; the next look finds out and says so.
    pool.on('error', () => undefined);
    return pool;
  };
  const ask = async (): Promise<Details> => {
    const { rows } = await opened().query<{ connections: number; migrated: boolean }>(
      `SELECT count(*)::int AS connections, to_regclass('pgmigrations') IS NOT NULL AS migrated
        FROM pg_stat_activity WHERE datname = current_database()`,
    );
    const [{ connections = 0, migrated = false } = {}] = rows;
    return { connections, migrations: migrated ? await migrationsIn(opened()) : [] };
  };
  return {
    service: 'Database',
    cacheMs,
    look: async () => {
      try {
        return await ask();
      } catch (error) {
        if (password === undefined || !isRefusal(error)) throw error;
        // It may have been changed since it was read.
        password.refused();
        return await ask();
      }
    },
    close: async () => pool?.end(),
  };
}

// node-pg-migrate's own table; its times are those of the server, which runs in UTC.
async function migrationsIn(pool: pg.Pool): Promise<readonly RanMigration[]> {
  const { rows } = await pool.query<RanMigration>(
    `SELECT name, to_char(run_on, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at FROM pgmigrations ORDER BY id`,
  );
  return rows;
}

/** Whether the server did not take the password. */
function isRefusal(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === '28P01';
}
