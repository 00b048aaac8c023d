import type * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import type { PreparedProgram } from '../plan/solana/prepared-program.ts';
import { checkSolanaSigner, type SolanaSignerRef } from '../plan/solana/signer.ts';
import type { SolanaNetworkArgs } from './solana-network.ts';

export interface BalanceGuardArgs {
  readonly network: SolanaNetworkArgs;
  /** Whose SOL is counted: who deploys and pays. */
  readonly account: SolanaSignerRef;
  /** The programs that it is to pay for; what runs already costs nothing. @default none */
  readonly programs?: readonly PreparedProgram[];
  /**
   * SOL, in lamports, for what comes beside the programs: accounts, later transactions. Asked for when the guard is new
   * or a program is to be paid for.
   * @default 0
   */
  readonly keeps?: bigint;
  /**
   * On localnet alone, where SOL costs nothing: what is missing is taken from the node's faucet.
   * @default true
   */
  readonly faucet?: boolean;
}

/**
 * Stops an update before anything is sent when there is not enough SOL for all of its programs together: rent that stays
 * in them, rent that is lent to buffers, fees. What pays depends on it (`dependsOn`).
 *
 * @example
 * const funds = new BalanceGuard('funds', { network, account: signer, programs: [timelock, perps] });
 */
export class BalanceGuard extends ThinResource {
  /** The account's address. */
  declare readonly address: pulumi.Output<string>;

  constructor(name: string, args: BalanceGuardArgs, opts?: pulumi.CustomResourceOptions) {
    const { network, account, programs = [], keeps = 0n, faucet = true } = args;
    checkSolanaSigner(account, network);
    super(
      '@cutover/chain/solana/balance-guard-handler.ts',
      name,
      { network, account, programs, keeps: String(keeps), faucet, address: undefined },
      opts,
      'BalanceGuard',
    );
  }
}
