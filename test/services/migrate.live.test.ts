import { execFileSync } from 'node:child_process';
import { chownSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { plannedMigrations } from '@cutover/delivery/migrations/front.ts';
import { planChecksum, readTaskLine } from '@cutover/delivery/plan/migration-task.ts';
import { folderOf, sql, temporaryFolder } from '../delivery/migration-help.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';
import { startProcess } from './processes.ts';

const root = temporaryFolder();
const orders = sql('CREATE TABLE orders (id int PRIMARY KEY);', 'DROP TABLE orders;');
const fees = sql('ALTER TABLE orders ADD COLUMN fee int;', 'ALTER TABLE orders DROP COLUMN fee;');
let server: TestPostgres;
let count = 0;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await server.remove();
  root.remove();
});

async function admin<Row extends pg.QueryResultRow>(...texts: string[]): Promise<Row[]> {
  const client = new pg.Client({ ...server, host: '127.0.0.1', database: 'postgres' });
  await client.connect();
  try {
    let rows: Row[] = [];
    for (const text of texts) rows = (await client.query<Row>(text)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** The environment of a new database, changed by `more`. */
async function environment(more: Readonly<Record<string, string>> = {}, query = '') {
  const database = `migrate${(count += 1)}`;
  await admin(`CREATE DATABASE ${database}`);
  return {
    MIGRATIONS: folderOf(root.path, { '0001_orders.sql': orders, '0002_fees.sql': fees }),
    DATABASE_URL: `postgres://${server.user}@127.0.0.1:${server.port}/${database}${query}`,
    DATABASE_PASSWORD: server.password,
    ...more,
  };
}

/** Runs it to its end. */
async function migrate(env: Readonly<Record<string, string>>, ...args: string[]) {
  const started = startProcess(process.execPath, [fromRoot('services/migrate/main.ts'), ...args], env);
  const exit = await started.ended;
  return { exit, output: started.output(), lines: started.output().trimEnd().split('\n') };
}

describe('migrations where the database is', () => {
  it('go up, are there, and go down to a target, a line each', async () => {
    const env = await environment();
    const up = await migrate(env, 'up');
    expect(up.exit).toBe(0);
    const ran = (lines: readonly string[]) => lines.filter((line) => /^\d+_\w+ \((up|down)\): /.test(line));
    expect(ran(up.lines).map((line) => line.split(':')[0])).toEqual(['0001_orders (up)', '0002_fees (up)']);
    expect(up.lines.at(-1)).toBe('at 0002_fees');
    expect(up.output).toContain('back and there again');
    expect((await migrate(env, 'up')).lines).toEqual(['at 0002_fees, nothing to run']);
    const down = await migrate(env, 'down', '--to', '0001');
    expect(ran(down.lines)[0]).toMatch(/^0002_fees \(down\): /);
    expect(down.lines.at(-1)).toBe('at 0001_orders');
  });

  it('say the same as JSON, one object a line', async () => {
    const env = await environment();
    const expected = planChecksum(plannedMigrations('postgres', env.MIGRATIONS, 'latest'));
    const { exit, lines } = await migrate(env, 'up', '--json', '--expect', expected);
    expect(exit).toBe(0);
    expect(readTaskLine(lines.at(-1) ?? '')).toMatchObject({
      kind: 'done',
      current: '0002_fees',
      ran: [
        { direction: 'up', name: '0001_orders' },
        { direction: 'up', name: '0002_fees' },
      ],
    });
    expect(lines.slice(0, -1).map((line) => readTaskLine(line).kind)).toEqual(
      lines.slice(1).map(() => 'progress'),
    );
  });

  it('take the options of the program', async () => {
    const options = { scratch: { mode: 'off' }, schema: 'app', table: 'ran' };
    const env = await environment({ MIGRATION_OPTIONS: JSON.stringify(options) });
    expect((await migrate(env, 'up')).output).toContain("scratch.mode is 'off'");
    const url = new URL(env.DATABASE_URL);
    const client = new pg.Client({ ...server, host: '127.0.0.1', database: url.pathname.slice(1) });
    await client.connect();
    const { rows } = await client.query('SELECT name FROM app.ran ORDER BY id');
    await client.end();
    expect(rows).toEqual([{ name: '0001_orders' }, { name: '0002_fees' }]);
  });

  it('are refused with 3 where others were planned', async () => {
    const { exit, output } = await migrate(await environment(), 'up', '--expect', 'sha256:00');
    expect(exit).toBe(3);
    expect(output).toMatch(/^CUT-4157 [^\n]*\n {2}0001_orders sha256:/);
  });

  it('are refused with 2 where the command or the environment is wrong, all of it at once', async () => {
    const env = await environment();
    for (const args of [[], ['sideways'], ['down'], ['up', 'more'], ['up', '--what']]) {
      expect(await migrate(env, ...args)).toMatchObject({
        exit: 2,
        output: expect.stringContaining('usage:') as string,
      });
    }
    const url = new URL(env.DATABASE_URL);
    url.password = 'typed-in-here';
    url.searchParams.set('sslmode', 'require');
    const wrong = await migrate({ DATABASE_URL: url.href, MIGRATION_OPTIONS: '{' }, 'up');
    expect(wrong.exit).toBe(2);
    for (const said of [
      'MIGRATIONS is not set',
      'carries a password',
      'sslmode=require',
      'MIGRATION_OPTIONS is no JSON',
    ]) {
      expect(wrong.output).toContain(said);
    }
    expect(wrong.output).not.toContain('typed-in-here');
  });

  it('never print the password', async () => {
    const leak = sql(`DO $$ BEGIN RAISE EXCEPTION 'it is ${server.password}'; END $$;`, 'SELECT 1;');
    const env = await environment({ MIGRATIONS: folderOf(root.path, { '0001_leak.sql': leak }) });
    for (const args of [['up'], ['up', '--json']]) {
      const { exit, output } = await migrate(env, ...args);
      expect(exit).toBe(1);
      expect(output).toContain('it is ***');
      expect(output).not.toContain(server.password);
    }
  });

  it('connect by TLS to a server that proves who it is, and to no other', async () => {
    const certificate = (name: string) => {
      const [key, cert] = [join(root.path, `${name}.key`), join(root.path, `${name}.pem`)];
      const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
      const kind = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
      execFileSync('openssl', [...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
      return { key, cert };
    };
    const [own, other] = [certificate('own'), certificate('other')];
    const [{ data_directory: data } = { data_directory: '' }] = await admin<{ data_directory: string }>(
      'SHOW data_directory',
    );
    const { uid, gid } = statSync(data);
    const places = [own.cert, own.key].map((from, index) => {
      const to = join(data, ['server.crt', 'server.key'][index] ?? '');
      writeFileSync(to, execFileSync('cat', [from]), { mode: 0o600 });
      chownSync(to, uid, gid);
      return to;
    });
    expect(places).toHaveLength(2);
    await admin('ALTER SYSTEM SET ssl = on', 'SELECT pg_reload_conf()');

    const trusting = (ca: string) => `?sslmode=verify-full&sslrootcert=${encodeURIComponent(ca)}`;
    expect(await migrate(await environment({}, trusting(own.cert)), 'up')).toMatchObject({ exit: 0 });
    // The API reads the same URL by itself.
    const api = new URL((await environment({}, trusting(own.cert))).DATABASE_URL);
    api.password = encodeURIComponent(server.password);
    const client = new pg.Client({ connectionString: api.href });
    await client.connect();
    const { rows } = await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    await client.end();
    expect(rows).toEqual([{ ssl: true }]);
    const refused = await migrate(await environment({}, trusting(other.cert)), 'up');
    expect(refused).toMatchObject({
      exit: 1,
      output: expect.stringMatching(/^CUT-4130 [\s\S]*self-signed/) as string,
    });
    const nowhere = await migrate(await environment({}, trusting('/nowhere/ca.pem')), 'up');
    expect(nowhere).toMatchObject({ exit: 2, output: expect.stringContaining('cannot be read') as string });
    const unknown = await migrate(await environment({}, '?sslmode=verify-full'), 'up');
    expect(unknown).toMatchObject({ exit: 1, output: expect.stringMatching(/^CUT-4130 /) as string });
  });
});
