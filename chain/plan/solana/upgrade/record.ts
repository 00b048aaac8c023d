import type { DesiredUpgrade, ProgramFacts, UpgradeFacts } from './facts.ts';
import { upgradeStages, type UpgradeStage } from './stages.ts';

/** When a stage was reached, by the cluster's clock, and by which transaction where it is known. */
export interface Milestone {
  readonly at: number;
  readonly transaction?: string;
}

/**
 * What is noted of an upgrade beside the chain. Plain JSON: it is kept in the journal's folder and in the state of the
 * resource. Where it is lost the chain still tells what is to be done; only the transactions and the times are gone.
 */
export interface UpgradeRecord {
  readonly program: string;
  /** Of the build that is wanted. */
  readonly hash: string;
  /** Hash of what the program ran when this upgrade began. */
  readonly from: string;
  /** What was decided before counts no more: it was about an earlier wish for the same build. */
  readonly startedAt: number;
  readonly buffer?: string;
  readonly proposal?: string;
  /** Noted before the transaction that executes is sent: a crash behind it leaves this. */
  readonly executing?: boolean;
  readonly milestones: Readonly<Partial<Record<UpgradeStage, Milestone>>>;
  /** Another build was wanted meanwhile, and it ran already. Wanted once more, this one begins anew. */
  readonly abandoned?: boolean;
  /** All transactions that were sent for it, oldest first. */
  readonly transactions: readonly string[];
  /** Keys of the announcements that were made. */
  readonly told: readonly string[];
}

/** The record of this upgrade, begun anew when the wish is another than the noted one. */
export function currentRecord(desired: DesiredUpgrade, facts: UpgradeFacts & RunningProgram): UpgradeRecord {
  const { record, program, now } = facts;
  const { program: address, hash } = desired;
  const fresh = { program: address, hash, from: program.hash, milestones: {}, transactions: [], told: [] };
  // Nobody knows what was before: then every decision on the chain counts.
  if (record === undefined) return { ...fresh, startedAt: 0 };
  if (record.program !== address || record.hash !== hash) return { ...fresh, startedAt: now };
  const runs = program.hash === hash;
  const isOver = record.abandoned === true || record.milestones.announced !== undefined;
  if (!runs && isOver) return { ...fresh, startedAt: now };
  const changed = !runs && (program.hash !== record.from || record.milestones.executed !== undefined);
  return changed && desired.again === true ? { ...fresh, ...bufferOf(record), startedAt: now } : record;
}

/** Facts about a program that is there. */
export interface RunningProgram {
  readonly program: ProgramFacts;
}

/** The same record with a stage reached; what was noted of it first stays. */
export function reached(record: UpgradeRecord, stage: UpgradeStage, milestone: Milestone): UpgradeRecord {
  const noted = record.milestones[stage];
  if (noted !== undefined) return record;
  return { ...record, milestones: { ...record.milestones, [stage]: milestone } };
}

/** The record as it was before anything was proposed. */
export function withoutProposal({ proposal: _, ...record }: UpgradeRecord): UpgradeRecord {
  const before = upgradeStages.slice(0, upgradeStages.indexOf('proposed'));
  const milestones = Object.fromEntries(
    Object.entries(record.milestones).filter(([stage]) => before.some((each) => each === stage)),
  );
  return { ...record, milestones };
}

function bufferOf({ buffer }: UpgradeRecord): { readonly buffer?: string } {
  return buffer === undefined ? {} : { buffer };
}
