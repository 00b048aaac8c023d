import * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { checkAuthority, type AuthorityRef } from '../plan/authority/authority.ts';
import type { Progress } from '../plan/authority/progress.ts';
import type { GivenInitializer } from '../plan/cut/initializer.ts';
import { checkAddresses } from '../plan/given-address.ts';
import { initializerOf } from './cut.ts';
import type { NetworkArgs } from './deployed-contract.ts';

export interface SetDiamondArgs {
  /** The diamond's name, for people. */
  readonly title: string;
  /** The DiamondFactory. */
  readonly factory: string;
  /** The name of the set; let the resource depend on its FacetSet. */
  readonly set: string;
  /** Who gets the diamond. */
  readonly admin: string;
  /** Tells diamonds apart that have all else in common. @default made of project, stack and title */
  readonly salt?: string;
  /** Run in the new diamond, once. Another one is for diamonds to come: this one stays as it is. @default none */
  readonly initializer?: GivenInitializer;
  readonly network: NetworkArgs;
  /** Who may create diamonds. */
  readonly authority: AuthorityRef;
}

/**
 * A diamond that a DiamondFactory creates from a named set of facets. What it serves afterwards is a `Cut`'s affair; the
 * set may move on without it.
 *
 * @example
 * const diamond = new SetDiamond('gemforce-diamond', {
 *   title: 'Gemforce', factory: factory.address, set: 'gemforce', admin: owner, network, authority,
 * }, { dependsOn: [set] });
 */
export class SetDiamond extends ThinResource {
  declare readonly address: pulumi.Output<string>;
  /** The version of the set that it was created from. */
  declare readonly version: pulumi.Output<number>;
  /** False while its creation waits for an approval, or for its set. */
  declare readonly exists: pulumi.Output<boolean>;
  /** How far each call has come that the authority was asked for. */
  declare readonly progress: pulumi.Output<Readonly<Record<string, Progress>>>;
  /** What is otherwise than wanted, one sentence each. */
  declare readonly drift: pulumi.Output<readonly string[]>;

  constructor(name: string, args: SetDiamondArgs, opts?: pulumi.CustomResourceOptions) {
    checkAuthority(args.authority);
    checkAddresses(name, { factory: args.factory, admin: args.admin });
    const { title, factory, set, admin, network, authority } = args;
    const initializer = initializerOf(title, args.initializer);
    const ofTheStack = `cutover/${pulumi.getProject()}/${pulumi.getStack()}/${title}`;
    super(
      '@cutover/chain/evm/set-diamond-handler.ts',
      name,
      {
        ...{ title, factory, set, admin, network, authority },
        salt: args.salt ?? ofTheStack,
        ...(initializer === undefined ? {} : { initializer }),
        address: undefined,
        version: undefined,
        exists: undefined,
        progress: undefined,
        drift: undefined,
      },
      opts,
      'SetDiamond',
    );
  }
}
