import type { Artifact } from '../plan/artifact.ts';
import { compiledFor, compileSource, type CompilerSettings } from './compile.ts';

/**
 * Where a compiled contract comes from. Paths are relative to the project.
 * - `source`: a Solidity file, compiled by the solc of this project.
 * - `hardhat`: an artefact of Hardhat 2 or 3, taken as it is.
 * - `foundry`: an artefact of Foundry, taken as it is.
 */
export type ArtifactRef =
  | {
      readonly kind: 'source';
      readonly source: string;
      readonly contract: string;
      readonly settings?: CompilerSettings;
    }
  | { readonly kind: 'hardhat'; readonly path: string }
  | { readonly kind: 'foundry'; readonly path: string };

/** Compiles or reads an artefact. SIDE EFFECTS: reads files; compiling writes to .cutover/cache/solc. */
export async function loadArtifact(ref: ArtifactRef): Promise<Artifact> {
  switch (ref.kind) {
    case 'source':
      return compileSource(ref);
    // Loaded only here: they read storage layouts, and none of the five systems has such artefacts.
    case 'hardhat':
      return (await import('./hardhat-artifact.ts')).readHardhatArtifact(ref.path);
    case 'foundry':
      return (await import('./foundry-artifact.ts')).readFoundryArtifact(ref.path);
  }
}

/** The EVM that an artefact is compiled for; undefined where it does not tell. SIDE EFFECTS: may read a file. */
export async function evmVersionOf(ref: ArtifactRef): Promise<string | undefined> {
  return ref.kind === 'source' ? compiledFor(ref.settings) : (await loadArtifact(ref)).evmVersion;
}

/** The reference in words. */
export function describeArtifact(ref: ArtifactRef): string {
  return ref.kind === 'source' ? `${ref.source}:${ref.contract}` : ref.path;
}
