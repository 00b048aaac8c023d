import { readFileSync } from 'node:fs';
import type { SettingsReader } from '@cutover/service-kit/environment.ts';
import { logLevels } from '@cutover/service-kit/log.ts';
import { readContracts, type WatchedContract } from './contracts.ts';
import { LOCAL_CHAIN } from './plan.ts';

/** Everything that an indexer is told by its environment. */
export interface IndexerConfig {
  readonly system: string;
  readonly service: string;
  readonly version: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: (typeof logLevels)[number];
  readonly chainId: number;
  readonly contracts: readonly WatchedContract[];
  /** Blocks under this many others are taken for final. */
  readonly confirmations: number;
  readonly node: {
    readonly url: string;
    readonly timeoutMs: number;
    readonly maxResponseBytes: number;
    /** Most blocks whose logs are asked for at once. */
    readonly mostBlocks: number;
  };
  readonly poll: { readonly minMs: number; readonly maxMs: number };
  /** More blocks behind than this is not healthy. */
  readonly mostLag: number;
  readonly database: {
    readonly url: string;
    readonly password: string | undefined;
    readonly timeoutMs: number;
  };
  readonly clients: {
    readonly maxClients: number;
    readonly maxMessageBytes: number;
    readonly bufferBytes: number;
    readonly stallMs: number;
    readonly heartbeatMs: number;
    /** Bytes of the newest changes that are kept for all clients together. */
    readonly tailBytes: number;
  };
  readonly rateLimit: {
    readonly windowMs: number;
    readonly maxRequests: number;
    readonly trustedProxies: number;
  };
  readonly limits: {
    readonly maxConnections: number;
    readonly headersTimeoutMs: number;
    readonly requestTimeoutMs: number;
    readonly keepAliveMs: number;
  };
  readonly stop: { readonly drainMs: number; readonly timeoutMs: number };
}

/** Reads the settings of an indexer. docs/indexer.md lists them with their defaults. */
export function readIndexerConfig(from: SettingsReader): IndexerConfig {
  const chainId = from.integer('EVM_CHAIN_ID', 0, 1);
  if (chainId === 0) from.refuse('EVM_CHAIN_ID is not set: without it a node of another chain would do');
  const contracts = from.document('CONTRACTS');
  if (contracts === undefined) from.refuse('neither CONTRACTS nor CONTRACTS_FILE is set');
  const clients = {
    maxClients: from.integer('MAX_CLIENTS', 1000, 1, 100_000),
    maxMessageBytes: from.integer('MAX_MESSAGE_BYTES', 16_384, 64, 1_000_000),
    bufferBytes: from.integer('CLIENT_BUFFER_BYTES', 1_048_576, 1024, 100_000_000),
    stallMs: from.integer('CLIENT_STALL_MS', 30_000, 100, 3_600_000),
    heartbeatMs: from.integer('HEARTBEAT_MS', 30_000, 100, 3_600_000),
    tailBytes: from.integer('TAIL_BYTES', 8_388_608, 0, 1_000_000_000),
  };
  const maxConnections = from.integer('MAX_CONNECTIONS', clients.maxClients + 500, 1, 1_000_000);
  if (maxConnections <= clients.maxClients) {
    from.refuse(
      'MAX_CONNECTIONS is not above MAX_CLIENTS: health checks would be turned away with the clients',
    );
  }
  const poll = {
    minMs: from.integer('POLL_MIN_MS', 250, 10, 600_000),
    maxMs: from.integer('POLL_MAX_MS', chainId === LOCAL_CHAIN ? 500 : 4000, 10, 600_000),
  };
  if (poll.minMs > poll.maxMs) from.refuse('POLL_MIN_MS is above POLL_MAX_MS');
  return {
    system: from.text('SYSTEM', 'gemforce'),
    service: from.text('SERVICE', 'indexer'),
    version: from.text('VERSION', '0.1.0'),
    host: from.text('HOST', '127.0.0.1'),
    port: from.integer('PORT', 3000, 0, 65_535),
    logLevel: from.choice('LOG_LEVEL', logLevels, 'info'),
    chainId,
    contracts:
      contracts === undefined ? [] : readContracts(contracts, readJson, (problem) => from.refuse(problem)),
    confirmations: from.integer('CONFIRMATIONS', 64, 1, 10_000),
    node: {
      url: readNodeUrl(from),
      timeoutMs: from.integer('NODE_TIMEOUT_MS', 15_000, 100, 600_000),
      maxResponseBytes: from.integer('MAX_RESPONSE_BYTES', 67_108_864, 1024, 1_000_000_000),
      mostBlocks: from.integer('MAX_BLOCK_RANGE', 10_000, 1, 1_000_000),
    },
    poll,
    mostLag: from.integer('MAX_LAG_BLOCKS', 100, 0),
    database: {
      url: readDatabaseUrl(from),
      password: from.secret('DATABASE_PASSWORD'),
      timeoutMs: from.integer('DATABASE_TIMEOUT_MS', 30_000, 100, 600_000),
    },
    clients,
    rateLimit: {
      windowMs: from.integer('RATE_LIMIT_WINDOW_MS', 60_000, 1000, 3_600_000),
      maxRequests: from.integer('RATE_LIMIT_MAX_REQUESTS', 600, 1, 1_000_000),
      trustedProxies: from.integer('TRUSTED_PROXIES', 0, 0, 10),
    },
    limits: {
      maxConnections,
      headersTimeoutMs: from.integer('HEADERS_TIMEOUT_MS', 10_000, 100, 600_000),
      requestTimeoutMs: from.integer('REQUEST_TIMEOUT_MS', 30_000, 100, 600_000),
      keepAliveMs: from.integer('KEEP_ALIVE_MS', 5000, 0, 600_000),
    },
    stop: {
      drainMs: from.integer('DRAIN_MS', 0, 0, 600_000),
      timeoutMs: from.integer('STOP_TIMEOUT_MS', 10_000, 0, 600_000),
    },
  };
}

/** The URL of the node; a secret, since providers put their API keys into it. */
function readNodeUrl(from: SettingsReader): string {
  const url = from.requiredSecret('EVM_RPC_URL');
  if (url !== '' && !(/^https?:\/\//.test(url) && URL.canParse(url))) {
    from.refuse('EVM_RPC_URL is not an http:// or https:// URL');
  } else if (url !== '' && new URL(url).username !== '') {
    from.refuse('EVM_RPC_URL carries a user; nodes take a key in the path or the query');
  }
  return url;
}

function readDatabaseUrl(from: SettingsReader): string {
  const url = from.requiredSecret('DATABASE_URL');
  if (url !== '' && !(/^postgres(ql)?:\/\//.test(url) && URL.canParse(url))) {
    from.refuse('DATABASE_URL is not postgres://user@host:port/name');
  }
  return url;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8')) as unknown;
}
