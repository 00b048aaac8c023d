import { access } from 'node:fs/promises';
import { sep } from 'node:path';
import { CutoverError } from '@cutover/base/errors.ts';
import { fromRoot, projectRoot, runtimeFolder } from '@cutover/base/project.ts';
import { portFor, type NodeServiceDefinition, type SecretFile } from '../../plan/process-definition.ts';
import type { Kind } from '../kind.ts';
import { probeHttp } from '../probe.ts';
import { ensureSecret } from '../secrets.ts';

/** A Node process of our own, TypeScript as it is. Its secrets are in files that its environment names. */
export const nodeService: Kind<NodeServiceDefinition> = {
  async locate({ script, secretFiles }, name) {
    if (!(await exists(script))) {
      throw new CutoverError('CUT-4303', {
        program: `The script ${script}`,
        name,
        why: 'There is no such file in the project.',
        fix: 'Correct the path in the program.',
      });
    }
    for (const [variable, ref] of Object.entries(secretFiles)) {
      if (!isOurs(ref) && !(await exists(ref.name))) {
        throw new CutoverError('CUT-4309', { name, variable, file: ref.name });
      }
    }
  },

  async prepare(place) {
    const { definition, folder } = place;
    const secretFiles: Record<string, string> = {};
    for (const [variable, ref] of Object.entries(definition.secretFiles)) {
      if (isOurs(ref)) await ensureSecret(ref);
      secretFiles[variable] = fromRoot(ref.name);
    }
    return {
      file: process.execPath,
      args: [fromRoot(definition.script), ...definition.args],
      environment: {
        DATA_FOLDER: folder.data,
        PORT: String(portFor(place, 'http')),
        HOST: '127.0.0.1',
        ...definition.environment,
        ...secretFiles,
      },
      workingFolder: projectRoot,
      engine: 'node',
      version: process.versions.node,
    };
  },

  probe: ({ ports, definition }, timeout) =>
    probeHttp(portFor({ ports }, 'http'), definition.healthPath, timeout),
  secrets: ({ secretFiles }) => Object.values(secretFiles).map((ref) => ({ ref, takenUp: 'at start' })),
  stopSignal: 'SIGTERM',
  startSeconds: 60,
};

/** Whether a secret is ours to make: it lies in the project's run-time folder. A file of the user's is his to write. */
function isOurs(ref: SecretFile): boolean {
  return fromRoot(ref.name).startsWith(runtimeFolder + sep);
}

function exists(path: string): Promise<boolean> {
  return access(fromRoot(path)).then(
    () => true,
    () => false,
  );
}
