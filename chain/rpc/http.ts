import { retryAfterMs, type Trouble } from '../plan/endpoint-state.ts';

/** What came back over HTTP: some text, or the reason why there is none. */
export type Reply =
  | {
      readonly kind: 'text';
      readonly status: number;
      readonly text: string;
      readonly retryAfterMs: number | undefined;
    }
  | { readonly kind: 'nothing'; readonly trouble: Trouble; readonly reason: string };

/** Where an endpoint is. Its URL may hold a key: only the label is safe to print. */
export interface Address {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly label: string;
}

/** Splits user and password off a URL, since fetch wants none in it. */
export function addressOf(text: string, secretName?: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Paths, queries and user names of endpoints carry keys.
  const origin = url?.origin ?? 'an endpoint that is not a URL';
  const label = secretName === undefined ? origin : `${origin} (${secretName})`;
  if (url === undefined || url.username === '') return { url: text, headers: {}, label };
  const account = `${decoded(url.username)}:${decoded(url.password)}`;
  url.username = url.password = '';
  return {
    url: url.href,
    headers: { authorization: `Basic ${Buffer.from(account).toString('base64')}` },
    label,
  };
}

/**
 * Posts JSON. It really ends after its time, follows no redirect (the request may hold a key), and no reason that it
 * gives holds the URL. SIDE EFFECTS: one HTTP request; a second one where a kept connection turned out to be closed.
 */
export async function post(
  address: Address,
  body: string,
  timeoutMs: number,
  sent: () => void,
): Promise<Reply> {
  if (!/^https?:/i.test(address.url)) {
    return { kind: 'nothing', trouble: 'denied', reason: 'its URL is not one of http:// or https://' };
  }
  const deadline = performance.now() + timeoutMs;
  for (let attempt = 1; ; attempt++) {
    try {
      sent();
      const response = await fetch(address.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...address.headers },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(Math.max(1, Math.ceil(deadline - performance.now()))),
      });
      const text = await response.text();
      const wait = retryAfterMs(response.headers.get('retry-after'), Date.now());
      return { kind: 'text', status: response.status, text, retryAfterMs: wait };
    } catch (error) {
      const code = codeOf(error);
      // A server may close a kept connection just when the next request goes out.
      if (attempt === 1 && (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE')) continue;
      return { kind: 'nothing', ...reasonOf(error, code, timeoutMs) };
    }
  }
}

function reasonOf(
  error: unknown,
  code: string | undefined,
  timeoutMs: number,
): { readonly trouble: Trouble; readonly reason: string } {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return { trouble: 'silent', reason: `no answer within ${timeoutMs / 1000} s` };
  }
  switch (code) {
    case 'ECONNREFUSED':
      return { trouble: 'absent', reason: 'nothing listens there' };
    case 'ENOTFOUND':
      return { trouble: 'absent', reason: 'there is no host of that name' };
    case 'UND_ERR_CONNECT_TIMEOUT':
      return { trouble: 'silent', reason: 'no connection within 10 s' };
    case undefined:
      return { trouble: 'broken', reason: 'the connection failed' };
    default:
      return { trouble: 'broken', reason: `the connection failed (${code})` };
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function codeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? (error.cause as { readonly code?: unknown } | undefined) : undefined;
  return typeof cause?.code === 'string' ? cause.code : undefined;
}
