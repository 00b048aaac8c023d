import type { Timelock, TimelockProposal } from '../timelock/accounts.ts';
import { proposalAddress, timelockVault } from '../timelock/addresses.ts';
import { approversOf, cancellationsNeeded, standingOf } from '../timelock/standing.ts';
import type {
  BufferFacts,
  CouncilFacts,
  DesiredUpgrade,
  KeysAtHand,
  ProposalFacts,
  ProposalStatus,
} from './facts.ts';

/** A time lock of the project's own program as it was read. */
export interface TimelockReading {
  /** Where the time lock program is deployed. */
  readonly program: string;
  readonly address: string;
  readonly timelock: Timelock;
  /** Oldest first. */
  readonly proposals: readonly TimelockProposal[];
  /** The cluster's clock. */
  readonly now: number;
}

/** A proposal of a time lock that upgrades a program. */
export type TimelockUpgrade = TimelockProposal & {
  readonly action: TimelockProposal['action'] & { readonly kind: 'upgrade' };
};

/** The proposals that would upgrade a program. */
export function timelockUpgradesOf(
  { proposals }: TimelockReading,
  program: string,
): readonly TimelockUpgrade[] {
  return proposals.filter(
    (each): each is TimelockUpgrade => each.action.kind === 'upgrade' && each.action.program === program,
  );
}

/** Who may upgrade a program by a time lock, and what is proposed there. */
export function councilOfTimelock(
  reading: TimelockReading,
  desired: DesiredUpgrade,
  buffers: ReadonlyMap<string, BufferFacts>,
  { proposer, approvers }: KeysAtHand,
): CouncilFacts {
  const { program, address, timelock } = reading;
  const { members, delaySeconds } = timelock.rules;
  return {
    kind: 'council',
    address: timelockVault(program, address),
    delaySeconds,
    proposer,
    lacks: members.includes(proposer) ? [] : ['propose', 'execute'],
    holders: { propose: members, execute: members },
    keys: approvers.filter((each) => members.includes(each)),
    voteless: approvers.filter((each) => !members.includes(each)),
    proposals: timelockUpgradesOf(reading, desired.program).map((each) =>
      proposalFacts(reading, desired, each, buffers),
    ),
  };
}

function proposalFacts(
  { program, address, timelock, now }: TimelockReading,
  desired: DesiredUpgrade,
  proposal: TimelockUpgrade,
  buffers: ReadonlyMap<string, BufferFacts>,
): ProposalFacts {
  const { state } = standingOf(timelock, proposal, now);
  const { members, threshold } = timelock.rules;
  const { proposer, action, approvedAt, endedAt } = proposal;
  const isPending = state === 'open' || state === 'waiting' || state === 'ready';
  const approved = approversOf(timelock, proposal);
  const cancelling = members.filter((_, at) => (proposal.cancellations & (1 << at)) !== 0);
  const without = (given: readonly string[]): readonly string[] =>
    isPending ? members.filter((each) => !given.includes(each)) : [];
  const bufferNow = buffers.get(action.buffer);
  return {
    address: proposalAddress(program, address, proposal.index),
    creator: proposer,
    promised: promisedBy(Buffer.from(action.hash).toString('hex'), desired, bufferNow),
    buffer: action.buffer,
    bufferNow,
    pure: true,
    status: statusOf(state),
    stale: state === 'stale',
    executable: isPending,
    proposedAt: proposal.proposedAt,
    approvedAt,
    executedAt: state === 'executed' ? endedAt : undefined,
    approvals: { given: approved, needed: threshold, open: state === 'open' ? without(approved) : [] },
    // While it is open, one vote of whoever made it is enough: the program decides that.
    withdrawals: {
      given: cancelling,
      needed: cancellationsNeeded(timelock.rules),
      open: without(cancelling),
    },
  };
}

/** The program keeps the hash of a whole file; here builds are told apart by the hash without zeros at the end. */
function promisedBy(fileHash: string, desired: DesiredUpgrade, bufferNow: BufferFacts | undefined): string {
  if (fileHash === desired.fileHash) return desired.hash;
  return fileHash === bufferNow?.fileHash ? bufferNow.hash : `another file, ${fileHash}`;
}

function statusOf(state: ReturnType<typeof standingOf>['state']): ProposalStatus {
  switch (state) {
    case 'open':
    case 'stale':
      return 'gathering';
    case 'waiting':
    case 'ready':
      return 'approved';
    case 'executed':
    case 'cancelled':
    case 'expired':
      return state;
  }
}
