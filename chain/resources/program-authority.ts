import type * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import {
  checkProgramAuthority,
  signersOfProgramAuthority,
  type ProgramAuthorityRef,
} from '../plan/solana/authority.ts';
import { checkImmutable, type Immutable } from '../plan/solana/prepared-program.ts';
import { checkSolanaSigner, type SolanaSignerRef } from '../plan/solana/signer.ts';
import type { SolanaNetworkArgs } from './solana-network.ts';

export interface ProgramAuthorityArgs {
  /** The program's name, for people. */
  readonly title: string;
  /** The program's id. */
  readonly program: pulumi.Input<string>;
  readonly network: SolanaNetworkArgs;
  /** Who has the authority now; it pays. */
  readonly signer: SolanaSignerRef;
  /** Who is to have it. */
  readonly to: ProgramAuthorityRef;
  /** Must be said where `to` is `none`. */
  readonly immutable?: Immutable;
}

/**
 * Who may upgrade a program. It is handed over once: to a key, which signs as well, so that a wrong address cannot take
 * it; or to a multisig or time lock, which is looked at first. From then on only the new authority can give it back.
 *
 * @example
 * new ProgramAuthority('perps-governance', {
 *   title: 'perps',
 *   program: perps.program,
 *   network,
 *   signer,
 *   to: { kind: 'timelock', program: timelock, account, proposer, delaySeconds: 172_800 },
 * }, { dependsOn: [market, limits] });
 */
export class ProgramAuthority extends ThinResource {
  /** Who has it; undefined: nobody, for ever. */
  declare readonly heldBy: pulumi.Output<string | undefined>;
  /** The transaction that handed it over; undefined where it was found there. */
  declare readonly transaction: pulumi.Output<string | undefined>;
  /** What is otherwise than wanted, one sentence each. */
  declare readonly drift: pulumi.Output<readonly string[]>;

  constructor(name: string, args: ProgramAuthorityArgs, opts?: pulumi.CustomResourceOptions) {
    const { title, program, network, signer, to } = args;
    checkProgramAuthority(to);
    checkImmutable(title, to, args.immutable);
    for (const each of [signer, ...signersOfProgramAuthority(to)]) checkSolanaSigner(each, network);
    super(
      '@cutover/chain/solana/program-authority-handler.ts',
      name,
      {
        ...{ title, program, network, signer, to },
        heldBy: undefined,
        transaction: undefined,
        drift: undefined,
      },
      opts,
      'ProgramAuthority',
    );
  }
}
