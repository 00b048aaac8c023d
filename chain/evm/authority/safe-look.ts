import type { Action } from '../../plan/authority/action.ts';
import type { SafeAuthority } from '../../plan/authority/authority.ts';
import { ownerChanges, type Proposal } from '../../plan/authority/proposal.ts';
import type { ProposalFacts, SafeFacts } from '../../plan/authority/safe.ts';
import { checkApprovals, type Approvals } from '../../plan/authority/safe-signatures.ts';
import type { SafeCall } from '../../plan/authority/safe-transaction.ts';
import type { SignerRef } from '../../plan/signer.ts';
import { signerAddress } from '../account.ts';
import { readApprovals } from './approvals.ts';
import { trailOf, type Move } from './move.ts';
import { approvedOnChain, executionOf, readSafe, requireSameHash } from './safe-facts.ts';
import { findProposals } from './safe-proposal.ts';
import { queuedAtService, syncWithService } from './safe-service.ts';

/** Everything that one look at a Safe found out about an action. */
export interface SafeLook {
  readonly facts: SafeFacts;
  readonly proposal: Proposal | undefined;
  /** Owners whose keys this run may use. */
  readonly keys: ReadonlyMap<string, SignerRef>;
  readonly transactions: readonly string[];
}

/** An action on its way through a Safe. */
export interface SafeMove extends Move {
  readonly authority: SafeAuthority;
  readonly action: Action;
  readonly call: SafeCall;
}

/**
 * Looks at a Safe, its proposals and their approvals. SIDE EFFECTS: withdraws proposals that are not wanted any more,
 * brings a transaction service up to date.
 */
export async function lookAtSafe(move: SafeMove, sent: readonly string[]): Promise<SafeLook> {
  const { rpc, authority, action, call, log } = move;
  const safe = await readSafe(rpc, authority.address);
  const { own, others, withdrawn } = await findProposals(move, authority, action, call, safe);
  const transactions = [...trailOf(move, own === undefined ? {} : { safeTxHash: own.safeTxHash }), ...sent];
  const proposal = own === undefined ? undefined : await lookAtProposal(move, own, safe, transactions);
  const queued = await queuedAtService(authority, safe.nonce, log);
  const notOthers = new Set([own, ...withdrawn].map((each) => each?.safeTxHash));
  const queue = queued
    ?.filter(({ safeTxHash }) => !notOthers.has(safeTxHash))
    .map(({ nonce }) => nonce)
    .concat(others.map(({ transaction }) => transaction.nonce));
  const lacks = proposal !== undefined && proposal.approvals.length < safe.threshold;
  const keys = lacks ? await keysAtHand(move, safe.owners) : new Map<string, SignerRef>();
  const satisfied = await move.satisfied?.();
  const again = move.again ?? false;
  return {
    facts: { ...safe, proposal, queue, keys: [...keys.keys()], satisfied, again },
    proposal: own,
    keys,
    transactions,
  };
}

async function lookAtProposal(
  move: SafeMove,
  own: Proposal,
  safe: Pick<SafeFacts, 'owners' | 'threshold' | 'nonce'>,
  transactions: readonly string[],
): Promise<ProposalFacts> {
  const { rpc, previous, log } = move;
  await requireSameHash(rpc, own);
  const execution = await executionOf(rpc, own, safe, transactions);
  const { nonce } = own.transaction;
  // Where its nonce is used, nobody needs approvals any more.
  const { approvals, ignored } =
    nonce < safe.nonce ? { approvals: [], ignored: [] } : await collectApprovals(move, own, safe.owners);
  for (const sentence of ignored) log(`does not count: ${sentence}`);
  for (const sentence of own.owners.length === 0 ? [] : ownerChanges(own, safe)) {
    log(`the owners of the Safe ${own.safe} changed: ${sentence}`);
  }
  const awaited = previous?.kind === 'proposed' && previous.ids.safeTxHash === own.safeTxHash;
  return { nonce, approvals, execution, awaited };
}

/** Approvals from files, from the chain and from the service, held against those who are owners now. */
async function collectApprovals(
  { rpc, authority, log }: SafeMove,
  proposal: Proposal,
  owners: readonly string[],
): Promise<Approvals> {
  const { safe, safeTxHash } = proposal;
  const [files, onChain] = await Promise.all([
    readApprovals(proposal.approvals, safeTxHash),
    approvedOnChain(rpc, safe, owners, safeTxHash),
  ]);
  const here = checkApprovals(safeTxHash, owners, files, onChain);
  const theirs = await syncWithService(authority, proposal, here.approvals, log);
  const known = new Set(here.approvals.map(({ data }) => data.toLowerCase()));
  const further = theirs.filter(({ signature }) => !known.has(signature.toLowerCase()));
  return checkApprovals(safeTxHash, owners, [...files, ...further], onChain);
}

/** Those of the signers named who are owners. SIDE EFFECTS: reads keys. */
async function keysAtHand(
  { authority, log }: SafeMove,
  owners: readonly string[],
): Promise<ReadonlyMap<string, SignerRef>> {
  const keys = new Map<string, SignerRef>();
  for (const signer of authority.signers ?? []) {
    const address = await signerAddress(signer);
    if (owners.includes(address)) keys.set(address, signer);
    else log(`${address}, a signer of this run, is no owner of the Safe ${authority.address}`);
  }
  return keys;
}
