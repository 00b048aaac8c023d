import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { settingsOrExit } from '@cutover/service-kit/environment.ts';
import { createLog } from '@cutover/service-kit/log.ts';
import { stopOnSignal } from '@cutover/service-kit/stop.ts';
import { readBeaconConfig } from './config.ts';
import { beaconMetrics } from './metrics.ts';
import { observe } from './observe.ts';
import { createBeacon } from './server.ts';
import { createTraffic } from './traffic.ts';

const { values: config, secrets } = settingsOrExit('beacon', readBeaconConfig);
const { system, service, version, host } = config;
const log = createLog({ system, service, level: config.logLevel, secrets });
const traffic = createTraffic();
let port = config.port;
let ready = false;

const observer = observe({
  config,
  log,
  traffic,
  selfUrl: () => `http://${ownHost(host)}:${port}`,
  ready: () => ready,
});
const metrics = beaconMetrics({ system, service, version });
const beacon = createBeacon({ config, log, metrics, traffic, observer });

stopOnSignal({
  server: beacon.server,
  log,
  drain: () => {
    ready = false;
    beacon.drain();
  },
  drainMs: config.stop.drainMs,
  timeoutMs: config.stop.timeoutMs,
  close: () => observer.close(),
});

beacon.server.listen(port, host);
try {
  await once(beacon.server, 'listening');
} catch (error) {
  log.fatal({ err: error }, `cannot listen on ${host}:${port}`);
  process.exit(1);
}
port = (beacon.server.address() as AddressInfo).port;
ready = true;
log.info({ version, host, port, pid: process.pid }, 'listening');

/** Where it reaches itself: a service that listens everywhere is asked on its own machine. */
function ownHost(listensOn: string): string {
  if (listensOn === '0.0.0.0') return '127.0.0.1';
  if (listensOn === '::') return '[::1]';
  return listensOn.includes(':') ? `[${listensOn}]` : listensOn;
}
