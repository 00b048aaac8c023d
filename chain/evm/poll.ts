import { CutoverError } from '@cutover/base/errors.ts';

export interface PollArgs {
  readonly timeoutMs: number;
  /** The longest pause between two questions; the first ones are shorter. */
  readonly pauseMs: number;
  /** Called every ten seconds with how long it has been. */
  readonly progress?: (seconds: number) => void;
}

/**
 * Asks until there is an answer; undefined when the time is over. Nodes that do not answer for a while are asked again.
 * SIDE EFFECTS: those of `ask`.
 */
export async function poll<T>(ask: () => Promise<T | undefined>, args: PollArgs): Promise<T | undefined> {
  const started = performance.now();
  let pause = Math.min(25, args.pauseMs);
  let told = 0;
  for (;;) {
    const answer = await unlessUnreachable(ask);
    if (answer !== undefined) return answer;
    const elapsed = performance.now() - started;
    if (elapsed >= args.timeoutMs) return undefined;
    if (elapsed - told >= 10_000) {
      told = elapsed;
      args.progress?.(Math.round(elapsed / 1000));
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 1.5, args.pauseMs);
  }
}

async function unlessUnreachable<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'CUT-2030') return undefined;
    throw error;
  }
}
