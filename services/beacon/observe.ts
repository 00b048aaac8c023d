import type { Logger } from 'pino';
import type { BeaconConfig } from './config.ts';
import { passwordOf } from './dependencies/database-password.ts';
import { evm } from './dependencies/evm.ts';
import { postgres } from './dependencies/postgres.ts';
import { redis } from './dependencies/redis.ts';
import { solana } from './dependencies/solana.ts';
import { sqlite } from './dependencies/sqlite.ts';
import { externalApi, peer } from './dependencies/web.ts';
import type { Dependency } from './dependencies/dependency.ts';
import { watch, type Watch } from './monitor.ts';
import type { Snapshot } from './reports.ts';
import type { Traffic } from './traffic.ts';

/** Reads everything that the service depends on. */
export interface Observer {
  snapshot(): Promise<Snapshot>;
  close(): Promise<void>;
}

export interface ObserverOptions {
  readonly config: BeaconConfig;
  readonly log: Logger;
  readonly traffic: Traffic;
  /** The service's own address, once it listens. */
  readonly selfUrl: () => string;
  readonly ready: () => boolean;
}

/** Sets up a watch for each dependency that the configuration names. Nothing connects before the first snapshot. */
export function observe({ config, log, traffic, selfUrl, ready }: ObserverOptions): Observer {
  const { cacheMs, externalCacheMs, timeoutMs } = config.probe;
  const watched = (dependency: Dependency): Watch => watch(dependency, timeoutMs, log);
  const api = watched({
    service: 'API',
    cacheMs,
    look: (signal) => peer({ name: 'API', url: `${selfUrl()}/livez` }, cacheMs).look(signal),
  });
  const database = config.database && watched(databaseOf(config.database, timeoutMs, cacheMs));
  const cache = config.cache && watched(redis(config.cache, cacheMs));
  const chains = [
    config.evm && evm(config.evm, cacheMs),
    config.solana && solana(config.solana, cacheMs),
  ].flatMap((chain) => (chain === undefined ? [] : [watched(chain)]));
  const peers = config.peers.map((each) => watched(peer(each, cacheMs)));
  const external = config.externalApis.map((each) => watched(externalApi(each, externalCacheMs)));
  const readAll = (watches: readonly Watch[]) => Promise.all(watches.map((each) => each.read()));

  return {
    snapshot: async () => {
      const [own, databaseReading, cacheReading, chainReadings, peerReadings, externalReadings] =
        await Promise.all([
          api.read(),
          database?.read(),
          cache?.read(),
          readAll(chains),
          readAll(peers),
          readAll(external),
        ]);
      const { meanMs, errorRate } = traffic.summary(Date.now());
      return {
        system: config.system,
        version: config.version,
        at: new Date(),
        api: own,
        database: databaseReading,
        cache: cacheReading,
        chains: chainReadings,
        peers: peerReadings,
        external: externalReadings,
        queryMeanMs: database?.meanMs() ?? 0,
        responseMeanMs: meanMs,
        errorRate,
        ready: ready(),
      };
    },
    close: async () => {
      const all = [api, database, cache, ...chains, ...peers, ...external];
      await Promise.all(all.flatMap((each) => (each === undefined ? [] : [each.close()])));
    },
  };
}

function databaseOf(
  config: NonNullable<BeaconConfig['database']>,
  timeoutMs: number,
  cacheMs: number,
): Dependency {
  if (config.kind === 'sqlite') return sqlite(config.file, cacheMs);
  const password = config.password && passwordOf(config.password, timeoutMs);
  return postgres({ url: config.url, password, timeoutMs, cacheMs });
}
