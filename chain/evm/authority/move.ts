import type { Ids, Progress } from '../../plan/authority/progress.ts';
import type { Rpc } from '../rpc.ts';
import type { Log } from '../sender.ts';

/** What the caller knows beside the action itself. */
export interface MoveOnOptions {
  /** What the call before this one returned, out of the state. @default nothing is known */
  readonly previous?: Progress | undefined;
  /** Whether what the action should bring about holds, by whatever way. @default nobody can say */
  readonly satisfied?: () => Promise<boolean>;
  /** Proposes again what was cancelled, failed, or was without effect. @default false */
  readonly again?: boolean;
}

/** One call of moveOn, for the functions behind it. */
export interface Move extends MoveOnOptions {
  readonly rpc: Rpc;
  readonly log: Log;
}

/** Hashes of the transactions that were sent so far, as far as what was recorded is about the same change. */
export function trailOf({ previous }: Move, ids: Ids): readonly string[] {
  if (previous === undefined) return [];
  const same =
    (ids.safeTxHash !== undefined && previous.ids.safeTxHash === ids.safeTxHash) ||
    (ids.operationId !== undefined && previous.ids.operationId === ids.operationId);
  return same ? previous.transactions : [];
}
