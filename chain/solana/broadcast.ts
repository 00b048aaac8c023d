import type { RpcAnswer } from '../rpc/answers.ts';
import { questionOf, type Failure } from '../rpc/exchange.ts';
import type { Pool } from '../rpc/pool.ts';

/**
 * What became of a transaction that was handed over.
 * - `taken`: an endpoint has it, or had it already. Whether it lands is another question.
 * - `stale`: its blockhash is not known there: too old, or too new for a node that is behind.
 * - `refused`: no endpoint wants it.
 */
export type Broadcast =
  { readonly kind: 'taken' } | { readonly kind: 'stale' | 'refused'; readonly message: string };

/**
 * Hands a signed transaction to the endpoint that is asked anyway, or to all that are well. Nodes neither try it first,
 * which costs each chunk of a program a round trip, nor send it again by themselves. SIDE EFFECTS: sends a transaction.
 */
export async function broadcastTo(
  pool: Pool,
  raw: string,
  to: 'one' | 'all',
  timeoutMs: number,
): Promise<Broadcast> {
  const how = { encoding: 'base64', skipPreflight: true, maxRetries: 0 };
  const question = questionOf('sendTransaction', [raw, how]);
  const indexes = to === 'all' ? pool.usable() : [];
  if (indexes.length > 1) {
    const answers = await Promise.all(indexes.map((index) => pool.askOne(index, question, timeoutMs)));
    const outcomes = answers.filter((answer): answer is RpcAnswer => !isFailure(answer)).map(broadcastOf);
    const best = outcomes.find(({ kind }) => kind === 'taken') ?? outcomes[0];
    if (best !== undefined) return best;
  }
  return broadcastOf((await pool.ask(question, timeoutMs)).answer);
}

function broadcastOf(answer: RpcAnswer): Broadcast {
  if (answer.kind === 'value') return { kind: 'taken' };
  const { message } = answer;
  if (/already (been )?processed/i.test(message)) return { kind: 'taken' };
  return { kind: /blockhash not found/i.test(message) ? 'stale' : 'refused', message };
}

function isFailure(answer: RpcAnswer | Failure): answer is Failure {
  return 'trouble' in answer;
}
