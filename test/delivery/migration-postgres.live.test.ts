import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '@cutover/base/free-port.ts';
import type { Migrations } from '@cutover/delivery/migrations/engine.ts';
import { migrationStatus } from '@cutover/delivery/migrations/front.ts';
import { startPostgres, type TestPostgres } from '../services/postgres.ts';
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
let server: TestPostgres;
let count = 0;

beforeAll(async () => {
  server = await startPostgres();
  writeFileSync(join(root.path, 'password'), `${server.password}\n`, { mode: 0o600 });
});
afterAll(async () => {
  await server.remove();
  root.remove();
});

/** Runs SQL as the administrator. */
async function query<Row extends pg.QueryResultRow>(database: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ ...server, host: '127.0.0.1', database });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

const queryOf = query;

async function setup(files: Readonly<Record<string, string>>, options: Partial<Migrations<'postgres'>> = {}) {
  const database = `app${(count += 1)}`;
  await query('postgres', `CREATE DATABASE ${database}`);
  const migrations: Migrations<'postgres'> = {
    kind: 'postgres',
    directory: folderOf(root.path, files),
    ...options,
    database: {
      host: '127.0.0.1',
      port: server.port,
      database,
      user: server.user,
      password: { kind: 'file', name: join(root.path, 'password') },
      ...options.database,
    },
  };
  return {
    migrations,
    query: <Row extends pg.QueryResultRow>(text: string) => query<Row>(database, text),
    open: async () => {
      const client = new pg.Client({ ...server, host: '127.0.0.1', database });
      client.on('error', () => undefined);
      await client.connect();
      return client;
    },
  };
}

async function scratchDatabases(): Promise<string[]> {
  const rows = await query<{ datname: string }>(
    'postgres',
    "SELECT datname FROM pg_database WHERE datname LIKE 'cutover%'",
  );
  return rows.map(({ datname }) => datname);
}

const orders = sql('CREATE TABLE orders (id bigint PRIMARY KEY, pair text NOT NULL);', 'DROP TABLE orders;');
const fees = sql('ALTER TABLE orders ADD COLUMN fee numeric;', 'ALTER TABLE orders DROP COLUMN fee;');

describe('PostgreSQL', () => {
  it('goes up, back to a named migration, down and up again, and an idle run does nothing, quickly', async () => {
    const { migrations, query } = await setup({ '0001_orders.sql': orders, '0002_fees.sql': fees });
    const first = await run(migrations);
    expect(first).toMatchObject({ ran: ['up 0001_orders', 'up 0002_fees'], current: '0002_fees' });
    expect(first.copy).toBe('a copy (complete, made by the server from the database as template)');
    const before = await query('SELECT * FROM cutover_migrations');
    expect(await quickestIdleRun(migrations)).toBeLessThan(50);
    expect(await query('SELECT * FROM cutover_migrations')).toEqual(before);
    expect((await run(migrations, '0001')).ran).toEqual(['down 0002_fees']);
    expect((await run(migrations, 'none')).current).toBe('none');
    expect(await query("SELECT to_regclass('orders') AS there")).toEqual([{ there: null }]);
    expect((await run(migrations)).current).toBe('0002_fees');
    expect(await scratchDatabases()).toEqual([]);
  });

  it('works in a schema of its own, beside another system of the same database', async () => {
    const { migrations, query } = await setup({ '0001_orders.sql': orders });
    await run(migrations);
    const own = { ...migrations, database: { ...migrations.database, schema: 'second', table: 'steps' } };
    expect((await run(own)).current).toBe('0001_orders');
    expect(
      await query(
        "SELECT to_regclass('second.orders')::text AS it, to_regclass('second.steps')::text AS log",
      ),
    ).toEqual([{ it: 'second.orders', log: 'second.steps' }]);
    expect((await run(own, 'none')).current).toBe('none');
    expect(await query("SELECT to_regclass('public.orders')::text AS it")).toEqual([{ it: 'orders' }]);
  });

  it.each(['godark', 'coinestate'])(
    'runs the migrations of %s there, back and there again',
    async (system) => {
      const { migrations } = await setup({});
      const real = { ...migrations, directory: `migrations/${system}` };
      expect((await run(real)).lines.at(-2)).toBeDefined();
      expect(await migrationStatus(real)).toMatchObject({ steps: [], problems: [] });
      expect((await run(real, 'none')).current).toBe('none');
    },
  );
});

describe('a failing migration of PostgreSQL', () => {
  it('fails on the copy, names file, line and statement, and never reaches the database', async () => {
    const broken = sql(
      'CREATE TABLE more (id int);\n\nUPDATE orders\n   SET nope = 1;\nSELECT 3;',
      'DROP TABLE more;',
    );
    const { migrations, query } = await setup({ '0001_orders.sql': orders });
    await run(migrations);
    writeAll(migrations.directory, { '0002_fees.sql': fees, '0003_broken.sql': broken });
    const { error } = await run(migrations);
    expect(error?.code).toBe('CUT-4120');
    expect(error?.message).toContain('The database itself was not touched');
    expect(error?.message).toMatch(/0003_broken\.sql:5:8\n {2}statement: UPDATE orders\n/);
    expect(error?.message).toContain('column "nope" of relation "orders" does not exist');
    expect(await query('SELECT name FROM pgmigrations')).toEqual([{ name: '0001_orders' }]);
    expect(await scratchDatabases()).toEqual([]);
  });

  it('finds the statement also where the server names no place, and prints no rows', async () => {
    const broken = sql(
      "INSERT INTO orders VALUES (1, 'geheim');\nINSERT INTO orders VALUES (1, 'geheim');",
      'SELECT 1;',
    );
    const { migrations } = await setup({ '0001_orders.sql': orders, '0002_broken.sql': broken });
    const { error } = await run(migrations);
    expect(error?.message).toContain('0002_broken.sql:3:1');
    expect(error?.message).toContain('constraint: orders_pkey');
    expect(error?.message).not.toContain('already exists');
  });

  it('fails with the rows of the database, not only with its tables', async () => {
    const { migrations, query } = await setup({ '0001_orders.sql': orders });
    await run(migrations);
    await query("INSERT INTO orders VALUES (1, 'a'), (2, 'a')");
    writeAll(migrations.directory, {
      '0002_unique.sql': sql('CREATE UNIQUE INDEX one_pair ON orders (pair);', 'DROP INDEX one_pair;'),
    });
    expect((await run(migrations)).error?.code).toBe('CUT-4120');
  });

  it('leaves the database as it was when it fails there after all', async () => {
    const files = { '0001_orders.sql': orders, '0002_broken.sql': sql('SELECT nope;', 'SELECT 1;') };
    const { migrations, query } = await setup(files, { scratch: { mode: 'off' } });
    const { error } = await run(migrations);
    expect(error?.code).toBe('CUT-4122');
    expect(error?.message).toContain('is as it was before: all of this run was rolled back');
    expect(await query("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")).toEqual(
      [],
    );
  });

  it('outside of a transaction says exactly what stands', async () => {
    const concurrently = `
      export const up = (pgm) => { pgm.noTransaction(); pgm.sql('CREATE UNIQUE INDEX CONCURRENTLY one_pair ON orders (pair)'); };
      export const down = (pgm) => { pgm.noTransaction(); pgm.sql('DROP INDEX CONCURRENTLY one_pair'); };`;
    const { migrations, query } = await setup({ '0001_orders.sql': orders });
    await run(migrations);
    writeAll(migrations.directory, { '0002_fees.sql': fees, '0003_unique.mjs': concurrently });
    expect((await run(migrations)).current).toBe('0003_unique');
    await run(migrations, '0001');
    await query("INSERT INTO orders VALUES (1, 'a'), (2, 'a')");
    const { error } = await run({ ...migrations, scratch: { mode: 'off' } });
    expect(error?.code).toBe('CUT-4123');
    expect(error?.message).toContain('stands: 0002_fees (up)');
    expect(error?.message).toContain('not recorded, and may be half-done: 0003_unique');
    expect(error?.message).toContain('DROP INDEX one_pair; before the next run');
    expect(await migrationStatus(migrations)).toMatchObject({ current: '0002_fees' });
    await query('DROP INDEX one_pair; DELETE FROM orders WHERE id = 2');
    expect((await run(migrations)).current).toBe('0003_unique');
  });

  it('that ends the transaction by itself is never told to have been rolled back', async () => {
    const ending = "exports.up = (pgm) => { pgm.sql('CREATE TABLE a ()'); pgm.sql('commit'); };";
    const files = { '0001_orders.sql': orders, '0002_ending.cjs': ending };
    const { migrations, query } = await setup(files);
    expect((await run(migrations)).error?.message).toContain('it ended the transaction that protects');
    expect(await query("SELECT 1 FROM pg_class WHERE relname = 'orders'")).toEqual([]);
    const { error } = await run({ ...migrations, scratch: { mode: 'off' } });
    expect(error?.code).toBe('CUT-4123');
    expect(error?.message).toContain('stands: 0001_orders (up), 0002_ending (up)');
    expect(error?.message).not.toContain('half-done');
  });

  it('behind one outside of a transaction is rolled back, and waits no longer for a table than one before', async () => {
    const { migrations, open } = await setup({ '0001_orders.sql': orders });
    await run(migrations);
    writeAll(migrations.directory, {
      '0002_alone.cjs': "exports.up = (pgm) => { pgm.noTransaction(); pgm.sql('SELECT 1'); };",
      '0003_fees.sql': fees,
    });
    const holder = await open();
    await holder.query('BEGIN; SELECT * FROM orders');
    const { error } = await run({ ...migrations, scratch: { mode: 'off' }, lock: { tableSeconds: 1 } });
    await holder.end();
    expect(error?.message).toContain('canceling statement due to lock timeout');
    expect(error?.message).toContain('stands: 0002_alone (up)\n  rolled back: 0003_fees');
    expect((await run(migrations)).current).toBe('0003_fees');
  });

  it('quotes no value of a row that the server quotes', async () => {
    const phones = sql(
      "CREATE TABLE u (phone text); INSERT INTO u SELECT '+49 171 ' || 5556667;",
      'DROP TABLE u;',
    );
    const number = sql('ALTER TABLE u ALTER phone TYPE int USING phone::int;');
    const { error } = await run((await setup({ '1_phones.sql': phones, '2_number.sql': number })).migrations);
    expect(error?.message).toContain('invalid input syntax for type integer: "…"');
    expect(error?.message).not.toContain('5556667');
    const own = await run((await setup({ '1_own.sql': sql("SELECT 'seven'::int;") })).migrations);
    expect(own.error?.message).toContain('type integer: "seven"');
  });

  it('is told how to run what cannot run in a transaction', async () => {
    const files = {
      '0001_orders.sql': orders,
      '0002_index.sql': sql('CREATE INDEX CONCURRENTLY pairs ON orders (pair);', 'DROP INDEX pairs;'),
    };
    const { error } = await run((await setup(files)).migrations);
    expect(error?.message).toContain('pgm.noTransaction()');
  });

  it('gives up waiting for a table that others hold', async () => {
    const { migrations, open } = await setup({ '0001_orders.sql': orders }, { lock: { tableSeconds: 1 } });
    await run(migrations);
    writeAll(migrations.directory, { '0002_fees.sql': fees });
    const other = await open();
    await other.query('BEGIN; SELECT * FROM orders');
    const { error } = await run(migrations);
    await other.end();
    expect(error?.code).toBe('CUT-4122');
    expect(error?.message).toContain('Others held the table for too long');
    expect((await run(migrations)).current).toBe('0002_fees');
  });

  it('shows no password: neither its own nor one in a statement', async () => {
    const role = sql("ALTER ROLE nobody_there WITH PASSWORD 'geheim';", 'SELECT 1;');
    const { migrations } = await setup({ '0001_role.sql': role });
    const { error, lines } = await run(migrations);
    expect(error?.message).toContain("PASSWORD '***'");
    writeFileSync(join(root.path, 'wrong'), 'falsch-geheim');
    const wrong: Migrations<'postgres'> = {
      ...migrations,
      database: {
        ...migrations.database,
        user: 'postgres',
        password: { kind: 'file', name: join(root.path, 'wrong') },
      },
    };
    const refused = await run(wrong);
    expect(refused.error?.code).toBe('CUT-4130');
    expect(JSON.stringify([error, error?.message, lines, refused])).not.toMatch(/geheim|pg-Secret/);
  });
});

describe('what is refused by PostgreSQL', () => {
  it('edited and removed migrations, with both checksums', async () => {
    const { migrations } = await setup({ '0001_orders.sql': orders, '0002_fees.sql': fees });
    await run(migrations);
    const { applied } = await migrationStatus(migrations);
    writeAll(migrations.directory, { '0001_orders.sql': `${orders}-- edited` });
    rmSync(join(migrations.directory, '0002_fees.sql'));
    const { error } = await run(migrations);
    expect(error).toMatchObject({ code: 'CUT-4110', exit: 3 });
    expect(error?.message).toContain(`it ran as ${applied['0001_orders']}, the file is sha256:`);
    expect(error?.message).toContain(`0002_fees has run (as ${applied['0002_fees']})`);
    expect((await migrationStatus(migrations)).problems.map(({ kind }) => kind)).toEqual([
      'edited',
      'removed',
    ]);
  });

  it('files that changed between the plan and the update', async () => {
    const { migrations } = await setup({ '0001_orders.sql': orders });
    const { migrateTo } = await import('@cutover/delivery/migrations/front.ts');
    const planned = migrateTo(migrations, { planned: { '0001_orders': 'sha256:other' } });
    await expect(planned).rejects.toMatchObject({ code: 'CUT-4113', exit: 3 });
  });

  it('a COMMIT in a file, with its place', async () => {
    const { migrations } = await setup({
      '0001_x.sql': sql('BEGIN;\nCREATE TABLE x ();\nCOMMIT;', 'DROP TABLE x;'),
    });
    const { error } = await run(migrations);
    expect(error?.code).toBe('CUT-4114');
    expect(error?.message).toMatch(/0001_x\.sql:2:1: BEGIN\n.*0001_x\.sql:4:1: COMMIT/);
  });

  it('what is written for psql, with its place', async () => {
    const dump = sql('CREATE TABLE a (b int);\nCOPY a (b) FROM stdin;\n7\n\\.\n');
    const { error } = await run((await setup({ '0001_dump.sql': dump })).migrations);
    expect(error).toMatchObject({ code: 'CUT-4115', exit: 3 });
    expect(error?.message).toContain('0001_dump.sql:3:1: COPY a (b) FROM stdin');
  });

  it('a role that may not write, in words', async () => {
    const { migrations, query } = await setup({ '0001_orders.sql': orders });
    await query(
      "CREATE ROLE reader LOGIN CREATEDB PASSWORD 'pg-Secret/7'; CREATE TABLE pgmigrations (id int, name text, run_on timestamp)",
    );
    const reader = { ...migrations, database: { ...migrations.database, user: 'reader' } };
    expect((await run(reader)).error?.message).toMatch(
      /^CUT-4134 .* answered with an error: permission denied for table pgmigrations/,
    );
  });

  it('a database that is not there or does not answer', async () => {
    const { migrations } = await setup({ '0001_orders.sql': orders });
    const nowhere = { ...migrations, database: { ...migrations.database, database: 'nowhere' } };
    expect((await run(nowhere)).error?.message).toContain('database "nowhere" does not exist');
    const closed = { ...migrations, database: { ...migrations.database, port: await freePort() } };
    await expect(migrationStatus(closed)).rejects.toMatchObject({ code: 'CUT-4130' });
  });
});

describe("other people's migrations for PostgreSQL", () => {
  const folder = {
    // As GoDark's documents have them: TypeScript, the builder's type imported, a timestamp in the name.
    '1699999999999_initial_schema.ts': `
      import { MigrationBuilder } from 'node-pg-migrate';
      enum Table { Accounts = 'accounts' }
      export const shorthands = { key: { type: 'serial', primaryKey: true } };
      export async function up(pgm: MigrationBuilder): Promise<void> {
        pgm.createTable(Table.Accounts, { id: 'key', email: { type: 'varchar(255)', notNull: true, unique: true } });
        pgm.createIndex('accounts', 'email');
      }
      export async function down(pgm: MigrationBuilder): Promise<void> { pgm.dropTable(Table.Accounts); }`,
    // No way back given: node-pg-migrate turns it around.
    '1700000000000_orders.js': `
      exports.up = (pgm) => { pgm.createTable('orders', { id: 'key', account: { type: 'integer', references: 'accounts' } }); };`,
    '1700000000001_function.sql': sql(
      `CREATE FUNCTION twice(x int) RETURNS int LANGUAGE plpgsql AS $body$
       BEGIN -- not the end;
         RETURN x * 2;
       END; $body$;
       CREATE FUNCTION thrice(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT x * 3; END;
       CREATE VIEW v AS SELECT twice(2) AS four, thrice(2) AS six;`,
      'DROP VIEW v;\nDROP FUNCTION twice(int);\nDROP FUNCTION thrice(int);',
    ),
    '1700000000002_pair.up.sql': 'CREATE TABLE pair (id int);',
    '1700000000002_pair.down.sql': 'DROP TABLE pair;',
    '20240101120000000_utc.mjs': `
      export async function up(pgm) { await pgm.db.query('SELECT 1'); pgm.sql("INSERT INTO pair VALUES (1)"); }
      export const down = false;`,
    'README.md': '# not a migration',
  };

  it('run as they are', async () => {
    const { migrations, query } = await setup(folder);
    const { current, ran } = await run(migrations);
    expect(current).toBe('20240101120000000_utc');
    expect(ran).toHaveLength(5);
    expect(await query('SELECT * FROM v')).toEqual([{ four: 4, six: 6 }]);
    expect((await run(migrations, 'none')).error?.code).toBe('CUT-4112');
  });

  it('are taken over from node-pg-migrate, and taken back by it, which is seen', async () => {
    const { '20240101120000000_utc.mjs': _, 'README.md': __, ...some } = folder;
    const { migrations, open } = await setup(some);
    const client = await open();
    const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const common = {
      dbClient: client,
      dir: migrations.directory,
      migrationsTable: 'pgmigrations',
      logger: quiet,
      migrationLoaderStrategies: [{ extensions: ['.sql'], loader: 'sql' as const }],
    };
    await runner({ ...common, direction: 'up', count: 2 });
    expect(await migrationStatus(migrations)).toMatchObject({
      current: '1700000000000_orders',
      adopt: ['1699999999999_initial_schema', '1700000000000_orders'],
      steps: [{ name: '1700000000001_function' }, { name: '1700000000002_pair' }],
    });
    const { lines, current } = await run(migrations);
    expect(lines[0]).toContain(
      'recorded the checksums of 1699999999999_initial_schema, 1700000000000_orders',
    );
    expect(current).toBe('1700000000002_pair');
    await runner({ ...common, direction: 'down', count: 1 });
    expect(await migrationStatus(migrations)).toMatchObject({
      current: '1700000000001_function',
      steps: [{ direction: 'up', name: '1700000000002_pair' }],
    });
    await client.end();
  });

  it('run alike, alone and together: what a dump sets is not for the next one', async () => {
    const dump = sql(
      "SELECT pg_catalog.set_config('search_path', '', false); SET check_function_bodies = false; SET lock_timeout = 0;\nCREATE TABLE public.orders (id int);",
    );
    const seen = sql(
      "CREATE TABLE seen AS SELECT current_setting('lock_timeout') AS lock, current_setting('check_function_bodies') AS bodies; ALTER TABLE orders ADD pair text;",
    );
    const files = { '0001_dump.sql': `\ufeff${dump}`, '0002_seen.sql': seen };
    const { migrations, query } = await setup(files);
    expect((await run(migrations)).error?.message).toBeUndefined();
    expect(await query('SELECT * FROM seen')).toEqual([{ lock: '15s', bodies: 'on' }]);
  });

  it('leave no deferred check to the next one, and are named when theirs fails', async () => {
    const tables =
      'CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE fills (id int, "of order" int CONSTRAINT "of order" REFERENCES orders DEFERRABLE INITIALLY DEFERRED);';
    const fill = 'INSERT INTO fills VALUES (1, 1); INSERT INTO orders VALUES (1);';
    const { migrations, query } = await setup({
      '0001_tables.sql': sql(`${tables} ${fill}`),
      // Its table can be altered, and what it writes is checked at its end again, not at once.
      '0002_price.sql': sql(
        `ALTER TABLE fills ADD price int; INSERT INTO fills VALUES (2, 2, 5); INSERT INTO orders VALUES (2);`,
      ),
    });
    expect((await run(migrations)).error?.message).toBeUndefined();
    expect(await query('SELECT count(*)::int AS fills FROM fills')).toEqual([{ fills: 2 }]);
    writeAll(migrations.directory, {
      '0003_lost.sql': sql('INSERT INTO fills VALUES (3, 77, 5);'),
      '0004_more.sql': sql('CREATE TABLE more ();'),
    });
    const { error } = await run(migrations);
    expect(error?.message).toContain('0003_lost (up) failed on a copy');
    expect(error?.message).toContain('constraint: of order');
  });

  it('may speak of roles without making any, also on a copy that is made anew', async () => {
    const seed = sql(
      "CREATE TABLE permissions (name text); INSERT INTO permissions VALUES ('Create User');\nCREATE FUNCTION hint() RETURNS text LANGUAGE sql AS $$ SELECT 'drop user'::text $$;",
    );
    const { migrations } = await setup({ '0001_seed.sql': seed });
    await run(migrations);
    writeAll(migrations.directory, { '0002_hints.sql': sql('CREATE VIEW hints AS SELECT hint();') });
    const replayed = await run({ ...migrations, scratch: { fullCopyMegabytes: 0 } });
    expect(replayed.error?.message).toBeUndefined();
  });

  it('need no right to create schemas where theirs is there', async () => {
    const { migrations, query } = await setup({ '0001_orders.sql': orders });
    const { database } = migrations.database;
    await query(
      `CREATE ROLE guest_${database} LOGIN PASSWORD '${server.password}'; CREATE SCHEMA app; GRANT USAGE, CREATE ON SCHEMA app TO guest_${database}`,
    );
    const guest = { ...migrations.database, user: `guest_${database}`, schema: 'app' };
    const { error } = await run({ ...migrations, database: guest, scratch: { mode: 'off' } });
    expect(error?.message).toBeUndefined();
  });

  it('say which have no way back that could be found', async () => {
    const { migrations } = await setup({
      '0001_x.js': "exports.up = (pgm) => { pgm.sql('CREATE TABLE x ()'); };",
    });
    expect((await run(migrations)).current).toBe('0001_x');
    expect((await run(migrations, 'none')).error?.message).toContain('0001_x has no way back');
  });

  it('that do not load are told by name', async () => {
    const { error } = await run((await setup({ '0001_x.ts': 'export const up = (: {' })).migrations);
    expect(error?.code).toBe('CUT-4124');
    const without = await run((await setup({ '0001_x.mjs': 'export const down = () => {};' })).migrations);
    expect(without.error?.message).toContain('it exports no function `up`');
  });
});

describe('a copy of a PostgreSQL database', () => {
  const schema = {
    '0001_schema.sql': sql(
      `CREATE TABLE people (
         id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
         name text NOT NULL, shout text GENERATED ALWAYS AS (upper(name)) STORED,
         chief int, favourite int, photo bytea, tags text[]);
       CREATE TABLE pets (id serial PRIMARY KEY, owner int NOT NULL REFERENCES people);
       ALTER TABLE people ADD CONSTRAINT chief_fk FOREIGN KEY (chief) REFERENCES people;
       ALTER TABLE people ADD CONSTRAINT favourite_fk FOREIGN KEY (favourite) REFERENCES pets DEFERRABLE INITIALLY DEFERRED;
       CREATE TABLE log (at int NOT NULL, what text) PARTITION BY RANGE (at);
       CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (0) TO (100);
       INSERT INTO people (name) VALUES ('seed');
       CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
       CREATE TRIGGER no_pets BEFORE UPDATE ON pets FOR EACH ROW EXECUTE FUNCTION refuse();`,
      `DROP TABLE log; ALTER TABLE people DROP CONSTRAINT favourite_fk;
       DROP TABLE pets; DROP FUNCTION refuse; DROP TABLE people;`,
    ),
  };
  const rows = `
    INSERT INTO people (name, chief, photo, tags) SELECT 'p' || i, i, '\\x00ff', ARRAY['a;b', NULL, 'c"d'] FROM generate_series(1, 50) AS i;
    INSERT INTO pets (owner) SELECT id FROM people;
    UPDATE people SET favourite = id;
    INSERT INTO log VALUES (1, E'tab\\there'), (2, NULL)`;
  // Fails unless the copy has what it should have: this is how a test looks into a copy.
  const expecting = (condition: string) =>
    sql(
      `DO $$ BEGIN IF current_database() LIKE 'cutover%' AND NOT (${condition}) THEN RAISE 'the copy is not right'; END IF; END $$;`,
      'SELECT 1;',
    );

  async function withRows(condition: string, options: Partial<Migrations<'postgres'>> = {}) {
    const all = await setup(schema, options);
    await run(all.migrations);
    await all.query(rows);
    writeAll(all.migrations.directory, { '0002_look.sql': expecting(condition) });
    return all;
  }

  it('is made anew, with rows, in any circle of foreign keys, while others are connected', async () => {
    const { migrations, open } = await withRows(
      `(SELECT count(*) FROM people) = 51 AND (SELECT count(*) FROM pets) = 51
       AND (SELECT string_agg(shout, '' ORDER BY id) FROM people WHERE id < 4) = 'SEEDP1P2'
       AND (SELECT count(*) FROM people WHERE photo = '\\x00ff' AND tags = ARRAY['a;b', NULL, 'c"d']) = 50
       AND (SELECT what FROM log_1 WHERE at = 1) = E'tab\\there'
       AND nextval('pets_id_seq') >= 52
       AND (SELECT convalidated FROM pg_constraint WHERE conname = 'chief_fk')
       AND (SELECT tgenabled = 'O' FROM pg_trigger WHERE tgname = 'no_pets')`,
    );
    const other = await open();
    const { error, copy } = await run(migrations);
    await other.end();
    expect(error?.message).toBeUndefined();
    expect(copy).toContain(
      'a copy (the migrations run anew, then rows copied); no template: 1 other session(s) use the database',
    );
    expect(copy).toMatch(/no dump: pg_dump (\d+ is older than the server|and pg_restore were not found)/);
  });

  it('with fewer rows keeps only those whose parents it has, and says how many', async () => {
    const { migrations } = await withRows(
      `(SELECT count(*) FROM people) BETWEEN 1 AND 10 AND (SELECT count(*) FROM pets) BETWEEN 1 AND 10
       AND NOT EXISTS (SELECT 1 FROM people WHERE chief NOT IN (SELECT id FROM people))`,
      { scratch: { fullCopyMegabytes: 0, rowCap: 10 } },
    );
    const { error, copy } = await run(migrations);
    expect(error?.message).toBeUndefined();
    expect(copy).toContain('10 rows each of public.people and public.pets');
    expect(copy).toMatch(/no template: it has \d+ MB, a full copy is made up to 0 MB/);
  });

  it('names tables that no migration makes', async () => {
    const { migrations, query } = await withRows('true', { scratch: { fullCopyMegabytes: 0 } });
    await query('CREATE TABLE by_hand (id int)');
    expect((await run(migrations)).copy).toContain('without public.by_hand, which no migration makes');
  });

  it('needs a right to create databases, or a database that it may use', async () => {
    const { migrations, query } = await setup({ '0001_orders.sql': orders });
    await query(
      `CREATE ROLE plain LOGIN PASSWORD 'pg-Secret/7'; ALTER DATABASE ${migrations.database.database} OWNER TO plain`,
    );
    const plain = { ...migrations, database: { ...migrations.database, user: 'plain' } };
    const refused = await run(plain);
    expect(refused.error).toMatchObject({ code: 'CUT-4140', exit: 3 });
    expect(refused.error?.message).toContain('the role plain may not create databases');
    expect(refused.error?.message).toContain('ALTER ROLE "plain" CREATEDB');

    await query('CREATE DATABASE spare OWNER plain');
    const given = { ...plain, scratch: { database: 'spare' } };
    expect(await run(given)).toMatchObject({ current: '0001_orders' });
    const left = await queryOf(
      'spare',
      "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    );
    expect(left).toEqual([]);
    await queryOf('spare', 'CREATE TABLE precious (id int)');
    const precious = await run(given, 'none');
    expect(precious.error).toMatchObject({ code: 'CUT-4141', exit: 3 });
    expect(await queryOf('spare', 'SELECT * FROM precious')).toEqual([]);
    const itself = await run({ ...plain, scratch: { database: plain.database.database } }, 'none');
    expect(itself.error?.message).toContain('it is the database itself');
  });

  it('does not do for real what reaches beyond it', async () => {
    const role = sql(
      'CREATE ROLE auditor; CREATE TABLE audit (id int); GRANT SELECT ON audit TO auditor;',
      'DROP TABLE audit; DROP ROLE auditor;',
    );
    const { migrations, query } = await setup({ '0001_role.sql': role });
    const { lines, current } = await run(migrations);
    expect(current).toBe('0001_role');
    expect(lines).toContain(
      'tried there only, not back: 0001_role reaches beyond the database to the whole server',
    );
    // When the migrations that have run are run anew for a copy, the role is there already.
    writeAll(migrations.directory, { '0002_more.sql': orders });
    const replayed = await run({ ...migrations, scratch: { fullCopyMegabytes: 0 } });
    expect(replayed.error?.message).toBeUndefined();
    expect((await run(migrations, 'none')).current).toBe('none');

    const outside = "exports.up = (pgm) => { pgm.noTransaction(); pgm.sql('CREATE ROLE outside'); };";
    writeAll(migrations.directory, { '0003_outside.js': outside });
    const refused = await run(migrations);
    expect(refused.error?.message).toContain('outside of a transaction, so it cannot be tried on a copy');
    expect(refused.error?.remedy).toContain("scratch.mode 'off'");
    expect(await query("SELECT 1 FROM pg_roles WHERE rolname IN ('auditor', 'outside')")).toEqual([]);
  });
});

describe('two updates of one PostgreSQL database', () => {
  // Waits for a lock that the test holds on the database itself; the copy is another database and is not held.
  const held = {
    '0001_held.sql': sql('CREATE TABLE held ();\nSELECT pg_advisory_xact_lock(42);', 'DROP TABLE held;'),
  };

  it('run one after the other; who does not want to wait is told whom', async () => {
    const { migrations, open } = await setup(held);
    const holder = await open();
    await holder.query('SELECT pg_advisory_lock(42)');
    const first = runInProcess(migrations);
    await until('it holds', () => (first.output().includes('all well') ? true : undefined));
    const impatient = await run({ ...migrations, lock: { waitSeconds: 0 } });
    expect(impatient.error).toMatchObject({ code: 'CUT-4131', exit: 3 });
    expect(impatient.error?.message).toMatch(
      new RegExp(`pid ${first.child.pid} on \\S+ \\(server process \\d+, role postgres\\), since \\d{4}-`),
    );
    expect((await migrationStatus(migrations)).holder).toContain(`pid ${first.child.pid} on`);
    // node-pg-migrate's own command is kept out as well.
    const own = runner({
      dbClient: holder,
      dir: migrations.directory,
      migrationsTable: 'pgmigrations',
      direction: 'up',
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    await expect(own).rejects.toThrow('Another migration is already running');
    const second = run(migrations);
    await holder.query('SELECT pg_advisory_unlock(42)');
    expect(await second).toMatchObject({ ran: [], current: '0001_held' });
    expect(await first.ended).toBe(0);
    await holder.end();
  });

  it('the second continues when the first is killed with -9 while it works on the database', async () => {
    const { migrations, open, query } = await setup({ '0000_orders.sql': orders, ...held });
    const holder = await open();
    await holder.query('SELECT pg_advisory_lock(42)');
    const first = runInProcess(migrations);
    await until('it works', () => (first.output().includes('0000_orders (up)') ? true : undefined));
    await first.stop('SIGKILL');
    expect(await query("SELECT to_regclass('orders') AS there")).toEqual([{ there: null }]);
    // The server sees within a second that the client of the long statement is gone.
    const second = run(migrations);
    setTimeout(() => void holder.end(), 1500);
    expect(await second).toMatchObject({ ran: ['up 0000_orders', 'up 0001_held'] });
  });

  it('a copy that a killed one left is deleted by the next', async () => {
    const slow = sql(
      `CREATE TABLE slow ();
       DO $$ BEGIN IF current_database() LIKE 'cutover%' AND EXISTS (SELECT 1 FROM hold) THEN PERFORM pg_sleep(60); END IF; END $$;`,
      'DROP TABLE slow;',
    );
    const { migrations, query } = await setup({ '0002_slow.sql': slow });
    await query('CREATE TABLE hold (id int); INSERT INTO hold VALUES (1)');
    const first = runInProcess(migrations);
    // Asked from another database: a session on this one would be in the way of the copy.
    await until('it works on the copy', async () => {
      const rows = await queryOf('postgres', "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
      return rows.length > 0 ? true : undefined;
    });
    await first.stop('SIGKILL');
    const [left] = await scratchDatabases();
    expect(left).toBeDefined();
    await query('DELETE FROM hold');
    const { lines, current } = await run(migrations);
    expect(lines).toContain(`deleting ${left}, a copy that an earlier run left`);
    expect(current).toBe('0002_slow');
    expect(await scratchDatabases()).toEqual([]);
  });
});
