import { join } from 'node:path';
import type { SettingsReader } from '@cutover/service-kit/environment.ts';
import { logLevels } from '@cutover/service-kit/log.ts';
import { readCloudConfig } from './cloud/config.ts';

/** Everything that the Parse service is told by its environment. */
export interface ParseConfig {
  readonly system: string;
  readonly version: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: (typeof logLevels)[number];
  readonly appId: string;
  readonly masterKey: string;
  /** Addresses that may use the master key. */
  readonly masterKeyIps: readonly string[];
  /** Where clients reach it: https://host/parse. Made from host and port when left out. */
  readonly serverUrl: string | undefined;
  readonly databaseUrl: string;
  /** What answers behind the database's URL. FerretDB lacks two things that Parse Server asks for. */
  readonly databaseEngine: 'mongodb' | 'ferretdb';
  readonly cloudCode: string;
  /** Where uploaded files are kept. */
  readonly filesFolder: string;
  readonly liveQueryClasses: readonly string[];
  /** Nothing is written while this is on; reads work. */
  readonly readOnly: boolean;
  readonly trustedProxies: number;
  readonly limits: {
    readonly maxConnections: number;
    readonly headersTimeoutMs: number;
    readonly requestTimeoutMs: number;
    readonly keepAliveMs: number;
  };
  readonly stop: { readonly drainMs: number; readonly timeoutMs: number };
}

/** Reads the settings of the Parse service. docs/services.md lists them with their defaults. */
export function readParseConfig(from: SettingsReader): ParseConfig {
  // The cloud code reads its own settings when it is loaded; what is wrong with them is said together with the rest.
  readCloudConfig(from);
  const appId = from.text('APP_ID');
  if (appId !== '' && !/^[\w.-]+$/.test(appId))
    from.refuse('APP_ID has other letters than A-Z, 0-9, _ . and -');
  const databaseUrl = from.requiredSecret('DATABASE_URL');
  if (databaseUrl !== '' && !/^mongodb(\+srv)?:\/\//.test(databaseUrl)) {
    from.refuse('DATABASE_URL is not mongodb://host:port/name');
  }
  const serverUrl = from.optional('SERVER_URL');
  if (serverUrl !== undefined && !/^https?:\/\/.+\/parse$/.test(serverUrl)) {
    from.refuse('SERVER_URL is not http(s)://host/parse');
  }
  return {
    system: from.text('SYSTEM', 'gemforce'),
    version: from.text('VERSION', '9.10.0'),
    host: from.text('HOST', '127.0.0.1'),
    port: from.integer('PORT', 1337, 0, 65_535),
    logLevel: from.choice('LOG_LEVEL', logLevels, 'info'),
    appId,
    masterKey: readMasterKey(from),
    masterKeyIps: list(from.text('MASTER_KEY_IPS', '127.0.0.1,::1')),
    serverUrl,
    databaseUrl: withPassword(databaseUrl, from.secret('DATABASE_PASSWORD')),
    databaseEngine: from.choice('DATABASE_ENGINE', ['mongodb', 'ferretdb'], 'mongodb'),
    cloudCode: from.text('CLOUD_CODE', join(import.meta.dirname, 'cloud/main.ts')),
    filesFolder: from.text('FILES_FOLDER'),
    liveQueryClasses: list(from.text('LIVE_QUERY_CLASSES', 'Transaction')),
    readOnly: from.flag('READ_ONLY', false),
    trustedProxies: from.integer('TRUSTED_PROXIES', 0, 0, 10),
    limits: {
      maxConnections: from.integer('MAX_CONNECTIONS', 1000, 1, 1_000_000),
      headersTimeoutMs: from.integer('HEADERS_TIMEOUT_MS', 10_000, 100, 600_000),
      requestTimeoutMs: from.integer('REQUEST_TIMEOUT_MS', 120_000, 100, 3_600_000),
      keepAliveMs: from.integer('KEEP_ALIVE_MS', 5000, 0, 600_000),
    },
    stop: {
      drainMs: from.integer('DRAIN_MS', 0, 0, 600_000),
      timeoutMs: from.integer('STOP_TIMEOUT_MS', 10_000, 0, 600_000),
    },
  };
}

function readMasterKey(from: SettingsReader): string {
  const key = from.requiredSecret('MASTER_KEY');
  if (key !== '' && key.length < 16) from.refuse('MASTER_KEY has fewer than 16 letters');
  return key;
}

function withPassword(url: string, password: string | undefined): string {
  if (password === undefined || !URL.canParse(url)) return url;
  const complete = new URL(url);
  complete.password = encodeURIComponent(password);
  return complete.href;
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
