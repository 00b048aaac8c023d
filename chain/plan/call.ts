import { Fragment, FunctionFragment, Interface } from 'ethers/abi';
import { keccak256 } from 'ethers/crypto';
import { toUtf8Bytes } from 'ethers/utils';
import { checkArguments, printParameters, printProblems, type GivenArguments } from './arguments.ts';
import type { Abi } from './artifact.ts';
import type { CheckedView } from './expectation.ts';
import { nearest } from './nearest.ts';

/** A contract's ABI, or the parts of it that matter as they stand in the source: `function set(uint256 value)`. */
export type GivenAbi = Abi | readonly string[];

/** A call of a function as a program gives it. */
export interface GivenCall {
  /** The function: `set`, or `set(uint256)` where several have that name. */
  readonly function: string;
  /** By name, or in the order of the parameters. @default none */
  readonly args?: GivenArguments;
  /** In wei, for a function that takes it. @default 0 */
  readonly value?: bigint | string;
}

/** A call that can be sent: plain JSON, fit for state. */
export interface CheckedCall {
  /** The function's whole signature. */
  readonly function: string;
  /** In canonical form: integers as decimal text, addresses with checksum. */
  readonly args: GivenArguments;
  readonly data: string;
  /** In wei, as decimal text. */
  readonly value: string;
  /** Errors that the contract declares, so that a refusal is told in its own words. */
  readonly errors: readonly string[];
}

export type CallCheck =
  | { readonly kind: 'fits'; readonly call: CheckedCall }
  | { readonly kind: 'wrong'; readonly problem: string };

/** Reads an ABI, whichever way it is given. */
export function readAbi(
  given: GivenAbi,
):
  | { readonly kind: 'read'; readonly abi: Abi }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] } {
  const read = given.map((each) => {
    if (typeof each !== 'string') return { item: each };
    try {
      return { item: JSON.parse(Fragment.from(each).format('json')) as Abi[number] };
    } catch {
      return { problem: `${JSON.stringify(each)} is no function, event or error as Solidity has them` };
    }
  });
  const problems = read.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  if (problems.length > 0) return { kind: 'wrong', problems };
  return { kind: 'read', abi: read.flatMap(({ item }) => (item === undefined ? [] : [item])) };
}

/** Checks a call against the ABI as constructor arguments are checked, before anything is sent. */
export function checkCall(abi: Abi, given: GivenCall): CallCheck {
  const fragment = findFunction(abi, given.function);
  if (typeof fragment === 'string') return { kind: 'wrong', problem: fragment };
  const checked = checkArguments(fragment.inputs, given.args ?? []);
  const signature = `${fragment.name}(${printParameters(fragment.inputs)})`;
  if (checked.kind === 'wrong') {
    return { kind: 'wrong', problem: `${signature} does not fit:\n${printProblems(checked.problems)}` };
  }
  const value = String(given.value ?? 0n);
  if (!/^\d+$/.test(value)) {
    return { kind: 'wrong', problem: `value is ${value}; it must be a whole number of wei, 0 or more` };
  }
  if (BigInt(value) > 0n && !fragment.payable) {
    return { kind: 'wrong', problem: `${signature} is not payable, and value is ${value}` };
  }
  const errors = abi.filter(({ type }) => type === 'error').map((item) => Fragment.from(item).format('full'));
  return {
    kind: 'fits',
    call: {
      function: fragment.format('full'),
      args: checked.readable,
      data: new Interface([fragment]).encodeFunctionData(fragment, checked.values),
      value,
      errors,
    },
  };
}

/** What approvers and errors need to know of a call's contract. */
export function abiOfCall(call: Pick<CheckedCall, 'function' | 'errors'>): Abi {
  return [call.function, ...call.errors].map(
    (text) => JSON.parse(Fragment.from(text).format('json')) as Abi[number],
  );
}

/** Whether a call is sent again when what it brought about does not hold any more. */
export type Again = 'tell' | 'whenever it does not hold';

/** What decides about a call that is to be made once. */
export interface CallQuestion {
  /** What of the postcondition does not hold, one sentence each. */
  readonly unmet: readonly string[];
  /** Whether it held before, after this call and no other. */
  readonly held: boolean;
  readonly again: Again;
}

/** `tell`: it was made, and somebody has undone it since. */
export type CallStep = 'nothing' | 'call' | 'tell';

/** Decides whether a call is made. */
export function planCall({ unmet, held, again }: CallQuestion): CallStep {
  if (unmet.length === 0) return 'nothing';
  return held && again === 'tell' ? 'tell' : 'call';
}

/** One hash of what is called and what must hold after it: another one is another wish. */
export function callDigest(
  call: { readonly to: string; readonly data: string; readonly value: string },
  postcondition: CheckedView & { readonly of: string },
): string {
  const { of, view, args, returns } = postcondition;
  const parts = [call.to.toLowerCase(), call.data, call.value, of.toLowerCase(), view, args, returns];
  return keccak256(toUtf8Bytes(JSON.stringify(parts)));
}

function findFunction(abi: Abi, name: string): FunctionFragment | string {
  const functions = abi
    .filter(({ type }) => type === 'function')
    .map((item) => FunctionFragment.from(item))
    .filter(({ constant }) => !constant);
  const matches = functions.filter((each) => each.name === name || each.format('sighash') === name);
  const [match] = matches;
  if (match !== undefined && matches.length === 1) return match;
  if (matches.length > 1) {
    return `there are several ${name}: name one of ${matches.map((each) => each.format('sighash')).join(', ')}`;
  }
  const suggestion = nearest(name, [...new Set(functions.map((each) => each.name))]);
  return `there is no function ${name} that changes anything${suggestion === undefined ? '' : `; is ${suggestion} meant?`}`;
}
