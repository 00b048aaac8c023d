import type { Trouble } from '../plan/endpoint-state.ts';

/** What a node answered: a value, or its refusal. */
export type RpcAnswer =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly code: number; readonly message: string; readonly data?: string };

/**
 * What a reply of a node says about the questions that were sent.
 * - `answers`: by the numbers of the questions; some may be missing.
 * - `batch refused`: it wants fewer questions at once.
 * - `failed`: the endpoint is of no use at the moment.
 */
export type Reading =
  | {
      readonly kind: 'answers';
      readonly byId: ReadonlyMap<number, RpcAnswer>;
      readonly busy: readonly number[];
    }
  | { readonly kind: 'batch refused' }
  | { readonly kind: 'failed'; readonly trouble: Trouble; readonly reason: string };

/** Reads the reply to a single question (one id, sent as an object) or to a batch. Never throws, whatever the text. */
export function readReply(status: number, text: string, ids: readonly number[], batch: boolean): Reading {
  const trouble = troubleOfStatus(status);
  if (trouble !== undefined) return trouble;
  const json = parse(text);
  if (batch && !Array.isArray(json)) {
    // One error for all, or an error page: nodes say in many ways that they take no batch, or none of that size.
    const single = isRecord(json) && 'error' in json;
    return single || [400, 404, 405, 413, 415, 422, 501].includes(status)
      ? { kind: 'batch refused' }
      : notJsonRpc(status);
  }
  const items = (Array.isArray(json) ? json : [json]).filter(isRecord);
  const byId = new Map<number, RpcAnswer>();
  const busy: number[] = [];
  for (const item of items) {
    // An error that a node could not tie to a question has the id null; with one question it is clear which.
    const id = item['id'] === null && 'error' in item && !batch ? ids[0] : numberOf(item['id']);
    const answer = answerOf(item);
    if (answer === undefined || id === undefined || !ids.includes(id) || byId.has(id)) continue;
    if (isBusy(answer)) busy.push(id);
    else byId.set(id, answer);
  }
  if (byId.size > 0 || busy.length > 0) return { kind: 'answers', byId, busy };
  if (batch && items.some((item) => item['id'] === null && 'error' in item)) return { kind: 'batch refused' };
  return items.some((item) => answerOf(item) !== undefined)
    ? { kind: 'failed', trouble: 'broken', reason: 'its answer belongs to another question' }
    : notJsonRpc(status);
}

/** The number of a question, which some nodes give back as text. What JSON makes of anything else may throw as text. */
function numberOf(id: unknown): number | undefined {
  return typeof id === 'number' || typeof id === 'string' ? Number(id) : undefined;
}

/** What an HTTP status says on its own. Others may come with proper JSON-RPC: some nodes refuse with 400 or 500. */
function troubleOfStatus(status: number): Reading | undefined {
  const reason = `it answers with HTTP status ${status}`;
  if (status >= 300 && status < 400) {
    return { kind: 'failed', trouble: 'broken', reason: `it redirects elsewhere (HTTP status ${status})` };
  }
  switch (status) {
    case 401:
    case 403:
      return { kind: 'failed', trouble: 'denied', reason };
    case 429:
    case 503:
      return { kind: 'failed', trouble: 'busy', reason };
    case 502:
    case 504:
      return { kind: 'failed', trouble: 'broken', reason };
    default:
      return undefined;
  }
}

function notJsonRpc(status: number): Reading {
  const reason = status === 200 ? 'its answer is not JSON-RPC' : `it answers with HTTP status ${status}`;
  return { kind: 'failed', trouble: 'broken', reason };
}

function answerOf(item: Readonly<Record<string, unknown>>): RpcAnswer | undefined {
  const error = item['error'];
  if (error !== undefined && error !== null) return refusalOf(error);
  return 'result' in item ? { kind: 'value', value: item['result'] } : undefined;
}

function refusalOf(error: unknown): RpcAnswer {
  if (!isRecord(error))
    return { kind: 'refused', code: 0, message: typeof error === 'string' ? error : JSON.stringify(error) };
  const code = Number.isFinite(error['code']) ? (error['code'] as number) : 0;
  const message = typeof error['message'] === 'string' ? error['message'] : `error ${code}`;
  const data = revertData(error['data']);
  return { kind: 'refused', code, message, ...(data === undefined ? {} : { data }) };
}

/** Too many requests, said in JSON instead of HTTP. A contract may revert with the same words. */
function isBusy(answer: RpcAnswer): boolean {
  if (answer.kind === 'value' || answer.data !== undefined || /revert/i.test(answer.message)) return false;
  return (
    answer.code === 429 || /rate.?limit|too many requests|compute units|request limit/i.test(answer.message)
  );
}

function revertData(data: unknown): string | undefined {
  if (typeof data === 'string') return data.startsWith('0x') ? data : undefined;
  // Some nodes wrap it: { data: '0x…' }.
  const inner = isRecord(data) ? data['data'] : undefined;
  return typeof inner === 'string' && inner.startsWith('0x') ? inner : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
