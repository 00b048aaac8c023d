import type * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { usualRule, type BranchRule } from '../plan/solana/guards/branch.ts';
import type { SolanaNetworkRef } from '../plan/solana/network.ts';

export interface BranchGuardArgs {
  readonly network: Pick<SolanaNetworkRef, 'name' | 'cluster'>;
  /** What must be checked out. @default on mainnet-beta a clean main, elsewhere nothing is asked */
  readonly rule?: BranchRule;
}

/**
 * Stops an update before anything is sent when what is checked out may not be deployed to a network. Git is asked, and
 * what GitHub Actions or GitLab CI say where no branch is checked out. Other CI sets CUTOVER_GIT_REF and CUTOVER_GIT_SHA.
 *
 * @example
 * const reviewed = new BranchGuard('reviewed', { network, rule: { branch: 'main', clean: true, tag: 'v*' } });
 */
export class BranchGuard extends ThinResource {
  /** What was checked out when it was last kept, in words. */
  declare readonly seen: pulumi.Output<string>;

  constructor(name: string, args: BranchGuardArgs, opts?: pulumi.CustomResourceOptions) {
    const { name: network, cluster } = args.network;
    const rule = args.rule ?? usualRule(cluster);
    super(
      '@cutover/chain/solana/branch-guard-handler.ts',
      name,
      { network, cluster, ...(rule === undefined ? {} : { rule }), seen: undefined },
      opts,
      'BranchGuard',
    );
  }
}
