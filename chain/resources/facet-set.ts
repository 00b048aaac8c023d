import type * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { checkAuthority, type AuthorityRef } from '../plan/authority/authority.ts';
import type { Progress } from '../plan/authority/progress.ts';
import { checkFacetSets } from '../plan/cut/facet-set.ts';
import { printList } from '../plan/cut/problem.ts';
import { functionRecord } from '../plan/cut/record.ts';
import type { WantedFacet } from '../plan/cut/wanted.ts';
import { checkAddresses } from '../plan/given-address.ts';
import type { Routes } from '../evm/cut-handler.ts';
import type { NetworkArgs } from './deployed-contract.ts';

export interface FacetSetArgs {
  /** The DiamondFactory. */
  readonly factory: string;
  /** The set's name: a letter, then letters, digits, dots, dashes or underscores. */
  readonly set: string;
  /** What a diamond of this set serves. Prepared facets fit. */
  readonly facets: readonly (Omit<WantedFacet, 'name'> & { readonly contract: string })[];
  readonly network: NetworkArgs;
  /** Who may write sets. */
  readonly authority: AuthorityRef;
}

/**
 * Facets under a name in a DiamondFactory, from which diamonds are created. A change writes the set's next version; to
 * want what an earlier version had goes back to that version.
 *
 * @example
 * new FacetSet('gemforce-set', { factory: factory.address, set: 'gemforce', facets, network, authority });
 */
export class FacetSet extends ThinResource {
  declare readonly set: pulumi.Output<string>;
  /** The current version, counted from 1. */
  declare readonly version: pulumi.Output<number>;
  /** What the current version has, by the factory. */
  declare readonly has: pulumi.Output<Routes>;
  /** How far each call has come that the authority was asked for. */
  declare readonly progress: pulumi.Output<Readonly<Record<string, Progress>>>;
  /** What is otherwise than wanted, one sentence each. */
  declare readonly drift: pulumi.Output<readonly string[]>;

  constructor(name: string, args: FacetSetArgs, opts?: pulumi.CustomResourceOptions) {
    checkAuthority(args.authority);
    checkAddresses(name, { factory: args.factory });
    const facets = args.facets.map(({ contract, address, functions }) => ({
      name: contract,
      address,
      functions,
    }));
    const problems = checkFacetSets([{ name: args.set, facets }]);
    if (problems.length > 0) {
      const list = printList(problems.map(({ words }) => words));
      throw new CutoverError('CUT-2106', { count: problems.length, list });
    }
    const { factory, set, network, authority } = args;
    super(
      '@cutover/chain/evm/facet-set-handler.ts',
      name,
      {
        ...{ factory, set, network, authority },
        routes: functionRecord(facets),
        version: undefined,
        has: undefined,
        progress: undefined,
        drift: undefined,
      },
      opts,
      'FacetSet',
    );
  }
}
