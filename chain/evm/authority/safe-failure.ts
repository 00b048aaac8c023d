import { CutoverError } from '@cutover/base/errors.ts';
import { callsOf, type Action } from '../../plan/authority/action.ts';
import type { SafeAuthority } from '../../plan/authority/authority.ts';
import { describeNetwork } from '../../plan/network.ts';
import type { Rpc } from '../rpc.ts';
import { refusalOf, type CallRefusal } from './send.ts';
import { whoMay } from './who-may.ts';

/** A call of an action that is refused when an authority makes it. */
interface RefusedCall extends CallRefusal {
  readonly target: string;
}

/**
 * The call that would fail if an authority made it now, each tried by itself; undefined when all would go through.
 * SIDE EFFECTS: asks the node.
 */
export async function firstRefused(
  rpc: Rpc,
  authority: string,
  action: Action,
  block: number | 'latest' = 'latest',
): Promise<RefusedCall | undefined> {
  for (const { to, data, value } of callsOf(action)) {
    const call = { to, data, value: value ?? 0n, abi: action.abi ?? [] };
    const refusal = await refusalOf(rpc, authority, call, block);
    if (refusal !== undefined) return { ...refusal, target: to };
  }
  return undefined;
}

/** The error of an action that a contract between us and its target refused: with what the target itself says. */
export async function insideError(
  rpc: Rpc,
  authority: string,
  action: Action,
  error: CutoverError,
): Promise<CutoverError> {
  const refused = await firstRefused(rpc, authority, action);
  if (refused === undefined) return error;
  const { target, reason, data } = refused;
  return new CutoverError('CUT-2252', {
    ...{ purpose: action.purpose, network: describeNetwork(rpc.network), target, reason, sender: authority },
    who: await whoMay(rpc, target, authority, data, action.abi),
  });
}

/** The error of a Safe transaction that was executed and whose call failed. SIDE EFFECTS: asks the node. */
export async function failedInside(
  rpc: Rpc,
  { address }: SafeAuthority,
  action: Action,
  hash: string,
  block: number,
): Promise<CutoverError> {
  // As the chain was just before.
  const refused = await firstRefused(rpc, address, action, block - 1);
  return new CutoverError('CUT-2263', {
    ...{ purpose: action.purpose, hash, network: describeNetwork(rpc.network) },
    reason:
      refused?.reason ?? 'failed, and the same call goes through otherwise: it may have had too little gas',
  });
}
