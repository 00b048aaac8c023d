import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { UNKNOWN } from '@cutover/base/dispatch.ts';
import { plannedMigrations } from '@cutover/delivery/migrations/front.ts';
import { migrateInTask } from '@cutover/delivery/migrations/in-task.ts';
import type { MigrationState } from '@cutover/delivery/migrations/handler.ts';
import { handler } from '@cutover/delivery/migrations/postgres/handler.ts';
import {
  withDefaults,
  type MigrationInputs,
  type MigrationOptions,
} from '@cutover/delivery/plan/migration-inputs.ts';
import { wayOf } from '@cutover/delivery/plan/migration-task.ts';
import type { TaskRun } from '@cutover/delivery/plan/task-run.ts';
import type { TaskPatience } from '@cutover/delivery/tasks/run.ts';
import { startPostgres, type TestPostgres } from '../services/postgres.ts';
import { startProcess, until } from '../services/processes.ts';
import { startFakeEcs, type FakeEcs } from './fake-ecs.ts';
import { folderOf, sql, temporaryFolder, writeAll } from './migration-help.ts';

type Inputs = MigrationInputs<'postgres'> & { readonly runs: TaskRun };

const root = temporaryFolder();
const aws = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'none', AWS_REGION: 'eu-west-1' };
const quick: Partial<TaskPatience> = { pollMs: 50, logMs: 2000 };
const orders = sql('CREATE TABLE orders (id int PRIMARY KEY);', 'DROP TABLE orders;');
const fees = sql('ALTER TABLE orders ADD COLUMN fee int;', 'ALTER TABLE orders DROP COLUMN fee;');
const slow = sql('SELECT pg_sleep(1.5);', 'SELECT 1;');

let server: TestPostgres;
let ecs: FakeEcs;
let count = 0;
let containerOf: Readonly<Record<string, string>> = {};
const lines: string[] = [];

beforeAll(async () => {
  server = await startPostgres();
  writeFileSync(join(root.path, 'password'), `${server.password}\n`, { mode: 0o600 });
});
afterAll(async () => {
  await server.remove();
  root.remove();
});
beforeEach(async () => {
  ecs = await startFakeEcs(() => containerOf);
  for (const [name, value] of Object.entries({ ...aws, AWS_ENDPOINT_URL: ecs.endpoint }))
    vi.stubEnv(name, value);
  vi.stubEnv('CUTOVER_TWIN', undefined);
  lines.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line: unknown) => void lines.push(String(line)));
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await ecs.close();
});

async function query<Row extends pg.QueryResultRow>(database: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ ...server, host: '127.0.0.1', database });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** A new database, a folder of migrations, and a container that knows both. */
async function setup(files: Readonly<Record<string, string>>) {
  const database = `task${(count += 1)}`;
  await query('postgres', `CREATE DATABASE ${database}`);
  const directory = folderOf(root.path, files);
  containerOf = {
    MIGRATIONS: directory,
    DATABASE_URL: `postgres://${server.user}@127.0.0.1:${server.port}/${database}`,
    DATABASE_PASSWORD_FILE: join(root.path, 'password'),
  };
  const inputs = (options: MigrationOptions = {}): Inputs => {
    const chosen = withDefaults({ scratch: { mode: 'off' }, ...options });
    const migrations = plannedMigrations('postgres', directory, chosen.target);
    const { host, port, user } = { host: '127.0.0.1', port: server.port, user: server.user };
    return { directory, database: { host, port, database, user }, migrations, runs: ecs.run, ...chosen };
  };
  const tables = async () =>
    (
      await query<{ name: string }>(
        database,
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
      )
    )
      .map(({ name }) => name)
      .filter((name) => !/migrations$/.test(name));
  return { database, directory, inputs, tables };
}

/** Migrates by a task without the patience of real ones. */
function migrate(inputs: Inputs, patience: Partial<TaskPatience> = {}, applied: Record<string, string> = {}) {
  const direction = wayOf(inputs.migrations, applied);
  return migrateInTask(
    { inputs, runs: inputs.runs, direction, before: 'nothing' },
    { say: (line) => lines.push(line), patience: { ...quick, ...patience } },
  );
}

const ran = () => ecs.asked.filter((action) => action === 'RunTask').length;

describe('migrations as a resource of a closed network', () => {
  it('run in a task, go up, change, come back and say where', async () => {
    const { directory, inputs, tables } = await setup({ '0001_orders.sql': orders });
    const first = inputs();
    let { outs: state } = await handler.create(first);
    expect(state).toMatchObject({
      current: '0001_orders',
      applied: first.migrations,
      ran: expect.stringMatching(/^in the task 0+1$/) as string,
      lastRun: { steps: '0001_orders (up)', copy: 'not tried on a copy' },
    });
    expect(JSON.stringify(state).length).toBeLessThan(2000);
    expect(await handler.diff?.('id', state, first)).toEqual({ changes: false });
    expect(await handler.read?.('id', state)).toEqual({ id: 'id', props: state });
    expect(ran()).toBe(1);

    writeAll(directory, { '0002_fees.sql': fees });
    lines.length = 0;
    expect(await handler.diff?.('id', state, inputs())).toEqual({ changes: true });
    expect(lines).toEqual([`${directory}: a task in its network will run: 0002_fees`]);
    state = (await handler.update?.('id', state, inputs()))?.outs ?? state;
    expect(state).toMatchObject({ current: '0002_fees', lastRun: { steps: '0002_fees (up)' } });

    state = (await handler.update?.('id', state, inputs({ target: '0001' })))?.outs ?? state;
    expect(state).toMatchObject({ current: '0001_orders', lastRun: { steps: '0002_fees (down)' } });
    expect(await tables()).toEqual(['orders']);

    await handler.delete?.('id', state);
    expect(await tables()).toEqual(['orders']);
    await handler.delete?.('id', { ...state, onDelete: 'down' });
    expect(await tables()).toEqual([]);
    expect(ran()).toBe(4);
  });

  it('show in a preview what will run also where the new task is not known yet', async () => {
    const { directory, inputs } = await setup({ '0001_orders.sql': orders });
    const olds = { ...inputs(), applied: {}, ran: 'nothing' } as unknown as MigrationState<'postgres'>;
    const news = { ...inputs(), runs: UNKNOWN as unknown as TaskRun };
    expect(await handler.diff?.('id', olds, news)).toEqual({ changes: true });
    expect(lines).toEqual([`${directory}: a task in its network will run: 0001_orders`]);
  });

  it('are not run, and say so, where the twin plays the cloud, and are run once something answers', async () => {
    vi.stubEnv('CUTOVER_TWIN', '/somewhere');
    const { inputs, tables } = await setup({ '0001_orders.sql': orders });
    const { outs } = await handler.create(inputs());
    expect(outs).toMatchObject({ ran: 'not run: the twin plays the cloud', applied: {}, current: 'none' });
    expect(await handler.diff?.('id', outs, inputs())).toEqual({ changes: false });
    expect(ecs.asked).toEqual([]);

    vi.stubEnv('CUTOVER_TWIN_LIVE', '1');
    expect(await handler.diff?.('id', outs, inputs())).toEqual({ changes: true });
    expect((await handler.update?.('id', outs, inputs()))?.outs).toMatchObject({ current: '0001_orders' });
    expect(await tables()).toEqual(['orders']);
  });

  it('refuse a place that makes no sense, before anything', async () => {
    const { inputs } = await setup({ '0001_orders.sql': orders });
    const bad = { ...inputs(), runs: { ...ecs.run, region: 'eu-west-1', subnets: [] } };
    const checked = await handler.check?.({}, bad);
    expect(checked?.failures?.map(({ property }) => property)).toEqual([
      'runs.subnets',
      'runs.cluster',
      'runs.taskDefinition',
    ]);
    expect(ecs.asked).toEqual([]);
  });

  it('find their task after kill -9, and start no second one', async () => {
    const { inputs, tables } = await setup({ '0001_orders.sql': orders, '0002_slow.sql': slow });
    const child = join(import.meta.dirname, 'migration-task-child.ts');
    const env = { ...aws, AWS_ENDPOINT_URL: ecs.endpoint };
    const first = startProcess(process.execPath, [child, JSON.stringify(inputs())], env);
    await until('the task', () => ecs.tasks[0]?.status === 'RUNNING' || undefined);
    expect(await first.stop('SIGKILL')).toBe('SIGKILL');

    const { outs } = await handler.create(inputs());
    expect(outs).toMatchObject({
      current: '0002_slow',
      lastRun: { steps: '0001_orders (up), 0002_slow (up)' },
    });
    expect(lines[0]).toMatch(/found its earlier task 0+1: (RUNNING|STOPPED)/);
    expect(ran()).toBe(1);
    expect(await tables()).toEqual(['orders']);
  });
});

describe('a task of migrations', () => {
  it('that ended well unseen is not run again; after another run the same order is', async () => {
    const { inputs } = await setup({ '0001_orders.sql': orders });
    const { task } = await migrate(inputs());
    expect(await migrate(inputs())).toMatchObject({ task, current: '0001_orders' });
    expect(ran()).toBe(1);
    const again = { inputs: inputs(), runs: ecs.run, direction: 'up', before: 'in another task' } as const;
    const second = await migrateInTask(again, { say: () => undefined, patience: quick });
    expect(second).toMatchObject({ ran: [], current: '0001_orders' });
    expect(second.task).not.toBe(task);
  });

  it('that fails shows the end of its log, changes nothing, and is another task next time', async () => {
    const broken = sql('SELECT count(*) FROM nowhere;', 'SELECT 1;');
    const { directory, inputs, tables } = await setup({
      '0001_orders.sql': orders,
      '0002_broken.sql': broken,
    });
    const error = await migrate(inputs()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CUT-4150' });
    expect((error as Error).message).toMatch(/exit code 1[\s\S]*0002_broken[\s\S]*"nowhere" does not exist/);
    expect((error as Error).message).not.toContain(server.password);
    expect(await tables()).toEqual([]);

    writeAll(directory, { '0002_broken.sql': sql('SELECT count(*) FROM orders;', 'SELECT 1;') });
    expect(await migrate(inputs())).toMatchObject({ current: '0002_broken' });
    expect(ecs.tasks).toHaveLength(2);
  });

  it('that failed is run anew by the same order', async () => {
    const { inputs } = await setup({ '0001_orders.sql': orders });
    ecs.faults.stopsWith = 'CannotPullContainerError: pull image manifest: not found';
    await expect(migrate(inputs())).rejects.toMatchObject({
      code: 'CUT-4151',
      remedy: expect.stringContaining('the image is in its repository') as string,
    });
    ecs.faults.stopsWith = 'ResourceInitializationError: unable to pull secrets or registry auth';
    await expect(migrate(inputs())).rejects.toMatchObject({
      remedy: expect.stringContaining('every secret of the task is there') as string,
    });
    ecs.faults.stopsWith = undefined;
    expect(await migrate(inputs())).toMatchObject({ current: '0001_orders' });
    expect(ecs.tasks).toHaveLength(3);
  });

  it('whose image holds other migrations changes nothing', async () => {
    const { inputs, tables } = await setup({ '0001_orders.sql': orders });
    const planned = inputs();
    containerOf = {
      ...containerOf,
      MIGRATIONS: folderOf(root.path, { '0001_orders.sql': `${orders}-- other` }),
    };
    await expect(migrate(planned)).rejects.toMatchObject({
      code: 'CUT-4150',
      message: expect.stringMatching(/exit code 3[\s\S]*CUT-4157[\s\S]*0001_orders sha256:/) as string,
    });
    expect(await tables()).toEqual([]);
  });

  it('that goes up undoes nothing that the plan did not know of', async () => {
    const { inputs, tables } = await setup({ '0001_orders.sql': orders, '0002_fees.sql': fees });
    await migrate(inputs());
    await expect(migrate(inputs({ target: '0001' }))).rejects.toMatchObject({
      message: expect.stringMatching(/CUT-4158 Going up to 0001 would undo 0002_fees/) as string,
    });
    const known = inputs().migrations;
    expect(await migrate(inputs({ target: '0001' }), {}, { ...known })).toMatchObject({
      current: '0001_orders',
    });
    expect(await tables()).toEqual(['orders']);
  });

  it('that never starts is stopped after a while', async () => {
    const { inputs } = await setup({ '0001_orders.sql': orders });
    ecs.faults.neverStarts = true;
    await expect(migrate(inputs(), { startMs: 300 })).rejects.toMatchObject({
      code: 'CUT-4152',
      message: expect.stringMatching(/it is PENDING\. It was stopped\./) as string,
    });
    expect(ecs.tasks[0]?.status).toBe('STOPPED');
  });

  it('that takes too long is left alone and found again', async () => {
    const { inputs } = await setup({ '0001_slow.sql': slow });
    await expect(migrate(inputs(), { endMs: 400 })).rejects.toMatchObject({ code: 'CUT-4153' });
    expect(await migrate(inputs())).toMatchObject({ current: '0001_slow' });
    expect(ran()).toBe(1);
  });

  it('that is killed for want of memory says so', async () => {
    const { inputs } = await setup({ '0001_slow.sql': slow });
    const migrated = migrate(inputs()).catch((thrown: unknown) => thrown);
    const child = await until('the process', () => ecs.tasks[0]?.child);
    child.kill('SIGKILL');
    expect(await migrated).toMatchObject({
      code: 'CUT-4150',
      message: expect.stringMatching(/exit code 137[\s\S]*give the task more/) as string,
    });
  });

  it('goes on when AWS asks for patience, and without its log', async () => {
    const { inputs } = await setup({ '0001_orders.sql': orders });
    ecs.faults.throttled = 3;
    ecs.faults.denied = 'GetLogEvents';
    expect(await migrate(inputs())).toMatchObject({
      current: '0001_orders',
      ran: [],
      applied: inputs().migrations,
    });
    expect(lines.some((line) => line.startsWith('its log cannot be read: CUT-4154'))).toBe(true);
  });

  it('in another region, without permission or without room is refused with what to do', async () => {
    const { inputs } = await setup({ '0001_orders.sql': orders });
    const elsewhere = { ...inputs(), runs: { ...ecs.run, region: 'eu-west-1' } };
    await expect(migrate(elsewhere)).rejects.toMatchObject({
      code: 'CUT-4154',
      remedy: expect.stringContaining('is the region of the cluster') as string,
    });
    ecs.faults.denied = 'RunTask';
    await expect(migrate(inputs())).rejects.toMatchObject({
      remedy: expect.stringContaining('iam:PassRole') as string,
    });
    Object.assign(ecs.faults, { denied: undefined, places: 'Capacity is unavailable at this time' });
    await expect(migrate(inputs())).rejects.toMatchObject({
      message: expect.stringContaining('Capacity is unavailable') as string,
    });
    expect(ecs.tasks).toEqual([]);
  });

  it('is not watched any more when the update is cancelled', async () => {
    const { inputs } = await setup({ '0001_slow.sql': slow });
    const cancel = new AbortController();
    const migrated = migrateInTask(
      { inputs: inputs(), runs: ecs.run, direction: 'up', before: 'nothing' },
      { say: () => undefined, signal: cancel.signal, patience: quick },
    );
    const expected = expect(migrated).rejects.toMatchObject({ code: 'CUT-4155' });
    await until('the task', () => ecs.tasks[0]?.status === 'RUNNING' || undefined);
    cancel.abort();
    await expected;
    expect(await migrate(inputs())).toMatchObject({ current: '0001_slow' });
  });

  it('is told no more than ECS takes', async () => {
    const { inputs } = await setup({ '0001_orders.sql': orders });
    const acceptEdited = Object.fromEntries(
      Array.from({ length: 120 }, (_, n) => [`${n}_x`, 'a'.repeat(71)]),
    );
    await expect(migrate(inputs({ acceptEdited }))).rejects.toMatchObject({ code: 'CUT-4156', exit: 2 });
  });
});
