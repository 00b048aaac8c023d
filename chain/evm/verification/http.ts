import { retryAfterMs } from '../../plan/endpoint-state.ts';
import type { Reply } from '../../plan/verification/reply.ts';

/** One request to an explorer. */
export interface Exchange {
  /** It may hold a key: it is printed nowhere. */
  readonly url: URL;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

/**
 * Sends a request and reads what comes back, as JSON where it is. It ends after its time, follows no redirect (the
 * request may hold a key), never throws, and no reason that it gives holds the URL. SIDE EFFECTS: one HTTP request.
 */
export async function exchange(request: Exchange, timeoutMs: number): Promise<Reply> {
  try {
    const response = await fetch(request.url, {
      ...posted(request),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    const wait = retryAfterMs(response.headers.get('retry-after'), Date.now());
    return parsed(text, {
      http: response.status,
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    });
  } catch (error) {
    return { kind: 'nothing', ...reasonOf(error, timeoutMs) };
  }
}

function posted({ form, json }: Exchange): RequestInit {
  if (form !== undefined) return { method: 'POST', body: new URLSearchParams(form) };
  if (json === undefined) return {};
  return { method: 'POST', body: JSON.stringify(json), headers: { 'content-type': 'application/json' } };
}

function parsed(text: string, about: { readonly http: number; readonly retryAfterMs?: number }): Reply {
  try {
    return { kind: 'json', ...about, json: JSON.parse(text) as unknown };
  } catch {
    return { kind: 'no json', ...about };
  }
}

function reasonOf(
  error: unknown,
  timeoutMs: number,
): { readonly trouble: 'silent' | 'absent' | 'broken'; readonly reason: string } {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return { trouble: 'silent', reason: `no answer within ${Math.ceil(timeoutMs / 1000)} s` };
  }
  const cause = error instanceof Error ? (error.cause as { readonly code?: unknown } | undefined) : undefined;
  switch (cause?.code) {
    case 'ECONNREFUSED':
      return { trouble: 'absent', reason: 'nothing listens there' };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { trouble: 'absent', reason: 'its name is not found' };
    default: {
      const code = typeof cause?.code === 'string' ? ` (${cause.code})` : '';
      return { trouble: 'broken', reason: `the connection failed${code}` };
    }
  }
}
