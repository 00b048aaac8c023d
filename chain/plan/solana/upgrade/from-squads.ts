import type {
  SquadsMultisig,
  SquadsPermission,
  SquadsProposal,
  VaultTransaction,
} from '../squads/accounts.ts';
import { upgradeIn } from '../squads/upgrade-message.ts';
import { proposalAddress, vaultAddress } from '../squads/addresses.ts';
import type { BufferFacts, CouncilFacts, KeysAtHand, ProposalFacts, ProposalStatus, Votes } from './facts.ts';

/** A transaction of a multisig with the votes on it. */
export interface SquadsEntry {
  readonly transaction: VaultTransaction;
  readonly proposal: SquadsProposal;
}

/** A multisig of Squads as it was read. */
export interface SquadsReading {
  readonly address: string;
  readonly multisig: SquadsMultisig;
  readonly vaultIndex: number;
  /** Oldest first. */
  readonly entries: readonly SquadsEntry[];
}

/** The entries that would upgrade a program. */
export function upgradesOf({ entries }: SquadsReading, program: string): readonly SquadsEntry[] {
  return entries.filter(({ transaction }) => upgradeIn(transaction.message)?.program === program);
}

/** Who may upgrade a program by a multisig of Squads, and what is proposed there. */
export function councilOfSquads(
  reading: SquadsReading,
  program: string,
  buffers: ReadonlyMap<string, BufferFacts>,
  { proposer, approvers }: KeysAtHand,
): CouncilFacts {
  const { address, multisig, vaultIndex } = reading;
  const holders = { propose: having(multisig, 'initiate'), execute: having(multisig, 'execute') };
  const voters = having(multisig, 'vote');
  return {
    kind: 'council',
    address: vaultAddress(address, vaultIndex),
    delaySeconds: multisig.timeLock,
    proposer,
    lacks: (['propose', 'execute'] as const).filter((what) => !holders[what].includes(proposer)),
    holders,
    keys: approvers.filter((each) => voters.includes(each)),
    voteless: approvers.filter((each) => !voters.includes(each)),
    proposals: upgradesOf(reading, program).flatMap((entry) => proposalFacts(reading, entry, buffers)),
  };
}

function proposalFacts(
  { address, multisig, vaultIndex }: SquadsReading,
  { transaction, proposal }: SquadsEntry,
  buffers: ReadonlyMap<string, BufferFacts>,
): readonly ProposalFacts[] {
  const upgrade = upgradeIn(transaction.message);
  if (upgrade === undefined) return [];
  const stale = proposal.index <= multisig.staleTransactionIndex;
  const status = statusOf(proposal);
  const { since } = proposal;
  const voters = having(multisig, 'vote');
  const votes = (given: readonly string[], needed: number, mayVote: boolean): Votes => ({
    given,
    needed,
    open: mayVote ? voters.filter((each) => !given.includes(each)) : [],
  });
  const isActive = proposal.status === 'active' && !stale;
  const isApproved = status === 'approved';
  const members = multisig.members.map((member) => member.address);
  return [
    {
      address: proposalAddress(address, proposal.index),
      creator: transaction.creator,
      promised: upgrade.promised,
      buffer: upgrade.buffer,
      bufferNow: buffers.get(upgrade.buffer),
      pure: upgrade.pure && transaction.vaultIndex === vaultIndex,
      status,
      stale,
      // Squads executes what was approved before it became stale, too.
      executable: isApproved || (status === 'gathering' && !stale),
      // The account has the time of its last status alone.
      proposedAt: since,
      approvedAt: isApproved ? since : undefined,
      executedAt: status === 'executed' ? since : undefined,
      approvals: votes(proposal.approved, multisig.threshold, isActive),
      withdrawals: isApproved
        ? votes(
            proposal.cancelled.filter((each) => members.includes(each)),
            multisig.threshold,
            true,
          )
        : votes(proposal.rejected, voters.length - multisig.threshold + 1, isActive),
    },
  ];
}

function statusOf({ status }: SquadsProposal): ProposalStatus {
  switch (status) {
    case 'draft':
    case 'active':
      return 'gathering';
    case 'executing':
      return 'executed';
    case 'approved':
    case 'rejected':
    case 'executed':
    case 'cancelled':
      return status;
  }
}

function having({ members }: SquadsMultisig, permission: SquadsPermission): readonly string[] {
  return members.filter(({ may }) => may.includes(permission)).map(({ address }) => address);
}
