import { randomBytes } from 'node:crypto';
import type {
  CollectionInfo,
  CreateCollectionOptions,
  CreateIndexesOptions,
  Db,
  DbOptions,
  Document,
  IndexDirection,
  MongoClient,
  MongoClientOptions,
} from 'mongodb';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { databaseLabel, type MigrationOptions, type MongoDatabase } from '../../plan/migration-inputs.ts';
import { scratchName, scratchPrefix } from '../../plan/migration-scratch.ts';
import type { Copy } from '../engine.ts';
import type { LoadedFile } from '../files.ts';
import { connect } from './connect.ts';
import { runSteps } from './run.ts';

/** What is needed to copy a database. */
export interface CopyRequest {
  readonly client: MongoClient;
  readonly database: MongoDatabase;
  readonly files: readonly LoadedFile[];
  readonly settings: Required<MigrationOptions>;
  readonly say: (line: string) => void;
}

/** What is left in a database that was given to be a copy; also tells that it is one. */
const MARK = 'cutover_scratch_here';
const BATCH = 1000;

/**
 * Copies collections with their indexes and documents, up to a cap of documents each, into a database beside it.
 * SIDE EFFECTS: creates a database; deletes those that crashed runs left.
 */
export async function copyMongo(request: CopyRequest): Promise<Copy> {
  const { client, database, settings } = request;
  const { database: given, rowCap = 20_000 } = settings.scratch;
  if (given === undefined) await dropLeftovers(request);
  else await refuseUsed(client, database, given);
  const name = given ?? scratchName(database.database, randomBytes(4).toString('hex'));
  const copy = client.db(name);
  const drop = async () => {
    await copy.dropDatabase();
  };
  try {
    if (given !== undefined) await drop();
    await copy.createCollection(MARK);
    const lacks = await copyCollections(client.db(database.database), copy, rowCap);
    return {
      how: `a copy (${lacks.length === 0 ? 'complete' : lacks.join('; ')})`,
      run: (steps) => runOnCopy(request, name, steps),
      drop,
    };
  } catch (error) {
    await drop().catch(() => undefined);
    throw noCopy(database, error);
  }
}

function noCopy(database: MongoDatabase, error: unknown): CutoverError {
  const denied = (error as { code?: number }).code === 13;
  const user = database.user ?? 'the user';
  return new CutoverError('CUT-4140', {
    database: databaseLabel('mongo', database),
    list: `  ${messageOf(error)}`,
    fix: denied
      ? `Give ${user} readWrite and dbAdmin on a database of its own and name that as scratch.database. Or go without a copy: scratch.mode 'off'.`
      : `Remove what stands in the way; or go without a copy: scratch.mode 'off'.`,
  });
}

async function copyCollections(from: Db, to: Db, cap: number): Promise<string[]> {
  const lacks: string[] = [];
  const infos = (await from.listCollections().toArray()) as CollectionInfo[];
  const own = (name: string) => !name.startsWith('system.');
  const isView = ({ type }: CollectionInfo) => type === 'view';
  for (const info of infos.filter((each) => own(each.name) && !isView(each))) {
    await to.createCollection(info.name, optionsOf(info));
    if ((await copyDocuments(from, to, info.name, cap)) === 'capped')
      lacks.push(`${cap} documents of ${info.name}`);
    if (info.type !== 'timeseries') lacks.push(...(await copyIndexes(from, to, info.name)));
  }
  // A view stands on collections, or on other views.
  for (const info of infos.filter(isView)) await to.createCollection(info.name, optionsOf(info));
  return lacks;
}

function optionsOf({ options = {} }: CollectionInfo): CreateCollectionOptions {
  const { uuid: _, ...rest } = options;
  return rest;
}

async function copyDocuments(from: Db, to: Db, name: string, cap: number): Promise<'complete' | 'capped'> {
  // Kinds of numbers stay as they are stored.
  const asStored = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true };
  const cursor = from.collection(name, asStored).find({}, { limit: cap + 1, batchSize: BATCH });
  let batch: Document[] = [];
  let count = 0;
  const flush = async () => {
    if (batch.length > 0) await to.collection(name).insertMany(batch, { ordered: false });
    batch = [];
  };
  for await (const document of cursor) {
    count += 1;
    if (count > cap) break;
    batch.push(document);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  return count > cap ? 'capped' : 'complete';
}

/** An index as the server lists it. */
interface StoredIndex extends CreateIndexesOptions {
  readonly v?: number;
  readonly ns?: string;
  readonly key: Record<string, IndexDirection>;
  readonly name: string;
}

async function copyIndexes(from: Db, to: Db, name: string): Promise<string[]> {
  const indexes = (await from.collection(name).listIndexes().toArray()) as StoredIndex[];
  const lacks: string[] = [];
  for (const { v: _, ns: __, key, ...options } of indexes.filter((index) => index.name !== '_id_')) {
    try {
      await to.collection(name).createIndex(key, options);
    } catch (error) {
      lacks.push(`without the index ${options.name} of ${name}: ${messageOf(error)}`);
    }
  }
  return lacks;
}

async function runOnCopy(
  { database, files, say }: CopyRequest,
  name: string,
  steps: Parameters<Copy['run']>[0],
) {
  const client = await connect(database, 'work', await guardedClient(database.database, name));
  try {
    const assertHeld = () => Promise.resolve();
    return await runSteps({
      client,
      db: client.db(name),
      database,
      files,
      steps,
      on: 'copy',
      assertHeld,
      say,
    });
  } finally {
    await client.close();
  }
}

/** A client for which the copy goes by the database's name as well, and that reaches no other database. */
async function guardedClient(real: string, copy: string) {
  const { MongoClient } = await import('mongodb');
  return class extends MongoClient {
    constructor(url: string, options: MongoClientOptions) {
      super(url, options);
    }

    override db(name: string = copy, options?: DbOptions): Db {
      if (name !== real && name !== copy) {
        throw new Error(
          `it reaches for the database ${name}; only the one that it is given can be tried on a copy`,
        );
      }
      return super.db(copy, options);
    }
  };
}

async function refuseUsed(client: MongoClient, database: MongoDatabase, given: string): Promise<void> {
  const refuse = (reason: string) => new CutoverError('CUT-4141', { scratch: given, reason });
  if (given === database.database) throw refuse('it is the database itself');
  const names = (await client.db(given).listCollections({}, { nameOnly: true }).toArray()).map(
    ({ name }) => name,
  );
  if (names.length > 0 && !names.includes(MARK)) throw refuse(`it holds ${names.length} collections`);
}

/** Copies of runs that were killed. Nobody else can be using them: this run holds the lock of their database. */
async function dropLeftovers({ client, database, say }: CopyRequest): Promise<void> {
  const filter = { name: new RegExp(`^${scratchPrefix(database.database)}`) };
  // Who may not list databases may not have made one either.
  const left = await client
    .db('admin')
    .admin()
    .listDatabases({ nameOnly: true, filter })
    .catch(() => ({ databases: [] }));
  for (const { name } of left.databases.filter((each) => filter.name.test(each.name))) {
    say(`deleting ${name}, a copy that an earlier run left`);
    await client.db(name).dropDatabase();
  }
}
