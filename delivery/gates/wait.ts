import { setTimeout as delay } from 'node:timers/promises';
import { progressLine } from '../plan/gate-text.ts';
import {
  beginGate,
  decide,
  observe,
  type Attempt,
  type CheckMiss,
  type GateProgress,
  type GateTiming,
} from '../plan/gate.ts';

const FIRST_WORD_AFTER_MS = 5_000;
const THEN_EVERY_MS = 10_000;

/** What a wait needs from outside; tests bring their own. */
export interface WaitEffects {
  /** Asks every check once. */
  readonly look: () => Promise<CheckMiss | undefined>;
  /** Prints one line for whoever watches. */
  readonly say: (line: string) => void;
  /** Ends the wait early. */
  readonly signal?: AbortSignal;
  readonly now?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** How a wait ended. */
export interface WaitOutcome {
  readonly kind: 'passed' | 'failed' | 'stopped';
  readonly progress: GateProgress;
}

/** Asks again and again until the plan says that the gate has passed or failed. SIDE EFFECTS: those that it is given. */
export async function waitForGate(
  label: string,
  timing: GateTiming,
  effects: WaitEffects,
): Promise<WaitOutcome> {
  const now = effects.now ?? (() => performance.now());
  const sleep = effects.sleep ?? sleepFor;
  let progress = beginGate(now());
  let nextWordAt = progress.startedAt + FIRST_WORD_AFTER_MS;
  for (;;) {
    const verdict = decide(timing, progress);
    if (verdict.kind !== 'waiting') return { kind: verdict.kind, progress };
    await sleep(verdict.nextAttemptAt - now(), effects.signal);
    if (effects.signal?.aborted === true) return { kind: 'stopped', progress };
    progress = observe(progress, await attempt(effects.look, now));
    if (progress.lastEndedAt >= nextWordAt && decide(timing, progress).kind === 'waiting') {
      effects.say(progressLine(label, timing, progress, progress.lastEndedAt));
      nextWordAt = progress.lastEndedAt + THEN_EVERY_MS;
    }
  }
}

async function attempt(look: WaitEffects['look'], now: () => number): Promise<Attempt> {
  const startedAt = now();
  const miss = await look();
  return { startedAt, endedAt: now(), miss };
}

async function sleepFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (ms <= 0) return;
  // An abort ends the sleep; what follows from it is decided by the caller.
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}
