import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '@cutover/base/free-port.ts';
import { runtimeFolder } from '@cutover/base/project.ts';
import type { Migrations } from '@cutover/delivery/migrations/engine.ts';
import { until } from '../services/processes.ts';
import { folderOf, run, sql, temporaryFolder, writeAll } from './migration-help.ts';

// The npm package of PostgreSQL has no pg_dump. A system's packages have all; where there are none, the copy by
// pg_dump is never taken either.
const systems = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
const bin = systems
  .map((version) => `/usr/lib/postgresql/${version}/bin`)
  .findLast((folder) =>
    ['initdb', 'postgres', 'pg_dump', 'pg_restore'].every((name) => existsSync(join(folder, name))),
  );

describe.skipIf(bin === undefined)('a copy by pg_dump and pg_restore', () => {
  const root = temporaryFolder();
  const data = mkdtempSync(join(tmpdir(), 'cutover-pg-'));
  const password = 'a:b\\c';
  const user = 'owner';
  let server: ChildProcess | undefined;
  let port = 0;

  // PostgreSQL refuses root.
  const other = process.getuid?.() === 0 ? { uid: numberOf('-u'), gid: numberOf('-g') } : {};

  beforeAll(async () => {
    port = await freePort();
    writeFileSync(join(root.path, 'password'), password, { mode: 0o600 });
    writeFileSync(join(data, 'pw'), password);
    mkdirSync(join(data, 'db'));
    chmodSync(data, 0o711);
    if (other.uid !== undefined)
      for (const path of ['pw', 'db']) chownSync(join(data, path), other.uid, other.gid);
    const options = { ...other, stdio: 'ignore', cwd: '/' } as const;
    execFileSync(
      join(bin ?? '', 'initdb'),
      ['-D', join(data, 'db'), '-U', user, '-A', 'scram-sha-256', '--pwfile', join(data, 'pw'), '-N'],
      options,
    );
    server = spawn(
      join(bin ?? '', 'postgres'),
      ['-D', join(data, 'db'), '-p', String(port), '-h', '127.0.0.1', '-k', '', '-F'],
      options,
    );
    await until('it answers', async () => {
      const client = await open();
      await client.end();
      return true;
    });
  });
  afterAll(async () => {
    if (server?.exitCode === null) {
      server.kill('SIGINT');
      await once(server, 'exit');
    }
    rmSync(data, { recursive: true, force: true });
    root.remove();
  });

  async function open(): Promise<pg.Client> {
    const client = new pg.Client({ host: '127.0.0.1', port, user, password, database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  it('is complete, leaves no password behind, and is made while others use the database', async () => {
    const migrations: Migrations<'postgres'> = {
      kind: 'postgres',
      directory: folderOf(root.path, {
        '0001_a.sql': sql(
          'CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (a int REFERENCES a);',
          'DROP TABLE b;\nDROP TABLE a;',
        ),
      }),
      database: {
        host: '127.0.0.1',
        port,
        database: 'postgres',
        user,
        password: { kind: 'file', name: join(root.path, 'password') },
      },
    };
    const others = await open();
    await run(migrations);
    await others.query(
      'CREATE TABLE by_hand AS SELECT 1 AS x; INSERT INTO a SELECT generate_series(1, 1000); INSERT INTO b SELECT * FROM a',
    );
    const look = `DO $$ BEGIN IF current_database() LIKE 'cutover%' AND
      (SELECT count(*) FROM b) + (SELECT sum(x) FROM by_hand) <> 1001 THEN RAISE 'the copy is not right'; END IF; END $$;`;
    writeAll(migrations.directory, { '0002_look.sql': sql(look, 'SELECT 1;') });
    const { error, copy, current } = await run(migrations);
    const { rows } = await others.query("SELECT 1 FROM pg_database WHERE datname LIKE 'cutover%'");
    await others.end();
    expect(error?.message).toBeUndefined();
    expect(current).toBe('0002_look');
    expect(copy).toBe(
      'a copy (complete, by pg_dump and pg_restore); no template: 1 other session(s) use the database',
    );
    expect(rows).toEqual([]);
    expect(readdirSync(runtimeFolder).filter((name) => name.startsWith('pgpass-'))).toEqual([]);
  });
});

function numberOf(flag: '-u' | '-g'): number {
  if (userInfo().uid !== 0) return userInfo().uid;
  return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
}
