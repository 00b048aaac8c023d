import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { Changes } from './changes.ts';
import { feed, type FeedEnd } from './feed.ts';
import { readRequest, type KnownNames, type Subscription } from './messages.ts';
import type { Tail } from './tail.ts';

/** Why a subscriber's connection ended. */
export type Departure =
  'left' | 'too slow' | 'no heartbeat' | 'broke the rules' | 'stopping' | 'history lost' | 'failed';

export interface SocketsOptions {
  readonly chainId: number;
  readonly known: KnownNames;
  readonly tail: Tail;
  readonly changes: Changes;
  readonly limits: {
    readonly maxClients: number;
    readonly maxMessageBytes: number;
    readonly bufferBytes: number;
    readonly stallMs: number;
    readonly heartbeatMs: number;
  };
  readonly log: Logger;
  /** Called when a client that was connected is so no longer. */
  readonly onDeparture: (why: Departure) => void;
  /** Called when a client is turned away. */
  readonly onRefused: () => void;
}

/** The websockets of a server. */
export interface Sockets {
  clients(): number;
  /** Bytes that wait for clients, all together. */
  bufferedBytes(): number;
  /** Tells every client that the service goes away; who does not answer is cut off after a while. */
  close(): void;
}

interface Client {
  readonly socket: WebSocket;
  readonly closed: AbortController;
  /** It answered since the last heartbeat. */
  answered: boolean;
  why: Departure;
}

const PATH = '/ws';
// A client subscribes once; whoever sends more than a few messages means no good.
const MOST_MESSAGES = 20;
// Time for a close to be answered. What still waits for a slow client goes with it.
const CLOSE_MS = 10_000;

/** Takes websockets at /ws of a server. SIDE EFFECTS: listens to the server's upgrades. */
export function serveSockets(server: Server, options: SocketsOptions): Sockets {
  const { limits, log } = options;
  const clients = new Set<Client>();
  // Compression would cost 300 kB a client.
  const settings = { maxPayload: limits.maxMessageBytes, perMessageDeflate: false, closeTimeout: CLOSE_MS };
  const sockets = new WebSocketServer({ noServer: true, clientTracking: false, ...settings });
  let stopping = false;

  server.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    connection.on('error', () => undefined);
    if (pathOf(request) !== PATH) return turnAway(connection, '404 Not Found');
    if (stopping || clients.size >= limits.maxClients) {
      options.onRefused();
      return turnAway(connection, '503 Service Unavailable', 'Retry-After: 5\r\n');
    }
    sockets.handleUpgrade(request, connection, head, (socket) => {
      const client: Client = { socket, closed: new AbortController(), answered: true, why: 'left' };
      clients.add(client);
      socket.on('pong', () => (client.answered = true));
      // Too long a message, or what is no websocket frame: the library closes the connection itself.
      socket.on('error', () => (client.why = 'broke the rules'));
      socket.once('close', () => {
        client.closed.abort();
        clients.delete(client);
        options.onDeparture(client.why);
      });
      converse(client, options);
    });
  });

  const heartbeat = setInterval(() => {
    for (const client of clients) {
      if (client.answered) client.socket.ping();
      else {
        client.why = 'no heartbeat';
        client.socket.terminate();
      }
      client.answered = false;
    }
  }, limits.heartbeatMs);

  return {
    clients: () => clients.size,
    bufferedBytes: () => [...clients].reduce((sum, { socket }) => sum + socket.bufferedAmount, 0),
    close: () => {
      stopping = true;
      clearInterval(heartbeat);
      if (clients.size > 0) log.info({ clients: clients.size }, 'clients are sent away');
      for (const client of clients) dismiss(client, 'stopping', 1001, 'the service is stopping');
    },
  };
}

/** Says hello and takes a client's messages. */
function converse(client: Client, options: SocketsOptions): void {
  const { known, chainId, tail } = options;
  let messages = 0;
  let subscribed = false;
  client.socket.on('message', (data: RawData, isBinary: boolean) => {
    if (client.closed.signal.aborted) return;
    if (++messages > MOST_MESSAGES) return dismiss(client, 'broke the rules', 1008, 'too many messages');
    const request = isBinary ? undefined : readRequest(textOf(data), known);
    if (request?.kind !== 'subscribe') return refuse(client, request?.error ?? 'messages are text');
    if (subscribed) return refuse(client, 'there is one subscription for each connection');
    subscribed = true;
    subscribe(client, request.subscription, options).then(
      (accepted) => (subscribed = accepted),
      (error: unknown) => {
        options.log.warn({ err: error }, 'a subscription failed');
        dismiss(client, 'failed', 1011, 'the database does not answer; connect again');
      },
    );
  });
  say(client, { type: 'hello', chainId, sequence: tail.latest(), ...known });
}

/** Feeds a client until it leaves; false when its place is not one that there is. */
async function subscribe(
  client: Client,
  { from, ...filter }: Subscription,
  { tail, changes, limits, log }: SocketsOptions,
): Promise<boolean> {
  // Another process may have told the client of a change that this one has not seen yet.
  const known = tail.status().answered && from !== 'latest' && from <= tail.latest();
  if (!known) await tail.refresh();
  const { answered, error } = tail.status();
  if (!answered) throw new Error('the database does not answer', { cause: error });
  const latest = tail.latest();
  const place = from === 'latest' ? latest : from;
  if (place > latest) {
    refuse(client, `from is ${place}, but the last change is ${latest}`);
    return false;
  }
  say(client, { type: 'subscribed', from: place });
  const { socket, closed } = client;
  const end = await feed({
    socket: {
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
      send: (bytes, sent) => socket.send(bytes, { binary: false }, sent),
    },
    ...{ tail, changes, filter, from: place, signal: closed.signal },
    ...{ bufferBytes: limits.bufferBytes, stallMs: limits.stallMs },
    onLive: (sequence) => say(client, { type: 'live', sequence }),
  });
  if (end.kind === 'too slow') log.info({ resumeFrom: end.resumeFrom }, 'a slow client is sent away');
  sendOff(client, end);
  return true;
}

/** The reason comes after all that waits for the client: whoever reads it has everything up to that number. */
function sendOff(client: Client, end: FeedEnd): void {
  if (end.kind === 'too slow') dismiss(client, 'too slow', 4008, `too slow; resume from ${end.resumeFrom}`);
  if (end.kind === 'history lost')
    dismiss(client, 'history lost', 4009, 'numbers begin anew; read all again');
}

function dismiss(client: Client, why: Departure, code: number, reason: string): void {
  client.why = why;
  client.closed.abort();
  client.socket.close(code, reason);
}

function refuse(client: Client, error: string): void {
  say(client, { type: 'error', error });
}

function say(client: Client, message: object): void {
  client.socket.send(JSON.stringify(message));
}

function turnAway(connection: Duplex, status: string, headers = ''): void {
  connection.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').replace(/[?#].*$/s, '');
}

function textOf(data: RawData): string {
  return (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString('utf8');
}
