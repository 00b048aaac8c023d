import { FunctionFragment, Interface } from 'ethers/abi';
import type { Abi } from './artifact.ts';
import {
  checkArguments,
  printParameters,
  printProblems,
  type ArgumentProblem,
  type GivenArguments,
} from './arguments.ts';
import { nearest } from './nearest.ts';

/** A view of a contract and what it must answer: how one knows that the constructor set things right. */
export interface ExpectedView {
  /** The function: `arbiter`, or `hasRole(bytes32,address)` where several have that name. */
  readonly view: string;
  readonly args?: readonly unknown[];
  /** The value; an array where the function returns several. */
  readonly returns: unknown;
}

/** An expectation in canonical form: plain JSON, fit for state, and all that is needed to ask. */
export interface CheckedView {
  /** The function's whole signature, as ABIs for people have it. */
  readonly view: string;
  readonly args: readonly unknown[];
  readonly returns: readonly unknown[];
}

export type ViewCheck =
  | { readonly kind: 'fits'; readonly view: CheckedView }
  | { readonly kind: 'wrong'; readonly problem: string };

/** Checks an expectation against the ABI, before anything is sent. */
export function checkExpectation(abi: Abi, expected: ExpectedView): ViewCheck {
  const call = checkViewCall(abi, expected.view, expected.args ?? []);
  if (call.kind === 'wrong') return call;
  const { outputs } = call.view;
  const given = outputs.length === 1 ? [expected.returns] : (expected.returns as GivenArguments);
  const returns = checkArguments(outputs, given);
  return returns.kind === 'wrong'
    ? { kind: 'wrong', problem: misfit(call.view, returns.problems) }
    : { kind: 'fits', view: { view: call.view.format('full'), args: call.args, returns: returns.values } };
}

/** Finds a view by its name or signature and checks what it is to be called with. */
export function checkViewCall(
  abi: Abi,
  name: string,
  args: GivenArguments,
):
  | { readonly kind: 'fits'; readonly view: FunctionFragment; readonly args: readonly unknown[] }
  | { readonly kind: 'wrong'; readonly problem: string } {
  const view = findView(abi, name);
  if (typeof view === 'string') return { kind: 'wrong', problem: view };
  const checked = checkArguments(view.inputs, args);
  return checked.kind === 'wrong'
    ? { kind: 'wrong', problem: misfit(view, checked.problems) }
    : { kind: 'fits', view, args: checked.values };
}

/** What is sent to ask a view. */
export function viewCall(view: FunctionFragment, args: readonly unknown[]): string {
  return new Interface([view]).encodeFunctionData(view, args);
}

/** The values that a view answered, in canonical form; undefined when it is no answer of that view. */
export function decodeAnswer(view: FunctionFragment, answer: string): readonly unknown[] | undefined {
  try {
    const decoded = plain(new Interface([view]).decodeFunctionResult(view, answer)) as readonly unknown[];
    const checked = checkArguments(view.outputs, decoded);
    return checked.kind === 'fits' ? checked.values : undefined;
  } catch {
    return undefined;
  }
}

/** Holds an answer against what it must be; undefined when they agree, else the difference in words. */
export function viewDifference(expected: CheckedView, answer: string): string | undefined {
  const view = FunctionFragment.from(expected.view);
  const call = `${view.name}(${expected.args.map(String).join(', ')})`;
  const must = printValues(expected.returns);
  const values = decodeAnswer(view, answer);
  if (values === undefined) return `${call} answers nothing that fits its signature; expected ${must}`;
  const is = printValues(values);
  return is === must ? undefined : `${call} is ${is}; expected ${must}`;
}

/** ethers' results are arrays of a kind of their own. */
function plain(value: unknown): unknown {
  return Array.isArray(value) ? value.map(plain) : value;
}

function findView(abi: Abi, name: string): FunctionFragment | string {
  const functions = abi.filter((item) => item.type === 'function');
  // Only what bears the name is read: reading all functions of a few contracts takes longer than all checks of them.
  const bare = name.replace(/\(.*$/s, '');
  const matches = viewsOf(functions.filter((item) => item.name === bare)).filter(
    (fragment) => fragment.name === name || fragment.format('sighash') === name,
  );
  const [match] = matches;
  if (match !== undefined && matches.length === 1) return match;
  if (matches.length > 1) {
    return `there are several ${name}: name one of ${matches.map((fragment) => fragment.format('sighash')).join(', ')}`;
  }
  const suggestion = nearest(name, [...new Set(viewsOf(functions).map((fragment) => fragment.name))]);
  return `there is no view ${name}${suggestion === undefined ? '' : `; is ${suggestion} meant?`}`;
}

function viewsOf(functions: Abi): readonly FunctionFragment[] {
  return functions.map((item) => FunctionFragment.from(item)).filter((fragment) => fragment.constant);
}

function misfit(view: FunctionFragment, problems: readonly ArgumentProblem[]): string {
  const signature = `${view.name}(${printParameters(view.inputs)}) returns (${printParameters(view.outputs)})`;
  return `${signature} does not fit:\n${printProblems(problems)}`;
}

function printValues(values: readonly unknown[]): string {
  const [only] = values;
  return values.length === 1 && typeof only === 'string'
    ? only
    : JSON.stringify(values.length === 1 ? only : values);
}
