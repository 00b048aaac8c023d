/** How well what was compiled anew agrees with the chain: with the hash of its metadata, or without. */
export type Match = 'exact' | 'partial';

/**
 * How far a contract's verification is with one explorer.
 * - `unknown`: the explorer was not asked yet, or has forgotten what it was given.
 * - `submitted`: it took the sources and gave a number for its job.
 * - `pending`: it is at work, or has not seen the contract on the chain yet.
 * - `verified`: it shows the sources. `match` where it says how well they match.
 * - `failed`: it, or we, looked at the sources and something is wrong with them.
 * - `unreachable`: it gave no answer that can be used.
 * - `skipped`: it is not asked for this chain.
 */
export type Progress =
  | { readonly status: 'unknown' }
  | { readonly status: 'submitted'; readonly job: string }
  | { readonly status: 'pending'; readonly job?: string; readonly reason?: string }
  | { readonly status: 'verified'; readonly match?: Match }
  | { readonly status: 'failed'; readonly reason: string }
  | { readonly status: 'unreachable'; readonly job?: string; readonly reason: string }
  | { readonly status: 'skipped'; readonly reason: string };

/** The progress, and when it is gone on with. */
export type Standing = Progress & {
  /** Since when the status is as it is. */
  readonly since: string;
  /** How many updates in a row have left it unverified, or failed. */
  readonly attempts: number;
  /** From when on an update tries again; absent: at once, or, once it failed, no more. */
  readonly retryAt?: string;
};

/** What is asked of an explorer next. */
export type Step = 'look' | 'submit' | 'check' | 'nothing';

/** What an explorer's answer means. */
export type Answer =
  | { readonly kind: 'verified'; readonly match?: Match }
  | { readonly kind: 'unverified' }
  | { readonly kind: 'accepted'; readonly job: string }
  | { readonly kind: 'pending' }
  /** Somebody has given it the same contract a moment ago. */
  | { readonly kind: 'at work already' }
  /** It has not seen the contract on the chain yet. */
  | { readonly kind: 'lagging'; readonly reason: string }
  | { readonly kind: 'busy'; readonly reason: string; readonly retryAfterMs?: number }
  /** It does not know the job any more. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'rejected'; readonly reason: string }
  /** We have nothing to submit: a source is missing. */
  | { readonly kind: 'unprepared'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly trouble: ExplorerTrouble; readonly reason: string };

/** Why no answer can be used: nothing came in time, nobody is there, it wants another key, it is no answer. */
export type ExplorerTrouble = 'silent' | 'absent' | 'denied' | 'broken';

/** A standing during one update: what comes next, and from when on. */
export interface Turn {
  /** As the last update left it. */
  readonly began: Standing;
  readonly standing: Standing;
  /** `look` only asks what the explorer shows and submits nothing. */
  readonly goal: 'verify' | 'look';
  readonly next: Step;
  readonly readyAt: number;
  /** How often it had to wait in this update. */
  readonly pauses: number;
  /** How long it rests when this update leaves it. */
  readonly rest: 'none' | 'usual' | 'refused';
}

const minute = 60_000;
const hour = 60 * minute;
/** Rests between updates' attempts; the last one is repeated. */
const usualRests = [minute, 10 * minute, hour, 6 * hour, 24 * hour] as const;
/** The same sources are refused again: twice more, in case that it was the explorer's fault. */
const restsWhenRefused = [hour, 24 * hour] as const;
const longestPauseMs = 15_000;

/** Nothing is known. */
export function newStanding(now: number): Standing {
  return { status: 'unknown', since: timeOf(now), attempts: 0 };
}

/** Whether an update has something to do. */
export function isDue(standing: Standing, now: number): boolean {
  if (standing.status === 'verified' || standing.status === 'skipped') return false;
  if (standing.retryAt === undefined) return standing.status !== 'failed';
  // A date that cannot be read counts as past.
  return !(Date.parse(standing.retryAt) > now);
}

/** Whether no update tries it again by itself. */
export function isGivenUp(standing: Standing): boolean {
  return standing.status === 'failed' && standing.retryAt === undefined;
}

/** The beginning of an update; `always`: rests are cut short, because something was changed by hand. */
export function beginTurn(standing: Standing, now: number, when: 'due' | 'always'): Turn {
  const settled = standing.status === 'verified' || standing.status === 'skipped';
  const acts = !settled && (when === 'always' || isDue(standing, now));
  const resumed = jobOf(standing) === undefined ? 'look' : 'check';
  const next = acts ? resumed : 'nothing';
  return { began: standing, standing, goal: 'verify', next, readyAt: now, pauses: 0, rest: 'none' };
}

/** The beginning of a refresh: everything is looked at, nothing is submitted. */
export function beginLook(standing: Standing, now: number): Turn {
  const next = standing.status === 'skipped' ? 'nothing' : 'look';
  return { began: standing, standing, goal: 'look', next, readyAt: now, pauses: 0, rest: 'none' };
}

/** What an answer changes. `pauseMs`: how long an explorer that needs time gets at first; then ever more. */
export function afterAnswer(turn: Turn, answer: Answer, now: number, pauseMs: number): Turn {
  const tried: Turn = { ...turn, readyAt: now };
  const pause = Math.min(longestPauseMs, pauseMs * 1.5 ** Math.min(turn.pauses, 20));
  if (answer.kind === 'busy') {
    const wait = Math.max(answer.retryAfterMs ?? 0, pause);
    const again = { ...tried, readyAt: now + wait, pauses: turn.pauses + 1 };
    return turn.goal === 'look' ? again : { ...again, ...unreachable(turn, answer.reason, now) };
  }
  if (turn.goal === 'look')
    return { ...tried, next: 'nothing', standing: afterLook(turn.standing, answer, now) };

  const later: Turn = { ...tried, readyAt: now + pause, pauses: turn.pauses + 1, rest: 'usual' };
  const job = jobOf(turn.standing);
  switch (answer.kind) {
    case 'verified':
      return { ...tried, next: 'nothing', rest: 'none', standing: verified(turn.standing, answer, now) };
    case 'unverified':
      return { ...tried, next: 'submit', rest: 'none' };
    case 'accepted':
      return { ...later, next: 'check', standing: be(turn, { status: 'submitted', job: answer.job }, now) };
    case 'pending':
      return {
        ...later,
        next: 'check',
        standing: be(turn, { status: 'pending', ...(job === undefined ? {} : { job }) }, now),
      };
    case 'at work already':
      return { ...later, next: 'look', standing: be(turn, { status: 'pending' }, now) };
    case 'lagging':
      return {
        ...later,
        next: 'submit',
        standing: be(turn, { status: 'pending', reason: answer.reason }, now),
      };
    case 'lost':
      return { ...tried, next: 'nothing', rest: 'usual', standing: be(turn, { status: 'unknown' }, now) };
    case 'rejected':
    case 'unprepared':
      return {
        ...tried,
        next: 'nothing',
        rest: answer.kind === 'rejected' ? 'refused' : 'usual',
        standing: be(turn, { status: 'failed', reason: answer.reason }, now),
      };
    case 'unreachable':
      return { ...tried, next: 'nothing', ...unreachable(turn, answer.reason, now) };
  }
}

/** How an update leaves a standing: with the time of the next attempt. */
export function endTurn({ began, standing, goal, rest }: Turn, now: number): Standing {
  if (goal === 'look' || rest === 'none') return standing;
  const alike = (began.status === 'failed') === (standing.status === 'failed');
  const before = alike ? began.attempts : 0;
  const wait = rest === 'refused' ? restsWhenRefused[before] : (usualRests[before] ?? usualRests.at(-1));
  const { retryAt: _, ...rested } = standing;
  return {
    ...rested,
    since: began.status === standing.status ? began.since : standing.since,
    attempts: before + 1,
    ...(wait === undefined ? {} : { retryAt: timeOf(now + wait) }),
  };
}

/** What a refresh makes of an answer: only what the explorer says for certain changes anything. */
function afterLook(standing: Standing, answer: Answer, now: number): Standing {
  if (answer.kind === 'verified') return verified(standing, answer, now);
  if (answer.kind === 'unverified' && standing.status === 'verified') return newStanding(now);
  return standing;
}

function verified(standing: Standing, { match }: { readonly match?: Match }, now: number): Standing {
  const since = standing.status === 'verified' ? standing.since : timeOf(now);
  return { status: 'verified', ...(match === undefined ? {} : { match }), since, attempts: 0 };
}

function unreachable(turn: Turn, reason: string, now: number): Pick<Turn, 'standing' | 'rest'> {
  const job = jobOf(turn.standing);
  const kept = job === undefined ? {} : { job };
  return { rest: 'usual', standing: be(turn, { status: 'unreachable', reason, ...kept }, now) };
}

/** Another status; the time stays where it is the same as before. */
function be({ standing }: Turn, progress: Progress, now: number): Standing {
  const since = standing.status === progress.status ? standing.since : timeOf(now);
  return { ...progress, since, attempts: standing.attempts };
}

function jobOf(standing: Standing): string | undefined {
  return 'job' in standing ? standing.job : undefined;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
