import { agreementOf, type QuorumAnswer, type Vote } from '../../plan/quorum.ts';
import type { RpcAnswer } from '../../rpc/answers.ts';
import type { Question } from '../../rpc/exchange.ts';
import type { Pool, PoolAnswer } from '../../rpc/pool.ts';

/**
 * Asks as many endpoints as are needed, and further ones where they differ or fail. One that refuses has no vote; what
 * it said is handed back when no other has one either. SIDE EFFECTS: HTTP requests.
 */
export async function askQuorum(
  pool: Pool,
  question: Question,
  need: number,
  timeoutMs: number,
): Promise<QuorumAnswer | (PoolAnswer & { readonly kind: 'refused' })> {
  const waiting = [...pool.usable()];
  const votes: Vote[] = [];
  let refusal: (RpcAnswer & { readonly kind: 'refused' }) | undefined;
  while (waiting.length > 0 && (waiting.length > 1 || votes.length > 0 || refusal !== undefined)) {
    const agreement = agreementOf(question.method, votes, need);
    if (agreement.kind === 'agreed') return agreement;
    const next = waiting.splice(0, need - agreement.most);
    const answers = await Promise.all(next.map((index) => pool.askOne(index, question, timeoutMs)));
    for (const [at, answer] of answers.entries()) {
      if ('trouble' in answer) continue;
      if (answer.kind === 'value') votes.push({ endpoint: pool.label(next[at] ?? 0), value: answer.value });
      else refusal ??= answer;
    }
  }
  const agreement = agreementOf(question.method, votes, need);
  if (agreement.kind === 'agreed') return agreement;
  if (votes.length > 1) return { kind: 'disagreed', votes };

  const of = pool.report().length;
  const [only] = votes;
  if (only !== undefined) return { kind: 'alone', value: only.value, by: only.endpoint, of };
  const { answer, endpoint } = await pool.ask(question, timeoutMs);
  return answer.kind === 'value'
    ? { kind: 'alone', value: answer.value, by: endpoint, of }
    : { kind: 'refused', answer, endpoint };
}
