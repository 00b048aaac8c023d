import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { once } from 'node:events';
import { freePort } from '@cutover/base/free-port.ts';
import { findTool, startProcess, until } from './processes.ts';

/** A server that speaks MongoDB's protocol, for one test file. */
export interface TestMongo {
  readonly url: string;
  /** Which of the two it is: a service may have to know. */
  readonly engine: 'mongodb' | 'ferretdb';
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** Starts a real mongod where there is one, else the server that the toolchain builds. */
export async function startMongo(): Promise<TestMongo> {
  const tool = findTool('mongod', 'mongo-wire');
  const isMongod = basename(tool) === 'mongod';
  const folder = await mkdtemp(join(tmpdir(), 'cutover-mongo-'));
  const port = await freePort();
  const args = isMongod
    ? ['--port', String(port), '--bind_ip', '127.0.0.1', '--dbpath', folder]
    : ['--listen', `127.0.0.1:${port}`, '--data', folder];
  const start = async () => {
    const server = startProcess(tool, args);
    await until('the database listens', async () => {
      const socket = createConnection(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
      return true;
    });
    return server;
  };
  let server = await start();
  return {
    url: `mongodb://127.0.0.1:${port}/gemforce`,
    engine: isMongod ? 'mongodb' : 'ferretdb',
    stop: async () => void (await server.stop('SIGKILL')),
    start: async () => {
      server = await start();
    },
    remove: async () => {
      await server.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
