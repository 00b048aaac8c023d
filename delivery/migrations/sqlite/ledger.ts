import { hostname } from 'node:os';
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '@cutover/base/transaction.ts';
import type { AppliedMigration, Direction, MigrationFile } from '../../plan/migration.ts';

/** What has run, oldest first. */
export function readLedger(db: DatabaseSync): AppliedMigration[] {
  if (!hasTable(db, 'cutover_migrations')) return [];
  const rows = db.prepare('SELECT name, checksum FROM cutover_migrations ORDER BY id').all();
  return rows.map(({ name, checksum }) => ({ name: String(name), checksum: String(checksum) }));
}

/** Makes the tables that remember what has run and who migrates. SIDE EFFECTS: changes the database. */
export function makeLedger(db: DatabaseSync): void {
  db.exec(`
    CREATE TABLE IF NOT EXISTS cutover_migrations (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      checksum TEXT NOT NULL,
      applied_at TEXT NOT NULL,
      applied_by TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS cutover_migration_lock (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      host TEXT NOT NULL,
      pid INTEGER NOT NULL,
      started TEXT NOT NULL,
      since TEXT NOT NULL,
      token TEXT NOT NULL,
      beat INTEGER NOT NULL
    ) STRICT`);
}

/** Records that a migration has run, or forgets it when it was undone. SIDE EFFECTS: writes a row. */
export function writeLedger(
  db: DatabaseSync,
  direction: Direction,
  { name, checksum }: Pick<MigrationFile, 'name' | 'checksum'>,
): void {
  if (direction === 'down') {
    db.prepare('DELETE FROM cutover_migrations WHERE name = ?').run(name);
    return;
  }
  db.prepare(
    `INSERT INTO cutover_migrations (name, checksum, applied_at, applied_by) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum`,
  ).run(name, checksum, new Date().toISOString(), `${process.pid}@${hostname()}`);
}

/** Records the new checksums of migrations whose edit was accepted. SIDE EFFECTS: writes rows. */
export function adoptFiles(db: DatabaseSync, files: readonly MigrationFile[]): void {
  inTransaction(db, () => {
    for (const file of files) writeLedger(db, 'up', file);
  });
}

/** Whether the database has a table. */
export function hasTable(db: DatabaseSync, name: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(name) !== undefined;
}
