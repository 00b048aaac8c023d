import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { fromRoot } from '@cutover/base/project.ts';
import { databaseLabel, withDefaults } from '../../plan/migration-inputs.ts';
import { holderText } from '../../plan/migration-lock.ts';
import type { OpenSession, Session } from '../engine.ts';
import { takeRecordLock } from '../lock-record.ts';
import { copySqlite } from './copy.ts';
import { openFile, type RecordingDatabase } from './database.ts';
import { adoptFiles, readLedger } from './ledger.ts';
import { lockStore, readLock } from './lock.ts';
import { inspectSteps } from './modules.ts';
import { runSteps } from './run.ts';

/** Opens an SQLite database to be migrated; 'work' makes the file. SIDE EFFECTS: opens the file. */
export const openSqlite: OpenSession<'sqlite'> = (request) => {
  const { migrations, files, say, signal, purpose } = request;
  const settings = withDefaults(migrations);
  const label = databaseLabel('sqlite', migrations.database);
  const path = fromRoot(migrations.database.file);
  if (purpose === 'look' && !existsSync(path)) return Promise.resolve(notThere);

  const waitSeconds = settings.lock.waitSeconds ?? 60;
  let db: RecordingDatabase;
  try {
    if (purpose === 'work') mkdirSync(dirname(path), { recursive: true });
    db = openFile(path, purpose === 'look');
    db.prepare('PRAGMA schema_version').get();
  } catch (cause) {
    throw new CutoverError('CUT-4130', { database: label, reason: messageOf(cause) }, { cause });
  }

  const session: Session = {
    ledger: () => Promise.resolve({ applied: readLedger(db) }),
    holder: () => {
      const holder = readLock(db)?.holder;
      return Promise.resolve(holder === undefined ? undefined : holderText(holder));
    },
    lock: () => takeRecordLock(lockStore(db), { database: label, waitSeconds, say, signal }),
    inspect: (steps) => inspectSteps(label, files, steps),
    adopt: (adopted) => Promise.resolve(adoptFiles(db, adopted)),
    copy: () => copySqlite({ db, path, label, files, say }),
    run: (steps) => runSteps({ db, files, steps, say, on: 'database', waitSeconds }),
    close: () => Promise.resolve(db.close()),
  };
  return Promise.resolve(session);
};

/** A database that nobody has made yet: nothing has run on it, and looking does not make it. */
const notThere: Session = {
  ledger: () => Promise.resolve({ applied: [] }),
  holder: () => Promise.resolve(undefined),
  lock: lookingOnly,
  inspect: lookingOnly,
  adopt: lookingOnly,
  copy: lookingOnly,
  run: lookingOnly,
  close: () => Promise.resolve(),
};

function lookingOnly(): Promise<never> {
  return Promise.reject(new Error('This session only looks.'));
}
