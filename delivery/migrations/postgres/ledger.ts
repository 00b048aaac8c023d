import type { ClientBase } from 'pg';
import type { PostgresDatabase } from '../../plan/migration-inputs.ts';
import type { AppliedMigration, Direction, MigrationFile } from '../../plan/migration.ts';
import { applicationName, quoted } from './connect.ts';

/** The two tables that remember what has run: node-pg-migrate's own, and ours with the checksums. */
export interface LedgerTables {
  readonly schema: string;
  /** Its name alone, as node-pg-migrate wants it. */
  readonly table: string;
  readonly log: string;
  readonly checksums: string;
}

/** The names of the tables, quoted where they are used in SQL. */
export function ledgerTables({ schema = 'public', table = 'pgmigrations' }: PostgresDatabase): LedgerTables {
  const within = (name: string) => `${quoted(schema)}.${quoted(name)}`;
  return { schema, table, log: within(table), checksums: within('cutover_migrations') };
}

/** What has run. node-pg-migrate's table is the truth; a checksum of ours without its row there does not count. */
export async function readLedger(client: ClientBase, tables: LedgerTables): Promise<AppliedMigration[]> {
  const { rows: found } = await client.query<{ log: boolean; checksums: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS log, to_regclass($2) IS NOT NULL AS checksums',
    [tables.log, tables.checksums],
  );
  if (found[0]?.log !== true) return [];
  const checksum = found[0].checksums
    ? `(SELECT c.checksum FROM ${tables.checksums} c WHERE c.name = m.name)`
    : 'NULL::text';
  const { rows } = await client.query<{ name: string; checksum: string | null }>(
    `SELECT m.name, ${checksum} AS checksum FROM ${tables.log} m ORDER BY m.run_on, m.id`,
  );
  return rows.map(({ name, checksum }) => ({ name, checksum: checksum ?? undefined }));
}

/** Makes both tables where they are missing, the first as node-pg-migrate makes it. SIDE EFFECTS: changes the database. */
export async function makeLedger(
  client: ClientBase,
  { schema, log, checksums }: LedgerTables,
): Promise<void> {
  const { rows } = await client.query<{ tables: boolean; schema: boolean }>(
    `SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL AS tables,
       to_regnamespace($3) IS NOT NULL AS schema`,
    [log, checksums, quoted(schema)],
  );
  if (rows[0]?.tables === true) return;
  // IF NOT EXISTS asks for the right to create schemas even where there is nothing to create.
  if (rows[0]?.schema !== true) await client.query(`CREATE SCHEMA ${quoted(schema)}`);
  await client.query(`
    CREATE TABLE IF NOT EXISTS ${log} (id SERIAL PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL);
    CREATE TABLE IF NOT EXISTS ${checksums} (
      name text PRIMARY KEY,
      checksum text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now(),
      applied_by text NOT NULL
    );
    COMMENT ON TABLE ${checksums} IS 'What each migration was when it ran. Kept by Cutover; not to be edited.'`);
}

/** Records the checksum of a migration that has run, or forgets it when it was undone. SIDE EFFECTS: writes a row. */
export async function writeChecksum(
  client: ClientBase,
  { checksums }: LedgerTables,
  direction: Direction,
  { name, checksum }: Pick<MigrationFile, 'name' | 'checksum'>,
): Promise<void> {
  if (direction === 'down') {
    await client.query(`DELETE FROM ${checksums} WHERE name = $1`, [name]);
    return;
  }
  await client.query(
    `INSERT INTO ${checksums} (name, checksum, applied_by) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, applied_at = now(), applied_by = excluded.applied_by`,
    [name, checksum, applicationName],
  );
}
