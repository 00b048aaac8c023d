import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { settingsOrExit } from '@cutover/service-kit/environment.ts';
import { createLog } from '@cutover/service-kit/log.ts';
import { stopOnSignal } from '@cutover/service-kit/stop.ts';
import { changesOf, channelOf } from './changes.ts';
import { readIndexerConfig } from './config.ts';
import { connected, readers } from './database.ts';
import { follow } from './follower.ts';
import { healthReport } from './health.ts';
import { indexerMetrics } from './metrics.ts';
import { openNode } from './node.ts';
import { eventReader } from './reader.ts';
import { Refusal } from './refusal.ts';
import { createIndexerServer } from './server.ts';
import { serveSockets } from './sockets.ts';
import { followTail } from './tail.ts';
import { openWriter } from './writer.ts';

// Pages for subscribers that catch up; more at once would only wait for the disk.
const READERS = 4;

const { values: config, secrets } = settingsOrExit('indexer', readIndexerConfig);
const { system, service, version, host, chainId, contracts, database } = config;
const log = createLog({ system, service, level: config.logLevel, secrets });
const metrics = indexerMetrics({ system, service, version });
const stop = new AbortController();
let draining = false;

const pool = readers(database, READERS);
const changes = changesOf(pool, chainId);
const tail = followTail({
  changes,
  listen: () => connected(database, 'indexer tail'),
  channel: channelOf(chainId),
  keepBytes: config.clients.tailBytes,
  log,
});

const node = openNode({ ...config.node, signal: stop.signal, onCall: metrics.called });
const reader = eventReader({
  node,
  mostBlocks: config.node.mostBlocks,
  signal: stop.signal,
  onDoubt: () => metrics.doubts.inc(),
});
const health = () =>
  healthReport({
    follower: follower.status(),
    tail: tail.status(),
    sequence: tail.latest(),
    clients: sockets.clients(),
    mostLag: config.mostLag,
    now: performance.now(),
    date: Date.now(),
  });
const server = createIndexerServer({
  ...{ config, log, metrics, changes, tail, health },
  draining: () => draining,
  showMetrics: () => metrics.show(health().indexer, { clients: sockets.bufferedBytes(), tail: tail.bytes() }),
});
const sockets = serveSockets(server, {
  ...{ chainId, tail, changes, log },
  known: {
    contracts: contracts.map(({ name }) => name),
    events: [...new Set(contracts.flatMap(({ events }) => [...events.values()].map(({ name }) => name)))],
  },
  limits: config.clients,
  onDeparture: metrics.departed,
  onRefused: () => metrics.turnedAway.inc(),
});
const follower = follow({
  ...{ chainId, contracts, confirmations: config.confirmations, node, reader, log, stop },
  openWriter: () => openWriter(database, chainId),
  poll: config.poll,
  onWritten: metrics.written,
  onReorganised: metrics.reorganised,
});

stopOnSignal({
  server,
  log,
  drain: () => {
    draining = true;
    // Its lock goes at once to the one that stands by.
    void follower.stop();
    if (config.stop.drainMs === 0) sockets.close();
    else setTimeout(() => sockets.close(), config.stop.drainMs);
  },
  drainMs: config.stop.drainMs,
  timeoutMs: config.stop.timeoutMs,
  close: async () => {
    await follower.stop();
    await tail.close();
    await pool.end();
  },
});

follower.ended.catch((error: unknown) => {
  log.fatal({ err: error }, 'the indexer cannot go on');
  process.exit(error instanceof Refusal ? error.exit : 1);
});
server.listen(config.port, host);
try {
  await once(server, 'listening');
} catch (error) {
  log.fatal({ err: error }, `cannot listen on ${host}:${config.port}`);
  process.exit(1);
}
const { port } = server.address() as AddressInfo;
log.info({ version, host, port, pid: process.pid, chainId, contracts: contracts.length }, 'listening');
