import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { limitedServer } from '@cutover/service-kit/limits.ts';
import { clientAddress, clientKey, rateLimiter } from '@cutover/service-kit/rate-limit.ts';
import type { Logger } from 'pino';
import type { Changes } from './changes.ts';
import type { IndexerConfig } from './config.ts';
import type { HealthReport } from './health.ts';
import type { IndexerMetrics } from './metrics.ts';
import type { Tail } from './tail.ts';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Route = (query: URLSearchParams, request: IncomingMessage) => Promise<Answer> | Answer;

export interface ServerParts {
  readonly config: IndexerConfig;
  readonly log: Logger;
  readonly metrics: IndexerMetrics;
  readonly changes: Changes;
  readonly tail: Tail;
  readonly health: () => HealthReport;
  readonly showMetrics: () => void;
  readonly draining: () => boolean;
}

const MOST_EVENTS = 1000;

/** The HTTP server of an indexer, without its websockets. It does not listen yet. */
export function createIndexerServer(parts: ServerParts): Server {
  const { config, log, metrics, draining } = parts;
  const routes = routesOf(parts);

  const answerTo = async (request: IncomingMessage, url: URL): Promise<Answer> => {
    const route = routes.get(url.pathname);
    if (route === undefined) return failure(404, 'there is nothing here');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return failure(405, 'only GET and HEAD are answered here', { allow: 'GET, HEAD' });
    }
    return route(url.searchParams, request);
  };

  return limitedServer(config.limits, (request, response) => {
    const startedAt = performance.now();
    const url = urlOf(request);
    metrics.underway.inc();
    response.on('close', () => {
      const ms = performance.now() - startedAt;
      const { statusCode: status } = response;
      const route = routes.has(url.pathname) ? url.pathname : 'other';
      metrics.underway.dec();
      metrics.answered({ method: request.method ?? '', route, status, seconds: ms / 1000 });
      const line = { method: request.method, path: url.pathname.slice(0, 200), status, ms: Math.round(ms) };
      log[route === '/events' || route === 'other' ? 'info' : 'debug'](line, 'answered');
    });
    // Nothing here uses a body: the connection ends with the answer, read or not.
    const hasBody =
      request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
    answerTo(request, url)
      .catch((error: unknown) => {
        log.error({ err: error, path: url.pathname.slice(0, 200) }, 'could not answer');
        return failure(503, 'the answer could not be made; the log says why');
      })
      .then((answer) => send(request, response, answer, draining() || hasBody))
      .catch((error: unknown) => log.error({ err: error }, 'could not send an answer'));
  });
}

function routesOf(parts: ServerParts): ReadonlyMap<string, Route> {
  const { config, metrics, changes, tail } = parts;
  const allow = rateLimiter(config.rateLimit);
  return new Map<string, Route>([
    ['/livez', () => text(200, 'alive\n')],
    ['/readyz', () => (parts.draining() ? text(503, 'stopping\n') : text(200, 'ready\n'))],
    [
      '/health',
      () => {
        const report = parts.health();
        return json(report.status === 'HEALTHY' ? 200 : 503, JSON.stringify(report));
      },
    ],
    [
      '/metrics',
      async () => {
        parts.showMetrics();
        return { status: 200, type: metrics.registry.contentType, body: await metrics.registry.metrics() };
      },
    ],
    [
      '/events',
      async (query, request) => {
        const rate = allow(clientKey(addressOf(request, config.rateLimit.trustedProxies)), Date.now());
        if (!rate.allowed) {
          metrics.refused.inc();
          return failure(429, 'too many requests', { 'retry-after': String(rate.resetSeconds) });
        }
        const after = wholeNumber(query.get('after') ?? '0');
        const limit = wholeNumber(query.get('limit') ?? '100');
        if (after === undefined || limit === undefined || limit < 1 || limit > MOST_EVENTS) {
          return failure(400, `after is the number of a change, limit is 1 to ${MOST_EVENTS}`);
        }
        await tail.refresh();
        const latest = tail.latest();
        const page = await changes.page(after, latest, limit);
        const next = page.length < limit ? Math.max(after, latest) : (page.at(-1)?.sequence ?? after);
        const list = page.map(({ bytes }) => bytes.toString('utf8')).join(',');
        return json(200, `{"events":[${list}],"next":${next},"latest":${latest}}`);
      },
    ],
  ]);
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer, last: boolean): void {
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...answer.headers,
    ...(last ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

function urlOf(request: IncomingMessage): URL {
  const path = request.url ?? '/';
  const base = 'http://indexer';
  return URL.canParse(path, base) ? new URL(path, base) : new URL('/?', base);
}

function addressOf(request: IncomingMessage, trustedProxies: number): string {
  const forwarded = request.headers['x-forwarded-for'];
  const value = typeof forwarded === 'string' ? forwarded : undefined;
  return clientAddress(request.socket.remoteAddress, value, trustedProxies);
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function json(status: number, body: string): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${body}\n` };
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body };
}

function failure(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { ...json(status, JSON.stringify({ error })), headers };
}
