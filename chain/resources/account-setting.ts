import type * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { keptFields, type AccountForm } from '../plan/solana/account-form.ts';
import type { AccountFields } from '../plan/solana/account-state.ts';
import { checkInitialization } from '../plan/solana/initialization.ts';
import type { Instruction } from '../plan/solana/instruction.ts';
import { keptInstruction } from '../plan/solana/kept-instruction.ts';
import { checkSolanaSigner, type SolanaSignerRef } from '../plan/solana/signer.ts';
import type { SolanaNetworkArgs } from './solana-network.ts';

export interface AccountSettingArgs {
  /** What is set, for people: the limits of the beta. */
  readonly title: string;
  /** The account that it is in. Another resource makes it: this one depends on that. */
  readonly address: string;
  /** The program that the account belongs to. */
  readonly owner: string;
  /** How its bytes are read. */
  readonly form: AccountForm;
  /** What must hold. Fields that are not named may hold anything. */
  readonly fields: AccountFields;
  /** What sets it, in one transaction. Done twice it must do no harm. */
  readonly set: readonly Instruction[];
  readonly network: SolanaNetworkArgs;
  /** Pays, and signs where an instruction names it. */
  readonly payer: SolanaSignerRef;
  /** Others whose signature an instruction asks for. @default none */
  readonly signers?: readonly SolanaSignerRef[];
}

/**
 * Fields of a program's account that may change again and again: limits, roles. Where they are as wanted nothing is sent;
 * where one differs, a preview shows it and the update sets them. What somebody else has changed is drift, and is set
 * back. Destroying the resource leaves them as they are.
 *
 * @example
 * new AccountSetting('limits', {
 *   title: 'the limits of the beta',
 *   address: exchange,
 *   owner: perps.program,
 *   form: { kind: 'interface', file: 'chain/programs/perps/interface.json', account: 'exchange' },
 *   fields: { limited: 1, maxUsers: 25 },
 *   set: [instructionOf(perpsInterface, 'setLimits', { … })],
 *   network,
 *   payer: admin,
 * }, { dependsOn: [account] });
 */
export class AccountSetting extends ThinResource {
  /** The transaction that set it last; undefined where it was found so. */
  declare readonly transaction: pulumi.Output<string | undefined>;
  /** What is otherwise than wanted, one sentence each. */
  declare readonly drift: pulumi.Output<readonly string[]>;

  constructor(name: string, args: AccountSettingArgs, opts?: pulumi.CustomResourceOptions) {
    const { title, address, owner, form, fields, set, network, payer, signers = [] } = args;
    checkInitialization({ ...args, initialize: set });
    for (const each of [payer, ...signers]) checkSolanaSigner(each, network);
    super(
      '@cutover/chain/solana/account-setting-handler.ts',
      name,
      {
        ...{ title, address, owner, form, network, payer, signers },
        fields: keptFields(fields),
        set: set.map(keptInstruction),
        transaction: undefined,
        drift: undefined,
      },
      opts,
      'AccountSetting',
    );
  }
}
