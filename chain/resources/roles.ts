import type * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { checkAuthority, type AuthorityRef } from '../plan/authority/authority.ts';
import type { Progress } from '../plan/authority/progress.ts';
import { printList } from '../plan/cut/problem.ts';
import { checkAddresses } from '../plan/given-address.ts';
import { roleNamed, roleProblems, type Unexpected } from '../plan/roles.ts';
import type { NetworkArgs } from './deployed-contract.ts';

export interface RolesArgs {
  /** The contract's name, for people. */
  readonly title: string;
  readonly contract: pulumi.Input<string>;
  /** False while the contract is proposed itself and not there yet: nothing is asked of it. @default true */
  readonly ready?: pulumi.Input<boolean>;
  /** Who should hold which role, by the role's name: `{ MINTER_ROLE: ['0x…'] }`. An empty list: nobody. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  readonly network: NetworkArgs;
  /** Who may grant and revoke. */
  readonly authority: AuthorityRef;
  /** What becomes of holders who are not named here. @default 'refuse' */
  readonly unexpected?: Unexpected;
}

/**
 * Who holds the roles of a contract (AccessControl). Each update asks the chain; missing holders are granted their
 * role, others are refused, told or revoked. Roles that are not named here are left alone. Where the contract hands its
 * DEFAULT_ADMIN_ROLE on in two steps, another holder of it is refused with what people have to do.
 *
 * @example
 * new Roles('property-token-roles', {
 *   title: 'PropertyToken',
 *   contract: token.address,
 *   roles: { MINTER_ROLE: [minter], PAUSER_ROLE: [pauser] },
 *   network,
 *   authority,
 * }, { dependsOn: [contract] });
 */
export class Roles extends ThinResource {
  /** Who holds which role by the chain. */
  declare readonly held: pulumi.Output<Readonly<Record<string, readonly string[]>>>;
  /** How far each call has come that the authority was asked for. */
  declare readonly progress: pulumi.Output<Readonly<Record<string, Progress>>>;
  /** What is otherwise than wanted, one sentence each. */
  declare readonly drift: pulumi.Output<readonly string[]>;

  constructor(name: string, args: RolesArgs, opts?: pulumi.CustomResourceOptions) {
    checkAuthority(args.authority);
    checkAddresses(name, { contract: args.contract });
    const wanted = Object.entries(args.roles).map(([role, holders]) => ({ role: roleNamed(role), holders }));
    const problems = roleProblems(wanted);
    if (problems.length > 0) throw new CutoverError('CUT-2339', { name, list: printList(problems) });
    const holders = wanted.flatMap((each) =>
      each.holders.map((holder) => [`${each.role.name} ${holder}`, 'holds'] as const),
    );
    super(
      '@cutover/chain/evm/roles-handler.ts',
      name,
      {
        title: args.title,
        contract: args.contract,
        holders: Object.fromEntries(holders.toSorted(([a], [b]) => (a < b ? -1 : 1))),
        roles: Object.keys(args.roles).toSorted(),
        unexpected: args.unexpected ?? 'refuse',
        network: args.network,
        authority: args.authority,
        ...(args.ready === undefined ? {} : { ready: args.ready }),
        held: undefined,
        progress: undefined,
        drift: undefined,
      },
      opts,
      'Roles',
    );
  }
}
