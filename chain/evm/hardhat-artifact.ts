import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fromRoot, toRoot } from '@cutover/base/project.ts';
import type { Artifact } from '../plan/artifact.ts';
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
  readOptionalJson,
  readRuntimeCode,
  requireCode,
  type Json,
} from './artifact-file.ts';
import { immutableNames } from './syntax-tree.ts';

/**
 * Reads an artefact of Hardhat 2 or 3 (`artifacts/contracts/X.sol/X.json`) as it is. Hardhat 2 keeps the table of
 * immutables in the build information beside it; without that file it is not known. Artefacts in Hardhat's form that
 * packages ship (OpenZeppelin's build/contracts, Truffle's, Waffle's, Vyper's) are read too. SIDE EFFECTS: reads files.
 */
export async function readHardhatArtifact(path: string): Promise<Artifact> {
  const json = await readArtifactJson(path);
  if (isJson(json['bytecode'])) {
    throw malformed(path, "it is Foundry's: its `bytecode` is an object; write { kind: 'foundry', path }");
  }
  const contractName = text(json['contractName']) ?? contractNameOfFile(path);
  const sourceName = text(json['sourceName']) ?? text(json['sourcePath']) ?? `${contractName}.sol`;
  const creationCode = readCode(json['bytecode'], 'bytecode', path);
  requireCode(creationCode, contractName, path);

  const build = await readBuildInfo(json, fromRoot(path));
  // Waffle, of which Uniswap v2 is, puts the compiler's own answer beside the code.
  const inArtifact = dig(json, 'evm', 'deployedBytecode');
  // Hardhat 3 compiles `project/contracts/X.sol` and calls it contracts/X.sol.
  const compiledName = text(json['inputSourceName']) ?? sourceName;
  const compiled = dig(build?.output, 'contracts', compiledName, contractName);
  const inBuild = dig(compiled, 'evm', 'deployedBytecode');
  const immutableReferences = readImmutableReferences(
    json['immutableReferences'] ??
      dig(inArtifact, 'immutableReferences') ??
      (isJson(inBuild) ? (inBuild['immutableReferences'] ?? {}) : undefined),
    path,
  );
  const trees = Object.values((dig(build?.output, 'sources') ?? {}) as Json).flatMap((source) => {
    const tree = dig(source, 'ast');
    return isJson(tree) ? [tree] : [];
  });
  return {
    contractName,
    sourceName,
    abi: readAbi(json['abi'], path),
    creationCode,
    runtimeCode: readRuntimeCode(
      json['deployedBytecode'] ?? dig(inArtifact, 'object'),
      'deployedBytecode',
      path,
    ),
    immutableReferences,
    immutableNames: immutableNames(trees, Object.keys(immutableReferences ?? {})),
    linkReferences: readLinkReferences(
      json['linkReferences'] ?? dig(json, 'evm', 'bytecode', 'linkReferences'),
      'linkReferences',
      path,
    ),
    runtimeLinkReferences: readLinkReferences(
      json['deployedLinkReferences'] ?? dig(inArtifact, 'linkReferences'),
      'deployedLinkReferences',
      path,
    ),
    compilerInput:
      build === undefined
        ? undefined
        : { kind: 'standard-json', path: toRoot(build.path), ...version(build.compilerVersion) },
    ...evmVersionIn(build?.input),
    ...layoutOfArtifact({ source: compiledName, contract: contractName, compiled, trees }),
  };
}

interface BuildInfo {
  /** The file that holds the compiler's input. */
  readonly path: string;
  readonly compilerVersion: string | undefined;
  readonly input: unknown;
  readonly output: unknown;
}

/** Hardhat 2 names the file in X.dbg.json; Hardhat 3 gives its id and keeps the output in a file of its own. */
async function readBuildInfo(artifact: Json, path: string): Promise<BuildInfo | undefined> {
  const id = text(artifact['buildInfoId']);
  if (id !== undefined) {
    const folder = findUpwards(dirname(path), 'build-info');
    if (folder === undefined) return undefined;
    const input = await readOptionalJson(join(folder, `${id}.json`));
    const output = await readOptionalJson(join(folder, `${id}.output.json`));
    return buildInfo(join(folder, `${id}.json`), input, dig(output, 'output') ?? dig(input, 'output'));
  }
  const debug = await readOptionalJson(path.replace(/\.json$/, '.dbg.json'));
  const named = text(debug?.['buildInfo']);
  if (named === undefined) return undefined;
  const file = resolve(dirname(path), named);
  const info = await readOptionalJson(file);
  return buildInfo(file, info, dig(info, 'output'));
}

function buildInfo(path: string, info: Json | undefined, output: unknown): BuildInfo | undefined {
  if (info === undefined) return undefined;
  const compilerVersion = text(info['solcLongVersion']) ?? text(info['solcVersion']);
  return { path, compilerVersion, input: info['input'], output };
}

function findUpwards(folder: string, name: string): string | undefined {
  const here = join(folder, name);
  if (existsSync(here)) return here;
  const parent = dirname(folder);
  return parent === folder ? undefined : findUpwards(parent, name);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function version(compilerVersion: string | undefined): { compilerVersion?: string } {
  return compilerVersion === undefined ? {} : { compilerVersion };
}
