import { join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { portFor, type ValkeyDefinition } from '../../plan/process-definition.ts';
import type { Kind } from '../kind.ts';
import { probeValkey } from '../probe.ts';
import { askVersion, findProgram } from '../programs.ts';
import { ensureSecret } from '../secrets.ts';

/** Valkey, or a Redis that is there. Its password goes by a file that only this user may read, not by an argument. */
export const valkeyServer: Kind<ValkeyDefinition> = {
  async locate(_definition, name) {
    await locate(name);
  },

  async prepare(place) {
    const file = await locate(place.name);
    const password = await ensureSecret(place.definition.password);
    const config = join(place.folder.path, 'valkey.conf');
    const lines = [
      'bind 127.0.0.1',
      `port ${portFor(place, 'redis')}`,
      `dir ${quote(place.folder.data)}`,
      `requirepass ${quote(password)}`,
      'appendonly yes',
      'appendfsync everysec',
      'daemonize no',
      // Its title would overwrite its environment, by which it is found again after a crash.
      'set-proc-title no',
    ];
    await writeFileAtomic(config, `${lines.join('\n')}\n`, 0o600);
    return {
      file,
      args: [config],
      environment: {},
      workingFolder: place.folder.data,
      engine: file.endsWith('redis-server') ? 'redis' : 'valkey',
      version: await askVersion(file),
    };
  },

  probe: ({ ports }, timeout) => probeValkey(portFor({ ports }, 'redis'), timeout),
  secrets: ({ password }) => [{ ref: password, takenUp: 'at start' }],
  stopSignal: 'SIGTERM',
  startSeconds: 60,
};

async function locate(name: string): Promise<string> {
  const file = await findProgram(['valkey-server', 'redis-server']);
  if (file !== undefined) return file;
  throw new CutoverError('CUT-4303', {
    program: 'valkey-server (or redis-server)',
    name,
    why: 'Neither .cutover/tools/bin nor PATH has one.',
    fix: 'Run ./cutover up, which sets it up, or ./cutover doctor to see what is missing and how to get it.',
  });
}

// As the server's config file reads it: a path may hold spaces, quotes and letters of any script.
function quote(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}
