import type { Client } from 'pg';
import { databaseLabel, withDefaults } from '../../plan/migration-inputs.ts';
import type { OpenSession, Session } from '../engine.ts';
import { connect, disconnect } from './connect.ts';
import { ledgerTables, makeLedger, readLedger, writeChecksum } from './ledger.ts';
import { lockHolder, takeLock } from './lock.ts';
import type { LoadedMigrations } from './modules.ts';

/** Opens a PostgreSQL database to be migrated. SIDE EFFECTS: connects. */
export const openPostgres: OpenSession<'postgres'> = async (request) => {
  const { migrations, files, say, signal, purpose } = request;
  const { database } = migrations;
  const settings = withDefaults(migrations);
  const tables = ledgerTables(database);
  const client = await connect(database, purpose, signal);
  if (purpose === 'work') await noticeLostClients(client);

  // Loaded once and only when something is to be done: an idle run does without.
  let loading: Promise<LoadedMigrations> | undefined;
  const loaded = () => (loading ??= import('./modules.ts').then(({ loadAll }) => loadAll(files)));
  const label = databaseLabel('postgres', database);
  const tableSeconds = settings.lock.tableSeconds ?? 15;

  const session: Session = {
    ledger: async () => ({ applied: await readLedger(client, tables) }),
    holder: () => lockHolder(client),
    lock: () =>
      takeLock(client, { database: label, waitSeconds: settings.lock.waitSeconds ?? 60, say, signal }),
    inspect: async (steps) => (await import('./modules.ts')).inspectSteps(label, await loaded(), steps),
    adopt: async (adopted) => {
      await makeLedger(client, tables);
      for (const file of adopted) await writeChecksum(client, tables, 'up', file);
    },
    copy: async () => {
      const { copyDatabase } = await import('./copy.ts');
      return copyDatabase({ client, database, tables, files, migrations: await loaded(), settings, say });
    },
    run: async (steps) => {
      const { runSteps } = await import('./run.ts');
      return runSteps({
        client,
        tables,
        migrations: await loaded(),
        steps,
        on: 'database',
        tableSeconds,
        say,
      });
    },
    close: () => disconnect(client),
  };
  return session;
};

/** A server that is busy with a long statement sees only so that its client was killed, and gives up lock and work. */
async function noticeLostClients(client: Client): Promise<void> {
  // Not on every platform, and new in PostgreSQL 14.
  await client.query("SET client_connection_check_interval = '1s'").catch(() => undefined);
}
