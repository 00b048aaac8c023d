export interface PollLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait before looking for a new block: not before one can be there, then often. `blockMs` is the time
 * between the last blocks; 0 when it is not known.
 */
export function pollDelay(blockMs: number, sinceLastMs: number, limits: PollLimits): number {
  const untilDue = blockMs * 0.9 - sinceLastMs;
  return Math.max(limits.minMs, Math.min(limits.maxMs, untilDue));
}

/** How long to wait after the nth failure in a row. Half of it is chance, so that several do not come back at once. */
export function backoff(failures: number, random: number, askedMs = 0): number {
  const longest = Math.min(10_000, 250 * 2 ** Math.min(failures - 1, 10));
  return Math.max(Math.min(askedMs, 30_000), longest * (0.5 + random / 2));
}
