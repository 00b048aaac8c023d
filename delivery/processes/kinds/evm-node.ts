import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { CutoverError } from '@cutover/base/errors.ts';
import { portFor, type EvmNodeDefinition } from '../../plan/process-definition.ts';
import { newGeneration } from '../folder.ts';
import type { Kind, Place } from '../kind.ts';
import { probeJsonRpc } from '../probe.ts';
import { askVersion, findProgram, installedPackage } from '../programs.ts';

/** anvil, the binary that its npm package carries, under a keeper that writes its chain to disk. */
export const evmNode: Kind<EvmNodeDefinition> = {
  async locate(_definition, name) {
    await anvil(name);
  },

  async prepare(place) {
    const { definition, folder, name } = place;
    const { file, version } = await anvil(name);
    const snapshot = await chooseSnapshot(place);
    return {
      file: process.execPath,
      args: [
        join(import.meta.dirname, '..', 'run', 'evm-node.ts'),
        ...['--anvil', file],
        ...['--data', folder.data],
        ...['--port', String(portFor(place, 'rpc'))],
        ...['--chain-id', String(definition.chainId)],
        ...['--snapshot-milliseconds', String(definition.snapshotMilliseconds)],
        ...(definition.blockTime === undefined ? [] : ['--block-time', String(definition.blockTime)]),
        ...(snapshot === undefined ? [] : ['--load', snapshot]),
      ],
      environment: {},
      workingFolder: folder.data,
      engine: 'anvil',
      version,
    };
  },

  async probe({ ports, definition }, timeout) {
    const answer = await probeJsonRpc(portFor({ ports }, 'rpc'), 'eth_chainId', timeout);
    return answer.kind === 'answers' && answer.detail !== `eth_chainId "0x${definition.chainId.toString(16)}"`
      ? { ...answer, well: false }
      : answer;
  },

  secrets: () => [],
  stopSignal: 'SIGTERM',
  startSeconds: 30,
};

/**
 * The chain to load: the last snapshot, or the one before when the last is not whole, or none. Whenever it is not the
 * last, the chain's history is another from here on, and so its generation is.
 */
async function chooseSnapshot({ folder, name }: Place): Promise<string | undefined> {
  const last = join(folder.data, 'state.json');
  const previous = join(folder.data, 'state.previous.json');
  const [lastIs, previousIs] = await Promise.all([snapshotIs(last), snapshotIs(previous)]);
  if (lastIs === 'whole') return last;
  await newGeneration(folder);
  if (lastIs === 'broken') {
    await rename(last, join(folder.data, 'state.broken.json'));
    console.log(
      `the last snapshot of ${name} is broken (kept as state.broken.json); ` +
        (previousIs === 'whole' ? 'the one before it is loaded' : 'its chain begins again from nothing'),
    );
  }
  return previousIs === 'whole' ? previous : undefined;
}

async function snapshotIs(path: string): Promise<'whole' | 'broken' | 'missing'> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return 'missing';
  try {
    const state = JSON.parse(text) as { accounts?: unknown; block?: unknown };
    return state.accounts !== undefined && state.block !== undefined ? 'whole' : 'broken';
  } catch {
    return 'broken';
  }
}

export async function anvil(name: string): Promise<{ file: string; version: string }> {
  const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch;
  const packageName = `@foundry-rs/anvil-${process.platform}-${architecture}`;
  const found = await installedPackage(packageName);
  if (found !== undefined) return { file: join(found.folder, 'bin', 'anvil'), version: found.version };
  // On other machines than Linux on x64 the launcher brings it, or it is installed with Foundry.
  const file = await findProgram(['anvil']);
  if (file === undefined) {
    throw new CutoverError('CUT-4303', {
      program: `anvil (npm package ${packageName})`,
      name,
      why: 'It is an optional package: npm leaves it out on platforms without a build, or with --omit=optional.',
      fix: 'Run npm ci, or ./cutover doctor --bring, or install Foundry: anvil on the PATH is found.',
    });
  }
  return { file, version: await askVersion(file) };
}
