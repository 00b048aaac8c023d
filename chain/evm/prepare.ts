import { AbiCoder } from 'ethers/abi';
import { getAddress } from 'ethers/address';
import { keccak256 } from 'ethers/crypto';
import { concat } from 'ethers/utils';
import { CutoverError } from '@cutover/base/errors.ts';
import { create2Address, saltBytes } from '../plan/address.ts';
import {
  checkArguments,
  constructorParameters,
  printParameters,
  printProblems,
  type GivenArguments,
} from '../plan/arguments.ts';
import type { Artifact } from '../plan/artifact.ts';
import { checkExpectation, type CheckedView, type ExpectedView } from '../plan/expectation.ts';
import { byteLength, codeSizeLimit, initCodeSizeLimit } from '../plan/limits.ts';
import { link, placeholdersIn, placeholdersOf, type Libraries } from '../plan/link.ts';
import { loadArtifact, type ArtifactRef } from './artifacts.ts';

export interface PrepareArgs {
  readonly artifact: ArtifactRef;
  /** Constructor arguments, by name or in order. @default none */
  readonly args?: GivenArguments;
  /**
   * Part of the address: 32 bytes as hex, or any text. The same contract with the same arguments needs another salt to
   * be deployed a second time on a chain.
   */
  readonly salt: string;
  /** Addresses of the libraries that the contract uses, by `Library` or `source.sol:Library`. @default none */
  readonly libraries?: Libraries;
  /** Views and what they must answer once the contract is there. @default none */
  readonly expects?: readonly ExpectedView[];
}

/** A contract before anything is sent: checked, with its address known. Small and plain, fit for state. */
export interface PreparedContract {
  readonly contract: string;
  readonly artifact: ArtifactRef;
  /** Where the contract will be, on every chain. */
  readonly address: string;
  /** Hash of the creation code with its arguments: all that decides about the contract. */
  readonly initCodeHash: string;
  /** In canonical form: integers as decimal text, addresses with checksum. */
  readonly args: GivenArguments;
  /** 32 bytes as hex. */
  readonly salt: string;
  readonly libraries: Libraries;
  readonly expects: readonly CheckedView[];
}

/**
 * Compiles or reads a contract, checks everything that can be checked without a chain, and computes its address.
 * SIDE EFFECTS: those of `loadArtifact`.
 */
export async function prepareContract(args: PrepareArgs): Promise<PreparedContract> {
  const artifact = await loadArtifact(args.artifact);
  const libraries = checkLibraries(artifact, args.libraries ?? {});
  const { initCode, readable } = encodeInitCode(artifact, libraries, args.args ?? []);
  const initCodeHash = keccak256(initCode);
  return {
    contract: artifact.contractName,
    artifact: args.artifact,
    address: create2Address(initCodeHash, args.salt),
    initCodeHash,
    args: readable,
    salt: saltBytes(args.salt),
    libraries,
    expects: checkExpectations(artifact, args.expects ?? []),
  };
}

/** Links, checks the arguments and sizes, and puts creation code and arguments together. */
export function encodeInitCode(
  artifact: Artifact,
  libraries: Libraries,
  given: GivenArguments,
): { readonly initCode: string; readonly readable: GivenArguments } {
  const contract = artifact.contractName;
  const linked = link(artifact.creationCode, artifact.linkReferences, libraries);
  if (linked.kind === 'unlinked') {
    const [first] = linked.missing;
    throw new CutoverError('CUT-2014', { contract, missing: linked.missing.join(', '), first });
  }
  const parameters = constructorParameters(artifact.abi);
  const checked = checkArguments(parameters, given);
  if (checked.kind === 'wrong') {
    throw new CutoverError('CUT-2020', {
      contract,
      count: checked.problems.length,
      list: printProblems(checked.problems),
      parameters: printParameters(parameters),
    });
  }
  const initCode = concat([linked.code, AbiCoder.defaultAbiCoder().encode(checked.types, checked.values)]);
  requireSize(
    contract,
    artifact.runtimeCode,
    'code',
    codeSizeLimit,
    'EIP-170 limits the code of a contract.',
  );
  requireSize(
    contract,
    initCode,
    'creation code',
    initCodeSizeLimit,
    'EIP-3860 limits what creates a contract.',
  );
  return { initCode, readable: checked.readable };
}

function requireSize(contract: string, code: string, which: string, limit: number, standard: string): void {
  const size = byteLength(code);
  if (size > limit) throw new CutoverError('CUT-2022', { contract, size, which, limit, standard });
}

function checkLibraries(artifact: Artifact, given: Libraries): Libraries {
  const problems: string[] = [];
  const inTable = Object.entries(artifact.linkReferences).flatMap(([source, names]) =>
    Object.keys(names).map((name) => [name, `${source}:${name}`] as const),
  );
  // Without the compiler's table (Truffle, solc before 0.5, stripped artefacts) the placeholders tell.
  const isKnown = (name: string): boolean =>
    inTable.length > 0
      ? inTable.some((names) => names.includes(name))
      : placeholdersOf(name).some((each) => artifact.creationCode.includes(each));
  const used = inTable.length > 0 ? inTable.map(([, full]) => full) : placeholdersIn(artifact.creationCode);
  const checked = Object.entries(given).map(([name, address]) => {
    if (!isKnown(name)) {
      const uses = used.length === 0 ? 'none' : used.join(', ');
      problems.push(`  - ${name}: the contract uses no such library; it uses ${uses}`);
    }
    const plain = /^0x[0-9a-fA-F]{40}$/.test(address) ? checksummed(address) : undefined;
    if (plain === undefined) problems.push(`  - ${name}: ${JSON.stringify(address)} is not an address`);
    return [name, plain ?? address] as const;
  });
  if (problems.length > 0) {
    throw new CutoverError('CUT-2015', {
      contract: artifact.contractName,
      count: problems.length,
      list: problems.join('\n'),
    });
  }
  return Object.fromEntries(checked);
}

function checksummed(address: string): string | undefined {
  try {
    return getAddress(address);
  } catch {
    return undefined;
  }
}

function checkExpectations(artifact: Artifact, expects: readonly ExpectedView[]): readonly CheckedView[] {
  const checks = expects.map((expected) => checkExpectation(artifact.abi, expected));
  const problems = checks.flatMap((check) => (check.kind === 'wrong' ? [`  - ${check.problem}`] : []));
  if (problems.length > 0) {
    throw new CutoverError('CUT-2021', {
      contract: artifact.contractName,
      count: problems.length,
      list: problems.join('\n'),
    });
  }
  return checks.flatMap((check) => (check.kind === 'fits' ? [check.view] : []));
}
