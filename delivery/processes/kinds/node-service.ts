import { access } from 'node:fs/promises';
import { CutoverError } from '@cutover/base/errors.ts';
import { fromRoot, projectRoot, runtimeFolder } from '@cutover/base/project.ts';
import { portFor, type NodeServiceDefinition } from '../../plan/process-definition.ts';
import type { Kind } from '../kind.ts';
import { probeHttp } from '../probe.ts';
import { ensureSecret } from '../secrets.ts';

/** A Node process of our own, TypeScript as it is. Its secrets are in files that its environment names. */
export const nodeService: Kind<NodeServiceDefinition> = {
  async locate({ script }, name) {
    const there = await access(fromRoot(script)).then(
      () => true,
      () => false,
    );
    if (there) return;
    throw new CutoverError('CUT-4303', {
      program: `The script ${script}`,
      name,
      why: 'There is no such file in the project.',
      fix: 'Correct the path in the program.',
    });
  },

  async prepare(place) {
    const { definition, folder, name } = place;
    const secretFiles: Record<string, string> = {};
    for (const [variable, ref] of Object.entries(definition.secretFiles)) {
      const file = fromRoot(ref.name);
      // What lies in the project's own folder is ours to make; a file of the user's is his to write.
      if (file.startsWith(runtimeFolder)) await ensureSecret(ref);
      await access(file).catch((cause: unknown) => {
        throw new CutoverError('CUT-4309', { name, variable, file: ref.name }, { cause });
      });
      secretFiles[variable] = file;
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
  secrets: () => [],
  stopSignal: 'SIGTERM',
  startSeconds: 60,
};
