import { CutoverError } from '@cutover/base/errors.ts';

/** What a launch consists of, in this order. */
export const launchStages = ['verification', 'health', 'limits', 'announcement', 'watch'] as const;

export type LaunchStage = (typeof launchStages)[number];

/** When a stage was done, and what came of it. */
export interface StageDone {
  readonly at: string;
  readonly note: string;
}

/** What was found at one moment of the watch. What nothing measures is absent. */
export interface LaunchSample {
  readonly at: string;
  readonly healthy: boolean;
  readonly users: number;
  readonly p95Ms?: number;
  /** Share of settlements that went through, 0 to 1. */
  readonly settled?: number;
  readonly trades?: number;
  readonly volumeUsd?: number;
}

/** A launch that was begun, as it is kept between runs. */
export interface LaunchRecord {
  /** T-0, ISO 8601. */
  readonly at: string;
  readonly done: Readonly<Partial<Record<LaunchStage, StageDone>>>;
  readonly samples: readonly LaunchSample[];
}

/** What a launch does next. */
export type LaunchPlan =
  | { readonly kind: 'stage'; readonly stage: LaunchStage }
  | { readonly kind: 'wait'; readonly stage: LaunchStage; readonly seconds: number }
  /** The limits are lifted; one look now, and others until the time is over. */
  | { readonly kind: 'look'; readonly seconds: number }
  | { readonly kind: 'done' };

const hour = 3600;
const watchSeconds = 24 * hour;

/** Seconds from T-0 at which each stage is due. */
const due = { verification: -2 * hour, health: -hour, limits: 0, announcement: 0 } as const;

/** The launch that is under way, or a new one. Another time for one that was begun is refused. */
export function begun(
  kept: LaunchRecord | undefined,
  given: {
    /** T-0 as somebody wrote it. @default in two hours, or as it was planned */
    readonly at?: string;
    readonly stack: string;
    readonly system: string;
    readonly what: string;
  },
  now: number,
): LaunchRecord {
  const { at, stack, system, what } = given;
  const asked = at === undefined ? now + 2 * hour * 1000 : at === 'now' ? now : Date.parse(at);
  if (Number.isNaN(asked)) throw new CutoverError('CUT-5582', { given: at });
  if (kept === undefined) return { at: new Date(asked).toISOString(), done: {}, samples: [] };
  const done = launchStages.filter((stage) => kept.done[stage] !== undefined);
  // What was only planned so far may be planned otherwise.
  if (at === undefined || asked === Date.parse(kept.at)) return kept;
  if (done.length === 0) return { ...kept, at: new Date(asked).toISOString() };
  throw new CutoverError('CUT-5581', { what, at: kept.at, given: at, done: done.join(', '), stack, system });
}

/** The next thing to do. A stage that is late is done at once; none is left out, and none is done before its time. */
export function planLaunch({ at, done }: Pick<LaunchRecord, 'at' | 'done'>, now: number): LaunchPlan {
  const stage = launchStages.find((each) => done[each] === undefined);
  if (stage === undefined) return { kind: 'done' };
  const seconds = Math.ceil((timeOf(stage, { at, done }) - now) / 1000);
  if (seconds <= 0) return { kind: 'stage', stage };
  return stage === 'watch' ? { kind: 'look', seconds } : { kind: 'wait', stage, seconds };
}

/** When a stage is due, in milliseconds since 1970. The watch begins when the limits were lifted, not when they should. */
export function timeOf(stage: LaunchStage, { at, done }: Pick<LaunchRecord, 'at' | 'done'>): number {
  if (stage === 'watch') return Date.parse(done.limits?.at ?? at) + watchSeconds * 1000;
  return Date.parse(at) + due[stage] * 1000;
}
