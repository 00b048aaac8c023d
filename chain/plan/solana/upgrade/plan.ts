import { announcementOf } from './announcement.ts';
import { isPrepared, prepareBuffer } from './buffer.ts';
import { planCouncil, votersAgainst, withdraw } from './council.ts';
import type { AuthorityFacts, DesiredUpgrade, UpgradeFacts } from './facts.ts';
import { refuse, take, type UpgradeNext, type UpgradeRest, type UpgradeStep } from './next.ts';
import { sortProposals, type SortedProposals } from './proposals.ts';
import { currentRecord, type RunningProgram, type UpgradeRecord } from './record.ts';
import { noteSeen } from './seen.ts';

/** What is decided about an upgrade, and what is to be noted of it before anything is done. */
export type UpgradePlan =
  | { readonly kind: 'step'; readonly step: UpgradeStep; readonly record: UpgradeRecord }
  | (UpgradeRest & { readonly record: UpgradeRecord | undefined });

/** Decides what is done next about an upgrade. */
export function planUpgrade(desired: DesiredUpgrade, facts: UpgradeFacts): UpgradePlan {
  const { program, authority, record: noted } = facts;
  if (typeof program === 'string') {
    return { ...refuse({ reason: 'no program', found: program }), record: noted };
  }
  const known = { ...facts, program };
  const runs = program.hash === desired.hash;
  const isUnderWay =
    noted?.program === desired.program && noted.hash === desired.hash && noted.abandoned !== true;
  if (runs && !isUnderWay) return onceNotWanted(desired, authority, noted);
  const before = currentRecord(desired, known);
  const proposals = authority.kind === 'council' ? sortProposals(desired, before, authority) : noProposals;
  const record = noteSeen(before, desired, known, proposals);
  const next = runs
    ? onceItRuns(desired, authority, record, proposals)
    : (problemOf(desired, known, record) ?? onTheWay(desired, known, record, proposals));
  return { ...next, record };
}

/** The program runs the build, and the upgrade to another one that was under way is not wanted any more. */
function onceNotWanted(
  desired: DesiredUpgrade,
  authority: AuthorityFacts,
  noted: UpgradeRecord | undefined,
): UpgradePlan {
  if (noted === undefined) return { kind: 'nothing', record: undefined };
  const record = { ...noted, abandoned: true };
  if (authority.kind === 'key') return { kind: 'nothing', record };
  const { rivals } = sortProposals(desired, record, authority);
  const pending = rivals.find(({ creator }) => creator === authority.proposer);
  return pending === undefined ? { kind: 'nothing', record } : { ...withdraw(pending, authority), record };
}

const noProposals: SortedProposals = {
  own: undefined,
  executed: undefined,
  decided: undefined,
  lapsed: undefined,
  rivals: [],
};

/** Why this program cannot be upgraded to this build, whoever would approve it. */
function problemOf(
  { again }: DesiredUpgrade,
  { program, authority }: UpgradeFacts & RunningProgram,
  { from, milestones }: UpgradeRecord,
): UpgradeNext | undefined {
  if (program.authority === undefined) return refuse({ reason: 'immutable', found: program.hash });
  if (program.authority !== authority.address) {
    return refuse({ reason: 'handed away', authority: program.authority, wanted: authority.address });
  }
  if (again === true) return undefined;
  const { hash: found } = program;
  if (found !== from) return refuse({ reason: 'changed elsewhere', from, found });
  if (milestones.executed === undefined) return undefined;
  const how = milestones.executed.transaction ?? 'a transaction that is not known here';
  return refuse({ reason: 'without effect', found, how });
}

function onTheWay(
  desired: DesiredUpgrade,
  facts: UpgradeFacts & RunningProgram,
  record: UpgradeRecord,
  proposals: SortedProposals,
): UpgradeNext {
  const { authority, buffer } = facts;
  if (authority.kind === 'council') return planCouncil(desired, facts, authority, record, proposals);
  return isPrepared(desired, buffer, authority.address)
    ? take({ kind: 'execute', buffer: buffer.address, proposal: undefined })
    : prepareBuffer;
}

/** The program runs the build: what could still bring other code is taken back, and the end is announced. */
function onceItRuns(
  desired: DesiredUpgrade,
  authority: AuthorityFacts,
  record: UpgradeRecord,
  { own, executed, rivals }: SortedProposals,
): UpgradeNext {
  if (authority.kind === 'council') {
    const pending = [...(own === undefined ? [] : [own]), ...rivals].find(
      (each) => each.creator === authority.proposer && votersAgainst(each, authority).length > 0,
    );
    if (pending !== undefined) return withdraw(pending, authority);
  }
  const announcement = announcementOf(desired, record, { kind: 'executed' });
  if (announcement !== undefined) return take({ kind: 'announce', announcement });
  return executed !== undefined || record.executing === true
    ? { kind: 'done' }
    : { kind: 'executed elsewhere', reason: 'the program runs this build already, by another way' };
}
