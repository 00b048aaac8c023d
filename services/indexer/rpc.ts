import { NodeError, troubleOf, troubleOfStatus } from './node-error.ts';

export interface RpcOptions {
  readonly url: string;
  readonly timeoutMs: number;
  /** A longer answer counts as too much. */
  readonly maxResponseBytes: number;
  readonly signal: AbortSignal;
  /** Told of each question's end. */
  readonly onCall: (method: string, outcome: 'ok' | NodeError['kind']) => void;
}

/** A question to a node. */
export interface Call {
  readonly method: string;
  readonly params: readonly unknown[];
}

/**
 * Asks all in one request, so that one node answers it; a node that takes no lists is asked one by one. Throws a
 * NodeError when any of the questions fails. SIDE EFFECTS: asks the node.
 */
export async function askAll(options: RpcOptions, calls: readonly Call[]): Promise<unknown[]> {
  const single = calls.length === 1;
  // What decides about a failure of the request as a whole is its heaviest question.
  const method = (calls.find((call) => call.method === 'eth_getLogs') ?? calls[0])?.method ?? '';
  try {
    const questions = calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call }));
    const reply = await post(options, method, single ? questions[0] : questions);
    if (!single && !Array.isArray(reply)) {
      const { error } = (reply ?? {}) as ReplyFields;
      if (typeof error?.message !== 'string') throw new NodeError('malformed', 'no list came for a list');
      const trouble = troubleOf(method, error.message);
      if (trouble !== 'refused') throw new NodeError(trouble, describe(method, error.message));
      const answers: unknown[] = [];
      for (const call of calls) answers.push((await askAll(options, [call]))[0]);
      return answers;
    }
    const replies = (single ? [reply] : reply) as Reply[];
    const answers = calls.map((call, id) =>
      resultOf(
        call.method,
        replies.find((each) => each?.id === id),
      ),
    );
    for (const call of calls) options.onCall(call.method, 'ok');
    return answers;
  } catch (error) {
    options.onCall(method, error instanceof NodeError ? error.kind : 'unreachable');
    throw error;
  }
}

interface ReplyFields {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message?: unknown } | null;
}
type Reply = ReplyFields | null | undefined;

function resultOf(method: string, reply: Reply): unknown {
  const message = reply?.error?.message;
  if (reply?.error) {
    const text = typeof message === 'string' ? message : 'no reason given';
    throw new NodeError(troubleOf(method, text), describe(method, text));
  }
  if (reply?.result === undefined)
    throw new NodeError('malformed', `${method}: there is no result in the answer`);
  return reply.result;
}

async function post(options: RpcOptions, method: string, body: unknown): Promise<unknown> {
  const late = AbortSignal.timeout(options.timeoutMs);
  try {
    const response = await fetch(options.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.any([options.signal, late]),
    });
    const trouble = troubleOfStatus(method, response.status);
    const text = await readBody(response, options.maxResponseBytes, method);
    const reply = parsed(text);
    if (trouble !== undefined && !isReply(reply)) {
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      const pause = Number.isFinite(seconds) ? seconds * 1000 : undefined;
      throw new NodeError(trouble, `${method}: status ${response.status}`, pause);
    }
    if (reply === undefined) {
      throw new NodeError('malformed', `${method}: status ${response.status} without JSON`);
    }
    return reply;
  } catch (error) {
    if (error instanceof NodeError || options.signal.aborted) throw error;
    // What takes too long is asked for in smaller pieces, where it has pieces.
    if (late.aborted) {
      const kind = method === 'eth_getLogs' ? 'too-much' : 'unreachable';
      throw new NodeError(kind, `${method}: no answer within ${options.timeoutMs} ms`);
    }
    throw new NodeError('unreachable', `${method}: ${reasonOf(error)}`);
  }
}

async function readBody(response: Response, limit: number, method: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += (part as Uint8Array).length;
    if (length > limit) throw new NodeError('too-much', `${method}: an answer of more than ${limit} bytes`);
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** An error that the node explains itself says more than the status that it came with. */
function isReply(reply: unknown): boolean {
  return Array.isArray(reply) || typeof (reply as Reply)?.error?.message === 'string';
}

function describe(method: string, message: string): string {
  return `${method}: ${message.slice(0, 200)}`;
}

function reasonOf(error: unknown): string {
  const cause = (error as { cause?: NodeJS.ErrnoException }).cause;
  return cause?.code ?? (error instanceof Error ? error.message : String(error));
}
