// Parse Server publishes no types for this file. Only what the service uses is declared.
declare module 'parse-server/lib/Adapters/Storage/Mongo/MongoStorageAdapter.js' {
  namespace adapters {
    type Write = (...args: unknown[]) => Promise<unknown>;

    class StorageAdapter {
      constructor(options: { uri: string; mongoOptions: Readonly<Record<string, unknown>> });
      connect(): Promise<void>;
      readonly database: { command(command: object, options: object): Promise<unknown> };
      handleShutdown(): Promise<void>;
      find(className: string, schema: unknown, query: unknown, options: object): Promise<unknown[]>;
      aggregate: (...args: unknown[]) => Promise<unknown>;
      ensureIndex(...args: unknown[]): Promise<unknown>;
      createClass: Write;
      deleteClass: Write;
      deleteAllClasses: Write;
      setClassLevelPermissions: Write;
      setIndexesWithSchemaFormat: Write;
      setIndexesFromMongo: Write;
      updateFieldOptions: Write;
      addFieldIfNotExists: Write;
      deleteFields: Write;
      createObject: Write;
      deleteObjectsByQuery: Write;
      updateObjectsByQuery: Write;
      findOneAndUpdate: Write;
      upsertOneObject: Write;
      ensureUniqueness: Write;
      ensureAuthDataUniqueness: Write;
      createIndex: Write;
      createIndexes: Write;
      createIndexesIfNeeded: Write;
      createTextIndexesIfNeeded: Write;
      dropIndex: Write;
      dropAllIndexes: Write;
      updateSchemaWithIndexes: Write;
    }

    const MongoStorageAdapter: typeof StorageAdapter;
  }
  export = adapters;
}
