import type { Result, Work } from './carry-out.ts';
import type { Stage } from './stage.ts';

/** Real seconds that are waited at least: at scale 0 what is in the way may go a moment later, in another process. */
const leastPatience = 3;
/** Real seconds between two tries; the provider goes up to ten seconds of the cloud. */
const shortestPause = 0.1;
const longestPause = 10;

/**
 * Makes a call, and makes it again while it is refused for something that may be about to go: deletes run in parallel,
 * and where the program does not tell their order the provider asks again for minutes. Undefined when the engine gave up
 * meanwhile. SIDE EFFECTS: those of `attempt`; waits.
 */
export async function retried(stage: Stage, work: Work, attempt: () => Result): Promise<Result | undefined> {
  const { timeScale } = stage.cloud.settings;
  const patience = Math.max(leastPatience, secondsOf(work) * timeScale);
  const pause = Math.max(shortestPause, longestPause * Math.min(1, timeScale));
  let result = attempt();
  for (let waited = 0; mayPass(work, result) && waited < patience; waited += pause) {
    if (!(await stage.wait(pause))) return undefined;
    result = attempt();
  }
  return result;
}

function secondsOf({ kind, timeoutSeconds }: Work): number {
  const { seconds = 0 } = kind.retries ?? {};
  return timeoutSeconds > 0 ? Math.min(seconds, timeoutSeconds) : seconds;
}

function mayPass({ doing, kind }: Work, result: Result): boolean {
  return doing === 'deleting' && 'refusal' in result && kind.retries?.code === result.refusal.code;
}
