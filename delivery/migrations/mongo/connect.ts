import { hostname } from 'node:os';
import type { MongoClient, MongoClientOptions } from 'mongodb';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { readSecret } from '@cutover/base/secrets.ts';
import { databaseLabel, type MongoDatabase } from '../../plan/migration-inputs.ts';

/** Opens a client, of a class of one's own where its calls must be guarded. SIDE EFFECTS: connects; reads the password. */
export async function connect(
  database: MongoDatabase,
  purpose: 'look' | 'work',
  Client?: new (url: string, options: MongoClientOptions) => MongoClient,
): Promise<MongoClient> {
  const { MongoClient } = await import('mongodb');
  const { url, user: username, password, authSource = 'admin' } = database;
  const credentials =
    username === undefined || password === undefined
      ? {}
      : { auth: { username, password: await readSecret(password) }, authSource };
  const client = new (Client ?? MongoClient)(url, {
    ...credentials,
    appName: `cutover-migrate ${process.pid}@${hostname()}`,
    monitorCommands: purpose === 'work',
    serverSelectionTimeoutMS: purpose === 'look' ? 2000 : 15_000,
    connectTimeoutMS: purpose === 'look' ? 2000 : 15_000,
    ...(purpose === 'look' ? { socketTimeoutMS: 5000 } : {}),
  });
  try {
    await client.connect();
    return client;
  } catch (cause) {
    await client.close().catch(() => undefined);
    throw new CutoverError('CUT-4130', {
      database: databaseLabel('mongo', database),
      reason: messageOf(cause),
    });
  }
}
