import { AbiCoder } from 'ethers/abi';
import { keccak256 } from 'ethers/crypto';
import { isHexString } from 'ethers/utils';
import { CutoverError } from '@cutover/base/errors.ts';
import type { Abi } from '../artifact.ts';
import { addressOf } from './authority.ts';

/** A call of a contract. */
export interface Call {
  readonly to: string;
  readonly data: string;
  /** In wei, out of what the authority holds. @default 0n */
  readonly value?: bigint;
}

interface Intent {
  /** What stays the same when the change itself becomes another: the resource and what of it. */
  readonly key: string;
  /** What it is for, in words. */
  readonly purpose: string;
  /** Of the contracts called: approvers then see calls and errors in words. @default what Cutover knows by itself */
  readonly abi?: Abi;
}

/** What an authority is to do: a call, or several in their order, all or none wherever the authority can. */
export type Action = Intent & (Call | { readonly calls: readonly Call[] });

/** The calls of an action, in their order. */
export function callsOf(action: Action): readonly Call[] {
  return 'calls' in action ? action.calls : [action];
}

/** Refuses an action that no authority could carry out, with all that is wrong. */
export function checkAction(action: Action): void {
  const calls = callsOf(action);
  const problems = calls.flatMap(({ to, data, value }, index) => {
    const at = calls.length === 1 ? '' : `calls[${index}].`;
    return [
      ...(addressOf(to) === undefined ? [`${at}to is ${to}; it must be an address`] : []),
      ...(isHexString(data, true) ? [] : [`${at}data is no hex of whole bytes`]),
      ...(value === undefined || value >= 0n ? [] : [`${at}value is ${value}; it cannot be below 0`]),
    ];
  });
  if (calls.length === 0) problems.push('calls is empty');
  if (action.key === '') problems.push('key is empty');
  if (problems.length === 0) return;
  const list = problems.map((problem) => `  - ${problem}`).join('\n');
  throw new CutoverError('CUT-2251', { purpose: action.purpose, list });
}

/** One hash of all that an action does: two actions with the same one do the same. */
export function actionDigest(action: Action): string {
  const calls = callsOf(action).map(({ to, value, data }) => [to, value ?? 0n, data]);
  return keccak256(AbiCoder.defaultAbiCoder().encode(['tuple(address,uint256,bytes)[]'], [calls]));
}
