import { reserve, type Trouble } from '../plan/endpoint-state.ts';
import { readReply, type Reading, type RpcAnswer } from './answers.ts';
import { post, type Address } from './http.ts';

/** One endpoint, as this process talks to it. */
export interface Connection {
  readonly address: Address;
  readonly requestsPerSecond: number | undefined;
  /** When it may be sent the next call, where its owner limits them. */
  freeAt: number;
}

/** A question, ready to be sent: its method and parameters as JSON, by which doubles are known. */
export interface Question {
  readonly method: string;
  readonly json: string;
}

/** How often nodes were asked: calls, and the HTTP requests that they travelled in. */
export interface RpcCounts {
  calls: number;
  roundTrips: number;
}

/** Why an endpoint did not answer all that it was asked. */
export interface Failure {
  readonly trouble: Trouble;
  readonly reason: string;
  readonly retryAfterMs?: number | undefined;
}

/** What came of an exchange beside the answers. */
export interface Outcome {
  readonly failure: Failure | undefined;
  readonly batchRefused: boolean;
}

const batchBytes = 500_000;
const batchesAtOnce = 4;
let lastId = 0;

/** Writes a question down. Throws where its parameters are no JSON. */
export function questionOf(method: string, params: readonly unknown[]): Question {
  return { method, json: `"method":${JSON.stringify(method)},"params":${JSON.stringify(params)}` };
}

/**
 * Asks one endpoint, many questions in one round trip, and hands each answer on as it comes. What a batch leaves
 * unanswered is asked once more, one by one. SIDE EFFECTS: HTTP requests.
 */
export async function exchange(
  connection: Connection,
  questions: readonly Question[],
  batchSize: number,
  timeoutMs: number,
  counts: RpcCounts,
  settle: (question: Question, answer: RpcAnswer) => void,
): Promise<Outcome> {
  let failure: Failure | undefined;
  let batchRefused = false;
  const waiting = batchesOf(questions, batchSize);
  const work = async (): Promise<void> => {
    for (let batch = waiting.shift(); batch !== undefined && failure === undefined; batch = waiting.shift()) {
      const { reading, byQuestion } = await send(connection, batch, timeoutMs, counts);
      if (reading.kind === 'batch refused') {
        batchRefused = true;
        continue;
      }
      if (reading.kind === 'failed') {
        failure ??= reading;
        continue;
      }
      for (const [question, answer] of byQuestion) settle(question, answer);
      if (reading.busy.length > 0)
        failure ??= { trouble: 'busy', reason: 'it says that there are too many requests' };
      else if (batch.length > 1) {
        waiting.push(...batch.filter((question) => !byQuestion.has(question)).map((question) => [question]));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(batchesAtOnce, waiting.length) }, work));
  return { failure, batchRefused };
}

async function send(
  connection: Connection,
  batch: readonly Question[],
  timeoutMs: number,
  counts: RpcCounts,
): Promise<{
  readonly reading: Reading & { readonly retryAfterMs?: number | undefined };
  readonly byQuestion: ReadonlyMap<Question, RpcAnswer>;
}> {
  const turn = reserve(connection.freeAt, batch.length, connection.requestsPerSecond, performance.now());
  connection.freeAt = turn.freeAt;
  if (turn.waitMs > 0) await new Promise((resolve) => setTimeout(resolve, turn.waitMs));

  const ids = batch.map(() => ++lastId);
  const items = batch.map(({ json }, index) => `{"jsonrpc":"2.0","id":${ids[index]},${json}}`);
  const isBatch = items.length > 1;
  const body = isBatch ? `[${items.join(',')}]` : items.join('');
  const reply = await post(connection.address, body, timeoutMs, () => {
    counts.calls += batch.length;
    counts.roundTrips++;
  });
  if (reply.kind === 'nothing') return { reading: { ...reply, kind: 'failed' }, byQuestion: new Map() };
  const reading = readReply(reply.status, reply.text, ids, isBatch);
  const byQuestion = new Map<Question, RpcAnswer>();
  if (reading.kind === 'answers') {
    for (const [index, question] of batch.entries()) {
      const answer = reading.byId.get(ids[index] ?? 0);
      if (answer !== undefined) byQuestion.set(question, answer);
    }
  }
  return { reading: { ...reading, retryAfterMs: reply.retryAfterMs }, byQuestion };
}

/** At most so many questions and so many bytes at once; what is larger on its own goes alone. */
function batchesOf(questions: readonly Question[], size: number): Question[][] {
  const batches: Question[][] = [];
  let bytes = Infinity;
  for (const question of questions) {
    const last = batches.at(-1);
    bytes += question.json.length;
    if (last !== undefined && last.length < size && bytes <= batchBytes) last.push(question);
    else {
      batches.push([question]);
      bytes = question.json.length;
    }
  }
  return batches;
}
