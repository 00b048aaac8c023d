import type * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import {
  checkProgramAuthority,
  signersOfProgramAuthority,
  type ProgramAuthorityRef,
} from '../plan/solana/authority.ts';
import type { PreparedProgram } from '../plan/solana/prepared-program.ts';
import { checkSolanaSigner, type SolanaSignerRef } from '../plan/solana/signer.ts';
import type { UpgradeProgress } from '../plan/solana/upgrade/progress.ts';
import type { StageStanding } from '../plan/solana/upgrade/words.ts';
import type { SolanaNetworkArgs } from './solana-network.ts';

export interface ProgramUpgradeArgs {
  /** The build that is to run, from `Program.prepare`. */
  readonly program: PreparedProgram;
  /** What people call the build. @default the beginning of its hash */
  readonly version?: string;
  readonly network: SolanaNetworkArgs;
  /** Writes the buffer, and pays for it. */
  readonly signer: SolanaSignerRef;
  /** Who has the program. */
  readonly authority: ProgramAuthorityRef;
  /**
   * Goes on after a decision or a finding that stopped it: rejected, cancelled, changed by somebody else.
   * @default false
   */
  readonly again?: boolean;
}

/**
 * Brings a program that is there to another build, by whoever has it. With a multisig or a time lock that takes several
 * updates: each goes as far as it can, and says what is missing. Nothing waits for hours. Once the program runs the
 * build, there is nothing to do.
 *
 * @example
 * new ProgramUpgrade('perps-upgrade', {
 *   program: perps,
 *   version: 'v2.0.0',
 *   network,
 *   signer,
 *   authority: { kind: 'timelock', program: timelock, account, proposer, delaySeconds: 172_800 },
 * }, { dependsOn: [governance] });
 */
export class ProgramUpgrade extends ThinResource {
  /** How far it has come; the same words as everywhere: proposed, done, rejected … */
  declare readonly progress: pulumi.Output<UpgradeProgress>;
  /** Its stages, with their times and transactions and what is missing. */
  declare readonly stages: pulumi.Output<readonly StageStanding[]>;
  /** Hash of what the program runs. */
  declare readonly runs: pulumi.Output<string>;
  /** What is otherwise than it was left, one sentence each. */
  declare readonly drift: pulumi.Output<readonly string[]>;

  constructor(name: string, args: ProgramUpgradeArgs, opts?: pulumi.CustomResourceOptions) {
    const { network, signer, authority, version, again } = args;
    const { title, artifact, program, hash, fileHash } = args.program;
    checkProgramAuthority(authority);
    for (const each of [signer, ...signersOfProgramAuthority(authority)]) checkSolanaSigner(each, network);
    super(
      '@cutover/chain/solana/program-upgrade-handler.ts',
      name,
      {
        ...{ title, artifact, program, hash, fileHash, network, signer, authority },
        ...(version === undefined ? {} : { version }),
        ...(again === true ? { again } : {}),
        progress: undefined,
        stages: undefined,
        runs: undefined,
        drift: undefined,
      },
      opts,
      'ProgramUpgrade',
    );
  }
}
