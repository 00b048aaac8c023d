import type * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { checkAuthority, type AuthorityRef } from '../plan/authority/authority.ts';
import type { Progress } from '../plan/authority/progress.ts';
import { checkCall, readAbi, type Again, type GivenAbi, type GivenCall } from '../plan/call.ts';
import { printList } from '../plan/cut/problem.ts';
import { checkExpectation, type ExpectedView } from '../plan/expectation.ts';
import { checkAddresses } from '../plan/given-address.ts';
import type { NetworkArgs } from './deployed-contract.ts';

export interface CallArgs extends GivenCall {
  /** What it is for, for people. It names the call: no two of one contract have the same. */
  readonly title: string;
  /** The contract that is called. */
  readonly to: pulumi.Input<string>;
  /** The function and the view, as they stand in the source or in an artefact's ABI. */
  readonly abi: GivenAbi;
  /** What must hold after it. Where it holds already, nothing is sent. */
  readonly postcondition: ExpectedView & {
    /** The contract that is asked. @default the one that is called */
    readonly of?: pulumi.Input<string>;
  };
  /**
   * What happens when somebody undoes later what it brought about: that is told, or the call is made once more.
   * @default 'tell'
   */
  readonly again?: Again;
  /** False while the contract is proposed itself and not there yet: the call waits as well. @default true */
  readonly ready?: pulumi.Input<boolean>;
  readonly network: NetworkArgs;
  /** Who makes the call. */
  readonly authority: AuthorityRef;
}

/**
 * One call of a contract, made when what it is to bring about does not hold, and once: after it the postcondition must
 * hold. For what no other resource knows: a parameter, a registration, the acceptance of an ownership.
 *
 * @example
 * new Call('fee', {
 *   title: 'set the fee to 25 basis points',
 *   to: treasury.address,
 *   abi: ['function setFee(uint256 basisPoints)', 'function fee() view returns (uint256)'],
 *   function: 'setFee',
 *   args: { basisPoints: 25 },
 *   postcondition: { view: 'fee', returns: 25 },
 *   network,
 *   authority,
 * }, { dependsOn: [treasury] });
 */
export class Call extends ThinResource {
  /** Hash of the call whose postcondition has held. */
  declare readonly held: pulumi.Output<string | undefined>;
  /** How far each call has come that the authority was asked for. */
  declare readonly progress: pulumi.Output<Readonly<Record<string, Progress>>>;
  /** What is otherwise than wanted, one sentence each. */
  declare readonly drift: pulumi.Output<readonly string[]>;

  constructor(name: string, args: CallArgs, opts?: pulumi.CustomResourceOptions) {
    const { title, to, network, authority } = args;
    const { of = to, ...expected } = args.postcondition;
    checkAuthority(authority);
    checkAddresses(name, { to, 'postcondition.of': of });
    const abi = readAbi(args.abi);
    if (abi.kind === 'wrong') throw refused(name, abi.problems);
    const call = checkCall(abi.abi, args);
    const after = checkExpectation(abi.abi, expected);
    if (call.kind === 'wrong' || after.kind === 'wrong') {
      throw refused(
        name,
        [call, after].flatMap((check) => (check.kind === 'wrong' ? [check.problem] : [])),
      );
    }
    super(
      '@cutover/chain/evm/call-handler.ts',
      name,
      {
        ...{ title, to, ...call.call, network, authority },
        postcondition: { ...after.view, of },
        again: args.again ?? 'tell',
        ...(args.ready === undefined ? {} : { ready: args.ready }),
        held: undefined,
        progress: undefined,
        drift: undefined,
      },
      opts,
      'Call',
    );
  }
}

function refused(name: string, problems: readonly string[]): CutoverError {
  return new CutoverError('CUT-2346', { name, list: printList(problems) });
}
