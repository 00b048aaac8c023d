import type { Timelock, TimelockProposal } from './accounts.ts';

/** Where a proposal stands at a moment of the cluster's clock. */
export type Standing =
  /** So many approvals are missing, from any of these members. */
  | { readonly state: 'open'; readonly missing: number; readonly from: readonly string[] }
  /** Approved; the time lock runs out at that second. */
  | { readonly state: 'waiting'; readonly readyAt: number }
  | { readonly state: 'ready'; readonly until: number }
  | { readonly state: 'expired'; readonly since: number }
  | { readonly state: 'executed'; readonly at: number }
  | { readonly state: 'cancelled'; readonly at: number }
  /** The rules were changed after it was made: it can never be executed. */
  | { readonly state: 'stale' };

/** What the program would say of a proposal now. */
export function standingOf(timelock: Timelock, proposal: TimelockProposal, now: number): Standing {
  if (proposal.state === 'executed') return { state: 'executed', at: proposal.endedAt ?? 0 };
  if (proposal.state === 'cancelled') return { state: 'cancelled', at: proposal.endedAt ?? 0 };
  if (proposal.index < timelock.firstValid) return { state: 'stale' };
  const { members, threshold, delaySeconds, graceSeconds } = timelock.rules;
  if (proposal.state === 'open' || proposal.approvedAt === undefined) {
    const approved = approversOf(timelock, proposal);
    const from = members.filter((member) => !approved.includes(member));
    return { state: 'open', missing: threshold - approved.length, from };
  }
  const readyAt = proposal.approvedAt + delaySeconds;
  if (now < readyAt) return { state: 'waiting', readyAt };
  const until = readyAt + graceSeconds;
  return now <= until ? { state: 'ready', until } : { state: 'expired', since: until };
}

/** Which members have approved. */
export function approversOf(timelock: Timelock, proposal: TimelockProposal): readonly string[] {
  return timelock.rules.members.filter((_, at) => (proposal.approvals & (1 << at)) !== 0);
}

/** How many members together can cancel: as many as could have withheld the approval. */
export function cancellationsNeeded({ members, threshold }: Timelock['rules']): number {
  return members.length - threshold + 1;
}
