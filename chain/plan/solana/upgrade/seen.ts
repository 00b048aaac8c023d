import { keyOf } from './announcement.ts';
import type { CouncilFacts, DesiredUpgrade, ProposalFacts, UpgradeFacts } from './facts.ts';
import type { SortedProposals } from './proposals.ts';
import { reached, withoutProposal, type RunningProgram, type UpgradeRecord } from './record.ts';
import type { UpgradeStage } from './stages.ts';

/** From when on an approved proposal may be executed, by the cluster's clock. */
export function readyAtOf(
  { approvedAt }: ProposalFacts,
  desired: DesiredUpgrade,
  { delaySeconds }: CouncilFacts,
  now: number,
): number {
  return (approvedAt ?? now) + Math.max(delaySeconds, desired.delaySeconds);
}

/** Adds to a record what the chain shows now. What was noted before stays, but that another proposal begins anew. */
export function noteSeen(
  record: UpgradeRecord,
  desired: DesiredUpgrade,
  facts: UpgradeFacts & RunningProgram,
  { own, executed }: SortedProposals,
): UpgradeRecord {
  const { now, program, authority, buffer } = facts;
  const runs = program.hash === desired.hash;
  // Once the program runs the build, a later proposal for the same build takes nothing from the one that brought it.
  const proposal = runs ? (executed ?? own) : (own ?? executed);
  const bytes = proposal?.bufferNow ?? buffer;
  const isWritten = runs || bytes?.hash === desired.hash;
  const readyAt =
    proposal?.approvedAt === undefined || authority.kind === 'key'
      ? Infinity
      : readyAtOf(proposal, desired, authority, now);
  const isExecuted = runs || proposal?.status === 'executed';
  const seen: readonly (readonly [UpgradeStage, number | undefined])[] = [
    ['buffer written', isWritten ? now : undefined],
    ['buffer handed over', runs || (isWritten && bytes?.authority === authority.address) ? now : undefined],
    ['proposed', proposal === undefined ? undefined : (proposal.proposedAt ?? now)],
    ['approved', proposal?.approvedAt],
    ['delay over', readyAt <= now ? readyAt : undefined],
    ['executed', isExecuted ? (proposal?.executedAt ?? now) : undefined],
    ['verified', runs ? now : undefined],
    ['announced', record.told.includes(keyOf(desired, { kind: 'executed' })) ? now : undefined],
  ];
  let noted = onProposal(record, proposal?.address);
  for (const [stage, at] of seen) if (at !== undefined) noted = reached(noted, stage, { at });
  return bytes === undefined ? noted : { ...noted, buffer: bytes.address };
}

/** The record once its proposal is this one: what was noted of another one is over. */
function onProposal(record: UpgradeRecord, proposal: string | undefined): UpgradeRecord {
  if (proposal === undefined || record.proposal === proposal) return record;
  return { ...(record.proposal === undefined ? record : withoutProposal(record)), proposal };
}
