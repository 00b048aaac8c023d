import { join } from 'node:path';
import { CutoverError } from '@cutover/base/errors.ts';
import { portFor, type SolanaNodeDefinition } from '../../plan/process-definition.ts';
import type { Kind } from '../kind.ts';
import { probeJsonRpc } from '../probe.ts';
import { installedPackage } from '../programs.ts';

/** surfpool, as the Node addon that its npm package carries, in a process of ours that gives it fixed ports. */
export const solanaNode: Kind<SolanaNodeDefinition> = {
  async locate(_definition, name) {
    await surfpool(name);
  },

  async prepare(place) {
    const { definition, folder, name } = place;
    const { addon, version } = await surfpool(name);
    return {
      file: process.execPath,
      args: [
        join(import.meta.dirname, '..', 'run', 'solana-node.ts'),
        ...['--addon', addon],
        ...['--data', folder.data],
        ...['--rpc-port', String(portFor(place, 'rpc'))],
        ...['--ws-port', String(portFor(place, 'ws'))],
        ...['--block-production', definition.blockProduction],
        ...['--slot-milliseconds', String(definition.slotMilliseconds)],
        ...['--snapshot-milliseconds', String(definition.snapshotMilliseconds)],
      ],
      environment: {},
      workingFolder: folder.data,
      engine: 'surfpool',
      version,
    };
  },

  probe: ({ ports }, timeout) => probeJsonRpc(portFor({ ports }, 'rpc'), 'getHealth', timeout),
  secrets: () => [],
  stopSignal: 'SIGTERM',
  startSeconds: 15,
  // surfpool hangs for good while it starts, now and then: twice in some eight hundred starts.
  starts: 3,
};

/** The platforms for which surfpool publishes a build. */
const builds: Readonly<Record<string, string>> = {
  'linux-x64': '@solana/surfpool-linux-x64-gnu',
  'darwin-arm64': '@solana/surfpool-darwin-arm64',
  'darwin-x64': '@solana/surfpool-darwin-x64',
};

/** Whether a local Solana node can run on a platform at all, as in `linux-arm64`. */
export function hasSolanaBuild(platform = `${process.platform}-${process.arch}`): boolean {
  return builds[platform] !== undefined;
}

/** Where the addon is that a local Solana node runs on, for a node of this name. SIDE EFFECTS: looks at packages. */
export async function surfpool(name: string): Promise<{ addon: string; version: string }> {
  const platform = `${process.platform}-${process.arch}`;
  const packageName = builds[platform];
  const found = packageName === undefined ? undefined : await installedPackage(packageName);
  if (found !== undefined) return { addon: found.folder, version: found.version };
  throw new CutoverError('CUT-4303', {
    program: `surfpool, the local Solana node${packageName === undefined ? '' : ` (npm package ${packageName})`},`,
    name,
    why:
      packageName === undefined
        ? `There is no build of it for ${platform}; there is for ${Object.keys(builds).join(', ')}.`
        : 'It is an optional package, and npm left it out.',
    fix:
      packageName === undefined
        ? 'Leave the Solana node out of this stack, or point it at a node elsewhere.'
        : 'Run npm ci, or ./cutover doctor to see what is missing.',
  });
}
