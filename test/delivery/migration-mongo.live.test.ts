import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient, type Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Migrations } from '@cutover/delivery/migrations/engine.ts';
import { migrationStatus } from '@cutover/delivery/migrations/front.ts';
import { until } from '../services/processes.ts';
import { folderOf, quickestIdleRun, run, runInProcess, temporaryFolder, writeAll } from './migration-help.ts';
import { startMongo, type TestMongo } from './mongo-server.ts';

const root = temporaryFolder();
let server: TestMongo;
let client: MongoClient;
let count = 0;

beforeAll(async () => {
  server = await startMongo();
  client = await MongoClient.connect(server.url);
});
afterAll(async () => {
  await client.close();
  await server.remove();
  root.remove();
});

function setup(files: Readonly<Record<string, string>>, options: Partial<Migrations<'mongo'>> = {}) {
  const database = `app${(count += 1)}`;
  const migrations: Migrations<'mongo'> = {
    kind: 'mongo',
    directory: folderOf(root.path, files),
    database: { url: server.url, database },
    ...options,
  };
  return { migrations, db: client.db(database) };
}

async function scratchDatabases(): Promise<string[]> {
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
  return databases.map(({ name }) => name).filter((name) => name.startsWith('cutover_scratch'));
}

async function indexesOf(db: Db, collection: string): Promise<string[]> {
  return (await db.collection(collection).listIndexes().toArray()).map(({ name }) => String(name)).toSorted();
}

const users = `
  export const up = async (db) => { await db.collection('User').createIndex({ wallet: 1 }, { name: 'wallet', unique: true }); };
  export const down = async (db) => { await db.collection('User').dropIndex('wallet'); };`;
const field = `
  export const up = async (db) => { await db.collection('User').updateMany({ level: { $exists: false } }, { $set: { level: 1 } }); };
  export const down = async (db) => { await db.collection('User').updateMany({}, { $unset: { level: '' } }); };`;

describe('MongoDB', () => {
  it('goes up, back to a named migration, down and up again, and an idle run does nothing, quickly', async () => {
    const { migrations, db } = setup({ '0001_users.mjs': users, '0002_level.mjs': field });
    await db.collection('User').insertOne({ wallet: 'a' });
    const first = await run(migrations);
    expect(first).toMatchObject({
      ran: ['up 0001_users.mjs', 'up 0002_level.mjs'],
      copy: 'a copy (complete)',
    });
    const before = await db.collection('changelog').find().toArray();
    expect(await quickestIdleRun(migrations)).toBeLessThan(50);
    expect(await db.collection('changelog').find().toArray()).toEqual(before);
    expect((await run(migrations, '0001')).ran).toEqual(['down 0002_level.mjs']);
    expect(await db.collection('User').findOne()).not.toHaveProperty('level');
    expect((await run(migrations, 'none')).current).toBe('none');
    expect(await indexesOf(db, 'User')).toEqual(['_id_']);
    expect((await run(migrations)).current).toBe('0002_level.mjs');
    expect(await scratchDatabases()).toEqual([]);
    expect(await db.collection('cutover_migrations').countDocuments()).toBe(0);
  });

  it('runs the migrations of gemforce there, back and there again, over what Parse has made', async () => {
    const { migrations, db } = setup({});
    await db
      .collection<{ _id: string; chainId: number }>('Blockchain')
      .insertOne({ _id: 'byParse', chainId: 1 });
    const real = { ...migrations, directory: 'migrations/gemforce' };
    expect((await run(real)).error?.message).toBeUndefined();
    expect(await db.collection('Blockchain').countDocuments()).toBe(3);
    expect(await indexesOf(db, 'Transaction')).toEqual(['_id_', 'transaction_hash', 'transaction_status']);
    expect((await run(real, 'none')).current).toBe('none');
    expect(await db.collection('Blockchain').find().toArray()).toEqual([{ _id: 'byParse', chainId: 1 }]);
  });
});

describe('a failing migration of MongoDB', () => {
  const unique = `
    export const up = async (db) => { await db.collection('User').createIndex({ email: 1 }, { name: 'email', unique: true }); };
    export const down = async (db) => { await db.collection('User').dropIndex('email'); };`;

  it('fails on the copy, names file and command, shows no documents, and never reaches the database', async () => {
    const { migrations, db } = setup({ '0001_email.mjs': unique });
    await db.collection('User').insertMany([{ email: 'geheim@x' }, { email: 'geheim@x' }]);
    const { error } = await run(migrations);
    expect(error?.code).toBe('CUT-4120');
    expect(error?.message).toContain('The database itself was not touched');
    expect(error?.message).toContain('0001_email.mjs\n  statement: createIndexes on User: [{"');
    expect(error?.message).toContain('"key":{"email":1}');
    expect(error?.message).not.toContain('geheim');
    expect(await db.collection('changelog').countDocuments()).toBe(0);
    expect(await indexesOf(db, 'User')).toEqual(['_id_']);
    expect(await scratchDatabases()).toEqual([]);
  });

  // Its second half fails while FAIL is set.
  const half = `
    export const up = async (db) => {
      await db.collection('User').updateMany({}, { $set: { half: true } });
      if (process.env.FAIL) throw new Error('no more power');
      await db.collection('User').updateMany({}, { $set: { whole: true } });
    };
    export const down = async (db) => { await db.collection('User').updateMany({}, { $unset: { half: '', whole: '' } }); };`;

  it('on the database itself says exactly what stands, and is run again by the next run', async () => {
    const options = { scratch: { mode: 'off' } } as const;
    const { migrations, db } = setup({ '0001_users.mjs': users, '0002_half.mjs': half }, options);
    await db.collection('User').insertOne({ wallet: 'a' });
    process.env['FAIL'] = '1';
    const { error } = await run(migrations);
    delete process.env['FAIL'];
    expect(error?.code).toBe('CUT-4123');
    expect(error?.message).toContain('stands: 0001_users.mjs (up)');
    expect(error?.message).toContain('may be half-done: 0002_half.mjs (up)');
    expect(error?.message).toContain('set `target` to the migration before it');
    const status = await migrationStatus(migrations);
    expect(status.interrupted?.by).toContain(`pid ${process.pid}`);
    expect(status.steps).toMatchObject([{ direction: 'up', name: '0002_half.mjs', again: 'up' }]);
    const { lines, current } = await run({ ...migrations, scratch: {} });
    expect(lines[0]).toContain('will run: 0002_half.mjs (again)');
    expect(current).toBe('0002_half.mjs');
    expect(await db.collection('User').findOne()).toMatchObject({ half: true, whole: true });
  });

  it('may also be undone, by the target before it', async () => {
    const { migrations, db } = setup({ '0001_users.mjs': users, '0002_half.mjs': half });
    await db.collection('User').insertOne({ wallet: 'a' });
    process.env['FAIL'] = '1';
    await run({ ...migrations, scratch: { mode: 'off' } });
    delete process.env['FAIL'];
    expect(await db.collection('User').findOne()).toHaveProperty('half');
    expect(await run(migrations, '0001')).toMatchObject({
      ran: ['down 0002_half.mjs'],
      current: '0001_users.mjs',
    });
    expect(await db.collection('User').findOne()).not.toHaveProperty('half');
    expect((await migrationStatus({ ...migrations, target: '0001' })).steps).toEqual([]);
    expect((await run(migrations)).current).toBe('0002_half.mjs');
  });

  it('that reaches for another database by name is stopped on the copy', async () => {
    const stray = `export const up = async (db, client) => { await client.db('other').collection('x').insertOne({}); };`;
    const { error } = await run(setup({ '0001_stray.mjs': stray }).migrations);
    expect(error?.message).toContain('it reaches for the database other');
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    expect(databases.map(({ name }) => name)).not.toContain('other');
  });

  it('that names its own database by name works on the copy alone until it is proven', async () => {
    const { migrations, db } = setup({});
    const named = `
      export const up = async (db, client) => {
        await client.db('${db.databaseName}').collection('x').insertOne({});
        if (db.databaseName !== '${db.databaseName}') throw new Error('on the copy');
      };`;
    writeAll(migrations.directory, { '0001_named.mjs': named });
    expect((await run(migrations)).error?.code).toBe('CUT-4120');
    expect(await db.collection('x').countDocuments()).toBe(0);
  });
});

describe('what is refused by MongoDB', () => {
  it('edited and removed migrations, with both checksums', async () => {
    const { migrations } = setup({ '0001_users.mjs': users, '0002_level.mjs': field });
    await run(migrations);
    const { applied } = await migrationStatus(migrations);
    writeAll(migrations.directory, { '0001_users.mjs': `${users}// edited` });
    rmSync(join(migrations.directory, '0002_level.mjs'));
    const { error } = await run(migrations);
    expect(error).toMatchObject({ code: 'CUT-4110', exit: 3 });
    expect(error?.message).toContain(`it ran as ${applied['0001_users.mjs']}, the file is sha256:`);
    expect(error?.message).toContain('0002_level.mjs has run');
  });

  it('going back without a way, which is known before anything runs', async () => {
    const { migrations } = setup({ '0001_one.mjs': `export const up = async () => {};` });
    expect((await run(migrations)).current).toBe('0001_one.mjs');
    expect((await run(migrations, 'none')).error).toMatchObject({ code: 'CUT-4112', exit: 3 });
  });

  it('a server that is not there', async () => {
    const { migrations } = setup({ '0001_users.mjs': users });
    const nowhere = { ...migrations, database: { ...migrations.database, url: 'mongodb://127.0.0.1:1' } };
    await expect(migrationStatus(nowhere)).rejects.toMatchObject({ code: 'CUT-4130' });
  });
});

describe("other people's migrations for MongoDB", () => {
  const folder = {
    '20240101120000-add-indexes.js': `
      module.exports = {
        async up(db, client) { await db.collection('User').createIndex({ newField: 1 }); },
        async down(db) { await db.collection('User').dropIndex({ newField: 1 }); },
      };`,
    '1625000000000_add_new_field.cjs': `
      exports.up = async (db) => { await db.collection('User').updateMany({}, { $set: { newField: '' } }); };
      exports.down = async (db) => { await db.collection('User').updateMany({}, { $unset: { newField: '' } }); };`,
    '20250101000000-types.ts': `
      export async function up(db: any): Promise<void> { await db.collection('Typed').insertOne({ n: 1 }); }
      export async function down(db: any): Promise<void> { await db.collection('Typed').deleteMany({}); }`,
    'sample-migration.js': 'throw new Error("a sample");',
  };

  it('run as they are, whatever module they are', async () => {
    const { migrations } = setup(folder);
    const { ran, error } = await run(migrations);
    expect(error?.message).toBeUndefined();
    expect(ran).toEqual(
      Object.keys(folder)
        .slice(0, 3)
        .toSorted()
        .map((name) => `up ${name}`),
    );
    expect((await run(migrations, '20240101120000')).ran).toEqual(['down 20250101000000-types.ts']);
    expect((await run(migrations, 'none')).current).toBe('none');
  });

  it("are taken over from migrate-mongo's own command, and taken back by it, which is seen", async () => {
    const { migrations, db } = setup({ '0001_users.mjs': users, '0002_level.mjs': field });
    const { up, down, config } = await import('migrate-mongo');
    const own = () =>
      config.set({
        migrationsDir: migrations.directory,
        changelogCollectionName: 'changelog',
        migrationFileExtension: '.mjs',
        useFileHash: false,
        moduleSystem: 'esm',
      });
    own();
    await up(db, client);
    const status = await migrationStatus(migrations);
    expect(status).toMatchObject({ steps: [], adopt: ['0001_users.mjs', '0002_level.mjs'] });
    expect((await run(migrations)).lines[0]).toContain(
      'recorded the checksums of 0001_users.mjs, 0002_level.mjs',
    );
    expect((await migrationStatus(migrations)).adopt).toEqual([]);
    own();
    await down(db, client);
    expect(await migrationStatus(migrations)).toMatchObject({
      current: '0001_users.mjs',
      steps: [{ direction: 'up', name: '0002_level.mjs' }],
    });
  });

  it('that do not load are told by name', async () => {
    const { error } = await run(setup({ '0001_x.mjs': 'export const nothing = 1;' }).migrations);
    expect(error).toMatchObject({ code: 'CUT-4124' });
    expect(error?.message).toContain('0001_x.mjs');
  });
});

describe('a copy of a MongoDB database', () => {
  it('takes documents as they are stored, and indexes, up to the cap, and says so', async () => {
    const { migrations, db } = setup({}, { scratch: { rowCap: 1500 } });
    const many = Array.from({ length: 2000 }, (_, n) => ({ n }));
    await db.collection('Many').insertMany(many);
    await db.collection('Few').insertOne({ n: 1, at: new Date(0), text: 'x', list: [1, { a: null }] });
    await db.collection('Few').createIndex({ n: 1 }, { name: 'n', unique: true });
    const look = `
      export const up = async (db) => {
        if (!db.databaseName.startsWith('cutover_scratch')) return;
        const few = await db.collection('Few').findOne({}, { projection: { _id: 0 } });
        const indexes = await db.collection('Few').listIndexes().toArray();
        const seen = JSON.stringify([await db.collection('Many').countDocuments(), few, indexes.map(({ name, unique }) => [name, unique])]);
        const right = '[1500,{"n":1,"at":"1970-01-01T00:00:00.000Z","text":"x","list":[1,{"a":null}]},[["_id_",null],["n",true]]]';
        if (seen !== right) throw new Error(seen);
      };
      export const down = async () => {};`;
    writeAll(migrations.directory, { '0001_look.mjs': look });
    const { error, copy } = await run(migrations);
    expect(error?.message).toBeUndefined();
    expect(copy).toBe('a copy (1500 documents of Many)');
  });

  it('may be made in a database that is given, when that is empty', async () => {
    const { migrations } = setup({ '0001_users.mjs': users });
    const given = { ...migrations, scratch: { database: 'spare' } };
    expect(await run(given)).toMatchObject({ current: '0001_users.mjs' });
    await client.db('spare').collection('precious').insertOne({});
    const { error } = await run(given, 'none');
    expect(error).toMatchObject({ code: 'CUT-4141', exit: 3 });
    expect(await client.db('spare').collection('precious').countDocuments()).toBe(1);
  });
});

describe('two updates of one MongoDB database', () => {
  // Waits while the file that HOLD names is there; only on the database itself, or only on its copy.
  const holding = (where: 'copy' | 'database') => `
    import { existsSync } from 'node:fs';
    import { setTimeout } from 'node:timers/promises';
    export async function up(db) {
      await db.collection('Held').updateOne({ _id: 1 }, { $inc: { runs: 1 } }, { upsert: true });
      const onCopy = db.databaseName.startsWith('cutover_scratch');
      while (onCopy === ${where === 'copy'} && existsSync(process.env.HOLD ?? '')) await setTimeout(20);
    }
    export const down = async (db) => { await db.collection('Held').deleteMany({}); };`;

  it.each(['copy', 'database'] as const)(
    'continue after kill -9 of one that works on the %s',
    async (where) => {
      const { migrations, db } = setup({ '0001_users.mjs': users, '0002_held.mjs': holding(where) });
      const hold = join(root.path, `hold ${where}`);
      writeFileSync(hold, '');
      const child = runInProcess(migrations, { HOLD: hold });
      const held = async () => {
        const [copy] = await scratchDatabases();
        const held = client.db(where === 'copy' ? (copy ?? 'none') : db.databaseName).collection('Held');
        return (await held.countDocuments()) > 0 ? true : undefined;
      };
      await until('it holds', held);
      await child.stop('SIGKILL');
      rmSync(hold);
      const [left] = await scratchDatabases();
      const { lines, current } = await run(migrations);
      expect(current).toBe('0002_held.mjs');
      expect(lines[0]).toMatch(/^taking over the migration lock of pid \d+ on .*: its process is gone$/);
      if (where === 'copy') expect(lines).toContain(`deleting ${left}, a copy that an earlier run left`);
      else expect(lines[1]).toContain('will run: 0002_held.mjs (again)');
      expect(await scratchDatabases()).toEqual([]);
      expect(await db.collection('cutover_migrations').countDocuments()).toBe(0);
    },
  );

  it('run one after the other; who does not want to wait is told whom', async () => {
    const { migrations } = setup({ '0001_held.mjs': holding('database') });
    const hold = join(root.path, 'hold two');
    writeFileSync(hold, '');
    const first = runInProcess(migrations, { HOLD: hold });
    await until('it holds', () => (first.output().includes('all well') ? true : undefined));
    const impatient = await run({ ...migrations, lock: { waitSeconds: 0 } });
    expect(impatient.error).toMatchObject({ code: 'CUT-4131', exit: 3 });
    expect(impatient.error?.message).toContain(`pid ${first.child.pid} on `);
    const second = run(migrations);
    setTimeout(() => rmSync(hold), 300);
    expect(await second).toMatchObject({ ran: [], current: '0001_held.mjs' });
    expect(await first.ended).toBe(0);
  });

  it('of a holder whose lock was taken over, stops before the next migration', async () => {
    const { migrations, db } = setup({});
    const steal = `
      export const up = async (db) => {
        if (!db.databaseName.startsWith('cutover_scratch'))
          await db.collection('cutover_migrations').updateOne({ _id: 'lock' }, { $set: { token: 'another', pid: 4711 } });
      };
      export const down = async () => {};`;
    writeAll(migrations.directory, { '0001_steal.mjs': steal, '0002_users.mjs': users });
    const { error } = await run(migrations);
    expect(error).toMatchObject({ code: 'CUT-4132' });
    expect(error?.message).toContain('pid 4711');
    expect((await migrationStatus(migrations)).current).toBe('0001_steal.mjs');
    await db.collection('cutover_migrations').deleteMany({});
  });

  it('of different databases at once do not mix', async () => {
    const several = [1, 2, 3].map(() => setup({ '0001_users.mjs': users, '0002_level.mjs': field }));
    const results = await Promise.all(several.map(({ migrations }) => run(migrations)));
    expect(results.map(({ current }) => current)).toEqual(Array(3).fill('0002_level.mjs'));
    for (const { db } of several) expect(await db.collection('changelog').countDocuments()).toBe(2);
  });
});
