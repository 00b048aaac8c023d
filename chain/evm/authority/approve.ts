import { CutoverError } from '@cutover/base/errors.ts';
import type { Proposal } from '../../plan/authority/proposal.ts';
import { checkApprovals } from '../../plan/authority/safe-signatures.ts';
import { describeSafeTransaction } from '../../plan/authority/words.ts';
import { describeNetwork } from '../../plan/network.ts';
import type { SignerRef } from '../../plan/signer.ts';
import { describeSigner, openAccount } from '../account.ts';
import type { Rpc } from '../rpc.ts';
import { readApprovals, writeApproval } from './approvals.ts';
import { approvedOnChain, readSafe, requireSameHash } from './safe-facts.ts';

/** A proposal as its chain and its approvals stand now. */
export interface ProposalStatus {
  readonly proposal: Proposal;
  /** What it does, read out of the transaction itself. */
  readonly words: readonly string[];
  /** Why it cannot be approved any more; undefined while it waits. */
  readonly over: string | undefined;
  readonly owners: readonly string[];
  readonly threshold: number;
  readonly signed: readonly string[];
  /** Owners who have not approved, while approvals are missing. */
  readonly waitsFor: readonly string[];
}

/** Looks at a proposal. SIDE EFFECTS: asks the node, reads files. */
export async function statusOf(rpc: Rpc, proposal: Proposal): Promise<ProposalStatus> {
  const { safe, safeTxHash, transaction, withdrawn } = proposal;
  const { owners, threshold, nonce } = await readSafe(rpc, safe);
  const [files, onChain] = await Promise.all([
    readApprovals(proposal.approvals, safeTxHash),
    approvedOnChain(rpc, safe, owners, safeTxHash),
  ]);
  const signed = checkApprovals(safeTxHash, owners, files, onChain).approvals.map(({ owner }) => owner);
  const isUsed = transaction.nonce < nonce;
  return {
    proposal,
    words: describeSafeTransaction(transaction, proposal.functions),
    over: isUsed
      ? `nonce ${transaction.nonce} of the Safe is used: it was executed, or another transaction in its place`
      : withdrawn && `it was withdrawn, ${withdrawn}`,
    owners,
    threshold,
    signed,
    waitsFor: signed.length < threshold ? owners.filter((owner) => !signed.includes(owner)) : [],
  };
}

/** What approving led to. */
export interface Approved {
  readonly owner: string;
  /** The file that holds the approval, relative to the project. */
  readonly file: string;
  /** How many approvals are missing now. */
  readonly missing: number;
}

/** Refuses to sign what is over, and as somebody who is no owner. SIDE EFFECTS: reads a key. */
export async function requireMaySign(rpc: Rpc, status: ProposalStatus, signer: SignerRef): Promise<string> {
  const { proposal, over, owners } = status;
  if (over !== undefined) throw new CutoverError('CUT-2283', { hash: proposal.safeTxHash, reason: over });
  const { address } = await openAccount(signer, rpc.network);
  if (owners.includes(address)) return address;
  throw new CutoverError('CUT-2282', {
    ...{ address, signer: describeSigner(signer), safe: proposal.safe },
    ...{ network: describeNetwork(rpc.network), owners: owners.join(', ') },
  });
}

/** Signs a proposal as an owner and puts the approval where the next update finds it. SIDE EFFECTS: writes a file. */
export async function approveProposal(
  rpc: Rpc,
  status: ProposalStatus,
  signer: SignerRef,
): Promise<Approved> {
  const { proposal, threshold, signed } = status;
  const { safeTxHash, approvals } = proposal;
  const owner = await requireMaySign(rpc, status, signer);
  await requireSameHash(rpc, proposal);
  const account = await openAccount(signer, rpc.network);
  const signature = await account.signDigest(safeTxHash);
  const file = await writeApproval(approvals, { safeTxHash, owner, signature });
  const count = new Set([...signed, owner]).size;
  return { owner, file, missing: Math.max(0, threshold - count) };
}
