import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** The metrics that every service has. */
export interface ServiceMetrics {
  readonly registry: Registry;
  /** Counts a request that was answered. `route` is one of a few fixed names, never a path that a client made up. */
  answered(request: { method: string; route: string; status: number; seconds: number }): void;
  /** Requests that are being answered now. */
  readonly underway: Gauge;
  /** Requests refused because their client sent too many. */
  readonly refused: Counter;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Makes the registry of a service, with the process's own metrics in it. */
export function createMetrics(labels: { system: string; service: string; version: string }): ServiceMetrics {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  collectDefaultMetrics({ register: registry });
  const labelNames = ['method', 'route', 'status'] as const;
  const names = { registers: [registry], labelNames };
  const requests = new Counter({ name: 'api_requests_total', help: 'Requests answered.', ...names });
  const errors = new Counter({ name: 'api_errors_total', help: 'Requests answered with 5xx.', ...names });
  const times = new Histogram({
    name: 'api_response_time_seconds',
    help: 'Time from a request to the end of its answer.',
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ...names,
  });
  return {
    registry,
    underway: new Gauge({
      name: 'api_requests_underway',
      help: 'Requests being answered now.',
      registers: [registry],
    }),
    refused: new Counter({
      name: 'api_rate_limited_total',
      help: 'Requests refused by the rate limit.',
      registers: [registry],
    }),
    answered: ({ method, route, status, seconds }) => {
      const known = { method: METHODS.includes(method) ? method : 'other', route, status: String(status) };
      requests.inc(known);
      times.observe(known, seconds);
      if (status >= 500) errors.inc(known);
    },
  };
}
