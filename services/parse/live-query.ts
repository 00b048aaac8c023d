import type { Server } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';

/** What Parse Server's live queries call, and what they set on it. */
interface SocketsOptions {
  readonly server: Server;
}

const PATH = '/ws';
const LARGEST_MESSAGE = 64 * 1024;

/**
 * Websockets of live queries, at /ws only. Parse Server's own adapter takes an upgrade on any path, without a limit to
 * what is sent, and leaves connections open when it closes.
 */
export class LiveQuerySockets {
  onListen: () => void = () => undefined;
  onConnection: (socket: WebSocket) => void = () => undefined;
  onError: (error: Error) => void = () => undefined;
  readonly #options: SocketsOptions;
  #sockets: WebSocketServer | undefined;

  constructor(options: SocketsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#sockets = new WebSocketServer({
      server: this.#options.server,
      path: PATH,
      maxPayload: LARGEST_MESSAGE,
    });
    this.#sockets.on('listening', () => this.onListen());
    this.#sockets.on('connection', (socket) => this.onConnection(socket));
    this.#sockets.on('error', (error) => this.onError(error));
  }

  /** Tells every client that the service goes away (1001), so that it connects again elsewhere. */
  close(): void {
    for (const socket of this.#sockets?.clients ?? []) socket.close(1001, 'the service is stopping');
  }
}
