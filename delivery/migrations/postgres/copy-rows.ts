import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { rowsToCopy, type TableShape } from '../../plan/migration-scratch.ts';
import type { LedgerTables } from './ledger.ts';

/**
 * Fills the tables of a copy with rows of the database, up to a cap a table; what was left out, in words.
 * Foreign keys are dropped, rows without their parent deleted, and the keys made anew, so that any order of tables and
 * any circle among them will do. SIDE EFFECTS: replaces all rows of the copy.
 */
export async function copyRows(from: Client, to: Client, ledger: LedgerTables, cap: number): Promise<string> {
  const { tables, missing } = rowsToCopy(await readTables(from, ledger), await readTables(to, ledger));
  const keys = await readForeignKeys(to);
  const triggers = await readTriggers(to);
  for (const { table, name } of keys) await to.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  for (const { table, name } of triggers) await to.query(`ALTER TABLE ${table} DISABLE TRIGGER ${name}`);

  // One snapshot for all tables, so that what belongs together is copied together.
  await from.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const capped: string[] = [];
  try {
    if (tables.length > 0) await to.query(`TRUNCATE ${tables.map(({ name }) => name).join(', ')}`);
    for (const table of tables) {
      if ((await copyTable(from, to, table, cap)) > cap) capped.push(table.name);
    }
    await copySequences(from, to);
  } finally {
    await from.query('ROLLBACK');
  }
  if (capped.length > 0) await deleteOrphans(to, keys);
  for (const { table, name, definition } of keys) {
    await to.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
  }
  for (const { table, name, mode } of triggers) {
    await to.query(`ALTER TABLE ${table} ENABLE ${mode} TRIGGER ${name}`);
  }
  await to.query('ANALYZE');
  return [
    ...(capped.length === 0 ? [] : [`, ${cap} rows each of ${capped.join(' and ')}`]),
    ...(missing.length === 0 ? [] : [`, without ${missing.join(' and ')}, which no migration makes`]),
  ].join('');
}

/** Tables with their columns; parents of partitions hold no rows of their own. */
async function readTables(client: Client, { log, checksums }: LedgerTables): Promise<TableShape[]> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name,
       array_agg(quote_ident(a.attname) ORDER BY a.attnum) AS columns
     FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
       AND c.oid NOT IN (SELECT oid FROM unnest(ARRAY[to_regclass($1)::oid, to_regclass($2)::oid]) AS own(oid) WHERE oid IS NOT NULL)
       AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
     GROUP BY 1 ORDER BY 1`,
    [log, checksums],
  );
  return rows.filter(({ name }) => !name.startsWith('cutover_scratch_here.'));
}

interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
  readonly parent: string;
  /** Condition that a row `child` belongs to a row `parent`. */
  readonly match: string;
  readonly columns: string[];
}

/** Foreign keys; those of partitions come with their parent's. */
async function readForeignKeys(client: Client): Promise<ForeignKey[]> {
  const { rows } = await client.query<ForeignKey>(`
    SELECT k.conrelid::regclass::text AS table, quote_ident(k.conname) AS name,
      pg_get_constraintdef(k.oid) AS definition, k.confrelid::regclass::text AS parent,
      string_agg(format('child.%I = parent.%I', a.attname, f.attname), ' AND ') AS match,
      array_agg(format('child.%I', a.attname)) AS columns
    FROM pg_constraint k
    CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS pair(child, parent)
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.child
    JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = pair.parent
    WHERE k.contype = 'f' AND k.conparentid = 0
    GROUP BY k.oid, k.conrelid, k.conname, k.confrelid ORDER BY k.oid`);
  return rows;
}

interface Trigger {
  readonly table: string;
  readonly name: string;
  /** '', 'REPLICA' or 'ALWAYS'. */
  readonly mode: string;
}

async function readTriggers(client: Client): Promise<Trigger[]> {
  const { rows } = await client.query<Trigger>(`
    SELECT tgrelid::regclass::text AS table, quote_ident(tgname) AS name,
      CASE tgenabled WHEN 'R' THEN 'REPLICA' WHEN 'A' THEN 'ALWAYS' ELSE '' END AS mode
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT tgisinternal AND tgenabled <> 'D' AND c.relkind = 'r'`);
  return rows;
}

/** Copies a table as a stream; the number of rows that it has, counted up to one above the cap. */
async function copyTable(
  from: Client,
  to: Client,
  { name, columns }: TableShape,
  cap: number,
): Promise<number> {
  if (columns.length === 0) return 0;
  const list = columns.join(', ');
  const source = from.query(copyTo(`COPY (SELECT ${list} FROM ${name} LIMIT ${cap}) TO STDOUT`));
  const sink = to.query(copyFrom(`COPY ${name} (${list}) FROM STDIN`));
  await pipeline(source, sink);
  const { rows } = await from.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (SELECT 1 FROM ${name} LIMIT ${cap + 1}) AS counted`,
  );
  return rows[0]?.count ?? 0;
}

/** A migration that inserts rows must not meet numbers that copied rows have. */
async function copySequences(from: Client, to: Client): Promise<void> {
  const { rows } = await from.query<{ name: string; value: string }>(
    `SELECT format('%I.%I', schemaname, sequencename) AS name, last_value AS value
     FROM pg_sequences WHERE last_value IS NOT NULL`,
  );
  await to.query(
    `SELECT setval(name::regclass, value::bigint) FROM unnest($1::text[], $2::text[]) AS s(name, value)
     WHERE to_regclass(name) IS NOT NULL`,
    [rows.map(({ name }) => name), rows.map(({ value }) => value)],
  );
}

/** Rows whose parent was beyond the cap; and those that refer to them, until there are none. */
async function deleteOrphans(client: Client, keys: readonly ForeignKey[]): Promise<void> {
  for (let deleted = 1; deleted > 0;) {
    deleted = 0;
    for (const { table, parent, match, columns } of keys) {
      const complete = columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
      const { rowCount } = await client.query(
        `DELETE FROM ${table} AS child WHERE ${complete} AND NOT EXISTS (SELECT 1 FROM ${parent} AS parent WHERE ${match})`,
      );
      deleted += rowCount ?? 0;
    }
  }
}
