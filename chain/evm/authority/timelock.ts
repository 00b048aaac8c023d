import { CutoverError } from '@cutover/base/errors.ts';
import type { Action } from '../../plan/authority/action.ts';
import type { TimelockAuthority } from '../../plan/authority/authority.ts';
import type { Progress } from '../../plan/authority/progress.ts';
import { delayNote, planTimelock } from '../../plan/authority/timelock.ts';
import type { Move } from './move.ts';
import { minDelayOf } from './timelock-facts.ts';
import { lookAtTimelock } from './timelock-look.ts';
import { takeTimelockStep } from './timelock-steps.ts';

// There are four steps: cancel, schedule, execute, see that it is done. Others may act in between.
const mostTurns = 10;
/** Moves an action on that a time lock is to carry out. SIDE EFFECTS: writes files, sends transactions. */
export async function moveTimelock(
  move: Move,
  authority: TimelockAuthority,
  action: Action,
): Promise<Progress> {
  const timelockMove = { ...move, authority, action };
  const { address, delaySeconds } = authority;
  const note = delayNote(await minDelayOf(move.rpc, address), delaySeconds);
  if (note !== undefined) move.log(`${action.purpose}: ${note}`);
  let sent: readonly string[] = [];
  const ours = new Set<string>();
  for (let turn = 1; turn <= mostTurns; turn++) {
    const look = await lookAtTimelock(timelockMove, sent, ours);
    const taken = await takeTimelockStep(timelockMove, planTimelock(look.facts), look);
    if (taken.kind !== 'look again') return taken;
    sent = [...sent, ...taken.sent];
    ours.add(look.id);
  }
  throw new CutoverError('CUT-2266', { purpose: action.purpose, address });
}
