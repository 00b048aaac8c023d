import { CutoverError } from '@cutover/base/errors.ts';
import { portFor, type MongoDefinition } from '../../plan/process-definition.ts';
import type { Kind } from '../kind.ts';
import { probeMongo } from '../probe.ts';
import { askVersion, findProgram, ownTool } from '../programs.ts';

/** A real mongod where there is one; else FerretDB over SQLite, which speaks the same protocol (no transactions). */
export const mongoServer: Kind<MongoDefinition> = {
  async locate(_definition, name) {
    await locate(name);
  },

  async prepare(place) {
    const { file, engine } = await locate(place.name);
    const port = String(portFor(place, 'mongodb'));
    const { data } = place.folder;
    return {
      file,
      args:
        engine === 'mongod'
          ? ['--dbpath', data, '--bind_ip', '127.0.0.1', '--port', port, '--nounixsocket', '--quiet']
          : ['--listen', `127.0.0.1:${port}`, '--data', data],
      environment: {},
      workingFolder: data,
      engine,
      version: await askVersion(file),
    };
  },

  probe: ({ ports }, timeout) => probeMongo(portFor({ ports }, 'mongodb'), timeout),
  secrets: () => [],
  stopSignal: 'SIGTERM',
  startSeconds: 60,
};

async function locate(name: string): Promise<{ file: string; engine: 'mongod' | 'ferretdb' }> {
  const real = await ownTool('mongod');
  if (real !== undefined) return { file: real, engine: 'mongod' };
  const wire = await ownTool('mongo-wire');
  if (wire !== undefined) return { file: wire, engine: 'ferretdb' };
  const system = await findProgram(['mongod']);
  if (system !== undefined) return { file: system, engine: 'mongod' };
  throw new CutoverError('CUT-4303', {
    program: 'A server that speaks the MongoDB protocol (mongod or mongo-wire)',
    name,
    why: 'Neither .cutover/tools/bin nor PATH has one.',
    fix: 'Run ./cutover up, which sets it up, or ./cutover doctor to see what is missing and how to get it.',
  });
}
