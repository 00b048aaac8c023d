import { toRoot, fromRoot } from '@cutover/base/project.ts';
import { basename, dirname } from 'node:path';
import type { Artifact, CompilerInput } from '../plan/artifact.ts';
import { layoutOfArtifact } from '../plan/layout/from-compiler.ts';
import {
  contractNameOfFile,
  dig,
  evmVersionIn,
  isJson,
  malformed,
  readAbi,
  readArtifactJson,
  readCode,
  readImmutableReferences,
  readLinkReferences,
  readRuntimeCode,
  requireCode,
  type Json,
} from './artifact-file.ts';
import { immutableNames } from './syntax-tree.ts';

/** Reads an artefact of Foundry (`out/X.sol/X.json`) as it is. SIDE EFFECTS: reads a file. */
export async function readFoundryArtifact(path: string): Promise<Artifact> {
  const json = await readArtifactJson(path);
  if (typeof json['bytecode'] === 'string') {
    throw malformed(path, "it is Hardhat's: its `bytecode` is a text; write { kind: 'hardhat', path }");
  }
  const [bytecode, deployed] = [json['bytecode'], json['deployedBytecode']];
  if (!isJson(bytecode)) throw malformed(path, 'it has no `bytecode.object`');
  const metadata = readMetadata(json);
  const [target] = Object.entries((dig(metadata, 'settings', 'compilationTarget') ?? {}) as Json);
  const contractName = typeof target?.[1] === 'string' ? target[1] : contractNameOfFile(path);
  const creationCode = readCode(bytecode['object'], 'bytecode.object', path);
  requireCode(creationCode, contractName, path);
  if (!isJson(deployed)) {
    throw malformed(path, 'it has no `deployedBytecode.object`');
  }

  // forge leaves the table out where it is empty.
  const immutableReferences = readImmutableReferences(deployed['immutableReferences'], path) ?? {};
  const trees = isJson(json['ast']) ? [json['ast']] : [];
  const sourceName = target?.[0] ?? basename(dirname(fromRoot(path)));
  return {
    contractName,
    sourceName,
    abi: readAbi(json['abi'], path),
    creationCode,
    runtimeCode: readRuntimeCode(deployed['object'], 'deployedBytecode.object', path),
    immutableReferences,
    immutableNames: immutableNames(trees, Object.keys(immutableReferences)),
    linkReferences: readLinkReferences(bytecode['linkReferences'], 'bytecode.linkReferences', path),
    runtimeLinkReferences: readLinkReferences(
      deployed['linkReferences'],
      'deployedBytecode.linkReferences',
      path,
    ),
    compilerInput: compilerInput(path, metadata),
    ...evmVersionIn(metadata),
    ...layoutOfArtifact({ source: sourceName, contract: contractName, compiled: json, trees }),
  };
}

/** forge writes metadata as an object, as text (`rawMetadata`), or both; old versions had text under `metadata`. */
function readMetadata(json: Json): Json | undefined {
  for (const value of [json['metadata'], json['rawMetadata']]) {
    if (isJson(value)) return value;
    if (typeof value !== 'string' || value === '') continue;
    try {
      const parsed: unknown = JSON.parse(value);
      if (isJson(parsed)) return parsed;
    } catch {
      // Metadata only adds names: an artefact without it is as good to deploy.
    }
  }
  return undefined;
}

function compilerInput(path: string, metadata: Json | undefined): CompilerInput | undefined {
  if (metadata === undefined) return undefined;
  const version = dig(metadata, 'compiler', 'version');
  return {
    kind: 'metadata',
    path: toRoot(fromRoot(path)),
    ...(typeof version === 'string' ? { compilerVersion: version } : {}),
  };
}
