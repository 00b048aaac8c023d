import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { readSecret } from '@cutover/base/secrets.ts';
import { portFor, type PostgresDatabase, type PostgresDefinition } from '../../plan/process-definition.ts';
import { scramVerifier } from '../../plan/process-scram.ts';
import type { Place } from '../kind.ts';
import { ensureSecret } from '../secrets.ts';

/**
 * Makes the databases that are asked for, each with a role that owns it, may log in with its own password, and can do
 * nothing elsewhere. Those no longer asked for stay: they hold data. SIDE EFFECTS: writes in the server.
 */
export async function settleDatabases(place: Place<PostgresDefinition>): Promise<void> {
  const { definition } = place;
  if (definition.databases.length === 0) return;
  // Loaded when it is needed: every update and preview loads this module.
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    host: '127.0.0.1',
    port: portFor(place, 'sql'),
    user: 'postgres',
    database: 'postgres',
    password: await readSecret(definition.password),
    connectionTimeoutMillis: 10_000,
    application_name: 'cutover',
    // Said, as PGSSLMODE of the user's shell would be obeyed otherwise.
    ssl: false,
  });
  await client.connect();
  try {
    // Roles and databases are the whole server's: two at once would trip over each other.
    for (const database of definition.databases) {
      const mayCreate = definition.databases.some(
        (each) => each.user === database.user && each.mayCreateDatabases,
      );
      await settleDatabase(client, database, mayCreate);
    }
  } finally {
    await client.end();
  }
}

async function settleDatabase(
  client: Client,
  { name, user, password }: PostgresDatabase,
  mayCreateDatabases: boolean,
): Promise<void> {
  const role = client.escapeIdentifier(user);
  const verifier = client.escapeLiteral(scramVerifier(await ensureSecret(password), randomBytes(16)));
  const has = async (query: string, value: string): Promise<boolean> =>
    ((await client.query(query, [value])).rowCount ?? 0) > 0;
  const roleExists = await has('SELECT FROM pg_roles WHERE rolname = $1', user);
  const create = mayCreateDatabases ? 'CREATEDB' : 'NOCREATEDB';
  const attributes = `LOGIN NOSUPERUSER ${create} NOCREATEROLE NOREPLICATION`;
  await client.query(`${roleExists ? 'ALTER' : 'CREATE'} ROLE ${role} ${attributes} PASSWORD ${verifier}`);
  const database = client.escapeIdentifier(name);
  if (!(await has('SELECT FROM pg_database WHERE datname = $1', name))) {
    await client.query(`CREATE DATABASE ${database} OWNER ${role}`).catch((error: unknown) => {
      // The server may still have been making it for an earlier run that was killed.
      if (!isThere(error)) throw error;
    });
    await client.query(`ALTER DATABASE ${database} OWNER TO ${role}`);
  }
  // By default every role may connect to every database.
  await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
}

/** duplicate_database, or the unique index that two at once meet. */
function isThere(error: unknown): boolean {
  const { code } = error as { readonly code?: string };
  return code === '42P04' || code === '23505';
}
