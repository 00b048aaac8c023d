import { checkName, checkTarget, type Check } from '../plan/gate-check.ts';
import { firstLine, mask, seconds } from '../plan/gate-text.ts';
import type { CheckMiss } from '../plan/gate.ts';
import type { ProbeAnswer, ProbeContext } from './context.ts';
import { askHttp } from './http.ts';
import { askJsonRpc } from './json-rpc.ts';
import { pingMongo } from './mongo.ts';
import { pingRedis } from './redis.ts';
import type { Secrets } from './secrets.ts';
import { queryPostgres } from './sql.ts';
import { querySqlite } from './sqlite.ts';
import { connectTcp } from './tcp.ts';

/** Asks one check once; undefined when the answer is good. It never throws: no answer is a miss too. SIDE EFFECTS: connects. */
export async function probe(
  check: Check,
  secrets: Secrets,
  timeoutMs: number,
  cancelled?: AbortSignal,
): Promise<CheckMiss | undefined> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = cancelled === undefined ? timeout : AbortSignal.any([timeout, cancelled]);
  const safe = (text: string) => firstLine(mask(text, secrets.values()));
  const missed = (reason: string, answer: string): CheckMiss => ({
    check: checkName(check),
    target: checkTarget(check),
    reason: safe(reason),
    answer: safe(answer),
  });
  try {
    const { answer, miss } = await ask(check, { secrets, signal, timeoutMs });
    return miss === undefined ? undefined : missed(miss, answer);
  } catch (error) {
    const reason = timeout.aborted ? `no answer within ${seconds(timeoutMs)}` : failureText(error);
    return missed(reason, 'none');
  }
}

function ask(check: Check, context: ProbeContext): Promise<ProbeAnswer> {
  switch (check.kind) {
    case 'http':
      return askHttp(check, context);
    case 'jsonRpc':
      return askJsonRpc(check, context);
    case 'tcp':
      return connectTcp(check, context);
    case 'sql':
      return queryPostgres(check, context);
    case 'sqlite':
      return querySqlite(check, context);
    case 'redis':
      return pingRedis(check, context);
    case 'mongo':
      return pingMongo(check, context);
  }
}

/** A failed connection in words. Node gathers the failures of several addresses in an error without a message. */
function failureText(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(failureText).join(', ');
  }
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  return error.message === '' ? (code ?? error.name) : error.message;
}
