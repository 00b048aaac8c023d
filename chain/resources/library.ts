import type * as pulumi from '@pulumi/pulumi';
import type { PreparedContract } from '../evm/prepare.ts';
import {
  DeployedContract,
  prepareForStack,
  type ContractArgs,
  type ContractPrepareArgs,
} from './deployed-contract.ts';

/**
 * A library that contracts are linked with. Give its address to those that use it: `libraries: { FeeMath: address }`.
 *
 * @example
 * const feeMath = await Library.prepare({
 *   artifact: { kind: 'source', source: 'chain/contracts/gemforce/FeeMath.sol', contract: 'FeeMath' },
 * });
 * new Library('fee-math', { contract: feeMath, network, signer });
 */
export class Library extends DeployedContract {
  /** Compiles and checks a library and computes its address, before anything is registered or sent. */
  static prepare(args: Omit<ContractPrepareArgs, 'args' | 'expects'>): Promise<PreparedContract> {
    return prepareForStack(args);
  }

  constructor(name: string, args: ContractArgs, opts?: pulumi.CustomResourceOptions) {
    super('Library', name, { settles: 'later', ...args }, opts);
  }
}
