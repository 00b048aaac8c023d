import type { NamedUrl } from '../config.ts';
import { Unhealthy, type Dependency } from './dependency.ts';

/** Another service of the system: healthy when it answers 2xx. */
export function peer({ name, url }: NamedUrl, cacheMs: number): Dependency {
  return web(name, url, cacheMs, (status) => status >= 200 && status < 300);
}

/** A service of others: up when it answers at all without failing. What it thinks of a request without a key is its own affair. */
export function externalApi({ name, url }: NamedUrl, cacheMs: number): Dependency {
  return web(name, url, cacheMs, (status) => status < 500);
}

function web(service: string, url: string, cacheMs: number, isGood: (status: number) => boolean): Dependency {
  return {
    service,
    cacheMs,
    look: async (signal) => {
      const response = await fetch(url, { redirect: 'manual', signal });
      await response.body?.cancel();
      if (!isGood(response.status)) throw new Unhealthy(`status ${response.status}`);
      return {};
    },
  };
}
