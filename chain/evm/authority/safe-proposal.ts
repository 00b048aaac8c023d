import { join } from 'node:path';
import { runtimeFolder, toRoot, fromRoot } from '@cutover/base/project.ts';
import type { Action } from '../../plan/authority/action.ts';
import { sameAddress, type SafeAuthority } from '../../plan/authority/authority.ts';
import type { Proposal } from '../../plan/authority/proposal.ts';
import {
  doesCall,
  safeTransaction,
  safeTransactionHash,
  type SafeCall,
  type SafeTransaction,
} from '../../plan/authority/safe-transaction.ts';
import { describeSafeTransaction, functionsOf } from '../../plan/authority/words.ts';
import { isLocal } from '../../plan/network.ts';
import type { Rpc } from '../rpc.ts';
import type { Move } from './move.ts';
import { readProposals, writeProposal } from './proposals.ts';
import { blockNumber } from './question.ts';
import type { ObservedSafe } from './safe-facts.ts';

/** The folder that a Safe's proposals are kept in. */
export function folderOf({ folder }: Pick<SafeAuthority, 'folder'>): string {
  return folder === undefined ? runtimeFolder : fromRoot(folder);
}

/** The proposals that there are for one Safe, as far as an action is concerned. */
export interface KnownProposals {
  /** The one for the action: one that is still open before those that are not. */
  readonly own: Proposal | undefined;
  /** Those of other actions that still wait for their turn. */
  readonly others: readonly Proposal[];
  /** Ours that nobody should sign any more, whatever a service still shows. */
  readonly withdrawn: readonly Proposal[];
}

/**
 * Looks for what was proposed before, in files and in what the state recorded. Open proposals of the same key for
 * something else are withdrawn: the desired state has changed since. SIDE EFFECTS: reads and writes files.
 */
export async function findProposals(
  move: Move,
  authority: SafeAuthority,
  action: Action,
  call: SafeCall,
  observed: ObservedSafe,
): Promise<KnownProposals> {
  const { rpc, previous, log } = move;
  const folder = folderOf(authority);
  const genesis = await genesisOf(rpc);
  const { proposals, broken } = await readProposals(folder);
  for (const { file, problem } of broken) log(`warning: ${toRoot(file)} is passed over: ${problem}`);
  const here = proposals.filter(
    (each) =>
      sameAddress(each.safe, authority.address) &&
      each.chainId === rpc.network.chainId &&
      each.genesis === genesis,
  );
  const wanted = here.filter(({ withdrawn }) => withdrawn === undefined);
  const isOpen = ({ transaction }: Proposal): boolean => transaction.nonce >= observed.nonce;
  const ours = wanted.filter(({ key }) => key === action.key);
  const same = ours.filter(({ transaction }) => doesCall(transaction, call));
  for (const each of ours.filter((one) => !same.includes(one) && isOpen(one))) {
    await withdrawProposal(folder, each, 'something else is wanted now', log);
  }
  const recorded = same.find(({ safeTxHash }) => safeTxHash === previous?.ids.safeTxHash);
  const own = same.find(isOpen) ?? recorded ?? same.at(-1) ?? (await rebuilt(move, authority, action, call));
  return {
    own,
    others: wanted.filter((each) => each.key !== action.key && isOpen(each)),
    withdrawn: here.filter((each) => each.withdrawn !== undefined),
  };
}

/** A proposal that the state recorded and whose file is on another machine: its nonce is all that is lacking. */
async function rebuilt(
  { rpc, previous }: Move,
  authority: SafeAuthority,
  action: Action,
  call: SafeCall,
): Promise<Proposal | undefined> {
  const { safeTxHash, safeNonce, block = 0 } = previous?.ids ?? {};
  if (safeNonce === undefined) return undefined;
  const transaction = safeTransaction(call, safeNonce);
  const hash = safeTransactionHash(authority.address, rpc.network.chainId, transaction);
  if (hash !== safeTxHash) return undefined;
  return draft(rpc, authority, action, transaction, block, { owners: [], threshold: 0 });
}

/** A new proposal, not written yet. SIDE EFFECTS: asks the node. */
export async function newProposal(
  rpc: Rpc,
  authority: SafeAuthority,
  action: Action,
  transaction: SafeTransaction,
  observed: ObservedSafe,
): Promise<Proposal> {
  return draft(rpc, authority, action, transaction, await blockNumber(rpc), observed);
}

async function draft(
  rpc: Rpc,
  authority: SafeAuthority,
  action: Action,
  transaction: SafeTransaction,
  block: number,
  { owners, threshold }: Pick<ObservedSafe, 'owners' | 'threshold'>,
): Promise<Proposal> {
  const { chainId, name } = rpc.network;
  const functions = functionsOf(action);
  return {
    safe: authority.address,
    chainId,
    genesis: await genesisOf(rpc),
    network: name,
    safeTxHash: safeTransactionHash(authority.address, chainId, transaction),
    transaction,
    key: action.key,
    purpose: action.purpose,
    functions,
    words: describeSafeTransaction(transaction, functions),
    approvals: toRoot(fromRoot(authority.approvals ?? join(folderOf(authority), 'approvals'))),
    block,
    proposedAt: new Date().toISOString(),
    owners,
    threshold,
    signed: [],
    waitsFor: owners,
  };
}

/** Marks a proposal as no longer wanted. SIDE EFFECTS: writes a file. */
export async function withdrawProposal(
  folder: string,
  proposal: Proposal,
  reason: string,
  log: (line: string) => void,
): Promise<void> {
  await writeProposal(folder, { ...proposal, withdrawn: reason });
  const { safeTxHash, transaction, signed } = proposal;
  log(
    `${proposal.purpose}: the proposal ${safeTxHash} is withdrawn, ${reason}` +
      (signed.length === 0
        ? ''
        : `; ${signed.length} signature(s) of it stay valid until a transaction with nonce ${transaction.nonce} is executed`),
  );
}

/** Local chains share an id: what was proposed on one that is gone must not be taken for a proposal on this one. */
async function genesisOf(rpc: Rpc): Promise<string> {
  if (!isLocal(rpc.network)) return '';
  return (await rpc.send<{ readonly hash: string }>('eth_getBlockByNumber', ['0x0', false])).hash;
}
