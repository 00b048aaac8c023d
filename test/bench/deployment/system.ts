import { Interface } from 'ethers/abi';
import { loadArtifact, type ArtifactRef } from '@cutover/chain/evm/artifacts.ts';
import { facetFunctions } from '@cutover/chain/plan/cut/facet-interface.ts';
import type { FacetFunction } from '@cutover/chain/plan/cut/selector.ts';
import { localAddresses } from '@cutover/chain/plan/signer.ts';
import { baseFacet, facetNames, libraries } from './sources.ts';

/** Where tools and sources are put, relative to the project. */
export const benchFolder = '.cutover/bench/deployment';

/** A contract that is a facet, with what the diamond is to serve of it. */
export interface BenchFacet {
  readonly name: string;
  readonly functions: readonly FacetFunction[];
}

/** What is deployed, the same for all tools. */
export interface BenchSystem {
  readonly libraries: readonly string[];
  readonly base: BenchFacet;
  readonly facets: readonly BenchFacet[];
  /** The names of the facets that go into one cut; the last one runs the initialiser. */
  readonly cuts: readonly (readonly string[])[];
  readonly admin: string;
  /** The call of the base facet that initialises the diamond. */
  readonly initialize: string;
  /** How many contracts there are in the end. */
  readonly contracts: number;
  readonly transactions: number;
}

/** Not in the diamond: it is the initialiser. */
export const baseExcludes = ['initialize(string)'];

// Twelve functions take about 310,000 gas of a cut, and EIP-7825 gives a transaction 16.7 million. Ours splits by itself.
const facetsACut = 40;

/** What forge compiled serves ours too: one compilation, and the same code for all. */
export function artifactOf(contract: string): ArtifactRef {
  return { kind: 'foundry', path: `${benchFolder}/out/${contract}.sol/${contract}.json` };
}

/** A facet as it is after a change. */
export function changedArtifactOf(contract: string): ArtifactRef {
  return { kind: 'foundry', path: `${benchFolder}/out-changed/${contract}.sol/${contract}.json` };
}

/** The system with so many facets, once its contracts are compiled. SIDE EFFECTS: reads artefacts. */
export async function systemOf(facetCount: number): Promise<BenchSystem> {
  const names = facetNames(facetCount);
  const facets: BenchFacet[] = [];
  for (const name of names) facets.push(await facetOf(name));
  const cuts = Array.from({ length: Math.ceil(facetCount / facetsACut) }, (_, index) =>
    names.slice(index * facetsACut, (index + 1) * facetsACut),
  );
  const contracts = libraries.length + 1 + facetCount + 1;
  return {
    libraries,
    base: await facetOf(baseFacet, baseExcludes),
    facets,
    cuts,
    admin: localAddresses[0] ?? '',
    initialize: new Interface(['function initialize(string)']).encodeFunctionData('initialize', [
      'Benchmark',
    ]),
    contracts,
    transactions: contracts + cuts.length,
  };
}

async function facetOf(name: string, exclude: readonly string[] = []): Promise<BenchFacet> {
  const { abi } = await loadArtifact(artifactOf(name));
  const found = facetFunctions(abi, { exclude });
  if (found.kind === 'wrong') throw new Error(found.problems.join('\n'));
  return { name, functions: found.functions };
}
