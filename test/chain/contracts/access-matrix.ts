import type { FunctionFragment } from 'ethers';
import { messageOf } from '@cutover/base/errors.ts';
import type { Chain, Deployed } from './chain-kit.ts';

/** Who may call a function, and a call that works for those who may. */
export interface Decision<Role extends string> {
  /** Whose holders may. */
  readonly by: readonly Role[] | 'everyone';
  /** Callers by name who may without a role. */
  readonly also?: readonly string[];
  readonly args: readonly unknown[] | ((caller: string) => readonly unknown[]);
  /** Brings the contract into a state in which the call works. */
  readonly after?: () => Promise<unknown>;
}

/** Someone who tries. */
export interface Caller<Role extends string> {
  readonly address: string;
  readonly roles: readonly Role[];
}

/** Errors by which a contract says that it is not for this caller. */
const refusals =
  /^(AccessControlUnauthorizedAccount|AccessControlInvalidDefaultAdmin|AccessControlBadConfirmation|ERC721InsufficientApproval|ERC721InvalidApprover|MayNotCancel)\(/;

/** Functions of a contract that change something, as `name(types)`. */
export function changingFunctions(contract: Deployed): string[] {
  return functionsOf(contract)
    .filter((fragment) => !isView(fragment))
    .map((fragment) => fragment.format('sighash'))
    .sort();
}

/** Functions that only look. */
export function viewFunctions(contract: Deployed): string[] {
  return functionsOf(contract)
    .filter(isView)
    .map((fragment) => fragment.format('sighash'))
    .sort();
}

/** How a call ends: undefined when it goes through, else the error. Nothing is sent. */
export async function outcome(
  chain: Chain,
  from: string,
  contract: Deployed,
  fn: string,
  args: readonly unknown[],
): Promise<string | undefined> {
  try {
    return await chain.refusal(from, contract, fn, args);
  } catch (error) {
    if (messageOf(error) === `${fn} was not refused`) return undefined;
    throw error;
  }
}

/** Has each caller make the call, and gives those with whom it did not end as decided, with what came of it. */
export async function contradictions<Role extends string>(
  chain: Chain,
  contract: Deployed,
  callers: Readonly<Record<string, Caller<Role>>>,
  fn: string,
  { by, also = [], args, after }: Decision<Role>,
): Promise<string[]> {
  await after?.();
  const wrong: string[] = [];
  for (const [name, { address, roles }] of Object.entries(callers)) {
    const call = typeof args === 'function' ? args(address) : args;
    const refusal = await outcome(chain, address, contract, fn, call);
    const may = by === 'everyone' || also.includes(name) || roles.some((role) => by.includes(role));
    const asDecided = may ? refusal === undefined : refusals.test(refusal ?? '');
    if (!asDecided) wrong.push(`${name}: ${refusal ?? 'went through'}`);
  }
  return wrong;
}

function functionsOf(contract: Deployed): FunctionFragment[] {
  const found: FunctionFragment[] = [];
  contract.abi.forEachFunction((fragment) => found.push(fragment));
  return found;
}

function isView({ stateMutability }: FunctionFragment): boolean {
  return stateMutability === 'view' || stateMutability === 'pure';
}
