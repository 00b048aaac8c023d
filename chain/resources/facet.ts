import type * as pulumi from '@pulumi/pulumi';
import { CutoverError } from '@cutover/base/errors.ts';
import { loadArtifact } from '../evm/artifacts.ts';
import type { PreparedContract } from '../evm/prepare.ts';
import { facetFunctions, type FunctionChoice } from '../plan/cut/facet-interface.ts';
import { printList } from '../plan/cut/problem.ts';
import type { FacetFunction } from '../plan/cut/selector.ts';
import type { CompactLayout } from '../plan/layout/compact.ts';
import {
  DeployedContract,
  prepareForStack,
  type ContractArgs,
  type ContractPrepareArgs,
} from './deployed-contract.ts';

/** A facet before anything is sent: its contract, and the functions that a diamond is to route to it. */
export interface PreparedFacet extends PreparedContract {
  readonly functions: readonly FacetFunction[];
  /** Its storage, as far as the artefact tells. */
  readonly layout?: CompactLayout;
}

/**
 * A contract whose functions diamonds use. It serves nobody until a diamond is cut.
 *
 * @example
 * const minter = await Facet.prepare({
 *   artifact: { kind: 'source', source: 'chain/contracts/gemforce/GemforceMinterFacet.sol', contract: 'GemforceMinterFacet' },
 *   exclude: ['supportsInterface(bytes4)'],
 * });
 * new Facet('minter-facet', { contract: minter, network, signer });
 */
export class Facet extends DeployedContract {
  /** Compiles and checks a facet, computes its address and the selectors of its functions. */
  static async prepare(args: ContractPrepareArgs & FunctionChoice): Promise<PreparedFacet> {
    const { include, exclude, ...contract } = args;
    const prepared = await prepareForStack(contract);
    const { abi, storageLayout } = await loadArtifact(args.artifact);
    const chosen = facetFunctions(abi, {
      ...(include === undefined ? {} : { include }),
      ...(exclude === undefined ? {} : { exclude }),
    });
    if (chosen.kind === 'wrong') {
      throw new CutoverError('CUT-2103', {
        facet: prepared.contract,
        count: chosen.problems.length,
        list: printList(chosen.problems),
      });
    }
    return {
      ...prepared,
      functions: chosen.functions,
      ...(storageLayout === undefined ? {} : { layout: storageLayout }),
    };
  }

  constructor(name: string, args: ContractArgs, opts?: pulumi.CustomResourceOptions) {
    super('Facet', name, { settles: 'later', ...args }, opts);
  }
}
