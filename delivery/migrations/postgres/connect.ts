import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, ClientConfig } from 'pg';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { fromRoot } from '@cutover/base/project.ts';
import { readSecret } from '@cutover/base/secrets.ts';
import { databaseLabel, type PostgresDatabase } from '../../plan/migration-inputs.ts';

/** What the migrator calls itself on the server; who waits for it reads that. */
export const applicationName = `cutover-migrate ${process.pid}@${hostname()}`.slice(0, 63);

const LOOK_MS = 2_000;
const PATIENCE_MS = 15_000;

/**
 * Connects. 'look' tries once and shortly; 'work' waits for a server that is just starting.
 * SIDE EFFECTS: opens a connection; reads the password.
 */
export async function connect(
  database: PostgresDatabase,
  purpose: 'look' | 'work',
  signal?: AbortSignal,
): Promise<Client> {
  const config = await configOf(database);
  const endAt = performance.now() + (purpose === 'look' ? 0 : PATIENCE_MS);
  for (;;) {
    const outcome = await attempt(config, purpose);
    if (outcome.kind === 'connected') return outcome.client;
    if (!outcome.starting || performance.now() >= endAt || signal?.aborted === true) {
      throw new CutoverError('CUT-4130', {
        database: databaseLabel('postgres', database),
        reason: outcome.reason,
      });
    }
    await delay(200);
  }
}

async function attempt(
  config: ClientConfig,
  purpose: 'look' | 'work',
): Promise<
  | { readonly kind: 'connected'; readonly client: Client }
  | { readonly kind: 'failed'; readonly reason: string; readonly starting: boolean }
> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    ...config,
    connectionTimeoutMillis: purpose === 'look' ? LOOK_MS : PATIENCE_MS,
    ...(purpose === 'look' ? { query_timeout: LOOK_MS } : {}),
  });
  // A connection that dies between two statements is told here; the next statement reports it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return { kind: 'connected', client };
  } catch (error) {
    client.end().catch(() => undefined);
    const { code } = error as { code?: string };
    // 57P03: the server is starting up. An address with several tries has its codes inside.
    const starting = code === 'ECONNREFUSED' || code === '57P03';
    return { kind: 'failed', reason: messageOf(error) || code || 'no answer', starting };
  }
}

async function configOf(database: PostgresDatabase): Promise<ClientConfig> {
  const { host, port, user, tls = 'off', password } = database;
  return {
    host,
    port,
    user,
    database: database.database,
    application_name: applicationName,
    keepAlive: true,
    ...(password === undefined ? {} : { password: await readSecret(password) }),
    ssl: typeof tls === 'object' ? { ca: await readFile(fromRoot(tls.ca), 'utf8') } : tls === 'verify',
  };
}

/** Ends a connection, also one to a server that does not answer any more. */
export async function disconnect(client: Client): Promise<void> {
  await Promise.race([client.end(), delay(1000, undefined, { ref: false })]);
  const { connection } = client as unknown as { connection?: { stream?: Socket } };
  connection?.stream?.destroy();
}

/** A name as SQL writes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
