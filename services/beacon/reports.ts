import type { RanMigration } from './dependencies/dependency.ts';
import type { Reading } from './monitor.ts';

/** Everything that the reports are made of, read at about the same moment. */
export interface Snapshot {
  readonly system: string;
  readonly version: string;
  readonly at: Date;
  /** The service asked about itself over its own socket. */
  readonly api: Reading;
  readonly database: Reading | undefined;
  readonly cache: Reading | undefined;
  /** EVM and Solana nodes. */
  readonly chains: readonly Reading[];
  readonly peers: readonly Reading[];
  readonly external: readonly Reading[];
  readonly queryMeanMs: number;
  readonly responseMeanMs: number;
  readonly errorRate: number;
  /** False while it starts and stops. */
  readonly ready: boolean;
}

/** `not_configured`: the service was not told of any. Never "healthy" for what was not looked at. */
export type State = 'healthy' | 'unhealthy' | 'not_configured';

/** Answer of /api/health, in the shape of Meta Aggregator's handbook. */
export interface ApiHealth {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly timestamp: string;
  readonly version: string;
  readonly dependencies: {
    readonly database: State;
    readonly external_apis: State;
    readonly smart_contracts: State;
  };
}

/** Answer of /api/status, in the shape of Meta Aggregator's handbook. */
export interface ApiStatus {
  readonly api: {
    readonly status: 'healthy' | 'unhealthy';
    readonly response_time_avg: string;
    readonly error_rate: string;
  };
  readonly database: {
    readonly status: State;
    readonly connections: number;
    readonly query_time_avg: string;
  };
  readonly contracts: Readonly<
    Record<string, { readonly address: string; readonly status: string; readonly balance: string }>
  >;
}

/** Answer of /api/database: which migrations the database remembers, its own rows. */
export interface ApiDatabase {
  readonly status: State;
  readonly migrations: readonly RanMigration[];
}

/** Answer of /health, in the shape of GoDark's handbook. */
export interface HealthReport {
  readonly status: 'HEALTHY' | 'DEGRADED';
  readonly checks: readonly HealthCheck[];
  readonly timestamp: number;
}

export type HealthCheck =
  | { readonly service: string; readonly healthy: true; readonly latency: number }
  | { readonly service: string; readonly healthy: false; readonly error: string };

/** What we run ourselves decides: an outage of a service of others degrades, and takes nothing out of service. */
export function apiHealth(snapshot: Snapshot): ApiHealth {
  const own = ownReadings(snapshot).every(({ healthy }) => healthy);
  const external = stateOf(snapshot.external);
  return {
    status: !own ? 'unhealthy' : external === 'unhealthy' ? 'degraded' : 'healthy',
    timestamp: snapshot.at.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    version: snapshot.version,
    dependencies: {
      database: stateOf(snapshot.database === undefined ? [] : [snapshot.database]),
      external_apis: external,
      smart_contracts: stateOf(snapshot.chains),
    },
  };
}

/** Figures over the last five minutes, and the state of each contract. */
export function apiStatus(snapshot: Snapshot): ApiStatus {
  const contracts = snapshot.chains.flatMap(({ details }) => details.contracts ?? []);
  return {
    api: {
      status: snapshot.ready && snapshot.api.healthy ? 'healthy' : 'unhealthy',
      response_time_avg: milliseconds(snapshot.responseMeanMs),
      error_rate: `${round(snapshot.errorRate * 100)}%`,
    },
    database: {
      status: stateOf(snapshot.database === undefined ? [] : [snapshot.database]),
      connections: snapshot.database?.details.connections ?? 0,
      query_time_avg: milliseconds(snapshot.queryMeanMs),
    },
    contracts: Object.fromEntries(
      contracts.map(({ name, address, status, balance, currency }) => [
        name,
        { address, status, balance: `${balance} ${currency}` },
      ]),
    ),
  };
}

/** What the database was brought to, as it says itself. */
export function apiDatabase({ database }: Snapshot): ApiDatabase {
  return {
    status: stateOf(database === undefined ? [] : [database]),
    migrations: database?.details.migrations ?? [],
  };
}

/** Everything that we run ourselves, one check each. */
export function healthReport(snapshot: Snapshot): HealthReport {
  const checks = ownReadings(snapshot).map((reading): HealthCheck =>
    reading.error === undefined
      ? { service: reading.service, healthy: true, latency: Math.round(reading.latencyMs) }
      : { service: reading.service, healthy: false, error: reading.error },
  );
  return {
    status: checks.every(({ healthy }) => healthy) ? 'HEALTHY' : 'DEGRADED',
    checks,
    timestamp: snapshot.at.getTime(),
  };
}

function ownReadings({ api, database, cache, chains, peers }: Snapshot): Reading[] {
  return [api, database, cache, ...chains, ...peers].filter((reading) => reading !== undefined);
}

function stateOf(readings: readonly Reading[]): State {
  if (readings.length === 0) return 'not_configured';
  return readings.every(({ healthy }) => healthy) ? 'healthy' : 'unhealthy';
}

function milliseconds(value: number): string {
  return `${value < 10 ? round(value) : Math.round(value)}ms`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
