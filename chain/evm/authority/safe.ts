import { CutoverError } from '@cutover/base/errors.ts';
import { callsOf, type Action } from '../../plan/authority/action.ts';
import type { SafeAuthority } from '../../plan/authority/authority.ts';
import type { Progress } from '../../plan/authority/progress.ts';
import { planSafe } from '../../plan/authority/safe.ts';
import { safeCallOf } from '../../plan/authority/safe-transaction.ts';
import type { Move } from './move.ts';
import { findMultiSend } from './safe-facts.ts';
import { lookAtSafe } from './safe-look.ts';
import { takeSafeStep } from './safe-steps.ts';
import { inTurn } from './turns.ts';

// There are four steps: propose, sign, execute, see that it is done. Others may act in between.
const mostTurns = 10;

/** Moves an action on that a Safe is to carry out. SIDE EFFECTS: writes files, sends transactions. */
export function moveSafe(move: Move, authority: SafeAuthority, action: Action): Promise<Progress> {
  const { rpc } = move;
  // Actions of one Safe take turns: each needs a nonce of its own.
  return inTurn(`${rpc.network.chainId}:${authority.address.toLowerCase()}`, async () => {
    const multiSend = callsOf(action).length === 1 ? '' : await findMultiSend(rpc);
    const safeMove = { ...move, authority, action, call: safeCallOf(action, multiSend) };
    const told = new Set<string>();
    const log = (line: string): void => {
      if (!told.has(line)) move.log(line);
      told.add(line);
    };
    let sent: readonly string[] = [];
    for (let turn = 1; turn <= mostTurns; turn++) {
      const look = await lookAtSafe({ ...safeMove, log }, sent);
      const taken = await takeSafeStep({ ...safeMove, log }, planSafe(look.facts), look);
      if (taken.kind !== 'look again') return taken;
      sent = [...sent, ...taken.sent];
    }
    throw new CutoverError('CUT-2266', { purpose: action.purpose, address: authority.address });
  });
}
