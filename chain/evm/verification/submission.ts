import { keccak256 } from 'ethers/crypto';
import { CutoverError } from '@cutover/base/errors.ts';
import { withLibraries } from '../../plan/verification/compiler-input.ts';
import type { Submission } from '../../plan/verification/etherscan.ts';
import type { Subject } from '../../plan/verification/tasks.ts';
import { describeArtifact } from '../artifacts.ts';
import { encodeInitCode, type PreparedContract } from '../prepare.ts';
import { loadCompilerInput } from './compiler-input.ts';

/** A contract to verify: where its code comes from, and where it is. Plain, fit for state. */
export interface VerifiedContract extends Subject, Omit<PreparedContract, 'salt' | 'expects'> {
  /** Hash of the transaction that deployed it, where it is known. */
  readonly creationTransaction?: string;
}

/** What explorers are given, each in its own form. */
export interface PreparedSubmission extends Submission {
  /** As it was compiled, without the libraries that were filled in later. */
  readonly compiled: Submission['input'];
}

/**
 * Puts together what an explorer needs, from the very artefact that was deployed. SIDE EFFECTS: those of
 * `loadCompilerInput`.
 */
export async function prepareSubmission(contract: VerifiedContract): Promise<PreparedSubmission> {
  const { artifact, input, compilerVersion, identifier } = await loadCompilerInput(contract.artifact);
  const { initCode } = encodeInitCode(artifact, contract.libraries, contract.args);
  if (keccak256(initCode) !== contract.initCodeHash) {
    throw new CutoverError('CUT-2302', {
      contract: contract.contract,
      artifact: describeArtifact(contract.artifact),
      address: contract.address,
    });
  }
  return {
    address: contract.address,
    compiled: input,
    input: withLibraries(input, artifact.linkReferences, contract.libraries),
    identifier,
    compilerVersion,
    // Linking changes no length: what follows the code are the arguments.
    constructorArguments: initCode.slice(artifact.creationCode.length),
  };
}
