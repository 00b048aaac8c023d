import type { Secrets } from './secrets.ts';

/** What every kind of check needs to ask once. */
export interface ProbeContext {
  readonly secrets: Secrets;
  /** Fires when the time for one answer is up, or the update is cancelled. */
  readonly signal: AbortSignal;
  /** The time for one answer, for servers that can be told to stop by themselves. */
  readonly timeoutMs: number;
}

/** What one check got: its answer as text, and what was wrong with it, if anything. */
export interface ProbeAnswer {
  readonly answer: string;
  readonly miss: string | undefined;
}
