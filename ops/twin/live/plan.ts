import type { BodyOf, BodyState } from './body.ts';

/** A thing that is to have a body. */
export interface WantedBody extends BodyOf {
  /** When the thing was made: one of the same id that was made later is another. */
  readonly createdMs: number;
  readonly digest: string;
}

/** A body as far as the plan looks at it. */
export interface StandingBody extends BodyOf {
  readonly createdMs: number;
  readonly state: BodyState;
  /** What it was made from, or tried to be. */
  readonly digest: string;
  readonly alive: boolean;
  /** Whether somebody has asked for it since it failed. */
  readonly asked: boolean;
  /** Whether it is being worked on: what is to come next is seen when that is done. */
  readonly busy: boolean;
}

/** What is to be done about a body, and why. */
export type BodyStep =
  | { readonly do: 'bring'; readonly of: WantedBody; readonly because: 'new' | 'changed' | 'died' | 'asked' }
  | { readonly do: 'remove'; readonly of: BodyOf };

/** Names a body. */
export function bodyKey({ type, id, account, region }: BodyOf): string {
  return JSON.stringify([type, id, account, region]);
}

/**
 * What brings the bodies that stand in line with those that are wanted, one step at most for each. What failed rests
 * until something about it changes or somebody asks for it.
 */
export function planBodies(
  wanted: readonly WantedBody[],
  bodies: readonly StandingBody[],
): readonly BodyStep[] {
  const standing = new Map(bodies.map((body) => [bodyKey(body), body]));
  const wantedKeys = new Map(wanted.map((each) => [bodyKey(each), each]));
  const brought = wanted.flatMap((of): readonly BodyStep[] => {
    const body = standing.get(bodyKey(of));
    if (body === undefined) return [{ do: 'bring', of, because: 'new' }];
    const because = body.busy || body.createdMs !== of.createdMs ? undefined : reasonToBring(of, body);
    return because === undefined ? [] : [{ do: 'bring', of, because }];
  });
  const removed = bodies.flatMap((body): readonly BodyStep[] => {
    const rests = body.state === 'failed' && body.digest === gone && !body.asked;
    const isWanted = wantedKeys.get(bodyKey(body))?.createdMs === body.createdMs;
    return isWanted || body.busy || rests ? [] : [{ do: 'remove', of: body }];
  });
  return [...removed, ...brought];
}

/** The digest of a body that is to go. */
export const gone = '';

function reasonToBring(
  of: WantedBody,
  { state, digest, alive, asked }: StandingBody,
): 'changed' | 'died' | 'asked' | undefined {
  if (digest !== of.digest) return 'changed';
  if (state === 'failed') return asked ? 'asked' : undefined;
  // One that a ground was bringing when it was killed is brought as one that died.
  return state === 'starting' || !alive ? 'died' : undefined;
}
