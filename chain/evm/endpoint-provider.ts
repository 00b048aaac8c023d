import {
  JsonRpcProvider,
  type JsonRpcError,
  type JsonRpcPayload,
  type JsonRpcResult,
  type Network,
} from 'ethers/providers';

/** No answer: refused connection, time over, or no JSON-RPC at the other end. Another endpoint may do better. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** The node answered with an error. */
export class NodeRefusal extends Error {
  override readonly name = 'NodeRefusal';
  readonly code: number;
  /** What a reverted call returned. */
  readonly data: string | undefined;

  constructor(error: JsonRpcError['error']) {
    super(error.message ?? `error ${error.code}`);
    this.code = error.code;
    this.data = revertData(error.data);
  }
}

/**
 * ethers' provider over one endpoint, with a transport of our own: it really ends after its time (ethers leaves the
 * socket open), tries once, and no error carries the URL, which may hold a key. Nothing is cached: with ethers' default
 * of 250 ms the next nonce comes out stale.
 */
export class EndpointProvider extends JsonRpcProvider {
  readonly #url: string;
  readonly #timeoutMs: number;

  constructor(url: string, network: Network, timeoutMs: number) {
    super(url, network, { staticNetwork: network, cacheTimeout: -1, batchMaxCount: 1 });
    this.#url = url;
    this.#timeoutMs = timeoutMs;
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    let text: string;
    let status: number;
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(payload),
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      [text, status] = [await response.text(), response.status];
    } catch (error) {
      throw new Unreachable(reasonOf(error, this.#timeoutMs));
    }
    const answer = parse(text);
    // Some nodes answer refusals with a status of 400 or 500 and proper JSON-RPC. A wrong key or too many requests is
    // the endpoint's affair, whatever it writes.
    if (answer === undefined || [401, 403, 429].includes(status)) {
      throw new Unreachable(
        status === 200 ? 'its answer is not JSON-RPC' : `it answers with HTTP status ${status}`,
      );
    }
    // ethers' type leaves errors out; its code expects them.
    return (Array.isArray(answer) ? answer : [answer]) as JsonRpcResult[];
  }

  override getRpcError(_payload: JsonRpcPayload, { error }: JsonRpcError): Error {
    return new NodeRefusal(error);
  }
}

type Answer = JsonRpcResult | JsonRpcError;

function parse(text: string): Answer | Answer[] | undefined {
  try {
    const answer = JSON.parse(text) as Answer | Answer[] | null;
    const first = Array.isArray(answer) ? answer[0] : answer;
    return first !== null && typeof first === 'object' && ('result' in first || 'error' in first)
      ? (answer ?? undefined)
      : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'the connection failed';
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  const cause = error.cause as { readonly code?: unknown } | undefined;
  const code = typeof cause?.code === 'string' ? cause.code : undefined;
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'ENOTFOUND':
      return 'there is no host of that name';
    case undefined:
      return 'the connection failed';
    default:
      return `the connection failed (${code})`;
  }
}

function revertData(data: unknown): string | undefined {
  if (typeof data === 'string') return data.startsWith('0x') ? data : undefined;
  // Some nodes wrap it: { data: '0x…' }.
  const inner = (data as { readonly data?: unknown } | null | undefined)?.data;
  return typeof inner === 'string' && inner.startsWith('0x') ? inner : undefined;
}
