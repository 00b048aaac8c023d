import { checkAction, type Action } from '../../plan/authority/action.ts';
import {
  checkAuthority,
  type AuthorityRef,
  type SafeAuthority,
  type TimelockAuthority,
} from '../../plan/authority/authority.ts';
import type { Progress } from '../../plan/authority/progress.ts';
import type { SignerRef } from '../../plan/signer.ts';
import { checkSigner } from '../account.ts';
import type { Rpc } from '../rpc.ts';
import type { Log } from '../sender.ts';
import { moveKey } from './key.ts';
import type { Move, MoveOnOptions } from './move.ts';
import { readProposals } from './proposals.ts';
import { moveSafe } from './safe.ts';
import { readSafe } from './safe-facts.ts';
import { folderOf, withdrawProposal } from './safe-proposal.ts';
import { moveTimelock } from './timelock.ts';
import { hasRole, timestampOf } from './timelock-facts.ts';
import { proposerAddress } from './timelock-look.ts';
import { cancel } from './timelock-steps.ts';

/**
 * Moves an action on as far as it goes now, and never waits for people or for hours: what is lacking is in the answer,
 * and the next call, in whatever process, goes on from there. It finds its own earlier work by what is on the chain, by
 * the files of its proposals, and by what it returned before, where that is given back as `previous`.
 * SIDE EFFECTS: writes files, sends transactions.
 */
export async function moveOn(
  rpc: Rpc,
  authority: AuthorityRef,
  action: Action,
  log: Log,
  options: MoveOnOptions = {},
): Promise<Progress> {
  checkAuthority(authority);
  checkAction(action);
  for (const signer of signersOf(authority)) checkSigner(signer, rpc.network);
  const move: Move = { ...options, rpc, log };
  switch (authority.kind) {
    case 'key':
      return moveKey(move, authority, action);
    case 'safe':
      return moveSafe(move, authority, action);
    case 'timelock':
      return moveTimelock(move, authority, action);
  }
}

/** All signers that an authority names. */
export function signersOf(authority: AuthorityRef): readonly SignerRef[] {
  switch (authority.kind) {
    case 'key':
      return [authority.signer];
    case 'safe':
      return [authority.gas, ...(authority.signers ?? [])];
    case 'timelock':
      return [authority.executor, ...signersOf(authority.proposer)];
  }
}

const reason = 'it is not wanted any more';

/**
 * Takes back what was proposed and is no longer wanted, as far as our authority can: `superseded` when nothing of it is
 * left, `proposed` while the cancelling itself waits for approvals. What was executed meanwhile stays executed.
 * SIDE EFFECTS: writes files, may send a transaction.
 */
export async function withdraw(
  rpc: Rpc,
  authority: AuthorityRef,
  previous: Progress,
  log: Log,
): Promise<Progress> {
  checkAuthority(authority);
  if (previous.kind !== 'proposed') return previous;
  const move = { rpc, log, previous };
  switch (authority.kind) {
    case 'key':
      return superseded(previous, reason);
    case 'safe':
      await withdrawFromSafe(move, authority, previous);
      return superseded(previous, reason);
    case 'timelock':
      return withdrawFromTimelock(move, authority, previous);
  }
}

async function withdrawFromSafe({ rpc, log }: Move, safe: SafeAuthority, { ids }: Progress): Promise<void> {
  const folder = folderOf(safe);
  const { proposals } = await readProposals(folder);
  const proposal = proposals.find(({ safeTxHash }) => safeTxHash === ids.safeTxHash);
  if (proposal === undefined || proposal.withdrawn !== undefined) return;
  const { nonce } = await readSafe(rpc, safe.address);
  if (proposal.transaction.nonce >= nonce) await withdrawProposal(folder, proposal, reason, log);
}

async function withdrawFromTimelock(
  move: Move,
  authority: TimelockAuthority,
  previous: Progress & { readonly kind: 'proposed' },
): Promise<Progress> {
  const { rpc } = move;
  const { proposer, address } = authority;
  if (proposer.kind === 'safe' && previous.stage === 'scheduling') {
    await withdrawFromSafe(move, proposer, previous);
  }
  const { operationId } = previous.ids;
  if (operationId === undefined || (await timestampOf(rpc, address, operationId)) <= 1) {
    return superseded(previous, reason);
  }
  if (!(await hasRole(rpc, address, 'canceller', await proposerAddress(authority)))) {
    return superseded(previous, `${reason}, but it stays scheduled: only a canceller may cancel it`);
  }
  const taken = await cancel(move, authority, operationId, previous.transactions);
  return taken.kind === 'look again'
    ? superseded({ ...previous, transactions: [...previous.transactions, ...taken.sent] }, reason)
    : taken;
}

function superseded({ ids, transactions }: Progress, why: string): Progress {
  return { kind: 'superseded', reason: why, ids, transactions };
}
