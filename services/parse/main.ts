import './no-log-folder.ts';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { settingsOrExit } from '@cutover/service-kit/environment.ts';
import { createLog } from '@cutover/service-kit/log.ts';
import { createMetrics } from '@cutover/service-kit/metrics.ts';
import { stopOnSignal } from '@cutover/service-kit/stop.ts';
import parseServer from 'parse-server';
import { readParseConfig } from './config.ts';
import { LiveQuerySockets } from './live-query.ts';
import { parseServerOptions } from './options.ts';
import { createParseHttp, type ParseApp } from './server.ts';
import { createStorage } from './storage.ts';

/** The part of Parse Server that is used here; its published types lack most of it. */
interface ParseServerInstance {
  readonly app: ParseApp & { set(name: string, value: unknown): void };
  start(): Promise<unknown>;
}
interface ParseServerModule {
  readonly ParseServer: {
    new (options: object): ParseServerInstance;
    createLiveQueryServer(
      server: unknown,
      sockets: object,
      options: object,
    ): Promise<{ shutdown(): Promise<void> }>;
  };
}
const { ParseServer } = parseServer as unknown as ParseServerModule;

const { values: config, secrets } = settingsOrExit('parse', readParseConfig);
const { system, version, host, port } = config;
const log = createLog({ system, service: 'parse', level: config.logLevel, secrets });
const metrics = createMetrics({ system, service: 'parse', version });

// Parse Server makes its own classes and indexes at the start; read-only mode begins after that.
let started = false;
const isReadOnly = () => config.readOnly && started;

const storage = createStorage(config, log, isReadOnly);
const http = createParseHttp({ config, log, metrics, ping: () => storage.ping() });
const closing: (() => Promise<unknown> | void)[] = [() => storage.adapter.handleShutdown()];

stopOnSignal({
  server: http.server,
  log,
  drain: () => {
    http.drain();
    sockets?.close();
  },
  drainMs: config.stop.drainMs,
  timeoutMs: config.stop.timeoutMs,
  close: async () => {
    for (const close of closing) await close();
  },
});
let sockets: LiveQuerySockets | undefined;

try {
  http.server.listen(port, host);
  await once(http.server, 'listening');
  const { port: listening } = http.server.address() as AddressInfo;
  const options = parseServerOptions({ ...config, port: listening }, storage, log, isReadOnly);
  const parse = new ParseServer(options);
  await parse.start();
  started = true;
  parse.app.set('trust proxy', config.trustedProxies);
  await ParseServer.createLiveQueryServer(
    http.server,
    {
      wssAdapter: (given: { readonly server: typeof http.server }) => (sockets = new LiveQuerySockets(given)),
    },
    options,
  );
  http.open(parse.app);
  log.info({ version, host, port: listening, pid: process.pid, readOnly: config.readOnly }, 'listening');
} catch (error) {
  log.fatal({ err: error }, `cannot start on ${host}:${port}`);
  process.exit(1);
}
