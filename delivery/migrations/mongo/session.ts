import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { databaseLabel, withDefaults } from '../../plan/migration-inputs.ts';
import { holderText } from '../../plan/migration-lock.ts';
import type { OpenSession, Session } from '../engine.ts';
import { takeRecordLock, type RecordLock } from '../lock-record.ts';
import { connect } from './connect.ts';
import { lockStore, readLedger, writeChecksum } from './ledger.ts';

/** Opens a MongoDB database to be migrated. SIDE EFFECTS: connects. */
export const openMongo: OpenSession<'mongo'> = async (request) => {
  const { migrations, files, say, signal, purpose } = request;
  const { database } = migrations;
  const settings = withDefaults(migrations);
  const label = databaseLabel('mongo', database);
  const client = await connect(database, purpose);
  const db = client.db(database.database);
  const store = lockStore(db);
  let lock: RecordLock | undefined;

  const session: Session = {
    ledger: async () => {
      try {
        return await readLedger(db, database);
      } catch (cause) {
        throw new CutoverError('CUT-4130', { database: label, reason: messageOf(cause) }, { cause });
      }
    },
    holder: async () => {
      const record = await store.read();
      return record === undefined ? undefined : holderText(record.holder);
    },
    lock: async () => {
      const waitSeconds = settings.lock.waitSeconds ?? 60;
      lock = await takeRecordLock(store, { database: label, waitSeconds, say, signal });
      return lock;
    },
    inspect: async (steps) => (await import('./run.ts')).inspectSteps(files, steps),
    adopt: async (adopted) => {
      for (const file of adopted) await writeChecksum(db, database, file);
    },
    copy: async () => (await import('./copy.ts')).copyMongo({ client, database, files, settings, say }),
    run: async (steps) => {
      const { runSteps } = await import('./run.ts');
      const assertHeld = async (name: string) => lock?.assertHeld(name);
      return runSteps({ client, db, database, files, steps, on: 'database', assertHeld, say });
    },
    close: () => client.close(),
  };
  return session;
};
