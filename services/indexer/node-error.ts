/**
 * Why a node's answer cannot be used: it asks for smaller questions, for fewer of them, does not have the block (yet),
 * cannot be reached, said nonsense, or refused.
 */
export type NodeTrouble = 'too-much' | 'busy' | 'behind' | 'unreachable' | 'malformed' | 'refused';

/** A question to the node that failed. All of them are asked again; the kind decides how and when. */
export class NodeError extends Error {
  readonly kind: NodeTrouble;
  /** How long the node asked to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: NodeTrouble, message: string, retryAfterMs?: number) {
    super(message);
    this.name = 'NodeError';
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

// Providers agree on no code. Infura's -32005 means both "too many requests" and "too many results".
const tooOften = /rate limit|too many requests|request rate|throttl|compute units|per second|quota|capacity/i;
const tooMuch =
  /more than \d+ results|too many (results|logs|blocks)|(block )?range|response size|size exceed|exceeds? (the )?(max|limit)|limit exceeded|limited to|query timeout|timed? ?out|too large/i;
const notThere =
  /unknown block|block not found|header not found|could not find block|out ?of ?range|beyond current head|after last accepted|height is \d+ but requested/i;

/** What an error in a JSON-RPC answer means for who asked. */
export function troubleOf(method: string, message: string): NodeTrouble {
  if (tooOften.test(message)) return 'busy';
  if (notThere.test(message)) return 'behind';
  return method === 'eth_getLogs' && tooMuch.test(message) ? 'too-much' : 'refused';
}

/** What an HTTP status other than 2xx means for who asked; undefined when the body is to be read all the same. */
export function troubleOfStatus(method: string, status: number): NodeTrouble | undefined {
  if (status === 429 || status === 503) return 'busy';
  if (method === 'eth_getLogs' && [408, 413, 504].includes(status)) return 'too-much';
  return status >= 500 ? 'unreachable' : undefined;
}
