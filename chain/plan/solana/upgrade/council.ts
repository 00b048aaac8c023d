import type { Missing } from '../../authority/progress.ts';
import { announcementOf, type Occasion } from './announcement.ts';
import { isPrepared, prepareBuffer } from './buffer.ts';
import type { CouncilFacts, DesiredUpgrade, ProposalFacts, UpgradeFacts, Votes } from './facts.ts';
import { refuse, take, type UpgradeNext } from './next.ts';
import type { SortedProposals } from './proposals.ts';
import type { UpgradeRecord } from './record.ts';
import { readyAtOf } from './seen.ts';

/** What is done next where members have to approve. */
export function planCouncil(
  desired: DesiredUpgrade,
  facts: UpgradeFacts,
  council: CouncilFacts,
  record: UpgradeRecord,
  { own, decided, lapsed, rivals }: SortedProposals,
): UpgradeNext {
  const { delaySeconds: delay } = council;
  if (delay < desired.delaySeconds) {
    return refuse({ reason: 'delay too short', delay, wanted: desired.delaySeconds });
  }
  // Two that wait could be executed in the wrong order: the older code would come last.
  const superseded = rivals.find(({ creator }) => creator === council.proposer);
  if (superseded !== undefined) return withdraw(superseded, council);
  if (own !== undefined) return whileProposed(desired, facts, council, record, own);
  const again = desired.again === true;
  if (decided !== undefined && !again) return against(decided);
  const [rival] = rivals;
  if (rival !== undefined && !again) return refuse({ reason: 'another upgrade', proposal: rival });
  // Said now, not after the delay.
  const lack = mayNot(council, 'propose') ?? mayNot(council, 'execute');
  if (lack !== undefined) return lack;
  const because = whyPropose(decided, lapsed);
  const { buffer } = facts;
  return isPrepared(desired, buffer, council.address)
    ? take({ kind: 'propose', buffer: buffer.address, because })
    : prepareBuffer;
}

/** Takes a proposal back as far as the keys at hand can, and waits for others else. */
export function withdraw(proposal: ProposalFacts, council: CouncilFacts): UpgradeNext {
  const by = votersAgainst(proposal, council);
  if (by.length > 0) return take({ kind: 'withdraw', proposal, by });
  const votes = lacking(proposal.withdrawals, `votes to take back the older proposal ${proposal.address}`);
  return { kind: 'wait', stage: 'proposed', missing: [votes] };
}

/** Whose keys are at hand that can still vote to take a proposal back. */
export function votersAgainst(
  { withdrawals }: ProposalFacts,
  { keys, proposer }: CouncilFacts,
): readonly string[] {
  return withdrawals.open.filter((member) => member === proposer || keys.includes(member));
}

function whileProposed(
  desired: DesiredUpgrade,
  facts: UpgradeFacts,
  council: CouncilFacts,
  record: UpgradeRecord,
  own: ProposalFacts,
): UpgradeNext {
  const { address: proposal, status } = own;
  // Looked at before anybody approves, and once more before it is executed.
  if (!isPrepared(desired, own.bufferNow, council.address)) {
    const found = describeFound(own, council.address);
    return refuse({
      reason: 'buffer changed',
      proposal,
      buffer: own.buffer,
      found,
      authority: council.address,
    });
  }
  const readyAt = readyAtOf(own, desired, council, facts.now);
  const occasion: Occasion =
    status === 'approved'
      ? { kind: 'approved', proposal, readyAt }
      : { kind: 'proposed', proposal, delaySeconds: council.delaySeconds };
  const announcement = announcementOf(desired, record, occasion);
  if (announcement !== undefined) return take({ kind: 'announce', announcement });
  if (status !== 'approved') return gather(own, council);
  if (facts.now < readyAt) {
    const seconds = readyAt - facts.now;
    const until = new Date(readyAt * 1000).toISOString();
    return {
      kind: 'wait',
      stage: 'delay over',
      missing: [{ what: `${seconds} s of its delay`, seconds, readyAt: until }],
    };
  }
  return mayNot(council, 'execute') ?? take({ kind: 'execute', buffer: own.buffer, proposal: own });
}

function gather(own: ProposalFacts, { keys, voteless, delaySeconds }: CouncilFacts): UpgradeNext {
  const { approvals } = own;
  const needed = Math.max(0, approvals.needed - approvals.given.length);
  const by = approvals.open.filter((member) => keys.includes(member)).slice(0, needed);
  if (by.length > 0) return take({ kind: 'approve', proposal: own, by });
  const delay = { what: `then ${delaySeconds} s of its delay`, seconds: delaySeconds };
  // Whoever counted on them learns it here, before days have passed.
  const nothing = voteless.map((each) => ({
    what: `nothing from ${each}: the stack file has it as an approver, and it has no vote`,
  }));
  const missing = [lacking(approvals, 'approvals'), ...nothing, ...(delaySeconds === 0 ? [] : [delay])];
  return { kind: 'wait', stage: 'approved', missing };
}

function lacking({ given, needed, open }: Votes, of: string): Missing {
  return { what: `${Math.max(0, needed - given.length)} of ${needed} ${of}`, who: open };
}

function against({ address, status }: ProposalFacts): UpgradeNext {
  const kind = status === 'rejected' ? 'rejected' : 'cancelled';
  return { kind, reason: `the proposal ${address} was ${kind}; \`again: true\` proposes it once more` };
}

function whyPropose(decided: ProposalFacts | undefined, lapsed: ProposalFacts | undefined): string {
  if (decided !== undefined) return `${decided.address} was ${decided.status}, and is to be proposed again`;
  if (lapsed === undefined) return 'nothing is proposed yet';
  if (lapsed.stale)
    return `${lapsed.address} became stale: members, threshold or delay were changed after it`;
  return lapsed.status === 'expired'
    ? `${lapsed.address} expired before it was executed`
    : `the buffer of ${lapsed.address} was changed`;
}

function mayNot(
  { lacks, proposer, holders }: CouncilFacts,
  what: 'propose' | 'execute',
): UpgradeNext | undefined {
  return lacks.includes(what)
    ? refuse({ reason: 'may not', account: proposer, what, holders: holders[what] })
    : undefined;
}

function describeFound({ bufferNow }: ProposalFacts, authority: string): string {
  if (bufferNow === undefined) return 'it is gone';
  return bufferNow.authority === authority
    ? `its hash is ${bufferNow.hash}`
    : `its authority is ${bufferNow.authority ?? 'nobody'}`;
}
