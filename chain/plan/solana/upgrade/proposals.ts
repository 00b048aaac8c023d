import { isPrepared } from './buffer.ts';
import type { CouncilFacts, DesiredUpgrade, ProposalFacts } from './facts.ts';
import type { UpgradeRecord } from './record.ts';

/** The proposals of a program as one wish for a build sees them. */
export interface SortedProposals {
  /** The one that is to bring the build about, while it still can. */
  readonly own: ProposalFacts | undefined;
  /** The one that was ours and was executed. */
  readonly executed: ProposalFacts | undefined;
  /** The last one for this build, when people decided against it. */
  readonly decided: ProposalFacts | undefined;
  /** The last one for this build, when nobody decided and it is of no use any more: stale, expired, or tampered with. */
  readonly lapsed: ProposalFacts | undefined;
  /** Others that could still be executed and would bring other code. */
  readonly rivals: readonly ProposalFacts[];
}

/** Sorts the proposals of a program. Those that were about an earlier wish for the same build do not count. */
export function sortProposals(
  desired: DesiredUpgrade,
  record: UpgradeRecord,
  { proposals, address }: CouncilFacts,
): SortedProposals {
  const same = proposals.filter((each) => isFor(desired, each));
  const alive = same.filter(({ executable, stale }) => executable && !stale);
  const usable =
    desired.again === true ? alive.filter((each) => isPrepared(desired, each.bufferNow, address)) : alive;
  const own = usable.find(({ status }) => status === 'approved') ?? usable[0];
  const ended = same.filter(
    (each) => each.address === record.proposal || (each.proposedAt ?? 0) > record.startedAt,
  );
  const last = ended.at(-1);
  const isOver = own === undefined && last !== undefined;
  const overruled = last?.status === 'rejected' || last?.status === 'cancelled';
  return {
    own,
    executed: proposals.find((each) => each.address === record.proposal && each.status === 'executed'),
    decided: isOver && overruled ? last : undefined,
    lapsed: isOver && !overruled && last.status !== 'executed' ? last : undefined,
    rivals: proposals.filter(
      (each) =>
        each.executable && each.bufferNow !== undefined && (!same.includes(each) || !isHarmless(each, own)),
    ),
  };

  /** The same build by another proposal: executed as well, it changes nothing. */
  function isHarmless(each: ProposalFacts, chosen: ProposalFacts | undefined): boolean {
    return each === chosen || isPrepared(desired, each.bufferNow, address);
  }
}

function isFor({ hash }: DesiredUpgrade, { pure, promised, bufferNow }: ProposalFacts): boolean {
  return pure && (promised ?? bufferNow?.hash) === hash;
}
