/** How long a gate waits and how often it asks. */
export interface GateTiming {
  /** How long to wait for good answers. A hold that is underway when the time is up may finish. */
  readonly timeoutMs: number;
  /** For how long every check must answer well, without a miss, before the gate passes. */
  readonly holdMs: number;
  /** Time from one attempt to the next. The first few come faster, so that what starts quickly is not waited for. */
  readonly intervalMs: number;
}

/** One round over all checks of a gate. */
export interface Attempt {
  readonly startedAt: number;
  readonly endedAt: number;
  /** The first check that was not good; undefined when all were. */
  readonly miss: CheckMiss | undefined;
}

/** A check that was not good, in words that are safe to print. */
export interface CheckMiss {
  readonly check: string;
  /** What was asked: a URL without secrets, a host and port. */
  readonly target: string;
  /** What was expected and what came. */
  readonly reason: string;
  /** The last answer: a status and the first line of its body, or the error of the connection. */
  readonly answer: string;
}

/** What a gate has seen so far. Everything that it decides follows from this and the timing. */
export interface GateProgress {
  readonly startedAt: number;
  readonly attempts: number;
  readonly lastStartedAt: number;
  readonly lastEndedAt: number;
  /** When the first attempt of the present run of good ones ended; undefined after a miss. */
  readonly goodSince: number | undefined;
  /** The longest run of good attempts that a miss ended. */
  readonly longestHoldMs: number;
  readonly lastMiss: CheckMiss | undefined;
}

/** Where a gate stands. */
export type Verdict =
  { readonly kind: 'waiting'; readonly nextAttemptAt: number } | { readonly kind: 'passed' | 'failed' };

const FIRST_DELAY_MS = 100;

/** A gate that has not asked yet. */
export function beginGate(now: number): GateProgress {
  return {
    startedAt: now,
    attempts: 0,
    lastStartedAt: now,
    lastEndedAt: now,
    goodSince: undefined,
    longestHoldMs: 0,
    lastMiss: undefined,
  };
}

/** Takes one more attempt into account. */
export function observe(progress: GateProgress, attempt: Attempt): GateProgress {
  const held = progress.goodSince === undefined ? 0 : progress.lastEndedAt - progress.goodSince;
  return {
    startedAt: progress.startedAt,
    attempts: progress.attempts + 1,
    lastStartedAt: attempt.startedAt,
    lastEndedAt: attempt.endedAt,
    goodSince: attempt.miss === undefined ? (progress.goodSince ?? attempt.endedAt) : undefined,
    longestHoldMs: Math.max(progress.longestHoldMs, held),
    lastMiss: attempt.miss ?? progress.lastMiss,
  };
}

/**
 * Decides after an attempt. A gate passes when good attempts, without a miss between them, span the hold. It fails
 * with the first miss after the timeout, so it ends within timeout + hold + one attempt.
 */
export function decide(timing: GateTiming, progress: GateProgress): Verdict {
  const { goodSince, lastEndedAt, lastStartedAt, startedAt, attempts } = progress;
  if (attempts === 0) return { kind: 'waiting', nextAttemptAt: startedAt };
  const rhythm = lastStartedAt + delayAfter(attempts, timing.intervalMs);
  if (goodSince !== undefined) {
    const heldAt = goodSince + timing.holdMs;
    if (lastEndedAt >= heldAt) return { kind: 'passed' };
    return { kind: 'waiting', nextAttemptAt: Math.max(lastEndedAt, Math.min(rhythm, heldAt)) };
  }
  const timeIsUpAt = startedAt + timing.timeoutMs;
  if (lastEndedAt >= timeIsUpAt) return { kind: 'failed' };
  return { kind: 'waiting', nextAttemptAt: Math.max(lastEndedAt, Math.min(rhythm, timeIsUpAt)) };
}

/** Time from the start of the nth attempt to the next: 100 ms, 200 ms, … up to the interval. */
function delayAfter(attempts: number, intervalMs: number): number {
  return Math.min(intervalMs, FIRST_DELAY_MS * 2 ** Math.min(attempts - 1, 20));
}
