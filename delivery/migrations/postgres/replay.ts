import type { Client } from 'pg';
import type { PostgresDatabase } from '../../plan/migration-inputs.ts';
import type { Step } from '../../plan/migration.ts';
import { connect, disconnect, quoted } from './connect.ts';
import { copyRows } from './copy-rows.ts';
import type { CopyRequest } from './copy.ts';
import { readLedger } from './ledger.ts';
import { runSteps } from './run.ts';

/**
 * Runs on an empty database what has run on the real one, and copies rows; what the copy lacks, in words to add.
 * SIDE EFFECTS: fills the empty database.
 */
export async function replay(empty: PostgresDatabase, request: CopyRequest): Promise<string> {
  const { client, tables, files, settings } = request;
  const applied = await readLedger(client, tables);
  const steps = applied.map(({ name }): Step => {
    const checksum = files.find((file) => file.name === name)?.checksum ?? '';
    return { direction: 'up', name, checksum };
  });
  const copy = await connect(empty, 'work');
  try {
    await makeExtensions(client, copy);
    const outcome = await runSteps({
      ...request,
      client: copy,
      steps,
      on: 'replay',
      tableSeconds: 60,
      say: ignore,
    });
    if (outcome.kind === 'failed') {
      const { name, reason } = outcome.failure;
      throw new Error(`${name}, which has run on the database, fails on an empty one: ${reason}`);
    }
    return await copyRows(client, copy, tables, settings.scratch.rowCap ?? 20_000);
  } finally {
    await disconnect(copy);
  }
}

/** Extensions are often made by an administrator, not by a migration. */
async function makeExtensions(from: Client, to: Client): Promise<void> {
  const { rows } = await from.query<{ name: string }>(
    "SELECT extname AS name FROM pg_extension WHERE extname <> 'plpgsql'",
  );
  for (const { name } of rows) {
    await to.query(`CREATE EXTENSION IF NOT EXISTS ${quoted(name)}`).catch(ignore);
  }
}

function ignore(): void {
  // An extension that cannot be made may not be needed; a line of progress is not for a replay.
}
