import type * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { keptInstruction } from '../plan/solana/kept-instruction.ts';
import { keptFields, type AccountForm } from '../plan/solana/account-form.ts';
import type { AccountFields } from '../plan/solana/account-state.ts';
import type { Instruction } from '../plan/solana/instruction.ts';
import { checkSolanaSigner, type SolanaSignerRef } from '../plan/solana/signer.ts';
import { checkInitialization } from '../plan/solana/initialization.ts';
import type { SolanaNetworkArgs } from './solana-network.ts';

export interface AccountStateArgs {
  /** What it is, for people: the market SOL-PERP. */
  readonly title: string;
  /** Where it is: mostly derived from its program and some words. */
  readonly address: string;
  /** The program that it belongs to. */
  readonly owner: string;
  /** How its bytes are read. */
  readonly form: AccountForm;
  /** What must hold, now and in every later update. Fields that are not named may hold anything. */
  readonly fields: AccountFields;
  /** What must hold right after it was initialised, and may be changed since: limits, a price. @default nothing more */
  readonly initially?: AccountFields;
  /** What initialises it, in one transaction. */
  readonly initialize: readonly Instruction[];
  readonly network: SolanaNetworkArgs;
  /** Pays, and signs where an instruction names it. */
  readonly payer: SolanaSignerRef;
  /** Others whose signature an instruction asks for. @default none */
  readonly signers?: readonly SolanaSignerRef[];
}

/**
 * An account of a program that is initialised once: an exchange, a market, the rules of a time lock. Where it is there
 * already nothing is sent, and it is never changed; where it holds something else than wanted, the update is refused
 * and the field named. Destroying the resource leaves the account as it is.
 *
 * @example
 * new AccountState('market-sol', {
 *   title: 'the market SOL-PERP',
 *   address: accountAddress(perpsInterface, perps.program, 'market', { symbol: 'SOL-PERP' }),
 *   owner: perps.program,
 *   form: { kind: 'interface', file: 'chain/programs/perps/interface.json', account: 'market' },
 *   fields: { symbol: 'SOL-PERP' },
 *   initialize: [instructionOf(perpsInterface, 'createMarket', { … })],
 *   network,
 *   payer: signer,
 * }, { dependsOn: [program] });
 */
export class AccountState extends ThinResource {
  declare readonly address: pulumi.Output<string>;
  /** What it held when it was last looked at; numbers as decimal text. */
  declare readonly holds: pulumi.Output<AccountFields>;
  /** The transaction that initialised it; undefined where it was found there. */
  declare readonly transaction: pulumi.Output<string | undefined>;
  /** What is otherwise than wanted, one sentence each. */
  declare readonly drift: pulumi.Output<readonly string[]>;

  constructor(name: string, args: AccountStateArgs, opts?: pulumi.CustomResourceOptions) {
    const { title, address, owner, form, fields, initially, initialize, network, payer, signers = [] } = args;
    checkInitialization(args);
    for (const each of [payer, ...signers]) checkSolanaSigner(each, network);
    super(
      '@cutover/chain/solana/account-state-handler.ts',
      name,
      {
        ...{ title, address, owner, form, network, payer, signers },
        fields: keptFields(fields),
        ...(initially === undefined ? {} : { initially: keptFields(initially) }),
        initialize: initialize.map(keptInstruction),
        holds: undefined,
        transaction: undefined,
        drift: undefined,
      },
      opts,
      'AccountState',
    );
  }
}
