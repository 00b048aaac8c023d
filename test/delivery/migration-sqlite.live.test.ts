import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import type { Migrations } from '@cutover/delivery/migrations/engine.ts';
import { migrationStatus } from '@cutover/delivery/migrations/front.ts';
import { until } from '../services/processes.ts';
import {
  folderOf,
  quickestIdleRun,
  run,
  runInProcess,
  sql,
  temporaryFolder,
  writeAll,
} from './migration-help.ts';

const root = temporaryFolder();
afterAll(root.remove);

const orders = sql('CREATE TABLE orders (id INTEGER PRIMARY KEY, pair TEXT NOT NULL);', 'DROP TABLE orders;');
const fees = sql('ALTER TABLE orders ADD COLUMN fee TEXT;', 'ALTER TABLE orders DROP COLUMN fee;');
let count = 0;

function setup(files: Readonly<Record<string, string>>, options: Partial<Migrations<'sqlite'>> = {}) {
  const data = join(root.path, `data ${(count += 1)}`);
  mkdirSync(data);
  const migrations: Migrations<'sqlite'> = {
    kind: 'sqlite',
    directory: folderOf(root.path, files),
    database: { file: join(data, 'order book.db') },
    ...options,
  };
  return { migrations, data, query: (text: string) => queryFile(migrations.database.file, text) };
}

function queryFile(file: string, text: string) {
  const db = new DatabaseSync(file);
  try {
    return db.prepare(text).all();
  } finally {
    db.close();
  }
}

describe('SQLite', () => {
  it('goes up, back to a named migration, down and up again, and an idle run does nothing, quickly', async () => {
    const { migrations, query, data } = setup({ '0001_orders.sql': orders, '0002_fees.sql': fees });
    expect(await run(migrations)).toMatchObject({
      ran: ['up 0001_orders', 'up 0002_fees'],
      current: '0002_fees',
    });
    const before = query('SELECT * FROM cutover_migrations');
    expect(await quickestIdleRun(migrations)).toBeLessThan(50);
    expect(query('SELECT * FROM cutover_migrations')).toEqual(before);
    expect((await run(migrations, '0001')).ran).toEqual(['down 0002_fees']);
    expect((await run(migrations, 'none')).current).toBe('none');
    expect(query("SELECT name FROM sqlite_master WHERE name = 'orders'")).toEqual([]);
    expect((await run(migrations)).current).toBe('0002_fees');
    expect(readdirSync(data).filter((name) => name.includes('scratch'))).toEqual([]);
  });

  it('tells its status without making the file', async () => {
    const { migrations } = setup({ '0001_orders.sql': orders });
    const status = await migrationStatus(migrations);
    expect(status).toMatchObject({ current: 'none', steps: [{ direction: 'up', name: '0001_orders' }] });
    expect(existsSync(migrations.database.file)).toBe(false);
  });

  it('finds a failing migration on the copy, names file, line and statement, and leaves the file alone', async () => {
    const broken = sql(
      'UPDATE orders SET pair = upper(pair);\nINSERT INTO orders (nope) VALUES (1);',
      'SELECT 1;',
    );
    const { migrations, query } = setup({ '0001_orders.sql': orders });
    await run(migrations);
    queryFile(migrations.database.file, "INSERT INTO orders VALUES (1, 'a/b')");
    writeAll(migrations.directory, { '0002_broken.sql': broken });
    const { error } = await run(migrations);
    expect(error?.code).toBe('CUT-4120');
    expect(error?.message).toContain('The database itself was not touched');
    expect(error?.message).toMatch(
      /0002_broken\.sql:3:1\n {2}statement: INSERT INTO orders \(nope\) VALUES \(1\)/,
    );
    expect(error?.message).toContain('no column named nope');
    expect(query('SELECT pair FROM orders')).toEqual([{ pair: 'a/b' }]);
  });

  it('leaves the file as it was when a migration fails on it after all', async () => {
    const broken = sql('CREATE TABLE more (id INTEGER);\nSELECT nope();', 'DROP TABLE more;');
    const { migrations, query } = setup(
      { '0001_orders.sql': orders, '0002_broken.sql': broken },
      { scratch: { mode: 'off' } },
    );
    const { error, lines } = await run(migrations);
    expect(error?.code).toBe('CUT-4122');
    expect(error?.message).toContain('as it was before');
    expect(lines).toContain("not tried on a copy first: scratch.mode is 'off'");
    expect(query("SELECT name FROM sqlite_master WHERE name IN ('orders', 'more')")).toEqual([]);
  });

  it('makes a table anew without losing what refers to it, and refuses rows that refer to nothing', async () => {
    const first = sql(
      'CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT);\n' +
        'CREATE TABLE b (a INTEGER NOT NULL REFERENCES a (id) ON DELETE CASCADE);',
      'DROP TABLE b;\nDROP TABLE a;',
    );
    const anew = (columns: string) =>
      `CREATE TABLE a_new (id INTEGER PRIMARY KEY, ${columns});\nINSERT INTO a_new SELECT * FROM a;\n` +
      'DROP TABLE a;\nALTER TABLE a_new RENAME TO a;';
    const { migrations, query } = setup({ '0001_first.sql': first });
    await run(migrations);
    queryFile(migrations.database.file, "INSERT INTO a VALUES (1, 'x')");
    queryFile(migrations.database.file, 'INSERT INTO b VALUES (1)');
    writeAll(migrations.directory, { '0002_anew.sql': sql(anew('x TEXT NOT NULL'), anew('x TEXT')) });
    expect((await run(migrations)).current).toBe('0002_anew');
    expect(query('SELECT a FROM b')).toEqual([{ a: 1 }]);
    writeAll(migrations.directory, { '0003_lossy.sql': sql('DELETE FROM a;', 'SELECT 1;') });
    const { error } = await run(migrations);
    expect(error?.message).toContain('rows refer to rows that do not exist: b row 1 to a');
  });

  it('refuses what cannot be undone and run again, and takes it where it says that there is no way back', async () => {
    const lossy = 'CREATE TABLE more (id INTEGER);';
    const { migrations } = setup({ '0001_more.sql': sql(lossy, '-- nothing') });
    const { error } = await run(migrations);
    expect(error?.code).toBe('CUT-4121');
    expect(error?.exit).toBe(3);
    writeAll(migrations.directory, { '0001_more.sql': sql(lossy) });
    expect((await run(migrations)).current).toBe('0001_more');
    const back = await run(migrations, 'none');
    expect(back.error?.code).toBe('CUT-4112');
    expect(back.error?.message).toContain('0001_more has no way back');
  });

  it('refuses an edited, a removed and an earlier migration', async () => {
    const { migrations } = setup({ '0002_orders.sql': orders, '0003_fees.sql': fees });
    await run(migrations);
    const { applied } = await migrationStatus(migrations);
    writeAll(migrations.directory, { '0002_orders.sql': `${orders}-- edited` });
    rmSync(join(migrations.directory, '0003_fees.sql'));
    const { error } = await run(migrations);
    expect(error).toMatchObject({ code: 'CUT-4110', exit: 3 });
    expect(error?.message).toContain(`it ran as ${applied['0002_orders']}, the file is sha256:`);
    expect(error?.message).toContain('0003_fees has run');
    writeAll(migrations.directory, { '0002_orders.sql': orders, '0003_fees.sql': fees });
    writeAll(migrations.directory, { '0001_early.sql': sql('SELECT 1;', 'SELECT 1;') });
    expect((await run(migrations)).error).toMatchObject({ code: 'CUT-4111', exit: 3 });
    expect((await run({ ...migrations, outOfOrder: 'allow' })).ran).toEqual(['up 0001_early']);
  });

  it('accepts an edit that is said to be one, and then knows the new checksum', async () => {
    const { migrations } = setup({ '0001_orders.sql': orders });
    await run(migrations);
    writeAll(migrations.directory, { '0001_orders.sql': `-- said better\n${orders}` });
    const found = /the file is (sha256:\w+)/.exec((await run(migrations)).error?.message ?? '')?.[1] ?? '';
    const { lines } = await run({ ...migrations, acceptEdited: { '0001_orders': found } });
    expect(lines).toEqual(['recorded the checksums of 0001_orders, which had run before']);
    expect((await run(migrations)).error).toBeUndefined();
  });

  it('takes line ends of another system for no edit', async () => {
    const { migrations } = setup({ '0001_orders.sql': orders });
    await run(migrations);
    writeAll(migrations.directory, { '0001_orders.sql': orders.replaceAll('\n', '\r\n') });
    expect((await run(migrations)).error).toBeUndefined();
  });

  it('refuses a file that would end its transaction', async () => {
    const { migrations } = setup({ '0001_x.sql': sql('CREATE TABLE x (id);\nCOMMIT;', 'DROP TABLE x;') });
    const { error } = await run(migrations);
    expect(error).toMatchObject({ code: 'CUT-4114', exit: 3 });
    expect(error?.message).toContain('0001_x.sql:3:1: COMMIT');
  });

  it.each([
    [
      '0001_m.mjs',
      'export const up = ({ context }) => context.exec("CREATE TABLE m (id)");\nexport const down = ({ context }) => context.exec("DROP TABLE m");',
    ],
    [
      '0001_m.cjs',
      'exports.up = async ({ context }) => context.exec("CREATE TABLE m (id)");\nexports.down = async ({ context }) => context.exec("DROP TABLE m");',
    ],
    [
      '0001_m.js',
      'module.exports = { up({ context }) { context.exec("CREATE TABLE m (id)"); }, down({ context }) { context.exec("DROP TABLE m"); } };',
    ],
    [
      '0001_m.ts',
      'enum T { M = "m" }\nexport const up = ({ context }: { context: any }) => context.exec(`CREATE TABLE ${T.M} (id)`);\nexport const down = ({ context }: any) => context.exec("DROP TABLE m");',
    ],
  ])('runs a module: %s', async (name, content) => {
    const { migrations, query } = setup({ [name]: content });
    expect((await run(migrations)).current).toBe('0001_m');
    expect(query('SELECT * FROM m')).toEqual([]);
    expect((await run(migrations, 'none')).current).toBe('none');
  });

  it('refuses a module that would end the transaction, before it does', async () => {
    const ending = "exports.up = ({ context }) => { context.exec('CREATE TABLE a (id int); COMMIT'); };";
    const { migrations, query } = setup({ '1_ending.cjs': ending });
    const { error } = await run({ ...migrations, scratch: { mode: 'off' } });
    expect(error?.code).toBe('CUT-4122');
    expect(error?.message).toContain('it would end the transaction that protects the database');
    expect(query("SELECT 1 FROM sqlite_master WHERE name = 'a'")).toEqual([]);
  });

  it('names the statement of a module that fails', async () => {
    const content =
      'export const up = ({ context }) => { context.exec("CREATE TABLE m (id)"); context.prepare("SELECT nope FROM m"); };';
    const { error } = await run(setup({ '0001_m.mjs': content }).migrations);
    expect(error?.message).toContain('statement: SELECT nope FROM m\n  answer: no such column: nope');
  });

  it('says so when the file is no database', async () => {
    const { migrations } = setup({ '0001_orders.sql': orders });
    writeFileSync(migrations.database.file, 'this is a text and no database, long enough to be read as one');
    expect((await run(migrations)).error?.code).toBe('CUT-4130');
  });

  it('refuses a file that is damaged where no migration looks, and leaves it alone', async () => {
    const { migrations, data } = setup({ '0001_orders.sql': orders });
    const { file } = migrations.database;
    const db = new DatabaseSync(file);
    db.exec('CREATE TABLE trades (id INTEGER PRIMARY KEY, note TEXT)');
    const add = db.prepare('INSERT INTO trades (note) VALUES (?)');
    for (let i = 0; i < 2000; i++) add.run('x'.repeat(40));
    db.close();
    const damaged = readFileSync(file).fill(0xff, 8192, 40_000);
    writeFileSync(file, damaged);
    const { error } = await run(migrations);
    expect(error).toMatchObject({ code: 'CUT-4135', exit: 3 });
    expect(error?.message).toMatch(/order book\.db.* is damaged: .*(page|Tree|malformed)/s);
    expect(queryFile(file, "SELECT name FROM sqlite_master WHERE name = 'orders'")).toEqual([]);
    expect(readdirSync(data).filter((name) => name.includes('scratch'))).toEqual([]);
  });

  // Waits while the named file exists; only on the database itself, or only on its copy.
  const holding = (where: 'copy' | 'database') => `
    import { existsSync } from 'node:fs';
    import { setTimeout } from 'node:timers/promises';
    export async function up({ context }) {
      context.exec('CREATE TABLE held (id INTEGER)');
      const onCopy = context.location().includes('cutover-scratch');
      while (onCopy === ${where === 'copy'} && existsSync(process.env.HOLD)) await setTimeout(20);
    }
    export const down = ({ context }) => context.exec('DROP TABLE held');`;

  it.each(['copy', 'database'] as const)('continues after kill -9 while it runs on the %s', async (where) => {
    const { migrations, data, query } = setup({ '0001_orders.sql': orders, '0002_held.mjs': holding(where) });
    const hold = join(data, 'hold');
    writeFileSync(hold, '');
    const child = runInProcess(migrations, { HOLD: hold });
    await until('it runs', () =>
      child.output().includes(where === 'copy' ? 'trying on' : '0001_orders (up)') ? true : undefined,
    );
    await child.stop('SIGKILL');
    if (where === 'copy')
      expect(readdirSync(data).some((name) => name.includes('cutover-scratch'))).toBe(true);
    rmSync(hold);
    process.env['HOLD'] = hold;
    const { lines, current } = await run(migrations);
    expect(current).toBe('0002_held');
    expect(lines[0]).toMatch(/^taking over the migration lock of pid \d+ on .*: its process is gone$/);
    expect(readdirSync(data).filter((name) => name.includes('scratch'))).toEqual([]);
    expect(query('SELECT count(*) AS held FROM cutover_migration_lock')).toEqual([{ held: 0 }]);
  });

  it('lets one of two run, and the other wait and find nothing left to do', async () => {
    const { migrations, data } = setup({ '0001_held.mjs': holding('database') });
    const hold = join(data, 'hold');
    writeFileSync(hold, '');
    const first = runInProcess(migrations, { HOLD: hold });
    await until('it holds', () => (first.output().includes('all well') ? true : undefined));
    const impatient = await run({ ...migrations, lock: { waitSeconds: 0 } });
    expect(impatient.error).toMatchObject({ code: 'CUT-4131', exit: 3 });
    expect(impatient.error?.message).toContain(`pid ${first.child.pid} on `);
    expect((await migrationStatus(migrations)).holder).toContain(`pid ${first.child.pid} on `);
    const second = run(migrations);
    setTimeout(() => rmSync(hold), 300);
    expect(await second).toMatchObject({ ran: [], current: '0001_held' });
    expect(await first.ended).toBe(0);
  });

  it('says that another program writes to the file when that is why it cannot begin', async () => {
    const { migrations } = setup({ '0001_orders.sql': orders });
    const application = new DatabaseSync(migrations.database.file);
    application.exec('CREATE TABLE own (a); BEGIN IMMEDIATE');
    const { error } = await run({ ...migrations, lock: { waitSeconds: 0 } });
    application.close();
    expect(error).toMatchObject({ code: 'CUT-4131', exit: 3 });
    expect(error?.message).toContain('another program may keep writing to it');
  });
});
