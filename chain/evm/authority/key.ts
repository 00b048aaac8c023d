import { actionDigest, callsOf, type Action } from '../../plan/authority/action.ts';
import type { KeyAuthority } from '../../plan/authority/authority.ts';
import type { Progress } from '../../plan/authority/progress.ts';
import { openAccount } from '../account.ts';
import type { Move } from './move.ts';
import { sendAndWait, type Sent } from './send.ts';

/**
 * Does an action with a key: each call is a transaction of its own. A call that fails stops those behind it, and the
 * next attempt begins with the first again, unless the sender has the transaction in its journal.
 * SIDE EFFECTS: sends transactions.
 */
export async function moveKey(move: Move, authority: KeyAuthority, action: Action): Promise<Progress> {
  const { rpc, log, satisfied } = move;
  if (satisfied !== undefined && (await satisfied())) {
    const reason = 'what it should bring about holds already';
    return { kind: 'executed elsewhere', reason, ids: {}, transactions: [] };
  }
  const account = await openAccount(authority.signer, rpc.network);
  const calls = callsOf(action);
  const sent: Sent[] = [];
  for (const [index, { to, data, value }] of calls.entries()) {
    const purpose =
      calls.length === 1 ? action.purpose : `${action.purpose} (${index + 1} of ${calls.length})`;
    const key = `${action.key}/${actionDigest(action).slice(0, 10)}/${index}`;
    const sending = { to, data, value: value ?? 0n, purpose, key, abi: action.abi ?? [] };
    sent.push(await sendAndWait(rpc, account, sending, log));
  }
  const last = sent.at(-1) ?? { transactionHash: '', blockNumber: 0 };
  const transactions = sent.map(({ transactionHash }) => transactionHash);
  return { kind: 'done', ...last, ids: {}, transactions };
}
