import type { Logger } from 'pino';

/** Sends what Parse Server logs to the service's own log. Looking through old logs is not the server's business. */
export function logAdapter(log: Logger): {
  log(level: string, ...rest: unknown[]): void;
  query(): Promise<[]>;
} {
  return {
    log: (level, ...rest) => {
      const text = rest.filter((part) => typeof part === 'string').join(' ');
      const error = rest.find((part) => part instanceof Error);
      write(
        log,
        level,
        error === undefined ? { from: 'parse-server' } : { from: 'parse-server', err: error },
        text,
      );
    },
    query: () => Promise.resolve([]),
  };
}

/** Winston's levels in pino's. */
function write(log: Logger, level: string, fields: object, text: string): void {
  switch (level) {
    case 'error':
      return log.error(fields, text);
    case 'warn':
      return log.warn(fields, text);
    case 'info':
      // At this level it logs each call of a cloud function with its parameters.
      return log.debug(fields, text);
    default:
      return log.trace(fields, text);
  }
}
