import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { limitedServer } from '@cutover/service-kit/limits.ts';
import type { ServiceMetrics } from '@cutover/service-kit/metrics.ts';
import type { Logger } from 'pino';
import type { ParseConfig } from './config.ts';

/** Handles a request below /parse, its path already without that. */
export type ParseApp = (request: IncomingMessage, response: ServerResponse) => void;

export interface ParseHttp {
  readonly server: Server;
  /** Requests go to Parse Server from now on. */
  open(app: ParseApp): void;
  /** Says from now on that it is not ready. */
  drain(): void;
}

export interface ParseHttpParts {
  readonly config: ParseConfig;
  readonly log: Logger;
  readonly metrics: ServiceMetrics;
  /** Asks the database; rejects when it does not answer. */
  readonly ping: () => Promise<void>;
}

const MOUNT = '/parse';
const RESOURCES = [
  'classes',
  'users',
  'login',
  'sessions',
  'roles',
  'functions',
  'files',
  'batch',
  'schemas',
  'health',
];

/** The HTTP server around Parse Server: health, metrics, and Parse Server itself below /parse. It does not listen yet. */
export function createParseHttp({ config, log, metrics, ping }: ParseHttpParts): ParseHttp {
  let app: ParseApp | undefined;
  let draining = false;

  const own: Readonly<Record<string, (response: ServerResponse) => Promise<void> | void>> = {
    '/health': async (response) => {
      try {
        await ping();
        json(response, 200, { status: 'ok' });
      } catch (error) {
        log.warn({ err: error }, 'the database does not answer');
        json(response, 503, { status: 'unavailable', database: 'does not answer' });
      }
    },
    '/livez': (response) => json(response, 200, { status: 'alive' }),
    '/readyz': (response) => {
      const ready = app !== undefined && !draining;
      json(response, ready ? 200 : 503, { status: ready ? 'ready' : draining ? 'stopping' : 'starting' });
    },
    '/metrics': async (response) => {
      const body = await metrics.registry.metrics();
      response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(body);
    },
  };

  const answer = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const handler = own[path];
    if (handler !== undefined) return handler(response);
    if (path !== MOUNT && !path.startsWith(`${MOUNT}/`))
      return json(response, 404, { error: 'there is nothing here' });
    if (app === undefined) return json(response, 503, { status: 'starting' });
    // As a router does for what is mounted on it: the rest in `url`, the whole in `originalUrl`.
    const whole = request.url ?? '/';
    request.url = whole.slice(MOUNT.length).replace(/^(?!\/)/, '/');
    app(Object.assign(request, { originalUrl: whole }), response);
  };

  const server = limitedServer(config.limits, (request, response) => {
    const startedAt = performance.now();
    const path = (request.url ?? '/').replace(/[?#].*$/s, '');
    const { method = '' } = request;
    metrics.underway.inc();
    if (draining) response.shouldKeepAlive = false;
    response.on('close', () => {
      const took = performance.now() - startedAt;
      const { statusCode: status } = response;
      metrics.underway.dec();
      metrics.answered({ method, route: routeOf(path, own), status, seconds: took / 1000 });
      log[path in own ? 'debug' : 'info'](
        { method, path: path.slice(0, 200), status, ms: Math.round(took) },
        'answered',
      );
    });
    answer(request, response, path).catch((error: unknown) => {
      log.error({ err: error, path }, 'could not answer');
      if (response.headersSent) response.destroy();
      else json(response, 500, { error: 'the answer could not be made; the log says why' });
    });
  });

  return {
    server,
    open: (parseApp) => void (app = parseApp),
    drain: () => void (draining = true),
  };
}

/** A route's name for metrics: one of a few, never a path that a client made up. */
function routeOf(path: string, own: object): string {
  if (path in own) return path;
  const [, mount, resource = ''] = path.split('/');
  if (`/${mount}` !== MOUNT) return 'other';
  return RESOURCES.includes(resource) ? `${MOUNT}/${resource}` : `${MOUNT}/other`;
}

function json(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}
