import { logLevels } from '@cutover/service-kit/log.ts';
import type { SettingsReader } from '@cutover/service-kit/environment.ts';

/** Everything that a beacon is told by its environment. */
export interface BeaconConfig {
  readonly system: string;
  /** The system's name as people write it; made from `system` when left out. */
  readonly title: string | undefined;
  /** Which of the system's services it stands in for. */
  readonly service: string;
  readonly version: string;
  /** What its page calls the network; the chain's id when left out. */
  readonly network: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly logLevel: (typeof logLevels)[number];
  readonly database: DatabaseConfig | undefined;
  readonly cache: CacheConfig | undefined;
  readonly evm: EvmConfig | undefined;
  readonly solana: SolanaConfig | undefined;
  /** Other services of the system, by the name that the health report gives them. */
  readonly peers: readonly NamedUrl[];
  /** Services of others that the system uses. */
  readonly externalApis: readonly NamedUrl[];
  readonly probe: {
    readonly timeoutMs: number;
    /** How long one reading serves. */
    readonly cacheMs: number;
    /** How long one reading of a service of others serves. */
    readonly externalCacheMs: number;
  };
  readonly rateLimit: {
    readonly windowMs: number;
    readonly maxRequests: number;
    /** Proxies of ours in front of it, whose word about the client is taken. */
    readonly trustedProxies: number;
  };
  readonly limits: {
    readonly maxBodyBytes: number;
    readonly maxConnections: number;
    readonly headersTimeoutMs: number;
    readonly requestTimeoutMs: number;
    readonly keepAliveMs: number;
  };
  readonly stop: { readonly drainMs: number; readonly timeoutMs: number };
}

export type DatabaseConfig =
  | { readonly kind: 'postgres'; readonly url: string; readonly password: PasswordConfig | undefined }
  | { readonly kind: 'sqlite'; readonly file: string };

/** The password itself, or where it is kept by somebody who changes it. */
export type PasswordConfig =
  | { readonly kind: 'given'; readonly value: string }
  | { readonly kind: 'secretsManager'; readonly arn: string };

export interface CacheConfig {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

export interface EvmConfig {
  readonly url: string;
  readonly chainId: number;
  readonly currency: string;
  readonly contracts: readonly { readonly name: string; readonly address: string }[];
}

export interface SolanaConfig {
  readonly url: string;
  readonly programs: readonly { readonly name: string; readonly address: string }[];
}

export interface NamedUrl {
  readonly name: string;
  readonly url: string;
}

/** Reads the settings of a beacon. docs/services.md lists them with their defaults. */
export function readBeaconConfig(from: SettingsReader): BeaconConfig {
  return {
    system: from.text('SYSTEM'),
    title: from.optional('TITLE'),
    service: from.text('SERVICE', 'api'),
    version: from.text('VERSION', '0.1.0'),
    network: from.optional('NETWORK'),
    host: from.text('HOST', '127.0.0.1'),
    port: from.integer('PORT', 3000, 0, 65_535),
    logLevel: from.choice('LOG_LEVEL', logLevels, 'info'),
    database: readDatabase(from),
    cache: readCache(from),
    evm: readEvm(from),
    solana: readSolana(from),
    peers: readUrls(from, 'PEERS'),
    externalApis: readUrls(from, 'EXTERNAL_APIS'),
    probe: {
      timeoutMs: from.integer('PROBE_TIMEOUT_MS', 2000, 50, 60_000),
      cacheMs: from.integer('PROBE_CACHE_MS', 1000, 0, 60_000),
      externalCacheMs: from.integer('EXTERNAL_PROBE_CACHE_MS', 60_000, 0, 3_600_000),
    },
    rateLimit: {
      windowMs: from.integer('RATE_LIMIT_WINDOW_MS', 60_000, 1000, 3_600_000),
      maxRequests: from.integer('RATE_LIMIT_MAX_REQUESTS', 60, 1, 1_000_000),
      trustedProxies: from.integer('TRUSTED_PROXIES', 0, 0, 10),
    },
    limits: {
      maxBodyBytes: from.integer('MAX_BODY_BYTES', 65_536, 0, 100_000_000),
      maxConnections: from.integer('MAX_CONNECTIONS', 1000, 1, 1_000_000),
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

function readDatabase(from: SettingsReader): DatabaseConfig | undefined {
  const url = from.secret('DATABASE_URL');
  const password = readPassword(from);
  if (url === undefined) return undefined;
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return { kind: 'postgres', url, password };
  if (/^sqlite:./.test(url)) return { kind: 'sqlite', file: url.replace(/^sqlite:(\/\/(?=\/))?/, '') };
  from.refuse('DATABASE_URL is neither postgres://user@host:port/name nor sqlite:FILE');
  return undefined;
}

function readPassword(from: SettingsReader): PasswordConfig | undefined {
  const value = from.secret('DATABASE_PASSWORD');
  const arn = from.optional('DATABASE_PASSWORD_ARN');
  if (arn === undefined) return value === undefined ? undefined : { kind: 'given', value };
  if (value !== undefined) from.refuse('DATABASE_PASSWORD and DATABASE_PASSWORD_ARN are both set; set one');
  if (!/^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+$/.test(arn)) {
    from.refuse('DATABASE_PASSWORD_ARN is no ARN of a secret in Secrets Manager');
  }
  return { kind: 'secretsManager', arn };
}

function readCache(from: SettingsReader): CacheConfig | undefined {
  const text = from.secret('CACHE_URL');
  const password = from.secret('CACHE_PASSWORD');
  if (text === undefined) return undefined;
  if (!/^rediss?:\/\//.test(text) || !URL.canParse(text)) {
    from.refuse('CACHE_URL is not redis://host:port or rediss://host:port');
    return undefined;
  }
  const url = new URL(text);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 6379 : Number(url.port),
    tls: url.protocol === 'rediss:',
    user: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: password ?? (url.password === '' ? undefined : decodeURIComponent(url.password)),
  };
}

function readEvm(from: SettingsReader): EvmConfig | undefined {
  const url = readRpcUrl(from, 'EVM_RPC_URL');
  const chainId = from.integer('EVM_CHAIN_ID', 0, 1);
  const contracts = from.pairs('EVM_CONTRACTS').map(([name, address]) => {
    if (!/^0x[0-9a-fA-F]{40}$/.test(address))
      from.refuse(`EVM_CONTRACTS: ${name} has no address of 20 bytes`);
    return { name, address };
  });
  if (url === undefined) {
    if (contracts.length > 0) from.refuse('EVM_CONTRACTS is set without EVM_RPC_URL');
    return undefined;
  }
  if (chainId === 0) from.refuse('EVM_CHAIN_ID is not set: without it a node of another chain would do');
  return { url, chainId, currency: from.text('EVM_CURRENCY', 'ETH'), contracts };
}

function readSolana(from: SettingsReader): SolanaConfig | undefined {
  const url = readRpcUrl(from, 'SOLANA_RPC_URL');
  const programs = from.pairs('SOLANA_PROGRAMS').map(([name, address]) => {
    if (!/^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(address))
      from.refuse(`SOLANA_PROGRAMS: ${name} has no address`);
    return { name, address };
  });
  if (url === undefined && programs.length > 0) {
    from.refuse('SOLANA_PROGRAMS is set without SOLANA_RPC_URL');
  }
  return url === undefined ? undefined : { url, programs };
}

/** The URL of a node; a secret, since providers put their API keys into it. */
function readRpcUrl(from: SettingsReader, name: string): string | undefined {
  const url = from.secret(name);
  if (url !== undefined && !isHttp(url)) from.refuse(`${name} is not an http:// or https:// URL`);
  else if (url !== undefined && new URL(url).username !== '') {
    from.refuse(`${name} carries a user; nodes take a key in the path or the query`);
  }
  return url;
}

function readUrls(from: SettingsReader, variable: string): NamedUrl[] {
  return from.pairs(variable).map(([name, url]) => {
    if (!isHttp(url)) from.refuse(`${variable}: ${name} is not an http:// or https:// URL`);
    return { name, url };
  });
}

function isHttp(url: string): boolean {
  return /^https?:\/\//.test(url) && URL.canParse(url);
}
