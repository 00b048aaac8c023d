import type { Answer } from './standing.ts';

/** What came back from an explorer: JSON, something else, or nothing. */
export type Reply =
  | { readonly kind: 'json'; readonly http: number; readonly json: unknown; readonly retryAfterMs?: number }
  | { readonly kind: 'no json'; readonly http: number; readonly retryAfterMs?: number }
  | { readonly kind: 'nothing'; readonly trouble: 'silent' | 'absent' | 'broken'; readonly reason: string };

/** What a reply means whatever was asked; undefined where the explorer's own words must be read. */
export function readTrouble(reply: Reply): Answer | undefined {
  if (reply.kind === 'nothing') {
    return { kind: 'unreachable', trouble: reply.trouble, reason: reply.reason };
  }
  const { http, retryAfterMs } = reply;
  if (http >= 500) return broken(`it has trouble of its own (HTTP ${http})`);
  if (reply.kind === 'json') return undefined;
  if (http === 429) return busy(retryAfterMs);
  if (http === 401 || http === 403) return denied(`it refuses us (HTTP ${http})`);
  if (http === 413) return { kind: 'rejected', reason: 'the sources are too large for it (HTTP 413)' };
  return broken(`what it answers is not JSON (HTTP ${http})`);
}

export function busy(retryAfterMs: number | undefined): Answer {
  return {
    kind: 'busy',
    reason: 'it asks for patience: too many calls',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

export function broken(reason: string): Answer {
  return { kind: 'unreachable', trouble: 'broken', reason };
}

export function denied(reason: string): Answer {
  return { kind: 'unreachable', trouble: 'denied', reason };
}

/** A job's number goes into URLs: what is none is not taken. */
export function accepted(job: unknown): Answer {
  return typeof job === 'string' && /^[\w-]{1,100}$/.test(job)
    ? { kind: 'accepted', job }
    : broken('it took the sources and gave no number for its job');
}

/** Words of an explorer, fit for a line. */
export function words(text: unknown): string {
  const line = typeof text === 'string' ? text.replaceAll(/[\s\p{C}]+/gu, ' ').trim() : '';
  if (line === '') return 'no reason given';
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}

/** An inner value of JSON by its path of keys; undefined where the path breaks off. */
export function inside(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}
