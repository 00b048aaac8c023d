import type { JsonRpcCheck } from '../plan/gate-check.ts';
import { rpcCalls, type RpcCall } from '../plan/gate-expect.ts';
import { answerText, send } from './http.ts';
import type { ProbeAnswer, ProbeContext } from './context.ts';
import { openHeaders } from './secrets.ts';

/** Makes the calls of a JSON-RPC check, one after the other, up to the first that is not good. */
export async function askJsonRpc(
  check: JsonRpcCheck,
  { secrets, signal }: ProbeContext,
): Promise<ProbeAnswer> {
  const headers = { 'content-type': 'application/json', ...openHeaders(check.headers, secrets) };
  let last: ProbeAnswer = { answer: '', miss: undefined };
  for (const call of rpcCalls(check.method, check.params, check.expect ?? {})) {
    last = await makeCall(check.url, headers, call, signal);
    if (last.miss !== undefined) break;
  }
  return last;
}

async function makeCall(
  url: string,
  headers: Readonly<Record<string, string>>,
  { method, params, judge }: RpcCall,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const answer = await send(url, { method: 'POST', headers, body, signal });
  const text = answerText(answer);
  const reply = parseReply(answer.body);
  if (reply === undefined) {
    return { answer: text, miss: `${method}: expected a JSON-RPC answer, got status ${answer.status}` };
  }
  if (reply.error !== undefined && reply.error !== null) {
    return { answer: text, miss: `${method}: the node answered with an error: ${errorText(reply.error)}` };
  }
  if (answer.status < 200 || answer.status > 299) {
    return { answer: text, miss: `${method}: expected status 200, got ${answer.status}` };
  }
  if (reply.id !== 1) {
    const id = reply.id === undefined ? 'no id' : `id ${JSON.stringify(reply.id)}`;
    return { answer: text, miss: `${method}: expected the answer to call 1, got one with ${id}` };
  }
  const miss = judge(reply.result);
  return { answer: text, miss: miss === undefined ? undefined : `${method}: ${miss}` };
}

function parseReply(body: string): { id?: unknown; result?: unknown; error?: unknown } | undefined {
  try {
    const reply: unknown = JSON.parse(body);
    const isReply = typeof reply === 'object' && reply !== null && ('result' in reply || 'error' in reply);
    return isReply ? reply : undefined;
  } catch {
    return undefined;
  }
}

function errorText(error: unknown): string {
  const message = (error as { message?: unknown }).message;
  return typeof message === 'string' ? message : JSON.stringify(error);
}
