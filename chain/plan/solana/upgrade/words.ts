import { describeMissing } from '../../authority/progress.ts';
import { buildName } from './announcement.ts';
import type { AuthorityFacts, DesiredUpgrade } from './facts.ts';
import type { UpgradeStep } from './next.ts';
import type { UpgradePlan } from './plan.ts';
import { stagesOf, type UpgradeStage } from './stages.ts';

/** One stage of an upgrade as it stands now. */
export interface StageStanding {
  readonly stage: UpgradeStage;
  readonly standing: 'done' | 'next' | 'later';
  /** When it was reached, ISO 8601 by the cluster's clock. */
  readonly at?: string;
  readonly transaction?: string;
  /** What it waits for, in words. */
  readonly missing?: string;
}

/** All stages of an upgrade: for outputs, for status, and for a preview. */
export function standingsOf(kind: AuthorityFacts['kind'], plan: UpgradePlan): readonly StageStanding[] {
  const milestones = plan.record?.milestones ?? {};
  const stages = stagesOf(kind);
  const open = stages.find((stage) => milestones[stage] === undefined);
  const missing =
    plan.kind === 'wait' ? { missing: `waits for ${plan.missing.map(describeMissing).join('; ')}` } : {};
  return stages.map((stage): StageStanding => {
    const milestone = milestones[stage];
    if (milestone === undefined) {
      return stage === open ? { stage, standing: 'next', ...missing } : { stage, standing: 'later' };
    }
    const { at, transaction } = milestone;
    const named = transaction === undefined ? {} : { transaction };
    return { stage, standing: 'done', at: new Date(at * 1000).toISOString(), ...named };
  });
}

/** What an upgrade is, how far it is and what comes next, as lines for a reviewer. */
export function upgradeLines(
  desired: DesiredUpgrade,
  kind: AuthorityFacts['kind'],
  plan: UpgradePlan,
): readonly string[] {
  const { record } = plan;
  if (plan.kind === 'nothing') return [`${desired.program} runs ${buildName(desired)}`];
  const from = record === undefined ? '' : `, ${record.from.slice(0, 16)} before`;
  return [
    `${desired.program}: upgrade to ${buildName(desired)}${from}`,
    ...standingsOf(kind, plan).map(standingLine),
    ...(plan.kind === 'step' ? [`  now: ${describeUpgradeStep(plan.step)}`] : []),
    ...('reason' in plan ? [`  ${plan.kind}: ${plan.reason}`] : []),
    ...(plan.kind === 'refuse' ? [`  refused: ${plan.refusal.reason}`] : []),
  ];
}

/** A step in words. */
export function describeUpgradeStep(step: UpgradeStep): string {
  switch (step.kind) {
    case 'prepare buffer':
      return 'write the build into a buffer and hand it over: nobody can write into it any more';
    case 'propose':
      return `propose the upgrade out of the buffer ${step.buffer}, since ${step.because}`;
    case 'approve':
      return `approve ${step.proposal.address} as ${step.by.join(', ')}`;
    case 'withdraw':
      return `vote to take back ${step.proposal.address} as ${step.by.join(', ')}`;
    case 'execute':
      return step.proposal === undefined ? 'upgrade the program' : `execute ${step.proposal.address}`;
    case 'announce':
      return `announce: ${step.announcement.text}`;
  }
}

const widest = 'buffer handed over'.length;

function standingLine({ stage, standing, at, transaction, missing }: StageStanding): string {
  const facts = [at, transaction, missing].filter((each) => each !== undefined).join('  ');
  return `  ${standing.padEnd(5)} ${stage.padEnd(widest)}  ${facts}`.trimEnd();
}
