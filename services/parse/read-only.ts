import ParseSdk from 'parse/node';
import type MongoStorage from 'parse-server/lib/Adapters/Storage/Mongo/MongoStorageAdapter.js';

/** Every method of Parse Server's storage that changes the database. A test finds those that a newer version adds. */
export const writingMethods = [
  'createClass',
  'deleteClass',
  'deleteAllClasses',
  'setClassLevelPermissions',
  'setIndexesWithSchemaFormat',
  'setIndexesFromMongo',
  'updateFieldOptions',
  'addFieldIfNotExists',
  'deleteFields',
  'createObject',
  'deleteObjectsByQuery',
  'updateObjectsByQuery',
  'findOneAndUpdate',
  'upsertOneObject',
  'ensureIndex',
  'ensureUniqueness',
  'ensureAuthDataUniqueness',
  'createIndex',
  'createIndexes',
  'createIndexesIfNeeded',
  'dropIndex',
  'dropAllIndexes',
  'updateSchemaWithIndexes',
] as const;

/** What a client is told that writes while nothing may be written. */
export function readOnlyError(): Error {
  return new ParseSdk.Error(
    ParseSdk.Error.OPERATION_FORBIDDEN,
    'The system is in read-only mode for maintenance. Reading works; try to write again later.',
  );
}

/**
 * Refuses writes where they all come by: below triggers, batches, jobs, the master key and Parse Server's own
 * housekeeping. A trigger would have to be set for each class, and the master key can do much that runs none.
 */
export function refuseWrites(adapter: MongoStorage.StorageAdapter, isReadOnly: () => boolean): void {
  for (const name of writingMethods) {
    const write = adapter[name].bind(adapter);
    adapter[name] = (...args) => (isReadOnly() ? Promise.reject(readOnlyError()) : write(...args));
  }
  const aggregate = adapter.aggregate.bind(adapter);
  adapter.aggregate = (...args) =>
    isReadOnly() && writesByPipeline(args[2]) ? Promise.reject(readOnlyError()) : aggregate(...args);
}

/** $out and $merge write what a pipeline found. */
function writesByPipeline(pipeline: unknown): boolean {
  const stages: unknown[] = Array.isArray(pipeline) ? pipeline : [pipeline];
  return stages.some(
    (stage) => typeof stage === 'object' && stage !== null && ('$out' in stage || '$merge' in stage),
  );
}
