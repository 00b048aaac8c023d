import type { Logger } from 'pino';
import { publicReason, Unhealthy, type Dependency, type Details } from './dependencies/dependency.ts';

/** What one look at a dependency found. */
export interface Reading {
  readonly service: string;
  readonly healthy: boolean;
  readonly latencyMs: number;
  /** Why it is not healthy, in words that anyone may read. */
  readonly error: string | undefined;
  readonly details: Details;
}

/** Looks at one dependency. Readings serve for a while, so that a crowd that asks for health does not become load. */
export interface Watch {
  readonly service: string;
  read(): Promise<Reading>;
  /** Mean time of the last hundred looks that succeeded. */
  meanMs(): number;
  close(): Promise<void>;
}

const REMEMBERED = 100;

/** Watches a dependency. A change of its health is logged once, with the whole reason. */
export function watch(dependency: Dependency, timeoutMs: number, log: Logger): Watch {
  const times: number[] = [];
  let latest: { reading: Promise<Reading>; at: number } | undefined;
  let wasHealthy: boolean | undefined;

  const look = async (): Promise<Reading> => {
    const startedAt = performance.now();
    const elapsed = () => performance.now() - startedAt;
    const { service } = dependency;
    try {
      const details = await lookInTime(dependency, timeoutMs);
      const latencyMs = elapsed();
      times.push(latencyMs);
      if (times.length > REMEMBERED) times.shift();
      if (wasHealthy !== true) log.info({ dependency: service }, 'dependency is healthy');
      wasHealthy = true;
      return { service, healthy: true, latencyMs, error: undefined, details };
    } catch (error) {
      if (wasHealthy !== false) log.warn({ dependency: service, err: error }, 'dependency is not healthy');
      wasHealthy = false;
      const details = error instanceof Unhealthy ? error.details : {};
      const reason = publicReason(error, timeoutMs);
      return { service, healthy: false, latencyMs: elapsed(), error: reason, details };
    }
  };

  return {
    service: dependency.service,
    read: () => {
      const now = performance.now();
      if (latest === undefined || now - latest.at > dependency.cacheMs) latest = { reading: look(), at: now };
      return latest.reading;
    },
    meanMs: () => (times.length === 0 ? 0 : times.reduce((sum, time) => sum + time, 0) / times.length),
    close: async () => dependency.close?.(),
  };
}

/** A look that does not heed its signal is given up all the same. */
async function lookInTime(dependency: Dependency, timeoutMs: number): Promise<Details> {
  const signal = AbortSignal.timeout(timeoutMs);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  // A look that fails before it is waited for leaves nobody who hears of the lateness; unheard, it would end the process.
  late.catch(() => undefined);
  return Promise.race([dependency.look(signal), late]);
}
