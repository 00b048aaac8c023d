import { hostname } from 'node:os';
import type { Db } from 'mongodb';
import type { MongoDatabase } from '../../plan/migration-inputs.ts';
import type { LockHolder } from '../../plan/migration-lock.ts';
import type { Direction, MigrationFile, Step } from '../../plan/migration.ts';
import type { Ledger } from '../engine.ts';
import type { LockStore } from '../lock-record.ts';

/** A record of migrate-mongo. `fileHash` is its own field for the checksum. */
interface ChangelogRecord {
  readonly fileName: string;
  readonly fileHash?: string;
  readonly appliedAt: Date;
}

/** Which migration is being run, or was when a run ended half-way. */
interface RunningRecord {
  readonly _id: 'running';
  readonly name: string;
  readonly direction: Direction;
  readonly by: string;
  readonly at: Date;
}

interface LockRecord extends LockHolder {
  readonly _id: 'lock';
  readonly beat: number;
}

/** What has run, by migrate-mongo's changelog; and what was begun and not finished. */
export async function readLedger(db: Db, database: MongoDatabase): Promise<Ledger> {
  const [records, running] = await Promise.all([
    changelogOf(db, database).find({}).sort({ appliedAt: 1, _id: 1 }).toArray(),
    runningOf(db).findOne({ _id: 'running' }),
  ]);
  const applied = records.map(({ fileName: name, fileHash }) => ({
    name,
    checksum: fileHash === undefined ? undefined : `sha256:${fileHash}`,
  }));
  const record = records.find(({ fileName }) => fileName === running?.name);
  if (running === null || hasEnded(running, record)) return { applied };
  const { name, direction, by, at } = running;
  return { applied, interrupted: { name, direction, by: `${by}, ${at.toISOString()}` } };
}

/** A migration may have ended just before its run was killed. What was written down before it began is older. */
function hasEnded({ direction, at }: RunningRecord, record: ChangelogRecord | undefined): boolean {
  return direction === 'up' ? record !== undefined && record.appliedAt >= at : record === undefined;
}

/** Writes down that a step begins, so that a run which ends half-way is known. SIDE EFFECTS: writes records. */
export async function beginStep(db: Db, database: MongoDatabase, step: Step): Promise<void> {
  const changelog = changelogOf(db, database);
  const { name, direction, again } = step;
  const by = `pid ${process.pid} on ${hostname()}`;
  // To be undone by migrate-mongo it must count as run; the date keeps it from counting as ended.
  if (again === 'up' && direction === 'down') {
    await changelog.updateOne({ fileName: name }, { $set: { appliedAt: new Date(0) } }, { upsert: true });
  }
  await runningOf(db).replaceOne(
    { _id: 'running' },
    { name, direction, by, at: new Date() },
    { upsert: true },
  );
  if (again === 'down' && direction === 'up') await changelog.deleteMany({ fileName: name });
}

/** Writes down that a step has ended. SIDE EFFECTS: writes records. */
export async function endStep(db: Db, database: MongoDatabase, step: Step): Promise<void> {
  if (step.direction === 'up') await writeChecksum(db, database, step);
  await runningOf(db).deleteOne({ _id: 'running' });
}

/** Records the checksum of a migration that has run. SIDE EFFECTS: writes a record. */
export async function writeChecksum(
  db: Db,
  database: MongoDatabase,
  { name, checksum }: Pick<MigrationFile, 'name' | 'checksum'>,
): Promise<void> {
  const fileHash = checksum.replace('sha256:', '');
  await changelogOf(db, database).updateMany({ fileName: name }, { $set: { fileHash } });
}

/** The collection of migrate-mongo. */
export function changelogName({ changelog = 'changelog' }: MongoDatabase): string {
  return changelog;
}

function changelogOf(db: Db, database: MongoDatabase) {
  return db.collection<ChangelogRecord>(changelogName(database));
}

function runningOf(db: Db) {
  return db.collection<RunningRecord>('cutover_migrations');
}

/** The lock as a record beside the other one. */
export function lockStore(db: Db): LockStore {
  const locks = db.collection<LockRecord>('cutover_migrations');
  return {
    read: async () => {
      const record = await locks.findOne({ _id: 'lock' });
      return record === null ? undefined : { holder: record, beat: record.beat };
    },
    replace: async (previous, next) => {
      const { host, pid, started, since, token } = next;
      const record = { host, pid, started, since, token, beat: 0 };
      if (previous !== undefined) {
        const { modifiedCount } = await locks.updateOne({ _id: 'lock', token: previous }, { $set: record });
        return modifiedCount === 1;
      }
      try {
        await locks.insertOne({ _id: 'lock', ...record });
        return true;
      } catch (error) {
        if ((error as { code?: number }).code === 11000) return false;
        throw error;
      }
    },
    beat: async (token) => {
      const { matchedCount } = await locks.updateOne({ _id: 'lock', token }, { $inc: { beat: 1 } });
      return matchedCount === 1;
    },
    remove: async (token) => {
      await locks.deleteOne({ _id: 'lock', token });
    },
  };
}
