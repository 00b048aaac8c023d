import { describeProgress, isSettled, type Progress } from '@cutover/chain/plan/authority/progress.ts';
import type { ChainLook } from './chain-resources.ts';
import type { EngineRun } from './engine.ts';
import { duration } from './terminal.ts';

/** What `./cutover pause --json` and `resume --json` print. */
export interface PauseReport {
  readonly stack: string;
  readonly system: string;
  /** What was to be paused or resumed, in words. */
  readonly what: string;
  readonly contract: string;
  readonly network: string;
  readonly wanted: 'paused' | 'running';
  /** What the chain said before. */
  readonly before: ChainSays;
  /**
   * - `paused`, `running`: so it is, by the chain.
   * - `proposed`: an authority has to agree first; `waits` says what is missing.
   * - `not ended`: somebody else's pause holds.
   * - `failed`: the update did not come to its end; `now` is what the chain says.
   */
  readonly outcome: 'paused' | 'running' | 'proposed' | 'not ended' | 'failed';
  readonly now: ChainSays;
  /** What the stack's file says now. */
  readonly file: 'paused' | 'running';
  /** The transaction that did it; undefined where nothing was sent. */
  readonly transaction: string | undefined;
  /** What is missing, where an authority has to agree. */
  readonly waits: string | undefined;
  readonly milliseconds: number;
  /** Numbers of the errors that the update met. */
  readonly errors: readonly string[];
}

export type ChainSays = 'paused' | 'running' | 'unknown';

/** What the state keeps of a Pause. */
export interface PauseOutputs {
  readonly contract: string;
  /** Undefined while the contract is proposed itself. */
  readonly isPaused?: boolean;
  readonly progress: Readonly<Record<string, Progress>>;
  readonly drift: readonly string[];
}

/**
 * The values that the stack file goes through, one update for each. An update ends no pause but the program's own, so
 * somebody else's is taken over first.
 */
export function wishes(wanted: 'paused' | 'running', found: ChainLook['found']): readonly boolean[] {
  if (wanted === 'paused') return [true];
  const { isPaused, drift } = (found ?? {}) as Partial<PauseOutputs>;
  return isPaused === true && drift !== undefined && drift.length > 0 ? [true, false] : [false];
}

/** What a look, or the state, says of a pause. */
export function chainSays(found: { readonly isPaused?: unknown } | undefined): ChainSays {
  if (typeof found?.isPaused !== 'boolean') return 'unknown';
  return found.isPaused ? 'paused' : 'running';
}

/** How it ended: what the update did by the state, and what the chain says behind it. */
export function outcomeOf(
  wanted: 'paused' | 'running',
  run: Pick<EngineRun, 'outcome' | 'changed'>,
  { isPaused, progress, drift }: Omit<PauseOutputs, 'contract'>,
  now: ChainSays,
): Pick<PauseReport, 'outcome' | 'transaction' | 'waits'> {
  const steps = Object.values(progress);
  const waiting = steps.find((each) => !isSettled(each));
  const waits =
    waiting !== undefined ? describeProgress(waiting) : isPaused === undefined ? drift[0] : undefined;
  if (run.outcome !== 'done') return { outcome: 'failed', transaction: undefined, waits };
  if (now === wanted) {
    const done = steps.flatMap((each) => (each.kind === 'done' ? [each.transactionHash] : [])).at(-1);
    // What the state keeps of an earlier update is no deed of this one.
    return { outcome: wanted, transaction: run.changed > 0 ? done : undefined, waits: undefined };
  }
  if (waits !== undefined) return { outcome: 'proposed', transaction: undefined, waits };
  // An update with nothing to send ends well although its chain is away.
  return { outcome: now === 'unknown' ? 'failed' : 'not ended', transaction: undefined, waits };
}

/** The report for people. */
export function pauseLines(report: PauseReport): readonly string[] {
  const { stack, system, what, contract, network, wanted, before, outcome, now } = report;
  const where = `${what} at ${contract} on ${network}`;
  const file = `Pulumi.${stack}.yaml says paused: ${report.file === 'paused'}`;
  const command = `./cutover ${wanted === 'paused' ? 'pause' : 'resume'} ${stack} ${system}`;
  const by = report.transaction === undefined ? 'nothing was sent' : `by ${report.transaction}`;
  const time = duration(report.milliseconds);
  switch (outcome) {
    case 'paused':
      return [
        `${before === 'paused' ? 'Paused already' : 'Paused'}: ${where}, ${by} (${time}).`,
        `${file}, so updates keep it so. ./cutover resume ${stack} ${system} lets it run again.`,
      ];
    case 'running':
      return [`${before === 'running' ? 'Runs already' : 'Runs again'}: ${where}, ${by} (${time}).`];
    case 'proposed':
      return [
        `Proposed, and not in force yet: ${where} is ${now} (${time}).`,
        `  ${report.waits}`,
        `${file}. ./cutover approve ${stack} shows what waits and approves it; ${command}, or any update, then goes on.`,
      ];
    case 'not ended':
      return [
        `Not done: ${where} is paused, by somebody else than this program.`,
        `${file}. It was paused anew in this moment; ${command} tries again.`,
      ];
    case 'failed':
      return [
        now === 'unknown'
          ? `Not finished, after ${time}: what holds of ${where} is not known, its chain does not answer.`
          : `Not finished, after ${time}: ${where} is ${now}.`,
        report.file === wanted
          ? `${file}: ${command} tries again, and so does every ./cutover up.`
          : `${file}, so that later updates do not fail for it; ${command} tries again.`,
      ];
  }
}
