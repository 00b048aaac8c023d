import { classifyRefusal } from '../../plan/transaction/refusal.ts';
import type { RpcAnswer } from '../../rpc/answers.ts';
import { questionOf, type Failure } from '../../rpc/exchange.ts';
import type { Pool } from '../../rpc/pool.ts';

/**
 * What one endpoint did with a transaction. `known`: it has it already, which is as good as taken. `waiting`: it has
 * not answered yet, when another had taken it.
 */
export interface BroadcastOutcome {
  readonly endpoint: string;
  readonly kind: 'accepted' | 'known' | 'refused' | 'unreachable' | 'waiting';
  /** What the endpoint said, or why it could not be reached. */
  readonly message?: string;
  readonly code?: number;
}

export interface Broadcast {
  /** Whether an endpoint has the transaction. */
  readonly taken: boolean;
  readonly outcomes: readonly BroadcastOutcome[];
}

const graceMs = 500;

/**
 * Hands a signed transaction to all endpoints that are well, and returns soon after the first has taken it. Where none
 * could be reached, the pool tries with all of its patience. SIDE EFFECTS: sends a transaction.
 */
export async function broadcastTo(pool: Pool, raw: string, timeoutMs: number): Promise<Broadcast> {
  const question = questionOf('eth_sendRawTransaction', [raw]);
  const indexes = pool.usable();
  const outcomes = new Map<number, BroadcastOutcome>();
  if (indexes.length > 1) {
    const taken = Promise.withResolvers<void>();
    const all = Promise.all(
      indexes.map(async (index) => {
        const outcome = outcomeOf(pool.label(index), await pool.askOne(index, question, timeoutMs));
        outcomes.set(index, outcome);
        if (isTaken(outcome)) taken.resolve();
      }),
    );
    await Promise.race([all, taken.promise]);
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([all, new Promise((resolve) => (timer = setTimeout(resolve, graceMs)))]);
    clearTimeout(timer);
  }
  const told = indexes.map(
    (index) => outcomes.get(index) ?? ({ endpoint: pool.label(index), kind: 'waiting' } as const),
  );
  if (indexes.length > 1 && told.some(({ kind }) => kind !== 'unreachable')) {
    return { taken: told.some(isTaken), outcomes: told };
  }
  const { answer, endpoint } = await pool.ask(question, timeoutMs);
  const outcome = outcomeOf(endpoint, answer);
  return { taken: isTaken(outcome), outcomes: [...(indexes.length > 1 ? told : []), outcome] };
}

function outcomeOf(endpoint: string, answer: RpcAnswer | Failure): BroadcastOutcome {
  if ('trouble' in answer) return { endpoint, kind: 'unreachable', message: answer.reason };
  if (answer.kind === 'value') return { endpoint, kind: 'accepted' };
  const { code, message } = answer;
  const kind = classifyRefusal(message) === 'known' ? 'known' : 'refused';
  return { endpoint, kind, message, code };
}

function isTaken({ kind }: BroadcastOutcome): boolean {
  return kind === 'accepted' || kind === 'known';
}
