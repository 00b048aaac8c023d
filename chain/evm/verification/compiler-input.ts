import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { keccak256 } from 'ethers/crypto';
import { CutoverError } from '@cutover/base/errors.ts';
import { fromRoot, projectRoot, toRoot } from '@cutover/base/project.ts';
import type { Artifact, CompilerInput } from '../../plan/artifact.ts';
import {
  fullCompilerVersion,
  inputFromMetadata,
  readStandardInput,
  type StandardInput,
} from '../../plan/verification/compiler-input.ts';
import { inside } from '../../plan/verification/reply.ts';
import { readOptionalJson } from '../artifact-file.ts';
import { describeArtifact, loadArtifact, type ArtifactRef } from '../artifacts.ts';

/** What a contract's code was made from, and the names of things in it. */
export interface CompiledFrom {
  readonly artifact: Artifact;
  readonly input: StandardInput;
  /** 0.8.37+commit.f401782d */
  readonly compilerVersion: string;
  /** `source.sol:Contract`, with the source's name in the input. */
  readonly identifier: string;
}

/**
 * Finds the very input that a contract was compiled from: for sources of ours in the compiler's cache (which is filled
 * again where it was wiped), for Hardhat in the build information, for Foundry by the metadata and the sources on disk.
 * SIDE EFFECTS: reads files; those of `loadArtifact`.
 */
export async function loadCompilerInput(ref: ArtifactRef): Promise<CompiledFrom> {
  const artifact = await loadArtifact(ref);
  const from = artifact.compilerInput;
  const refusal = (reason: string, fix: string): CutoverError =>
    new CutoverError('CUT-2301', {
      contract: artifact.contractName,
      artifact: describeArtifact(ref),
      reason,
      fix,
    });
  if (from === undefined) {
    const fix =
      'Compile it with the tool, so that its build information lies beside it, or name the sources.';
    throw refusal('the artefact does not say what it was compiled from', fix);
  }
  const file = await readOptionalJson(fromRoot(from.path));
  if (file === undefined) {
    throw refusal(`${from.path} cannot be read`, 'Compile again; the folder must be there and writable.');
  }
  const input = from.kind === 'metadata' ? await fromMetadata(file, from, refusal) : fromBuild(file);
  if (input === undefined) {
    throw refusal(`${from.path} holds no compiler's input`, 'Compile again with the tool that wrote it.');
  }
  const compilerVersion = fullCompilerVersion(from.compilerVersion);
  if (compilerVersion === undefined) {
    const known = from.compilerVersion ?? 'none';
    throw refusal(
      `the compiler's full version is not recorded (known: ${known})`,
      'Compile again with a newer tool.',
    );
  }
  // Hardhat 3 compiles `project/contracts/X.sol` and calls it contracts/X.sol.
  const renamed = inside(file, 'userSourceNameMap', artifact.sourceName);
  const source = typeof renamed === 'string' && renamed in input.sources ? renamed : artifact.sourceName;
  if (!(source in input.sources)) {
    throw refusal(
      `its source ${source} is not in ${from.path}`,
      'Compile again with the tool that wrote it.',
    );
  }
  return { artifact, input, compilerVersion, identifier: `${source}:${artifact.contractName}` };
}

function fromBuild(file: unknown): StandardInput | undefined {
  return readStandardInput(inside(file, 'input'));
}

async function fromMetadata(
  file: unknown,
  { path }: CompilerInput,
  refusal: (reason: string, fix: string) => CutoverError,
): Promise<StandardInput | undefined> {
  const metadata = metadataOf(file);
  const named = inside(metadata, 'sources');
  if (typeof named !== 'object' || named === null) return undefined;
  const folders = [...upwards(dirname(fromRoot(path))), projectRoot];
  const found = await Promise.all(
    Object.entries(named).map(async ([name, source]) => ({
      name,
      ...(await findSource(name, source, folders)),
    })),
  );
  const wrong = found.filter(({ text }) => text === undefined);
  if (wrong.length > 0) {
    const list = wrong.map(({ name, changed }) =>
      changed === undefined ? `${name} is missing` : `${changed} was changed after it was compiled`,
    );
    throw refusal(
      list.join('; '),
      `Put the sources that it was compiled from into the Foundry project above ${path}, or build again.`,
    );
  }
  return inputFromMetadata(metadata, Object.fromEntries(found.map(({ name, text = '' }) => [name, text])));
}

/** forge writes metadata as an object, or as text. */
function metadataOf(file: unknown): unknown {
  const metadata = inside(file, 'metadata');
  if (typeof metadata === 'object' && metadata !== null) return metadata;
  const raw = typeof metadata === 'string' && metadata !== '' ? metadata : inside(file, 'rawMetadata');
  try {
    return typeof raw === 'string' ? (JSON.parse(raw) as unknown) : undefined;
  } catch {
    return undefined;
  }
}

/** Names are relative to the Foundry project, which is one of the folders above the artefact. */
async function findSource(
  name: string,
  source: unknown,
  folders: readonly string[],
): Promise<{ readonly text?: string; readonly changed?: string }> {
  const literal = inside(source, 'content');
  if (typeof literal === 'string') return { text: literal };
  let changed: string | undefined;
  for (const folder of folders) {
    const path = join(folder, name);
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes === undefined) continue;
    if (keccak256(bytes) === inside(source, 'keccak256')) return { text: bytes.toString('utf8') };
    changed ??= toRoot(path);
  }
  return changed === undefined ? {} : { changed };
}

function upwards(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...upwards(parent)];
}
