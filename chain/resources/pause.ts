import type * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { checkAuthority, type AuthorityRef } from '../plan/authority/authority.ts';
import type { Progress } from '../plan/authority/progress.ts';
import { checkAddresses } from '../plan/given-address.ts';
import type { NetworkArgs } from './deployed-contract.ts';

export interface PauseArgs {
  /** The contract's name, for people. */
  readonly title: string;
  /** A contract with `pause()`, `unpause()` and `paused()`, as OpenZeppelin's Pausable has them. */
  readonly contract: pulumi.Input<string>;
  readonly paused: boolean;
  /** False while the contract is proposed itself and not there yet: nothing is asked of it. @default true */
  readonly ready?: pulumi.Input<boolean>;
  readonly network: NetworkArgs;
  /** Who may pause. */
  readonly authority: AuthorityRef;
  /** Who may resume, where that is somebody else. @default `authority` */
  readonly resumes?: AuthorityRef;
}

/**
 * Whether a contract is paused. An update ends no pause but the program's own: who paused it by hand, in an emergency,
 * finds it told as drift by every preview, update and refresh, and the contract paused until the program has wanted it
 * paused and wants it no more.
 *
 * @example
 * new Pause('gemforce-pause', { title: 'Gemforce', contract: diamond.address, paused: false, network, authority });
 */
export class Pause extends ThinResource {
  /** What the chain said last. */
  declare readonly isPaused: pulumi.Output<boolean>;
  /** How far each call has come that the authority was asked for. */
  declare readonly progress: pulumi.Output<Readonly<Record<string, Progress>>>;
  /** What is otherwise than wanted, one sentence each. */
  declare readonly drift: pulumi.Output<readonly string[]>;

  constructor(name: string, args: PauseArgs, opts?: pulumi.CustomResourceOptions) {
    checkAuthority(args.authority);
    if (args.resumes !== undefined) checkAuthority(args.resumes);
    checkAddresses(name, { contract: args.contract });
    const { title, contract, paused, network, authority, resumes } = args;
    super(
      '@cutover/chain/evm/pause-handler.ts',
      name,
      {
        ...{ title, contract, paused, network, authority },
        ...(resumes === undefined ? {} : { resumes }),
        ...(args.ready === undefined ? {} : { ready: args.ready }),
        isPaused: undefined,
        ownSince: undefined,
        progress: undefined,
        drift: undefined,
      },
      opts,
      'Pause',
    );
  }
}
