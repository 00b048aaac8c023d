import type { Client } from 'pg';

/**
 * Checks what was deferred to the end of the transaction, as if it ended here, and defers again what is deferred from
 * the start. Many migrations share a transaction: without this the next one could not alter a table that has checks
 * outstanding, and the last one would be told of what the first did wrong. SIDE EFFECTS: fires deferred triggers.
 */
export async function settleConstraints(client: Client): Promise<void> {
  await client.query('SET CONSTRAINTS ALL IMMEDIATE');
  // A name may stand for constraints of several tables; those that are not all alike stay checked at once.
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', nspname, conname) AS name
     FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
     GROUP BY nspname, conname HAVING bool_and(condeferred)`,
  );
  if (rows.length === 0) return;
  await client.query(`SET CONSTRAINTS ${rows.map(({ name }) => name).join(', ')} DEFERRED`);
}
