import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { freePort } from '@cutover/base/free-port.ts';
import { findTool, startProcess, until } from '../services/processes.ts';

/** A server that speaks MongoDB's protocol, for one test file: mongod where there is one, else its stand-in. */
export interface TestMongo {
  readonly url: string;
  remove(): Promise<void>;
}

/** Starts it on a free port with data of its own. */
export async function startMongo(): Promise<TestMongo> {
  const tool = findTool('mongod', 'mongo-wire');
  const data = mkdtempSync(join(tmpdir(), 'cutover-mongo-'));
  const port = await freePort();
  const args =
    basename(tool) === 'mongod'
      ? ['--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', data, '--quiet']
      : ['--listen', `127.0.0.1:${port}`, '--data', data];
  const server = startProcess(tool, args);
  await until('the server listens', () => listens(port));
  return {
    url: `mongodb://127.0.0.1:${port}`,
    remove: async () => {
      await server.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

function listens(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (result: true | undefined) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end(true)).once('error', () => end(undefined));
  });
}
