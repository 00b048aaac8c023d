import { duration } from '../terminal.ts';
import type { LaunchCheck } from './checks.ts';
import { launchStages, timeOf, type LaunchPlan, type LaunchRecord, type LaunchSample } from './plan.ts';
import { criteriaFigures, targetFigures, type Figure } from './targets.ts';

/** What `./cutover launch --json` prints. */
export interface LaunchReport {
  readonly stack: string;
  readonly system: string;
  readonly isDryRun: boolean;
  /** T-0. */
  readonly at: string;
  readonly stages: readonly {
    readonly stage: string;
    readonly due: string;
    /** Absent where it is yet to come. */
    readonly done?: string;
    readonly note?: string;
  }[];
  /** What was looked at in this run. */
  readonly checks: readonly LaunchCheck[];
  readonly next: LaunchPlan;
  /** The last look of the watch. */
  readonly last: LaunchSample | undefined;
  readonly criteria: readonly Figure[];
  readonly targets: ReturnType<typeof targetFigures>;
  /** What no program can see, and somebody has to. */
  readonly byHand: readonly string[];
}

/** The rest of the launch list: all that a command cannot see. */
const byHand = [
  'programs audited by two firms, bug bounty live',
  'recovery and incident response rehearsed, on-call rota set, runbooks and support ready',
  'geographic restrictions in force',
  'terms of service and privacy policy published, compliance review done',
  'website, documentation and community channels ready',
] as const;

/** All of a launch as it stands. */
export function launchReport(
  place: Pick<LaunchReport, 'stack' | 'system' | 'isDryRun'>,
  record: LaunchRecord,
  checks: readonly LaunchCheck[],
  next: LaunchPlan,
): LaunchReport {
  const stages = launchStages.map((stage) => {
    const { at: done, note } = record.done[stage] ?? {};
    const due = new Date(timeOf(stage, record)).toISOString();
    return { stage, due, ...(done === undefined ? {} : { done }), ...(note === undefined ? {} : { note }) };
  });
  return {
    ...place,
    ...{ at: record.at, stages, checks, next, byHand },
    last: record.samples.at(-1),
    criteria: criteriaFigures(record.samples),
    targets: targetFigures(record.samples),
  };
}

/** The report for people. */
export function launchLines(report: LaunchReport): readonly string[] {
  const { stages, checks, next, last, criteria, targets } = report;
  return [
    '',
    ...checks.map(({ what, isWell, found }) => `  ${isWell ? 'well ' : 'WRONG'}  ${what}: ${found}`),
    ...(checks.length === 0 ? [] : ['']),
    ...stages.map(({ stage, due, done, note }) =>
      done === undefined
        ? `  ${due}  ${stage}`
        : `  ${done}  ${stage.padEnd(12)}  done${note === undefined ? '' : `: ${note}`}`,
    ),
    ...(last === undefined
      ? []
      : [
          '',
          `Watch: ${last.healthy ? 'all is healthy' : 'NOT ALL IS HEALTHY'}, ${last.users} users.`,
          ...criteria.map(figureLine),
          ...targets.flatMap(({ by, figures }) => [
            `  ${by}`,
            ...figures.map((each) => `  ${figureLine(each)}`),
          ]),
        ]),
    '',
    ...nextLines(report, next),
  ];
}

function nextLines({ stack, system, isDryRun }: LaunchReport, next: LaunchPlan): readonly string[] {
  const again = `./cutover launch ${stack} ${system}`;
  const hand = ['No command sees these; see to them before T-0:', ...byHand.map((each) => `  - ${each}`)];
  if (isDryRun) return ['Nothing was changed.', ...hand];
  switch (next.kind) {
    case 'done':
      return ['The launch is done.'];
    case 'look':
      return [`Watched for ${duration(next.seconds * 1000)} more: each ${again} is one look.`];
    case 'stage':
    case 'wait': {
      const seconds = next.kind === 'wait' ? next.seconds : 0;
      return [`Next: ${next.stage}, in ${duration(seconds * 1000)}. ${again} goes on then.`, ...hand];
    }
  }
}

function figureLine({ what, wanted, found, state }: Figure): string {
  return `  ${what.padEnd(14)}  ${state === 'not measured' ? state : `${found}, ${state}`} (wanted: ${wanted})`;
}
