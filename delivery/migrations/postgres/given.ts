import type { Client } from 'pg';
import { CutoverError } from '@cutover/base/errors.ts';
import type { PostgresDatabase } from '../../plan/migration-inputs.ts';
import { connect, disconnect, quoted } from './connect.ts';

const MARK = 'cutover_scratch_here';

/**
 * Makes sure that a given database may be used as a copy: it is another one than the real, and it is empty or carries
 * the mark of an earlier run. Empties and marks it. SIDE EFFECTS: deletes everything in a marked database.
 */
export async function claimGiven(scratch: PostgresDatabase, real: string): Promise<void> {
  const refuse = (reason: string) => new CutoverError('CUT-4141', { scratch: scratch.database, reason });
  if (scratch.database === real) throw refuse('it is the database itself');
  await withClient(scratch, async (client) => {
    const { rows } = await client.query<{ relations: number; marked: boolean }>(`
      SELECT count(*)::int AS relations, coalesce(bool_or(c.relname = '${MARK}'), false) AS marked
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')`);
    const { relations = 0, marked = false } = rows[0] ?? {};
    if (relations > 0 && !marked) throw refuse(`it holds ${relations} tables or other objects`);
    await empty(client);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${MARK}; CREATE TABLE IF NOT EXISTS ${MARK}.${MARK} ()`);
  });
}

/** Empties a given database and leaves it without a mark. SIDE EFFECTS: deletes everything in it. */
export async function emptyGiven(scratch: PostgresDatabase): Promise<void> {
  await withClient(scratch, async (client) => {
    await empty(client);
    await client.query(`DROP SCHEMA IF EXISTS ${MARK} CASCADE`);
  });
}

/** Drops every schema but the mark's, which goes last, and gives back an empty public one. */
async function empty(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT nspname AS name FROM pg_namespace
     WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', '${MARK}')`,
  );
  for (const { name } of rows) await client.query(`DROP SCHEMA ${quoted(name)} CASCADE`);
  await client.query('CREATE SCHEMA public');
}

async function withClient(
  database: PostgresDatabase,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const client = await connect(database, 'work');
  try {
    await work(client);
  } finally {
    await disconnect(client);
  }
}
