import MongoStorage from 'parse-server/lib/Adapters/Storage/Mongo/MongoStorageAdapter.js';
import type { Logger } from 'pino';
import type { ParseConfig } from './config.ts';
import { refuseWrites } from './read-only.ts';

const { MongoStorageAdapter } = MongoStorage;
type StorageAdapter = MongoStorage.StorageAdapter;

/** FerretDB's "not implemented", for an option of an index. */
const NOT_IMPLEMENTED = 238;

/** The storage of Parse Server, and whether the database answers. */
export interface Storage {
  readonly adapter: StorageAdapter;
  /** Asks the database itself. */
  ping(): Promise<void>;
}

/** Connects Parse Server to its database. Nothing is written while `isReadOnly` says so. */
export function createStorage(config: ParseConfig, log: Logger, isReadOnly: () => boolean): Storage {
  const options = {
    uri: config.databaseUrl,
    mongoOptions: { serverSelectionTimeoutMS: 5000, connectTimeoutMS: 5000 },
  };
  const adapter =
    config.databaseEngine === 'ferretdb' ? new FerretStorage(options, log) : new MongoStorageAdapter(options);
  refuseWrites(adapter, isReadOnly);
  return {
    adapter,
    ping: async () => {
      await adapter.connect();
      await adapter.database.command({ ping: 1 }, { timeoutMS: 2000 });
    },
  };
}

/**
 * Storage on FerretDB 1.24, which has no collations and no index that expires. Parse Server asks for both at its start
 * and for a collation when it looks for a user without regard to case: there, case counts.
 */
class FerretStorage extends MongoStorageAdapter {
  readonly #log: Logger;

  constructor(options: ConstructorParameters<typeof MongoStorageAdapter>[0], log: Logger) {
    super(options);
    this.#log = log;
  }

  override async ensureIndex(...args: unknown[]): Promise<unknown> {
    try {
      return await super.ensureIndex(...args);
    } catch (error) {
      if ((error as { code?: unknown }).code !== NOT_IMPLEMENTED) throw error;
      this.#log.warn(
        { class: args[0], fields: args[2] },
        'the database engine has no such index; going on without',
      );
      return undefined;
    }
  }

  override find(className: string, schema: unknown, query: unknown, options: object): Promise<unknown[]> {
    return super.find(className, schema, query, { ...options, caseInsensitive: false });
  }
}
