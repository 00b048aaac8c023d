import { FunctionFragment } from 'ethers/abi';
import { CutoverError } from '@cutover/base/errors.ts';
import type { GivenArguments } from '../plan/arguments.ts';
import type { Abi } from '../plan/artifact.ts';
import {
  checkViewCall,
  decodeAnswer,
  viewCall,
  viewDifference,
  type CheckedView,
} from '../plan/expectation.ts';
import { describeNetwork, type NetworkRef } from '../plan/network.ts';
import { describeRevert } from '../plan/revert.ts';
import { connect, type Rpc } from './rpc.ts';

/** A call of a view function. */
export interface ViewCall {
  readonly address: string;
  readonly abi: Abi;
  /** `arbiter`, or `hasRole(bytes32,address)` where several have that name. */
  readonly view: string;
  /** By name or in order. @default none */
  readonly args?: GivenArguments;
}

/**
 * Asks a view of a contract. Answers in canonical form: integers as decimal text, addresses with checksum; an array
 * where the function returns several values. SIDE EFFECTS: asks the node.
 */
export async function callView(network: NetworkRef, call: ViewCall): Promise<unknown> {
  const refuse = (reason: string): CutoverError =>
    new CutoverError('CUT-2059', {
      view: call.view,
      address: call.address,
      network: describeNetwork(network),
      reason,
    });
  const checked = checkViewCall(call.abi, call.view, call.args ?? []);
  if (checked.kind === 'wrong') throw refuse(checked.problem);
  const rpc = await connect(network);
  const answer = await ask(rpc, call.address, checked.view, checked.args, call.abi);
  if (answer.kind === 'reverted') throw refuse(`it ${answer.reason}`);
  const values = decodeAnswer(checked.view, answer.data);
  if (values === undefined)
    throw refuse('it answered nothing that fits the ABI; another contract may be there');
  return values.length === 1 ? values[0] : values;
}

/** Asks a view that takes nothing; undefined when it reverts or answers something else. SIDE EFFECTS: asks the node. */
export async function askView(
  rpc: Rpc,
  address: string,
  signature: string,
): Promise<readonly unknown[] | undefined> {
  const view = FunctionFragment.from(signature);
  const answer = await ask(rpc, address, view, [], []);
  return answer.kind === 'answered' ? decodeAnswer(view, answer.data) : undefined;
}

/** What is not as expected, one sentence each; empty when all is. SIDE EFFECTS: asks the node. */
export async function unmetExpectations(
  rpc: Rpc,
  address: string,
  expects: readonly CheckedView[],
): Promise<readonly string[]> {
  const differences = await Promise.all(
    expects.map(async (expected) => {
      const view = FunctionFragment.from(expected.view);
      const answer = await ask(rpc, address, view, expected.args, []);
      return answer.kind === 'answered'
        ? viewDifference(expected, answer.data)
        : `${view.name} ${answer.reason}`;
    }),
  );
  return differences.filter((difference) => difference !== undefined);
}

type Answer =
  | { readonly kind: 'answered'; readonly data: string }
  | { readonly kind: 'reverted'; readonly reason: string };

async function ask(
  rpc: Rpc,
  address: string,
  view: FunctionFragment,
  args: readonly unknown[],
  abi: Abi,
): Promise<Answer> {
  const answer = await rpc.ask('eth_call', [{ to: address, data: viewCall(view, args) }, 'latest']);
  if (answer.kind === 'value') return { kind: 'answered', data: answer.value as string };
  const reason =
    answer.data === undefined
      ? `was refused by the node: ${answer.message}`
      : describeRevert(abi, answer.data);
  return { kind: 'reverted', reason };
}
