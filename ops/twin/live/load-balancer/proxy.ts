import { randomBytes } from 'node:crypto';
import {
  createServer,
  request,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Thing } from '../../kind.ts';
import { textAt } from '../../services/values.ts';
import { actionFor, groupFor, redirectTo, type Action, type AskedOf } from './rules.ts';
import type { Targets } from './targets.ts';

/** What one listener works with. Its things are asked for anew with every request: rules change while it listens. */
export interface ListenerView {
  /** What it says it is: HTTP or HTTPS, and the port of the cloud. */
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  readonly listener: () => Thing | undefined;
  readonly rules: () => readonly Thing[];
  readonly targets: Targets;
  /** Whether security groups let nobody in: a connection is not taken then. */
  readonly isShut: () => boolean;
  readonly idleMs: number;
}

/** A listener that stands. */
export interface Proxy {
  readonly localPort: number;
  /** Takes another certificate for the connections that come. */
  renew(pair: { readonly certificate: string; readonly key: string }): void;
  close(): Promise<void>;
}

/**
 * A listener of an application load balancer: a proxy on the loopback interface, HTTP/1.1 and WebSocket.
 * SIDE EFFECTS: listens on the port, or on a free one where that is taken or 0.
 */
export async function startProxy(
  view: ListenerView,
  port: number,
  pair?: { readonly certificate: string; readonly key: string },
): Promise<Proxy> {
  const limits = { keepAliveTimeout: view.idleMs, requestTimeout: 0 };
  const server =
    pair === undefined
      ? createServer(limits)
      : createTlsServer({ ...limits, cert: pair.certificate, key: pair.key, minVersion: 'TLSv1.2' });
  server.on('request', (incoming, response) => answer(view, incoming, response));
  server.on('upgrade', (incoming, socket, head) => upgrade(view, incoming, socket, head));
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
  });
  // Of what was upgraded the server itself knows nothing any more.
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    if (view.isShut()) return void socket.destroy();
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  await listening(server, port).catch(() => listening(server, 0));
  return {
    localPort: (server.address() as AddressInfo).port,
    renew: ({ certificate, key }) => {
      if ('setSecureContext' in server) server.setSecureContext({ cert: certificate, key });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function answer(view: ListenerView, incoming: IncomingMessage, response: ServerResponse): void {
  const asked = askedOf(incoming);
  const action = actionOf(view, asked);
  const say = (status: number, body: string, headers: OutgoingHttpHeaders = {}): void => {
    if (response.headersSent) return void response.destroy();
    response.writeHead(status, {
      server: 'awselb/2.0',
      'content-length': Buffer.byteLength(body),
      ...headers,
    });
    response.end(incoming.method === 'HEAD' ? undefined : body);
  };
  switch (action.kind) {
    case 'fixed':
      return say(action.status, action.body, { 'content-type': action.type });
    case 'redirect': {
      const status = Number((textAt(action.redirect, 'statusCode') ?? 'HTTP_302').replace(/\D/g, ''));
      return say(status, '', { location: redirectTo(action.redirect, asked, view) });
    }
    case 'not played':
      return say(501, `The twin does not play the action ${action.type}.`, { 'content-type': 'text/plain' });
    case 'forward':
      return forward(view, action, incoming, response, say);
  }
}

type Say = (status: number, body: string, headers?: OutgoingHttpHeaders) => void;

function forward(
  view: ListenerView,
  { groups }: Extract<Action, { kind: 'forward' }>,
  incoming: IncomingMessage,
  response: ServerResponse,
  say: Say,
): void {
  const group = groupFor(groups, Math.random());
  const taken = group === undefined ? undefined : view.targets.take(group);
  if (taken === undefined)
    return say(503, '<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>');
  const tooLate = (): void => say(504, '<html><body><h1>504 Gateway Time-out</h1></body></html>');
  if (!taken.isReachable) {
    taken.done();
    return tooLate();
  }
  const outgoing = request(
    {
      // A connection for each request: a kept one may have been closed by a target that ends.
      ...{ host: '127.0.0.1', port: taken.target.port, agent: false },
      ...{ method: incoming.method, path: incoming.url, headers: headersFor(view, incoming) },
    },
    (given) => {
      response.writeHead(given.statusCode ?? 502, given.statusMessage, withoutHops(given.headers));
      given.pipe(response);
    },
  );
  outgoing.setTimeout(view.idleMs, () => {
    tooLate();
    outgoing.destroy();
  });
  outgoing.once('error', () => say(502, '<html><body><h1>502 Bad Gateway</h1></body></html>'));
  outgoing.once('close', taken.done);
  response.once('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}

function upgrade(view: ListenerView, incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
  const action = actionOf(view, askedOf(incoming));
  const group = action.kind === 'forward' ? groupFor(action.groups, Math.random()) : undefined;
  const taken = group === undefined ? undefined : view.targets.take(group);
  if (taken === undefined)
    return void socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
  if (!taken.isReachable) {
    taken.done();
    return void socket.end('HTTP/1.1 504 Gateway Timeout\r\nconnection: close\r\n\r\n');
  }
  const { connection, upgrade: wanted } = incoming.headers;
  const outgoing = request({
    ...{ host: '127.0.0.1', port: taken.target.port, agent: false },
    ...{ method: incoming.method, path: incoming.url },
    headers: { ...headersFor(view, incoming), connection, upgrade: wanted },
  });
  const end = (): void => {
    taken.done();
    socket.destroy();
    outgoing.destroy();
  };
  outgoing.once('error', end);
  socket.once('error', end);
  outgoing.once('response', (given) => {
    socket.end(headText(given));
    end();
  });
  outgoing.once('upgrade', (given, other, first) => {
    socket.write(headText(given));
    if (first.length > 0) socket.write(first);
    if (head.length > 0) other.write(head);
    const endBoth = (): void => {
      end();
      other.destroy();
    };
    const both = [other, socket] as Socket[];
    for (const each of both) {
      // Sockets of a server stay half open; who has said its last word here expects no more.
      each.once('end', () => both.forEach((one) => one.destroySoon()));
      each.once('error', endBoth).once('close', endBoth);
    }
    other.pipe(socket).pipe(other);
  });
  outgoing.end();
}

function headText({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function actionOf({ listener, rules }: ListenerView, asked: AskedOf): Action {
  const thing = listener();
  return thing === undefined
    ? { kind: 'fixed', status: 503, type: 'text/plain', body: 'The listener is gone.' }
    : actionFor(thing, rules(), asked);
}

function askedOf({ method = 'GET', url = '/', headers, socket }: IncomingMessage): AskedOf {
  const { pathname, searchParams } = new URL(url.startsWith('/') ? `http://any${url}` : url, 'http://any');
  return {
    ...{ method, headers, path: pathname, query: searchParams },
    host: (headers.host ?? '').replace(/:\d+$/, ''),
    clientAddress: socket.remoteAddress ?? '127.0.0.1',
  };
}

// RFC 9110: they are for one connection, not for what is behind it.
const hops = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

function withoutHops(headers: IncomingMessage['headers']): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !hops.includes(name) && !named.includes(name)),
  );
}

function headersFor(
  { protocol, port }: ListenerView,
  { headers, socket }: IncomingMessage,
): OutgoingHttpHeaders {
  const before = [headers['x-forwarded-for'] ?? []].flat();
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return {
    ...withoutHops(headers),
    // How long the body is, where only chunks say it.
    ...(headers['transfer-encoding'] !== undefined && { 'transfer-encoding': 'chunked' }),
    'x-forwarded-for': [...before, socket.remoteAddress ?? ''].join(', '),
    'x-forwarded-proto': protocol.toLowerCase(),
    'x-forwarded-port': String(port),
    'x-amzn-trace-id': headers['x-amzn-trace-id'] ?? `Root=1-${seconds}-${randomBytes(12).toString('hex')}`,
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
