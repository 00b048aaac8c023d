import { createServer, type RequestListener, type Server } from 'node:http';

/** What a server takes from its clients. */
export interface ServerLimits {
  /** Open connections; more are dropped. */
  readonly maxConnections: number;
  /** Time for a client to send its headers. */
  readonly headersTimeoutMs: number;
  /** Time for a client to send its whole request. */
  readonly requestTimeoutMs: number;
  /** Time that an idle connection is kept for the next request. */
  readonly keepAliveMs: number;
}

/** A server with limits. Slow clients are cut off, so that few of them cannot hold it. It does not listen yet. */
export function limitedServer(limits: ServerLimits, listener: RequestListener): Server {
  const shortest = Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs);
  const server = createServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveMs,
      // Node looks for slow clients only now and then: every 30 seconds unless it is told.
      connectionsCheckingInterval: Math.min(30_000, Math.max(100, shortest / 2)),
    },
    listener,
  );
  server.maxConnections = limits.maxConnections;
  return server;
}
