import { runs } from '@cutover/delivery/processes/process-table.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { Bodies } from './bodies.ts';
import type { BodyOf } from './body.ts';

/** How the wait for a body ended. */
export type Settled =
  | { readonly kind: 'well' }
  | { readonly kind: 'given up' }
  | { readonly kind: 'unwell'; readonly why: string };

const lookEvery = 0.05;
/** For so long a ground may be missing: it was killed, and the next one is about to begin. */
const secondsWithoutGround = 15;
const longestRemoval = 60;

/**
 * Waits until what really stands behind a thing is as it was after a call, a body that had failed before being tried
 * again. `wait` is false when the engine gave up. SIDE EFFECTS: waits.
 */
export async function settled(
  bodies: Bodies,
  of: BodyOf,
  call: number,
  wait: (seconds: number) => Promise<boolean>,
): Promise<Settled> {
  const began = Date.now();
  const seconds = bodies.secondsOf(of.type);
  // Once there was a ground its kinds are known.
  if (seconds === undefined && bodies.ground() !== undefined) return { kind: 'well' };
  const patience = Math.max(60, seconds ?? longestRemoval);
  bodies.ask(of, call);
  let lastSeen = Date.now();
  for (;;) {
    const progress = bodies.progress(of, call);
    if (progress.kind === 'none' || progress.kind === 'ready') return { kind: 'well' };
    if (progress.kind === 'failed') return { kind: 'unwell', why: progress.why };
    if (await groundRuns(bodies)) lastSeen = Date.now();
    const missing = (Date.now() - lastSeen) / 1000;
    if (missing > secondsWithoutGround) {
      const { message } = new CutoverError('CUT-5540');
      return { kind: 'unwell', why: message };
    }
    if ((Date.now() - began) / 1000 > patience) {
      return {
        kind: 'unwell',
        why: `timeout while waiting for state to become 'available' (last state: 'starting', timeout: ${patience}s)`,
      };
    }
    if (!(await wait(lookEvery))) return { kind: 'given up' };
  }
}

async function groundRuns(bodies: Bodies): Promise<boolean> {
  const ground = bodies.ground();
  return ground !== undefined && (await runs(ground));
}
