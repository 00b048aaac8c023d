import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';

export interface StopOptions {
  readonly server: Server;
  readonly log: Logger;
  /** Called first: from here on the service says that it is not ready. */
  readonly drain: () => void;
  /** Time between saying so and closing, in which load balancers take it out. */
  readonly drainMs: number;
  /** Time for requests that are underway. */
  readonly timeoutMs: number;
  /** Closes what the service has open, after its last request. */
  readonly close: () => Promise<void>;
}

/**
 * Stops the service on SIGTERM or SIGINT: not ready, then no new connections, then the requests that are underway,
 * then its own connections, then exit 0. A second signal ends it at once. SIDE EFFECTS: listens to signals.
 */
export function stopOnSignal(options: StopOptions): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      options.log.info({ signal }, 'stopping');
      stop(options).then(
        () => process.exit(0),
        (error: unknown) => {
          options.log.error({ err: error }, 'did not stop cleanly');
          process.exit(1);
        },
      );
    });
  }
}

async function stop({ server, log, drain, drainMs, timeoutMs, close }: StopOptions): Promise<void> {
  drain();
  if (drainMs > 0) await delay(drainMs);
  const closed = new Promise<'closed'>((resolve) => server.close(() => resolve('closed')));
  server.closeIdleConnections();
  const late = delay(timeoutMs, 'late' as const, { ref: false });
  if ((await Promise.race([closed, late])) === 'late') {
    log.warn({ timeoutMs }, 'requests were still underway and are cut off');
    server.closeAllConnections();
  }
  await close();
  log.info('stopped');
}
