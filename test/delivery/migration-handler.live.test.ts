import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { UNKNOWN } from '@cutover/base/dispatch.ts';
import { handler } from '@cutover/delivery/migrations/sqlite/handler.ts';
import type { MigrationInputs } from '@cutover/delivery/plan/migration-inputs.ts';
import { withDefaults } from '@cutover/delivery/plan/migration-inputs.ts';
import { plannedMigrations } from '@cutover/delivery/migrations/front.ts';
import { folderOf, sql, temporaryFolder, writeAll } from './migration-help.ts';

const root = temporaryFolder();
afterAll(root.remove);

const orders = sql('CREATE TABLE orders (id INTEGER PRIMARY KEY);', 'DROP TABLE orders;');
const fees = sql('ALTER TABLE orders ADD COLUMN fee TEXT;', 'ALTER TABLE orders DROP COLUMN fee;');

/** Inputs as the program gives them: the resource puts the planned migrations among them. */
function inputsOf(directory: string, file: string, options = {}): MigrationInputs<'sqlite'> {
  const chosen = withDefaults(options);
  const migrations = plannedMigrations('sqlite', directory, chosen.target);
  return { directory, database: { file }, migrations, ...chosen };
}

/** What a call prints, which the engine shows. */
async function printed(call: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((line: unknown) => void lines.push(String(line)));
  try {
    await call();
  } finally {
    spy.mockRestore();
  }
  return lines;
}

async function created(options = {}) {
  const directory = folderOf(root.path, { '0001_orders.sql': orders });
  const file = join(directory, 'orders.db');
  const inputs = inputsOf(directory, file, options);
  let state = (await silently(() => handler.create(inputs))).outs;
  return {
    directory,
    file,
    inputs,
    state: () => state,
    diff: (news: MigrationInputs<'sqlite'>) => handler.diff?.('id', state, news),
    update: async (news: MigrationInputs<'sqlite'>) => {
      const result = await silently(async () => handler.update?.('id', state, news));
      if (result !== undefined) state = result.outs;
    },
  };
}

async function silently<T>(call: () => Promise<T>): Promise<T> {
  let result: T | undefined;
  await printed(async () => (result = await call()));
  return result as T;
}

describe('migrations as a resource', () => {
  it('come into the state with what has run and on what copy it was tried', async () => {
    const { state, diff, inputs } = await created();
    expect(state()).toMatchObject({
      current: '0001_orders',
      applied: inputs.migrations,
      lastRun: { steps: '0001_orders (up)', copy: expect.stringContaining('complete') as string },
    });
    expect(JSON.stringify(state()).length).toBeLessThan(1500);
    expect(await diff(inputs)).toEqual({ changes: false });
  });

  it('show what will run, and on which database', async () => {
    const { directory, file, diff } = await created();
    writeAll(directory, { '0002_fees.sql': fees });
    const news = inputsOf(directory, file);
    const lines = await printed(async () => expect(await diff(news)).toEqual({ changes: true }));
    expect(lines).toEqual([`will run: 0002_fees on orders.db (sqlite ${file})`]);
  });

  it('go back to the target that the program names', async () => {
    const { directory, file, state, update } = await created();
    writeAll(directory, { '0002_fees.sql': fees });
    await update(inputsOf(directory, file));
    await update(inputsOf(directory, file, { target: '0001' }));
    expect(state()).toMatchObject({ current: '0001_orders', lastRun: { steps: '0002_fees (down)' } });
  });

  it('see that someone undid one by hand, and run it again', async () => {
    const { file, inputs, diff, update, state } = await created();
    const db = new DatabaseSync(file);
    db.exec("DROP TABLE orders; DELETE FROM cutover_migrations WHERE name = '0001_orders'");
    db.close();
    const lines = await printed(async () => expect(await diff(inputs)).toEqual({ changes: true }));
    expect(lines).toEqual([
      `orders.db (sqlite ${file}): 0001_orders was undone since the last finished update`,
      `will run: 0001_orders on orders.db (sqlite ${file})`,
    ]);
    const refreshed = await handler.read?.('id', state());
    expect(refreshed).toMatchObject({ id: 'id', inputs: { migrations: {} }, props: { current: 'none' } });
    await update(inputs);
    expect(state().current).toBe('0001_orders');
  });

  it('can be refreshed and deleted when their folder is gone, which is told', async () => {
    const { directory, state } = await created();
    rmSync(join(directory, '0001_orders.sql'));
    renameSync(directory, `${directory} moved`);
    const lines = await printed(async () =>
      expect(await handler.read?.('id', state())).toMatchObject({ id: 'id' }),
    );
    expect(lines[0]).toContain('cannot be looked at now: CUT-4101');
    await printed(async () => handler.delete?.('id', state()));
  });

  it('are refused already by a preview', async () => {
    const { directory, file, diff } = await created();
    writeAll(directory, { '0001_orders.sql': `${orders}-- edited` });
    await expect(diff(inputsOf(directory, file))).rejects.toMatchObject({ code: 'CUT-4110', exit: 3 });
  });

  it('do not look where the database is not known yet', async () => {
    const { inputs, diff } = await created();
    const unknown = { ...inputs, database: { file: UNKNOWN } };
    expect(await diff(unknown)).toEqual({ changes: true });
    expect(await handler.check?.({}, unknown)).toMatchObject({ failures: [] });
    expect(existsSync(UNKNOWN)).toBe(false);
  });

  it('refuse wrong inputs by name', async () => {
    const { inputs } = await created();
    const { failures } = (await handler.check?.({}, { ...inputs, database: { file: '' } })) ?? {};
    expect(failures).toEqual([{ property: 'database.file', reason: 'is empty' }]);
  });

  it('stay when the resource is deleted, or are undone where that was asked for', async () => {
    const kept = await created();
    const lines = await printed(async () => handler.delete?.('id', kept.state()));
    expect(lines).toEqual([`kept as it is: orders.db (sqlite ${kept.file}), at 0001_orders`]);
    const undone = await created({ onDelete: 'down' });
    await printed(async () => handler.delete?.('id', undone.state()));
    const db = new DatabaseSync(undone.file);
    expect(db.prepare("SELECT name FROM sqlite_master WHERE name = 'orders'").all()).toEqual([]);
    db.close();
  });
});
