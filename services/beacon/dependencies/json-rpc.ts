import { Unhealthy } from './dependency.ts';

/** A node's refusal, with its own words for the log. */
export class RpcError extends Unhealthy {
  readonly method: string;

  constructor(method: string, message: string) {
    super(`${method} failed: ${message.slice(0, 120)}`);
    this.name = 'RpcError';
    this.method = method;
  }
}

/** Makes one call of a JSON-RPC node and gives back its result. */
export async function callNode(
  url: string,
  method: string,
  params: readonly unknown[],
  signal: AbortSignal,
): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    redirect: 'error',
    signal,
  });
  const reply: unknown = await response.json().catch(() => undefined);
  if (typeof reply !== 'object' || reply === null) {
    throw new Unhealthy(`${method}: status ${response.status} without a JSON-RPC answer`);
  }
  const { result, error } = reply as { result?: unknown; error?: { message?: unknown } | null };
  if (error !== undefined && error !== null) {
    throw new RpcError(method, typeof error.message === 'string' ? error.message : 'no reason given');
  }
  return result;
}
