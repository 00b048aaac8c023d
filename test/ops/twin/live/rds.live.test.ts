import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { postgresParameters } from '../../../../components/aws/postgres-parameters.ts';
import type { Values } from '../../../../ops/twin/kind.ts';
import { managedSecret } from '../../../../ops/twin/live/rds/managed-secret.ts';
import { rdsBodies } from '../../../../ops/twin/live/rds/instance.ts';
import { account, groundOn, liveCloud, place, until, type LiveCloud } from './ground-help.ts';

// A new database takes two seconds, and ten on a machine that has much else to do.
vi.setConfig({ testTimeout: 180_000 });

const type = 'aws:rds/instance:Instance';
const of = (id: string, region = place.region) => ({ account, region, type, id });

let live: LiveCloud;
let ground: Awaited<ReturnType<typeof groundOn>>;

beforeAll(async () => {
  live = liveCloud();
  ground = await groundOn(live, rdsBodies);
});

afterAll(async () => {
  for (const { id, region } of live.bodies.list()) await live.take(of(id, region));
  await ground.stop();
  await live.end();
});

interface Given {
  readonly inputs?: Values;
  readonly outputs?: Values;
  readonly region?: string;
}

/** An instance as the twin's own kind of RDS would put it there. */
function instance(id: string, { inputs = {}, outputs = {}, region = place.region }: Given = {}) {
  const identifier = id.toLowerCase();
  return {
    ...{ type, id, region },
    inputs: {
      ...{ identifier, engine: 'postgres', engineVersion: '18', instanceClass: 'db.t4g.micro' },
      ...{ username: 'owner', password: 'first-password', dbName: 'shop', backupRetentionPeriod: 7 },
      ...{ port: 5432, applyImmediately: true, skipFinalSnapshot: true },
      ...inputs,
    },
    outputs: {
      address: `${identifier}.abc.${region}.rds.amazonaws.com`,
      arn: `arn:aws:rds:${region}:${account}:db:${identifier}`,
      ...outputs,
    },
  };
}

const begins = (id: string) => ({ restoreToPointInTime: { sourceDbInstanceIdentifier: id.toLowerCase() } });

interface Login {
  readonly user?: string;
  readonly password?: string;
  readonly tls?: boolean;
}

async function login(id: string, { user = 'owner', password = 'first-password', tls = true }: Login = {}) {
  const address = live.bodies.list().find((body) => body.id === id)?.addresses[0];
  const ca = await readFile(ground.ground.authority.file, 'utf8');
  const client = new pg.Client({
    ...{ host: '127.0.0.1', port: address?.localPort ?? 0, user, password, database: 'shop' },
    // As its clients check it: by the name that the cloud gives.
    ...(tls && { ssl: { ca, servername: address?.host ?? '' } }),
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function ask(id: string, query: string, how: Login = {}): Promise<unknown> {
  const client = await login(id, how);
  try {
    const { rows } = await client.query<unknown[]>({ text: query, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}

describe('a database of RDS', () => {
  it('is a PostgreSQL with its database, its owner, a certificate for its name, and TLS forced', async () => {
    const inputs = {
      family: 'postgres18',
      parameters: postgresParameters('18').map((each) => ({ ...each })),
    };
    await live.put({ type: 'aws:rds/parameterGroup:ParameterGroup', id: 'ours-18', inputs });
    const began = performance.now();
    const given = { inputs: { parameterGroupName: 'ours-18' } };
    expect(await live.put(instance('db-A', given))).toEqual({ kind: 'well' });
    console.info(`ready after ${Math.round(performance.now() - began)} ms`);
    expect(await ask('db-A', 'SELECT current_user')).toBe('owner');
    expect(await ask('db-A', 'SHOW shared_preload_libraries')).toBe('pg_stat_statements');
    expect(await ask('db-A', 'SHOW log_statement')).toBe('ddl');
    expect(await ask('db-A', 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).toBe(true);
    await expect(login('db-A', { tls: false })).rejects.toThrow(
      /no pg_hba.conf entry .* user "owner", database "shop", no encryption/,
    );
    await expect(login('db-A', { password: 'wrong' })).rejects.toThrow(/password authentication failed/);
    expect(await ask('db-A', "SELECT rolsuper FROM pg_roles WHERE rolname = 'owner'")).toBe(false);
    expect(await ask('db-A', 'CREATE TABLE rows (id int)')).toBeUndefined();
    expect(await ask('db-A', "SELECT tableowner FROM pg_tables WHERE tablename = 'rows'")).toBe('owner');
  });

  it('takes another password, other parameters and no TLS while it runs, and keeps its rows', async () => {
    await ask('db-A', 'INSERT INTO rows VALUES (1)');
    const pid = live.bodies.find(of('db-A'))?.processes[0]?.pid;
    const parameters = [
      { name: 'rds.force_ssl', value: '0' },
      { name: 'work_mem', value: '8192' },
      { name: 'max_connections', value: '50', applyMethod: 'pending-reboot' },
    ];
    const inputs = { family: 'postgres18', parameters };
    await live.put({ type: 'aws:rds/parameterGroup:ParameterGroup', id: 'p-18', inputs });
    const changed = { password: 'other-password', parameterGroupName: 'p-18' };
    expect(await live.put(instance('db-A', { inputs: changed }))).toEqual({ kind: 'well' });
    const how = { password: 'other-password', tls: false };
    const memory = await until(
      () => ask('db-A', 'SHOW work_mem', how).catch(() => undefined),
      (now) => now === '8MB',
    );
    expect(memory).toBe('8MB');
    expect(await ask('db-A', 'SELECT count(*)::int FROM rows', how)).toBe(1);
    const waits = "SELECT pending_restart FROM pg_settings WHERE name = 'max_connections'";
    expect(await ask('db-A', waits, how)).toBe(true);
    expect(live.bodies.find(of('db-A'))?.processes[0]?.pid).toBe(pid);
    const larger = { ...changed, instanceClass: 'db.t4g.small' };
    const inWindow = { ...larger, applyImmediately: false };
    expect(await live.put(instance('db-A', { inputs: inWindow }))).toEqual({ kind: 'well' });
    expect(await ask('db-A', 'SHOW max_connections', how)).toBe('100');
    expect(await live.put(instance('db-A', { inputs: larger }))).toEqual({ kind: 'well' });
    expect(await ask('db-A', 'SHOW max_connections', how)).toBe('50');
    await live.put(instance('db-A'));
  });

  it('says in its own words why it does not start', async () => {
    const inputs = { family: 'postgres18', parameters: [{ name: 'work_mem', value: 'plenty' }] };
    await live.put({ type: 'aws:rds/parameterGroup:ParameterGroup', id: 'bad-18', inputs });
    const how = await live.put(instance('db-B', { inputs: { parameterGroupName: 'bad-18' } }));
    expect(how).toMatchObject({
      kind: 'unwell',
      why: expect.stringMatching(/invalid value.*work_mem/) as string,
    });
    expect(live.bodies.find(of('db-B'))?.processes).toEqual([]);
    expect(await live.put(instance('db-B'))).toEqual({ kind: 'well' });
    await live.take(of('db-B'));
  });

  it('comes up again with its rows when its server is killed', async () => {
    await ask('db-A', 'INSERT INTO rows VALUES (2)');
    const pid = live.bodies.find(of('db-A'))?.processes[0]?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    const count = await until(
      () => ask('db-A', 'SELECT count(*)::int FROM rows').catch(() => undefined),
      (now) => now !== undefined,
    );
    expect(count).toBe(2);
    const isBack = (body: ReturnType<typeof live.bodies.find>): boolean =>
      body?.state === 'ready' && body.processes[0]?.pid !== pid;
    expect(isBack(await until(() => live.bodies.find(of('db-A')), isBack))).toBe(true);
  });

  it('is taken over by the next ground, not started again', async () => {
    const pid = live.bodies.find(of('db-A'))?.processes[0]?.pid;
    await ground.stop();
    ground = await groundOn(live, rdsBodies);
    expect(await live.put(instance('db-A'))).toEqual({ kind: 'well' });
    expect(live.bodies.find(of('db-A'))?.processes[0]?.pid).toBe(pid);
    expect(await ask('db-A', 'SELECT count(*)::int FROM rows')).toBe(2);
  });

  it('has a password that RDS keeps, in the secret that its ARN names', async () => {
    const secretArn = `arn:aws:secretsmanager:us-east-1:${account}:secret:rds!db-c-abc`;
    const { password: _, ...rest } = instance('db-C').inputs;
    const made = { ...rest, manageMasterUserPassword: true };
    const outputs = { masterUserSecrets: [{ secretArn }] };
    const thing = instance('db-C', { outputs });
    expect(await live.put({ ...thing, inputs: made })).toEqual({ kind: 'well' });
    const text = await managedSecret(live.folder, secretArn);
    const secret = JSON.parse(text ?? '{}') as { username: string; password: string };
    expect(secret.username).toBe('owner');
    expect(await ask('db-C', 'SELECT 1', { password: secret.password })).toBe(1);
    expect(await managedSecret(live.folder, `${secretArn}x`)).toBeUndefined();
    const kept = JSON.stringify(live.bodies.list());
    expect(kept).not.toContain(secret.password);
    await live.take(of('db-C'));
  });
});

describe('what is kept of a database', () => {
  it('is any moment since its first backup: a restore has what was there then, and no more', async () => {
    await ask('db-A', 'INSERT INTO rows SELECT generate_series(1, 1000)');
    const time = String(
      await ask('db-A', 'SELECT to_char(now() AT TIME ZONE \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')'),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    const lost = Date.now();
    await ask('db-A', 'DELETE FROM rows');
    const { dbName: _, username: __, ...rest } = instance('db-D').inputs;
    const restore = { ...begins('db-A').restoreToPointInTime, restoreTime: time };
    const inputs = { ...rest, restoreToPointInTime: restore, password: 'restored-password' };
    expect(await live.put({ ...instance('db-D'), inputs })).toEqual({ kind: 'well' });
    const how = { password: 'restored-password' };
    const rto = Date.now() - lost;
    expect(await ask('db-D', 'SELECT count(*)::int FROM rows', how)).toBe(1002);
    console.info(`restored to ${time}; RTO ${rto} ms, RPO 0 rows`);
    expect(await ask('db-D', 'SELECT pg_is_in_recovery()', how)).toBe(false);
    expect(await ask('db-D', 'INSERT INTO rows VALUES (0) RETURNING id', how)).toBe(0);
    await live.take(of('db-D'));
  });

  it('does not reach before the first backup or into the future, and the API says so', async () => {
    const at = (restoreTime: string) => ({
      restoreToPointInTime: { ...begins('db-A').restoreToPointInTime, restoreTime },
    });
    expect(await live.put(instance('db-E', { inputs: at('2020-01-01T00:00:00Z') }))).toMatchObject({
      why: expect.stringContaining('before the earliest restorable time') as string,
    });
    expect(await live.put(instance('db-E', { inputs: at('2099-01-01T00:00:00Z') }))).toMatchObject({
      why: expect.stringContaining('after the latest restorable time') as string,
    });
    await live.take(of('db-E'));
  });

  it('is a final snapshot, from which another database begins', async () => {
    const inputs = { skipFinalSnapshot: false, finalSnapshotIdentifier: 'last-one' };
    await live.put(instance('db-F', { inputs }));
    await ask('db-F', 'CREATE TABLE kept AS SELECT 7 AS id');
    expect(await live.take(of('db-F'))).toEqual({ kind: 'well' });
    expect(live.bodies.find(of('db-F'))).toBeUndefined();
    const arn = `arn:aws:rds:us-east-1:${account}:snapshot:last-one`;
    const { dbName: _, username: __, ...rest } = instance('db-G').inputs;
    await live.put({ ...instance('db-G'), inputs: { ...rest, snapshotIdentifier: arn } });
    expect(await ask('db-G', 'SELECT id FROM kept')).toBe(7);
    await live.take(of('db-G'));
    const missing = await live.put(instance('db-H', { inputs: { snapshotIdentifier: 'nobody' } }));
    expect(missing).toMatchObject({ why: 'DBSnapshotNotFound: DBSnapshot not found: nobody' });
    await live.take(of('db-H'));
  });
});

describe('a read replica', () => {
  const region = 'eu-west-1';
  const replica = (source: string) =>
    instance('db-R', { region, inputs: { replicateSourceDb: source }, outputs: { username: 'owner' } });

  it('follows its source in another region, read only, and goes on by itself when it is promoted', async () => {
    const source = String(instance('db-A').outputs.arn);
    expect(await live.put(replica(source))).toEqual({ kind: 'well' });
    await ask('db-A', 'CREATE TABLE followed AS SELECT 1 AS id');
    const followed = await until(
      () => ask('db-R', 'SELECT id FROM followed').catch(() => undefined),
      (now) => now === 1,
    );
    expect(followed).toBe(1);
    await expect(ask('db-R', 'INSERT INTO followed VALUES (2)')).rejects.toThrow(/read-only/);
    const { replicateSourceDb: _, ...alone } = replica(source).inputs as Values;
    const began = performance.now();
    expect(await live.put({ ...replica(source), inputs: alone })).toEqual({ kind: 'well' });
    console.info(`promoted after ${Math.round(performance.now() - began)} ms`);
    expect(await ask('db-R', 'INSERT INTO followed VALUES (2) RETURNING id')).toBe(2);
    expect(await ask('db-A', 'SELECT count(*)::int FROM followed')).toBe(1);
    expect(await ask('db-A', 'SELECT count(*)::int FROM pg_replication_slots')).toBe(0);
    await live.take(of('db-R', region));
  });
});

it('what is deleted leaves neither a process nor data', async () => {
  const port = live.bodies.find(of('db-A'))?.addresses[0]?.localPort ?? 0;
  expect(await live.take(of('db-A'))).toEqual({ kind: 'well' });
  const answers = await new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
  expect(answers).toBe(false);
  expect(await readdir(join(live.folder, 'live', 'bodies'))).toEqual([]);
});
