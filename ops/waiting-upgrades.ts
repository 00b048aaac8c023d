import { describeMissing, type Missing } from '@cutover/chain/plan/authority/progress.ts';
import type { UpgradeProgress } from '@cutover/chain/plan/solana/upgrade/progress.ts';
import type { StackState } from './stack-state.ts';
import { duration } from './terminal.ts';

/** An upgrade of a program that is proposed and not executed, as the last update left it. */
export interface WaitingUpgrade {
  /** Its name in the program. */
  readonly name: string;
  readonly program: string;
  /** What people call the build; undefined where it has no name. */
  readonly version: string | undefined;
  readonly hash: string;
  readonly proposal: string | undefined;
  /** What is waited for: `approved`, `delay over`, `proposed`. */
  readonly stage: string;
  readonly missing: readonly Missing[];
  /** Until the delay is over; undefined where it has not begun. */
  readonly secondsLeft: number | undefined;
}

/** The upgrades in a state that wait, with the seconds that are left now. */
export function waitingUpgrades(resources: StackState['resources'], now: number): readonly WaitingUpgrade[] {
  return resources.flatMap(({ urn, type, outputs = {} }) => {
    const progress = outputs['progress'] as UpgradeProgress | undefined;
    if (!type.endsWith(':ProgramUpgrade') || progress?.kind !== 'proposed') return [];
    const { stage, missing, record } = progress;
    const readyAt = missing.find((each) => each.readyAt !== undefined)?.readyAt;
    return [
      {
        name: urn.slice(urn.lastIndexOf('::') + 2),
        program: String(outputs['program']),
        version: outputs['version'] as string | undefined,
        hash: String(outputs['hash']),
        ...{ proposal: record?.proposal, stage, missing },
        secondsLeft:
          readyAt === undefined ? undefined : Math.max(0, Math.ceil((Date.parse(readyAt) - now) / 1000)),
      },
    ];
  });
}

/** One of them for people. */
export function upgradeLine({ name, version, hash, missing, secondsLeft }: WaitingUpgrade): string {
  const what = `${name} to ${version ?? hash.slice(0, 16)}`;
  if (secondsLeft === 0) return `${what}: its delay is over; ./cutover up executes it.`;
  const left = secondsLeft === undefined ? '' : ` (${duration(secondsLeft * 1000)} left)`;
  return `${what} waits for ${missing.map(describeMissing).join('; ')}${left}; ./cutover up then goes on.`;
}
