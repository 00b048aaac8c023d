import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { limitedServer } from '@cutover/service-kit/limits.ts';
import { clientAddress, clientKey, rateLimiter } from '@cutover/service-kit/rate-limit.ts';
import type { Logger } from 'pino';
import type { BeaconConfig } from './config.ts';
import type { BeaconMetrics } from './metrics.ts';
import type { Observer } from './observe.ts';
import { page, pagePolicy, titleOf } from './page.ts';
import { apiDatabase, apiHealth, apiStatus, healthReport } from './reports.ts';
import type { Traffic } from './traffic.ts';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Route {
  readonly answer: () => Promise<Answer> | Answer;
  /** Health is asked for by machines, often, and costs little since readings are kept; the rest counts per client. */
  readonly limited: boolean;
  /** A bad answer here is news of someone else's trouble, not an error of the API. */
  readonly reportsHealth: boolean;
}

export interface BeaconServer {
  readonly server: Server;
  /** Says from now on that it is not ready, and ends connections after their present request. */
  drain(): void;
}

export interface BeaconParts {
  readonly config: BeaconConfig;
  readonly log: Logger;
  readonly metrics: BeaconMetrics;
  readonly traffic: Traffic;
  readonly observer: Observer;
}

/** The HTTP server of a beacon. It does not listen yet. */
export function createBeacon(parts: BeaconParts): BeaconServer {
  const { config, log, metrics, traffic } = parts;
  let draining = false;
  const routes = routesOf(parts, () => draining);
  const allow = rateLimiter(config.rateLimit);

  const answerTo = async (request: IncomingMessage, path: string): Promise<Answer> => {
    const route = routes[path];
    if (route === undefined) return failure(404, 'there is nothing here');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return failure(405, 'only GET and HEAD are answered here', { allow: 'GET, HEAD' });
    }
    if (Number(request.headers['content-length'] ?? 0) > config.limits.maxBodyBytes) {
      return failure(413, `a body may have ${config.limits.maxBodyBytes} bytes`);
    }
    if (!route.limited) return route.answer();
    const forwarded = request.headers['x-forwarded-for'];
    const client = clientAddress(
      request.socket.remoteAddress,
      typeof forwarded === 'string' ? forwarded : undefined,
      config.rateLimit.trustedProxies,
    );
    const rate = allow(clientKey(client), Date.now());
    const headers = {
      'ratelimit-limit': String(config.rateLimit.maxRequests),
      'ratelimit-remaining': String(rate.remaining),
      'ratelimit-reset': String(rate.resetSeconds),
    };
    if (!rate.allowed) {
      metrics.refused.inc();
      return failure(429, 'too many requests', { ...headers, 'retry-after': String(rate.resetSeconds) });
    }
    const answer = await route.answer();
    return { ...answer, headers: { ...answer.headers, ...headers } };
  };

  const server = limitedServer(config.limits, (request, response) => {
    const startedAt = performance.now();
    const path = (request.url ?? '/').replace(/[?#].*$/s, '');
    metrics.underway.inc();
    dropLongBody(request, response, config.limits.maxBodyBytes);
    response.on('close', () => {
      const took = performance.now() - startedAt;
      const route = routes[path];
      const { statusCode: status } = response;
      metrics.underway.dec();
      const name = route === undefined ? 'other' : path;
      metrics.answered({ method: request.method ?? '', route: name, status, seconds: took / 1000 });
      traffic.record(took, status >= 500 && route?.reportsHealth !== true, Date.now());
      const line = { method: request.method, path: path.slice(0, 200), status, ms: Math.round(took) };
      if (route?.limited === false) log.debug(line, 'answered');
      else log.info(line, 'answered');
    });
    answerTo(request, path)
      .catch((error: unknown) => {
        log.error({ err: error, path }, 'could not answer');
        return failure(500, 'the answer could not be made; the log says why');
      })
      .then((answer) => send(request, response, answer, draining))
      .catch((error: unknown) => log.error({ err: error }, 'could not send an answer'));
  });
  return { server, drain: () => void (draining = true) };
}

function routesOf(
  { config, metrics, observer }: BeaconParts,
  draining: () => boolean,
): Record<string, Route> {
  const health: Route = {
    limited: false,
    reportsHealth: true,
    answer: async () => {
      const report = healthReport(await observer.snapshot());
      return json(report.status === 'HEALTHY' ? 200 : 503, report);
    },
  };
  return {
    '/health': health,
    '/v1/health': health,
    '/api/health': {
      limited: false,
      reportsHealth: true,
      answer: async () => {
        const report = apiHealth(await observer.snapshot());
        return json(report.status === 'unhealthy' ? 503 : 200, report);
      },
    },
    '/api/status': {
      limited: true,
      reportsHealth: false,
      answer: async () => json(200, apiStatus(await observer.snapshot())),
    },
    '/api/database': {
      limited: true,
      reportsHealth: false,
      answer: async () => json(200, apiDatabase(await observer.snapshot())),
    },
    '/livez': { limited: false, reportsHealth: true, answer: () => text(200, 'alive\n') },
    '/readyz': {
      limited: false,
      reportsHealth: true,
      answer: () => (draining() ? text(503, 'stopping\n') : text(200, 'ready\n')),
    },
    '/metrics': {
      limited: false,
      reportsHealth: true,
      answer: async () => {
        metrics.show(await observer.snapshot());
        return { status: 200, type: metrics.registry.contentType, body: await metrics.registry.metrics() };
      },
    },
    '/': {
      limited: true,
      reportsHealth: false,
      answer: async () => {
        const network =
          config.network ?? (config.evm === undefined ? 'no chain' : `chain ${config.evm.chainId}`);
        const body = page(
          { title: config.title ?? titleOf(config.system), service: config.service, network },
          await observer.snapshot(),
        );
        return {
          status: 200,
          type: 'text/html; charset=utf-8',
          body,
          headers: { 'content-security-policy': pagePolicy },
        };
      },
    },
  };
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer, draining: boolean): void {
  const length = Buffer.byteLength(answer.body);
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...answer.headers,
    // Whoever sent a body that nobody read, or asks a service that stops, opens another connection.
    ...(draining || answer.status === 413 ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

/** Nothing here uses a body. Up to the limit it is read and dropped; beyond it the connection ends with the answer. */
function dropLongBody(request: IncomingMessage, response: ServerResponse, limit: number): void {
  let received = 0;
  request.on('data', (part: Buffer) => {
    received += part.length;
    if (received <= limit) return;
    response.shouldKeepAlive = false;
    request.pause();
  });
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(body)}\n` };
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body };
}

function failure(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { ...json(status, { error }), headers };
}
